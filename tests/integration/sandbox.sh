#!/bin/bash
# SPDX-License-Identifier: MIT
# shellcheck source=tests/helpers/tap.sh disable=SC2016,SC2119,SC2154 # scripts are expanded there
# An agent's sandbox, a pid namespace. Ending its init ends all that is inside, so one in
# it that may not be ended keeps it.
. "$(dirname "$0")/../helpers/tap.sh"
ID=org.example.gone
canary sleep

if ! unshare -pf true 2>/dev/null; then
	skip 'sandboxes' 'cannot make a pid namespace here'
	done_testing
fi
# A sandbox: its launcher, its init, and what that runs. Within, pids are others: the
# outer ones are found by their arguments.
box() { # SCRIPT
	script box.sh "$1"
	(SPROUT_MANAGED_AGENT=$ID setsid unshare -pf "${launcher:---kill-child}" bash "$WORK/box.sh" 9>&- &)
}
outer() { pgrep -xf "$1" | tail -1; }
there() { [ -n "$(outer "$1")" ]; }
parent_of() { ps -o ppid= -p "$1" | tr -d ' '; }
twice() { # two ticks
	tick
	half_an_interval
	tick
}

# --- what is kept, or is no part of it --------------------------------------------------
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
run --reap $ID
check_alive '--reap keeps them, too' kept beside
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

# --- a launcher that has ended ------------------------------------------------------------
# Its init lives on, adopted: whether an agent made the sandbox only memory tells.
launcher=-f
lose_launcher() {
	local launcher
	launcher=$(parent_of "${P[init]}")
	end_process "$launcher"
	adopted() { [ "$(parent_of "${P[init]}")" != "$launcher" ]; }
	wait_for adopted
}
box 'sleep 1006 & wait'
wait_for there 'sleep 1006'
P[in]=$(outer 'sleep 1006')
P[init]=$(parent_of "${P[in]}")
fresh
tick
lose_launcher
list
is "$(of "${P[in]}" kept)" null 'a sandbox is part of the instance still when its launcher has ended between two runs'
half_an_interval
twice
check_dead 'and it is swept' init in

box 'sleep 1007 & wait'
wait_for there 'sleep 1007'
P[in]=$(outer 'sleep 1007')
P[init]=$(parent_of "${P[in]}")
lose_launcher
fresh
twice
check_alive 'one that was never seen below an agent is a container, which is none of its business' init in
list
is "$(of "${P[in]}" kept)" container 'and it is said to be one'
kill -KILL "${P[init]}"

# --- below a wrapper ------------------------------------------------------------------------
script cmd.sh 'unshare -pf bash -c "sleep 1008 & wait" </dev/null >/dev/null 2>&1 &
until pgrep -xf "sleep 1008" >/dev/null; do :; done
kill -KILL $!'
run --run --settle 100ms --term-timeout 300ms -- bash "$WORK/cmd.sh"
gone() { ! there 'sleep 1008'; }
check 'what a killed launcher left of its sandbox is part of what the command of --run left' gone
done_testing
