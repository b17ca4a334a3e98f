#!/bin/bash
# SPDX-License-Identifier: MIT
# shellcheck source=tests/helpers/tap.sh disable=SC2016
# The table of processes is full of orphans: then they must be reapable above all.
. "$(dirname "$0")/../helpers/tap.sh"

if [ -z "$TAP_ROOT" ]; then
	skip 'a full table of processes' 'needs root, to become a user with a limit'
	done_testing
fi
install -m 755 "$STRAY" "$WORK/bin/stray"
chmod 711 "$WORK" # the other user may come by
mkdir -m 700 "$WORK/theirs"
chown 4001 "$WORK/theirs"
as=(env HOME=/nonexistent XDG_CONFIG_HOME= STRAY_STATE_DIR="$WORK/theirs" XDG_STATE_HOME="$WORK/theirs"
	setpriv --reuid 4001 --regid 4001 --clear-groups)

fill() { # NR: orphans of that user
	local i
	tags=()
	for ((i = 0; i < $1; i++)); do
		AS="setpriv --reuid 4001 --regid 4001 --clear-groups" orphan "full$i" x.gone
		tags+=("full$i")
	done
}
# One place is left, as for the last fork of a login shell: it is stray's own.
limited() { # NR FACE...
	local nr=$1
	shift
	(ulimit -u "$nr"; exec "${as[@]}" "$WORK/bin/stray" "$@" 9>&-) >"$WORK/out" 2>"$WORK/err" 9>&-
	status=$?
}
chmod 755 "$WORK/bin"

fill 12
limited 13 --list --json
is "$status" 0 '--list with a full table of processes'
is "$(q '.complete, .instances[0].orphans' | xargs)" 'true 12' '... sees all of them'
limited 13 --reap x.gone --settle 0
is "$status: $(err)" '0: ' '--reap with a full table of processes'
check_dead '... ends all of them' "${tags[@]}"
fill 12
limited 13 --sweep --once --grace 1
is "$status" 0 '--sweep with a full table of processes'
check_dead '... ends all of them' "${tags[@]}"
fill 12
limited 13 --run -- true
is "$status" 3 '--run cannot start its command there'
like "$(err)" "cannot run 'true': Resource temporarily unavailable" '... and says why'
limited 14 --run -- true
is "$status: $(err)" '0: ' 'with one more place it can'
done_testing
