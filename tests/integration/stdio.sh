#!/bin/bash
# SPDX-License-Identifier: MIT
# shellcheck source=tests/helpers/tap.sh disable=SC2016,SC2034,SC2119,SC2120,SC2154,SC2317 # scripts of a tree are expanded there
# Dead stdio servers: both ends of standard input and output closed, no session led.
# With a marker of an app that is swept so they are ended; without one they are members
# of `stdio`, shown as shipped.
. "$(dirname "$0")/../helpers/tap.sh"
. "$here/../helpers/client.sh"
canary sleep

twice() {
	fresh
	tick "$@"
	half_an_interval
	tick "$@"
}
apps() { q --argjson pid "$1" '[.instances[] | select(any(.processes[]; .pid == $pid)) | .app + ":" + .id] | join(",")'; }

for kind in pipes sockets; do
	serve s $kind 'desktop s mcp-server'
	list
	is "$(state "${P[s]}")" none "$kind: a server with a client is of no app"
	hang_up s
	list
	is "$(apps "${P[s]}")" stdio:fakeagent "$kind: without one it is of stdio, by the name of its program"
	is "$(owner fakeagent stdio)" gone/hung-up "$kind: its owner is gone, since both ends are closed"
	is "$(state "${P[s]}")" orphan "$kind: and it is an orphan"
	run --explain "${P[s]}"
	like "$(out)" 'its client has died: both ends of its standard input and output are closed' \
		"$kind: --explain says so in words"
	twice
	check_alive "$kind: as shipped it is not swept" s
	run --check --settle 0
	is "$status" 0 "$kind: and no leak"
	run --check --settle 0 --app stdio
	is "$status" 1 "$kind: unless stdio is asked for"
	config <<<'[app stdio]
sweep = yes'
	fresh
	tick
	check_alive "$kind: with sweep = yes not on the first tick" s
	half_an_interval
	tick
	check_dead "$kind: but on the second" s
	rm "$HOME/.config/stray/stray.conf"
done

# --- what is none -------------------------------------------------------------------------
config <<<'[app stdio]
sweep = yes'
none() { # NAME TAG
	list
	is "$(state "${P[$2]}")" none "$1"
	twice
	check_alive "$1: it lives" "$2"
	end_process "${P[$2]}"
}
serve s half 'desktop s mcp-server'
hang_up s
none 'standard input alone' s
serve s pipes 'desktop s mcp-server --setsid'
hang_up s
none 'one that leads a session' s
serve s pipes 'desktop s mcp-server --listen'
hang_up s
none 'one that listens' s
serve s pipes 'STRAY_KEEP=1 desktop s mcp-server'
hang_up s
twice
check_alive 'one that opts out' s
end_process "${P[s]}"
script below.sh 'desktop w mcp-worker & desktop x mcp-other --setsid'
serve s pipes 'desktop s mcp-server --run "$WORK/below.sh"' 3
hang_up s
list
is "$(state "${P[w]}")" orphan 'what runs below a dead server in its session goes with it'
is "$(state "${P[x]}")" none 'what has left that session does not'
twice
check_dead 'both are swept' s w
check_alive 'what has left is not' x
end_process "${P[x]}"
run --reap fakeagent --settle 0
is "$status" 0 'no such instance any more'
serve s pipes 'desktop s mcp-server'
hang_up s
run --reap fakeagent --settle 0 --term-timeout 300ms
check_dead 'a person may end it by --reap' s
rm "$HOME/.config/stray/stray.conf"

# --- with a marker --------------------------------------------------------------------------
mkdir -p cc-socks
owned_server() { # KIND: a claude with a server and a job
	printf '%s\n' 'export CLAUDE_CODE_MESSAGING_SOCKET=$WORK/cc-socks/$PPID.sock' \
		'perl client.pl '"$1"' "desktop s mcp-server" 9>&- &' \
		'agent j --double-fork --setsid & exec sleep 1000' >session.sh
	desktop c claude --double-fork --setsid --run "$WORK/session.sh" &
	await 3
	client=$(sed -n 's/^PPid:[[:space:]]*//p' "/proc/${P[s]}/status")
}
owned_server pipes
id=$WORK/cc-socks/${P[c]}.sock
list
is "$(owner "$id" claude-code)" alive/value 'the pid in a socket'\''s path names the owner'
is "$(state "${P[s]}")" owned 'its server is owned'
is "$(state "${P[j]}")" detached 'its background job is detached'
twice
check_alive 'beside a live owner nothing is swept' c s j
end_process "${P[c]}"
hang_up s
list
is "$(owner "$id" claude-code)" gone/none 'with that process the owner is gone'
is "$(of "${P[s]}" kept)" null 'nothing keeps its dead server'
twice
check_dead 'the dead server is swept as shipped' s
check_alive 'the job, which is no dead server, is not' j
run --explain "${P[j]}"
like "$(out)" 'stdio|standard input' '--explain says what it is kept for'
run --check --settle 0
is "$status" 0 'nor is it a leak'
end_process "${P[j]}"

# --- no byte is read or written --------------------------------------------------------------
if command -v strace >/dev/null; then
	mkfifo named
	for each in 's pipes' 'u sockets' "f $WORK/named" 'd /dev/zero'; do
		# shellcheck disable=SC2086 # two words
		serve $each "desktop ${each%% *} mcp-server"
		hang_up "${each%% *}"
	done
	strace -f -e trace='!futex' -o trace "$STRAY" --list >"$WORK/out" 2>"$WORK/err" 9>&-
	# Descriptors of another process's, by what opened them: every call on one of these.
	opened=$(grep -oE 'openat\([^)]*"/proc/self/fd/[0-9]+"[^)]*\) += [0-9]+' trace)
	like "$opened" O_NONBLOCK 'the ends are opened without blocking'
	calls=$(awk '
		/openat\(.*"\/proc\/self\/fd\/[0-9]+", .*O_NONBLOCK.* = [0-9]+$/ {
			held[$1 " " $NF] = 1; next }
		{
			name = $2; sub(/\(.*/, "", name)
			first = $0; sub(/^[^(]*\(/, "", first)
			fd = first; sub(/[,) ].*/, "", fd)
			if (name == "poll" && match(first, /fd=[0-9]+/)) {
				fd = substr(first, RSTART + 3, RLENGTH - 3)
			}
			for (key in held) {
				split(key, part, " ")
				if (part[2] == fd) {
					print name
					if (name == "close") delete held[key]
				}
			}
		}' trace | sort -u | xargs)
	is "$calls" 'close poll' 'what was opened of them is polled and closed, and nothing else'
	# All of them are looked at, as candidates of stdio.
	for each in s u f d; do
		like "$(grep -o "readlink.*/proc/${P[$each]}/fd/0\".*" trace)" '= [0-9]+$' \
			"$each: it is looked at what its standard input is"
	done
	is "$(grep -oE 'open[a-z]*\([^)]*"/proc/[0-9]+/fd/[0-9]+"' trace | grep -oE '/proc/[0-9]+' |
		sort -u | xargs)" "/proc/${P[s]}" 'only what is a pipe is opened: no socket, fifo or device'
	for each in s u f d; do end_process "${P[$each]}"; done
else
	skip 'the ends are opened without blocking' 'no strace'
	skip 'what was opened of them is polled and closed, and nothing else' 'no strace'
	skip 'only what is a pipe is opened: no socket, fifo or device' 'no strace'
fi
done_testing
