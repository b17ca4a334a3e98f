# SPDX-License-Identifier: MIT
# shellcheck shell=bash disable=SC2016,SC2154 # CMD's shell expands; the rest is of tap.sh
# Three orphans, a system call that fails while they are ended, and whether what is
# said then is true. To be sourced before tap.sh, which goes to another
# folder; uses GONE and INJECT.

frozen() { grep -l '^State:.T' /proc/[0-9]*/status 2>/dev/null | xargs; }

# A build that counts its lines writes that down at exit, which is none of this.
export GCOV_PREFIX=/dev/null GCOV_ERROR_FILE=/dev/null

# a ends on SIGTERM, b and c do not, c has no marker of its own.
victims() {
	fresh
	tree 3 'SPROUT_MANAGED_AGENT=$GONE exec bash -c "agent a --setpgid & agent c --scrub-env --ignore-term & exec -a goose \"\$FA\" --ready \"\$READY\" --tag b --ignore-term 9>&-"'
}

# What of the last run is not true, or left behind. $1: the exit statuses it may
# have had; with `cut` set it could not say what it did.
wrong() { # STATUSES [cut]
	local tag said pid
	[[ " $1 " == *" $status "* ]] || echo "exit status $status"
	for tag in a b c; do
		said=$(outcome $tag | xargs)
		if dead "${P[$tag]}"; then
			[[ $said =~ ^(exited|killed|gone)$ || ${2:-} ]] || echo "$tag is dead, said: '$said'"
		else
			[[ $said =~ exited|killed|gone ]] && echo "$tag lives, said: '$said'"
			[ "$status" = 0 ] && echo "$tag lives, and yet the exit status is 0"
		fi
	done
	if [ "$status" = 0 ] && grep -q 'reaping of .* stopped' "$WORK/out" "$WORK/err"; then
		echo 'it was cut short, and yet the exit status is 0'
	fi
	[ "${2:-}" ] || [ -z "$(frozen)" ] || echo "frozen: $(frozen)"
	for pid in "${canaries[@]}"; do
		alive "$pid" || echo "the bystander $pid is dead"
	done
	[ "${2:-}" ] || jq -es . "$WORK/out" >"$WORK/null" 2>&1 || echo 'not all it printed is JSON'
	[ -z "${3:-}" ] || cat "$WORK/out" "$WORK/err" | grep -qE "$3" || echo "not a word of '$3'"
}

clean_up() { # afterwards a sweep that nothing disturbs ends all
	local tag left=
	run --sweep --once --grace 1 --interval 1s --term-timeout 30ms --json
	fresh
	[ "$(state_of_all)" = dead ] || run --sweep --once --grace 1 --term-timeout 30ms --json
	# Once those that c was inferred from are gone, its instance is unknown.
	list
	if alive "${P[c]}" && [ "$(of "${P[c]}" pid)" = none ] && [ -z "$(frozen)" ]; then
		end_process "${P[c]}"
	fi
	for tag in a b c; do
		dead "${P[$tag]}" || left+=" $tag"
	done
	[ -z "$left" ] || echo "still there after another sweep:$left"
	[ -z "$(frozen)" ] || echo "frozen after another sweep: $(frozen)"
}
state_of_all() {
	alive "${P[a]}" || alive "${P[b]}" || alive "${P[c]}" || echo dead
}

try() { # NAME STATUSES WORDS INJECTION...
	local name=$1 statuses=$2 words=$3 found
	shift 3
	victims
	"$INJECT" "$@" -- "$STRAY" --sweep --once --grace 1 --term-timeout 30ms --json \
		>"$WORK/out" 2>"$WORK/err" 9>&-
	status=$?
	found=$(wrong "$statuses" '' "$words")
	[ -z "$found" ] || found+=$'\n'$(said)
	found+=$(clean_up)
	if [ -z "$found" ]; then pass "$name"; else fail "$name" "$found"; fi
}
