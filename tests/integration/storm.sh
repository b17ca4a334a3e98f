#!/bin/bash
# shellcheck source=tests/helpers/tap.sh disable=SC2016,SC2119 # scripts of a tree are expanded there
# Victims that fork while they are ended: afterwards none of them is left.
. "$(dirname "$0")/../helpers/tap.sh"
GONE=org.example.gone
canary goose
canary fakeagent

# Everybody who runs the victims' program, but for the canaries.
left_over() {
	local dir pid found=
	for dir in /proc/[0-9]*; do
		pid=${dir#/proc/}
		[ "$(readlink "$dir/exe")" = "$FA" ] || continue
		[[ " ${canaries[*]} " == *" $pid "* ]] || found+=" $pid"
	done
	echo "$found"
}

round() { # NAME OPTION... of the orphan
	local name=$1
	shift
	orphan a $GONE "$@"
	sweep_now
	is "$status" 0 "$name: the sweep is content"
	is "$(left_over)" '' "$name: and nobody is left"
}

is "$(left_over)" '' 'nobody but canaries at first'
round 'one that hops from pid to pid' --storm 1
round 'ten that hop' --storm 10
round 'hopping below a deaf one' --storm 3 --ignore-term
round 'a stopped one above hopping ones' --storm 3 --stop
round 'one that breeds when it is asked to end' --breed 5
round 'that one, slowly' --breed 5 --slow-exit 200
round 'that one, too slowly' --breed 5 --slow-exit 60000

tree 4 'SPROUT_MANAGED_AGENT=$GONE exec bash -c "
	agent w1 --setsid & agent w2 --storm 3 --setsid & agent w3 --ignore-term --setsid --breed 3 & agent a"'
sweep_now
is "$(left_over)" '' 'sessions of their own help nobody'
tree 4 'SPROUT_MANAGED_AGENT=$GONE exec bash -c "
	agent w1 --scrub-env & agent w2 --scrub-env --ignore-term & agent w3 --scrub-env --setsid --slow-exit 60000 & agent a"'
sweep_now
is "$(left_over)" '' 'nor do scrubbed environments'
for i in 1 2 3 4 5 6; do
	orphan "a$i" $GONE --storm 2
done
run --reap $GONE --term-timeout 300ms
is "$status" 0 '--reap among storms'
is "$(left_over)" '' 'leaves nobody either'
done_testing
