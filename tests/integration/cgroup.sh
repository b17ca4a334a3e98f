#!/bin/bash
# SPDX-License-Identifier: MIT
# shellcheck source=tests/helpers/tap.sh disable=SC2016,SC2119,SC2317
# A command in a control group of its own: what forks faster than any scan is ended, too.
# CGROUP_ROUNDS: how many storms of each kind (4).
if [ -z "${CGROUP_INSIDE:-}" ]; then
	export CGROUP_INSIDE=yes
	unshare -mC true 2>/dev/null || { echo '1..0 # SKIP cannot make a mount and a cgroup namespace here'; exit 0; }
	exec unshare -mC bash "$0" "$@"
fi
. "$(dirname "$0")/../helpers/tap.sh"
nothing() { # WHY
	echo "1..0 # SKIP $1"
	exit 0
}
[ -z "$INSTRUMENTED" ] || nothing 'an instrumented program is too slow for storms'
# Not below $WORK, which is removed with all that is in it: never a mounted tree.
tree=$(mktemp -d) || exit 1
own=
leave_tree() {
	if [ "$own" ]; then
		echo $$ >"$tree/cgroup.procs"
		echo 1 >"$own/cgroup.kill"
		wait_for eval 'find "$own" -depth -type d -exec rmdir {} \; 2>/dev/null; [ ! -d "$own" ]'
	fi
	umount "$tree" 2>/dev/null
	rmdir "$tree"
}
trap '[ $BASHPID != $$ ] || { leave_tree; rm -rf "$WORK"; }' EXIT
mount -t cgroup2 none "$tree" 2>/dev/null || nothing 'cannot mount cgroup2 here'
[ -e "$tree/cgroup.procs" ] || nothing 'no control groups here'
own=$(mktemp -d "$tree/test-XXXXXX" 2>/dev/null) || nothing 'no group can be made here'
[ -e "$own/cgroup.kill" ] || nothing 'no cgroup.kill here (Linux 5.14)'
chmod 755 "$own"
echo $$ >"$own/cgroup.procs"
canary goose
canary fakeagent

below() { find "$own" -mindepth 1 -type d; }
is_in_own() { [[ $(<"/proc/$1/cgroup") == *"0::"*"/${own##*/}" ]]; }

run --run -- cat /proc/self/cgroup
like "$(out)" '0::[^ ]*/test-[^/]+/stray-[0-9]+-[0-9]+' '--run: the command is in a group below that of stray'
is "$(below)" '' '... which is removed at the end'
run --check -- cat /proc/self/cgroup
like "$(out)" '0::[^ ]*/test-[^/]+/stray-[0-9]+-[0-9]+' '--check -- CMD: the same'
is "$(below)" '' '... and it is removed'

# Run the wrapper with a command that leaves one process behind.
mkfifo "$WORK/go"
start_one() { # TAG COMMAND...: of the wrapper, but for its own command
	"${@:2}" bash -c 'cat /proc/self/cgroup; agent "$0" --setsid ${DEAF:+--ignore-term} & read -r _ <"$WORK/go"' "$1" \
		>"$WORK/out" 2>"$WORK/err" 9>&- &
	await 1
	echo >"$WORK/go"
}
leave_one() {
	start_one "$@"
	wait $!
	status=$?
}
leave_one left "$STRAY" --check --settle 0 --
is "$status" 1 '--check without --kill: reports what is left'
check '... which lives on in the group of stray' is_in_own "${P[left]}"
is "$(below)" '' '... while its own group is removed'
end_process "${P[left]}"

# --- storms ---------------------------------------------------------------------------

# What a storm holds open says when none of it is left.
cat >"$WORK/cmd.sh" <<-'SH'
	for i in 1 2 3; do "$FA" --ready "$READY" --tag "s$i" --storm 3 --setsid 9>&- & done
	STRAY_KEEP=1 "$FA" --ready "$READY" --tag kept --setsid 8>&- 9>&- &
	"$FA" --ready "$READY" --tag named --name my-server --setsid 8>&- 9>&- &
	read -r line <"$WORK/go"
	kill -KILL $(jobs -p | head -n 3)
SH
storms() { # STATUS NAMED [OPTION...]: of the wrapper; what becomes of what is named my-server
	local wanted=$1 named=$2 i rounds=${CGROUP_ROUNDS:-4} got='' want=''
	shift 2
	for ((i = 0; i < rounds; i++)); do
		rm -f "$WORK/held"
		mkfifo "$WORK/held"
		exec 8<>"$WORK/held"
		exec 7<"$WORK/held"
		"$STRAY" "$@" --term-timeout 200ms -- bash "$WORK/cmd.sh" >"$WORK/out" 2>"$WORK/err" 7<&- 9>&- &
		exec 8>&-
		await 5
		echo >"$WORK/go"
		wait $!
		status=$?
		want+="status=$wanted storm=ended kept=alive,in-own named=$named groups= / "
		got+="status=$status storm="
		read -r -t 10 _ <&7
		[ $? -gt 128 ] && got+=left || got+=ended
		exec 7<&-
		got+=" kept=$(alive "${P[kept]}" && echo alive),$(is_in_own "${P[kept]}" && echo in-own)"
		got+=" named=$(alive "${P[named]}" && echo alive || echo ended) groups=$(below) / "
		end_process "${P[kept]}"
		dead "${P[named]}" || end_process "${P[named]}"
	done
	is "$got" "$want" "$*: each storm is ended, the kept one moved out, the group removed"
}
storms 0 ended --run
storms 1 alive --check --settle 0 --kill --allow my-server
is "$(jq -c .groups "$STRAY_STATE_DIR/$(ledger_name)")" '[]' 'the ledger holds no frozen group afterwards'

# --- SIGKILL while the group is frozen ---------------------------------------------------

if ! "$HELPERS/inject" --call fsync -- true 2>/dev/null 9>&-; then
	skip 'SIGKILL while the group is frozen' 'no seccomp notifications here'
else
	# It ends only after all that is below its program.
	DEAF=yes start_one stuck "$HELPERS/inject" --call openat --path cgroup.kill --when 2 --signal 9 -- \
		"$STRAY" --run --term-timeout 10ms --
	wait_for eval '[ -z "$(pgrep -x stray -r S,R,D)" ]'
	group=$(below)
	check 'SIGKILL before the end: the group stands frozen' grep -qx 'frozen 1' "$group/cgroup.events"
	like "$(jq -r '.groups[].path' "$STRAY_STATE_DIR/$(ledger_name)")" "/${own##*/}/${group##*/}$" '... and is in the ledger'
	run --sweep --once --grace 9
	check 'the next start thaws it' grep -qx 'frozen 0' "$group/cgroup.events"
	like "$(err)" 'continued a control group that an earlier run left frozen' '... and says so'
	check_alive '... and its process goes on' stuck
	end_process "${P[stuck]}"
	wait
	rmdir "$group"
fi

# --- ordinary users ------------------------------------------------------------------------

if [ -z "$TAP_ROOT" ]; then
	skip 'an ordinary user' 'needs root'
else
	as_user=(setpriv --reuid 4242 --regid 4242 --clear-groups)
	chown -R 4242:4242 "$STRAY_STATE_DIR" "$HOME"
	try_user() { leave_one u "${as_user[@]}" "$STRAY" --run --term-timeout 1s --; }
	try_user
	like "$(out)" "0::[^ ]*/${own##*/}($|[^/])" 'without delegation the command stays in the group of stray'
	is "$status:$(err)" "0:stray: ended 1 process that 'bash' left behind" '... nothing is said of that'
	check_dead '... what it leaves is ended all the same' u
	chown 4242:4242 "$own" "$own/cgroup.procs"
	try_user
	like "$(out)" '0::[^ ]*/test-[^/]+/stray-[0-9]+-[0-9]+' 'in a group that is delegated to a user the command gets one'
	check_dead '... what it leaves is ended' u
	is "$(below)" '' '... and the group is removed'
fi
done_testing
