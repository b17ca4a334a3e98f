#!/bin/bash
# SPDX-License-Identifier: MIT
# shellcheck source=tests/helpers/tap.sh
# What was ended is written down, whichever face did it, and can be asked for.
. "$(dirname "$0")/../helpers/tap.sh"
file=$HOME/.local/state/stray/history.jsonl
unset XDG_STATE_HOME STATE_DIRECTORY
said() { jq -r "$@" <"$WORK/out"; }

run --history
is "$status" 0 'an empty history is fine'
is "$(out)" '' 'and holds nothing'
check 'looking makes no folder' test ! -e "$HOME/.local/state"

orphan a org.example.one
orphan b org.example.two
orphan c org.example.three
sweep_now --instance org.example.one
run --reap org.example.two --settle 0
run --check --kill --settle 0 --instance org.example.three
run --run -- bash -c 'setsid sleep 600 >/dev/null 2>&1 & :'
is "$(jq -r .face "$file" | tr '\n' ' ')" 'sweep reap check run ' 'each face that ends something notes it'
is "$(stat -c %a "$file")" 600 'the file is its user'\''s alone'
run --history --json
is "$(said -s length)" 4 '--history prints it'
is "$(said 'select(.instance == "org.example.one") | [.pid, .outcome, .owner, .app, .ticks] | @csv')" \
	"${P[a]},\"exited\",\"gone\",\"sprout\",1" 'with what became of it and why'
run --history --instance '*.two' --json
is "$(said .pid)" "${P[b]}" '--instance narrows it'
run --history --app stray --json
is "$(said .face)" run '--app too'
run --history --app nowhere --json
is "$status" 0 'an app that the configuration has no more may be asked for'
is "$(out)" '' '... and has no line of another'
run --history --since 1h
is "$(out | wc -l)" 4 '--since takes a length of time'
run --history --since 2001-01-01
is "$(out | wc -l)" 4 'and a date'
run --history --since 2099-01-01T00:00:00Z
is "$(out)" '' 'and leaves out what was before'
run --history --since yesterday-or-so
is "$status" 2 'and refuses what is none'

run --explain "${P[a]}"
is "$status" 0 'a pid that is gone is explained'
like "$(out)" "pid ${P[a]} .*org.example.one.*exited by sweep" 'with what was done to it'
run --explain "${P[a]}" --json
is "$(said '[.gone, .former.pid, .former.outcome] | @csv')" "true,${P[a]},\"exited\"" 'in JSON too'
run --explain 4999
is "$status" 2 'of a pid that the history does not have nothing is told'

orphan d org.example.four
sweep_now --dry-run
config <<<$'[sweep]\nhistory = no'
orphan e org.example.five
sweep_now
is "$(wc -l <"$file")" 4 'a dry run and history = no write nothing'
rm "$HOME/.config/stray/stray.conf"

orphan g $'odd\xff\e[x'
sweep_now
run --history --json --instance $'odd\xff\e*'
is "$(said .pid)" "${P[g]}" 'an instance of odd bytes is found by those'
run --history --json --instance 'odd\\xff*'
is "$(said .pid)" "${P[g]}" '... and as it is written down'

# It cannot be written: one warning, and nothing stops.
rm "$file"
mkdir "$file"
orphan f org.example.six
sweep_now
check 'an orphan is ended though the history cannot be written' test ! -e "/proc/${P[f]}"
is "$(err | grep -c 'cannot write the history')" 1 'which is one warning'
done_testing
