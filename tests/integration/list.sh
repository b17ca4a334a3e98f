#!/bin/bash
# SPDX-License-Identifier: MIT
# shellcheck source=tests/helpers/tap.sh disable=SC2016,SC2119 # scripts of a tree are expanded there
# --list: what is there, in text and in JSON, and nothing is changed by looking.
. "$(dirname "$0")/../helpers/tap.sh"
D=xyz.block.sprout.app.dev

list
is "$status" 0 'nothing managed is fine'
is "$(q '.instances | length')" 0 'and gives no instances'
is "$(q .schema)" stray.census/1 'the schema is named'
is "$(q .complete)" true 'the scan is complete'
is "$(q .host)" "$(uname -n)" 'the host is named'
is "$(q .boot_id)" "$(cat /proc/sys/kernel/random/boot_id)" 'so is the boot'
like "$(q .time)" '^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:]{8}Z$' 'the time is in UTC'
run --list
is "$status" 0 'text about nothing is fine too'

# One desktop with two agents, one of which has two workers.
tree 5 "export SPROUT_MANAGED_AGENT=$D"'
agent a1 --setpgid --name goose & bash -c "agent w1 --name node & agent w2 & exec $FA --ready $READY --tag a2" &
unset SPROUT_MANAGED_AGENT
desktop d sprout-desktop --setsid -- --profile '"$D secret-word"
canary goose
canary sprout-deskto

list
is "$status" 0 '--list --json exits 0'
is "$(q '.instances | length')" 1 'there is one instance'
is "$(q '.instances[0].id')" "$D" 'with its id'
is "$(q '.instances[0].app')" sprout 'its app'
is "$(q '.instances[0].uid')" "$(id -u)" 'its user'
is "$(owner $D)" alive/descent 'its owner is alive'
is "$(q '.instances[0].owner.pid')" "${P[d]}" 'that is the desktop'
is "$(q '.instances[0].owner.name')" sprout-desktop 'by its name'
is "$(q '.instances[0].agents')" 2 'with two agents'
is "$(q '.instances[0].workers')" 2 'and two workers'
is "$(q '.instances[0].orphans')" 0 'and no orphan'
is "$(q '[.instances[0].processes[].pid] | sort | join(" ")')" \
	"$(printf '%s\n' "${P[a1]}" "${P[a2]}" "${P[w1]}" "${P[w2]}" | sort -n | xargs)" \
	'these four, and no other, are listed'
is "$(of "${P[a1]}" role)" agent 'a child of the desktop is an agent'
is "$(of "${P[w1]}" role)" worker 'a child of an agent is a worker'
is "$(of "${P[w1]}" ppid)" "${P[a2]}" 'with its parent'
is "$(of "${P[a1]}" pgid)" "${P[a1]}" 'its group'
is "$(of "${P[a1]}" sid)" "$(awk '{ print $6 }' "/proc/${P[a1]}/stat")" 'its session'
is "$(of "${P[a1]}" name)" goose 'its name'
is "$(of "${P[a1]}" start_ticks)" "$(start_ticks "${P[a1]}")" 'its start time'
is "$(of "${P[a1]}" state)" owned 'it is owned'
is "$(of "${P[a1]}" kept)" null 'nothing keeps it'
is "$(of "${P[a1]}" inferred)" false 'it has a marker of its own'
is "$(of "${P[a1]}" orphan_age_s)" null 'absent is null, not 0'
is "$(q '.instances[0].orphan_age_s')" null 'for the instance too'
is "$(q '.instances[0].orphan_age_exact')" null 'and so is whether that is exact'
is "$(q '[.instances[0].processes[] | .rss_kib > 0] | all')" true 'all use memory'
is "$(q '.instances[0].rss_kib == ([.instances[0].processes[].rss_kib] | add)')" true \
	'which adds up'
is "$(q 'keys - ["schema", "host", "boot_id", "time", "complete", "scanned", "unreadable",
	"took_ms", "instances"] | length')" 0 'no key but the documented ones'
is "$(q '["id","app","uid","owner","orphan_age_s","orphan_age_exact","agents","workers","orphans",
	"rss_kib","cpu_pct","processes"] - (.instances[0] | keys) | length')" 0 \
	'an instance has all of its keys'
is "$(q '["pid","start_ticks","ppid","pgid","sid","name","role","state","inferred","kept","ticks",
	"orphan_age_s","age_s","rss_kib","cpu_pct","listening"]
	- (.instances[0].processes[0] | keys) | length')" 0 'a process has all of its keys'
is "$(q 'tostring | contains("secret-word")')" false 'arguments stay out of JSON'
list --show-args
is "$status" 0 '--show-args is fine'

run --list
like "$(out)" "$D" 'text names the instance'
like "$(out)" 'sprout-desktop' 'and the desktop'
is "$(out | grep -c $'\033')" 0 'without colour where there is no terminal'
run --list --color=always
check '--color=always colours' grep -q $'\033' "$WORK/out"
run --list --json --color=always
is "$(grep -c $'\033' "$WORK/out")" 0 'but never JSON'

# Ids are compared byte for byte.
orphan o1 xyz.block.sprout.app
orphan o2 xyz.block.sprout.app.deV
orphan o3 xyz.block.sprout.app.dev.2
list
is "$(q '.instances | length')" 4 'ids that look alike are different instances'
is "$(q '[.instances[].processes | length] | sort | join(" ")')" '1 1 1 4' 'and stay apart'
list --instance 'xyz.*.dev'
is "$(q '[.instances[].id] | join(" ")')" "$D" '--instance narrows it, by a pattern'
list --app buzz
is "$(q '.instances | length')" 0 '--app narrows it'
list --app sprout
is "$(q '.instances | length')" 4 'to that app'

# What a process listens on; and once the sweep has looked, that it spares it.
orphan o4 org.example.listens --listen
list --instance org.example.listens
like "$(q '.instances[0].processes[0].listening | tostring')" '^\[[1-9][0-9]*\]$' 'what it listens on is shown'
is "$(q '[.instances[].processes[].listening] | length')" 1 'and of every process'

is "$(find "$STRAY_STATE_DIR" -type f -size +0 | wc -l)" 0 'looking writes no ledger'
(umask 077; echo '{' >"$STRAY_STATE_DIR/$(ledger_name)")
list
is "$status" 0 'a damaged ledger does not keep it from looking'
is "$(err | grep -c damaged)" 1 'and is spoken of once'
rm "$STRAY_STATE_DIR/$(ledger_name)"
chmod 755 "$STRAY_STATE_DIR"
list
is "$status" 0 'a state directory that others can enter does not keep it from looking'
like "$(err)" 'state' 'but is spoken of'
chmod 700 "$STRAY_STATE_DIR"
# --- as ps has it --------------------------------------------------------------------

orphan tab1 t.gone
orphan tab2 t.gone
run --list --instance t.gone -o pid,state,name --sort -pid
is "$status" 0 '--list with columns'
is "$(out | tr -s ' ' | sed 's/^ //')" "PID STATE NAME
$(printf '%s orphan fakeagent\n' "${P[tab1]}" "${P[tab2]}" | sort -rn)" '... has these, in that order'
run --list --instance t.gone -o pid --no-headers
is "$(out | xargs)" "$(printf '%s\n' "${P[tab1]}" "${P[tab2]}" | sort -n | xargs)" '... and no titles if asked'
run --list --instance nothing --no-headers -o pid
is "$status$(out)" 0 '... and nothing at all where there is none'
(
	exec 9>&-
	STRAY_INSTANCE=nameless exec -a '' sleep 1000
) &
wait_for grep -qx sleep "/proc/$!/comm"
run --list --instance nameless -o pid,name,args --show-args --no-headers
is "$(out | tr -s ' ' | sed 's/^ //')" "$! sleep 1000" 'an empty argv[0] is told as the name it has'
end_process $!
run --list -o pid,nope
is "$status" 2 'a column that is not known'
like "$(err)" "no column 'nope', only pid, " '... is refused, and those that are known are named'
run --list --json --sort pid
is "$status" 2 'nor is there a table in JSON'
done_testing
