#!/bin/bash
# SPDX-License-Identifier: MIT
# shellcheck source=tests/helpers/tap.sh disable=SC2016,SC2119 # CMD's shell expands
# What is sent to stray reaches the command, once.
export TAP_NAMESPACE=wish # it signals only what it has started itself
. "$(dirname "$0")/../helpers/tap.sh"

mkfifo "$WORK/log"
exec 7<>"$WORK/log"

# Tells of every signal, and ends on a line from its own stdin.
cat >"$WORK/cmd.sh" <<'SH'
for name in TERM INT HUP QUIT USR1 USR2 WINCH CONT TSTP; do
	trap "echo got $name >>\$WORK/log" $name
done
echo ready >>"$WORK/log"
exec <>"$WORK/go"
# A read that goes on for ever keeps bash from some of its traps.
until read -r -t 0.05 line; do :; done
exit "$line"
SH
mkfifo "$WORK/go"

# A session of its own, so that nothing but stray is meant. The shell ignores INT
# and QUIT for what it starts in the background; what waits here wants them.
start() { # STRAY'S ARGUMENTS
	setsid env --default-signal=INT,QUIT "$STRAY" "$@" 7>&- 9>&- >"$WORK/out" 2>"$WORK/err" &
	wrapper=$!
}

heard() { # the next line of the log
	local line
	read -r -t 20 line <&7 || line='nothing came'
	echo "$line"
}

start --run -- bash "$WORK/cmd.sh"
is "$(heard)" ready 'CMD runs'
for name in TERM INT HUP QUIT USR1 USR2 WINCH CONT TSTP; do
	kill -"$name" "$wrapper"
	is "$(heard)" "got $name" "$name reaches CMD"
done
echo 5 >"$WORK/go"
wait "$wrapper"
is $? 5 '... and CMD goes on, and ends as it likes'
is "$(read -r -t 0.05 line <&7; echo "${line:-}")" '' 'each came once'

start --run -- sleep 600
wait_for sh -c "pgrep -P $wrapper -x sleep >/dev/null"
kill -TERM "$wrapper"
wait "$wrapper"
is $? 143 'a CMD that a signal ends: 128+N'

# Stopped and continued, where no shell could continue stray if it stopped too.
start --run -- sleep 600
wait_for sh -c "pgrep -P $wrapper -x sleep >/dev/null"
sleeper=$(pgrep -P "$wrapper" -x sleep)
is_stopped() { grep -q '^State:.*stopped' "/proc/$1/status"; }
is_running() { ! is_stopped "$1"; }
kill -STOP "$sleeper"
check 'CMD is stopped' wait_for is_stopped "$sleeper"
kill -CONT "$wrapper"
check 'CONT continues it' wait_for is_running "$sleeper"
check '... stray was not stopped with it' is_running "$wrapper"
kill -STOP "$wrapper"
check 'STOP stops stray itself' wait_for is_stopped "$wrapper"
# Both wait for stray when it goes on: that CMD has stopped, and the CONT.
kill -STOP "$sleeper"
wait_for is_stopped "$sleeper"
kill -CONT "$wrapper"
check 'a CONT that comes with the news of a stop is not lost' wait_for is_running "$sleeper"
end_process "$sleeper"
wait "$wrapper"
is $? 137 '... and it goes on afterwards'

# --- every signal that can be caught, once -------------------------------------------

# A signal is told by what it ends CMD with, so nothing has to trap it.
ulimit -c 0
for name in ALRM VTALRM PROF IO PWR XCPU XFSZ PIPE STKFLT USR1 SEGV ABRT TRAP SYS RTMIN RTMIN+3 RTMAX; do
	start --run -- sleep 600
	wait_for sh -c "pgrep -P $wrapper -x sleep >/dev/null"
	kill -"$name" "$wrapper"
	wait "$wrapper"
	is $? $((128 + $(kill -l "$name"))) "$name ends CMD, and stray after it"
done 2>/dev/null

if command -v perl >/dev/null; then
	perl -e 'alarm 1; exec @ARGV' "$STRAY" --run -- sleep 600 2>/dev/null 9>&-
	is $? 142 'an alarm that was set before exec ends CMD'
else
	skip 'an alarm that was set before exec ends CMD' 'no perl'
fi

# To the whole group: CMD has it already. The line tells when each has been handled.
cat >"$WORK/once.sh" <<'SH'
for name in TERM USR1 HUP; do trap "echo got $name >>\$WORK/log" $name; done
trap 'echo asked >>$WORK/log' RTMIN+1
echo ready >>"$WORK/log"
exec <>"$WORK/go"
until read -r -t 0.05 line; do :; done
SH
start --run -- bash "$WORK/once.sh"
is "$(heard)" ready 'CMD runs in the group of the wrapper'
for name in TERM USR1 HUP TERM; do
	kill -"$name" -- -"$wrapper"
	is "$(heard)" "got $name" "$name to the group reaches CMD"
	# What is handed on after it comes after a second one of the first.
	kill -RTMIN+1 "$wrapper"
	is "$(heard)" asked '... once'
done
kill -TERM "$wrapper"
is "$(heard)" 'got TERM' 'one to stray alone is handed on after that'
echo >"$WORK/go"
wait "$wrapper"

# --- what was ignored stays ignored ----------------------------------------------------

cat >"$WORK/leave2.sh" <<'SH'
"$FA" --ready "$READY" --tag deaf2 --ignore-term --setsid &
read -r line <"$WORK/go"
SH
setsid bash -c 'trap "" TERM INT HUP; exec "$@"' bash "$STRAY" --check --settle 2s -- bash "$WORK/leave2.sh" \
	7>&- 9>&- >"$WORK/out" 2>"$WORK/err" &
wrapper=$!
await 1
echo >"$WORK/go"
wait_for sh -c "! pgrep -P $wrapper -x bash >/dev/null"
for name in TERM INT HUP; do kill -"$name" "$wrapper"; done
wait "$wrapper"
is $? 1 'signals that were ignored at the start do not shorten --settle'
like "$(err)" "pid ${P[deaf2]} " '... and the leak is listed'
end_process "${P[deaf2]}"

for name in TERM INT HUP; do
	orphan "stays$name" r.gone --ignore-term
	setsid bash -c 'trap "" TERM INT HUP; exec "$@"' bash "$STRAY" --reap r.gone --term-timeout 600ms \
		7>&- 9>&- >"$WORK/out" 2>"$WORK/err" &
	wrapper=$!
	wait_for grep -q '^stray$' "/proc/$wrapper/comm"
	kill -"$name" "$wrapper"
	wait "$wrapper"
	is $? 0 "--reap is not stopped by an ignored $name"
	check_dead '... and ends what it was asked for' "stays$name"
done

# --- a tracee ------------------------------------------------------------------------

# Its first signal would stop it until its tracer, the wrapper, lets it go on.
cat >"$WORK/traced.py" <<'PY'
import ctypes, os, signal, sys
signal.signal(signal.SIGUSR1, lambda *a: sys.exit(7))
if ctypes.CDLL(None).ptrace(0, 0, None, None):
    sys.exit(77)
os.kill(os.getpid(), signal.SIGUSR1)
signal.pause()
PY
if command -v python3 >/dev/null; then
	start --run -- python3 "$WORK/traced.py"
	wait "$wrapper"
	got=$?
	if [ $got = 77 ]; then skip 'a CMD that calls PTRACE_TRACEME does not hang' 'no ptrace here'
	else is $got 7 'a CMD that calls PTRACE_TRACEME does not hang, and gets its signals'; fi
	cat >"$WORK/traced2.py" <<'PY'
import ctypes, os
ctypes.CDLL(None).ptrace(0, 0, None, None)
os.execvp('true', ['true'])
PY
	start --run -- python3 "$WORK/traced2.py"
	wait "$wrapper"
	is $? 0 '... nor one that calls exec after it'
else
	skip 'a CMD that calls PTRACE_TRACEME does not hang' 'no python3'
fi

# --- after CMD: a signal shortens the wait ------------------------------------------

cat >"$WORK/leave.sh" <<'SH'
"$FA" --ready "$READY" --tag deaf --ignore-term --setsid &
read -r line <"$WORK/go"
SH
start --run --term-timeout 600s -- bash "$WORK/leave.sh"
await 1
echo >"$WORK/go"
# The leftover ignores TERM; that stray has sent it shows in nothing but its mask.
wait_for sh -c "! pgrep -P $wrapper -x bash >/dev/null"
kill -TERM "$wrapper"
wait "$wrapper"
is $? 0 '--run: a second signal shortens the wait for TERM'
check_dead '... and the leftover is ended' deaf

start --check --settle 600s --output "$WORK/leaks" -- bash "$WORK/leave.sh"
await 1
echo >"$WORK/go"
wait_for sh -c "! pgrep -P $wrapper -x bash >/dev/null"
kill -INT "$wrapper"
wait "$wrapper"
is $? 1 '--check: a signal shortens --settle'
like "$(cat "$WORK/leaks")" "pid ${P[deaf]} " '... and the leak is listed'
end_process "${P[deaf]}"

# --- no zombies ---------------------------------------------------------------------

cat >"$WORK/orphans.sh" <<'SH'
for i in 1 2 3 4 5 6 7 8; do (true & true) & done
wait
while ps -o stat= --ppid $PPID | grep -q '^Z'; do :; done
SH
start --run -- bash "$WORK/orphans.sh"
wait "$wrapper"
is $? 0 'orphans that end are waited for while CMD runs'
done_testing
