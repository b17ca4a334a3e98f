#!/bin/bash
# SPDX-License-Identifier: MIT
# shellcheck source=tests/helpers/tap.sh disable=SC2016,SC2119,SC2317 # scripts of a tree are expanded there
# What belongs to something that is needed is spared, though it carries the marker of a gone instance.
. "$(dirname "$0")/../helpers/tap.sh"
ID=xyz.block.sprout.app

# A browser that an agent opened: its content process and the shell in its
# terminal have no window themselves.
mkdir "$WORK/.X11-unix"
display=$WORK/.X11-unix/X0
agent server --double-fork --setsid --serve "$display" &
await 1
tree 3 'export SPROUT_MANAGED_AGENT=$ID
cat >"$WORK/kids.sh" <<END
exec 3>&- 4>&- 5>&- 6>&- 7>&- 8>&-
agent content --name WebContent &
setsid bash -c "agent shell --name bash" &
wait
END
agent browser --name firefox --double-fork --setsid --connect '"$display"' --run $WORK/kids.sh'
sweep_now
check_alive 'what has a window' browser
check_alive 'and what runs below it' content shell
for name in server browser content shell; do end_process "${P[$name]}"; done

# A desktop of another instance that was started from inside an agent of this one.
tree 3 'export SPROUT_MANAGED_AGENT=$ID
cat >"$WORK/kids.sh" <<END
agent webkit --name WebKitWebProces &
SPROUT_MANAGED_AGENT=$ID.dev agent y --setsid &
wait
END
desktop d sprout-desktop --double-fork --setsid --run $WORK/kids.sh -- --id=$ID.dev'
orphan a $ID
run --reap $ID --force
check_dead 'force ends the orphan' a
check_alive 'but nothing of the desktop that carries the marker itself' webkit y d
for name in webkit y d; do end_process "${P[$name]}"; done

# Two desktops own the default id; the second one, with another data folder, adopted the agent.
orphan c $ID
live_desktop d1 sprout-desktop
folder=$WORK/data/$ID/agents/agent-pids
mkdir -p "$folder"
XDG_DATA_HOME=$WORK/data live_desktop d2 sprout-desktop
echo "${P[c]}" >"$folder/k.pid"
sweep_now
check_alive 'what the second desktop of an instance adopted' c
for name in c d1 d2; do end_process "${P[$name]}"; done

# A desktop that hangs, and that only the name of its file tells.
if [ "$TAP_ROOT" ] && mkfifo "$WORK/hanging" && cp "$FA" "$WORK/bin/buzz-desktop.bin"; then
	app=xyz.block.buzz.app
	BUZZ_MANAGED_AGENT=$app agent b --double-fork --setsid &
	await 1
	exec_desktop() { exec "$WORK/bin/buzz-desktop.bin" --ready "$READY" --tag e --double-fork --setsid 9>&-; }
	(exec_desktop) &
	await 1
	mkdir -p "$HOME/.local/share/$app/agents/agent-pids"
	echo "${P[b]}" >"$HOME/.local/share/$app/agents/agent-pids/k.pid"
	mount --bind "$WORK/hanging" "/proc/${P[e]}/environ"
	sweep_now
	check_alive 'the agent of a desktop that hangs' b
	umount "/proc/${P[e]}/environ"
else
	skip 'the agent of a desktop that hangs' 'cannot mount here'
fi
done_testing
