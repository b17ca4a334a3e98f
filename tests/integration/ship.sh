#!/bin/bash
# SPDX-License-Identifier: MIT
# shellcheck source=tests/helpers/tap.sh disable=SC2016,SC2119,SC2317
# What surrounds the program: a service manager that listens, a journal, a terminal
# that waits, shells that complete, a kernel without pidfds, the form of messages.
top=$(cd "$(dirname "$0")/../.." && pwd)
. "$(dirname "$0")/../helpers/tap.sh"
ID=org.example.app

# --- sd_notify --------------------------------------------------------------------

# A service manager's end of the socket: one line for each message, with its sender.
cat >listen.py <<'PYTHON'
import os, socket, struct, sys
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
s.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1)
s.bind(sys.argv[1])
print("listening", flush=True)
while True:
    text, ancillary, _, _ = s.recvmsg(4096, 64)
    pid = struct.unpack("iii", ancillary[0][2])[0]
    print(pid, text.decode().replace("\n", "|"), flush=True)
PYTHON
told() { grep -qs -- "$1" notified; }
if ldd "$STRAY" | grep -q libsystemd && command -v python3 >/dev/null; then
	python3 listen.py "$WORK/notify" >notified 9>&- &
	wait_for told listening
	NOTIFY_SOCKET=$WORK/notify WATCHDOG_USEC=200000 "$STRAY" --sweep --interval 1h >"$WORK/out" 2>"$WORK/err" 9>&- &
	service=$!
	check 'it is READY after its first tick, with a STATUS' \
		wait_for told "^$service READY=1|STATUS=0 instances, 0 agents, 0 orphans$"
	check 'and feeds the WATCHDOG while nothing happens' \
		wait_for eval '[ "$(grep -c "^$service WATCHDOG=1$" notified)" -ge 4 ]'
	orphan a $ID
	kill -USR1 $service
	check 'STATUS says what a tick found' wait_for told "^$service STATUS=1 instance, 1 agent, 1 orphan$"
	kill -HUP $service
	check 'RELOADING comes with the time' wait_for told "^$service RELOADING=1|MONOTONIC_USEC=[0-9]\+$"
	check 'and READY follows' wait_for eval '[ "$(grep -c READY=1 notified)" = 2 ]'
	read -ra up </proc/uptime
	usec=$(sed -n 's/.*MONOTONIC_USEC=//p' notified)
	check 'that time is of this boot, not the future' test "$((usec / 1000000))" -le "$((${up[0]%.*} + 1))"
	kill -TERM $service
	wait $service
	is $? 0 'SIGTERM ends it with 0'
	check 'STOPPING is the last word' wait_for eval 'tail -n 1 notified | grep -q "^$service STOPPING=1$"'
	is "$(cut -d' ' -f1 notified | sort -u | xargs)" "$service listening" 'no other process notified'
	end_process "${P[a]}"
else
	skip 'sd_notify' 'no libsystemd or no python3 here'
fi

# --- the journal --------------------------------------------------------------------

journaled() { # ARGUMENT...
	stream=$(stat -c %d:%i journal)
	JOURNAL_STREAM=$stream "$STRAY" "$@" >journal 2>&1 9>&-
}
mount -t tmpfs none /run || skip 'no journal but the one below' 'cannot mount here'
orphan a $ID
: >journal
chmod 755 "$STRAY_STATE_DIR"
journaled --sweep --once
is $? 2 'a bad state directory is an error'
like "$(cat journal)" '^<3>' 'to the journal too, by its priority'
chmod 700 "$STRAY_STATE_DIR"
fresh
: >journal
journaled --sweep --once --grace 1 --term-timeout 300ms
is "$(grep -cvE '^<[3-7]>' journal)" 0 'every line has one'
check 'reaping is told at notice or above' grep -qE '^<[3-6]>.*reaped pid' journal

# Entries about one process go to the journal's own socket, with fields.
if ldd "$STRAY" | grep -q libsystemd && command -v python3 >/dev/null && mountpoint -q /run; then
	mkdir -p /run/systemd/journal
	sed -e 's/print(pid, text/print(text/' listen.py >entries.py
	python3 entries.py /run/systemd/journal/socket >entries 2>&1 9>&- &
	entries=$!
	wait_for grep -qs listening entries
	orphan a $ID
	fresh
	: >journal
	journaled --sweep --once --grace 1 --term-timeout 300ms
	check 'what was reaped is an entry with fields' wait_for grep -qs \
		"MESSAGE=reaped pid ${P[a]} .*|STRAY_PID=${P[a]}|STRAY_INSTANCE=$ID|.*STRAY_OUTCOME=exited" entries
	is "$(grep -c 'reaped pid' journal)" 0 'and no line beside it'
	check 'other lines go where they went' grep -q '^<[3-7]>tick' journal
	is "$(grep -o 'MESSAGE_ID=[0-9a-f]*' entries | sort -u | cut -d= -f2 | while read -r id; do
		grep -q "$id" "$top/src/share/man/stray.1" || echo "$id"
	done)" '' 'the manual page has its MESSAGE_ID'
	kill $entries
else
	skip 'what was reaped is an entry with fields' 'no libsystemd or no python3 here, or cannot mount'
fi
umount /run

# --- no pidfds ------------------------------------------------------------------------

if "$HELPERS/inject" --call pidfd_open --error ENOSYS -- true 2>/dev/null 9>&-; then
	old_kernel() {
		"$HELPERS/inject" --call pidfd_open --error ENOSYS -- "$STRAY" "$@" >"$WORK/out" 2>"$WORK/err" 9>&-
		status=$?
	}
	orphan a $ID
	for face in '--sweep' '--sweep --once --grace 1' "--reap $ID" '--run -- touch ran' '--check -- touch ran'; do
		# shellcheck disable=SC2086 # words
		old_kernel $face
		is "$status $(wc -l <"$WORK/err")" '2 1' "without pidfd_open $face refuses in one line"
		like "$(err)" 'no pidfd_open .*nothing|no pidfd_open .*no process can be ended' 'which says what is missing'
	done
	check_alive 'none is ended' a
	check 'and nothing was run' test ! -e ran
	old_kernel --list
	is "$status $(err)" '0 ' 'it looks all the same'
	old_kernel --sweep --once --dry-run
	is "$status" 0 'a dry run decides'
	like "$(err)" 'warning: .*no pidfd_open' 'and says what this kernel cannot do'
	end_process "${P[a]}"
else
	skip 'a kernel without pidfd_open' 'cannot make one here'
fi

# --- a terminal that waits ------------------------------------------------------------------

on_terminal() { # ARGUMENT...: both streams are one
	command script -qec "$(printf '%q ' "$STRAY" "$@")" /dev/null </dev/null >screen 9>&-
}
orphan a $ID --ignore-term
fresh
on_terminal --sweep --once --grace 1 --term-timeout 1500ms
check 'the wait for SIGTERM to work is one line' grep -q 'waiting for processes to end \.\.\.' screen
like "$(cat screen)" $'\\.\\.\\.\r +\r.*reaped' 'that is wiped when it is over'
check_dead 'it was worth it' a
tree 2 'SPROUT_MANAGED_AGENT=$ID agent a --setsid & desktop d sprout-desktop -- $ID'
on_terminal --reap $ID --settle 1500ms
check 'so is --settle' grep -q 'waiting for the owner to end \.\.\.' screen
run --reap $ID --settle 1500ms
is "$status $(wc -l <"$WORK/err") $(grep -c waiting "$WORK/err")" '1 1 0' 'but where there is no terminal nothing is said'
on_terminal --list
is "$(grep -c '\.\.\.' screen)" 0 'nor of what takes no second'
end_process "${P[d]}"
end_process "${P[a]}"

# --- shells that complete ----------------------------------------------------------------------

# A shell on a terminal: TAB behind each line, then what stray would have been given.
cat >tab.py <<'PYTHON'
import os, pty, sys
pid, fd = pty.fork()
if pid == 0:
    os.execvp(sys.argv[2], sys.argv[2:])
screen = b""
def until(text): # what came before it
    global screen
    while text not in screen:
        screen += os.read(fd, 65536)
    before, screen = screen.split(text, 1)
    return before.decode()
os.write(fd, sys.argv[1].encode() + b"; stray() { [ -t 1 ] || { command \"$STRAY\" \"$@\"; return; }; printf 'GOT'; printf ' %s' \"$@\"; echo ' E''ND'; }; echo UN''TIL\r")
until(b"UNTIL")
for line in sys.stdin:
    os.write(fd, b"stray " + line.rstrip("\n").encode() + b"\t\r")
    until(b"GOT ")
    print(until(b" END"), flush=True)
PYTHON
tabs='--swe
--check --format ju
--run -- basenam
--check --settle 3s -- basenam
--check --settle 3s --output pri --kil
--sweep --kee
--list --sort=-rs
--list --app spr
--reap on
--settl'
completed='--sweep
--check --format junit
--run -- basename
--check --settle 3s -- basename
--check --settle 3s --output pri --kill
--sweep --keep
--list --sort=-rss
--list --app sprout
--reap one $(touch expanded)
--settl'
completions=$top/src/share/completions
STRAY_INSTANCE='one $(touch expanded)' sleep 1000 9>&- &
agent=$!
driven() { # SET-UP SHELL ARGUMENT...
	timeout 60 python3 tab.py "$@" <<<"$tabs" 2>&1 9>&-
}
is "$(driven ". '$completions/stray.bash'" bash --norc --noprofile -i)" "$completed" 'bash completes at a terminal'
if command -v zsh >/dev/null; then
	is "$(driven "fpath=('$completions' \$fpath); autoload -Uz compinit; compinit -D -u" zsh -f -i)" \
		"$completed" 'zsh does'
else
	skip 'zsh does' 'no zsh here'
fi
if command -v fish >/dev/null; then
	is "$(while read -r line; do
		PATH=${STRAY%/*}:$PATH fish --no-config -c 'source $argv[1]; complete -C "stray $argv[2]"' "$completions/stray.fish" "$line" 9>&- 2>&1 |
			head -n 1 # what only holds the word somewhere comes after what begins with it
	done <<<"$tabs" | cut -f1 | xargs)" '--sweep junit basename basename --kill --keep --sort=-rss sprout one $(touch expanded)' 'fish knows the same'
else
	skip 'fish knows the same' 'no fish here'
fi
check 'no shell expands what stands in the name of an instance' test ! -e expanded
end_process "$agent"

# --- what the README and the headers point to ---------------------------------------------------

# Paths in backquotes (without patterns) and behind links, which are from the file's folder.
cat "$top"/README.md "$top"/src/share/doc/*.md | grep -oE '`(src|include|tests|screenshots)/[^` *]*`' | tr -d '`' | sort -u >paths
for document in README.md src/share/doc/{guide,architecture,security,testing,changelog,license}.md; do
	grep -oE '\]\([^):]*\)' "$top/$document" | sed "s,^](,$(dirname "$document")/,; s/)$//"
done | sort -u >links
check 'the documents name files' test "$(cat paths links | wc -l)" -gt 40
is "$(sort -u paths links | while read -r path; do [ -e "$top/$path" ] || echo "$path"; done)" '' 'all of them exist'
is "$(cd "$top/screenshots" && ls -- *.png *.gif)" "$(sed -n 's,.*screenshots/,,p' links | sort)" 'and they show all pictures'
is "$(grep -rhA4 -E 'There are [0-9] things to do' "$top"/src --include='*.h' | grep -oE '\b[a-z_]+\.(c|h|sh)\b' |
	sort -u | while read -r name; do find "$top/src" "$top/tests" -name "$name" | grep -q . || echo "$name"; done)" '' \
	'headers that say how to add something name files that are there'

# --- the form of messages -----------------------------------------------------------------------

# Every text that log_error(), log_warning(), log_info() and engine_warn() are given.
cat "$top"/src/{cli,engine,service}/*.c |
	grep -A1 -E '(log_(error|warning|info)|engine_warn(_once)?|fail_at)\(' |
	grep -oE '"[^"]+"' | grep -vE '^"(%s|\\n|[<>].*)"$|\.h"$' >messages
check 'there are messages' test "$(wc -l <messages)" -gt 40
is "$(grep -E '^"[A-Z]([a-z]| [a-z])' messages)" '' 'they begin with a small letter'
is "$(grep -E '\.(\\n)?"$|!"$|\\n"$' messages)" '' 'they end without a full stop'
is "$(grep -E "[^']%s[^'%]" messages | grep -vE '%s%s|process%s|receipt .%s. %s, |one of %s|is unknown, %s|: %s|\(by %s|\[%s\]|wants %s|%s: |%s; |%s (is|are) |(alive|unknown)%s|is %s, |in line %s' )" '' \
	'what they speak of is quoted'
done_testing
