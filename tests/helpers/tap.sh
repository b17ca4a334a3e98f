# SPDX-License-Identifier: MIT
# shellcheck shell=bash disable=SC2016,SC2119,SC2120,SC2153 # jq has its own $
# Sourced by every integration test, before all else. The test then runs in a pid
# namespace of its own, as a child of that namespace's pid 1, with a HOME and a
# state directory of its own, and whatever it starts is gone with it. Where no
# namespace can be made it is skipped, unless it has set TAP_NAMESPACE=wish before:
# that is for tests which signal nothing but what they have started themselves.
#
# Processes are made by `agent` and `desktop` (tests/helpers/fakeagent.c), in the
# background; `await N` waits until N of them are in place and puts their pids
# into P[TAG]. In a `tree` they are called by a script of its own:
#
#	desktop d sprout-desktop --double-fork -- --instance a.b & await 1
#	tree 2 'SPROUT_MANAGED_AGENT=a.b agent w & desktop d sprout-desktop'

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
export STRAY=${STRAY:-$here/../../build/stray}
export HELPERS=${HELPERS:-$here/../../build/tests/helpers}
# What .ci/unpack fetched to test against.
TOOLS=${TOOLS:-$(cd "$here/../.." && pwd)/build/tools}
PATH=$PATH:$TOOLS/usr/bin:$TOOLS/usr/sbin

if [ -z "${TAP_INSIDE:-}" ]; then
	for program in "$STRAY" "$HELPERS/fakeagent"; do
		[ -x "$program" ] || { echo "Bail out! no '$program'"; exit 1; }
	done
	TAP_ROOT=yes
	enter=(unshare -pf --mount-proc --kill-child)
	if [ "$(id -u)" != 0 ]; then
		TAP_ROOT=
		enter=(unshare -Urpf --mount-proc --kill-child)
	fi
	export TAP_INSIDE=yes TAP_ROOT
	if ! "${enter[@]}" true 2>/dev/null; then
		if [ "${TAP_NAMESPACE:-}" != wish ]; then
			echo '1..0 # SKIP cannot make a pid namespace here'
			exit 0
		fi
		# As it is below, but for the namespace: a session of its own.
		exec setsid -w bash "$0" "$@"
	fi
	# Several commands, so that pid 1 stays: it leads the session, and adopts orphans,
	# which by the name of a shell it would not.
	# shellcheck disable=SC2016 # for the inner shell
	exec "${enter[@]}" setsid bash -c 'printf init >/proc/$$/comm; "$@"; exit $?' init bash "$0" "$@"
fi

set -u
WORK=$(mktemp -d) || exit 1
chmod 755 "$WORK"
mkdir "$WORK/home" "$WORK/bin"
mkdir -m 700 "$WORK/state"
mkfifo -m 666 "$WORK/ready"
install -m 755 "$HELPERS/fakeagent" "$WORK/bin/fakeagent"
exec 9<>"$WORK/ready"
unset SPROUT_MANAGED_AGENT BUZZ_MANAGED_AGENT STRAY_INSTANCE STRAY_KEEP NO_COLOR \
	CLAUDE_CODE_MESSAGING_SOCKET OPENCODE_PID QWEN_CODE_MESSAGING_SOCKET COPILOT_LOADER_PID \
	VSCODE_PID RUNNER_TRACKING_ID TMUX STY SYSTEMD_EXEC_PID \
	XDG_CONFIG_HOME XDG_DATA_HOME XDG_RUNTIME_DIR DISPLAY WAYLAND_DISPLAY COLUMNS
export HOME=$WORK/home STRAY_STATE_DIR=$WORK/state LC_ALL=C.UTF-8
export WORK FA=$WORK/bin/fakeagent READY=$WORK/ready
cd "$WORK" || exit 1
declare -A P=()
# Not the program as people run it, but many times slower and with calls of its own.
INSTRUMENTED=$(grep -qE '__(asan|tsan)_init|__gcov_' "$STRAY" && echo yes)
export INSTRUMENTED
tests=0 bad=0 status=0
canaries=()
# A signal may reach a child of this shell before that has become another program.
trap '[ $BASHPID != $$ ] || rm -rf "$WORK"' EXIT

# --- results -------------------------------------------------------------------

pass() { # NAME
	tests=$((tests + 1))
	echo "ok $tests - $1"
}

fail() { # NAME [WHY...]
	tests=$((tests + 1)) bad=$((bad + 1))
	echo "not ok $tests - $1"
	shift
	[ $# = 0 ] || printf '%s\n' "$@" | sed 's/^/# /'
}

skip() { # NAME WHY
	tests=$((tests + 1))
	echo "ok $tests - $1 # SKIP $2"
}

is() { # GOT WANT NAME
	if [ "$1" = "$2" ]; then pass "$3"; else fail "$3" "got:  $1" "want: $2" "$(said)"; fi
}

like() { # GOT REGEX NAME
	if [[ $1 =~ $2 ]]; then pass "$3"; else fail "$3" "got:   $1" "wants: $2" "$(said)"; fi
}

check() { # NAME COMMAND...: what it prints is shown where it fails
	local name=$1 printed=$WORK/checked
	shift
	if "$@" >"$printed" 2>&1; then
		pass "$name"
	else
		fail "$name" "failed: $* (status $?)" "$(end_of "$printed")" "$(said)"
	fi
}

end_of() { # FILE: its last lines, cut; but for the passes of a test run
	[ -s "$1" ] || return 0
	echo 'the end of what it printed:'
	grep -av '^ok ' "$1" | tail -n 40 | tail -c 4000 | cut -c1-300
}

done_testing() {
	local pid gone=
	for pid in "${canaries[@]}"; do
		alive "$pid" || gone+=" $pid"
	done
	[ ${#canaries[@]} = 0 ] || is "$gone" '' 'no process without a part in this was ended'
	echo "1..$tests"
	[ "$bad" = 0 ]
	exit
}

# --- the program ------------------------------------------------------------------

# Sets $status; what it printed is in out and err.
run() {
	"$STRAY" "$@" >"$WORK/out" 2>"$WORK/err" 9>&-
	status=$?
}

said() { # what the last run printed, for a failure's report
	[ -e "$WORK/out" ] || return 0
	echo "status $status"
	head -c 2000 "$WORK/out" | head -n 30 | cut -c1-300
	head -n 10 "$WORK/err"
}

out() { cat "$WORK/out"; }
err() { cat "$WORK/err"; }

# The picture, into `out`; then q asks it.
list() { run --list --json "$@"; }
q() { jq -r "$@" <"$WORK/out" 2>&1; }

owner() { # INSTANCE [APP]: state/evidence
	q --arg id "$1" --arg app "${2:-sprout}" \
		'[.instances[] | select(.id == $id and .app == $app) | .owner.state + "/" + .owner.evidence]
		| if . == [] then "none" else join(",") end'
}

of() { # PID FIELD: of that process, once for each instance that it belongs to
	q --argjson pid "$1" "[.instances[].processes[] | select(.pid == \$pid) | .$2 | tostring]
		| if . == [] then \"none\" else join(\",\") end"
}

state() { of "$1" state; }

config() { # stdin: the user's configuration
	mkdir -p "$HOME/.config/stray"
	cat >"$HOME/.config/stray/stray.conf"
}

# The name of the ledger: one for each boot and pid namespace.
ledger_name() {
	local boot
	read -r boot </proc/sys/kernel/random/boot_id
	printf 'ledger-%s-%s.json\n' "${boot%%-*}" "$(stat -L -c %i /proc/self/ns/pid)"
}

# Forget earlier ticks; else one that follows too soon would only look.
fresh() { rm -f "$STRAY_STATE_DIR"/ledger-*.json; }

# End orphans at first sight, and do not wait long for them.
sweep_now() {
	fresh
	run --sweep --once --grace 1 --term-timeout 300ms "$@"
}

tick() { run --sweep --once --interval 1s --term-timeout 300ms "$@"; }

# What a run with --sweep --json said of one process: its outcome.
outcome() { # TAG
	jq -r --argjson pid "${P[$1]}" 'select(.pid == $pid and has("outcome")) | .outcome' \
		<"$WORK/out" 2>&1
}

# Awake time has to pass between two ticks that count; nothing announces that.
half_an_interval() { sleep 0.6; } # of the 1s in tick

# --- processes ---------------------------------------------------------------------

# Replaces the (sub)shell that calls it, so call it with &.
agent() { # TAG [OPTION...]
	local tag=$1
	shift
	exec ${AS:+$AS} "$FA" --ready "$READY" --tag "$tag" "$@" 9>&-
}

desktop() { # TAG NAME [OPTION...] [-- WORDS]
	local tag=$1 name=$2
	shift 2
	exec -a "$name" "$FA" --ready "$READY" --tag "$tag" --name "$name" "$@" 9>&-
}

export -f agent desktop

await() { # N
	local nr pid tag
	for ((nr = 0; nr < $1; nr++)); do
		if ! read -r -t 60 pid tag <&9; then
			echo "Bail out! only $nr of $1 processes came up"
			exit 1
		fi
		P[$tag]=$pid
	done
}

# A script for others to run, with this one's ID and GONE. Ids must not stand in
# arguments or be exported: a process that names one in its arguments may be its owner.
script() { # FILE TEXT
	{ declare -p ID GONE 2>/dev/null; printf '%s\n' "$2"; } >"$WORK/$1"
}

# Run a script as a child of pid 1 and wait for N processes.
trees=0
tree() { # N SCRIPT
	trees=$((trees + 1))
	script "tree$trees.sh" "$2"
	(bash "$WORK/tree$trees.sh" 9>&- &)
	await "$1"
}

orphan() { # TAG INSTANCE [OPTION...]: of no desktop, a child of pid 1
	local tag=$1 id=$2
	shift 2
	SPROUT_MANAGED_AGENT=$id agent "$tag" --double-fork --setsid "$@" &
	await 1
}

live_desktop() { # TAG NAME [OPTION...] [-- WORDS]
	local tag=$1 name=$2
	shift 2
	desktop "$tag" "$name" --double-fork --setsid "$@" &
	await 1
}

# A process with that name and no marker, which must outlive the test.
canary() { # NAME [OPTION...]
	local name=$1
	shift
	(exec -a "$name" "$FA" --ready "$READY" --tag canary --name "$name" \
		--double-fork --setsid "$@" 9>&-) &
	await 1
	canaries+=("${P[canary]}")
}

alive() { # PID: a process with a thread that has not ended, a stopped one too
	local stat file
	for file in "/proc/$1/task/"*/stat; do
		{ read -r stat <"$file"; } 2>/dev/null || continue
		stat=${stat##*) }
		[[ ${stat%% *} == [ZX] ]] || return 0
	done
	return 1
}

dead() { ! alive "$1"; }

check_dead() { # NAME TAG...
	local name=$1 tag left=
	shift
	for tag; do
		dead "${P[$tag]}" || left+=" $tag=${P[$tag]}"
	done
	is "$left" '' "$name"
}

check_alive() { # NAME TAG...
	local name=$1 tag gone=
	shift
	for tag; do
		alive "${P[$tag]}" || gone+=" $tag=${P[$tag]}"
	done
	is "$gone" '' "$name"
}

# For what nothing announces: ask until it holds, for a minute at most.
wait_for() { # COMMAND...
	local end=$((SECONDS + 60))
	until "$@"; do
		[ $SECONDS -lt $end ] || return 1
		read -r -t 0.02 _ <&9 # no process writes there now: a pause without a process
	done
	return 0
}

end_process() { # PID: and wait until it has ended
	kill -KILL "$1"
	wait_for dead "$1"
}

start_ticks() { # PID
	local line stat
	read -r line <"/proc/$1/stat" || return 1
	read -ra stat <<<"${line##*) }"
	echo "${stat[19]}"
}
