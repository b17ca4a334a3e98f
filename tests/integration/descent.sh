#!/bin/bash
# SPDX-License-Identifier: MIT
# shellcheck source=tests/helpers/tap.sh disable=SC2016,SC2119 # scripts of a tree are expanded there
# What descends from what, what is managed without a marker of its own, and which
# parent makes an orphan.
. "$(dirname "$0")/../helpers/tap.sh"
ID=org.example.app GONE=org.example.gone
marked='SPROUT_MANAGED_AGENT=$GONE'

end() { # TAG...
	local tag
	for tag; do
		end_process "${P[$tag]}"
	done
}

# --- owned through whatever lies between -----------------------------------------
tree 2 '(SPROUT_MANAGED_AGENT=$ID bash -c "bash -c \"agent a & wait\" & wait") &
desktop d sprout-desktop'
list
is "$(owner $ID)/$(state "${P[a]}")" alive/descent/owned 'through shells'
end d a
tree 2 '(SPROUT_MANAGED_AGENT=$ID agent a --setsid) & desktop d sprout-desktop'
list
is "$(owner $ID)/$(state "${P[a]}")" alive/descent/owned 'across a session'
end d a
script run.sh 'agent a --double-fork --setsid'
tree 3 'SPROUT_MANAGED_AGENT=$ID agent sub --subreaper --run run.sh & desktop d sprout-desktop'
list
is "$(of "${P[a]}" ppid)" "${P[sub]}" 'adopted by it'
is "$(state "${P[a]}")" owned 'below a subreaper of the desktop'\''s'
is "$(of "${P[a]}" role)" worker 'as a worker of the agent that is one'
end a sub d
tree 3 'SPROUT_MANAGED_AGENT=$ID bash -c "agent a & exec $FA --ready $READY --tag mid --name not-known" &
desktop d sprout-desktop'
list
is "$(state "${P[a]}")" owned 'below a program of an unknown name'
is "$(state "${P[mid]}")" owned 'which is owned itself'
end a mid d

# --- inferred ------------------------------------------------------------------------
tree 2 'SPROUT_MANAGED_AGENT=$GONE exec bash -c "agent w --scrub-env & agent a"'
list
is "$(of "${P[w]}" inferred)" true 'a child with a scrubbed environment is inferred by descent'
is "$(of "${P[w]}" role)/$(state "${P[w]}")" worker/orphan 'a worker and an orphan like its agent'
end a w
tree 2 'export SPROUT_MANAGED_AGENT=$GONE
setsid bash -c "agent w --scrub-env --double-fork & agent a" &'
list
is "$(of "${P[w]}" inferred)" true 'one in a session with a managed leader is inferred'
is "$(state "${P[w]}")" orphan 'an orphan too'
end a w
# The agent stands in a session that another process leads, as in a terminal.
tree 2 'SPROUT_MANAGED_AGENT=$GONE agent a --double-fork & agent other --double-fork'
list
is "$(of "${P[a]}" sid)" "$(awk '{ print $6 }' "/proc/${P[other]}/stat")" 'one shares a session with an agent'
is "$(of "${P[other]}" pid)" none 'which proves nothing'
end a other
tree 3 'agent j & SPROUT_MANAGED_AGENT=$ID agent a & desktop d sprout-desktop'
list
is "$(of "${P[j]}" pid)" none 'what a desktop starts without a marker is its own affair'
end j a d
# A managed desktop: not inferred are desktops, nor what they start without a marker.
tree 3 'SPROUT_MANAGED_AGENT=$GONE exec bash -c "
	env -u SPROUT_MANAGED_AGENT bash -c \"agent j & desktop d Sprout -- x.y\" &
	agent a"'
list
is "$(of "${P[d]}" pid)" none 'a desktop below an agent is not inferred'
is "$(of "${P[j]}" pid)" none 'nor is its child'
is "$(of "${P[a]}" kept)" host 'the agent that hosts it is kept'
sweep_now
check_alive 'by the sweep' a d j
run --reap $GONE
check_alive 'and by --reap' a d j
end d
sweep_now
check_dead 'until the desktop has gone' a
end j

# --- orphan or not: the root's parent -----------------------------------------------------
roots() { # STATE NAME R_NAME SCRIPT: makes a, below r, a subreaper of that name
	script run.sh "$4"
	(agent r --double-fork --subreaper --name "$3" --run run.sh) &
	await 2
	list
	is "$(state "${P[a]}")" "$1" "$2"
	sweep_now
	if [ "$1" = orphan ]; then check_dead 'and is swept' a; else check_alive 'and is left alone' a; fi
	dead "${P[a]}" || end a
	end r
}
orphan a $GONE
list
is "$(state "${P[a]}")" orphan 'a child of pid 1 is an orphan'
end a
roots unknown 'a child of another process in its session is unknown' some-editor "$marked agent a"
roots unknown 'also if it leads a session itself' some-editor "$marked agent a --setsid"
roots unknown 'also in a process group of its own' some-editor "$marked agent a --setpgid"
roots orphan 'one with a parent that is in another session was adopted' some-reaper \
	"export $marked; setsid bash -c 'agent a --double-fork &'"
roots orphan 'one with a parent that is an adopter by name' systemd "$marked agent a"
roots orphan 'another adopter' conmon "$marked agent a"
roots unknown 'what an init of containers was made to run' tini "$marked agent a"
roots orphan 'a name of 15 bytes' containerd-shim "$marked agent a"
roots unknown 'a name that begins like one' systemd-x "$marked agent a"
config <<-CONF
	[sweep]
	adopter = some-editor, other
CONF
roots orphan 'an adopter of the user'\''s' some-editor "$marked agent a"
config </dev/null

# A worker's parent is its agent; what counts is the root's.
tree 3 'SPROUT_MANAGED_AGENT=$GONE bash -c "agent w & agent a" &
agent r --name some-editor'
list
is "$(state "${P[w]}")" unknown 'a worker of an agent with a live parent is unknown'
end w a r

# The parent was seen to change: an unknown subreaper, in the same session.
script run.sh "$marked agent a & agent p"
agent r --double-fork --subreaper --name some-editor --run run.sh &
await 3
sweep_now
check_alive 'an agent with a live parent is left alone' a
end p
wait_for grep -q "^PPid:.${P[r]}$" "/proc/${P[a]}/status"
half_an_interval
tick --grace 1
check_dead 'and swept once its parent was seen to change' a
end r

# --- a namespace's pid 1 -----------------------------------------------------------------
SPROUT_MANAGED_AGENT=$GONE unshare -pf --mount-proc --kill-child bash -c 'printf init >/proc/$$/comm; "$STRAY" --list --json; exit $?' \
	>"$WORK/out" 9>&-
is "$(of 1 state)" unknown 'a managed pid 1 is unknown'
done_testing
