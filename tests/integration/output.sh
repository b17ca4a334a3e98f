#!/bin/bash
# SPDX-License-Identifier: MIT
# shellcheck source=tests/helpers/tap.sh disable=SC2016,SC2119
# Where reports go, and what happens where they cannot go there.
. "$(dirname "$0")/../helpers/tap.sh"

orphan o a.gone

# --- --output --------------------------------------------------------------------

run --check --settle 0 --json --output "$WORK/leaks"
is "$status" 1 'a report that goes to a file'
like "$(err)" 'stray: 1 leak' '... is summed up on stderr'
is "$(wc -l <"$WORK/err")" 1 '... in one line'
is "$(out)" '' '... and stdout gets nothing'
run --check --settle 0 --instance nobody --output "$WORK/leaks"
like "$(err)" 'no leaks' 'where there is nothing, too'
run --check --settle 0 --instance nobody --quiet --output "$WORK/leaks"
is "$(err)" '' '... but not with --quiet'

for format in text json junit github; do
	run --check --settle 0 --format $format --output "$WORK/nowhere/leaks"
	is "$status" 1 "$format: a file that cannot be written"
	like "$(err)" "cannot write '$WORK/nowhere/leaks'" '... is said'
	like "$(err)" "(pid |\"pid\":)${P[o]}" '... and the whole report goes to stderr'
done

if [ "$TAP_ROOT" ] && unshare -m true 2>/dev/null; then
	echo old >"$WORK/mounted"
	unshare -m bash -c 'mount --bind "$WORK/mounted" "$WORK/mounted" &&
		"$STRAY" --check --settle 0 --format junit --output "$WORK/mounted" 2>"$WORK/err" 9>&-
		echo $? >"$WORK/rc"'
	is "$(cat "$WORK/rc")" 1 'a file that is a mount of its own'
	like "$(head -n 1 "$WORK/mounted")" '^<[?]xml' '... is written in place'
	is "$(grep -c 'written in place' "$WORK/err")" 1 '... and that is said once'
	check '... without an old end' test "$(tail -n 1 "$WORK/mounted")" = '</testsuites>'
	rm -f "$WORK/m.prom"
	echo old >"$WORK/m.prom"
	unshare -m bash -c 'mount --bind "$WORK/m.prom" "$WORK/m.prom" || exit
		"$STRAY" --sweep --dry-run --interval 1s --metrics "$WORK/m.prom" --verbose >"$WORK/ticks" 2>"$WORK/err" 9>&- &
		until [ "$(grep -c scanned "$WORK/ticks")" -ge 2 ] || [ "$SECONDS" -gt 60 ]; do :; done
		kill -TERM $!; wait $!'
	is "$(grep -c 'written in place' "$WORK/err")" 1 'a metrics file that is a mount: said once, not each tick'
else
	skip 'a file that is a mount of its own' 'needs root and a mount namespace'
fi

# --- JUnit: the same names in every run --------------------------------------------

orphan twin a.gone --name twin
orphan twin2 a.gone --name twin
cases() { grep -o 'classname="[^"]*" name="[^"]*"' "$WORK/out"; }
run --check --settle 0 --format junit
cases >"$WORK/first"
for tag in o twin twin2; do end_process "${P[$tag]}"; done
orphan o a.gone
orphan twin a.gone --name twin
orphan twin2 a.gone --name twin
run --check --settle 0 --format junit
is "$(cases)" "$(cat "$WORK/first")" 'JUnit: classes and names are those of the run before'
is "$(cases | sort | uniq -d)" '' '... and no two are the same'
like "$(out)" "message=\"pid ${P[twin]} " '... the pid stands in the message'
for i in 1 2; do
	run --check --settle 0 --format junit --output "$WORK/out$i" -- \
		bash -c 'sleep 600 >/dev/null 2>&1 & until read -r name </proc/$!/comm && [ "$name" = sleep ]; do :; done; echo $!'
	end_process "$(out)"
	grep -o 'classname="[^"]*" name="[^"]*"' "$WORK/out$i" >"$WORK/cases$i"
done
is "$(cat "$WORK/cases2")" "$(cat "$WORK/cases1")" 'JUnit: the leftovers of a command, too'
like "$(cat "$WORK/cases1")" 'classname="stray.command.bash" name="sleep"' '... are named after it'

# --- stdout closed, or not read -------------------------------------------------------

orphan c c.gone
"$STRAY" --reap c.gone >&- 2>"$WORK/err" 9>&-
is $? 0 '--reap with stdout closed: what it ended counts'
check_dead '... and it has ended it' c
like "$(err)" 'cannot write to stdout: .*, ignoring' '... and says that it could not tell'

# A pipe that is full: TERM still ends it.
mkfifo "$WORK/full"
exec 6<>"$WORK/full"
(head -c 1000000 /dev/zero >&6) 2>/dev/null &
filler=$!
blocked() { [ "$(sed -n 's/^State:[[:space:]]*\(.\).*/\1/p' "/proc/$1/status")" = S ]; }
wait_for blocked $filler
for name in TERM INT; do
	env --default-signal=INT "$STRAY" --sweep --json --verbose --interval 1s >&6 2>"$WORK/err" 6>&- 9>&- &
	sweep=$!
	# Its first line waits for room: it has taken its lock by then.
	wait_for test -s "$STRAY_STATE_DIR/sweep.lock"
	kill -$name $sweep
	check "--sweep --json into a full pipe ends on $name" wait_for dead $sweep
	dead $sweep || kill -KILL $sweep
	wait $sweep
done
kill -KILL $filler
exec 6>&-

# --- too few descriptors -----------------------------------------------------------------

for limit in 4 5 6 7 9; do
	for face in '--list' '--check --settle 0' '--reap a.gone' '--sweep --once' '--run -- true'; do
		# shellcheck disable=SC2086 # options
		(ulimit -n $limit; exec "$STRAY" $face) >"$WORK/out" 2>"$WORK/err" 9>&-
		status=$?
		is "$status: $(err)" '3: stray: cannot tell: too few file descriptors, 10 are needed: Too many open files' \
			"$face with $limit descriptors"
	done
done
check_alive 'nothing was ended by that' o twin
done_testing
