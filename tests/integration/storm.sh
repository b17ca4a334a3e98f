#!/bin/bash
# SPDX-License-Identifier: MIT
# shellcheck source=tests/helpers/tap.sh disable=SC2016,SC2119,SC2317 # scripts of a tree are expanded there
# Victims that fork while they are ended: afterwards none of them is left.
. "$(dirname "$0")/../helpers/tap.sh"
GONE=org.example.gone
canary goose
canary fakeagent

# All victims hold a pipe open, so that its end says that none is left. A look at
# /proc would not do: a process that hops from pid to pid is between two of them just then.
watched() { # COMMAND...: starts victims
	rm -f "$WORK/held"
	mkfifo "$WORK/held"
	exec 8<>"$WORK/held"
	exec 7<"$WORK/held"
	"$@"
	exec 8>&-
}
ended() { # SECONDS
	read -r -t "$1" _ <&7
	[ $? -le 128 ]
}
check_none() { # NAME
	if ended 10; then
		pass "$1"
	elif [ "$INSTRUMENTED" ] && [ "$status" = 1 ] && said | grep -q 'stopped: '; then
		skip "$1" 'too slow for them, which it said'
		wait_for clear_away
	else
		fail "$1" 'a process still holds the pipe' "$(said)"
		wait_for clear_away # not in the way of the next ones
	fi
	exec 7<&-
}
clear_away() {
	local exe pid
	"$STRAY" --reap "$GONE" --force --term-timeout 50ms >/dev/null 2>&1 9>&-
	for exe in /proc/[0-9]*/exe; do
		pid=${exe//[!0-9]/}
		[[ " ${canaries[*]} " == *" $pid "* ]] || [ "$(readlink "$exe")" != "$FA" ] ||
			kill -KILL "$pid" 2>/dev/null
	done
	ended 0.2
}

check_content() { # NAME
	if [ "$INSTRUMENTED" ] && [ "$status" = 1 ]; then
		like "$(said)" 'stopped: ' "$1, or says that it is not"
	else
		is "$status" 0 "$1"
	fi
}

round() { # NAME OPTION... of the orphan
	local name=$1
	shift
	watched orphan a $GONE "$@"
	sweep_now
	check_content "$name: the sweep is content"
	check_none "$name: and none is left"
}

round 'an ordinary one'
round 'one that hops from pid to pid' --storm 1
round 'ten that hop' --storm 10
round 'hopping below a deaf one' --storm 3 --ignore-term
round 'a stopped one above hopping ones' --storm 3 --stop
round 'one that breeds when it is asked to end' --breed 5
round 'that one, slowly' --breed 5 --slow-exit 200
round 'that one, too slowly' --breed 5 --slow-exit 60000

watched tree 4 'SPROUT_MANAGED_AGENT=$GONE exec bash -c "
	agent w1 --setsid & agent w2 --storm 3 --setsid & agent w3 --ignore-term --setsid --breed 3 & agent a"'
sweep_now
check_none 'sessions of their own save none'
watched tree 4 'SPROUT_MANAGED_AGENT=$GONE exec bash -c "
	agent w1 --scrub-env & agent w2 --scrub-env --ignore-term & agent w3 --scrub-env --setsid --slow-exit 60000 & agent a"'
sweep_now
check_none 'nor do scrubbed environments'
six() {
	for i in 1 2 3 4 5 6; do
		orphan "a$i" "$GONE" --storm 2
	done
}
watched six
run --reap $GONE --term-timeout 300ms
check_content '--reap among storms'
check_none 'leaves none either'
lonely() { # without the one that each look shows
	orphan a "$GONE" --storm 1
	end_process "${P[a]}"
}
for nr in 1 2 3 4 5; do
	watched lonely
	run --check --settle 500ms
	like "$status" '^[13]$' "--check of one that hops alone does not say that there is none, $nr"
	run --reap $GONE
	is "$status" 0 "--reap of one that hops alone, $nr"
	check_none "leaves none, $nr"
done
cat >"$WORK/cmd.sh" <<-'SH'
	for i in 1 2 3; do "$FA" --ready "$READY" --tag "s$i" --storm 3 --setsid 9>&- & done
	"$FA" --ready "$READY" --tag s4 --storm 3 --scrub-env --double-fork 9>&- &
	read -r line <"$WORK/go"
SH
mkfifo "$WORK/go"
under_run() { # N: so many are in place before CMD goes on
	"$STRAY" --run --term-timeout 300ms -- bash "$WORK/cmd.sh" >"$WORK/out" 2>"$WORK/err" 7<&- 9>&- &
	await "$1"
	echo >"$WORK/go"
	wait $!
	status=$?
}
watched under_run 4
check_content '--run of one that leaves storms'
check_none 'leaves none either'

# One that is kept beside it does not hide it: either it is ended, or that is said.
cat >"$WORK/cmd.sh" <<-'SH'
	STRAY_KEEP=1 "$FA" --ready "$READY" --tag kept --setsid 7<&- 8>&- 9>&- &
	"$FA" --ready "$READY" --tag hop --storm 1 --setsid 9>&- &
	read -r line <"$WORK/go"
	kill -KILL $!
SH
for nr in 1 2 3 4 5; do
	watched under_run 2
	if [ "$status" = 0 ]; then
		check_none "--run leaves none that hops beside a kept one, $nr"
	else
		is "$status" 1 "--run says that one is left that hops beside a kept one, $nr"
		ended 0 || wait_for clear_away
		exec 7<&-
	fi
	end_process "${P[kept]}"
done
done_testing
