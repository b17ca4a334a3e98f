#!/bin/bash
# SPDX-License-Identifier: MIT
# shellcheck source=tests/helpers/tap.sh disable=SC2016,SC2119 # scripts of a tree are expanded there
# Names, ids and arguments that are made to mislead a reader of the output.
. "$(dirname "$0")/../helpers/tap.sh"

ids=(
	$'esc\e[31mred\e]0;title\a'
	$'line\nbreak' $'return\rhere' $'tab\tand\bback'
	'quote"back\slash' "single'\$(touch $WORK/pwned)\`touch $WORK/pwned\`;" '</script>&amp;' '%s%n%x' '{"id":1}'
	$'bidi\u202eevil\u2066x' $'zero\u200bwidth' $'\xff\xfe\x80 invalid' $'cut \xe2\x82' $'\xc0\xaf overlong'
	$'\xed\xa0\x80 surrogate' $'c1 \xc2\x9b31m' '::error file=x::y' ']]>' '../../../etc' '*' '-' '--help' '\x41'
	$'\u00fc\u00f1\u4e2d\u6587\U1f980' "$(printf '%03000d' 0)"
)
for i in "${!ids[@]}"; do
	orphan "o$i" "${ids[i]}" --name "${ids[i]:0:15}"
done

# No control byte but newline, no invalid UTF-8, no control of direction.
clean() { # FILE
	! LC_ALL=C grep -qP '[\x00-\x08\x0b-\x1f\x7f]' "$1" &&
		iconv -f UTF-8 -t UTF-8 "$1" >/dev/null &&
		! grep -qP '[\x{80}-\x{9f}\x{202a}-\x{202e}\x{2066}-\x{2069}\x{200e}\x{200f}\x{61c}]' "$1"
}
both() { # NAME FACE...: what it prints on stdout and stderr is clean
	local name=$1
	shift
	run "$@"
	check "$name: stdout is clean" clean "$WORK/out"
	check "$name: stderr is clean" clean "$WORK/err"
}

both '--list' --list
both '--list in colour' --list --color=never
both '--list --json' --list --json
check 'the JSON parses' jq -e . "$WORK/out"
is "$(q '.instances | length')" ${#ids[@]} 'with every instance'
is "$(q '[.instances[].processes | length] | add')" ${#ids[@]} 'and every process'
is "$(q '[.instances[].id] | unique | length')" ${#ids[@]} 'no two of which look alike'
both '--list --show-args' --list --json --show-args
check 'the JSON parses with arguments too' jq -e . "$WORK/out"
id_of() { q --argjson p "${P[$1]}" '.instances[] | select(.processes[].pid == $p) | .id'; }
is "$(id_of o0)" 'esc\x1b[31mred\x1b]0;title\x07' 'an escape sequence is shown byte by byte'
is "$(id_of o1)" 'line\x0abreak' 'so is a newline'
is "$(id_of o4)" 'quote"back\slash' 'a quote and a backslash are themselves'
is "$(id_of o11)" '\xff\xfe\x80 invalid' 'invalid UTF-8 is shown byte by byte'
is "$(id_of o9)" 'bidi\xe2\x80\xaeevil\xe2\x81\xa6x' 'so are controls of direction'
is "$(id_of o23)" $'\u00fc\u00f1\u4e2d\u6587\U1f980' 'other text is itself'

for format in text json junit github; do
	both "--check --format $format" --check --settle 0 --format $format
	is "$status" 1 "--check --format $format finds leaks"
	case $format in
	json) check 'its JSON parses' jq -e . "$WORK/out" ;;
	junit)
		if command -v xmllint >/dev/null; then
			check 'its XML parses' xmllint --noout "$WORK/out"
		else
			skip 'its XML parses' 'no xmllint'
		fi
		;;
	github)
		is "$(grep -c '^::error file=x' "$WORK/out")" 0 'no other output makes annotations'
		is "$(grep -cvE '^(::|$)' "$WORK/out")" 0 'all lines are annotations'
		;;
	esac
done
for i in "${!ids[@]}"; do
	run --explain "${P[o$i]}"
	cat "$WORK/out" "$WORK/err" >both
	clean both || break
done
is "$i" $((${#ids[@]} - 1)) '--explain is clean for each'
run --explain "${P[o1]}" --json
check 'its JSON parses' jq -e . "$WORK/out"

both '--reap of one' --reap "${ids[0]}" --term-timeout 300ms --verbose
check_dead 'by its bytes, it is ended' o0
both '--reap of another' --reap '\x41' --term-timeout 300ms
check_dead 'what looks like an escape is itself' o22
both '--reap of no process' --reap $'no\e[31m such'
fresh
both 'metrics' --sweep --once --dry-run --metrics "$WORK/m.prom" --metrics-instances
check 'the metrics are clean' clean "$WORK/m.prom"
is "$(grep -cvE '^(# (HELP|TYPE) |[a-z_]+(\{([a-z_]+="([^"\\]|\\.)*",?)*\})? -?[0-9.e+NaInf-]+$)' "$WORK/m.prom")" 0 \
	'and every line is one'
fresh
both 'a sweep' --sweep --once --grace 1 --term-timeout 300ms --verbose
left=
for i in "${!ids[@]}"; do
	dead "${P[o$i]}" || left+=" $i"
done
is "$left" '' 'all are ended'
orphan a "${ids[0]}" --name $'x\e]0;\a"\\'
sweep_now --json
check 'what a sweep says of such a one parses' jq -e . "$WORK/out"
check 'and is clean' clean "$WORK/out"
check 'nothing was executed' test ! -e "$WORK/pwned"
check 'the ledger is JSON' jq -e . "$STRAY_STATE_DIR"/ledger-*.json
done_testing
