#!/bin/bash
# SPDX-License-Identifier: MIT
# shellcheck source=tests/helpers/tap.sh disable=SC2016 # the blocks' shell expands
# Every command block of the README, verbatim and in its order, as on a machine that has
# nothing in /usr/local. Stand-ins: sudo runs the command, apt unpacks the package into a
# folder, systemctl looks whether the unit is there.
top=$(cd "$(dirname "$0")/../.." && pwd)
. "$(dirname "$0")/../helpers/tap.sh"
unset MAKEFLAGS MFLAGS MAKELEVEL
DRIVE_BIN=${HELPERS%/helpers}/screen/drive
if [ "$STRAY" != "$top/build/stray" ] || [ ! -x "$DRIVE_BIN" ]; then
	echo '1..0 # SKIP the README speaks of the build in build/'
	exit 0
fi
if ! mount -t tmpfs none /usr/local 2>/dev/null; then
	echo '1..0 # SKIP cannot mount here'
	exit 0
fi

mkdir -p /usr/local/bin # as each system has it
# The folder that the README speaks of: the sources, what is built, and a release's files.
mkdir here stand-ins apt
ln -s "$top"/* "$top"/.ci here/
version=$("$STRAY" --version 9>&- | sed -n 's/^stray //p')
cp "$(dirname "$STRAY")/static/stray" here/stray-linux-x86_64 2>/dev/null || cp "$STRAY" here/stray-linux-x86_64
make -s -C here install PREFIX=/usr DESTDIR="$WORK/package" >"$WORK/out" 2>"$WORK/err" 9>&-
mkdir -p package/DEBIAN
printf 'Package: stray\nVersion: %s\nArchitecture: amd64\nMaintainer: none <none@packages.invalid>\nDescription: none\n' \
	"$version" >package/DEBIAN/control
dpkg-deb --root-owner-group --build package "here/stray_${version}_amd64.deb" >"$WORK/null" 2>&1 ||
	: >"here/stray_${version}_amd64.deb"
printf '#!/bin/sh\nexec "$@"\n' >stand-ins/sudo
printf '#!/bin/sh\n[ "$1" = install ] && exec dpkg-deb -x "$2" "%s/apt"\n' "$WORK" >stand-ins/apt
printf '#!/bin/sh\nfor last; do :; done\n[ -s "/usr/local/lib/systemd/user/$last" ]\n' >stand-ins/systemctl
chmod 755 stand-ins/*
export PATH=$WORK/stand-ins:/usr/local/bin:$PATH TERM=xterm-256color

# Block N in file N.
awk '/^```sh$/ { on = 1; nr++; next } /^```$/ { on = 0 } on { print > (nr ".block") }' "$top/README.md"
blocks=$(find . -maxdepth 1 -name '*.block' | wc -l)
check 'the README has command blocks' test "$blocks" -ge 5
is "$(grep -c '^ *```' "$top/README.md")" $((2 * blocks)) 'and no block of another kind, which nothing would run'
for ((nr = 1; nr <= blocks; nr++)); do
	first=$(sed "s/ *#.*//;q" $nr.block)
	if grep -q '^make demo' $nr.block; then
		# It opens the view, which q leaves; T has it run one test instead of all.
		said=$(printf '%s\n' 'wait demo.app' 'send q' 'wait passed, 0 failed' 'show' 'end' |
			(cd here && T=layers timeout 120 "$DRIVE_BIN" 24x100 /bin/bash -e "$WORK/$nr.block" 2>&1 9>&-))
		is "$(grep -vE '^\|' <<<"$said" | xargs) $(tail -n 2 <<<"$said" | head -n 1)" 'ok ok ok ok ok |0' \
			"the block '$first ...' runs" || echo "$said"
		continue
	fi
	(cd here && exec timeout 120 bash -e -o pipefail "$WORK/$nr.block") >"$WORK/out" 2>"$WORK/err" </dev/null 9>&-
	status=$?
	is "$status" 0 "the block '$first ...' runs"
	if grep -q 'PREFIX=\$HOME' $nr.block; then
		is "$(grep -c "^$HOME/.local/" "$WORK/out") $(find "$HOME/.local" ! -type d)" \
			"$(make -s -C here install PREFIX=/usr DESTDIR="$WORK/count" 9>&- | wc -l) " 'it puts all files, and takes them away'
	fi
	if grep -q '^sudo make install' $nr.block; then
		is "$(/usr/local/bin/stray --version 9>&- | head -n 1)" "stray $version" 'the program is installed'
		if [ -s "here/stray_${version}_amd64.deb" ]; then
			is "$(apt/usr/bin/stray --version 9>&- | head -n 1)" "stray $version" 'and by the package'
		else
			skip 'and by the package' 'no dpkg-deb here'
		fi
	fi
done
done_testing
