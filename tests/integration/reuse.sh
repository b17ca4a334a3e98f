#!/bin/bash
# SPDX-License-Identifier: MIT
# shellcheck source=tests/helpers/tap.sh disable=SC2016,SC2119 # scripts are expanded elsewhere
# A victim's pid goes to another process at the worst moment, again and again:
# that one never gets a signal. STRAY_REUSE_MS: how long each way is tried.
. "$(dirname "$0")/../helpers/tap.sh"
ID=xyz.block.sprout.app.dev.app GONE=xyz.block.sprout.app.dev.gone
ms=${STRAY_REUSE_MS:-350}
revenant() { "$HELPERS/revenant" --id $GONE --ms "$ms" "$@" 9>&-; }
revenant --how term -- true >"$WORK/null" 2>&1
if [ $? = 77 ]; then
	echo '1..0 # SKIP cannot choose a pid here'
	exit 0
fi
canary goose
live_desktop d sprout-desktop -- $ID
canaries+=("${P[d]}")

# One that forgets the counts first, so that it reaps at once, each time.
cat >"$WORK/sweep" <<-'SH'
	#!/bin/sh
	rm -f "$STRAY_STATE_DIR"/ledger-*.json
	exec "$STRAY" --sweep --once --grace 1 --term-timeout 20ms >>"$WORK/said" 2>&1
SH
cat >"$WORK/reap" <<-'SH'
	#!/bin/sh
	exec "$STRAY" --reap xyz.block.sprout.app.dev.gone --settle 0 --term-timeout 20ms >>"$WORK/said" 2>&1
SH
cat >"$WORK/check" <<-'SH'
	#!/bin/sh
	"$STRAY" --check --settle 0 --kill --term-timeout 20ms >>"$WORK/said" 2>&1
	[ $? -le 1 ]
SH
chmod +x "$WORK/sweep" "$WORK/reap" "$WORK/check"

try() { # NAME OPTION... -- PROGRAM
	local name=$1 said
	shift
	said=$(revenant "$@" 2>&1)
	echo "# $name: $said"
	like "$said" '^rounds [1-9][0-9]*, reused [1-9][0-9]*, ' "$name: the pid was in use again before the end"
	like "$said" ', signalled 0, ' "$name: and the process that had it then was left alone"
	like "$said" ', odd 0$' "$name: and all went well"
	[[ $said == *', odd 0' ]] || tail -n 5 "$WORK/said" | sed 's/^/# /'
}

for face in sweep reap; do
	try "$face, at its SIGTERM" --how term -- "$WORK/$face"
	try "$face, soon after it" --how late -- "$WORK/$face"
	try "$face, by itself" --how early -- "$WORK/$face"
	try "$face, at its SIGSTOP" --how frozen -- "$WORK/$face"
done
try 'check, by itself' --how early -- "$WORK/check"
for how in term late early frozen; do
	try "to one of a live instance, $how" --how $how --heir $ID -- "$WORK/sweep"
done

# --- between two calls, exactly ---------------------------------------------------------
# Just before stray's call the victim ends and its pid is taken over.
cat >"$WORK/replace" <<-'SH'
	#!/bin/sh
	kill -KILL $VICTIM
	while [ -e /proc/$VICTIM ]; do :; done
	"$FA" --set-tid $VICTIM --setsid --name goose --ready "$READY" --tag heir &
	while ! [ -e /proc/$VICTIM ]; do :; done
SH
chmod +x "$WORK/replace"
swap() { # NAME INJECTION...
	local name=$1
	shift
	fresh
	orphan a $GONE --set-tid 7001 --ignore-term
	VICTIM=7001 "$HELPERS/inject" "$@" --run "$WORK/replace" --count "$WORK/count" -- \
		"$STRAY" --sweep --once --grace 1 --term-timeout 20ms >"$WORK/out" 2>"$WORK/err"  9>&-
	status=$?
	if [ "$(cat "$WORK/count")" = 0 ] || ! read -r -t 10 pid tag <&9; then
		fail "$name" 'there was no such call' "$(said)"
		return
	fi
	is "$pid $tag $status" '7001 heir 0' "$name"
	check 'its pid is in use again' alive 7001
	# It may be on its way to sleep, on a busy machine.
	like "$(grep -E '^(State|SigPnd|ShdPnd):' /proc/7001/status | xargs)" \
		'^State: [RS] .* SigPnd: 0{16} ShdPnd: 0{16}$' 'by one that was not stopped'
	end_process 7001
	wait_for test ! -e /proc/7001
}
# The victim's handle is the last opened; what is read of it then comes after.
swap 'before its handle is opened' --call pidfd_open --arg 0=7001 --when 1
swap 'before its handle is asked for its number' --call fstatfs --path pidfd --when 1
swap 'before its SIGTERM' --call pidfd_send_signal --arg 1=15 --when 1
swap 'before its SIGCONT' --call pidfd_send_signal --arg 1=18 --when 1
swap 'before its SIGSTOP' --call pidfd_send_signal --arg 1=19 --when 1
swap 'before its SIGKILL' --call pidfd_send_signal --arg 1=9 --when 1
nr=1
while [ $nr -le 4 ]; do
	swap "before number $nr of the reads of its stat" --call openat --path 7001/ --when $nr || break
	nr=$((nr + 1))
done
done_testing
