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
	# xterm gives its terminal another group, which a namespace of one user refuses.
	client="exec 5<>/dev/tcp/127.0.0.1/$((6000 + number)); exec sleep 1000"
	[ ! "$TAP_ROOT" ] || client='exec xterm -e sleep 1000'
	(SPROUT_MANAGED_AGENT=$ID DISPLAY=127.0.0.1:$number setsid bash -c \
		'echo "$$ client" >"$READY"; '"$client" >"$WORK/client" 2>&1 8>&- 9>&- &)
	await 1
	printf -v port '%04X' $((6000 + number))
	has_client() { grep -q ":$port 01 " /proc/net/tcp; }
	check 'a client connects over TCP' wait_for has_client
	orphan plain $ID
	sweep_now
	check_alive 'a client of X over TCP is spared' client
	check_dead 'unlike an orphan beside it' plain
	kill "$server"
}
if command -v Xvfb >/dev/null && command -v xterm >/dev/null; then
	over_tcp
else
	skip 'a client of X over TCP' 'no Xvfb or no xterm'
fi

done_testing
