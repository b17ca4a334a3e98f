#!/bin/bash
# SPDX-License-Identifier: MIT
# shellcheck source=tests/helpers/tap.sh disable=SC2016,SC2119 # scripts of a tree are expanded there
# The terminal view over real processes, on a pseudo terminal (tests/screen/drive.c).
. "$(dirname "$0")/../helpers/tap.sh"
. "$here/../helpers/client.sh"
DRIVE_BIN=${HELPERS%/helpers}/screen/drive
ID=org.example.app GONE=org.example.gone
if [ ! -x "$DRIVE_BIN" ]; then
	echo '1..0 # SKIP the screen tests are not built'
	exit 0
fi
export TERM=xterm-256color

# Start a program; then `screen COMMAND TEXT` drives it, the answer is in $answer.
drive() { # PROGRAM [ARG...]
	coproc DRIVE { exec "$DRIVE_BIN" 24x100 "$@" 2>/dev/null 9>&-; }
	# shellcheck disable=SC2153 # coproc sets it
	drive_pid=$DRIVE_PID
	exec 7<&"${DRIVE[0]}" 8>&"${DRIVE[1]}"
	# These are copies: the drive ends with the last one that can write to it.
	local from=${DRIVE[0]} to=${DRIVE[1]}
	exec {from}<&- {to}>&-
}

view() { # [OPTION...]
	drive "$STRAY" "$@"
	screen wait F9Reap
}

screen() { # COMMAND [TEXT]
	local line
	answer=
	echo "$*" >&8
	while read -r line <&7; do
		case $line in
		ok) return 0 ;;
		no) return 1 ;;
		*) answer+=${line#|}$'\n' ;;
		esac
	done
	return 1
}

leave() { # quit, and wait for the end
	screen send q
	screen end
	exec 7<&- 8>&-
	wait "$drive_pid" 2>/dev/null
}

picture() { # for a failure's report
	screen show
	printf '%s' "$answer"
}

shows() { # NAME COMMAND TEXT
	if screen "$2" "$3"; then pass "$1"; else fail "$1" "$2 $3" "$(picture)"; fi
}

# --- a desktop that goes while the view shows it -----------------------------------------
# The next look is an hour away: that a row turns at once is the pidfd's doing.
tree 3 'SPROUT_MANAGED_AGENT=$ID agent a --name goose & SPROUT_MANAGED_AGENT=$ID agent b --name goose &
desktop d sprout-desktop'
canary goose
view --delay 1h
shows 'the live owner is shown with its pid' wait 'alive '
shows 'and is named' wait "$ID"
kill -KILL "${P[d]}"
shows 'a desktop is killed: its row turns at once' wait 'GONE '
screen row "$ID"
like "$answer" "GONE +${P[d]} .*$ID" 'with the pid of the desktop that was'
like "$answer" ' [0-9]+s ' 'and with an exact age'
leave
is "$answer" $'0\n' 'q: exit 0'

# --- reaping by hand ------------------------------------------------------------------------
view --delay 200ms --term-timeout 300ms
shows 'it is still there' wait "$ID"
screen send k
screen wait '[ Reap 2 ]'
screen dialog
screen send '\r'
shows 'Enter means Cancel' wait 'nothing reaped'
check_alive 'and none was ended' a b
screen send 'kyyyyy'
screen wait '[ Reap 2 ]'
screen dialog
shows 'what was typed ahead confirms nothing' now '[ Reap 2 ]'
check_alive 'none was ended' a b
screen send y
shows 'y ends them' wait '2 of 2 ended'
check_dead 'for real' a b
shows 'and the group goes' wait 'No managed agents found'
leave

# --- a live owner ------------------------------------------------------------------------------
tree 2 'SPROUT_MANAGED_AGENT=$ID agent a --name goose & desktop d sprout-desktop'
view --delay 200ms --term-timeout 300ms
screen wait "$ID"
screen send k
shows 'a live owner is warned of' wait 'OWNER IS ALIVE'
screen dialog
screen send y
shows 'y is not enough' wait 'not "reap"'
screen send $'\177reap\r'
shows 'the word is' wait '1 of 1 ended'
check_dead 'it has ended' a
check_alive 'its desktop has not' d
leave
end_process "${P[d]}"

# --- kept ones -------------------------------------------------------------------------------------
orphan plain $GONE --name goose
orphan kept $GONE --name goose --env STRAY_KEEP=1
view --delay 200ms --term-timeout 300ms
screen wait "$GONE"
screen send k
shows 'the dialog says what is not touched' wait "This 1 is not touched"
shows 'and why' now 'opt-out'
screen dialog
screen send y
screen wait '1 of 1 ended'
check_dead 'the group without it' plain
check_alive 'a kept one stays' kept
shows 'and its group says so where STATE has no room' wait ' kept '
screen send '+j'
screen wait '└─'
screen send k
shows 'picked by itself it is a victim' wait "Reap process ${P[kept]}"
screen dialog
screen send y
wait_for dead "${P[kept]}"
check_dead 'and is ended' kept
leave

# --- one that ends and one that comes while the dialog is open --------------------------------------
orphan a $GONE --name goose --set-tid 6001 2>/dev/null
view --delay 200ms --term-timeout 300ms
screen wait "$GONE"
screen send k
screen wait '[ Reap 1 ]'
end_process "${P[a]}"
wait_for test ! -e "/proc/${P[a]}"
if [ "${P[a]}" = 6001 ]; then
	agent bystander --set-tid 6001 --setsid --name goose --env "SPROUT_MANAGED_AGENT=$GONE" &
	await 1
	is "${P[bystander]}" 6001 'its pid is in use again'
	shows 'the one that went is marked' wait 'exited'
	screen dialog
	screen send 'y'
	screen send '\e'
	screen gone '[ Cancel ]'
	check_alive 'the process that has the pid now is not signalled' bystander
	end_process "${P[bystander]}"
else
	skip 'its pid is in use again' 'cannot choose a pid here'
fi
leave

# --- one that joins the group while the dialog is open ---------------------------------------------------
orphan a $GONE --name goose
view --delay 200ms --term-timeout 300ms
screen wait "$GONE"
screen send k
screen wait '[ Reap 1 ]'
orphan late $GONE --name goose
shows 'a process that joins the group is told, and not included' wait '1 new process not included (r to re-read)'
screen dialog
screen send r
shows 'r reads the group again' wait '[ Reap 2 ]'
screen dialog
screen send y
shows 'and then it is one of them' wait '2 of 2 ended'
check_dead 'both' a late
leave

# --- a selection that has just moved ----------------------------------------------------------------------
orphan stays org.example.stays --name goose
moved=
for try in 1 2 3 4 5; do
	orphan goes org.example.a$try --name goose
	view --delay 200ms
	screen wait "org.example.a$try"
	screen send '\e[HU'
	screen wait 'none tagged'
	end_process "${P[goes]}"
	screen wait 'its neighbour is selected'
	screen send k
	screen wait 'press it again to reap this one' && moved=yes
	[ "$moved" ] && break
	# Slower than a second: this was a key for what stands there now.
	screen dialog
	screen send n
	screen gone '[ Cancel ]'
	leave
done
is "$moved" yes 'F9 at once behind a move of the selection asks for a second one'
screen send k
shows 'and the second opens the dialog' wait '[ Reap 1 ]'
screen dialog
screen send n
screen gone '[ Cancel ]'
leave
end_process "${P[stays]}"

# --- the sweep -------------------------------------------------------------------------------------
fresh
orphan a $GONE --name goose --ignore-term
view --delay 200ms --interval 2s --term-timeout 1s
screen wait "$GONE"
screen send S
screen wait '[ Arm ]'
screen dialog
screen send y
shows 'the view arms' wait 'SWEEP ARMED'
run --sweep --once
is "$status" 2 'another sweep is refused meanwhile'
like "$(err)" '[0-9]' 'and told the sweeping pid'
shows 'an orphan one tick short is foretold' wait 'will reap: org.example.gone (1 proc)'
shows 'the line says when it reaps' wait 'reaping now'
shows 'the armed sweep ends an orphan by itself' wait '1 killed, 0 survived (sweep)'
check_dead 'for real' a
screen send S
shows 'disarming asks no question' wait 'disarmed by user'
leave
fresh
orphan a $GONE --name goose
view --delay 200ms --interval 1s --term-timeout 300ms
screen wait '2/2'
shows 'a disarmed view counts for itself' now '2/2'
check_alive 'and ends none' a
leave
end_process "${P[a]}"

# --- servers without a client --------------------------------------------------------------------------
fresh
for tag in first second; do
	serve $tag pipes "desktop $tag mcp-server"
	hang_up $tag
done
view --delay 200ms --interval 1s --term-timeout 300ms
screen wait ' kept '
screen row fakeagent
like "$answer" 'GONE +- kept .* 2 .*stdio  fakeagent' 'dead stdio servers of one program are one group'
screen send 'i'
shows 'which says what they are' wait 'no marker (app stdio); its client has died'
screen send k
screen wait '[ Reap 2 ]'
screen dialog
screen send y
shows 'and can be ended by key' wait '2 of 2 ended'
check_dead 'both' first second
leave

# --- Ctrl-Z ---------------------------------------------------------------------------------------------
view
screen send $'\032'
shows 'Ctrl-Z without a shell says that none could continue it' wait 'not suspended: there is no shell'
leave
printf 'view:\n\t@%s\n' "$STRAY" >"$WORK/rules"
PS1='ready:' drive "$BASH" --norc --noprofile -i
for wrapped in "sh -c '$STRAY; true'" "make -f $WORK/rules view"; do
	screen wait ready:
	screen send "$wrapped\r"
	screen wait F9Reap
	screen send $'\032'
	shows "Ctrl-Z below ${wrapped%% *} stops the whole job" wait Stopped
	screen send 'fg\r'
	shows 'and fg brings it back' wait F9Reap
	screen send ' '
	shows 'which takes keys' gone Stopped
	screen send 'q'
	screen gone F9Reap
	screen send 'clear\r'
	screen gone fg
done
screen send 'exit\r'
screen end
exec 7<&- 8>&-
wait "$drive_pid" 2>/dev/null

# --- no terminal --------------------------------------------------------------------------------------
run </dev/null
is "$status" 2 'no terminal: exit 2'
is "$(err | wc -l)" 1 'one line'
like "$(err)" '--list.*--json' 'that says what to use instead'
done_testing
