# SPDX-License-Identifier: MIT
# shellcheck shell=bash disable=SC2016,SC2034 # used by the test that sources it
# Sourced after tap.sh by the tests of what a restarted desktop adopted: the instance, the
# folder of its receipts, the name of one, and the scene.
ID=xyz.block.buzz.app
receipts=$HOME/.local/share/$ID/agents/agent-pids
key=$(printf 'ab%.0s' {1..32})__$(printf '0f%.0s' {1..32})
mkdir -p "$receipts"

# Clock ticks since boot, the unit of start times (10 ms, as proc(5) has /proc/uptime).
ticks_now() {
	local up
	read -r up _ </proc/uptime
	echo "${up/./}"
}
ticks_after() { [ "$(ticks_now)" -gt "$1" ]; }

# An agent of a desktop that has ended, and the one that was started after it: on a later
# tick, since what begins on the same one is not older than the desktop.
adopt() { # SCRIPT_OF_THE_OLD_DESKTOP N
	tree "$2" "$1"' & desktop old buzz-desktop'
	end_process "${P[old]}"
	wait_for ticks_after "$(ticks_now)"
	live_desktop new buzz-desktop
}
leave() { # TAG...
	local tag
	for tag; do
		alive "${P[$tag]}" && end_process "${P[$tag]}"
	done
	find "$receipts" -mindepth 1 -delete
}
two_ticks() {
	fresh
	tick
	half_an_interval
	tick
}
