#!/bin/bash
# SPDX-License-Identifier: MIT
# shellcheck source=tests/helpers/tap.sh disable=SC2016 # scripts expand it
# .ci/deps: what it looks for, what it says where something is missing, with a package
# manager, another one, or none. Nothing is installed: the package managers are stand-ins.
top=$(cd "$(dirname "$0")/../.." && pwd)
export TAP_NAMESPACE=wish # it signals only what it has started itself
. "$(dirname "$0")/../helpers/tap.sh"

# A PATH with the tools of each system, a compiler that has only errno.h, and no more.
mkdir tools
for tool in sh env cat grep sed awk tr id dirname mktemp rm echo; do
	ln -s "$(command -v $tool)" tools/
done
printf '#!/bin/sh\nread -r line\ncase $line in *errno.h*) ;; *) exit 1 ;; esac\n' >tools/gcc
chmod 755 tools/gcc
deps() { # ARGUMENT...
	env -i PATH="$WORK/tools" "$top/.ci/deps" "$@" >"$WORK/out" 2>"$WORK/err"
	status=$?
}
manager() { # NAME: is the only one here, and prints what it is given
	rm -f tools/{apt-get,dnf,pacman,apk,sudo}
	[ -z "$1" ] || { printf '#!/bin/sh\necho "$0 $*" >>"%s/called"\n' "$WORK" >"tools/$1" && chmod 755 "tools/$1"; }
}

manager ''
deps --missing build
is "$status" 1 'what the build needs is missing'
like "$(err)" 'missing to build stray: libproc2/pids.h curses.h ini.h jansson.h' 'it is named, and what is there is not'
like "$(err)" "'make deps'" '... and so is the way to get it'
deps build
is "$status" 1 'without a known package manager it fails'
for line in 'Fedora: dnf install .*procps-ng-devel' 'Arch: *pacman -S --needed .*libinih' 'Alpine: apk add .*ncurses-dev'; do
	like "$(err)" "$line" "... naming the packages: ${line%%:*}"
done
is "$(err | grep -c 'not found')" 0 '... not what it has no command for'
for name in dnf:Fedora pacman:Arch apk:Alpine; do
	manager "${name%:*}"
	deps build
	is "$status $(err | grep -cE '^  (Fedora|Arch|Alpine):')" '1 1' "where ${name%:*} is, one line is for that system"
	like "$(err)" "  ${name#*:}:" '... the right one'
done
is "$(ls called 2>/dev/null)" '' 'and nothing is installed there'

manager apt-get
if [ "$(id -u)" = 0 ]; then
	deps build
	is "$status" 0 'apt-get installs as root'
	like "$(cat called)" 'apt-get install -y --no-install-recommends libproc2-dev libncurses-dev' '... what is missing, by name'
	like "$(out)" 'needs these packages to build:' '... which is said'
else
	skip 'apt-get installs as root' 'not root'
fi
is "$(awk '!/^#/ && NF != 6' "$top/.ci/packages")" '' 'each row of .ci/packages has a package for each system'
done_testing
