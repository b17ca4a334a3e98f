#!/bin/bash
# SPDX-License-Identifier: MIT
# shellcheck source=tests/helpers/tap.sh disable=SC2016,SC2119,SC2317 # scripts of a tree are expanded there
# The sweep as a service: signals, the lock, a new configuration, one owner going.
. "$(dirname "$0")/../helpers/tap.sh"
ID=org.example.app

# Starts it in the background, $service, and waits for its first tick.
serve() {
	fresh
	rm -f "$WORK/out" # what an earlier one said
	# A shell without job control starts what is in the background with SIGINT ignored.
	env --default-signal=INT "$STRAY" --sweep --json --term-timeout 300ms "$@" >"$WORK/out" 2>"$WORK/err" 9>&- &
	service=$!
	wait_for saw tick
}
saw() { grep -qs "\"event\": *\"$1\"" "$WORK/out"; }
count() { grep -cs "\"event\": *\"$1\"" "$WORK/out"; }
ticks_are() { [ "$(count tick)" -ge "$1" ]; }
stop() { # SIGNAL
	kill "-$1" $service
	wait $service
	status=$?
}

for signal in TERM INT; do
	serve
	stop $signal
	is "$status" 0 "SIG$signal ends it with 0"
	check "and it says so" saw stop
	check 'every line is JSON' jq -e . "$WORK/out"
done

# --- the lock ---------------------------------------------------------------------
serve
first=$service
orphan a $ID
"$STRAY" --sweep --once --grace 1 >second 2>&1 9>&-
is $? 2 'a second sweep exits 2'
like "$(cat second)" "$first" 'naming the one that holds the lock'
check_alive 'and has ended none' a
"$STRAY" --sweep --once --grace 1 --dry-run >second 2>&1 9>&-
is $? 0 'a dry run needs no lock'
"$STRAY" --list >second 2>&1 9>&-
is $? 0 'nor does a look'
"$STRAY" --reap $ID --term-timeout 300ms >second 2>&1 9>&-
is $? 0 'nor does --reap'
check_dead 'which ends what it names' a
kill -KILL $service
wait $service 2>/dev/null
sweep_now
is "$status" 0 'the lock of a killed one is free'

# --- signals ------------------------------------------------------------------------
serve --interval 1h
kill -USR1 $service
check 'SIGUSR1 ticks at once' wait_for ticks_are 2
orphan a $ID
kill -USR1 $service
wait_for ticks_are 3
check_alive 'but such a tick does not count' a
is "$(jq -r 'select(.event == "tick") | .orphans' "$WORK/out" | tail -n 1)" 1 'it sees the new orphan'
stop TERM
is "$status" 0 'it ends'

# --- an owner that goes is noticed at once, between the ticks ------------------------------
end_process "${P[a]}"
tree 2 'SPROUT_MANAGED_AGENT=$ID agent a --setsid & desktop d sprout-desktop -- $ID'
serve --interval 1h
end_process "${P[d]}"
lost() { jq -se 2>/dev/null 'any(.[]; .event == "tick" and .orphans == 1)' "$WORK/out"; }
check 'the end of a desktop is a reason to look' wait_for lost
"$STRAY" --list --json >"$WORK/list.json" 9>&-
is "$(jq -r '.instances[0].orphan_age_exact' "$WORK/list.json")" true \
	'and the age of what it left is exact'
check_alive 'one look is not two ticks' a
stop TERM

# --- a new configuration ---------------------------------------------------------------------
config <<-CONF
	[sweep]
	interval = 1h
CONF
serve
echo '[sweep' >"$HOME/.config/stray/stray.conf"
kill -HUP $service
check 'a bad new configuration is warned about' wait_for saw warning
check 'and it goes on' alive $service
config <<-CONF
	[sweep]
	interval = 1s
CONF
kill -HUP $service
check 'a good one is taken: it ends the orphan now' wait_for dead "${P[a]}"
stop TERM
is "$status" 0 'and it ends when asked'
config </dev/null

# --- stopped in the middle of reaping: none stays frozen ---------------------------------------
orphan a $ID --ignore-term
orphan b $ID --ignore-term
orphan c $ID
fresh
"$STRAY" --sweep --json --grace 1 --term-timeout 60s >"$WORK/out" 2>"$WORK/err" 9>&- &
service=$!
check 'asked to end, one does' wait_for dead "${P[c]}"
stop TERM
is "$status" 0 'asked to stop while it waits for the deaf, it stops'
frozen() { grep -q '^State:.T' "/proc/${P[a]}/status" "/proc/${P[b]}/status" 2>/dev/null; }
check 'and leaves none frozen' eval '! frozen'
sweep_now
check_dead 'a later one ends them' a b

# --- metrics ---------------------------------------------------------------------------------------
orphan a $ID
run --sweep --once --metrics "$WORK/stray.prom"
is "$status" 0 '--metrics is fine'
check 'and writes Prometheus text' grep -q '^# TYPE stray_' "$WORK/stray.prom"
is "$(grep -c $ID "$WORK/stray.prom")" 0 'without names of instances'
fresh
run --sweep --once --metrics "$WORK/stray.prom" --metrics-instances
check 'unless they are asked for' grep -q $ID "$WORK/stray.prom"
done_testing
