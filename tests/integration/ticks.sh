#!/bin/bash
# SPDX-License-Identifier: MIT
# shellcheck source=tests/helpers/tap.sh disable=SC2016,SC2119 # scripts of a tree are expanded there
# Two ticks: in one run and over several, and what starts the counting again.
. "$(dirname "$0")/../helpers/tap.sh"
ID=org.example.app

# --- over several runs ------------------------------------------------------------
orphan a $ID
canary goose
tick
is "$status" 0 'the first tick exits 0'
check_alive 'and ends none' a
list
is "$(of "${P[a]}" ticks)" 1 'it counted'
like "$(of "${P[a]}" orphan_age_s)" '^[0-9]' 'and the orphan has an age'
is "$(q '.instances[0].orphan_age_exact')" false 'which is a lower bound'
run --sweep --once --interval 1h
check_alive 'a second one too soon ends none' a
list
is "$(of "${P[a]}" ticks)" 1 'and does not count'
half_an_interval
tick --dry-run
is "$status" 0 'a dry run exits 0'
check_alive 'and ends none' a
half_an_interval
tick
is "$status" 0 'the second tick exits 0'
check_dead 'and ends it' a

fresh
orphan a $ID
tick --grace 1
check_dead 'a grace of 1 ends at first sight' a

fresh
orphan a $ID
tick --grace 3
half_an_interval
tick --grace 3
check_alive 'a grace of 3 outlasts two ticks' a
half_an_interval
tick --grace 3
check_dead 'and ends on the third' a

# --- what starts it again ---------------------------------------------------------
fresh
orphan a $ID
tick
receipts=$HOME/.local/share/$ID/agents/agent-pids
mkdir -p "$receipts"
echo "${P[a]}" >"$receipts/a.pid"
export XDG_DATA_HOME=$HOME/.local/share
live_desktop d sprout-desktop -- $ID
half_an_interval
tick
check_alive 'an owner that came up in time, and adopts it, saves it' a
end_process "${P[d]}"
half_an_interval
tick
check_alive 'and its count began anew' a
half_an_interval
tick
check_dead 'after which two ticks end it' a

fresh
orphan a $ID
tick
end_process "${P[a]}"
orphan b $ID
half_an_interval
tick
check_alive 'another process of the same instance counts for itself' b
half_an_interval
tick
check_dead 'it too is ended on its second' b

for damage in 'echo {' 'echo "{\"schema\":\"stray.ledger/9\",\"version\":9}"' \
	'sed "s/[0-9a-f]\{8\}-[0-9a-f]\{4\}-/00000000-0000-/g" ledger.old'; do
	fresh
	orphan a $ID
	tick
	ledger=$STRAY_STATE_DIR/$(ledger_name)
	check 'there is a ledger' test -s "$ledger"
	cp "$ledger" ledger.old
	bash -c "$damage" >"$ledger"
	half_an_interval
	tick
	check_alive "a ledger made by '${damage%% *}' is not believed" a
	like "$(err)$(out)" ledger 'and spoken of'
	half_an_interval
	tick
	check_dead 'then two ticks end it' a
done
fresh
orphan a $ID
tick
check 'a ledger is readable by its user alone' test "$(stat -c %a "$ledger")" = 600
rm "$ledger"
half_an_interval
tick
check_alive 'without its ledger it counts from one' a
half_an_interval
tick
check_dead 'to two' a

# --- a narrowed sweep -------------------------------------------------------------------
orphan a $ID
orphan b other.id
fresh
tick
half_an_interval
tick --instance 'other.*'
check_dead '--instance ends what matches' b
check_alive 'and leaves the rest' a
list
is "$(of "${P[a]}" ticks)" 1 'with its count'
half_an_interval
tick --app buzz
check_alive '--app too' a
list
is "$(of "${P[a]}" ticks)" 1 'leaves the counts of others'
half_an_interval
tick
check_dead 'which go on' a

# --- a bound -----------------------------------------------------------------------------
fresh
orphan a $ID
orphan b $ID
tick --grace 1 --max-kill 1
check_alive 'a tick that would end more than --max-kill ends none' a b
like "$(out)$(err)" 'max-kill' 'and says so'
half_an_interval
tick --grace 1 --max-kill 2
check_dead 'as many as that are ended' a b

# --- detached ----------------------------------------------------------------------------
live_desktop d sprout-desktop -- $ID
orphan a $ID
list
is "$(state "${P[a]}")" detached 'younger than the desktop and not below it: detached'
sweep_now
check_alive 'left alone' a
half_an_interval
tick --grace 1 --reap-detached
check_dead 'unless --reap-detached says otherwise' a
check_alive 'the desktop lives' d
end_process "${P[d]}"
# Two clock ticks later, for start times have no finer unit.
orphan a $ID
read -r -t 0.03 _ <&9
live_desktop d sprout-desktop -- $ID
list
is "$(state "${P[a]}")" orphan 'older than every live desktop: a former one left it'
sweep_now
check_dead 'it is swept' a
check_alive 'and the desktop lives' d
end_process "${P[d]}"

# --- in one run --------------------------------------------------------------------------
orphan a $ID
fresh
"$STRAY" --sweep --interval 1s --term-timeout 300ms --json >"$WORK/out" 2>"$WORK/err" 9>&- &
sweep=$!
check 'a run of its own takes two ticks, and the orphan ends' wait_for dead "${P[a]}"
wait_for grep -q '"reaped"' "$WORK/out"
kill -TERM $sweep
wait $sweep
is $? 0 'asked to stop, it exits 0'
is "$(outcome a)" exited 'it said what became of the orphan'
is "$(jq -r 'select(.event == "orphaned") | .pid' "$WORK/out" | sort -u)" "${P[a]}" 'and names it'
check 'no line but JSON' jq -e . "$WORK/out"
done_testing
