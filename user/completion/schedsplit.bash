# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# Completion of schedsplit for bash. Needs nothing of the bash-completion package.
# Commands, options, experiments and parameters are those that schedsplit tells.

# _schedsplit_words WORD...: those that begin with what stands before the cursor.
_schedsplit_words() {
	mapfile -t COMPREPLY < <(compgen -W "$*" -- "$current")
}

_schedsplit_commands() {
	"$program" --help 2>/dev/null | sed -nE 's/^  ([a-z]+)  .*/\1/p'
}

# _schedsplit_options [COMMAND]
_schedsplit_options() {
	"$program" "$@" --help 2>/dev/null | grep -oE -- '--[a-z][a-z-]*'
}

_schedsplit_experiments() {
	"$program" compare --list 2>/dev/null | sed -nE 's/^([a-z][^ :]*): .*/\1/p'
}

_schedsplit_parameters() {
	"$program" compare --list 2>/dev/null | sed -nE 's/^  parameter ([^ ]+) .*/\1=/p'
}

_schedsplit_files() {
	compopt -o filenames
	mapfile -t COMPREPLY < <(compgen -f -- "$current")
}

# _schedsplit_last PREFIX WORDS: the last item of a list with commas.
_schedsplit_last() {
	local head=

	case $current in *,*) head=${current%,*}, ;; esac
	mapfile -t COMPREPLY < <(compgen -P "$head" -W "$*" -- "${current##*,}")
	compopt -o nospace
}

# Where the command of `stat` or `explain` begins: its index, or nothing.
_schedsplit_stat_command() {
	local i

	for ((i = 2; i < COMP_CWORD; i++)); do
		case ${COMP_WORDS[i]} in
		--) echo $((i + 1)); return ;;
		# these take the next word
		-p | -t | -G | -d | -r | -I | -o | --pid | --tid | --cgroup | \
			--duration | --repeat | --interval | --output) i=$((i + 1)) ;;
		-* | =) ;;
		*) [ "${COMP_WORDS[i - 1]}" = = ] || { echo "$i"; return; } ;;
		esac
	done
}

# for `explain` too
_schedsplit_stat() {
	local command

	command=$(_schedsplit_stat_command)
	if [ -n "$command" ]; then
		if declare -F _comp_command_offset >/dev/null; then
			_comp_command_offset "$command"
		elif declare -F _command_offset >/dev/null; then
			_command_offset "$command"
		else
			_schedsplit_files
		fi
		return
	fi
	case $previous in
	-p | --pid) _schedsplit_last "$(cd /proc && echo [0-9]*)" ;;
	-t | --tid) _schedsplit_last "$(cd /proc && echo [0-9]*/task/[0-9]* | sed 's@[0-9]*/task/@@g')" ;;
	-G | --cgroup)
		compopt -o filenames
		mapfile -t COMPREPLY < <(compgen -d -- "${current:-/sys/fs/cgroup/}")
		;;
	-o | --output) _schedsplit_files ;;
	-d | --duration | -r | --repeat | -I | --interval) ;;
	*)
		case $current in
		-*) _schedsplit_words "$(_schedsplit_options "${COMP_WORDS[1]}")" ;;
		*) mapfile -t COMPREPLY < <(compgen -c -- "$current") ;;
		esac
		;;
	esac
}

_schedsplit_top() {
	case $previous in
	-p | --pid) _schedsplit_last "$(cd /proc && echo [0-9]*)" ;;
	-s | --sort)
		_schedsplit_words switches voluntary involuntary migrations cpu wait \
			slice parallelism tasks pid tid class command
		;;
	-d | --delay | -n | --intervals | -f | --filter) ;;
	*) _schedsplit_words "$(_schedsplit_options top)" ;;
	esac
}

_schedsplit_compare() {
	case $previous in
	-o | --output | -y | --python | -r | --repeat) _schedsplit_files ;;
	-d | --dir)
		compopt -o filenames
		mapfile -t COMPREPLY < <(compgen -d -- "$current")
		;;
	-p | --param) _schedsplit_last "$(_schedsplit_parameters)" ;;
	-n | --trials | -w | --warmup | -s | --seed | -C | --cpus | -D | --db) ;;
	-x | --vs | -P | --prepare) mapfile -t COMPREPLY < <(compgen -c -- "$current") ;;
	*)
		case $current in
		-*) _schedsplit_words "$(_schedsplit_options compare)" ;;
		*) _schedsplit_words "$(_schedsplit_experiments)" ;;
		esac
		;;
	esac
}

_schedsplit() {
	local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD - 1]}
	local program=${COMP_WORDS[0]/#~\//$HOME/}

	COMPREPLY=()
	# "=" is a word of its own: --json=FILE is three
	if [ "$current" = = ]; then
		current=''
	elif [ "$previous" = = ]; then
		previous=${COMP_WORDS[COMP_CWORD - 2]}
	fi
	case $previous in --json | --csv)
		if [ "${COMP_WORDS[COMP_CWORD]}" = = ] ||
			[ "${COMP_WORDS[COMP_CWORD - 1]}" = = ]; then
			_schedsplit_files
			return
		fi
		;;
	esac
	if [ "$COMP_CWORD" = 1 ]; then
		_schedsplit_words "$(_schedsplit_commands)" help "$(_schedsplit_options)"
		return
	fi
	case ${COMP_WORDS[1]} in
	status) _schedsplit_words "$(_schedsplit_options status)" ;;
	stat | explain) _schedsplit_stat ;;
	top) _schedsplit_top ;;
	compare) _schedsplit_compare ;;
	help) _schedsplit_words "$(_schedsplit_commands)" ;;
	esac
}

complete -F _schedsplit schedsplit
