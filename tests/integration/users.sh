#!/bin/bash
# SPDX-License-Identifier: MIT
# shellcheck source=tests/helpers/tap.sh disable=SC2016,SC2119 # scripts of a tree are expanded there
# Several users: no user's marker or desktop speaks for another's, and only root
# may look at them.
. "$(dirname "$0")/../helpers/tap.sh"
ID=org.example.app
if [ -z "$TAP_ROOT" ] || ! setpriv --reuid 4001 --regid 4001 --clear-groups true 2>/dev/null; then
	echo '1..0 # SKIP needs root, for other users'
	exit 0
fi
install -m 755 "$STRAY" "$WORK/bin/stray"
STRAY=$WORK/bin/stray
for uid in 4001 4002; do
	install -d -m 700 -o $uid "$WORK/state.$uid"
done
as() { # UID COMMAND...
	local uid=$1
	shift
	STRAY_STATE_DIR=$WORK/state.$uid setpriv --reuid "$uid" --regid "$uid" --clear-groups "$@" 9>&-
}
run_as() { # UID ARGUMENT...
	as "$1" "$STRAY" "${@:2}" >"$WORK/out" 2>"$WORK/err"
	status=$?
}
user() { AS="setpriv --reuid $1 --regid $1 --clear-groups"; }

user 4001; orphan a1 $ID
user 4002; orphan a2 $ID
AS=; orphan a0 $ID
user 4002; agent d2 --name sprout-desktop --double-fork --setsid -- $ID &
await 1
AS=

run_as 4001 --list --json
is "$status" 0 'a user looks'
is "$(q '[.instances[].processes[].pid] | join(" ")')" "${P[a1]}" 'at no more than his own'
is "$(owner $ID)" unknown/none 'another user'\''s desktop does not own it, and makes it unknown'
list --all-users
is "$status" 0 'root looks at all'
is "$(q '[.instances[] | "\(.uid) \(.owner.state)"] | sort | join(", ")')" \
	'0 unknown, 4001 unknown, 4002 alive' 'each user'\''s instance has its own owner'
list --uid 4002
is "$(q '[.instances[].uid] | join(" ")')" 4002 'root looks at one user'
list
is "$(q '[.instances[].uid] | join(" ")')" 0 'or, by default, at his own'
for option in '--uid 4002' '--uid 0' --all-users; do
	# shellcheck disable=SC2086 # two words
	run_as 4001 --list $option
	is "$status" 2 "$option is not for ordinary users"
done
run_as 4001 --list --uid 4001
is "$status" 0 'but one'\''s own'

run_as 4001 --sweep --once --grace 1 --term-timeout 300ms
check_alive 'a desktop of another user that names the instance spares' a0 a1 a2 d2
end_process "${P[d2]}"
rm -f "$WORK"/state.4001/ledger-*.json
run_as 4001 --sweep --once --grace 1 --term-timeout 300ms
is "$status" 0 'a user sweeps'
check_dead 'his own' a1
check_alive 'and no other user'\''s' a0 a2
user 4001; orphan a1 $ID
AS=
run_as 4001 --reap $ID --settle 0 --term-timeout 300ms
check_dead '--reap ends his own' a1
check_alive 'and no other user'\''s of that name' a0 a2
user 4001; orphan a1 $ID
AS=
sweep_now --all-users
is "$status" 0 'root sweeps all'
check_dead 'each orphan' a0 a1 a2

# Where a user's desktop has its receipts is for him to say; that root's sweep removes
# them follows him nowhere. What he configures, or remembers, is his own.
other=org.example.receipts
receipts=.local/share/$other/agents/agent-pids
mkdir -p "$WORK/of-root/agents/agent-pids"
echo 4194000 >"$WORK/of-root/agents/agent-pids/old.pid"
chmod -R a+rX "$WORK/of-root"
for way in folder above file none; do
	home=$WORK/home.$way
	install -d -o 4001 "$home" "$home/.config" "$home/.config/stray"
	printf '[sweep]\nkeep = *\n%s\n' "${way/none/nonsense}" >"$home/.config/stray/stray.conf"
	as 4001 mkdir -p "${home}/${receipts%/*/*}"
	case $way in
	folder) as 4001 mkdir -p "$home/${receipts%/*}" && as 4001 ln -s "$WORK/of-root/agents/agent-pids" "$home/$receipts" ;;
	above) as 4001 ln -s "$WORK/of-root/agents" "$home/${receipts%/*}" ;;
	file)
		as 4001 mkdir -p "$home/$receipts"
		as 4001 ln -s "$WORK/of-root/agents/agent-pids/old.pid" "$home/$receipts/link.pid"
		;;
	none)
		as 4001 mkdir -p "$home/$receipts"
		as 4001 sh -c "echo 4194000 >'$home/$receipts/own.pid'"
		;;
	esac
	user 4001
	HOME=$home agent desk --name sprout-desktop --double-fork --setsid -- $other &
	await 1
	orphan left $other
	AS=
	# While the desktop lives it is seen where it has them.
	fresh
	tick --grace 1 --all-users
	end_process "${P[desk]}"
	wait_for dead "${P[desk]}"
	half_an_interval
	tick --grace 1 --all-users
	check_dead "receipts behind a link ($way): the orphan is ended, whatever he configures" left
	check "... and root's file is there" test -s "$WORK/of-root/agents/agent-pids/old.pid"
done
check 'while his own receipt is removed' test ! -e "$WORK/home.none/$receipts/own.pid"

# A desktop that cannot be read makes its instance unknown.
user 4001; orphan a1 $ID
rm -f "$WORK"/state.4001/ledger-*.json
agent d1 --name sprout-desktop --double-fork --setsid --dumpable 0 -- other.id &
await 1
AS=
run_as 4001 --list --json
like "$(owner $ID)" '^unknown/' 'a desktop with a refused environment: unknown'
run_as 4001 --sweep --once --grace 1 --term-timeout 300ms
check_alive 'and none is ended' a1
check 'a refused environment is counted' test "$(run_as 4001 --list --json; q .unreadable)" -ge 1
run_as 4001 --list --json
is "$(q .complete)" true 'which leaves the scan complete'
end_process "${P[d1]}"
rm -f "$WORK"/state.4001/ledger-*.json
run_as 4001 --sweep --once --grace 1 --term-timeout 300ms
check_dead 'without that desktop it is ended' a1

run_as 4001 --explain 1
check 'a process of root'\''s can be asked about' test "$status" -le 1
done_testing
