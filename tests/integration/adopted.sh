#!/bin/bash
# SPDX-License-Identifier: MIT
# shellcheck source=tests/helpers/tap.sh disable=SC2016,SC2119,SC2154 # scripts of a tree are expanded there
# What a restarted desktop adopted: the background jobs of a harness that is still at
# work, and desktops that name no instance.
. "$(dirname "$0")/../helpers/tap.sh"
. "$here/../helpers/adoption.sh"
NONCE=00112233445566778899aabbccddeeff
OTHER=xyz.block.buzz.app.nightly
canary node

# --- the background jobs of a harness ----------------------------------------------------
script harness.sh 'BUZZ_MANAGED_AGENT=$ID agent j --double-fork --setsid & BUZZ_MANAGED_AGENT=$ID agent h --setpgid'
adopt "BUZZ_MANAGED_AGENT_START_NONCE=$NONCE"' bash "$WORK/harness.sh"' 3
printf '{"pid":%d,"desktopInstanceId":"%s"}' "${P[h]}" $ID >"$receipts/$key.json"
list
is "$(owner $ID buzz)" alive/default 'a desktop that names no instance has the default one'
is "$(state "${P[h]}")" owned 'a harness that it adopted is owned'
is "$(state "${P[j]}")" detached 'a job that this harness put in the background is detached'
BUZZ_MANAGED_AGENT_START_NONCE=ffeeddccbbaa99887766554433221100 BUZZ_MANAGED_AGENT=$ID \
	agent k --double-fork --setsid &
await 1
two_ticks
check_alive 'neither is swept' h j
leave h j k new

# Of another start of a harness, which is over: that one was left.
script harness.sh 'BUZZ_MANAGED_AGENT_START_NONCE=1'$NONCE' BUZZ_MANAGED_AGENT=$ID agent j --double-fork --setsid &
BUZZ_MANAGED_AGENT=$ID agent h --setpgid'
adopt "BUZZ_MANAGED_AGENT_START_NONCE=2$NONCE"' bash "$WORK/harness.sh"' 3
printf '%d\n' "${P[h]}" >"$receipts/k.pid"
two_ticks
check_alive 'the harness is adopted' h
check_dead 'the job of another generation is swept' j
leave h j new

# --- desktops that name no instance -------------------------------------------------------
BUZZ_MANAGED_AGENT=$OTHER agent n --double-fork --setsid &
await 1
BUZZ_MANAGED_AGENT=$ID.dev.branch agent d --double-fork --setsid &
await 1
live_desktop new buzz-desktop
list
is "$(owner $OTHER buzz)" unknown/none 'a desktop that names none may be the owner of another build'\''s'
is "$(owner $ID.dev.branch buzz)" gone/none 'save for ids that a desktop always names'
two_ticks
check_alive 'the nightly'\''s agent lives beside a release desktop' n
check_dead 'a dead worktree'\''s is swept' d
end_process "${P[new]}"
folder=$HOME/.local/share/$OTHER
mkdir -p "$folder"
(desktop new buzz-desktop --double-fork --setsid 8>"$folder/db") &
await 1
list
is "$(owner $OTHER buzz)" alive/files 'a file that it has open in the data folder tells'
end_process "${P[new]}"
mkdir -p "$folder.x"
(desktop new buzz-desktop --double-fork --setsid 8>"$folder.x/db") &
await 1
list
is "$(owner $OTHER buzz)" unknown/none 'a folder with a name that only begins like it does not'
end_process "${P[new]}"
(cd "$folder" && unset PWD OLDPWD && desktop new buzz-desktop --double-fork --setsid) &
await 1
list
is "$(owner $OTHER buzz)" alive/files 'nor has it to be a file: its working directory will do'
end_process "${P[new]}"
two_ticks
check_dead 'with the desktop gone the agent is swept' n
done_testing
