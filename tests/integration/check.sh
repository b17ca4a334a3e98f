#!/bin/bash
# SPDX-License-Identifier: MIT
# shellcheck source=tests/helpers/tap.sh disable=SC2016,SC2119
# --check: what is left over, in every format, and what is no leak.
. "$(dirname "$0")/../helpers/tap.sh"

# A desktop of such an instance names it, so that another desktop casts no doubt on it.
export DEV=xyz.block.sprout.app.dev

kinds() { # of PID in the JSON report
	q --argjson pid "$1" '[.processes[] | select(.pid == $pid) | .kind]
		| if . == [] then "none" else join(",") end'
}

# --- nothing to find -----------------------------------------------------------

run --check
is "$status" 0 'nothing left over: 0'
run --check --settle 60s
is "$status" 0 'it does not wait when nothing is left'

live_desktop d2 sprout-desktop -- --instance b.live
tree 1 "SPROUT_MANAGED_AGENT=$DEV.u.gone"' agent stranger & wait'
run --check --settle 0 --json
is "$(kinds "${P[stranger]}")" unknown 'an agent with a live parent of its own: unknown'
is "$status" 3 '... and so could not tell'
end_process "${P[stranger]}"

# --- leaks ---------------------------------------------------------------------

orphan o $DEV.a.gone
run --check --settle 0
is "$status" 1 'an orphan is a leak'
like "$(out)" "leak +pid ${P[o]}" '... and listed'
like "$(out)" '1 leak' '... and counted'

run --check --settle 0 --json
is "$(kinds "${P[o]}")" leak 'JSON has it'
is "$(q .leaks)" 1 '... and the number'

orphan young b.live
run --check --settle 0 --json --instance b.live
is "$(kinds "${P[young]}")" leak 'a detached process is one too'
is "$(q .leaks)" 1 '--instance narrows'
run --check --settle 0 --instance 'nobody.*'
is "$status" 0 '... to nothing'
run --check --settle 0 --app buzz
is "$status" 0 '--app narrows'
end_process "${P[young]}"
end_process "${P[d2]}"

# It ends by itself while we watch, or before.
orphan brief $DEV.c.gone
"$STRAY" --check --settle 60s --instance $DEV.c.gone >"$WORK/out" 2>"$WORK/err" 9>&- &
kill -TERM "${P[brief]}"
wait $!
is $? 0 'what ends within --settle is no leak'

# --- no leaks ------------------------------------------------------------------

STRAY_KEEP=1 orphan kept $DEV.k.gone
run --check --settle 0 --json --instance $DEV.k.gone
is "$status" 0 'a kept process is no leak'
is "$(kinds "${P[kept]}")" kept '... but listed'

orphan of_inside b.inside
SPROUT_MANAGED_AGENT=$DEV.d.gone live_desktop inside sprout-desktop -- b.inside
run --check --settle 0 --json --instance $DEV.d.gone
is "$status" 0 'a desktop that was started inside an agent is no leak'
is "$(kinds "${P[inside]}")" none '... and not listed'
end_process "${P[inside]}"
end_process "${P[of_inside]}"

SPROUT_MANAGED_AGENT=$DEV.w.gone live_desktop at_work sprout-desktop
run --check --settle 0 --json --instance $DEV.w.gone
is "$status" 3 'a desktop'\''s program at an agent'\''s work: could not tell'
is "$(kinds "${P[at_work]}")" unknown '... and listed'
sweep_now
check_alive '... and the sweep leaves it alone' at_work
end_process "${P[at_work]}"
orphan o $DEV.a.gone # that sweep has ended it

# Another app's desktop, started inside an agent whose own one is gone: its agents
# carry both markers, and work for a live desktop.
tree 2 'export SPROUT_MANAGED_AGENT=$DEV.d.gone
BUZZ_MANAGED_AGENT=b.buzz agent busy & desktop host buzz-desktop'
run --check --settle 0 --json --instance $DEV.d.gone
is "$status" 0 'what descends from a live desktop is no leak of another instance'
is "$(kinds "${P[busy]}")" none '... and not listed'
end_process "${P[busy]}"
end_process "${P[host]}"

live_desktop other buzz-desktop -- b.other
BUZZ_MANAGED_AGENT=b.other orphan adopted $DEV.d.gone
run --check --settle 0 --instance $DEV.d.gone
is "$status" 1 'an orphan of one and detached from another is a leak'
mkdir -p "$HOME/.local/share/b.other/agents/agent-pids"
echo "${P[adopted]}" >"$HOME/.local/share/b.other/agents/agent-pids/a.pid"
run --check --settle 0 --instance $DEV.d.gone
is "$status" 0 'adopted by a live desktop it is none'
end_process "${P[adopted]}"
end_process "${P[other]}"

# A wrapper is a desktop, too, but runs whatever it is given.
script wrapped.sh 'desktop wd sprout-desktop -- b.wrapped &
SPROUT_MANAGED_AGENT=b.wrapped agent loose --double-fork --setsid & wait'
"$STRAY" --run -- bash "$WORK/wrapped.sh" >"$WORK/wrapped" 2>&1 9>&- &
wrapper=$!
await 2
run --check --settle 0 --json --instance b.wrapped
is "$status" 1 'what runs below a wrapper may be a leak'
is "$(kinds "${P[loose]}")" leak '... and is told'
kill -TERM $wrapper
wait $wrapper
end_process "${P[loose]}"
end_process "${P[wd]}"

list
cp "$WORK/out" "$WORK/baseline"
run --check --settle 0 --baseline "$WORK/baseline" --json
is "$status" 0 'the baseline forgives what stood there'
is "$(kinds "${P[o]}")" forgiven '... and says so'
orphan later $DEV.a.gone
run --check --settle 0 --baseline "$WORK/baseline" --json
is "$status" 1 'and nothing that came later'
is "$(kinds "${P[later]}")" leak '... of the same instance'
is "$(q .leaks)" 1 '... alone'
end_process "${P[later]}"

jq '.boot_id = "00000000-0000-0000-0000-000000000000"' <"$WORK/baseline" >"$WORK/otherboot"
run --check --settle 0 --baseline "$WORK/otherboot"
is "$status" 1 'a baseline of another boot forgives nothing'
like "$(err)" 'another boot' '... and is said to be one'
jq '.instances[].processes[].start_ticks += 1' <"$WORK/baseline" >"$WORK/otherstart"
run --check --settle 0 --baseline "$WORK/otherstart"
is "$status" 1 'another start time is another process'

run --check --settle 0 --baseline "$WORK/nowhere"
is "$status" 3 'a missing baseline: could not tell'
like "$(err)" "cannot read baseline '$WORK/nowhere'" '... and why'
echo '{"schema":' >"$WORK/half"
run --check --settle 0 --baseline "$WORK/half"
is "$status" 3 'a damaged baseline: could not tell'
run --check --baseline "$WORK/half" -- touch "$WORK/ran"
is "$status" 3 'nor with a command'
check '... which is not run' test ! -e "$WORK/ran"

# --- formats -------------------------------------------------------------------

orphan nasty $'x\e]0;<&"\'%0A::error::\n'
STRAY_KEEP=1 orphan kept2 k2.gone
for format in text json junit github; do
	run --check --settle 0 --format $format
	is "$status" 1 "$format: the status is the same"
	check "$format: no control byte of another process" \
		test -z "$(tr -d '[:print:]\n\200-\377' <"$WORK/out")"
done
is "$(grep -c '^::error ' "$WORK/out")" 2 'github: one error for each leak'
is "$(grep -vc '^::\(error\|notice\) title=' "$WORK/out")" 0 'github: no name makes a line of its own'

run --check --settle 0 --format junit --output "$WORK/leaks.xml"
is "$status" 1 'junit to a file'
is "$(out)" '' '... and nothing to stdout'
if command -v xmllint >/dev/null; then
	check 'junit is valid by the schema' \
		xmllint --noout --schema "$here/../fixtures/junit.xsd" "$WORK/leaks.xml" 2>"$WORK/err"
	is "$(xmllint --xpath 'string(/testsuites/testsuite/@failures)' "$WORK/leaks.xml")" 2 \
		'junit counts the leaks'
	is "$(xmllint --xpath 'count(//testcase)' "$WORK/leaks.xml")" \
		"$(xmllint --xpath 'string(/testsuites/testsuite/@tests)' "$WORK/leaks.xml")" \
		'junit counts its cases'
	run --check --settle 0 --format junit --instance nobody
	is "$status" 0 'junit without leaks'
	check '... is valid too' xmllint --noout --schema "$here/../fixtures/junit.xsd" \
		"$WORK/out" 2>"$WORK/err"
else
	skip 'junit is valid by the schema' 'no xmllint'
fi

run --check --settle 0 --output "$WORK/nowhere/leaks"
like "$(err)" "cannot write '$WORK/nowhere/leaks'" 'an output that cannot be written is said'
is "$status" 1 '... and leaks stay leaks'
run --check --settle 0 --instance nobody --output "$WORK/nowhere/leaks"
is "$status" 3 '... and without leaks: could not tell'

mkdir "$WORK/limited"
# GCOV: what counts lines would write, too.
(ulimit -f 0; GCOV_PREFIX=/dev/null GCOV_ERROR_FILE=/dev/null exec "$STRAY" --check --settle 0 --output "$WORK/limited/leaks" 2>&1 9>&-) | cat >"$WORK/out"
status=${PIPESTATUS[0]}
is "$status" 1 'where no file may grow, leaks stay leaks'
like "$(out)" "cannot write '$WORK/limited/leaks': File too large" '... and what could not be written is said'
is "$(ls "$WORK/limited")" '' '... and nothing of it is left'

# --- what it holds -------------------------------------------------------------

mkdir "$WORK/tree" && cd "$WORK/tree" || exit 1
(exec 8>held; orphan holder $DEV.h.gone --listen)
run --check --settle 0 --json --instance $DEV.h.gone
is "$(q '.processes[0].listening | length')" 1 'the port that it listens on is named'
like "$(q '.processes[0].files | join(" ")')" 'tree/held' '... and the file of the working tree'
cd "$WORK" || exit 1

# --- --kill --------------------------------------------------------------------

canary sprout-canary
run --check --settle 0 --kill --term-timeout 300ms
is "$status" 1 '--kill: leaks were leaks'
check_dead '... and are ended' o nasty
check_alive '... kept ones are not' kept kept2
run --check --settle 0
is "$status" 0 '... and gone at the next look'

script below.sh 'agent below & wait'
(SPROUT_MANAGED_AGENT=$DEV.b.gone setsid bash "$WORK/below.sh" 9>&- &)
await 1
P[above]=$(sed -n 's/^PPid:[[:space:]]*//p' "/proc/${P[below]}/status")
run --list --json
jq --argjson pid "${P[below]}" '.instances[].processes |= map(select(.pid == $pid))' \
	<"$WORK/out" >"$WORK/forgiven"
run --check --settle 0 --kill --baseline "$WORK/forgiven"
is "$status" 1 '--kill: what was started before is no leak, and its parent is one'
check_dead '... which is ended' above
check_alive '... without what is forgiven below it' below
done_testing
