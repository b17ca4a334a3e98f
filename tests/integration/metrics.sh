#!/bin/bash
# SPDX-License-Identifier: MIT
# shellcheck source=tests/helpers/tap.sh disable=SC2016,SC2119,SC2317
# --metrics FILE, against its readers: promtool and node_exporter.
top=$(cd "$(dirname "$0")/../.." && pwd)
. "$(dirname "$0")/../helpers/tap.sh"
ID=org.example.app
alerts=$top/src/share/examples/alerts.yml
prom=$WORK/text/stray.prom
mkdir "$WORK/text"
# Of this user; the label stands in each series.
value() { sed -n -e 's/,uid="0"}/}/' -e 's/{uid="0"}//' -e "s/^$1 //p" "$prom"; }

# One that goes, one that is deaf, one that has an owner.
orphan a $ID
orphan b $ID --ignore-term
tree 2 'SPROUT_MANAGED_AGENT=$ID.b agent c --setsid & desktop d sprout-desktop -- $ID.b'
sweep_now --metrics "$prom"
is "$status" 0 '--metrics is fine'
is "$(ls "$WORK/text")" stray.prom 'nothing but the file is left'
is "$(value 'stray_agents{app="sprout"}') $(value 'stray_orphans{app="sprout"}')" '1 0' 'agents and orphans by app, as the tick left them'
is "$(value 'stray_reaped_total{app="sprout",outcome="exited"}')$(value 'stray_reaped_total{app="sprout",outcome="killed"}')" \
	11 'what was ended, by how'
is "$(value 'stray_survived_total{app="sprout"}')$(value 'stray_refused_total{app="sprout"}')" 00 'what was not'
is "$(value stray_scan_complete) $(value stray_incomplete_scans_total)" '1 0' 'what the scan saw'
now=$(date +%s)
last=$(value stray_last_tick_timestamp_seconds)
check 'when the last tick was' test "$((now - ${last%.*}))" -ge 0 -a "$((now - ${last%.*}))" -le 60
is "$(grep -c "$ID" "$prom")" 0 'no name of an instance'
is "$(grep -vc -e '^#' -e 'uid="'"$(id -u)"'"' "$prom")" 0 'each series has the user as a label'
sweep_now --metrics "$WORK/text/of-%u-%%.prom"
check '%u in the name is the user, %% a %' test -s "$WORK/text/of-$(id -u)-%.prom"
rm "$WORK/text/of-"*

# --- the manual page ----------------------------------------------------------------------

run --sweep --once --dry-run --metrics all.prom --metrics-instances
is "$(grep -oE '^\.Cm stray_[a-z_]+' "$top/src/share/man/stray.1" | cut -d' ' -f2 | sort)" \
	"$(sed -n 's/^# HELP \([^ ]*\).*/\1/p' all.prom | sort)" 'the manual page names all of them'

# --- whole or not at all ----------------------------------------------------------------

cp "$prom" before.prom
if [ "$TAP_ROOT" ] && mkdir full && mount -t tmpfs -o size=4k,mode=755 none full 2>/dev/null; then
	echo old >full/stray.prom # takes the only page
	run --sweep --once --metrics full/stray.prom
	is "$status $(cat full/stray.prom) $(ls full)" '0 old stray.prom' 'a full disk leaves the old one, and no half'
	like "$(err)" "^stray: warning: cannot write 'full/stray.prom': No space left on device, ignoring$" 'it is said'
	umount full
else
	skip 'a full disk leaves the old one' 'cannot mount here'
fi
# A reader sees, while it is written, all of one or all of the other.
fresh
rm -f "$prom"
"$STRAY" --sweep --interval 1h --metrics "$prom" >"$WORK/out" 2>"$WORK/err" 9>&-  &
service=$!
ticks() { [ -e "$prom" ] && [ "$(value stray_ticks_total)" -ge "$1" ]; }
torn=0
wait_for ticks 1 # before that a signal would end it
for ((i = 2; i < 40; i++)); do
	kill -USR1 $service
	wait_for ticks $i || break
	head -n 1 "$prom" | grep -q '^# HELP stray_build_info' &&
		tail -n 1 "$prom" | grep -qE '^stray_scan_complete{uid="[0-9]+"} [01]$' || torn=$((torn + 1))
done
kill -TERM $service
wait $service
is "$? $i $torn" '0 40 0' 'each of many ticks left a whole file'

# --- node_exporter and promtool ------------------------------------------------------------

orphan a "$ID \"\\{}
x"
run --sweep --once --metrics "$prom" --metrics-instances
is "$status" 0 '--metrics-instances is fine'
check 'instances are labels then' grep -q "^stray_instance_agents{.*instance=\"$ID.b\"} 1$" "$prom"
if command -v promtool >/dev/null; then
	promtool check metrics <"$prom" >promtool.said 2>&1
	is "$? $(cat promtool.said)" '0 ' 'promtool check metrics has nothing to say'
	promtool check metrics <before.prom >promtool.said 2>&1
	is "$? $(cat promtool.said)" '0 ' 'nor of those without instances'
	check 'promtool check rules takes the alert rules' promtool check rules "$alerts"
	sed "s,ALERTS,$alerts," >alerts-test.yml <<-'YAML'
		rule_files: [ALERTS]
		evaluation_interval: 1m
		tests:
		  - interval: 1m
		    input_series:
		      - series: 'stray_orphans{instance="many",app="sprout"}'
		        values: '40x60'
		      - series: 'stray_orphans{instance="many",app="buzz"}'
		        values: '40x60'
		      - series: 'stray_orphans{instance="few",app="sprout"}'
		        values: '40x60'
		      - series: 'stray_survived_total{instance="few",app="sprout"}'
		        values: '0x20 1x40'
		      - series: 'stray_last_tick_timestamp_seconds{instance="few"}'
		        values: '0+60x60'
		      - series: 'stray_last_tick_timestamp_seconds{instance="many"}'
		        values: '0x60'
		      - series: 'stray_last_tick_timestamp_seconds{instance="gone"}'
		        values: '0+60x10 stale'
		    alert_rule_test:
		      - alertname: OrphanedAgents
		        eval_time: 30m
		        exp_alerts:
		          - exp_labels: { instance: many, severity: warning }
		            exp_annotations: { summary: 80 orphaned agent processes on many }
		      - alertname: AgentsSurvive
		        eval_time: 30m
		        exp_alerts:
		          - exp_labels: { instance: few, severity: warning }
		            exp_annotations: { summary: Agents on few outlive SIGKILL }
		      - alertname: SweepStopped
		        eval_time: 30m
		        exp_alerts:
		          - exp_labels: { instance: many, severity: warning }
		            exp_annotations: { summary: No sweep on many for more than ten minutes }
		          - exp_labels: { instance: gone, severity: warning }
		            exp_annotations: { summary: No sweep on gone for more than ten minutes }
		  - interval: 1m
		    alert_rule_test:
		      - alertname: SweepStopped
		        eval_time: 30m
		        exp_alerts:
		          - exp_labels: { severity: warning }
		            exp_annotations: { summary: No sweep for more than ten minutes }
	YAML
	promtool test rules alerts-test.yml >promtool.said 2>&1
	is $? 0 'and they fire for those that they are about' || cat promtool.said
	# The dashboard: each expression as a recording rule, with a value for its variable.
	jq -r '.panels[].targets[].expr' "$top/src/share/examples/grafana.json" >expressions
	check 'the dashboard has expressions' test "$(wc -l <expressions)" -gt 10
	{
		printf 'groups:\n- name: dashboard\n  rules:\n'
		sed 's/\$instance/.*/g' expressions | jq -R '.' |
			awk '{ printf "  - record: panel%d\n    expr: %s\n", NR, $0 }'
	} >dashboard.yml
	promtool check rules dashboard.yml >promtool.said 2>&1
	is "$? $(grep -oE '[0-9]+ rules' promtool.said)" "0 $(wc -l <expressions) rules" 'Prometheus takes each of them'
else
	skip 'promtool check' 'no promtool here'
fi
sed -n 's/^# HELP \([^ ]*\).*/\1/p' all.prom | sort -u >exported
is "$({
	jq -r '.panels[].targets[].expr, .templating.list[].query' "$top/src/share/examples/grafana.json"
	grep -E '^ *expr:' "$alerts"
} | grep -oE 'stray_[a-z_]+' | sort -u | comm -23 - exported)" '' 'dashboard and alerts name only what is exported'
is "$(grep -A1 'alert: OrphanedAgents' "$alerts" | tail -n 1 | xargs -0 printf %s | tr -s ' ')" \
	"$(grep -A1 'alert: OrphanedAgents' "$top/src/share/doc/guide.md" | tail -n 1 | tr -s ' ')" 'the alert in the guide is one of them'
exporter=$(command -v prometheus-node-exporter || command -v node_exporter)
if [ "$exporter" ] && command -v python3 >/dev/null; then
	# A port that is free, of the loopback of this test's.
	"$exporter" --web.listen-address=127.0.0.1:19100 --collector.disable-defaults --collector.textfile \
		--collector.textfile.directory="$WORK/text" >exporter.log 2>&1 9>&- &
	exporter_pid=$!
	scrape() {
		python3 -c 'import urllib.request as u; print(u.urlopen("http://127.0.0.1:19100/metrics").read().decode())' \
			>scraped 2>/dev/null && grep -q '^node_textfile_scrape_error' scraped
	}
	up_or_dead() { scrape || dead "$exporter_pid"; }
	wait_for up_or_dead
	is "$(grep -E '^node_textfile_scrape_error' scraped)" 'node_textfile_scrape_error 0' 'node_exporter reads it without error'
	names() { grep -oE '^stray_[a-z_]+' "$1" | sort -u; }
	is "$(names scraped)" "$(names "$prom")" 'and serves all of it'
	kill $exporter_pid
else
	skip 'node_exporter reads it' 'no node_exporter here'
fi
done_testing
