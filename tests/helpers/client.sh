# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# Sourced behind tap.sh: a stdio server below a client of its own, and the client's death.

# The client of one stdio server: what runs COMMAND with pipes or sockets and then waits.
cat >client.pl <<'P'
use Socket; use POSIX;
my ($kind, $command) = @ARGV;
my ($in, $out, $to, $from);
if ($kind eq "sockets") {
	socketpair $in, $to, AF_UNIX, SOCK_STREAM, 0;
	socketpair $out, $from, AF_UNIX, SOCK_STREAM, 0;
} elsif ($kind =~ m{/}) {
	open $in, "+<", $kind;
	open $out, "+<", $kind;
} else {
	pipe $in, $to;
	pipe $from, $out;
}
unless (fork) {
	if ($to) { close $to; close $from; }
	POSIX::dup2(fileno $in, 0);
	POSIX::dup2(fileno $out, 1) if $kind ne "half";
	close $in; close $out;
	exec "bash", "-c", $command;
}
close $in; close $out;
sleep 1000 while 1;
P
# Starts a server below a client of its own, in a session that both do not lead, and waits
# for N processes (1); they come up in any order. KIND: pipes, sockets, half (standard input
# alone), or the path of what is opened as both. Sets client.
serve() { # TAG KIND COMMAND [N]
	(
		exec 9>&- 2>/dev/null
		setsid bash -c '"$@" & wait' client perl client.pl "$2" "$3" </dev/null >/dev/null &
	)
	await "${4:-1}"
	client=$(sed -n 's/^PPid:[[:space:]]*//p' "/proc/${P[$1]}/status")
}
# Ends the client, and waits for its server to be adopted.
hang_up() { # TAG
	local shell
	shell=$(sed -n 's/^PPid:[[:space:]]*//p' "/proc/$client/status")
	kill -KILL "$shell"
	end_process "$client"
	wait_for grep -q '^PPid:.1$' "/proc/${P[$1]}/status"
}
