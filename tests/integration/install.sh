#!/bin/bash
# SPDX-License-Identifier: MIT
# shellcheck source=tests/helpers/tap.sh disable=SC2016,SC2119 # make expands; scripts of a tree do
# What `make install` puts is what it prints, what `make uninstall` leaves is what
# was there before, and what `make dist` packs builds where there is no git.
top=$(cd "$(dirname "$0")/../.." && pwd)
export TAP_NAMESPACE=wish # it signals only what it has started itself
. "$(dirname "$0")/../helpers/tap.sh"
unset MAKEFLAGS MFLAGS MAKELEVEL
# The program is built; no rule is to build it again, whatever flags it was built with.
bin=$WORK/build
mkdir -p "$bin"
cp "$STRAY" "$bin/stray"
put() { make -s -C "$top" -o all BUILD="$bin" "$@" 9>&-; }
tree() { (cd "$1" && find . -printf '%M %y %p %l\n' | sort); }
files() { (cd "$1" && find . ! -type d | sed 's/^\.//' | sort); }

# --- below a DESTDIR ---------------------------------------------------------------

stage=$WORK/stage
mkdir -p "$stage"/usr/{bin,lib/systemd/user,share/{doc,man/man1,man/man5}} "$stage/usr/share/zsh/site-functions" \
	"$stage"/usr/share/{bash-completion/completions,fish/vendor_completions.d}
echo other >"$stage/usr/bin/other"
tree "$stage" >before
put install DESTDIR="$stage" PREFIX=/usr >printed
is $? 0 'make install'
is "$(files "$stage" | grep -v /other)" "$(sed "s,^$stage,," printed | sort)" 'puts what it prints, and nothing else'
for file in bin/stray lib/systemd/user/stray.service share/man/man1/stray.1 share/man/man5/stray.conf.5 \
	share/bash-completion/completions/stray share/doc/stray/examples/alerts.yml; do
	check "$file among it" test -s "$stage/usr/$file"
done
is "$(find "$stage" -name stray -path '*/bin/*' -printf %m)" 755 'the program is executable'
is "$(find "$stage" -newer before -type f ! -perm 644 ! -path '*/bin/stray')" '' 'everything else is mode 644'
is "$(grep -rlI -e /usr/local -e "$stage" "$stage")" '' 'no file speaks of another place'
check 'make uninstall' put uninstall DESTDIR="$stage" PREFIX=/usr
is "$(tree "$stage")" "$(cat before)" 'leaves what was there before'

# What the Debian package installs with, and where Debian's zsh looks.
folder=$(grep -o 'ZSH_DIR=[^ ]*' "$top/src/share/debian/rules")
if [ -e /usr/share/zsh/vendor-completions ] && command -v zsh >/dev/null; then
	check 'zsh looks where the package puts its completion' \
		grep -qxF "${folder#*=}" <(zsh -f -c 'print -l $fpath' 9>&-)
else
	skip 'zsh looks where the package puts its completion' "no zsh of Debian's here"
fi

# --- a PREFIX ------------------------------------------------------------------------

prefix=$HOME/.local
check 'make install PREFIX=$HOME/.local' put install PREFIX="$prefix"
for file in share/systemd/user/stray-once.timer share/man/man1/stray.1 share/man/man5/stray.conf.5 \
	share/bash-completion/completions/stray share/fish/vendor_completions.d/stray.fish; do
	check "$file is there" test -s "$prefix/$file"
done
is "$("$prefix/bin/stray" --version 9>&-)" "$("$STRAY" --version 9>&-)" 'the program runs from there'
is "$(sed -n 's/^ExecStart=\([^ ]*\).*/\1/p' "$prefix"/share/systemd/user/*.service | sort -u)" \
	"$prefix/bin/stray" 'and the units start that one'
if command -v systemd-analyze >/dev/null; then
	mkdir -m 700 "$WORK/run"
	XDG_RUNTIME_DIR=$WORK/run systemd-analyze --user --man=no verify \
		"$prefix"/share/systemd/user/* >"$WORK/verify" 2>&1 9>&-
	is "$? $(cat "$WORK/verify")" '0 ' 'systemd-analyze verify has nothing to say of them'
else
	skip 'systemd-analyze verify has nothing to say of them' 'no systemd here'
fi
if command -v systemd-analyze >/dev/null; then
	check 'systemd looks for units there' \
		grep -qxF "$prefix/share/systemd/user" <(systemd-analyze --user unit-paths 2>/dev/null 9>&-)
else
	skip 'systemd looks for units there' 'no systemd here'
fi
if command -v fish >/dev/null; then
	is "$(PATH=$prefix/bin:$PATH fish -c 'complete -C "stray --print-con"' 2>/dev/null 9>&- | cut -f1 | head -n 1)" --print-config \
		'fish completes from there'
else
	skip 'fish completes from there' 'no fish here'
fi
if man --version 2>/dev/null 9>&- | grep -q '^man 2'; then # man-db's; it looks beside the PATH
	is "$(PATH=$prefix/bin:$PATH man -w stray stray.conf 2>&1 9>&- | xargs)" \
		"$prefix/share/man/man1/stray.1 $prefix/share/man/man5/stray.conf.5" 'man finds the pages there'
else
	skip 'man finds the pages there' "no man-db's man here"
fi
# What makes a namespace in a user's unit, and with it every environment unreadable.
is "$(grep -hE '^(Private|Protect|ReadOnly|ReadWrite|Inaccessible|Bind|Root|Temporary|Mount|NoExec|ExecPaths|Dynamic|NetworkN|IPCN)' \
	"$prefix"/share/systemd/user/*)" '' 'no unit asks for a namespace'
check 'make uninstall PREFIX=' put uninstall PREFIX="$prefix"
is "$(files "$prefix")" '' 'leaves no file'

# --- make dist -------------------------------------------------------------------------

version=$("$STRAY" --version 9>&- | sed -n 's/^stray //p')
check 'make dist' put dist
tar -xzf "$bin/stray-$version.tar.gz" -C "$WORK" || exit 1
source=$WORK/stray-$version
is "$(cd "$top" && find src include tests -type f | sort)" \
	"$(cd "$source" && find src include tests -type f | sort)" 'the archive has all sources and tests'
is "$(cd "$source" && find . -name .git -o -name build -o -name '*.o')" '' 'and nothing that was built'
is "$(grep -rlIF --exclude-dir=screenshots "$version" "$source" | sed "s,$source/,," | sort | xargs)" \
	'README.md src/share/doc/changelog.md' 'the version stands in the changelog and in the line that installs it'
check 'it builds without git' make -s -j"$(nproc)" -C "$source" BUILD=build OPT=-O0 HARDEN= all 9>&-
is "$("$source/build/stray" --version 9>&- | head -n 1)" "stray $version" 'the same version'
check 'and passes tests of each kind' make -s -j"$(nproc)" -C "$source" OPT=-O0 HARDEN= \
	T='layers unit/base/* unit/core/verdict unit/report/json property/census fuzz/ledger' check-run 9>&-
done_testing
