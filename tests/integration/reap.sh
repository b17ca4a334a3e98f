#!/bin/bash
# SPDX-License-Identifier: MIT
# shellcheck source=tests/helpers/tap.sh disable=SC2016,SC2119 # scripts of a tree are expanded there
# --reap, and who is kept from being ended.
. "$(dirname "$0")/../helpers/tap.sh"
ID=org.example.app GONE=org.example.gone

# --- an instance --------------------------------------------------------------------
orphan a $GONE
orphan b $GONE
orphan other $GONE.dev
run --reap $GONE --term-timeout 300ms
is "$status" 0 '--reap exits 0'
check_dead 'and has ended the agents of the instance' a b
check_alive 'and of no other' other
run --reap $GONE
is "$status" 0 'nobody is left: 0'
check 'in no more than a line' test "$(out | wc -l)" -le 1
run --reap ''
is "$status" 2 'an empty instance is an error'
check_alive 'that ends nobody' other
run --reap '*'
is "$status" 0 'an instance is no pattern'
check_alive 'so a star names nobody' other
end_process "${P[other]}"

# What was done is what the status says, though no reader hears of it.
orphan a $GONE
"$STRAY" --reap $GONE --term-timeout 300ms >&- 2>"$WORK/err" 9>&-
is $? 0 'with stdout closed --reap has done its work all the same'
check_dead 'the agent was ended' a
like "$(err)" 'cannot write to stdout' 'and what could not be written is said'

# What a victim starts as its last act is on its way from one program to the next,
# and without an environment, when it is looked for.
script last.sh 'trap "setsid sleep 600 & exit 0" TERM
echo "$$ last" >"$READY"
sleep 600 & wait'
left=0 statuses=
for _ in 1 2 3 4 5 6 7 8; do
	(SPROUT_MANAGED_AGENT=$GONE setsid bash "$WORK/last.sh" 9>&- &)
	await 1
	run --reap $GONE
	statuses+=$status
	list --instance $GONE
	left=$((left + $(q '[.instances[].processes[]] | length')))
done
is "$left" 0 'what an agent starts when it is told to end is ended, too'
is "$statuses" 00000000 'and that is a success'

# --- a live owner -----------------------------------------------------------------------
tree 3 'SPROUT_MANAGED_AGENT=$ID agent a & SPROUT_MANAGED_AGENT=$ID agent adopted --double-fork --setsid &
desktop d sprout-desktop'
run --reap $ID --settle 0
is "$status" 1 'a live owner: refused'
like "$(out)$(err)" "$ID" 'naming the instance'
check_alive 'nobody was ended' a adopted d
run --reap $ID --settle 0 --force --term-timeout 300ms
check_dead '--force lifts what the owner says' a adopted
check_alive 'but not for the desktop' d
end_process "${P[d]}"
tree 2 'SPROUT_MANAGED_AGENT=$ID agent a & desktop d sprout-desktop'
"$STRAY" --reap $ID --settle 60s --term-timeout 300ms >"$WORK/out" 2>"$WORK/err" 9>&- &
kill -KILL "${P[d]}"
wait $!
is $? 0 'it waits for an owner that is going down'
check_dead 'and ends what that one has left' a
config <<-CONF
	[app plain]
	marker = PLAIN_AGENT
	desktop = plain-desktop
CONF
PLAIN_AGENT=$ID agent a --double-fork --setsid &
await 1
live_desktop d plain-desktop
run --reap $ID --settle 0
is "$status" 1 'an unknown owner: refused'
check_alive 'nobody was ended' a
run --reap $ID --settle 0 --force --term-timeout 300ms
is "$status" 0 'unless by force'
check_dead 'which ends the agent' a
check_alive 'and not the desktop' d
end_process "${P[d]}"
config </dev/null

# --- receipts ----------------------------------------------------------------------------
receipts=$HOME/.local/share/$ID/agents/agent-pids
mkdir -p "$receipts"
receipt() { echo "${P[$1]}" >"$receipts/$1.pid"; }
orphan a $ID
orphan b $ID
end_process "${P[b]}"
receipt a
receipt b
canary goose
echo "${P[canary]}" >"$receipts/c.pid"
echo nonsense >"$receipts/d.pid"
echo 1 >"$receipts/e.pid"
ln -s a.pid "$receipts/f.pid"
export XDG_DATA_HOME=$HOME/.local/share
run --reap $ID --term-timeout 300ms
is "$status" 0 '--reap with receipts'
check_dead 'ends the agent' a
check 'removes its receipt' test ! -e "$receipts/a.pid"
check 'leaves one of a process without the marker' test -e "$receipts/c.pid"
check 'and one that is no pid' test -e "$receipts/d.pid"
check 'and pid 1' test -e "$receipts/e.pid"
check 'and a link' test -L "$receipts/f.pid"
# The agents had ended by themselves before the trap came to it.
receipt a
run --reap $ID --dry-run
check 'a dry run removes none' test -e "$receipts/a.pid"
run --reap $ID
is "$status" 0 '--reap with receipts of nobody'
check 'removes those' test ! -e "$receipts/a.pid"
check 'and leaves that of another' test -e "$receipts/c.pid"
like "$(err)" 'c.pid. names a process that is not of this instance' 'which it tells'
rm -r "$receipts"
mkdir -p "$receipts"
# What a live desktop has adopted by a receipt is owned.
tree 2 'SPROUT_MANAGED_AGENT=$ID agent a --double-fork --setsid & desktop d sprout-desktop -- $ID'
list
is "$(state "${P[a]}")" detached 'without a receipt'
receipt a
list
is "$(state "${P[a]}")" owned 'with one'
sweep_now --reap-detached
check_alive 'the sweep leaves it' a
mv "$receipts" "$receipts.old"
echo >"$receipts"
list
is "$(state "${P[a]}")" unknown 'receipts that cannot be looked up make it unknown'
rm "$receipts"
end_process "${P[a]}"
end_process "${P[d]}"
unset XDG_DATA_HOME

# --- kept --------------------------------------------------------------------------------------
kept() { # WORD NAME: about the orphan a
	list
	is "$(of "${P[a]}" kept)" "$1" "$2: kept as $1"
	sweep_now
	check_alive 'by the sweep' a
	run --reap $GONE --term-timeout 300ms
	check_alive 'and by --reap' a
	run --reap $GONE --force --term-timeout 300ms
	check_alive 'by force too' a
	end_process "${P[a]}"
}
orphan a $GONE --env STRAY_KEEP=1
kept opt-out 'STRAY_KEEP'
orphan a $GONE --env STRAY_KEEP=
sweep_now
check_dead 'an empty STRAY_KEEP keeps nobody' a
orphan a $GONE --name 'tmux: server'
kept keep-list 'a tmux server'
orphan a $GONE --name dbus-daemon
kept keep-list 'dbus-daemon'
orphan a $GONE --name ssh-agent
kept keep-list 'ssh-agent'
config <<-CONF
	[sweep]
	keep = my-daemon, jupyter*
CONF
orphan a $GONE --name my-daemon
kept keep-list 'a name of the user'\''s'
orphan a $GONE --name jupyter-lab
kept keep-list 'a pattern of the user'\''s'
orphan a $GONE --name my-daemon2
sweep_now
check_dead 'a name that begins like one is not kept' a
config </dev/null
script below.sh 'unset STRAY_KEEP; agent a'
SPROUT_MANAGED_AGENT=$GONE STRAY_KEEP=1 agent r --double-fork --setsid --run "$WORK/below.sh" &
await 2
kept opt-out 'what runs below a kept one'
end_process "${P[r]}"
orphan a $GONE
agent t --double-fork --setsid --trace "${P[a]}" &
await 1
kept traced 'a traced one'
end_process "${P[t]}"
# A shell on a terminal, not managed, with an agent in its foreground.
script fore.sh 'SPROUT_MANAGED_AGENT=$GONE agent a'
if command script -qec true /dev/null >/dev/null 2>&1; then
	printf '#!/bin/bash\nset -m\nbash %s/fore.sh; true\n' "$WORK" >"$WORK/shell.sh"
	# Its shell must hand on the functions that bash exports.
	SHELL=$BASH setsid script -qec "bash $WORK/shell.sh" /dev/null >/dev/null 2>&1 </dev/null 9>&- &
	await 1
	list
	is "$(of "${P[a]}" kept)" terminal 'in the foreground of a terminal: kept as terminal'
	end_process "${P[a]}"
else
	skip 'in the foreground of a terminal' 'no script(1)'
fi

# --- kept by the sweep alone ------------------------------------------------------------------
for kind in --listen --listen-udp; do
	orphan a $GONE $kind
	sweep_now
	check_alive "the sweep spares one with $kind" a
	sweep_now --spare-listeners 0
	check_dead 'unless told otherwise' a
done
orphan a $GONE --listen
run --reap $GONE --term-timeout 300ms
check_dead '--reap does not' a
# Each has a group of its own, and the session's leader is this test's.
tree 2 'SPROUT_MANAGED_AGENT=$GONE exec bash -c "agent w --listen --setpgid & agent a --setpgid &"'
sweep_now
check_dead 'nor is one spared by a listener of a session that no managed process leads' a
check_alive 'but that listener itself' w
end_process "${P[w]}"
script below.sh 'agent w --listen'
SPROUT_MANAGED_AGENT=$GONE agent a --double-fork --setsid --run "$WORK/below.sh" &
await 2
sweep_now
check_alive 'with a worker that listens in its session it is' a w
run --reap $GONE --term-timeout 300ms
check_dead 'both go with --reap' a w
mkdir "$WORK/.X11-unix"
agent x --double-fork --setsid --serve "$WORK/.X11-unix/X0" &
await 1
orphan a $GONE --connect "$WORK/.X11-unix/X0"
sweep_now
check_alive 'the sweep leaves a client of an X server' a
run --reap $GONE --term-timeout 300ms
check_dead '--reap does not' a
end_process "${P[x]}"
orphan a $GONE --serve "$WORK/sock"
sweep_now
check_dead 'another unix socket spares nobody' a
done_testing
