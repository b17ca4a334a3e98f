#!/bin/bash
# SPDX-License-Identifier: MIT
# shellcheck source=tests/helpers/tap.sh disable=SC2016,SC2119 # scripts of a tree are expanded there
# Every face's exit status, errors of usage and configuration, --explain,
# --print-config, and --reap from the traps of shells.
. "$(dirname "$0")/../helpers/tap.sh"
ID=org.example.app GONE=org.example.gone

# --- usage ------------------------------------------------------------------------
orphan a $GONE
usage() { # NAME ARGUMENT...
	local name=$1
	shift
	fresh
	run "$@"
	is "$status" 2 "$name: 2"
	check "$name: says so on stderr" test -s "$WORK/err"
	is "$(out)" '' "$name: and prints nothing else"
	check_alive "$name: ends none" a
}
usage 'an unknown option' --sweep --once --grace 1 --nonesuch
usage 'an unknown short one' -Z
usage 'a stray argument' --list something
usage 'two faces' --list --sweep
usage 'two faces, one of which ends' --sweep --once --grace 1 --check
usage 'the same in the other order' --check --sweep --once --grace 1
usage 'a face that wants an argument' --reap
usage 'an empty instance' --reap ''
usage 'a face without its command' --run
usage 'a face that takes none' --list -- true
usage 'a grace of nothing' --sweep --once --grace 0
usage 'a grace too large' --sweep --once --grace 11
usage 'a grace that is none' --sweep --once --grace two
usage 'an interval too short' --sweep --once --grace 1 --interval 999ms
usage 'an interval too long' --sweep --once --grace 1 --interval 25h
usage 'an interval with a unit that is none' --sweep --once --grace 1 --interval 60x
usage 'a negative time' --sweep --once --grace 1 --term-timeout -1s
usage 'an enormous time' --sweep --once --grace 1 --term-timeout 99999999999999999999d
usage 'a truth that is none' --sweep --once --grace 1 --reap-detached=maybe
usage 'a pid that is none' --explain goose
usage 'a pid below 1' --explain 0
usage 'a form that is none' --check --format yaml
usage 'an option of another face' --list --kill
usage 'a file that is not there' --sweep --once --grace 1 --config "$WORK/nonesuch"
usage 'a state directory that is none' --sweep --once --grace 1 --keep ''
for face in --list --sweep --check --reap=x --explain=1 --print-config; do
	run $face --help
	is "$status" 0 "$face --help exits 0"
done
run --help
is "$status" 0 '--help exits 0'
for face in --list --sweep --check --reap --run --explain --demo; do
	like "$(out)" "$face" "and speaks of $face"
done
check 'in lines that fit' test "$(out | wc -L)" -le 80
run --version
is "$status" 0 '--version exits 0'
like "$(out)" '[0-9]+\.[0-9]+' 'and prints one'

# --- configuration ------------------------------------------------------------------
wrong() { # LINE NAME TEXT
	printf '%s\n' "$3" >"$WORK/wrong.conf"
	usage "$2" --sweep --once --grace 1 --config "$WORK/wrong.conf"
	like "$(err)" "wrong.conf:$1:" "$2: at line $1"
}
wrong 2 'an unknown key' $'[sweep]\nintervall = 60s'
wrong 1 'an unknown section' $'[sweeper]\ninterval = 60s'
wrong 3 'a bad value' $'[sweep]\n; fine\ngrace = many'
wrong 2 'a value out of bounds' $'[sweep]\ninterval = 2d'
wrong 1 'no section at all' 'interval = 60s'
wrong 1 'no INI at all' 'this is prose'
wrong 2 'a key of an app' $'[app x]\nmark = Y'
wrong 2 'a truth that is none' $'[sweep]\nreap-detached = perhaps'
wrong 3 'an owner that is none' $'[app x]\nmarker = Y\nowner = group'
config <<-CONF
	[sweep]
	grace = none
CONF
run --list
is "$status" 2 'a bad configuration stops a look, too'
like "$(err)" "stray/stray.conf:2:" 'at its line'
XDG_CONFIG_HOME=$WORK/xdg
export XDG_CONFIG_HOME
run --list
is "$status" 0 'XDG_CONFIG_HOME is another place'
mkdir -p "$XDG_CONFIG_HOME/stray"
echo '[sweep' >"$XDG_CONFIG_HOME/stray/stray.conf"
run --list
is "$status" 2 'where it is read'
unset XDG_CONFIG_HOME
# Without HOME it is the user's all the same: a keep list must not get lost.
cp "$STRAY" "$WORK/bin/stray"
cat >"$WORK/homeless.sh" <<-'SCRIPT'
	mount -t tmpfs none "$1" 2>/dev/null || exit 77
	mkdir -p "$1/.config/stray"
	echo '[sweep' >"$1/.config/stray/stray.conf"
	exec env -u HOME "$WORK/bin/stray" --list
SCRIPT
unshare -m bash "$WORK/homeless.sh" "$(getent passwd "$(id -u)" | cut -d: -f6)" >"$WORK/out" 2>"$WORK/err" 9>&-
status=$?
if [ $status = 77 ]; then
	skip 'without HOME the user'\''s configuration is read' 'cannot mount here'
else
	is "$status" 2 'without HOME the user'\''s configuration is read'
	like "$(err)" '/.config/stray/stray.conf:1: ' 'from the home that the system knows'
fi
config <<-CONF
	; everything that there is
	[sweep]
	interval = 30s        ; a comment
	grace = 4
	term-timeout = 7s
	spare-listeners = 2h
	reap-detached = yes
	max-kill = 9
	keep = my-daemon, jupyter*
	adopter = my-init
	[app mine]
	marker = MY_AGENT
	desktop = my-desktop
	default-instance = my.default
	receipts = ~/x/%i
CONF
run --print-config
is "$status" 0 '--print-config exits 0'
like "$(out)" 'as pid 1, what only waits: tail, sleep, cat, pause' 'it names what adopts as pid 1 only'
for text in 30s 7s 2h my-daemon 'jupyter\*' my-init MY_AGENT my-desktop my.default SPROUT_MANAGED_AGENT \
	BUZZ_MANAGED_AGENT STRAY_INSTANCE; do
	like "$(out)" "$text" "and prints $text"
done
like "$(out)" 'stray\.conf' 'and where it came from'
run --print-config --interval 5m
like "$(out)" '5m' 'the command line beats the file'
run --print-config --config /dev/null
like "$(out)" '60s|1m' 'an empty file means what is built in'
config </dev/null

# --- state ---------------------------------------------------------------------------
chmod 755 "$STRAY_STATE_DIR"
run --sweep --once --grace 1
is "$status" 2 'without a state directory of its own a sweep exits 2'
check_alive 'and ends none' a
chmod 700 "$STRAY_STATE_DIR"
mv "$STRAY_STATE_DIR" "$STRAY_STATE_DIR.real"
ln -s "$STRAY_STATE_DIR.real" "$STRAY_STATE_DIR"
run --sweep --once --grace 1
is "$status" 2 'nor in one behind a link'
check_alive 'it ends none' a
rm "$STRAY_STATE_DIR"
mv "$STRAY_STATE_DIR.real" "$STRAY_STATE_DIR"

# Its name is no more to be trusted than any other.
mkdir -m 700 "$WORK/"$'st\e[31m'
STRAY_STATE_DIR=$WORK/$'st\e[31m' "$STRAY" --sweep >"$WORK/first" 9>&- &
first=$!
wait_for test -s "$WORK/first"
STRAY_STATE_DIR=$WORK/$'st\e[31m' run --sweep --once
is "$status" 2 'where another one sweeps it does not'
like "$(err)" "already swept by pid $first, which holds '.*st.x1b\[31m/sweep.lock'" 'and names the sweeping process, and the lock'
kill -TERM $first
wait $first

# --- the /proc of another pid namespace ---------------------------------------------
if unshare -pf --kill-child "$STRAY" --list >"$WORK/out" 2>"$WORK/err" 9>&-; then status=0; else status=$?; fi
is "$status" 3 'in another pid namespace'\''s /proc it refuses'
check 'and says why' test -s "$WORK/err"

# --- --explain ------------------------------------------------------------------------
run --explain "${P[a]}"
is "$status" 0 '--explain exits 0'
like "$(out)" "$GONE" 'and names the instance'
run --explain "${P[a]}" --json
check 'in JSON, too' jq -e . "$WORK/out"
run --explain $$
is "$status" 0 'of an ordinary process'
like "$(out)" 'not managed: it ' 'that it is not managed, and why'
run --explain $$ --json
is "$(q '.managed, (.not_managed | length > 0)' | xargs)" 'false true' 'in JSON, too'
run --explain 4194303
check 'of a pid that no process has: an error' test "$status" != 0
check 'that is said' test -s "$WORK/err"
orphan lone $GONE --lone-thread
run --explain "${P[lone]}"
is "$status" 0 'of one without its main thread'
thread=$(basename -a /proc/"${P[lone]}"/task/* | grep -vx "${P[lone]}")
run --explain "$thread"
is "$status" 2 'of a thread: no process has that id'
like "$(err)" "no process $thread: that is a thread of pid ${P[lone]}" 'and the process of that thread is named'
end_process "${P[lone]}"
orphan k $GONE --env STRAY_KEEP=1
run --explain "${P[k]}"
like "$(out)" 'STRAY_KEEP' 'it says what keeps a process'
end_process "${P[k]}"

# --- a sweep that cannot end a process, one that has nothing to do -----------------------
sweep_now
is "$status" 0 'a sweep that ended all exits 0'
check_dead 'that is so' a
sweep_now
is "$status" 0 'one that had nothing to do, too'

# --- traps ------------------------------------------------------------------------------
cat >"$WORK/trap.sh" <<-'TRAP'
	INSTANCE_ID=org.example.trap
	trap '"$STRAY" --reap "$INSTANCE_ID" --term-timeout 300ms; echo $? >"$WORK/trap.status"' EXIT
	(SPROUT_MANAGED_AGENT=$INSTANCE_ID exec "$FA" --ready "$READY" --tag t1 --name goose) &
	(SPROUT_MANAGED_AGENT=$INSTANCE_ID exec "$FA" --ready "$READY" --tag t2 --double-fork --setsid) &
	read -r line <"$WORK/go"
	eval "$line"
TRAP
mkfifo "$WORK/go"
for shell in bash dash; do
	if ! command -v $shell >/dev/null; then
		skip "$shell: a trap" "no $shell"
		continue
	fi
	for way in 'exit 5' 'kill -TERM $$' ':'; do
		[ "$shell:$way" != 'dash:kill -TERM $$' ] || continue # its EXIT trap is not for signals
		$shell "$WORK/trap.sh" >/dev/null 9>&- &
		script=$!
		await 2
		check_alive "$shell, '$way': agents" t1 t2
		echo "$way" >"$WORK/go"
		wait $script
		is $? "$(case $way in exit*) echo 5 ;; kill*) echo 143 ;; *) echo 0 ;; esac)" \
			"$shell, '$way': the script's status is its own"
		is "$(cat "$WORK/trap.status")" 0 "$shell, '$way': --reap exits 0"
		check_dead "$shell, '$way': its agents are ended" t1 t2
	done
done
cat >"$WORK/unset.sh" <<-'TRAP'
	trap '"$STRAY" --reap "$UNSET_VARIABLE"; echo $? >"$WORK/trap.status"' EXIT
TRAP
orphan a $GONE
bash "$WORK/unset.sh" 2>/dev/null 9>&-
is "$(cat "$WORK/trap.status")" 2 'an unset variable in a trap: 2'
check_alive 'and none is ended' a
done_testing
