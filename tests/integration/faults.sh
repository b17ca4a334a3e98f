#!/bin/bash
# SPDX-License-Identifier: MIT
# shellcheck source=tests/helpers/tap.sh disable=SC2016,SC2119 # scripts are expanded elsewhere
# System calls that fail while processes are ended and while that is written
# down: what is said is true, none stays frozen, no other is touched.
# shellcheck source=tests/helpers/faults.sh
. "$(dirname "$0")/../helpers/faults.sh"
. "$(dirname "$0")/../helpers/tap.sh"
GONE=org.example.gone
INJECT=$HELPERS/inject
if ! "$INJECT" --call fsync -- true; then
	echo '1..0 # SKIP cannot put a filter before system calls here'
	exit 0
fi
canary goose
canary node

victims
run --sweep --once --grace 1 --term-timeout 30ms --json
is "$(wrong 0)" '' 'undisturbed, three are ended'

# --- the handles ----------------------------------------------------------------
try 'no pidfds in this kernel' '1 2 3' '' --call pidfd_open --error ENOSYS
for error in EMFILE ENFILE ENOMEM EPERM; do
	try "pidfd_open: $error" '1 2 3' '' --call pidfd_open --error $error
done
for nr in 1 2 3 4 5 6; do
	try "pidfd_open: EMFILE at number $nr" '0 1 2 3' '' --call pidfd_open --when $nr --error EMFILE
	try "pidfd_open: EPERM at number $nr" '0 1 2 3' '' --call pidfd_open --when $nr --error EPERM
done
try 'pidfds without numbers of their own' '0' '' --call fstatfs --error ENOSYS

# --- the signals ------------------------------------------------------------------
for error in EPERM EINVAL ENOSYS EAGAIN; do
	try "SIGTERM: $error" '1 2 3' '' --call pidfd_send_signal --arg 1=15 --error $error
	try "SIGKILL: $error" '1 2 3' '' --call pidfd_send_signal --arg 1=9 --error $error
	try "SIGSTOP: $error" '0 1' '' --call pidfd_send_signal --arg 1=19 --error $error
done
for nr in 1 2 3; do
	try "SIGTERM: EPERM at number $nr" '1' '' --call pidfd_send_signal --arg 1=15 --when $nr --error EPERM
	try "SIGKILL: EPERM at number $nr" '0 1' '' --call pidfd_send_signal --arg 1=9 --when $nr --error EPERM
	try "SIGSTOP: EPERM at number $nr" '0 1' '' --call pidfd_send_signal --arg 1=19 --when $nr --error EPERM
done

# --- the waiting --------------------------------------------------------------------
for nr in 1 2 3 4 5 6 7 8; do
	try "poll: EINTR at number $nr" '0' '' --call poll --when $nr --error EINTR
	try "poll: ENOMEM at number $nr" '0 1' '' --call poll --when $nr --error ENOMEM
done
try 'poll: ENOMEM each time' '1 2 3' '' --call poll --error ENOMEM
try 'no epoll' '0' '' --call epoll_create1 --error EMFILE

# --- the ledger -------------------------------------------------------------------------
for error in ENOSPC EROFS EACCES EDQUOT EMFILE EIO; do
	try "a new ledger: $error" '0 1 2 3' 'cannot write the ledger' \
		--call openat --path .json.new --error $error
done
for error in ENOSPC EIO EDQUOT; do
	try "writing the ledger: $error" '0 1 2 3' 'cannot write the ledger' --call write --path ledger- --error $error
	try "fsync of the ledger: $error" '0 1 2 3' 'cannot write the ledger' --call fsync --path ledger- --error $error
	try "renaming the ledger: $error" '0 1 2 3' 'cannot write the ledger' --call renameat --path ledger- --error $error
done
try 'writing the ledger: EINTR' '0' '' --call write --path ledger- --when 1 --error EINTR
for nr in 1 2 3; do
	try "fsync: EIO at number $nr" '0 1 2 3' '' --call fsync --when $nr --error EIO
done
try 'the ledger cannot be locked' '0 1 2 3' 'ledger' --call openat --path ledger.lock --error EACCES
try 'the sweep cannot be locked' '2 3' '' --call openat --path sweep.lock --error EACCES
is "$(find "$STRAY_STATE_DIR" -name '*.new')" '' 'no temporary file is left over'

# --- the looking ------------------------------------------------------------------------------
for error in EIO ENOMEM; do
	try "/proc cannot be listed: $error" '3' '' --call getdents64 --path /proc --error $error
done
for error in EMFILE ENFILE ENOMEM EIO; do
	try "stat cannot be opened: $error" '3' '' --call openat --path stat --error $error
	try "environ cannot be opened: $error" '3' '' --call openat --path environ --error $error
	try "environ cannot be read: $error" '3' '' --call read --path /environ --error $error
done
# Those of the loader come first, and are not what this is about.
"$INJECT" --call openat --count "$WORK/loader" -- "$STRAY" --version >"$WORK/null" 2>&1 9>&-
read -r loader <"$WORK/loader"
for nr in 1 2 4 7 12 20 30 45; do
	try "openat: EMFILE from number $nr" '0 1 2 3' '' --call openat --from $((loader + nr)) --error EMFILE
	try "openat: ENOMEM at number $nr" '0 1 2 3' '' --call openat --when $((loader + nr)) --error ENOMEM
done
try 'no threads' '0 3' '' --call clone3 --error EAGAIN
try 'no sockets' '0 1' '' --call socket --error EACCES

# --- stray itself is killed while it ends others -----------------------------------------------------
# What it froze goes on as soon as one starts that would sweep; none was touched that
# is not of the instance.
cut_off() { # NAME INJECTION...
	local name=$1 found
	shift
	victims
	"$INJECT" "$@" --signal 9 -- "$STRAY" --sweep --once --grace 1 --term-timeout 30ms --json \
		>"$WORK/out" 2>"$WORK/err" 9>&-
	status=$?
	found=$(wrong "0 137" yes)
	run --sweep --once --grace 10 --json
	[ "$status" = 0 ] || found+=" the next one exits $status"
	[ -z "$(frozen)" ] || found+=" frozen after a start: $(frozen)"
	[ -z "$found" ] || found+=$'\n'$(said)
	found+=$(clean_up)
	if [ -z "$found" ]; then pass "$name"; else fail "$name" "$found"; fi
}
for nr in 1 2 3 4 5 6 7 8 9 10 11 12; do
	cut_off "killed at its signal number $nr" --call pidfd_send_signal --when $nr
done
for nr in 1 2 3 4; do
	cut_off "killed at fsync number $nr" --call fsync --when $nr
	cut_off "killed at rename number $nr" --call renameat --when $nr
	cut_off "killed at write number $nr of the ledger" --call write --path ledger- --when $nr
done

# The next start cannot open them at first: they are not forgotten.
victims
"$INJECT" --call pidfd_send_signal --arg 1=9 --when 1 --signal 9 -- \
	"$STRAY" --sweep --once --grace 1 --term-timeout 30ms --json >"$WORK/out" 2>"$WORK/err" 9>&-
if [ -z "$(frozen)" ]; then
	skip 'frozen ones that cannot be opened' 'none was frozen'
else
	"$INJECT" --call pidfd_open --error EMFILE -- \
		"$STRAY" --sweep --once --grace 10 >"$WORK/out" 2>"$WORK/err" 9>&-
	run --sweep --once --grace 10
	is "$(frozen)" '' 'frozen ones that could not be opened are continued by the start after that'
	for tag in a b c; do
		dead "${P[$tag]}" || end_process "${P[$tag]}"
	done
fi

# --- stray is told to stop in the middle ---------------------------------------------------------
# Whether it has seen the end of the one or not: it has not seen that nothing is left.
lies=() stops=0
for nr in {8..40}; do
	fresh
	orphan told $GONE
	"$INJECT" --call getdents64 --when "$nr" --signal 15 -- \
		"$STRAY" --sweep --once --grace 1 --term-timeout 5s >"$WORK/out" 2>"$WORK/err" 9>&-
	status=$?
	dead "${P[told]}" || end_process "${P[told]}"
	grep -q 'stopped: told to stop' "$WORK/out" "$WORK/err" || continue
	stops=$((stops + 1))
	[ $status = 1 ] || lies+=("$nr: exit status $status")
done
is "${lies[*]}" '' 'a sweep that is told to stop before it has looked what is left does not say that nothing is'
check 'as happened now and then' test $stops -ge 3

# --- the service --------------------------------------------------------------------------------------
for call in timerfd_create signalfd4; do
	"$INJECT" --call $call --error EMFILE -- timeout 60 "$STRAY" --sweep >"$WORK/out" 2>"$WORK/err" 9>&-
	status=$?
	like "$status" '^[123]$' "the service without $call ends with an error"
	check 'and says so' test -s "$WORK/err"
done
done_testing
