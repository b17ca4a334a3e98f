#!/bin/bash
# SPDX-License-Identifier: MIT
# shellcheck source=tests/helpers/tap.sh disable=SC2016,SC2119,SC2317 # scripts of a tree are expanded there
# Has a root lost its parent? Who adopts, who runs a container's command, who has left
# the session, and what the engine saw.
. "$(dirname "$0")/../helpers/tap.sh"
ID=org.example.app
GONE=org.example.gone
canary bash
marked="SPROUT_MANAGED_AGENT=$ID"
two_ticks() {
	fresh
	tick
	half_an_interval
	tick
}

# --- a parent under a name that is not known ------------------------------------------------
(
	exec 9>&-
	exec perl -MPOSIX -e '
		fork and exit;          # no leader of its group, so it may leave the session
		my $child = fork;
		exec "bash", "-c", $ARGV[0] unless $child;
		POSIX::setsid();
		open my $f, ">", "server.pid"; print $f $$; close $f;
		waitpid $child, 0;
		open $f, ">", "status"; print $f $?; close $f;' "$marked agent a"
) &
await 1
wait_for [ -s server.pid ]
list
is "$(owner $ID)/$(state "${P[a]}")" unknown/none/unknown 'a parent that has left the session is a live parent'
two_ticks
check_alive 'its agent is not swept' a
run --explain "${P[a]}"
like "$(out)" "$(cat server.pid)" '--explain names that parent'
check 'the parent saw no end of its child' [ ! -e status ]
SPROUT_MANAGED_AGENT=$ID agent b --double-fork --setsid &
await 1
list
is "$(state "${P[b]}")" unknown 'a live parent of one root makes the whole instance unknown'
end_process "$(cat server.pid)"
two_ticks
check_dead 'once it has ended they are swept' a b

# --- a container's init ------------------------------------------------------------------------
for name in tini dumb-init docker-init catatonit; do
	script command.sh "$marked agent m"
	(desktop t $name --double-fork --setsid --subreaper --run "$WORK/command.sh") &
	await 2
	list
	is "$(state "${P[m]}")" unknown "what $name was made to run has not lost its parent"
	end_process "${P[m]}"
	end_process "${P[t]}"
done
script worker.sh "SPROUT_MANAGED_AGENT=$GONE agent w --double-fork --setsid & SPROUT_MANAGED_AGENT=$ID agent m"
(desktop t tini --double-fork --setsid --subreaper --run "$WORK/worker.sh") &
await 3
list
is "$(state "${P[m]}")" unknown 'its command is its oldest child'
is "$(state "${P[w]}")" orphan 'another one was adopted'
end_process "${P[m]}"
end_process "${P[w]}"
end_process "${P[t]}"

# --- pid 1 by its name -----------------------------------------------------------------------
mkfifo go
script inside.sh 'SPROUT_MANAGED_AGENT=$GONE agent none --double-fork --setsid &
read -r _ <"$WORK/go"
"$STRAY" --list --json'
named() { # COMM WANT NAME
	script pid1.sh "printf %s '$1' >/proc/self/comm; bash \$WORK/inside.sh; exit \$?"
	unshare -pf --mount-proc --kill-child bash "$WORK/pid1.sh" >"$WORK/out" 2>"$WORK/err" 9>&- &
	await 1
	echo >go
	wait $!
	is "$(q '[.instances[].processes[] | .state] | join(",")')" "$2" "$3"
}
named init orphan 'init adopts'
named systemd orphan 'systemd adopts'
named 'init(Debian)' orphan 'that of a WSL distribution too'
named tail orphan 'as pid 1, what only waits'
named sleep orphan 'as pid 1, sleep'
named my-app unknown 'pid 1 of another name is a parent like any other'
named bash unknown 'a shell too'
config <<<'[sweep]
adopter = my-*'
named my-app orphan 'which the configuration may name'
rm "$HOME/.config/stray/stray.conf"
SPROUT_MANAGED_AGENT=$GONE agent w --double-fork --setsid &
await 1
two_ticks
check_dead 'what this suite'\''s own pid 1 adopted is swept' w
done_testing
