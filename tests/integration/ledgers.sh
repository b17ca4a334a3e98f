#!/bin/bash
# SPDX-License-Identifier: MIT
# shellcheck source=tests/helpers/tap.sh disable=SC2016,SC2119 # scripts are expanded there
# The ledger from run to run: one for each pid namespace; it remembers which parent a root
# had, and which process was inferred from which.
. "$(dirname "$0")/../helpers/tap.sh"
GONE=org.example.gone
canary node
twice() {
	tick
	half_an_interval
	tick
}

# --- a sandbox that shares the state folder -------------------------------------------
script sandbox.sh 'SPROUT_MANAGED_AGENT=$GONE.inner agent none --double-fork --setsid &
read -r _ <"$WORK/go"
"$STRAY" "$@" >"$WORK/inner" 2>&1'
mkfifo go
for face in 'run -- true' 'reap nosuch' 'sweep --once --interval 1s' 'list' 'check --settle 0'; do
	fresh
	orphan a $GONE
	tick
	check_alive "before --$face in another pid namespace: the first tick ends none" a
	# shellcheck disable=SC2086 # words
	unshare -pf --mount-proc --kill-child bash "$WORK/sandbox.sh" --$face 9>&- &
	await 1
	echo >go
	wait $!
	half_an_interval
	tick
	check_dead "--$face there leaves the counts out here alone" a
done

# --- a server that an agent started with a cleared environment -----------------------------
script server.sh 'exec env -i PATH="$PATH" WORK="$WORK" FA="$FA" READY="$READY" bash -c "$(declare -f desktop); desktop m mcp-server --setpgid"'
SPROUT_MANAGED_AGENT=$GONE agent a --double-fork --setsid --run "$WORK/server.sh" &
await 2
fresh
tick
list
is "$(of "${P[m]}" inferred)" true 'a server without a marker is inferred from its agent'
end_process "${P[a]}"
list
is "$(state "${P[m]}")" orphan 'with the agent gone it is a member still'
half_an_interval
twice
check_dead 'and it is swept' m

SPROUT_MANAGED_AGENT=$GONE agent a --double-fork --setsid --run "$WORK/server.sh" &
await 2
end_process "${P[a]}"
fresh
twice
check_alive 'what was never seen below its agent is no member' m
end_process "${P[m]}"

# --- the parent of a root ---------------------------------------------------------------------
script shell.sh "SPROUT_MANAGED_AGENT=$GONE agent a & exec sleep 1000"
agent editor --double-fork --subreaper --name some-editor --run "$WORK/shell.sh" &
await 2
parent_of() { ps -o ppid= -p "$1" | tr -d ' '; }
shell=$(parent_of "${P[a]}")
fresh
tick
list
is "$(state "${P[a]}")" unknown 'a root with a live parent of its own is unknown'
end_process "$shell"
adopted() { [ "$(parent_of "${P[a]}")" = "${P[editor]}" ]; }
wait_for adopted
half_an_interval
twice
check_dead 'one with a parent that changed between two runs is swept' a
end_process "${P[editor]}"
done_testing
