#!/bin/bash
# SPDX-License-Identifier: MIT
# shellcheck source=tests/helpers/tap.sh
# The table of options, as --help prints it, against everything that names options
# by hand, the man pages, and what the shells' completions offer.
share=$(cd "$(dirname "$0")/../../src/share" && pwd)
export TAP_NAMESPACE=wish # it signals only what it has started itself
. "$(dirname "$0")/../helpers/tap.sh"

names() { grep -oE -- '--[a-z][a-z-]*' | sort -u; }

# --- --help ------------------------------------------------------------------------

run --help
is "$status" 0 '--help is fine'
names <"$WORK/out" >"$WORK/options"
check '--help names many options' test "$(wc -l <"$WORK/options")" -gt 40
check '--help fits 80x24' awk 'length > 79 { exit 1 } END { exit NR > 24 }' "$WORK/out"
for face in view list sweep check reap run explain history print-config; do
	run --help="$face"
	check "--help=$face fits 80x24" awk 'length > 79 { exit 1 } END { exit NR > 24 }' "$WORK/out"
	is "$(names <"$WORK/out" | comm -13 "$WORK/options" -)" '' "--help=$face names nothing new"
done
run --version
like "$(out)" '^stray [0-9]+\.[0-9]+' '--version prints the version'

# --- profiles ------------------------------------------------------------------------

for file in "$share"/examples/*.conf; do
	run --config "$file" --print-config
	is "$status" 0 "$(basename "$file") is taken"
done
# Each block of the manual's examples, as a file of its own.
sed -n '/^\.Sh EXAMPLES/,$p' "$share/man/stray.conf.5" | awk -v dir="$WORK" '
	/^\.Bd/ { file = dir "/manual" ++nr ".conf"; next }
	/^\.Ed/ { file = ""; next }
	file { print >file }'
for file in "$WORK"/manual*.conf; do
	run --config "$file" --print-config
	is "$status" 0 "the profiles of $(basename "$file" .conf) are taken"
done
check 'the manual has examples' test "$(find "$WORK" -name 'manual*.conf' | wc -l)" -ge 5

# --- the man pages -------------------------------------------------------------------

# `.Fl -name` in mdoc; `Fl -` alone is the "--" before a command.
grep -oE 'Fl -[a-z][a-z-]*' "$share/man/stray.1" | sed 's/^Fl /-/' | sort -u >"$WORK/man"
is "$(comm -23 "$WORK/options" "$WORK/man")" '' 'every option stands in stray(1)'
is "$(comm -13 "$WORK/options" "$WORK/man")" '' 'stray(1) names no other option'

# The keys of the view: the program's table against the items and words of that section.
keys_of_table() {
	awk '/^const struct binding/, /^};/' "$share/../tui/keymap.c" | grep -oE '\.keys = \{[^}]*' |
		grep -oE "K_CTRL\('.'\)|K_[A-Z0-9_]+|'(\\\\)?.'" | sed -E -e '/WHEEL/d' -e "s/^'\\\\?(.)'/\1/" \
			-e "s/K_CTRL\('(.)'\)/Ctrl-\U\1/" -e 's/^K_PG(.)(.*)/Pg\1\L\2/' -e 's/^K_([A-Z])(.*)/\1\L\2/'
}
keys_of_man() {
	awk '/^\.Ss Keys of the view/ { on = 1; next } /^\.S[hs]/ { on = 0 } on' "$share/man/stray.1" |
		sed -nE '/^\.(It )?Ic /{s///;p}' | tr ' ' '\n' | sed -e 's/^\\&//' -e 's/\\e/\\/' -e 's/\\-/-/' |
		grep -vx '[wy]' # of the log and of a dialog
}
is "$(keys_of_man | sort)" "$(keys_of_table | sort)" 'every key of the view stands in stray(1), and no other'

# What the JSON has, against what is said of it.
sed -nE '/^\.Sh JSON/,/^\.Sh ENV/{s/^\.(It |Pq )?Cm //p}' "$share/man/stray.1" | tr ' ' '\n' |
	grep -E '^[a-z_]+$' | sort -u >"$WORK/said"
json_keys() { jq -r '.. | objects | keys_unsorted[]' <"$WORK/out"; }
{
	run --demo --list --json --show-args
	json_keys
	run --demo --check --json --settle 0
	json_keys
	run --explain $$ --json
	json_keys
	run --demo --sweep --once --json --grace 1 --term-timeout 100ms
	json_keys
} | sort -u >"$WORK/json"
check 'JSON has many keys' test "$(wc -l <"$WORK/json")" -gt 60
is "$(comm -23 "$WORK/json" "$WORK/said")" '' 'every one of them stands in stray(1)'

if command -v mandoc >/dev/null; then
	# Which other manuals are installed is not for this test.
	is "$(mandoc -Tlint -W style "$share"/man/* 2>&1 |
		grep -ve 'referenced manual not found' -e 'input text line longer' -e 'outdated mandoc.db')" '' 'mandoc has nothing to say'
else
	skip 'mandoc has nothing to say' 'no mandoc here'
fi

# What the program prints of the configuration, in force or as built in.
printf '[view]\nsort = -rss\n' >"$WORK/sort.conf" # the only key that has no value of its own
run --config "$WORK/sort.conf" --print-config
is "$status" 0 '--print-config is fine'
grep -oE '^(; )?[a-z-]+( =|:)' "$WORK/out" | grep -oE '[a-z-]{2,}' | sort -u >"$WORK/keys"
grep -oE '^\.It Cm [a-z-]+' "$share/man/stray.conf.5" | sed 's/^.It Cm //' | sort -u >"$WORK/conf"
is "$(cat "$WORK/keys")" "$(cat "$WORK/conf")" 'every key stands in stray.conf(5), and no other'

cp "$WORK/out" "$WORK/printed.conf"
values() { sed -e 's/ *;.*//' -e '/^$/d' "$1"; }
run --config "$WORK/printed.conf" --print-config
is "$status" 0 'what it prints is a configuration'
is "$(values "$WORK/out")" "$(values "$WORK/printed.conf")" 'and the same one'
like "$(out)" "printed.conf:3" 'with new origins'

# --- the completions -------------------------------------------------------------------

for file in "$share"/completions/*; do
	case $file in
	*.bash) shell=bash ;;
	*.fish) shell=fish ;;
	*) shell=zsh ;;
	esac
	if command -v "$shell" >/dev/null; then
		check "$shell can read it" "$shell" -n "$file"
	else
		skip "$shell can read it" "no $shell here"
	fi
done

complete_words() { # WORD...: what bash offers for the last one
	(
		# shellcheck source=src/share/completions/stray.bash disable=SC1091
		. "$share/completions/stray.bash"
		COMP_WORDS=("$STRAY" "$@") COMP_CWORD=$# COMPREPLY=()
		_stray "$STRAY"
		echo "${COMPREPLY[*]}"
	)
}
is "$(complete_words --swe)" --sweep 'bash completes a face'
is "$(complete_words --check --format j)" 'json junit' 'and a word'
is "$(complete_words --check --format = gi)" github 'behind an equals sign too'
is "$(complete_words --sweep --reap-detached --on)" --once 'an optional argument is not in the way'
is "$(complete_words --config "$WORK/pri")" "$WORK/printed.conf" 'it completes files'
is "$(complete_words --run -- tru)" "$(complete_words --check -- tru)" 'and commands'
like " $(complete_words --run -- tru) " ' true ' 'by their names'
for line in --list --sweep --check '--reap x' --run '--explain 1' --history --print-config; do
	face=${line%% *}
	run --help="${face#--}"
	# shellcheck disable=SC2086 # a face and its argument
	is "$(complete_words $line -- | sed 's/^--help //')" \
		"$(sed -nE 's/^  (-., )?(--[a-z-]+).*/\2/p' "$WORK/out" | xargs)" "with $face its options, and those of no other face"
done
is "$(complete_words --list --sort -r)" '-role -rss' 'columns to sort by'
is "$(complete_words --list -o pid,a)" 'pid,age pid,app pid,args' 'columns behind a comma'
is "$(complete_words --sort us)" user 'those of the view without --list'
is "$(complete_words --list --app spr)" sprout 'the apps that are known'
is "$(complete_words --list --uid roo)" root 'users'

STRAY_INSTANCE='one $(touch expanded)' sleep 1000 9>&- &
agent=$!
is "$(complete_words --explain "$agent")" "$agent" 'the pids of agents'
is "$(complete_words --reap o)" 'one\ \$\(touch\ expanded\)' 'an instance, quoted'
is "$(complete_words --list --instance o)" 'one\ \$\(touch\ expanded\)' 'as a pattern too'
check 'and nothing in its name is expanded' test ! -e expanded
end_process "$agent"

# --- one clear line, exit 2 --------------------------------------------------------------

refused() { # WHY OPTION...
	local why=$1
	shift
	run "$@"
	is "$status $(wc -l <"$WORK/err") $(wc -c <"$WORK/out")" '2 1 0' "refused in one line: $*"
	like "$(err)" "$why" 'which says why'
}
refused "unknown option '--lst'" --lst
refused "unknown option '--completion'" --completion bash
refused 'two faces' --list --sweep
refused 'two faces' --reap x --explain 1
refused 'only for --sweep' --list --once
refused 'empty' --reap ''
refused 'wants an argument' --reap --force
refused 'wants a command' --run
refused "no app 'sprot'" --list --app sprot
refused 'from 1 to 10' --sweep --once --grace 11
refused 'no process' --explain 999999999
refused ':0: cannot open' --config "$WORK/nowhere" --list
printf '[sweep]\ngrace = 2\ngrace = 3\n' >"$WORK/twice.conf"
refused "twice.conf:3: 'grace' stands here twice" --config "$WORK/twice.conf" --sweep
done_testing
