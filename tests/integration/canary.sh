#!/bin/bash
# SPDX-License-Identifier: MIT
# shellcheck source=tests/helpers/tap.sh disable=SC2016,SC2119 # scripts of a tree are expanded there
# What must never be ended: processes that merely look like agents, or stand near them.
. "$(dirname "$0")/../helpers/tap.sh"
ID=org.example.app GONE=org.example.gone

# Same names, same program, same session, same group, same folder, the id in arguments of others.
canary goose
canary claude -- --instance other
canary node
canary sprout-deskto
tree 2 'SPROUT_MANAGED_AGENT=$GONE agent a --name goose --double-fork & agent same --name goose --double-fork'
canaries+=("${P[same]}")
# A session that an unmanaged process leads, with an agent in it.
script session.sh 'agent lead & SPROUT_MANAGED_AGENT=$GONE agent b --double-fork & wait'
tree 2 'setsid bash "$WORK/session.sh" 9>&-'
canaries+=("${P[lead]}")
list
is "$(q '[.instances[].processes[].pid] | sort | join(" ")')" \
	"$(printf '%s\n' "${P[a]}" "${P[b]}" | sort -n | xargs)" 'only those with a marker are listed'
sweep_now
check_dead 'and ended' a b

# Another instance, alive, of which the id is the beginning, and the other way round.
orphan a $ID
tree 2 'SPROUT_MANAGED_AGENT=$ID.dev agent longer & desktop d1 sprout-desktop -- $ID.dev'
tree 2 'SPROUT_MANAGED_AGENT=org.example agent shorter & desktop d2 sprout-desktop -- org.example'
canaries+=("${P[longer]}" "${P[d1]}" "${P[shorter]}" "${P[d2]}")
sweep_now
check_dead 'an orphan between a longer and a shorter id that live' a

# The children of a live desktop, whatever they carry.
tree 3 'SPROUT_MANAGED_AGENT=org.example.stale agent stale & agent plain & desktop d3 sprout-desktop -- x.y'
canaries+=("${P[stale]}" "${P[plain]}" "${P[d3]}")
list
is "$(state "${P[stale]}")" owned 'below a live desktop of its app: owned, whatever that one names'
sweep_now --reap-detached
run --reap org.example.stale --settle 0
check_alive 'and not ended' stale

# A desktop that carries a dead instance's marker itself: started from an agent.
live_desktop d4 Sprout --env SPROUT_MANAGED_AGENT=$GONE -- w.z
canaries+=("${P[d4]}")
sweep_now
run --reap $GONE --settle 0 --force
check_alive 'a desktop is never ended' d4

# stray itself, and those above it.
script caller.sh '"$STRAY" --sweep --once --grace 1 --term-timeout 300ms; "$STRAY" --reap $GONE --force --settle 0; echo lived'
fresh
is "$(SPROUT_MANAGED_AGENT=$GONE bash "$WORK/caller.sh" 2>&1 9>&- | tail -n 1)" lived 'a managed caller of stray lives'

# A launcher that holds the id in its arguments may be about to start the desktop.
orphan a $GONE
canary cargo -- tauri dev --config '{"identifier":"'$GONE'"}'
sweep_now
check_alive 'while a launcher speaks of the instance, none of it is swept' a
like "$(err)" "'$GONE' is not swept while pid [0-9]+ 'cargo' names it" 'and the sweep says what keeps it'
run --explain "${P[a]}" --grace 1
like "$(out)" 'sweep +does not end it while pid [0-9]+ cargo names' 'as --explain does'
unset 'canaries[-1]'
end_process "${P[canary]}"
canary cargo -- tauri dev --config '{"identifier":"'$GONE'.dev"}'
sweep_now
check_dead 'one that speaks of another does not matter' a

# Another pid namespace, as in a container, is another's; unless an agent made it.
script inside.sh 'SPROUT_MANAGED_AGENT=$GONE agent none'
unshare -pf --kill-child bash "$WORK/inside.sh" 9>&- &
await 1
list
pid=$(q '[.instances[].processes[] | select(.kept == "container") | .pid] | join(" ")')
like "$pid" '^[0-9]+$' 'an agent in a container is kept as one'
canaries+=("$pid")
sweep_now
run --reap $GONE --settle 0 --term-timeout 300ms
list
is "$(of "$pid" kept)" container 'and it is still there'
script inner.sh 'exec unshare -pf --kill-child "$FA" --ready "$READY" --tag none 9>&-'
SPROUT_MANAGED_AGENT=$GONE agent a --double-fork --setsid --run "$WORK/inner.sh" &
await 2
list
sandbox=$(q --argjson a "${P[a]}" '[.instances[] | select(.id == "org.example.gone") | .processes[]
	| select(.kept == null) | .pid] - [$a, '"${P[d4]}"'] | join(" ")')
like "$sandbox" '^[0-9]+' 'a sandbox that an agent made is its own'
sweep_now
check_dead 'the agent ends' a
for pid in $sandbox; do
	check 'and its sandbox' dead "$pid"
done
done_testing
