#!/bin/bash
# SPDX-License-Identifier: MIT
# shellcheck source=tests/helpers/tap.sh disable=SC2016,SC2119,SC2317 # scripts are expanded elsewhere
# Where stray finds itself: state folders that are full, read-only, gone or not
# its own, hardly any descriptors or processes left, a /proc that hides others.
. "$(dirname "$0")/../helpers/tap.sh"
GONE=org.example.gone
canary goose
frozen() { grep -l '^State:.T' /proc/[0-9]*/status 2>/dev/null | xargs; }
victims() {
	orphan a $GONE
	orphan b $GONE --ignore-term
}
ended() { # NAME [STATUSES]: both, and none stands frozen
	local name=$1
	if [[ " ${2:-0} " != *" $status "* ]]; then
		fail "$name" "exit status $status" "$(said)"
	elif alive "${P[a]}" || alive "${P[b]}"; then
		fail "$name" 'they live' "$(said)"
	else
		is "$(frozen)" '' "$name"
	fi
	rm_victims
}
spared() { # NAME STATUSES: neither, and it says why
	local name=$1
	if [[ " $2 " != *" $status "* ]]; then
		fail "$name" "exit status $status" "$(said)"
	elif dead "${P[a]}" || dead "${P[b]}"; then
		fail "$name" 'one is dead' "$(said)"
	elif ! [ -s "$WORK/err" ]; then
		fail "$name" 'not a word'
	else
		is "$(frozen)" '' "$name"
	fi
	rm_victims
}
rm_victims() {
	local tag
	for tag in a b; do
		alive "${P[$tag]}" && end_process "${P[$tag]}"
	done
}
# It may end them or say that it does not; not the one thing and the other word.
honest() { # NAME
	local name=$1 left=
	alive "${P[a]}" && left+=a
	alive "${P[b]}" && left+=b
	if [ "$status" = 0 ] && [ "$left" ]; then
		fail "$name" "status 0, alive: $left" "$(said)"
	elif [ "$status" -gt 3 ]; then
		fail "$name" "status $status" "$(said)"
	elif [ "$status" != 0 ] && ! [ -s "$WORK/err" ] && ! grep -qE 'refused|survived|incomplete' "$WORK/out"; then
		fail "$name" "status $status without a word" "$(said)"
	else
		is "$(frozen)" '' "$name"
	fi
	rm_victims
}
reap_now() { run --sweep --once --grace 1 --term-timeout 30ms; }

# --- the state folder ---------------------------------------------------------------
if mount -t tmpfs -o size=16k,mode=700 none "$STRAY_STATE_DIR" 2>/dev/null; then
	head -c 100000 /dev/zero >"$STRAY_STATE_DIR/fill" 2>/dev/null
	victims
	reap_now
	ended 'a full state folder: reaped without freezing' '0 1 2 3'
	check 'and that is said' grep -q 'cannot' "$WORK/err"
	is "$(find "$STRAY_STATE_DIR" -name '*.new')" '' 'nothing half written is left there'
	victims
	run --reap $GONE --settle 0 --term-timeout 30ms
	ended '--reap with a full state folder' '0 1'
	rm "$STRAY_STATE_DIR/fill"
	if mount -o remount,ro "$STRAY_STATE_DIR" 2>/dev/null && ! touch "$STRAY_STATE_DIR/x" 2>/dev/null; then
		victims
		reap_now
		spared 'a read-only state folder' 2
		victims
		run --reap $GONE --settle 0 --term-timeout 30ms
		honest '--reap with a read-only state folder'
		run --list
		is "$status" 0 '--list with a read-only state folder'
	else
		skip 'a read-only state folder' 'cannot mount it again here'
	fi
	umount "$STRAY_STATE_DIR"
else
	skip 'full and read-only state folders' 'cannot mount here'
fi

try_state() { # NAME
	victims
	reap_now
	spared "$1: a sweep refuses" 2
	victims
	run --reap $GONE --settle 0 --term-timeout 30ms
	spared "$1: so does --reap" 2
	run --list
	is "$status" 0 "$1: --list goes on"
	check "$1: and says so" test -s "$WORK/err"
}
ours=$STRAY_STATE_DIR
mkdir -m 700 "$WORK/elsewhere"
ln -s "$WORK/elsewhere" "$WORK/link"
touch "$WORK/file"
mkdir -m 755 "$WORK/open"
for place in link link/ link/. file open 'none/below'; do
	STRAY_STATE_DIR=$WORK/$place
	try_state "a state folder that is '$place'"
done
is "$(ls -A "$WORK/elsewhere")" '' 'nothing was written through the link'
if [ "$TAP_ROOT" ]; then
	install -d -m 700 -o 4001 "$WORK/theirs"
	STRAY_STATE_DIR=$WORK/theirs
	try_state "another user's state folder"
	is "$(ls -A "$WORK/theirs")" '' 'and nothing was written there'
fi
STRAY_STATE_DIR=$ours

# Files in it that are not what they should be.
odd_file() { # NAME COMMAND...
	local name=$1
	shift
	rm -rf "${STRAY_STATE_DIR:?}"/*
	(cd "$STRAY_STATE_DIR" && "$@") || fail "$name" 'cannot make it'
	echo precious >"$WORK/target"
	victims
	timeout 60 "$STRAY" --sweep --once --grace 1 --term-timeout 30ms >"$WORK/out" 2>"$WORK/err" 9>&-
	status=$?
	honest "$name"
	is "$(cat "$WORK/target")" precious "$name: what it points to is as it was"
	rm -rf "${STRAY_STATE_DIR:?}"/*
}
name=$(ledger_name)
for file in "$name" "$name.new" ledger.lock sweep.lock; do
	odd_file "$file is a link" ln -s "$WORK/target" $file
	odd_file "$file is a fifo" mkfifo $file
	odd_file "$file is a folder" mkdir $file
	odd_file "$file is huge" truncate -s 1T $file
done

# --- it changes while a sweep runs ------------------------------------------------------
out_is() { grep -c '"event": *"tick"' "$WORK/out" 2>/dev/null; }
more_ticks() { [ "$(out_is)" -ge "$1" ]; }
counted_since() { # N: so many ticks more than now that counted
	local nr
	nr=$(grep -c '"counted": *true' "$WORK/out")
	counted() { [ "$(grep -c '"counted": *true' "$WORK/out")" -ge $((nr + $1)) ]; }
	wait_for counted "$1"
}
while_running() { # NAME COMMAND: then orphans appear
	local name=$1
	shift
	rm -rf "${ours:?}" && mkdir -m 700 "$ours"
	: >"$WORK/out"
	"$STRAY" --sweep --interval 1s --term-timeout 30ms --json >"$WORK/out" 2>"$WORK/err" 9>&- &
	service=$!
	wait_for more_ticks 1
	eval "$1"
	victims
	check "$name: it ticks on" counted_since 3
	check "$name: it is alive" alive $service
	check_dead "$name: and ends what it should" a b
	kill -TERM $service
	wait $service
	is $? 0 "$name: it ends when asked"
	is "$(frozen)" '' "$name: none is left frozen"
	rm_victims
}
while_running 'the state folder removed' 'rm -rf "$ours"'
while_running 'the state folder swapped for a link' \
	'mv "$ours" "$WORK/moved"; mkdir -m 700 -p "$WORK/trap"; ln -s "$WORK/trap" "$ours"'
is "$(ls -A "$WORK/trap")" '' 'nothing was written through it'
rm "$ours"
mkdir -m 700 "$ours"

# --- limits ---------------------------------------------------------------------------------
for limit in 4 8 12 16 24 32 64; do
	fresh
	victims
	(ulimit -n $limit; exec "$STRAY" --sweep --once --grace 1 --term-timeout 30ms) >"$WORK/out" 2>"$WORK/err" 9>&-
	status=$?
	honest "RLIMIT_NOFILE $limit"
done
for i in {1..40}; do
	orphan "n$i" $GONE
done
fresh
(ulimit -n 40; exec "$STRAY" --sweep --once --grace 1 --term-timeout 300ms) >"$WORK/out" 2>"$WORK/err" 9>&-
status=$?
left=0
for i in {1..40}; do
	alive "${P[n$i]}" && left=$((left + 1))
done
is "$status $left" '0 0' 'forty with forty descriptors, in batches'
fresh
run --sweep --once --grace 1 --term-timeout 300ms

if [ "$TAP_ROOT" ]; then
	install -d -m 700 -o 4003 "$WORK/state.4003"
	install -m 755 "$STRAY" "$WORK/bin/stray"
	as() { STRAY_STATE_DIR=$WORK/state.4003 setpriv --reuid 4003 --regid 4003 --clear-groups "$@" 9>&-; }
	users_victims() {
		rm -f "$WORK"/state.4003/ledger-*.json
		AS='setpriv --reuid 4003 --regid 4003 --clear-groups'
		victims
		AS=
	}
	run_as() {
		as "$WORK/bin/stray" "$@" >"$WORK/out" 2>"$WORK/err"
		status=$?
	}
	# Privileges were dropped, HOME was not changed: what stands there is not for this user.
	mkdir -m 700 "$WORK/rootshome" "$WORK/rootshome/.config" "$WORK/rootshome/.config/stray"
	echo '[sweep' >"$WORK/rootshome/.config/stray/stray.conf"
	HOME=$WORK/rootshome XDG_CONFIG_HOME='' run --print-config
	is "$status" 2 'a configuration at the usual place is read'
	HOME=$WORK/rootshome XDG_CONFIG_HOME='' run_as --print-config
	is "$status$(err)" 0 'one that cannot be reached, in the home of another user, is not there'
	like "$(out)" '^; no configuration file was read' 'and none was read'
	as "$WORK/bin/stray" --config "$WORK/rootshome/.config/stray/stray.conf" --print-config >"$WORK/out" 2>"$WORK/err"
	is $? 2 'unless it was asked for by name'

	# As many processes as the user may have: no thread can be made.
	for limit in 2 3 4; do
		users_victims
		(ulimit -u $limit; as "$WORK/bin/stray" --sweep --once --grace 1 --term-timeout 30ms) >"$WORK/out" 2>"$WORK/err"
		status=$?
		honest "RLIMIT_NPROC $limit"
	done
	users_victims
	run_as --sweep --once --grace 1 --term-timeout 30ms
	ended 'as an ordinary user'
	users_victims
	(umask 777; run_as --sweep --once --grace 1 --term-timeout 30ms; exit $status)
	status=$?
	ended 'with a umask that takes all away'

	# --- a /proc that hides others' processes ----------------------------------------
	mount -o remount,hidepid=2 /proc 2>/dev/null
	if as ls /proc/1 >"$WORK/null" 2>&1; then
		skip 'hidepid=2' 'cannot mount /proc so'
	else
		users_victims
		run_as --list
		is "$status" 0 'a user behind hidepid=2 looks'
		check 'and sees his own' grep -q $GONE "$WORK/out"
		run_as --sweep --once --grace 1 --term-timeout 30ms
		check_alive 'and ends none, since an owner may be hidden as well' a b
		like "$(err)" 'hidepid=2.*gid=' 'and says so, and what helps'
	fi
	mount -o remount,hidepid=0 /proc

	# --- no place at all is given: that of the session, else below /tmp ---------------
	place=/tmp/stray-4003
	[ -e $place ] || made=yes
	users_victims
	unset STRAY_STATE_DIR
	setpriv --reuid 4003 --regid 4003 --clear-groups "$WORK/bin/stray" --sweep --once --grace 1 \
		--term-timeout 30ms >"$WORK/out" 2>"$WORK/err" 9>&-
	status=$?
	ended 'without XDG_RUNTIME_DIR and STRAY_STATE_DIR'
	is "$(stat -c '%u %a' $place)" '4003 700' 'the folder below /tmp is his alone'
	[ -z "${made:-}" ] || rm -rf $place
	export STRAY_STATE_DIR=$ours
else
	skip 'as other users' 'needs root'
fi

# --- a user's own user namespace --------------------------------------------------------------
if [ "$TAP_ROOT" ] && as unshare -Ur true 2>/dev/null; then
	users_victims
	as unshare -Ur "$WORK/bin/stray" --sweep --once --grace 1 --term-timeout 30ms >"$WORK/out" 2>"$WORK/err"
	status=$?
	honest 'in a user namespace of his own'
	users_victims
	as unshare -Urpf --mount-proc "$WORK/bin/stray" --sweep --once --grace 1 --term-timeout 30ms \
		>"$WORK/out" 2>"$WORK/err"
	status=$?
	check_alive 'in a pid namespace of its own it ends none outside' a b
	rm_victims
	users_victims
	as unshare -Urpf "$WORK/bin/stray" --sweep --once --grace 1 --term-timeout 30ms >"$WORK/out" 2>"$WORK/err"
	status=$?
	spared 'with the /proc of another pid namespace' 3
	unshare -pf "$STRAY" --reap $GONE --settle 0 >"$WORK/out" 2>"$WORK/err" 9>&-
	is $? 3 '--reap refuses that, too'
else
	skip 'in a user namespace' 'cannot make one here'
fi
done_testing
