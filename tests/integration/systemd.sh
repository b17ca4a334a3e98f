#!/bin/bash
# SPDX-License-Identifier: MIT
# shellcheck source=tests/helpers/tap.sh disable=SC2016,SC2119 # scripts of a tree are expanded there
# The installed units under a service manager of a user's that runs: it starts, sees,
# ends, reloads, is watched. Needs root, for a control group and a user of its own.
top=$(cd "$(dirname "$0")/../.." && pwd)
. "$(dirname "$0")/../helpers/tap.sh"
unset MAKEFLAGS MFLAGS MAKELEVEL NOTIFY_SOCKET DBUS_SESSION_BUS_ADDRESS
ID=org.example.app USER_ID=4242
manager=/lib/systemd/systemd

nothing() { # WHY
	echo "1..0 # SKIP $1"
	exit 0
}
[ -n "$TAP_ROOT" ] || nothing 'needs root'
if [ ! -x $manager ] || ! command -v systemctl >/dev/null; then nothing 'no systemd here'; fi
ldd "$STRAY" | grep -q libsystemd || nothing 'built without libsystemd'
[ -z "$INSTRUMENTED" ] || nothing "an instrumented program does what the unit's filter forbids"

# --- a manager ---------------------------------------------------------------------

mkdir "$WORK/cgroup"
mount -t cgroup2 cgroup2 "$WORK/cgroup" 2>/dev/null || nothing 'no unified control groups here'
own=$(mktemp -d "$WORK/cgroup$(sed -n 's/^0:://p' /proc/self/cgroup)/test-XXXXXX" 2>/dev/null)
if [ -z "$own" ]; then
	umount "$WORK/cgroup"
	nothing 'cannot make a control group here'
fi
leave() {
	echo $$ >"${own%/*}/cgroup.procs"
	echo 1 >"$own/cgroup.kill"
	wait_for eval 'find "$own" -depth -type d -exec rmdir {} \; 2>/dev/null; [ ! -d "$own" ]'
	umount "$WORK/cgroup"
	rm -rf "$WORK"
}
trap '[ $BASHPID != $$ ] || leave' EXIT
echo $$ >"$own/cgroup.procs"
mkdir "$own/user"

export XDG_RUNTIME_DIR=$WORK/run HOME=$WORK/home
unset STRAY_STATE_DIR
mkdir -m 700 "$XDG_RUNTIME_DIR"
units=$HOME/.config/systemd/user
mkdir -p "$units" "$WORK/bin" "$WORK/build"
cp "$STRAY" "$WORK/build/stray"
make -s -C "$top" -o all BUILD="$WORK/build" install PREFIX="$WORK/prefix" >/dev/null 9>&-
cp "$WORK"/prefix/share/systemd/user/* "$units"
config <<<'[sweep]
interval = 1s
term-timeout = 1s'
chown -R $USER_ID:$USER_ID "$own" "$HOME" "$XDG_RUNTIME_DIR"
export AS="setpriv --reuid $USER_ID --regid $USER_ID --clear-groups"

# What it takes for a boot: /run/systemd/system; and the one hierarchy where it looks.
echo 'set -e
mount --make-rprivate /
umount -R /sys/fs/cgroup 2>/dev/null || true
mount -t cgroup2 cgroup2 /sys/fs/cgroup
mount -t tmpfs tmpfs /run
mkdir -p /run/systemd/system
echo $$ >/sys/fs/cgroup/user/cgroup.procs
exec $AS "$1" --user --log-target=console' >boot.sh
unshare -mC sh boot.sh $manager >manager.log 2>&1 9>&- &
user() { $AS systemctl --user --no-ask-password "$@" >"$WORK/out" 2>"$WORK/err" 9>&-; }
show() { user show -p "$1" --value stray.service && out; }
is_shown() { [ "$(show "$1")" = "$2" ]; }
if ! wait_for test -S "$XDG_RUNTIME_DIR/systemd/private"; then
	end_of manager.log | sed 's/^/# /'
	nothing 'no manager comes up here'
fi
user is-system-running --wait

# --- the service --------------------------------------------------------------------------

AS="" canary goose
orphan a $ID
check 'the service starts: READY has come' user start stray.service
pid=$(show MainPID)
like "$(show StatusText)" '^1 instance, 1 agent, 1 orphan$' 'it sees an orphan with an environment that it can read'
for ns in user pid mnt net; do
	is "$(readlink "/proc/$pid/ns/$ns")" "$(readlink "/proc/$(pgrep -f "^$manager --user")/ns/$ns")" \
		"it is in its manager's $ns namespace"
done
is "$(grep -cE '^(NoNewPrivs:.1|Seccomp:.2)$' "/proc/$pid/status")" 2 'and hardened all the same'
check 'it ends the orphan' wait_for dead "${P[a]}"
check 'its state is in the runtime directory' bash -c 'test -s "$XDG_RUNTIME_DIR"/stray/ledger-*.json'
config <<<'[sweep]
interval = 1h'
check 'it reloads' user reload stray.service
is "$(show MainPID) $(show ActiveState)" "$pid active" 'and goes on'
check 'it stops' user stop stray.service
is "$(show Result) $(show ExecMainStatus)" 'success 0' 'with success'

drop_in() { # LINE
	mkdir -p "$units/stray.service.d"
	printf '[Service]\n%s\n' "$1" >"$units/stray.service.d/test.conf"
	user daemon-reload
	user reset-failed
}
drop_in WatchdogSec=1s
user start stray.service
pid=$(show MainPID)
kill -STOP "$pid"
check 'one that hangs is started again by the watchdog' wait_for is_shown NRestarts 1
user stop stray.service

# As ProtectSystem and its like would do here from systemd 254 on.
drop_in PrivateUsers=yes
user start stray.service
check 'in a user namespace of its own it ends' wait_for is_shown ActiveState failed
is "$(show ExecMainStatus) $(show NRestarts)" '3 0' 'with 3, for it sees none, and is not started again'

drop_in ''
config <<<'[sweep]
interval = 0'
user start stray.service
is "$? $(show ExecMainStatus) $(show NRestarts)" '1 2 0' 'a bad configuration is not tried twice'

# --- a command in a group that the manager delegates ---------------------------------------------

config </dev/null
# Its own group, a process that it leaves, and where that one is afterwards.
cat >"$WORK/leave.sh" <<-'SH'
	cat /proc/self/cgroup
	"$FA" --ready "$READY" --tag left --setsid --ignore-term 9>&- &
	read -r _ <"$WORK/go"
SH
mkfifo -m 666 "$WORK/go"
install -m 666 /dev/null "$WORK/group"
delegated() { # NAME WANTED: what the command said of its group, once it is over
	like "$(grep '^0::' "$WORK/group")" "^0::.*/$2/stray-[0-9]+-[0-9]+$" "$1: the command has a group of its own"
	check_dead '... what it leaves is ended' left
	is "$(find "$own" -name 'stray-[0-9]*')" '' '... and the group is removed'
}
cat >"$units/wrapped.service" <<-EOF
	[Service]
	Type=oneshot
	Delegate=yes
	Environment=WORK=$WORK FA=$FA READY=$READY
	ExecStart=$STRAY --run --term-timeout 100ms -- bash $WORK/leave.sh
	StandardOutput=file:$WORK/group
EOF
user daemon-reload
user start --no-block wrapped.service
await 1
echo >"$WORK/go"
check 'a unit with Delegate= that wraps a command ends' wait_for eval '[ "$($AS systemctl --user show -p ActiveState --value wrapped.service)" != activating ]'
delegated 'a unit with Delegate=' wrapped.service
$AS systemd-run --user --scope -q -p Delegate=yes --unit=wrapped.scope \
	"$STRAY" --run --term-timeout 100ms -- bash "$WORK/leave.sh" >"$WORK/group" 2>"$WORK/err" 9>&- &
await 1
echo >"$WORK/go"
wait $!
is "$?" 0 'systemd-run --scope with a wrapped command ends with 0'
delegated 'systemd-run --scope -p Delegate=yes' wrapped.scope

# --- services that a manager of an agent's environment starts ----------------------------------

# As an agent's shell does with `systemctl --user import-environment`: each service that is
# started from then on carries the marker.
user set-environment SPROUT_MANAGED_AGENT=$ID
orphan beside $ID
started() { # UNIT COMMAND...: and P[UNIT]
	local unit=$1
	shift
	$AS systemd-run --user -q --unit="$unit" "$@" >"$WORK/out" 2>"$WORK/err" 9>&-
	P[$unit]=$(user show -p MainPID --value "$unit" && out)
}
picture() { # FACE...: as that user, who has not looked before
	rm -f "$WORK"/home/state/ledger-*.json
	if $AS env STRAY_STATE_DIR="$WORK/home/state" "$WORK/prefix/bin/stray" "$@" >"$WORK/out" 2>"$WORK/err" 9>&-; then
		status=0
	else
		status=$?
	fi
}
mkdir -m 700 "$WORK/home/state"
chown $USER_ID "$WORK/home/state"
started plain.service sleep 1000
wait_for grep -qz "^SPROUT_MANAGED_AGENT=$ID" "/proc/${P[plain.service]}/environ"
picture --sweep --once --grace 1 --term-timeout 300ms
check_alive 'a service with the marker of an instance that is gone is kept' plain.service beside
picture --list --json
is "$(of "${P[plain.service]}" kept)" service 'as a service'
is "$(owner $ID)" unknown/none 'its instance is unknown as long as it runs'
picture --list
like "$(out)" 'plain\.service' 'and the unit is named'
user stop plain.service
picture --sweep --once --grace 1 --term-timeout 300ms
check_dead 'when it has stopped the orphan beside it is ended' beside

# What a program of the desktop session left is no service: it was adopted.
started app-editor.service -p KillMode=process sh -c 'sleep 1001 & exec sleep 1002'
wait_for eval 'pgrep -xf "sleep 1001" >/dev/null'
P[left]=$(pgrep -xf 'sleep 1001')
user stop app-editor.service
picture --sweep --once --grace 1 --term-timeout 300ms
check_dead 'what outlives a unit app-* is an orphan' left
user unset-environment SPROUT_MANAGED_AGENT

# --- the timer ------------------------------------------------------------------------------

config <<<'[sweep]
interval = 1s'
orphan b $ID
for run in 1 2; do
	check "run $run of the other service" user start stray-once.service
	[ $run = 2 ] || half_an_interval
done
check 'two runs are two ticks' wait_for dead "${P[b]}"
mkdir "$units/stray-once.timer.d"
printf '[Timer]\nOnActiveSec=\nOnUnitActiveSec=\nOnActiveSec=100ms\nOnUnitActiveSec=1s\n' >"$units/stray-once.timer.d/test.conf"
user daemon-reload
orphan c $ID
check 'the timer starts' user start stray-once.timer
check 'and sweeps' wait_for dead "${P[c]}"
user stop stray-once.timer
$AS systemctl --user exit 2>/dev/null 9>&-
wait
done_testing
