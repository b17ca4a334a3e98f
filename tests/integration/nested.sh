#!/bin/bash
# SPDX-License-Identifier: MIT
# shellcheck source=tests/helpers/tap.sh disable=SC2016,SC2154 # scripts of a tree are expanded there
# An owner of one app that is an agent of another one: an orphaned claude is ended with its
# servers, though it owns them; one that was handed off by another claude is not.
. "$(dirname "$0")/../helpers/tap.sh"
canary sleep

# A claude with a job of its own, whose environment has what stands before this call.
mkdir cc-socks
printf '%s\n' 'export CLAUDE_CODE_MESSAGING_SOCKET=$WORK/cc-socks/$PPID.sock' \
	'agent j & exec sleep 1000' >session.sh
claude() { # MARKER=VALUE: with that in its environment
	(env "$1" bash -c 'desktop c claude --double-fork --setsid --run "$WORK/session.sh"' 9>&9 &)
	await 2
	wait_for pgrep -P "${P[c]}" -x sleep >/dev/null
}
twice() {
	fresh
	tick
	half_an_interval
	tick
}

for marker in SPROUT_MANAGED_AGENT BUZZ_MANAGED_AGENT; do
	claude "$marker=org.example.gone"
	list
	is "$(owner "$WORK/cc-socks/${P[c]}.sock" claude-code)" alive/value "$marker: the claude owns its job"
	fresh
	tick
	check_alive "$marker: on the first tick it does" c j
	half_an_interval
	tick
	check_dead "$marker: the orphaned claude is ended with its job" c j
	check "$marker: and with its script" grep -qh '3 exited' "$WORK/out" "$WORK/err"
done

# The desktop lives: so does its claude.
live_desktop s sprout-desktop -- org.example.here
claude SPROUT_MANAGED_AGENT=org.example.here
twice
check_alive 'of a live desktop it is not ended' c j
end_process "${P[j]}"
end_process "${P[c]}"
end_process "${P[s]}"

claude "CLAUDE_CODE_MESSAGING_SOCKET=$WORK/cc-socks/4194303.sock"
list
is "$(owner "$WORK/cc-socks/4194303.sock" claude-code)" gone/none 'the claude that started it is gone'
twice
check_alive 'a claude that another one handed off is not ended' c j
done_testing
