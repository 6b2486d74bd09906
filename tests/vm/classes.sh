#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Each class of tasks, the moves between them, and what happens to the address
# space: against what the programs know of themselves and what /proc shows.
#
# short-cpus: 2
# shellcheck source=tests/vm/lib.sh
. tests/vm/lib.sh

n=$((SCALE == 1 ? 400 : 100))
cgroup=/sys/fs/cgroup/classes
pids=()
echo 4194304 >/proc/sys/kernel/pid_max

# shellcheck disable=SC2317 # called by the trap
cleanup() {
	[ ${#pids[@]} = 0 ] || kill "${pids[@]}"
	rmdir $cgroup 2>/dev/null
}

# watch NAME OPTION... -- COMMAND...: leaves $work/NAME.json and NAME.facts
watch() {
	local name=$1

	shift
	schedsplit stat --per-task --per-group --per-cpu --json -o "$work/$name.json" \
		"$@" >"$work/$name.facts"
}

expect() {
	local name=$1

	shift
	echo "n $n" >>"$work/$name.facts"
	tests/vm/expect.py "$work/$name" "$@"
}

test_becomes_leader() {
	watch leader -- becomes_leader $n
	expect leader \
		'process.switches_voluntary >= alone_before + alone_after' \
		'leader.switches_voluntary >= with_thread' \
		'thread.switches_voluntary >= in_thread' \
		'switches(process) + switches(leader) == switches(task_with(tid=pid))' \
		'min(alone_before, alone_after, with_thread, in_thread) >= n' \
		'len(tasks) == 2 and process.tasks == leader.tasks == thread.tasks == 1' \
		'task_with(tid=pid)["class"] == "process"' \
		'task_with(tgid=pid, **{"class": "thread"}).switches_voluntary >= in_thread' \
		'group_with(pid).leader.switches_voluntary == task_with(tid=pid).switches_voluntary' \
		'thread.forks == 1 and thread.exits == 1 and process.exits == 1' \
		'not worker.tasks and not kthread.tasks and not idle.tasks'
}

test_thread_execs() {
	watch exec -- thread_execs $n
	expect exec \
		'len(tasks) == 2' \
		'len([task for task in tasks if "as_thread" in task]) == 1' \
		'all(task.tid == pid for task in tasks if "as_thread" in task)' \
		'all(before_exec <= task.as_thread.switches_voluntary <= after_exec
			for task in tasks if "as_thread" in task)' \
		'all(task.switches_voluntary >= all_voluntary
			for task in tasks if "as_thread" in task)' \
		'all(task.dead for task in tasks)' \
		'thread.switches_voluntary >= before_exec >= n' \
		'process.switches_voluntary >= since_exec >= n' \
		'len(groups) == 1 and group_with(pid).tasks == 2' \
		'thread.forks == 1 and scope.exit_status == 0'
}

test_leader_exits() {
	watch exits -- leader_exits $n
	expect exits \
		'len(tasks) == 2 and all(task.dead for task in tasks)' \
		'task_with(tid=pid).switches_voluntary >= n' \
		'group_with(pid).leader.switches_voluntary == task_with(tid=pid).switches_voluntary' \
		'group_with(pid).thread.switches_voluntary >= in_thread >= n' \
		'thread.switches_voluntary >= in_thread' \
		'process.switches_voluntary >= n' \
		'group_with(pid).tasks == 2 and scope.exit_status == 0'
}

test_pid_reuse() {
	watch reuse -- pid_reuse $n
	expect reuse \
		'len(tasks_with(tid=reused)) == 2' \
		'len([group for group in groups if group.tgid == reused]) == 2' \
		'all(task.dead for task in tasks_with(tid=reused))' \
		'first <= min(task.switches_voluntary for task in tasks_with(tid=reused)) < second' \
		'max(task.switches_voluntary for task in tasks_with(tid=reused)) >= second'
}

# A kthread may come between two hand-overs, so that not all of them show. And a
# process that exits has given up its memory, and may go on with its parent's.
test_pair_process() {
	watch process -- pair process $n
	expect process \
		'space.cross >= hands' 'handed("process", "process") >= hands' \
		'space.same < hands / 10 and space.same_group == 0' \
		'process.tasks == 2 and not leader.tasks and not thread.tasks' \
		'task_with(tid=child).tgid == child'
}

# Who exits may go on with memory of the tool, and then hand over to that.
test_pair_thread() {
	watch thread -- pair thread $n
	expect thread \
		'space.same_group >= hands' \
		'0 <= space.same - space.same_group <= sum(handed(one, "process")
			for one in ("process", "leader", "thread"))' \
		'handed("thread", "leader") + handed("leader", "thread") >= hands' \
		'thread.tasks == 1 and leader.tasks == 1'
}

test_pair_memory() {
	watch memory -- pair memory $n
	expect memory \
		'space.same >= hands and space.same_group == 0' \
		'handed("process", "process") >= hands' \
		'process.tasks == 2 and not leader.tasks and not thread.tasks' \
		'task_with(tid=child).tgid == child'
}

test_pair_vfork() {
	watch vfork -- pair vfork $n
	expect vfork \
		'task_with(tid=child).switches_voluntary >= hands' \
		'task_with(tid=pid).switches_voluntary >= hands' \
		'task_with(tid=child)["class"] == task_with(tid=pid)["class"] == "process"' \
		'len(tasks) == 2 and not leader.tasks and not thread.tasks' \
		'space.same_group == 0'
}

# Others may come between, but not always.
test_same_after_idle() {
	watch alone -a -- pair alone $n
	expect alone \
		'space.same - space.same_group >= hands / 2' \
		'handed("process", "idle") >= hands / 2' \
		'idle.switches_voluntary == 0'
}

test_io_worker() {
	watch worker -- io_worker $n
	expect worker \
		'worker.switches_voluntary >= reads >= n' \
		'worker.tasks >= most_workers >= 1' \
		'len([task for task in tasks if task["class"] == "worker"]) == worker.tasks' \
		'all(task.comm.startswith("iou-wrk") for task in tasks
			if task["class"] == "worker")' \
		'thread.tasks == 0 and switches(thread) == 0 and thread.forks == 0' \
		'worker.forks == worker.tasks' \
		'leader.tasks == 1 and leader.switches_voluntary >= reads' \
		'group_with(pid).tasks == 1 + worker.tasks'
}

test_cgroup_visit() {
	mkdir -p $cgroup
	watch cgroup --cgroup $cgroup -- visits_cgroup $cgroup $n
	expect cgroup \
		'len(tasks) == 4' \
		'[task.end for task in tasks_with(tid=pid)] == ["left"] * 3' \
		'visits[0] <= third_most < n' \
		'n <= first_least <= visits[1] <= first_most < second_least' \
		'second_least <= visits[2] <= second_most' \
		'task_with(tid=child).dead and task_with(tid=child).switches_voluntary >= in_child' \
		'process.forks == 1 and process.exits == 1'
	rmdir $cgroup
}

list() {
	tests/vm/system.py list "$work/$1.list"
}

everything() {
	list 0
	schedsplit stat -a --per-task --json -o "$work/system.json" -- bash -c "
		tests/vm/system.py list $work/1.list
		dd if=/dev/zero of=/var/tmp/scratch/file bs=64k count=32 conv=fsync
		tests/vm/system.py list $work/2.list"
	list 3
	tests/vm/system.py check "$work/system.json" "$work"/[0-3].list
}

check "process, leader, thread: each while it is one" test_becomes_leader
check "a thread that execs: keeps its record, with its part as a thread" test_thread_execs
check "a leader that exits first: its group's totals survive" test_leader_exits
check "a pid that is used again: two records" test_pid_reuse
check "switches between processes: cross" test_pair_process
check "switches between threads: same, within a group" test_pair_thread
check "switches between processes that share memory: same, not within a group" \
	test_pair_memory
check "vfork: both are of class process" test_pair_vfork
check "a return to the same memory after idle: same" test_same_after_idle
check "io_uring's workers: worker, not thread" test_io_worker
check "a cgroup: counts from joining, to leaving" test_cgroup_visit

mix 3 3 1 &
pids+=($!)
io_worker forever &
pids+=($!)
has_worker() {
	grep -q iou-wrk /proc/"$1"/task/*/comm
}
wait_until has_worker $!
check "all tasks of the system: of the class that /proc shows, idle and kthread too" \
	everything
