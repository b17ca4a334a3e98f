#!/bin/sh
# SPDX-License-Identifier: MIT
# Perform the plays: shots.sh CAMERA STRAY FOLDER, CAMERA being shot or scenes. In
# namespaces of its own, so that the machine's name and the user's are the same
# everywhere; nothing but the demo fleet runs there. Needs no root.
set -eu
[ $# = 3 ] || {
	echo "usage: shots.sh CAMERA STRAY FOLDER" >&2
	exit 2
}
mkdir -p "$3"
camera=$(realpath "$1")
stray=$(realpath "$2")
folder=$(realpath "$3")
TMPDIR=$(mktemp -d)
export TMPDIR
trap 'rm -rf "$TMPDIR"' EXIT
chmod 755 "$TMPDIR"
mkdir "$TMPDIR/state"
echo 'ana:x:1000:1000::/:/bin/sh' >"$TMPDIR/passwd"

# shellcheck disable=SC2016 # for the inner shell
unshare --user --map-root-user --uts --mount sh -eu -c '
	hostname devbox
	mount --bind "$TMPDIR/passwd" /etc/passwd
	TMPDIR=$TMPDIR/state
	exec unshare --user --map-user=1000 --map-group=1000 --pid --fork --mount-proc \
		--kill-child "$@"' sh "$camera" "$stray" "$folder"
