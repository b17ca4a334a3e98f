#!/bin/bash
# SPDX-License-Identifier: MIT
# shellcheck source=tests/helpers/tap.sh disable=SC2119
# The other system calls of the reaping and of the ledger, one after the other: each
# fails, once and always. STRAY_FAULTS: how many of each are tried by number.
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
nrs=${STRAY_FAULTS:-2}

# Those of the loader come first, and are not what this is about.
loaders() { # CALL: how many
	"$INJECT" --call "$1" --count "$WORK/loader" -- "$STRAY" --version >"$WORK/null" 2>&1 9>&-
	cat "$WORK/loader"
}

# Whatever comes of it: nothing is said that is not so, none is frozen, and a sweep
# that nothing disturbs ends all.
for fault in 'getdents64 EIO' 'getdents64 ENOMEM' 'read EIO' 'read EINTR' 'newfstatat EACCES' \
	'newfstatat EIO' 'readlinkat EACCES' 'readlinkat EIO' 'fcntl EINTR' 'fcntl EAGAIN' 'ftruncate EIO' 'pwrite64 ENOSPC' \
	'unlinkat EIO' 'mkdir ENOSPC' 'sendto ENOMEM' 'recvfrom EINTR' 'recvfrom EIO' 'socket EMFILE' \
	'setrlimit EPERM' 'clone3 EAGAIN' 'openat EACCES' 'openat EIO' 'fsync EINTR' 'poll EINTR'; do
	read -r call error <<<"$fault"
	first=$(loaders "$call")
	# What is interrupted is tried again, for ever if need be.
	[ "$error" = EINTR ] ||
		try "$call: $error, each time" '0 1 2 3' '' --call "$call" --from $((first + 1)) --error "$error"
	for ((nr = 1; nr <= nrs; nr++)); do
		try "$call: $error at number $((nr * nr * nr))" '0 1 2 3' '' \
			--call "$call" --when $((first + nr * nr * nr)) --error "$error"
	done
done

# A write that is short goes on with the rest.
for part in 1 100; do
	try "the ledger in writes of $part bytes" 0 '' --call write --path ledger- --short $part
done
fresh
victims
"$INJECT" --call write --path ledger- --short 7 -- "$STRAY" --sweep --once --grace 2 >"$WORK/out" 2>"$WORK/err" 9>&-
is "$(jq '.processes | length' "$STRAY_STATE_DIR"/ledger-*.json)" 3 'and it is whole'
for tag in a b c; do
	end_process "${P[$tag]}"
done
done_testing
