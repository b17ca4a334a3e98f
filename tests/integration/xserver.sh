#!/bin/bash
# SPDX-License-Identifier: MIT
# shellcheck source=tests/helpers/tap.sh disable=SC2016,SC2317 # the inner shell expands
# A real X server: the sweep spares its clients, whatever program they are.
. "$(dirname "$0")/../helpers/tap.sh"

if ! command -v Xvfb >/dev/null || ! command -v xclock >/dev/null; then
	skip 'clients of a real X server' 'no Xvfb or no xclock'
	done_testing
fi

ID=org.example.gone
mkfifo "$WORK/display"
exec 8<>"$WORK/display"
Xvfb -displayfd 8 -nolisten tcp -screen 0 320x240x8 >"$WORK/xvfb" 2>&1 9>&- &
server=$!
if ! read -r -t 60 number <&8; then
	fail 'an X server comes up' "$(cat "$WORK/xvfb")"
	done_testing
fi

# Sockets that the server has accepted carry its name.
has_client() { grep -q " 03 .*\.X11-unix/X$number\$" /proc/net/unix; }

(SPROUT_MANAGED_AGENT=$ID DISPLAY=:$number setsid bash -c \
	'echo "$$ clock" >"$READY"; exec xclock' >"$WORK/xclock" 2>&1 8>&- 9>&- &)
await 1
check 'a client comes up' wait_for has_client
orphan plain $ID
canary server --serve "$WORK/socket"
orphan other $ID --connect "$WORK/socket"
list
is "$(state "${P[clock]}")" orphan 'it is an orphan'
sweep_now
check_alive 'the sweep spares it' clock
check_dead 'unlike one without a socket, and one with a socket to another process' plain other
list --grace 1
is "$(of "${P[clock]}" kept)" window 'and it is said to be kept'

run --reap $ID
check_dead '--reap, which is not unattended, ends it' clock
kill "$server"
done_testing
