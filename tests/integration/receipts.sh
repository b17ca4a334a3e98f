#!/bin/bash
# SPDX-License-Identifier: MIT
# shellcheck source=tests/helpers/tap.sh disable=SC2016,SC2119,SC2154 # scripts of a tree are expanded there
# Receipts: what names the process that a live desktop adopted, what says nothing, and
# what is not understood, so that its agents are spared.
. "$(dirname "$0")/../helpers/tap.sh"
. "$here/../helpers/adoption.sh"
OTHER=xyz.block.buzz.app.nightly
canary node

# --- receipts -------------------------------------------------------------------------
adopt 'BUZZ_MANAGED_AGENT=$ID agent h --setpgid' 2
h=${P[h]}
list
is "$(state "$h")" orphan 'in no receipt of a live desktop: a former one left it'
# receipt WANT NAME FILE FORMAT: the state of the agent, %d being its pid
receipt() {
	local want=$1 name=$2 file=$3
	# shellcheck disable=SC2059 # that is what it is
	[ $# -lt 4 ] || printf -- "$4" "$h" >"$receipts/$file"
	list
	is "$(state "$h")" "$want" "$name"
	if [ "$want" = unknown ]; then
		run --list
		like "$(out) $(err)" "${file:0:60}" "... and a line names the file ($file)"
	fi
	find "$receipts" -mindepth 1 -delete
}
receipt owned 'NAME.pid with its pid: adopted' k.pid '%d'
receipt owned 'blanks around are allowed' k.pid ' \n\t%d \n'
receipt owned 'NAME.json with its pid' "$key.json" '{"pid":%d}'
receipt owned 'as the app writes it' "$key.json" '{"key":{"pubkey":"ab","relayUrl":"wss://relay.example"},
	"pid":%d,"desktopInstanceId":"'$ID'","startedAt":"2026-08-18T22:35:50.123456789+00:00"}'
receipt owned 'other keys are ignored' k.json '{"authorityVersion":7,"pid":%d,"windowsJobContained":[null]}'
receipt orphan 'a dot file says nothing' .k.pid '%d'
receipt unknown 'a pid in words' k.json '{"pid":"%d"}'
receipt unknown 'a pid with a fraction' k.json '{"pid":%d.0}'
receipt unknown 'no pid' k.json '{"process":%d}'
receipt unknown 'pid 1' k.json '{"pid":1}'
receipt unknown 'pid 1 in the other form' k.pid '1'
receipt unknown 'a negative one' k.pid '-%d'
receipt unknown 'hexadecimal' k.pid '0x%x'
receipt unknown 'a word' k.pid 'pid=%d'
receipt unknown 'two pids' k.pid '%d 5'
receipt unknown 'a list' k.json '[%d]'
receipt unknown 'half a file' k.json '{"pid":%d'
receipt unknown 'two objects' k.json '{"pid":%d}{}'
receipt unknown 'of an instance that is not known' k.json '{"pid":%d,"desktopInstanceId":"com.example.x"}'
receipt unknown 'an instance that is no text' k.json '{"pid":%d,"desktopInstanceId":5}'
receipt unknown 'a file of another name' notes.txt '%d'
receipt unknown 'one of the next format' "$key.cbor" '%d'
receipt unknown 'a backup of an editor' k.pid~ '%d'
: >"$receipts/k.pid"
receipt unknown 'an empty file that is young' k.pid
: >"$receipts/k.pid" && touch -d '2 hours ago' "$receipts/k.pid"
list
is "$(state "$h")" orphan 'an empty one older than an hour names no process'
run --list
like "$(out) $(err)" 'k\.pid' '... and is named in a line'
find "$receipts" -mindepth 1 -delete
printf '%d' "$h" >"$WORK/elsewhere"
ln -s "$WORK/elsewhere" "$receipts/k.pid"
receipt unknown 'a link' k.pid
mkfifo "$receipts/k.pid"
receipt unknown 'a fifo, which is not opened' k.pid
mkdir "$receipts/k.pid"
receipt unknown 'a folder' k.pid
{ printf '{"pid":%d,"x":"' "$h"; head -c 20000 /dev/zero | tr '\0' x; printf '"}'; } >"$receipts/k.json"
receipt unknown 'more than 16 KiB' k.json
for ((n = 0; n < 4097; n++)); do : >"$receipts/$n.pid"; done
touch -d '2 hours ago' "$receipts"/*.pid
list
is "$(state "$h")" unknown 'more than 4,096 files'
find "$receipts" -mindepth 1 -delete
BUZZ_MANAGED_AGENT=$OTHER agent o --double-fork --setsid &
await 1
receipt orphan 'a receipt of another known instance says nothing' k.json '{"pid":%d,"desktopInstanceId":"'$OTHER'"}'
end_process "${P[o]}"

# What the desktop adopted is not known: its agents are spared, and no error is made of it.
echo 'not a receipt' >"$receipts/k.json"
two_ticks
check_alive 'a receipt that is not understood ends no agent' h
find "$receipts" -mindepth 1 -delete
printf '{"pid":%d}' "$h" >"$receipts/$key.json"
two_ticks
check_alive 'nor does one that is' h
leave h new

# --- a receipt goes with its process ------------------------------------------------------
BUZZ_MANAGED_AGENT=$ID agent h --double-fork --setsid &
await 1
printf '{"pid":%d,"desktopInstanceId":"%s"}' "${P[h]}" $ID >"$receipts/$key.json"
run --reap $ID --settle 0 --term-timeout 300ms
check_dead 'reaping an instance ends what its receipts name' h
check '... and removes them' [ ! -e "$receipts/$key.json" ]
leave h

done_testing
