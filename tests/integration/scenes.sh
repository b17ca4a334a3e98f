#!/bin/sh
# SPDX-License-Identifier: MIT
# The scenes of the README's pictures, cell by cell, as `make screenshots` would draw
# them (tests/screen/director.c): the real program over its demo fleet, the same at
# every run.
here=$(dirname "$0")
helpers=${HELPERS:-$here/../../build/tests/helpers}
bin=${helpers%/helpers}/screen
if [ ! -x "$bin/scenes" ]; then
	echo '1..0 # SKIP the screen tests are not built'
elif ! unshare --user --map-root-user --uts --mount unshare --user --pid --fork --mount-proc true; then
	echo '1..0 # SKIP cannot make namespaces here'
else
	exec "$here/../screen/shots.sh" "$bin/scenes" "$bin/steady" "$here/../screen/golden"
fi
