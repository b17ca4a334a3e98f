#!/bin/bash
# SPDX-License-Identifier: MIT
# shellcheck source=tests/helpers/tap.sh disable=SC2016
# --check in the container of a CI job, whose pid 1 is a program that only waits, or one
# that may have started the agent: text and JSON say something to act on.
. "$(dirname "$0")/../helpers/tap.sh"
ID=org.example.job

# In a pid namespace of its own: pid 1 of that name has adopted an agent.
cat >"$WORK/container.sh" <<-'SH'
	printf %s "$1" >/proc/$$/comm
	(SPROUT_MANAGED_AGENT=$ID setsid "$FA" --ready "$READY" --tag w &)
	read -r _ <"$WORK/go"
	for format in text json; do
		"$STRAY" --check --settle 0 --format $format </dev/null >"$WORK/$format" 2>"$WORK/err"
		echo $? >"$WORK/status"
	done
SH
mkfifo "$WORK/go"
check_in() { # NAME: of pid 1
	ID=$ID unshare -pf --mount-proc --kill-child bash "$WORK/container.sh" "$1" 9>&- &
	await 1
	echo >"$WORK/go"
	wait $!
	cp "$WORK/json" "$WORK/out"
	status=$(<"$WORK/status")
}

for name in tail sleep; do
	check_in $name
	is "$status" 1 "pid 1 is $name: an agent that it has adopted is a leak"
	like "$(<"$WORK/text")" "leak .*, adopted by pid 1 $name," '... the text says that it adopted it'
	is "$(q '.processes[0] | "\(.kind) \(.ppid) \(.parent) \(.doubt) \(.doubt_text)"')" "leak 1 $name null null" '... so does the JSON'
done
for name in sh node; do
	check_in $name
	is "$status" 3 "pid 1 is $name: an agent below it is unknown"
	like "$(<"$WORK/text")" "unknown .*: pid 1 $name; .adopter = $name. says that it only adopted it" \
		'... the text names the line that lifts the doubt'
	is "$(q '.processes[0] | "\(.kind) \(.doubt)"')" 'unknown parent-lives' '... the JSON has the reason as an identifier'
	like "$(q '.processes[0].doubt_text')" ": pid 1 $name; .adopter = $name. says" '... and as the same sentence'
	config <<<"[sweep]
adopter = $name"
	check_in $name
	is "$status" 1 '... and with that line it is a leak'
	rm "$HOME/.config/stray/stray.conf"
done
done_testing
