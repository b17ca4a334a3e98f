#!/bin/bash
# SPDX-License-Identifier: MIT
# shellcheck source=tests/helpers/tap.sh disable=SC2016,SC2119 # scripts of a tree are expanded there
# The marker: byte for byte, from the environment itself; names never decide.
. "$(dirname "$0")/../helpers/tap.sh"
ID=org.example.app
M=SPROUT_MANAGED_AGENT

instances() { q --argjson pid "${P[a]}" '[.instances[] | select(.processes[].pid == $pid) | .app + ":" + .id]
	| sort | if . == [] then "none" else join(" ") end'; }
try() { # WANT NAME OPTION...
	local want=$1 name=$2
	shift 2
	agent a --double-fork --setsid "$@" &
	await 1
	list
	is "$(instances)" "$want" "$name"
	end_process "${P[a]}"
}

try none 'no marker, not managed'
try "sprout:$ID" 'a marker' --env $M=$ID
try none 'an empty value names none' --env $M=
try "sprout: " 'a blank is a value' --env "$M= "
try none 'another variable that ends alike' --env X$M=$ID
try none 'or begins alike' --env ${M}S=$ID
try none 'a variable with the marker in its value' --env "X=$M=$ID"
try none 'or behind a newline in its value' --env $'X=y\n'$M=$ID
try none 'another case' --env "${M,,}=$ID"
try none 'no value' --env $M
try "sprout:first" 'the first of two counts' --env $M=first --env $M=second
try none 'even if it is empty' --env $M= --env $M=second
try "sprout:a=b=c" 'a value with equals signs' --env $M=a=b=c
try "sprout:$ID" 'behind a megabyte of others' --big-env 1000000 --env $M=$ID
try "sprout:$ID" 'before a megabyte of others' --env $M=$ID --big-env 1000000
try "buzz:$ID" 'another app' --env BUZZ_MANAGED_AGENT=$ID
long=$(printf '%04000d' 7)
try "sprout:$long" 'a value of 4000 bytes' --env "$M=$long"
try "sprout:$ID" 'a scrubbed environment but for it' --scrub-env --env $M=$ID

# Several instances: a member of each, ended only if it may be ended for each.
live_desktop d buzz-desktop -- other.id
agent a --double-fork --setsid --env $M=$ID --env BUZZ_MANAGED_AGENT=other.id &
await 1
list
is "$(instances)" 'buzz:other.id sprout:org.example.app' 'two markers, two instances'
sweep_now
check_alive 'one of which owns it: it stays' a
end_process "${P[d]}"
sweep_now
check_dead 'until both owners are gone' a

# What a program does to itself later.
agent a --double-fork --setsid --exec-env $M=$ID &
await 1
list
is "$(instances)" none 'before the exec'
kill -USR1 "${P[a]}"
await 1
list
is "$(instances)" "sprout:$ID" 'a marker that came with an exec'
end_process "${P[a]}"

config <<-CONF
	[app mine]
	marker = MY_AGENT, MY_OTHER_AGENT
	desktop = my-desktop
	[app sprout]
	marker = OTHER_MARKER
	desktop = sprout-desktop
CONF
try mine:x 'an app of the user'\''s' --env MY_AGENT=x
try mine:y 'by its second marker' --env MY_OTHER_AGENT=y
try sprout:z 'a built-in app that was replaced' --env OTHER_MARKER=z
try none 'has lost its old marker' --env $M=$ID
config </dev/null

# Names are for display.
for name in goose claude node MainThread sprout-agent; do
	canary "$name"
done
canary 'a) S 1 1'
run --list
is "$(grep -c goose "$WORK/out")" 0 'a name alone makes no process managed'
for name in node MainThread 'a) S 1 1' '' ') R (' abcdefghijklmno abcdefghijklmnopq '(sd-pam)'; do
	try "sprout:$ID" "managed under the name '$name'" --name "$name" --env $M=$ID
done
agent a --double-fork --setsid --name 'a) S 1 1' --env $M=$ID &
await 1
list
is "$(of "${P[a]}" name)" 'a) S 1 1' 'a name that looks like the fields behind it'
is "$(of "${P[a]}" ppid)" 1 'does not shift them'
is "$(of "${P[a]}" start_ticks)" "$(start_ticks "${P[a]}")" 'not one of them'
end_process "${P[a]}"
cp "$FA" "$WORK/bin/goose"
SPROUT_MANAGED_AGENT=$ID "$WORK/bin/goose" --ready "$READY" --tag a --double-fork --setsid 9>&- &
await 1
rm "$WORK/bin/goose"
list
is "$(instances)" "sprout:$ID" 'managed although its program was deleted'
sweep_now
check_dead 'and ended so' a
done_testing
