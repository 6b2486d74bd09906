#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# CPUs go offline and come back: no count is wrong but that of the one switch each
# time that the kernel does not show, and that one is said, however it lies to the
# beginning and the end of a watch.
#
# short-cpus: 2
# shellcheck source=tests/vm/lib.sh
. tests/vm/lib.sh

last=$(($(getconf _NPROCESSORS_CONF) - 1))
times=$((SCALE == 1 ? 20 : 4))
json=$work/stat.json

# shellcheck disable=SC2317 # called by the trap
cleanup() {
	local file

	for file in /sys/devices/system/cpu/cpu[1-9]/online; do
		echo 1 >"$file"
	done
}

# set_cpu CPU 0|1
set_cpu() {
	echo "$2" >"/sys/devices/system/cpu/cpu$1/online"
}

# watch COMMAND: of the system, while a shell's command runs
watch() {
	schedsplit stat -a --per-task --per-cpu --json -o "$json" -- sh -c "
		set_cpu() {
			echo \$2 >/sys/devices/system/cpu/cpu\$1/online
		}
		$1"
}

away() {
	watch "set_cpu $last 0; set_cpu $last 1"
	tests/vm/offline.py "$json" "$last"
}
check "a CPU goes offline, and comes back" away

ends_without() {
	watch "set_cpu $last 0"
	tests/vm/offline.py "$json" "$last"
}
check "a watch ends while a CPU is offline" ends_without

without() {
	watch true
	tests/vm/offline.py "$json"
}
check "a watch while a CPU is offline" without

begins_without() {
	watch "set_cpu $last 1"
	tests/vm/offline.py "$json"
}
check "a watch begins while a CPU is offline" begins_without

begins_ends_without() {
	set_cpu "$last" 0
	watch "set_cpu $last 1; set_cpu $last 0"
	tests/vm/offline.py "$json" "$last"
	set_cpu "$last" 1
}
check "a watch begins and ends while a CPU is offline" begins_ends_without

# the others, all at once, below a load
all_away() {
	local cpu cpus=() i

	for ((i = 0; i < times; i++)); do
		for ((cpu = 1; cpu <= last; cpu++)); do
			cpus+=("$cpu")
		done
	done
	watch "
		hackbench -T -g 1 -f 4 -l 1000000000 >/dev/null &
		hackbench -P -g 1 -f 4 -l 1000000000 >/dev/null &
		i=0
		while [ \$i -lt $times ]; do
			for cpu in $(seq -s ' ' 1 "$last"); do set_cpu \$cpu 0; done
			for cpu in $(seq -s ' ' 1 "$last"); do set_cpu \$cpu 1; done
			i=\$((i + 1))
		done
		pkill hackbench"
	tests/vm/offline.py "$json" "${cpus[@]}"
}
check "all CPUs but one go offline below hackbench, $times times" all_away
