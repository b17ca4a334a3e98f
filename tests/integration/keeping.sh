#!/bin/bash
# SPDX-License-Identifier: MIT
# shellcheck source=tests/helpers/tap.sh disable=SC2016,SC2119,SC2154,SC2317 # the inner shells expand
# Real programs that a sweep keeps although they carry the marker of an instance that is gone.
. "$(dirname "$0")/../helpers/tap.sh"
ID=org.example.gone

# --- a job in tmux that outlived its pane -------------------------------------------
if command -v tmux >/dev/null; then
	export TMUX_TMPDIR=$WORK TERM=screen
	SPROUT_MANAGED_AGENT=$ID tmux -f /dev/null new-session -d -s work 'sleep 1000' 9>&-
	mkfifo "$WORK/pane"
	script job.sh 'echo "$$ job" >"$READY"; exec sleep 1000'
	tmux new-window -t work "setsid -f bash $WORK/job.sh; read _ <$WORK/pane"
	await 1
	echo >"$WORK/pane"
	orphan plain $ID
	parent_left() { [ "$(ps -o ppid= -p "${P[job]}")" -eq 1 ]; }
	check 'its pane closes' wait_for parent_left
	sweep_now
	check_alive 'a job of a kept multiplexer is kept' job
	check_dead 'unlike an orphan beside it' plain
	list
	is "$(of "${P[job]}" kept)" keep-list 'and it is said to be on the keep list'
	# Without its multiplexer it is an orphan like any other.
	tmux kill-server
	sweep_now
	check 'when the multiplexer has ended it is ended, too' wait_for dead "${P[job]}"
else
	skip 'a job of a kept multiplexer' 'no tmux'
fi

# --- an X client over TCP ------------------------------------------------------------
over_tcp() {
	mkfifo "$WORK/display"
	exec 8<>"$WORK/display"
	Xvfb -displayfd 8 -listen tcp -ac -screen 0 320x240x8 >"$WORK/xvfb" 2>&1 9>&- &
	server=$!
	if ! read -r -t 60 number <&8; then
		fail 'an X server comes up' "$(cat "$WORK/xvfb")"
		return
	fi
	(SPROUT_MANAGED_AGENT=$ID DISPLAY=127.0.0.1:$number setsid bash -c \
		'echo "$$ xterm" >"$READY"; exec xterm -e sleep 1000' >"$WORK/xterm" 2>&1 8>&- 9>&- &)
	await 1
	printf -v port '%04X' $((6000 + number))
	has_client() { grep -q ":$port 01 " /proc/net/tcp; }
	check 'a client connects over TCP' wait_for has_client
	orphan plain $ID
	sweep_now
	check_alive 'a client of X over TCP is spared' xterm
	check_dead 'unlike an orphan beside it' plain
	kill "$server"
}
if command -v Xvfb >/dev/null && command -v xterm >/dev/null; then
	over_tcp
else
	skip 'a client of X over TCP' 'no Xvfb or no xterm'
fi

# --- what shares a sandbox --------------------------------------------------------------
box() { # SCRIPT: a sandbox's init, which runs that
	script box.sh "$1"
	(SPROUT_MANAGED_AGENT=$ID setsid unshare -pf --kill-child bash "$WORK/box.sh" 9>&- &)
}
if unshare -pf true 2>/dev/null; then
	# Within, pids are others: the outer ones are found by name.
	outer() { pgrep -xf "$1" | tail -1; }
	there() { [ -n "$(outer "$1")" ]; }
	box 'STRAY_KEEP=1 sleep 1001 & sleep 1002'
	wait_for there 'sleep 1001'
	wait_for there 'sleep 1002'
	P[kept]=$(outer 'sleep 1001') P[beside]=$(outer 'sleep 1002')
	sweep_now
	check_alive 'one that is kept in a sandbox keeps what would end with it' kept beside
	list
	is "$(of "${P[beside]}" kept)" opt-out 'for its reason'
	run --explain "${P[beside]}"
	like "$(out)" "stays with pid ${P[kept]}" 'and the process is named'
	end_process "${P[kept]}"
	sweep_now
	check 'without it all of the sandbox is ended' wait_for dead "${P[beside]}"

	box 'sleep 1003 & sleep 1004'
	wait_for there 'sleep 1003'
	wait_for there 'sleep 1004'
	P[inside]=$(outer 'sleep 1003')
	(nsenter -t "${P[inside]}" -p setsid sleep 1005 9>&- &)
	check 'a process of no agent joins a sandbox' wait_for there 'sleep 1005'
	P[joined]=$(outer 'sleep 1005')
	sweep_now
	check_alive 'and keeps it from being ended' joined inside
	run --reap $ID
	check_alive 'also by --reap' joined inside
	end_process "${P[joined]}"
	wait_for dead "${P[joined]}"
	sweep_now
	check 'until it leaves' wait_for dead "${P[inside]}"
else
	skip 'what shares a sandbox' 'cannot make a pid namespace here'
fi
done_testing
