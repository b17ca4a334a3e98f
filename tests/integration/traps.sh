#!/bin/bash
# SPDX-License-Identifier: MIT
# shellcheck source=tests/helpers/tap.sh disable=SC2016
# The traps that src/share/examples/traps.sh shows, in each shell and for each end of a
# script on a terminal: no agent is left. TRAPS=50 tries each so often, SHELLS=dash
# that one alone.
. "$(dirname "$0")/../helpers/tap.sh"
example=$(cd "$here/../../src/share/examples" && pwd)/traps.sh
times=${TRAPS:-2}

if ! command -v python3 >/dev/null || ! python3 -c 'import pty' 2>/dev/null; then
	skip 'traps on a terminal' 'no python3'
	done_testing
fi
export PATH=$WORK/path:$PATH EXAMPLE=$example
mkdir "$WORK/path"
ln -s "$(readlink -f "$STRAY")" "$WORK/path/stray"

# A desktop that starts an agent, which leaves its session and is deaf to HUP, as harnesses are.
# dash hands no functions on.
script desktop.sh "$(declare -f agent desktop)"'
SPROUT_MANAGED_AGENT=x.trap agent w --setsid &
desktop d sprout-desktop -- --instance x.trap'
cat >"$WORK/job.sh" <<'SH'
. "$EXAMPLE"
run_desktop x.trap bash "$WORK/desktop.sh"
SH
cat >"$WORK/bare.sh" <<'SH'
stray --run -- bash "$WORK/desktop.sh"
SH
no_stray() { ! pgrep -x stray >/dev/null; }
try() { # SHELL WAY SCRIPT: how many runs left an agent or a desktop
	local i bad=0 pid
	for ((i = 0; i < times; i++)); do
		rm -f "$WORK/up"
		python3 "$here/../helpers/traps.py" "$2" "$WORK/up" "$1" "$WORK/$3" >/dev/null 2>&1 9>&- &
		pid=$!
		await 2
		: >"$WORK/up"
		wait $pid
		statuses+=" $?"
		# The shell ends at once; stray, which it has left, when its work is done.
		wait_for no_stray
		for tag in w d; do
			dead "${P[$tag]}" || { bad=$((bad + 1)); end_process "${P[$tag]}"; }
		done
	done
	left=$bad
}

for shell in ${SHELLS:-bash dash zsh}; do
	if ! command -v $shell >/dev/null; then
		skip "$shell: traps" "no $shell here"
		continue
	fi
	for way in close TERM INT HUP key; do
		statuses=
		try $shell $way job.sh
		is "$left" 0 "$shell: a script with the traps, ended by $way, leaves nothing"
		like "$statuses" '^( (129|130|143))+$' '... and ends as one that the signal has ended'
	done
	for way in close key; do
		statuses=
		try $shell $way bare.sh
		is "$left" 0 "$shell: --run without a trap, ended by $way, leaves nothing"
	done
done
canary sprout-canary
done_testing
