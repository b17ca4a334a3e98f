#!/bin/bash
# SPDX-License-Identifier: MIT
# shellcheck source=tests/helpers/tap.sh disable=SC2016,SC2119 # CMD's shell expands
# A command under --run at a terminal with job control: it is as if stray were
# not there. The terminal is a tmux pane with an interactive shell.
. "$(dirname "$0")/../helpers/tap.sh"

if ! command -v tmux >/dev/null; then
	skip 'a command at a terminal' 'no tmux'
	done_testing
fi

mkfifo "$WORK/log"
exec 7<>"$WORK/log"
export TERM=screen
tm() { tmux -S "$WORK/tmux" -f /dev/null "$@"; }

heard() { # the next line of the log
	local line
	read -r -t 20 line <&7 || line='nothing came'
	echo "$line"
}

# Types a line into the shell; L writes a line of the log from there.
type_line() { tm send-keys -t stray -l "$1" && tm send-keys -t stray Enter; }
key() { tm send-keys -t stray "$1"; }

cat >"$WORK/rc" <<'SH'
PS1='$ '
L() { echo "$*" >>"$WORK/log"; }
export -f L
unset HISTFILE
SH
tm new-session -d -s stray -x 80 -y 24 "bash --noprofile --rcfile '$WORK/rc' -i" 7>&- 9>&-
type_line 'L here'
is "$(heard)" here 'a shell at a terminal'

# The shell tells when its job has changed; asking too early hears what was before.
job_is() { # STATE: what `jobs` says, asked until it does
	local line
	for ((i = 0; i < 200; i++)); do
		type_line 'L job: $(jobs)'
		line=$(heard)
		[[ $line == *"$1"* ]] && return 0
	done
	return 1
}

type_line '"$STRAY" --run -- bash -c "L terminal \$(tty); L group \$(ps -o tpgid= -p \$\$) \$(ps -o pgid= -p \$\$)"'
like "$(heard)" 'terminal /dev/pts/[0-9]+' 'CMD has the terminal'
read -r _ foreground group < <(heard)
is "$group" "$foreground" '... in its foreground group'

type_line '"$STRAY" --run -- bash -c "L ready; read -r x; L read \$x"; L status $?'
is "$(heard)" ready 'CMD runs'
type_line typed
is "$(heard)" 'read typed' '... and reads what is typed'
is "$(heard)" 'status 0' '... and ends'

# --- what the terminal sends comes once ----------------------------------------

cat >"$WORK/cmd.sh" <<'SH'
for name in INT QUIT WINCH; do trap "L got $name" $name; done
L ready
# A read that goes on for ever keeps bash from its traps.
until read -r -t 0.05 line && [ "$line" = end ]; do :; done
exit 6
SH
type_line '"$STRAY" --run -- bash "$WORK/cmd.sh"; L status $?'
is "$(heard)" ready 'CMD runs'
key C-c
is "$(heard)" 'got INT' '^C reaches CMD'
# shellcheck disable=SC1003 # a backslash is meant
key 'C-\'
is "$(heard)" 'got QUIT' '^\ does'
tm resize-window -t stray -x 100 -y 30
is "$(heard)" 'got WINCH' 'a resize does'
type_line end
is "$(heard)" 'status 6' '... each once'

type_line '"$STRAY" --run -- bash -c "L ready; exec sleep 600"; L status $?'
is "$(heard)" ready 'CMD runs'
key C-c
is "$(heard)" 'status 130' '^C ends a CMD that does nothing about it'

# --- job control ---------------------------------------------------------------

cat >"$WORK/reader.sh" <<'SH'
L ready
read -r line
L read "$line"
SH
type_line '"$STRAY" --run -- bash "$WORK/reader.sh"'
is "$(heard)" ready 'CMD runs'
key C-z
check '^Z stops the job' job_is Stopped
type_line 'bg'
check 'in the background it stops for want of the terminal' job_is Stopped
type_line 'fg'
type_line resumed
is "$(heard)" 'read resumed' 'fg gives it the terminal back'

type_line '"$STRAY" --run -- bash "$WORK/reader.sh" &'
is "$(heard)" ready 'a job in the background runs'
check '... and stops when it reads' job_is Stopped
type_line 'fg'
type_line again
is "$(heard)" 'read again' '... until it is in the foreground'

# A shell that has stopped jobs does not exit at once: it has to disown them.
type_line '"$STRAY" --run -- bash --noprofile --rcfile "$WORK/rc" -i; L status $?'
type_line 'L inner $STRAY_INSTANCE'
like "$(heard)" 'inner [0-9]+:[0-9]+' 'CMD can be a shell with job control of its own'
type_line 'cat'
key C-z
check '... which stops its own jobs' job_is Stopped
type_line 'p=$(jobs -p); disown %1; kill -KILL $p; exit 4'
like "$(heard)" 'status 4' '... and the outer one has its terminal back'

# --- leftovers -----------------------------------------------------------------

cat >"$WORK/leave.sh" <<'SH'
sleep 600 &
L pid $!
SH
type_line '"$STRAY" --run -- bash "$WORK/leave.sh"; L status $?'
left=$(heard)
like "$left" '^pid [0-9]+' 'CMD starts one'
is "$(heard)" 'status 0' '... leaves it in the foreground group of the terminal'
check '... which is ended all the same' dead "${left#pid }"

# Those that hop from pid to pid there; that none is left, a pipe says which all of them hold.
cat >"$WORK/storm.sh" <<'SH'
exec 8>"$WORK/held"
"$FA" --ready "$READY" --tag storm --storm 5 9>&- &
read -r line
SH
mkfifo "$WORK/held"
exec 5<>"$WORK/held"
exec 6<"$WORK/held"
type_line '"$STRAY" --run -- bash "$WORK/storm.sh"; L status $?'
await 1
exec 5>&-
key Enter
is "$(heard)" 'status 0' 'a storm that is left there'
read -r -t 10 _ <&6
is $? 1 '... is over'
exec 6<&-

# In the same foreground group, one from which a desktop was started.
script host.sh '(desktop inside sprout-desktop -- x.y & agent host) & agent plain &
read -r line'
type_line '"$STRAY" --run -- bash "$WORK/host.sh"; L status $?'
await 3
key Enter
is "$(heard)" 'status 0' 'a desktop that is left there'
check_dead '... is an agent of the wrapper, and ended with what hosts it' inside host
check_dead '... unlike the rest' plain
for name in inside host; do end_process "${P[$name]}"; done

# --- the terminal goes away ----------------------------------------------------

cat >"$WORK/hup.sh" <<'SH'
trap 'L got HUP; exit 0' HUP
L ready $PPID
while :; do read -r line || sleep 0.01; done
SH
type_line '"$STRAY" --run -- bash "$WORK/hup.sh"'
read -r _ wrapper < <(heard)
tm kill-server
is "$(heard)" 'got HUP' 'a hangup reaches CMD'
check '... and stray ends with it' wait_for dead "$wrapper"
done_testing
