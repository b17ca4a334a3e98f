#!/bin/bash
# SPDX-License-Identifier: MIT
# shellcheck source=tests/helpers/tap.sh disable=SC2016,SC2119,SC2154,SC2317 # the inner shells expand
# Real servers and sandboxes that agents leave: kept or ended, as it is told of each.
. "$(dirname "$0")/../helpers/tap.sh"
ID=org.example.gone
LD_LIBRARY_PATH=$(printf '%s:' "$TOOLS"/{usr/,}lib/*-linux-gnu*)
export LD_LIBRARY_PATH
canary server

have() { # PROGRAM WHAT
	command -v "$1" >/dev/null && return
	skip "$2" "no $1"
	return 1
}
parent_of() { ps -o ppid= -p "$1" | tr -d ' '; }
twice() { # two ticks
	tick
	half_an_interval
	tick
}
named() { pgrep -x "$1" | head -n 1; }
is_there() { [ -n "$(named "$1")" ]; }

# --- redis writes its title over its environment -----------------------------------------
redis() { # OPTION...: below an agent, and P[redis]
	printf 'exec redis-server --save "" --dir "%s" --daemonize no %s >"%s"\n' "$WORK" "$*" "$WORK/redis.log" >redis.sh
	SPROUT_MANAGED_AGENT=$ID agent a --double-fork --setsid --run "$WORK/redis.sh" &
	await 1
	wait_for grep -qsi 'ready to accept' redis.log
	P[redis]=$(named redis-server)
}
if have redis-server 'redis-server'; then
	redis --port 0 --unixsocket "$WORK/redis.sock"
	is "$(grep -c SPROUT_MANAGED_AGENT "/proc/${P[redis]}/environ")" 0 'redis-server has written over its environment'
	fresh
	tick
	list
	is "$(of "${P[redis]}" inferred)" true 'it is inferred from the agent that started it'
	end_process "${P[a]}"
	list
	is "$(state "${P[redis]}")" orphan 'and a member still when that has ended'
	half_an_interval
	twice
	check_dead 'so it is swept' redis

	redis --port 6399 --bind 127.0.0.1
	fresh
	tick
	end_process "${P[a]}"
	half_an_interval
	twice
	check_alive 'one that listens on a port is kept' redis
	list
	is "$(of "${P[redis]}" kept)" listener 'as a listener'
	half_an_interval
	tick --spare-listeners 0
	check_dead 'unless listeners are not spared' redis
fi

# --- a file system in user space ------------------------------------------------------------
mounted() { grep -q " $WORK/mnt fuse" /proc/mounts; }
if have bindfs 'a FUSE server' && { [ -n "$TAP_ROOT" ] && [ -c /dev/fuse ] || {
	skip 'a FUSE server' 'needs root and /dev/fuse'
	false
}; }; then
	mkdir src mnt
	echo text >src/file
	(SPROUT_MANAGED_AGENT=$ID setsid bindfs "$WORK/src" "$WORK/mnt" >bindfs.log 2>&1 9>&-)
	if wait_for mounted; then
		P[bindfs]=$(named bindfs)
		orphan plain $ID
		sweep_now
		check_alive 'the server of a mounted file system is kept' bindfs
		check_dead 'unlike an orphan beside it' plain
		is "$(cat mnt/file)" text 'and its files can be read'
		list --grace 1
		is "$(of "${P[bindfs]}" kept)" mount 'it is said to be one'
		umount "$WORK/mnt"
		check 'it ends with its mount' wait_for dead "${P[bindfs]}"
	else
		skip 'a FUSE server' "it does not start here: $(head -n 1 bindfs.log)"
	fi
fi

# --- a sandbox by bubblewrap ------------------------------------------------------------------
outer() { pgrep -xf "$1" | tail -n 1; }
there() { [ -n "$(outer "$1")" ]; }
jail() { # SCRIPT
	printf '%s\n' "$1" >jail.sh
	(SPROUT_MANAGED_AGENT=$ID setsid bwrap --dev-bind / / --proc /proc --unshare-pid bash "$WORK/jail.sh" \
		>bwrap.log 2>&1 9>&- &)
}
if have bwrap 'a sandbox by bubblewrap' && { bwrap --dev-bind / / --proc /proc --unshare-pid true >bwrap.log 2>&1 || {
	skip 'a sandbox by bubblewrap' "it does not run here: $(head -n 1 bwrap.log)"
	false
}; }; then
	jail 'sleep 2001 & wait'
	wait_for there 'sleep 2001'
	P[in]=$(outer 'sleep 2001')
	P[init]=$(parent_of "$(parent_of "${P[in]}")")
	sweep_now
	check_dead 'a sandbox of bubblewrap is ended with its agent' in init
	jail 'STRAY_KEEP=1 sleep 2002 & sleep 2003 & wait'
	wait_for there 'sleep 2002'
	wait_for there 'sleep 2003'
	P[kept]=$(outer 'sleep 2002') P[in]=$(outer 'sleep 2003')
	P[init]=$(parent_of "$(parent_of "${P[in]}")")
	P[bwrap]=$(parent_of "${P[init]}")
	sweep_now
	check_alive 'one with a kept process in it is kept with its launcher' kept in init bwrap
	end_process "${P[kept]}"
	sweep_now
	check_dead 'and ended when that one has ended' in init bwrap
fi

if [ -n "${P[bwrap]:-}" ]; then
	# The shell that runs it would take it along.
	printf 'bwrap --dev-bind / / --proc /proc --unshare-pid --die-with-parent bash "$WORK/jail.sh"\n:\n' >tool.sh
	printf 'STRAY_KEEP=1 sleep 2004 & wait\n' >jail.sh
	(SPROUT_MANAGED_AGENT=$ID setsid bash "$WORK/tool.sh" 9>&- &)
	wait_for there 'sleep 2004'
	P[kept]=$(outer 'sleep 2004')
	sweep_now
	check_alive 'one that ends with its parent keeps that, too' kept
	end_process "${P[kept]}"
fi

# --- a compiler cache's server ---------------------------------------------------------------
if have sccache 'sccache'; then
	(SPROUT_MANAGED_AGENT=$ID SCCACHE_DIR=$WORK/cache SCCACHE_SERVER_PORT=4399 SCCACHE_IDLE_TIMEOUT=0 \
		sccache --start-server >sccache.log 2>&1 9>&-)
	if wait_for is_there sccache; then
		P[sccache]=$(named sccache)
		list
		is "$(state "${P[sccache]}")/$(of "${P[sccache]}" kept)" orphan/keep-list \
			'a server that outlives its starter by design is on the keep list'
		sweep_now --spare-listeners 0
		check_alive 'and kept' sccache
		end_process "${P[sccache]}"
	else
		skip 'sccache' "it does not start here: $(head -n 1 sccache.log)"
	fi
fi

# --- a shell that logged in over ssh ----------------------------------------------------------
login() {
	script sshd.sh 'mount --make-rprivate / && mount -t tmpfs -o mode=700 tmpfs "$home" || exit
mkdir -m 700 "$home/.ssh" && cp "$WORK/key.pub" "$home/.ssh/authorized_keys"
exec dropbear -F -E -s -r "$WORK/hostkey" -p 127.0.0.1:2299'
	home=$(getent passwd 0 | cut -d: -f6)
	export home
	dropbearkey -t ed25519 -f hostkey >/dev/null 2>&1
	dropbearkey -t ed25519 -f key 2>/dev/null | grep ^ssh- >key.pub
	(SPROUT_MANAGED_AGENT=$ID setsid unshare -m bash "$WORK/sshd.sh" >sshd.log 2>&1 9>&- &)
	wait_for grep -qs 'Not backgrounding' sshd.log
	P[sshd]=$(named dropbear)
	mkfifo typed
	(command script -qfec "dbclient -y -y -t -i '$WORK/key' -p 2299 root@127.0.0.1" session <typed >/dev/null 2>&1 9>&- &)
	exec 8>typed
	echo 'echo "shell=$$"' >&8
	wait_for grep -aqsE 'shell=[0-9]+' session
	P[shell]=$(grep -aoE 'shell=[0-9]+' session | cut -d= -f2 | head -n 1)
}
if have dropbear 'a shell that logged in over ssh' && { [ -n "$TAP_ROOT" ] || {
	skip 'a shell that logged in over ssh' 'needs root'
	false
}; }; then
	login
	orphan plain $ID
	sweep_now
	check_alive 'a shell below a server of logins is kept with it' sshd shell
	check_dead 'unlike an orphan beside them' plain
	list --grace 1
	is "$(of "${P[sshd]}" kept)" listener 'which is a listener'
	exec 8>&-
	end_process "${P[sshd]}"
fi
done_testing
