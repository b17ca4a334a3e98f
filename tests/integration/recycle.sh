#!/bin/bash
# SPDX-License-Identifier: MIT
# shellcheck source=tests/helpers/tap.sh disable=SC2016,SC2119 # scripts of a tree are expanded there
# A pid is no identity: another process that got a dead one's pid is another.
. "$(dirname "$0")/../helpers/tap.sh"
GONE=org.example.gone
if ! "$FA" --set-tid 4999 --ready "$READY" 9>&-; then
	echo '1..0 # SKIP cannot choose a pid here'
	exit 0
fi
await 1

# Make TAG the process with that pid.
reuse() { # TAG PID [OPTION...]
	local tag=$1 pid=$2
	shift 2
	agent "$tag" --set-tid "$pid" --setsid --name goose "$@" &
	await 1
	is "${P[$tag]}" "$pid" "pid $pid is in use again"
}

# Seen once, ended, and the pid went to a process without a marker.
orphan a $GONE --set-tid 5001 --name goose
tick
end_process "${P[a]}"
wait_for test ! -e "/proc/${P[a]}"
reuse bystander 5001
canaries+=(5001)
half_an_interval
tick
check_alive 'a bystander with an orphan'\''s old pid is not ended' bystander

# ... to another agent of the same instance: it counts for itself.
fresh
orphan a $GONE --set-tid 5002 --name goose
tick
end_process "${P[a]}"
wait_for test ! -e "/proc/${P[a]}"
reuse b 5002 --env SPROUT_MANAGED_AGENT=$GONE
half_an_interval
tick
check_alive 'an agent with an orphan'\''s old pid is at its first tick' b
half_an_interval
tick
check_dead 'and ended at its second' b

# ... to an agent of a live instance.
fresh
orphan a $GONE --set-tid 5003 --name goose
tick
end_process "${P[a]}"
wait_for test ! -e "/proc/${P[a]}"
live_desktop d sprout-desktop -- org.example.app
reuse c 5003 --env SPROUT_MANAGED_AGENT=org.example.app
canaries+=("${P[c]}" "${P[d]}")
half_an_interval
tick
check_alive 'one of a live instance stays' c

# A marker that names its owner by pid: the pid's next holder is not the owner.
agent owner --set-tid 5004 &
await 1
ticks=$(start_ticks 5004)
STRAY_INSTANCE=5004:$ticks agent a --double-fork --setsid &
await 1
list
is "$(owner "5004:$ticks" stray)" alive/value 'an owner by pid and start time'
end_process 5004
wait_for test ! -e /proc/5004
read -r -t 0.05 _ <&9 # start times count in hundredths of a second
reuse heir 5004
canaries+=(5004)
list
is "$(owner "5004:$ticks" stray)" gone/none 'its pid'\''s next holder is not it'
sweep_now
check_dead 'so the agent is ended' a

# A receipt that points to another process by now.
receipts=$HOME/.local/share/$GONE/agents/agent-pids
mkdir -p "$receipts"
export XDG_DATA_HOME=$HOME/.local/share
orphan a $GONE
echo 5001 >"$receipts/a.pid"
run --reap $GONE --term-timeout 300ms
check_alive 'a receipt with a bystander'\''s pid ends none' bystander
check 'and stays' test -e "$receipts/a.pid"
check_dead 'the agent ends' a

# A baseline forgives processes, not pids.
orphan a $GONE --set-tid 5005
"$STRAY" --list --json >"$WORK/baseline.json"
run --check --settle 0 --baseline "$WORK/baseline.json"
is "$status" 0 'what the baseline holds is forgiven'
end_process 5005
wait_for test ! -e /proc/5005
read -r -t 0.05 _ <&9
reuse e 5005 --env SPROUT_MANAGED_AGENT=$GONE
run --check --settle 0 --baseline "$WORK/baseline.json"
is "$status" 1 'another with the same pid is not'
done_testing
