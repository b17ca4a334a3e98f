#!/bin/bash
# SPDX-License-Identifier: MIT
# shellcheck source=tests/helpers/tap.sh
# `make static`: one file that needs nothing of the machine it is copied to but /proc.
. "$(dirname "$0")/../helpers/tap.sh"
STATIC=${STATIC:-$(dirname "$STRAY")/static/stray}
DRIVE_BIN=${HELPERS%/helpers}/screen/drive
ID=org.example.app
CHROOT=$(PATH=$PATH:/usr/sbin:/sbin command -v chroot)
if [ ! -x "$STATIC" ]; then
	echo '1..0 # SKIP no static program is built'
	exit 0
fi

check 'the static program wants no shared library' grep -qE 'not a dynamic|statically linked' <(ldd "$STATIC" 2>&1)
check 'it is stripped' test -z "$(nm "$STATIC" 2>/dev/null)"
check 'it is smaller than 3 MB' test "$(stat -c %s "$STATIC")" -lt 3000000
is "$("$STATIC" --version 9>&-)" "$("$STRAY" --version 9>&-)" 'it is the same version'

# A root with that file, an empty /tmp, and what each container has: /proc, /dev/null.
root=$WORK/root
mkdir -p "$root"/{proc,tmp,dev}
cp "$STATIC" "$root/stray"
: >"$root/dev/null"
if ! mount --bind /dev/null "$root/dev/null" 2>/dev/null || ! mount -t proc proc "$root/proc" 2>/dev/null || ! "$CHROOT" "$root" /stray --version >/dev/null 2>&1; then
	skip 'the static program runs in an empty root' 'cannot mount or change the root here'
	done_testing
fi
inside() { # ARGUMENT...
	env -i TERM="${TERM:-xterm}" PATH=/ HOME=/ "$CHROOT" "$root" /stray "$@" >"$WORK/out" 2>"$WORK/err" 9>&-
	status=$?
}
orphan a $ID
inside --list --json
is "$status $(q '.instances[0].id')" "0 $ID" 'in an empty root --list sees what runs'
is "$(q '.complete')" true '... and sees all of it'
inside --check --settle 0
is "$status" 1 '--check finds the leak'
like "$(out)$(err)" "pid ${P[a]}" '... and names it'
inside --demo --list --json
is "$status $(q '[.instances[].owner.state] | unique | .[:2] | join(" ")')" '0 alive gone' '--demo has its fleet'
inside --demo --sweep --once --grace 1 --term-timeout 300ms --json
is "$status" 0 '--demo --sweep ends its orphans'
inside --check -- /stray --version
is "$status $(grep -c '^stray ' "$WORK/out")" '0 1' '--check -- CMD runs a command'
inside --uid root --list
is "$status" 2 'a user name that is in no /etc/passwd is an error'

# Terminals are built in, as there is no terminfo database.
view() { # TERM: ok for the screen, ok for the key, the exit status
	printf '%s\n' 'wait demo.app' 'send q' 'end' |
		env -i TERM="$1" HOME=/ timeout 60 "$DRIVE_BIN" 24x100 "$CHROOT" "$root" /stray --demo 2>&1 9>&- | xargs
}
if [ -x "$DRIVE_BIN" ]; then
	for name in xterm-256color linux screen; do
		is "$(view $name)" 'ok ok |0 ok' "the view opens on a $name"
	done
else
	skip 'the view opens' 'the screen tests are not built'
fi
inside
is "$status" 2 'without a terminal the view says so'
umount "$root/proc" "$root/dev/null"
done_testing
