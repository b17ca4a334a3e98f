#!/bin/sh
# SPDX-License-Identifier: MIT
# What the steps for GitHub, GitLab and Jenkins run: fetch the static program of a
# release, check it against the release's SHA256SUMS, and run a command under it. By the
# environment:
#
#	STRAY_RELEASE	URL of the folder that holds the release's files (https, file)
#	STRAY_RUN	the command, given to a shell that stops at the first failure
#	STRAY_FORMAT	text, junit or github; text is the default
#	STRAY_OUTPUT	a file for the report, else standard error
#	STRAY_OPTIONS	further options of `stray --check`, such as `--kill --settle 5s`
#
# Exits as `stray --check -- CMD` does: with the command's own failure, 1 where it left
# processes behind, 3 where that cannot be told; 2 where the program cannot be had.
set -eu
fail() {
	echo "stray-ci: $1" >&2
	exit 2
}
[ "${STRAY_RELEASE:-}" ] || fail 'STRAY_RELEASE is not set'
[ "${STRAY_RUN:-}" ] || fail 'STRAY_RUN is not set'
[ "$(uname -s)" = Linux ] || fail 'stray runs on Linux only'

fetch() { # NAME: of the release, into the work folder
	case $STRAY_RELEASE in
	file://*) cp "${STRAY_RELEASE#file://}/$1" "$work/$1" ;;
	*)
		if command -v curl >/dev/null 2>&1; then
			curl -fsSL --retry 3 -o "$work/$1" "$STRAY_RELEASE/$1"
		else
			wget -q -O "$work/$1" "$STRAY_RELEASE/$1"
		fi
		;;
	esac || fail "cannot fetch $STRAY_RELEASE/$1"
}

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
program=stray-linux-$(uname -m)
fetch SHA256SUMS
fetch "$program"
(cd "$work" && grep "  $program\$" SHA256SUMS >wanted && sha256sum -c wanted >/dev/null 2>&1) ||
	fail "$program is not what SHA256SUMS says"
chmod 755 "$work/$program"

shell='sh -e'
! command -v bash >/dev/null 2>&1 || shell='bash -eo pipefail'
status=0
# shellcheck disable=SC2086 # lists of words on purpose
"$work/$program" --check --format "${STRAY_FORMAT:-text}" ${STRAY_OUTPUT:+--output "$STRAY_OUTPUT"} \
	${STRAY_OPTIONS:-} -- $shell -c "$STRAY_RUN" || status=$?
exit $status
