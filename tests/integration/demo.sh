#!/bin/bash
# SPDX-License-Identifier: MIT
# shellcheck source=tests/helpers/tap.sh disable=SC2016,SC2034,SC2119,SC2317 # scripts of a tree are expanded there
# The demo fleet: there at once, private, and gone with stray, however that ends.
. "$(dirname "$0")/../helpers/tap.sh"
export TMPDIR=$WORK
orphan real org.example.gone
live_desktop d sprout-desktop -- org.example.app
canaries+=("${P[real]}" "${P[d]}")

# All other processes that run this program.
fleet() {
	local dir
	for dir in /proc/[0-9]*; do
		grep -zqs '^STRAY_DEMO_ROLE=' "$dir/environ" && echo "${dir#/proc/}"
	done
}
gone() { [ -z "$(fleet)" ]; }

run --demo --list --json
is "$status" 0 '--demo --list exits 0'
check 'and its fleet is gone' gone
is "$(find "$WORK" -maxdepth 1 -name 'stray-demo-*' | wc -l)" 0 'with its state directory'
is "$(q '[.instances[].app] | unique | join(" ")')" demo 'it shows the demo alone'
is "$(q '[.instances[] | .id + " " + .owner.state] | sort | join(", ")')" \
	'demo.app alive, demo.app.dev gone, demo.app.dev.runner unknown, demo.app.dev.tree gone, demo.app.dev.tree-2 alive' \
	'two desktops live, two are gone'
is "$(q '[.instances[].agents] | add')" 12 'a dozen agents'
is "$(q '[.instances[] | select(.owner.state == "gone") | .orphans] | add > 5')" true 'some of them orphans'
is "$(q '[.instances[].processes[].state] | unique | join(" ")')" 'detached orphan owned unknown' \
	'in every state'
is "$(q '[.instances[].processes[].kept] | map(select(. != null)) | unique | join(" ")')" opt-out 'one is kept'
run --list --json
is "$(q '[.instances[].app] | unique | join(" ")')" sprout 'and without --demo there is none'

run --demo --sweep --once --grace 1 --term-timeout 300ms --json
is "$status" 0 '--demo --sweep ends orphans'
check 'all it says is JSON' jq -e . "$WORK/out"
is "$(jq -r 'select(.event == "reaped") | .app' "$WORK/out" | sort -u)" demo 'of the demo'
is "$(jq -r 'select(.event == "reaped") | .outcome' "$WORK/out" | sort -u | xargs)" 'exited killed' \
	'among them deaf ones'
check 'the fleet is gone' gone
run --demo --check --settle 0
is "$status" 1 '--demo --check finds leaks'
run --demo --reap demo.app.dev.tree --term-timeout 300ms
is "$status" 0 '--demo --reap ends an instance'
run --demo --reap demo.app --settle 0
is "$status" 1 'and refuses one with a live desktop'
check 'the fleet is gone' gone
check 'nothing is left in the state directory of the real one' test -z "$(ls -A "$STRAY_STATE_DIR")"

# Two at once do not see each other; SIGKILL, SIGTERM: all gone.
up() { [ "$(fleet | wc -l)" -ge "$1" ]; }
waits() { grep -qs '"tick"' "$WORK/out.$1"; }
for signal in KILL TERM; do
	for nr in 1 2; do
		rm -f "$WORK/out.$nr"
		"$STRAY" --demo --sweep --interval 1h --json >"$WORK/out.$nr" 2>&1 9>&- &
		pids[nr]=$!
	done
	check 'two fleets are up' wait_for waits 1
	wait_for waits 2
	is "$(jq -rs '[.[] | select(.event == "orphaned")] | length' "$WORK/out.1")" \
		"$(jq -rs '[.[] | select(.event == "orphaned")] | length' "$WORK/out.2")" 'each sees its own'
	before=$(fleet | wc -l)
	# A stopped one does not see the end of stray by itself.
	for pid in $(fleet); do
		[ "$(cat "/proc/$pid/comm")" = demo-init ] || [ $((pid % 3)) != 0 ] || kill -STOP "$pid"
	done
	kill -$signal "${pids[1]}"
	wait "${pids[1]}" 2>/dev/null
	check "after SIG$signal one fleet is gone" wait_for eval '! up $((before / 2 + 1))'
	kill -$signal "${pids[2]}"
	wait "${pids[2]}" 2>/dev/null
	check "after SIG$signal the other is, too" wait_for gone
	check 'and the state directories' wait_for eval '! ls -d "$WORK"/stray-demo-* >/dev/null 2>&1'
done

# Orphans of the demo are orphans wherever stray is started: below a subreaper, as pid 1, in a pipe.
script below.sh '"$STRAY" --demo --list --json >"$WORK/out" 9>&-; agent done'
agent r --double-fork --subreaper --setsid --run "$WORK/below.sh" &
await 2
is "$(q '[.instances[].orphans] | add > 5')" true 'below a subreaper that is no part of it'
unshare -pf --mount-proc --kill-child "$STRAY" --demo --list --json >"$WORK/out" 9>&-
is "$(q '[.instances[].orphans] | add > 5')" true 'as pid 1 of a container'
"$STRAY" --demo --list | cat >"$WORK/out"
check 'in a pipe' grep -q demo.app "$WORK/out"
STRAY_DEMO_ROLE=1:x "$STRAY" --version >"$WORK/out" 2>&1 3>&- 9>&-
is $? 2 'a role without a fleet ends at once'
done_testing
