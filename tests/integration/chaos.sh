#!/bin/bash
# SPDX-License-Identifier: MIT
# shellcheck source=tests/helpers/tap.sh disable=SC2016,SC2119 # scripts are expanded elsewhere
# Desktops, agents and workers of all kinds that come and go by chance, under a
# sweep, under one that is killed again and again, and under two that know nothing
# of each other: none is ended that must live, none is left that must not, none stays
# frozen.
# STRAY_CHAOS_SECONDS: how long. STRAY_CHAOS_STORMS: some hop from pid to pid, too.
# STRAY_CHAOS_SEED: the same again, as far as chance is ours.
. "$(dirname "$0")/../helpers/tap.sh"
seconds=${STRAY_CHAOS_SECONDS:-30}
seed=${STRAY_CHAOS_SEED:-$RANDOM}

try() { # NAME OPTION...
	local name=$1 said
	shift
	fresh
	# In a pid namespace of its own, so that none of it is left for the next.
	unshare -pf --mount-proc --kill-child bash -c 'printf init >/proc/$$/comm; "$@"; exit $?' init "$HELPERS/chaos" \
		--seconds $((seconds / 3)) --seed "$seed" "$@" >"$WORK/said" 2>&1 9>&-
	status=$?
	said=$(cat "$WORK/said")
	echo "# $name: ${said##*$'\n'}"
	if [ $status = 0 ]; then pass "$name"; else fail "$name" "$said"; fi
	like "$said" 'generations [1-9][0-9]+, processes [1-9][0-9]+' "$name: a lot has happened"
}
try 'chaos' ${STRAY_CHAOS_STORMS:+--storms}
try 'chaos with a sweep that is killed' --kill-sweeper
mkdir -m 700 "$WORK/rival"
try 'chaos with two sweeps' --rival "$WORK/rival" ${STRAY_CHAOS_STORMS:+--storms}
done_testing
