#!/bin/sh
# Draw the pictures: shots.sh SHOT STRAY FOLDER. In namespaces of its own, so that
# pids, the machine's name and the user's are the same everywhere; nothing but the
# demo fleet runs there. Needs no root.
set -eu
[ $# = 3 ] || {
	echo "usage: shots.sh SHOT STRAY FOLDER" >&2
	exit 2
}
mkdir -p "$3"
shot=$(realpath "$1")
stray=$(realpath "$2")
folder=$(realpath "$3")
users=$(mktemp)
trap 'rm -f "$users"' EXIT
echo 'ana:x:1000:1000::/:/bin/sh' >"$users"
chmod 644 "$users"

# shellcheck disable=SC2016 # for the inner shell
unshare --user --map-root-user --uts --mount sh -eu -c '
	hostname devbox
	mount --bind "$1" /etc/passwd
	exec unshare --user --map-user=1000 --map-group=1000 --pid --fork --mount-proc \
		--kill-child "$2" "$3" "$4"' sh "$users" "$shot" "$stray" "$folder"
large=$(find "$folder" -type f -size +200k)
[ -z "$large" ] || {
	echo "larger than 200 KB: $large" >&2
	exit 1
}
