#!/bin/bash
# SPDX-License-Identifier: MIT
# shellcheck source=tests/helpers/tap.sh disable=SC2016,SC2119 # scripts of a tree are expanded there
# The owner: every evidence of one, and what is none.
. "$(dirname "$0")/../helpers/tap.sh"
ID=org.example.app
DEFAULT=xyz.block.sprout.app

# An instance that each desktop here names, so that none is nameless.
NAMED=org.example.named

# Does a desktop with these arguments own ID? WANT NAME OPTION... [-- WORD...]
try() {
	local want=$1 name=$2
	shift 2
	case " $* " in
	*' -- '*) set -- "$@" $NAMED ;;
	*) set -- "$@" -- $NAMED ;;
	esac
	live_desktop d sprout-desktop "$@"
	list
	is "$(owner $ID)" "$want" "$name"
	end_process "${P[d]}"
}

orphan named $NAMED
orphan a $ID
list
is "$(owner $ID)" gone/none 'no desktop: gone'
is "$(state "${P[a]}")" orphan 'and its agent is an orphan'

# --- arguments, with an identifier boundary on both sides -------------------------
try alive/arguments 'the id is an argument' -- $ID
try alive/arguments 'the last of several' -- --verbose --profile $ID
try alive/arguments 'behind an equals sign' -- --profile=$ID
try alive/arguments 'in a path' -- /home/u/.local/share/$ID/db.sqlite
try alive/arguments 'in quotes' -- "{\"id\":\"$ID\"}"
try alive/arguments 'before a colon' -- "$ID:1"
try alive/arguments 'at its second occurrence' -- "x$ID,$ID"
try gone/none 'no boundary before it: a letter' -- x$ID
try gone/none 'a dot' -- .$ID
try gone/none 'a dash' -- -$ID
try gone/none 'an underscore' -- _$ID
try gone/none 'a digit' -- 0$ID
try gone/none 'no boundary after it: a letter' -- ${ID}x
try gone/none 'a dot' -- $ID.dev
try gone/none 'a dash' -- $ID-2
try gone/none 'an underscore' -- ${ID}_
try gone/none 'a digit' -- ${ID}2
try gone/none 'another case' -- ${ID^^}
try gone/none 'the dots are dots' -- orgXexampleXapp
try gone/none 'spread over two arguments' -- org.example. app

# --- environment --------------------------------------------------------------------
try alive/environment 'the id stands in its environment' --env "CONFIG_DIR=/x/$ID/y"
try gone/none 'a longer one there is another' --env "CONFIG_DIR=/x/$ID.dev/y"
try alive/arguments 'arguments come first' --env "X=$ID" -- $ID
try gone/none 'a marker in a desktop'\''s environment is no evidence' \
	--env "SPROUT_MANAGED_AGENT=$ID"
try gone/none 'not even that of another app' --env "BUZZ_MANAGED_AGENT=$ID"

# --- descent ------------------------------------------------------------------------
tree 2 "SPROUT_MANAGED_AGENT=$ID"' agent c & desktop d sprout-desktop -- something.else'
list
is "$(owner $ID)" alive/descent 'an agent that descends from it speaks for a desktop'
is "$(state "${P[c]}")" owned 'that agent is owned'
end_process "${P[d]}"
end_process "${P[c]}"
tree 2 "export SPROUT_MANAGED_AGENT=$ID"'
agent c & desktop d sprout-desktop'
list
is "$(owner $ID)" gone/none 'not if the desktop itself carries the marker'
end_process "${P[d]}"
end_process "${P[c]}"
tree 3 "export SPROUT_MANAGED_AGENT=$ID"'
bash -c "agent c & unset SPROUT_MANAGED_AGENT; desktop in Sprout -- x.y" & unset SPROUT_MANAGED_AGENT
desktop d sprout-desktop -- z.z'
list
is "$(q '.instances[] | select(.id == "'$ID'") | .owner.pid')" "${P[in]}" \
	'the nearest desktop above is the owner'
end_process "${P[c]}"
end_process "${P[in]}"
end_process "${P[d]}"

# --- the default instance -----------------------------------------------------------
orphan b $DEFAULT
live_desktop d sprout-desktop
list
is "$(owner $DEFAULT)" alive/default 'a desktop that names no id owns the default one'
is "$(owner $ID)" unknown/none 'and may own any other'
end_process "${P[d]}"
live_desktop d sprout-desktop -- $ID
list
is "$(owner $DEFAULT)" alive/default 'also one that names another in its arguments'
end_process "${P[d]}"
live_desktop d sprout-desktop --env X=$ID
list
is "$(owner $DEFAULT)" alive/default '... or in its environment'
is "$(state "${P[b]}")" orphan 'an agent that is older than it was left by a former one'
end_process "${P[d]}"
live_desktop d buzz-desktop
list
is "$(owner $DEFAULT)" gone/none 'another app'\''s desktop owns nothing here'
end_process "${P[d]}"

config <<-CONF
	[app plain]
	marker = PLAIN_AGENT
	desktop = plain-desktop, fifteen-bytes-x
CONF
PLAIN_AGENT=$ID agent p --double-fork --setsid &
await 1
plain() { q --argjson pid "${P[p]}" '.instances[] | select(.processes[].pid == $pid) | .owner.state'; }
live_desktop d plain-desktop
list
is "$(plain)" unknown 'a nameless desktop of an app without a default makes it unknown'
end_process "${P[d]}"
PLAIN_AGENT=other.id agent o --double-fork --setsid &
await 1
live_desktop d plain-desktop -- other.id
live_desktop e plain-desktop
list
is "$(plain)" unknown 'also beside one that names another'
end_process "${P[e]}"
list
is "$(plain)" gone 'which by itself does not'
end_process "${P[d]}"

# --- what is a desktop ----------------------------------------------------------------
by() { # WANT NAME: about the desktop d, which names ID
	list
	is "$(owner $ID)" "$1" "$2"
	end_process "${P[d]}"
}
agent d --name Sprout --double-fork --setsid -- $ID &
await 1
by alive/arguments 'known by comm alone'
(exec -a /opt/x/sprout_desktop "$FA" --ready "$READY" --tag d --double-fork --setsid -- $ID) &
await 1
by alive/arguments 'by the base name of argv[0] alone'
cp "$FA" "$WORK/bin/sprout-desktop"
(exec -a other "$WORK/bin/sprout-desktop" --ready "$READY" --tag d --name other --double-fork \
	--setsid -- $ID) &
await 1
by alive/arguments 'by its exe alone'
(exec -a other "$WORK/bin/sprout-desktop" --ready "$READY" --tag d --name other --double-fork \
	--setsid -- $ID) &
await 1
rm "$WORK/bin/sprout-desktop"
by alive/arguments 'by an exe that was deleted meanwhile'
agent d --name sprout-desktop2 --double-fork --setsid -- $ID &
await 1
by gone/none 'a longer name is another'
agent d --name sprout --double-fork --setsid -- $ID &
await 1
by gone/none 'so is one in another case'
agent d --name fifteen-bytes-x --double-fork --setsid -- $ID &
await 1
list
is "$(plain)" gone 'a comm of 15 bytes is cut and does not count alone'
end_process "${P[d]}"
live_desktop d fifteen-bytes-x -- $ID
list
is "$(plain)" alive 'it does with argv[0]'
end_process "${P[d]}"

# --- alive or not -------------------------------------------------------------------------
tree 1 'desktop d sprout-desktop -- '"$ID"' & exec sleep infinity'
list
is "$(owner $ID)" alive/arguments 'a desktop that lives'
kill -KILL "${P[d]}"
wait_for dead "${P[d]}"
check 'its zombie stays' grep -q ' Z ' "/proc/${P[d]}/stat"
list
is "$(owner $ID)" gone/none 'and owns nothing'
live_desktop d sprout-desktop --stop -- $ID
list
is "$(owner $ID)" alive/arguments 'a stopped one lives'
end_process "${P[d]}"
live_desktop d sprout-desktop --lone-thread -- $ID
list
like "$(owner $ID)" '^(alive|unknown)/' 'so does one without its main thread'
orphan young $ID
sweep_now
check_alive 'and nothing that it may own is swept' young
check_dead 'unlike the orphans of others' b

# --- a value that is a pid ------------------------------------------------------------------
config <<-CONF
	[app by-pid]
	marker = BY_PID
	owner = pid
CONF
printf 'export BY_PID=$$\nexec "$FA" --ready "$READY" --tag own 9>&-\n' >own.sh
(setsid bash "$WORK/own.sh" &)
await 1
list
is "$(owner "${P[own]}" by-pid)" alive/value 'what became the program of the pid that it carries is its own owner'
sweep_now
check_alive 'and is not swept' own
end_process "${P[own]}"
done_testing
