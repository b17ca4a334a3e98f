#!/bin/bash
# SPDX-License-Identifier: MIT
# shellcheck source=tests/helpers/tap.sh disable=SC2016,SC2119 # CMD's shell expands
# --run and --check -- CMD: statuses, the stamp, and what is left behind.
. "$(dirname "$0")/../helpers/tap.sh"

# --- statuses, the same for both -----------------------------------------------

for face in --run --check; do
	run $face -- true
	is "$status" 0 "$face: success"
	is "$(out)$(err)" '' '... without a word'
	run $face -- sh -c 'exit 7'
	is "$status" 7 "$face: a failure is passed on"
	run $face -- sh -c 'kill -TERM $$'
	is "$status" 143 "$face: a signal is 128+N"
	run $face -- "$WORK/no-such-program"
	is "$status" 127 "$face: not found"
	like "$(err)" "cannot run '$WORK/no-such-program': No such file" '... and said'
	run $face -- no-such-program-in-path
	is "$status" 127 "$face: not found in PATH"
	run $face -- /
	is "$status" 126 "$face: not executable"
	printf 'touch "$WORK/executed"\n' >"$WORK/text"
	chmod +x "$WORK/text"
	run $face -- "$WORK/text"
	is "$status" 126 "$face: a file that is no program"
	check '... is not handed to /bin/sh' test ! -e "$WORK/executed"
	like "$(err)" 'Exec format error, it is neither' '... and what it is, is said'
	{ printf '\177ELF\2\1\1\0\0\0\0\0\0\0\0\0\2\0\64\22\1'; head -c 60 /dev/zero; printf '\ntouch "$WORK/executed"\n'; } >"$WORK/foreign"
	chmod +x "$WORK/foreign"
	run $face -- "$WORK/foreign"
	is "$status" 126 "$face: a program of another architecture"
	like "$(err)" 'of another architecture' '... and said'
	check '... no line of it is run as a shell command' test ! -e "$WORK/executed"
	mkdir -p "$WORK/p1" "$WORK/p2"
	echo >"$WORK/p1/found"
	printf '#!/bin/sh\nexit 5\n' >"$WORK/p2/found"
	chmod +x "$WORK/p2/found"
	PATH=$WORK/p1:$WORK/p2:$PATH run $face -- found
	is "$status" 5 "$face: what may not be executed in PATH is passed over"
	PATH=$WORK/p1 run $face -- found
	is "$status" 126 "$face: and it is 126 where there is no other"
	run $face -- sh -c 'exit 255'
	is "$status" 255 "$face: the highest status"
done

# --- CMD's surroundings ----------------------------------------------------------

echo hello | "$STRAY" --run -- cat >"$WORK/out" 2>"$WORK/err" 9>&-
is "$(out)" hello "stdin is CMD's"
run --run -- sh -c 'echo "$STRAY_INSTANCE $PPID"'
read -r stamp ppid < <(out)
is "${stamp%:*}" "$ppid" 'the stamp is the pid of the wrapper'
like "$stamp" '^[0-9]+:[0-9]+$' '... and its start time'
run --run -- sh -c 'ps -o pgid= -p $$ -p $PPID | sort -u | wc -l'
is "$(out)" 1 'CMD is in the process group of the wrapper'
# Of the lower 32 alone: the next two are the C library's own, for its threads.
masks() { sed -nE 's/^(Sig(Blk|Ign)):.*(.{8})$/\1 \3/p'; }
run --run -- cat /proc/self/status
# The shell itself would block SIGCHLD while it reads.
# shellcheck disable=SC2002
is "$(out | masks)" "$(cat /proc/self/status | masks)" 'no signal is blocked or ignored for CMD'
(trap '' HUP INT; run --run -- cat /proc/self/status; cp "$WORK/out" "$WORK/ignored")
# shellcheck disable=SC2002 # as above
is "$(masks <"$WORK/ignored")" "$(trap '' HUP INT; cat /proc/self/status | masks)" \
	'what was ignored before stays ignored'
run --run -- ls /proc/self/fd
# shellcheck disable=SC2012 # they are numbers
is "$(out | wc -l)" "$(ls /proc/self/fd 9>&- | wc -l)" 'CMD gets no descriptor of ours'

# --- --run ends what is left -----------------------------------------------------

# Waits until the leftovers are in place before CMD ends.
leave() { # N SCRIPT: as CMD
	{
		echo 'exec 3<>"$WORK/up"'
		printf '%s\n' "$2"
		for ((i = 0; i < $1; i++)); do
			echo 'read -r -t 60 line <&3 && echo "$line" >>"$WORK/left"'
		done
		echo 'exit ${RESULT:-0}'
	} >"$WORK/cmd.sh"
	rm -f "$WORK/left" "$WORK/up"
	mkfifo -m 666 "$WORK/up"
}

left() { # TAG: its pid
	sed -n "s/ $1\$//p" "$WORK/left"
}

agents='agent() { local tag=$1; shift; exec "$FA" --ready "$WORK/up" --tag "$tag" "$@" 3>&-; }'
canary sleep

leave 3 "$agents; agent plain & agent own --setsid & agent deaf --ignore-term --double-fork &"
run --run --term-timeout 200ms -- bash "$WORK/cmd.sh"
is "$status" 0 '--run: leftovers do not spoil a success'
for tag in plain own deaf; do
	check "--run ends the $tag one" dead "$(left $tag)"
done
like "$(err)" 'ended 3 processes' '... and says so'

leave 1 "$agents; agent bare --double-fork --setsid --scrub-env &"
run --run -- bash "$WORK/cmd.sh"
check '--run ends what has taken its stamp off' dead "$(left bare)"

RESULT=9 leave 1 "$agents; agent plain &"
RESULT=9 run --run -- bash "$WORK/cmd.sh"
is "$status" 9 "--run: CMD's failure is passed on"
check '... and its leftovers are ended' dead "$(left plain)"

leave 1 "$agents; agent breeder --name breeder --breed 3 &"
run --run --term-timeout 200ms -- bash "$WORK/cmd.sh"
is "$(pgrep -xc breeder)" 0 '--run ends what they fork meanwhile'

# What root starts often becomes another user, as servers do.
if [ "$TAP_ROOT" ]; then
	for face in '--run' '--check --settle 0 --kill'; do
		leave 1 "(exec setpriv --reuid=65534 --regid=65534 --clear-groups \
			\"\$FA\" --ready \"\$WORK/up\" --tag other 3>&-) &"
		# shellcheck disable=SC2086 # options
		run $face --term-timeout 200ms -- bash "$WORK/cmd.sh"
		check "$face ends a leftover that is another user's by now" dead "$(left other)"
		dead "$(left other)" || end_process "$(left other)"
	done
fi

leave 2 "$agents; STRAY_KEEP=1 agent kept --setsid & agent plain &"
run --run -- bash "$WORK/cmd.sh"
is "$status" 0 '--run: a kept one is no failure'
check '... it is kept' alive "$(left kept)"
like "$(err)" "pid $(left kept) .*is kept" '... and said to be'
check '... and the rest is ended' dead "$(left plain)"
end_process "$(left kept)"

# --- nested ----------------------------------------------------------------------

leave 1 "$agents; \"\$STRAY\" --run -- bash -c 'echo \$STRAY_INSTANCE >\$WORK/inner'; agent outer &"
run --run -- bash "$WORK/cmd.sh"
is "$status" 0 'a wrapper inside a wrapper'
check '... has a stamp of its own' test -s "$WORK/inner"
check '... and what the outer CMD leaves is ended' dead "$(left outer)"

# The inner wrapper is gone before it could end what its CMD left.
leave 1 "$agents; export -f agent
\"\$STRAY\" --run -- bash -c 'agent orphaned --setsid & kill -KILL \$PPID; exec sleep 0.1'"
run --run -- bash "$WORK/cmd.sh"
check 'what an inner wrapper left is ended by the outer' dead "$(left orphaned)"

# What has become root's is neither in our sight nor ours to end, but our child.
if [ "$TAP_ROOT" ] && install -m 4755 "$(command -v setpriv)" "$WORK/become" 2>/dev/null; then
	chmod 755 "$WORK"
	install -m 755 "$STRAY" "$WORK/bin/stray" # the other may not come by where it stands
	leave 1 "$agents; ( (exec \"$WORK/become\" --reuid 0 --regid 0 --clear-groups -- \"$FA\" --ready \"$WORK/up\" --tag root 3>&-) & )"
	for face in --run --check; do
		rm -f "$WORK/left" "$WORK/up"
		mkfifo -m 666 "$WORK/up"
		: >"$WORK/left"
		chmod 666 "$WORK/left"
		# shellcheck disable=SC2086 # options
		setpriv --reuid 65534 --regid 65534 --clear-groups env -u STRAY_STATE_DIR HOME=/ XDG_RUNTIME_DIR= \
			"$WORK/bin/stray" $face ${settle:-} --term-timeout 200ms -- bash "$WORK/cmd.sh" >"$WORK/out" 2>"$WORK/err" 9>&-
		status=$?
		is "$status" 1 "$face: a leftover that is another user's by now is not passed over"
		like "$(err)" 'something .*left' '... and said'
		check '... and left alone' alive "$(left root)"
		end_process "$(left root)"
		settle='--settle 0'
	done
else
	skip 'a leftover of another user' 'needs root'
fi

# A shell that has started something becomes stray: that is its child before CMD is.
early() { # FACE OPTION... -- CMD
	leave 2 "$agents; agent ours --setsid & agent plain &"
	rm -f "$WORK/early"
	mkfifo "$WORK/early"
	bash -c '("$FA" --setsid --ready "$WORK/early" --tag early 9>&- & exec sleep 1000) &
		"$FA" --ready "$WORK/early" --tag early 9>&- &
		exec 3<>"$WORK/early"; read -r -t 60 a _ <&3; read -r -t 60 b _ <&3
		echo "$a $b" >"$WORK/were"
		exec "$STRAY" "$@" 3>&-' bash "$@" >"$WORK/out" 2>"$WORK/err" 9>&-
	status=$?
	read -r -a were <"$WORK/were"
	canaries+=("${were[@]}")
}
early --run --term-timeout 200ms -- bash "$WORK/cmd.sh"
is "$status" 0 '--run with children from before CMD'
check 'leaves those alone' alive "${were[0]}"
check 'and what they have started' alive "${were[1]}"
for tag in ours plain; do
	check "and ends the $tag one that CMD left" dead "$(left $tag)"
done
early --check --settle 0 --json -- bash "$WORK/cmd.sh"
cp "$WORK/err" "$WORK/out"
is "$(q '[.processes[] | select(.kind == "leak").pid] | index('"${were[0]},${were[1]}"')' | xargs)" 'null null' \
	'--check with such children does not list them'
is "$(q '[.processes[].pid] | index('"$(left ours)"') != null')" true 'and lists what CMD left'
early --check --settle 0 --kill --term-timeout 200ms -- bash "$WORK/cmd.sh"
check 'nor does --kill end them' alive "${were[0]}"
check 'or what they have started' alive "${were[1]}"
check 'but what CMD left' dead "$(left ours)"

# --- --check -- CMD --------------------------------------------------------------

leave 1 "$agents; agent plain --listen &"
run --check --settle 0 --json -- bash "$WORK/cmd.sh"
is "$status" 1 '--check: a leftover turns success into 1'
is "$(out)" '' "stdout is CMD's"
cp "$WORK/err" "$WORK/out"
is "$(q '.processes[] | "\(.kind) \(.pid)"')" "leak $(left plain)" '... and is listed, on stderr'
is "$(q '.processes[].listening | length')" 1 '... with its port'
is "$(q '.command, .command_status' | xargs)" 'bash 0' "... with CMD's name and status"
check '... and left alone' alive "$(left plain)"
end_process "$(left plain)"

# The parent of it, although that has ended: the wrapper has looked by the time
# it has gone to sleep a few times more.
leave 1 "$agents
switches() { sed -n 's/^voluntary_ctxt_switches:[[:space:]]*//p' /proc/\$PPID/status; }
(echo \$BASHPID >\$WORK/parent; agent plain &
before=\$(switches)
until [ \$(switches) -ge \$((before + 3)) ]; do :; done) &
wait \$!"
run --check --settle 0 --json --output "$WORK/out" -- bash "$WORK/cmd.sh"
is "$(q '.processes[] | "\(.pid) \(.started_by[0].pid) \(.started_by[0].name)"')" \
	"$(left plain) $(cat "$WORK/parent") bash" '--check: its former parent is known'
is "$(q '.processes[0].ppid == .processes[0].started_by[0].pid')" false '... which has ended'
end_process "$(left plain)"

RESULT=9 leave 1 "$agents; agent plain &"
RESULT=9 run --check --settle 0 --output "$WORK/leaks" -- bash "$WORK/cmd.sh"
is "$status" 9 "--check: CMD's own failure is passed on"
like "$(cat "$WORK/leaks")" "pid $(left plain) " '... and the leak is listed, in --output'
end_process "$(left plain)"

leave 1 "$agents; STRAY_KEEP=1 agent kept --setsid &"
run --check --settle 0 --kill --term-timeout 300ms --json -- bash "$WORK/cmd.sh"
is "$status" 1 '--check: a kept one is a leak of CMD'
cp "$WORK/err" "$WORK/out"
is "$(head -n 1 "$WORK/out" | jq -r '.processes[].kept')" opt-out '... and listed as kept'
check '... and --kill leaves it alone' alive "$(left kept)"
end_process "$(left kept)"

leave 3 "$agents; agent listed --name listed --setsid & agent agents --name ssh-agent --setsid & agent plain &"
run --check --settle 0 --kill --keep listed --term-timeout 300ms --json -- bash "$WORK/cmd.sh"
is "$status" 1 '--check: what the keep list names is a leak of CMD'
for tag in listed agents; do
	check "... and --kill leaves the $tag one alone" alive "$(left $tag)"
	end_process "$(left $tag)"
done
check '... and ends the rest' dead "$(left plain)"

leave 2 "$agents; agent may --name may-stay --setsid & agent plain &"
run --check --settle 0 --kill --allow nothing --allow 'may-*' --term-timeout 300ms --json -- bash "$WORK/cmd.sh"
is "$status" 1 '--allow: what it does not name is a leak'
check '... and ended' dead "$(left plain)"
check '... what it names is left alone' alive "$(left may)"
end_process "$(left may)"
leave 1 "$agents; agent may --name may-stay --setsid &"
run --check --settle 0 --allow may-stay --json -- bash "$WORK/cmd.sh"
is "$status" 0 '... and no leak'
cp "$WORK/err" "$WORK/out"
is "$(q '.processes[] | "\(.kind) \(.pid)"')" "kept $(left may)" '... but listed'
end_process "$(left may)"

run --check --settle 60s -- sh -c 'sleep 0.2 & exit 0'
is "$status" 0 '--check: what ends within --settle is no leak'

# Without a child of its own there is nothing to look for, however many others there are.
for face in --run --check; do
	if command -v strace >/dev/null; then
		strace -f -o "$WORK/calls" "$STRAY" $face -- true >"$WORK/out" 2>"$WORK/err" 9>&-
		is $? 0 "$face -- true"
		is "$(grep -c '"/proc", .*O_DIRECTORY' "$WORK/calls")" 0 '... lists no process'
	else
		skip "$face -- true lists no process" 'no strace'
	fi
done

orphan other x.gone
run --check --settle 0 -- true
is "$status" 0 '--check -- CMD is not about what others left'
run --run -- true
check_alive '... and --run does not end it' other

run --check --settle 0 --format junit --output "$WORK/leaks.xml" -- true
is "$status" 0 'no leftover, and a file is asked for'
check '... it is there' test -s "$WORK/leaks.xml"
done_testing
