#!/bin/bash
# SPDX-License-Identifier: MIT
# shellcheck source=tests/helpers/tap.sh disable=SC2016,SC2119,SC2317 # scripts are expanded elsewhere
# A process with an environment that cannot be read: every reader waits for ever. The
# sweep goes on without it, says which process it waited for, and ends none that
# it may belong to; the view answers keys meanwhile.
. "$(dirname "$0")/../helpers/tap.sh"
ID=org.example.app GONE=org.example.gone

# A FIFO without a writer stands in for the file.
mkfifo "$WORK/stuck"
hang() { mount --bind "$WORK/stuck" "/proc/$1/environ"; }
if ! hang $$ 2>/dev/null; then
	echo '1..0 # SKIP cannot mount here'
	exit 0
fi
umount "/proc/$$/environ"

tm() { tmux -S "$WORK/tmux" -f /dev/null "$@" 9>&-; }
screen() { tm capture-pane -p -t view 2>/dev/null; }
shows() { screen | grep -q -- "$1"; }
saw() { jq -se "any(.[]; $1)" "$WORK/sweep.out" >"$WORK/null" 2>&1; }
counted() { jq -s 'map(select(.event == "tick" and .counted)) | length' "$WORK/sweep.out" 2>/dev/null; }
counted_more() { [ "$(counted)" -ge "$1" ]; }

live_desktop d buzz-desktop -- $ID
orphan a $GONE
BUZZ_MANAGED_AGENT=xyz.block.buzz.app.dev.other agent b --double-fork --setsid &
await 1
canaries+=("${P[d]}" "${P[b]}")
hang "${P[d]}"

mkdir -m 700 "$WORK/state.view"
"$STRAY" --sweep --interval 1s --json --term-timeout 300ms >"$WORK/sweep.out" 2>"$WORK/sweep.err" 9>&- &
sweeper=$!
if command -v tmux >"$WORK/null"; then
	tm new-session -d -s view -x 100 -y 24 "STRAY_STATE_DIR=$WORK/state.view exec $STRAY"
	check 'the view says which process its scan waits for' wait_for shows "waits for pid ${P[d]}"
	check_alive 'while none has been ended yet' a
	tm send-keys -t view '?'
	check 'it answers a key meanwhile' wait_for shows 'F9'
	before=$(screen)
	tm send-keys -t view Escape
	changed() { [ "$(screen)" != "$before" ]; }
	check 'and another' wait_for changed
	check 'and shows what there is in the end' wait_for shows $GONE
	tm send-keys -t view q
	ended() { ! tm has-session -t view 2>"$WORK/null"; }
	check 'asked to end while a reader of it still hangs, it does' wait_for ended
else
	skip 'the view meanwhile' 'no tmux'
fi

check 'the sweep goes on without it' wait_for saw '.event == "tick"'
is "$(jq -s 'map(select(.event == "tick"))[0].unreadable >= 1' "$WORK/sweep.out")" true 'counts it as unreadable'
check 'and says which it waits for' grep -qw "${P[d]}" "$WORK/sweep.out" "$WORK/sweep.err"
check 'it ends the orphan that this one has no part in' wait_for dead "${P[a]}"
nr=$(counted)
check 'and ticks on' wait_for counted_more $((nr + 3))
check_alive 'an agent that the unread process may own stays' b
kill -TERM $sweeper
(sleep 60; kill -KILL $sweeper) 2>"$WORK/null" &
wait $sweeper
is $? 0 'asked to end while a reader of it still hangs, it does'

# Once it can be read it speaks for itself alone.
umount -l "/proc/${P[d]}/environ"
exec 8<>"$WORK/stuck"
canaries=("${P[d]}")
sweep_now
check_dead 'read at last, it speaks for no other' b
done_testing
