#!/bin/bash
# SPDX-License-Identifier: MIT
# shellcheck source=tests/helpers/tap.sh disable=SC2016,SC2030,SC2031 # the steps' shell expands
# The steps for GitHub, GitLab and Jenkins: their shell, taken out of the files, against a
# release in a folder, without a terminal and with stdin closed, CI=true.
top=$(cd "$(dirname "$0")/../.." && pwd)
export TAP_NAMESPACE=wish # it signals only what it has started itself
. "$(dirname "$0")/../helpers/tap.sh"
ci=$top/src/share/ci
# The static program where it is built; what the steps do with it is the same.
program=$(dirname "$STRAY")/static/stray
[ -x "$program" ] || program=$STRAY

release=$WORK/release
mkdir "$release"
cp "$program" "$release/stray-linux-$(uname -m)"
cp "$ci/stray-ci.sh" "$release/"
(cd "$release" && sha256sum -- * >SHA256SUMS)
mkdir leaking clean failing
echo 'setsid sleep 600 >/dev/null 2>&1 & echo $! >pid' >leaking/test.sh
echo 'sleep 0.01 & wait' >clean/test.sh
echo 'exit 7' >failing/test.sh

# What the steps set, and then their text.
github() { # PROJECT [NAME=VALUE...]: env and run of the action, its inputs put in
	local -A input=([run]='sh ./test.sh' [format]=github [output]='' [options]=--kill [release]="file://$release")
	local name value
	(
		cd "$1" || exit
		while IFS=': ' read -r name value; do
			value=${value#'${{ '} value=${value%' }}'}
			case $value in
			inputs.*) export "$name=${input[${value#inputs.}]}" ;;
			github.action_path) export "$name=$ci" ;;
			esac
		done < <(awk '/^      env:/ { on = 1; next } /^      run:/ { on = 0 } on' "$ci/action.yml")
		sed -n 's/^      run: //p' "$ci/action.yml" >"$WORK/step"
		exec bash --noprofile --norc -eo pipefail "$WORK/step"
	)
}
gitlab() { # PROJECT
	(
		cd "$1" || exit
		export STRAY_RELEASE=file://$release STRAY_RUN='sh ./test.sh' STRAY_OPTIONS=--kill
		eval "$(sed -nE 's/^    (STRAY_(FORMAT|OUTPUT)): (.*)/export \1=\3/p' "$ci/gitlab.yml")"
		sed -n '/^    - |/,/^  artifacts:/{s/^      //p}' "$ci/gitlab.yml" >"$WORK/step"
		exec sh -e "$WORK/step"
	)
}
jenkins() { # PROJECT
	(
		cd "$1" || exit
		export STRAY_RELEASE=file://$release STRAY_RUN='sh ./test.sh' STRAY_OPTIONS=--kill
		eval "$(sed -nE 's/.*"(STRAY_(FORMAT|OUTPUT)=[^"$]*)".*/export \1/p' "$ci/jenkins/vars/strayCheck.groovy")"
		sed -n "/sh '''/,/'''\$/p" "$ci/jenkins/vars/strayCheck.groovy" | sed '1d;$d' >"$WORK/step"
		exec sh -xe "$WORK/step"
	)
}
step() { # SYSTEM PROJECT
	CI=true "$@" >"$WORK/out" 2>"$WORK/err" <&- 9>&-
	status=$?
}

for system in github gitlab jenkins; do
	step $system clean
	is "$status" 0 "$system: a clean project passes"
	check "$system: the step is not empty" test -s step
	step $system leaking
	is "$status" 1 "$system: a leaking one fails"
	check "$system: and --kill has ended what it left" dead "$(cat leaking/pid)"
	case $system in
	github) like "$(out)$(err)" '::error.*sleep' "$system: an annotation names it" ;;
	*) check "$system: the JUnit report names it" grep -q '<failure.*sleep\|testcase.*sleep' leaking/stray-leaks.xml ;;
	esac
	step $system failing
	is "$status" 7 "$system: a failing one fails with its own status"
done

echo tampered >>"$release/stray-linux-$(uname -m)"
step github clean
is "$status" 2 'a program that is not what SHA256SUMS says is not run'
like "$(err)" 'is not what SHA256SUMS says' '... and the step says so'
rm "$release/stray-linux-$(uname -m)"
step github clean
is "$status" 2 'a release without a program for this machine is an error'
done_testing
