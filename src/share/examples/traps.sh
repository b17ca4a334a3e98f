# SPDX-License-Identifier: MIT
# shellcheck shell=sh
# A shell script that starts a desktop and ends the agents of its instance when it ends,
# however it ends: by itself, by ^C, by TERM or HUP, or with its window. For sh, dash,
# bash, zsh: source this file, then call `run_desktop INSTANCE COMMAND...`.
#
# `stray --run -- COMMAND...` needs none of this, and ends whatever COMMAND leaves behind,
# with a marker or without. A trap is for where the script itself must stay in charge.
#
# What is in it, and why:
#  - A closing window sends HUP twice, from the terminal and from its shell. The second
#    would end the shell in the middle of its trap, so each begins by ignoring what follows.
#  - dash runs no EXIT trap on a signal: the traps of the signals call exit.
#  - A shell runs a trap only when the command in front has ended: so the desktop is in
#    the background, and the shell waits for it.
#  - The desktop is asked to end first. stray waits up to --settle for that, then ends
#    the agents; a desktop that lives on keeps them.
#  - zsh that waits goes on with that when a trap calls exit: so the traps of the signals
#    end the desktop themselves, and the EXIT trap finds nothing more to do.
stray_trap_end() {
	trap '' HUP INT TERM
	[ -z "${stray_trap_desktop:-}" ] || kill "$stray_trap_desktop" 2>/dev/null
	stray_trap_desktop=
	[ -z "${stray_trap_instance:-}" ] || stray --reap "$stray_trap_instance"
	stray_trap_instance=
}

run_desktop() { # INSTANCE COMMAND...: its exit status is COMMAND's
	stray_trap_instance=${1:?no instance}
	shift
	"$@" &
	stray_trap_desktop=$!
	wait "$stray_trap_desktop"
}

trap 'trap "" HUP INT TERM; stray_trap_end; exit 129' HUP
trap 'trap "" HUP INT TERM; stray_trap_end; exit 130' INT
trap 'trap "" HUP INT TERM; stray_trap_end; exit 143' TERM
trap 'stray_trap_end' EXIT
