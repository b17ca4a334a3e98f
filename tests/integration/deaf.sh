#!/bin/bash
# SPDX-License-Identifier: MIT
# shellcheck source=tests/helpers/tap.sh disable=SC2016,SC2119 # scripts of a tree are expanded there
# Victims that do not simply end, and what is said of each.
. "$(dirname "$0")/../helpers/tap.sh"
GONE=org.example.gone

try() { # OUTCOME NAME OPTION...
	local want=$1 name=$2
	shift 2
	orphan a $GONE "$@"
	sweep_now --json
	is "$status" 0 "$name: the sweep exits 0"
	check_dead "$name: it has ended" a
	is "$(outcome a)" "$want" "$name: $want"
	check "$name: all that was said is JSON" jq -e . "$WORK/out"
}

try exited 'an ordinary one'
try exited 'one that takes a moment' --slow-exit 50
try exited 'a stopped one' --stop
try killed 'a deaf one' --ignore-term
try killed 'a slow one' --slow-exit 60000
try killed 'a deaf and stopped one' --ignore-term --stop
try killed 'a deaf one in two sessions' --ignore-term --breed 1

tree 5 'SPROUT_MANAGED_AGENT=$GONE exec bash -c "
	agent w1 --ignore-term & agent w2 --stop & agent w3 --setsid & agent w4 --scrub-env --ignore-term & agent a"'
sweep_now --json
check_dead 'a family of all kinds' a w1 w2 w3 w4
is "$(for tag in a w1 w2 w3 w4; do outcome $tag; done | xargs)" \
	'exited killed exited exited killed' 'each with its own outcome'
is "$(jq -r 'select(.event == "reaped") | .instance' "$WORK/out" | sort -u)" $GONE 'and the instance'
is "$(jq -r 'select(.event == "reaped") | .app' "$WORK/out" | sort -u)" sprout 'and the app'
is "$(jq -r --argjson p "${P[a]}" 'select(.event == "reaped" and .pid == $p) | .start_ticks > 0' \
	"$WORK/out")" true 'and the identity'
is "$(jq -r 'select(.event == "reaped") | .time' "$WORK/out" |
	grep -cvE '^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:]{8}(\.[0-9]+)?Z$')" 0 'and the time'

# A dry run says what would be ended.
orphan a $GONE
fresh
run --sweep --once --grace 1 --dry-run --json
is "$status" 0 'a dry run exits 0'
check_alive 'and ends none' a
like "$(out)" "\"pid\": *${P[a]}" 'but says what it would'
run --reap $GONE --dry-run
check_alive '--reap --dry-run ends none' a
sweep_now
check_dead 'a real one does' a

# A zombie is not to be ended.
tree 1 'SPROUT_MANAGED_AGENT=$GONE agent z & exec sleep infinity'
# Not before it is a program that never waits for its children.
wait_for grep -qx sleep "/proc/$(ps -o ppid= -p "${P[z]}" | xargs)/comm"
kill -KILL "${P[z]}"
wait_for dead "${P[z]}"
check 'there is a zombie' test -e "/proc/${P[z]}"
list
is "$(of "${P[z]}" pid)" none 'a zombie is not listed'
sweep_now
is "$status" 0 'nor swept'

# One that has lost its main thread looks like a zombie and still runs. Its
# environment is gone with that thread, but not its family.
tree 2 'SPROUT_MANAGED_AGENT=$GONE exec bash -c "agent w --lone-thread & agent a"'
check 'one without its main thread runs' alive "${P[w]}"
sweep_now
check_dead 'and ends with its agent' a w
done_testing
