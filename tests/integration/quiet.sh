#!/bin/bash
# SPDX-License-Identifier: MIT
# shellcheck source=tests/helpers/tap.sh
# --quiet: nothing is printed unless something was ended, survived or went wrong.
. "$(dirname "$0")/../helpers/tap.sh"

said_nothing() { is "$(out)$(err)" '' "$1"; }

run --sweep --once -q
is "$status" 0 'a quiet tick that finds nothing'
said_nothing '... prints nothing'
orphan a x.gone
fresh
run --sweep --once --quiet --interval 1s --term-timeout 300ms
is "$status" 0 'a quiet tick that counts an orphan'
said_nothing '... prints nothing'
half_an_interval
run --sweep --once --quiet --interval 1s --term-timeout 300ms
check_dead 'the second tick ends it' a
like "$(out)" "${P[a]}" '... and prints what was ended'
fresh
run --sweep --once -nq --grace 1
said_nothing 'a quiet dry run without orphans prints nothing'
STRAY_KEEP=1 orphan kept x.gone
sweep_now --quiet
said_nothing 'what is kept is no news'
run --reap x.gone --settle 0 --quiet
is "$status" 0 '--reap --quiet of what is kept'
said_nothing '... prints nothing'
run --reap x.gone --settle 0
like "$(out)" '1 kept' '... without it, it does'
run --check --settle 0 --quiet
is "$status" 0 '--check --quiet without leaks'
said_nothing '... prints nothing'
run --check --settle 0 --quiet --json
is "$(q .kept)" 1 '... but what a program asked for'
orphan b x.gone
run --check --settle 0 --quiet
like "$(out)" "${P[b]}" '--check --quiet lists leaks'
run --run --quiet -- bash -c 'STRAY_KEEP=1 setsid sleep 600 >/dev/null 2>&1 &'
is "$status" 0 '--run --quiet keeps what is kept'
said_nothing '... without a word'
(umask 077; echo nonsense >"$STRAY_STATE_DIR/$(ledger_name)")
config <<<'[swep]'
run --sweep --once --quiet
is "$status" 2 'a broken configuration is told'
check '... on stderr' test -s "$WORK/err"
done_testing
