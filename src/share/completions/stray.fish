# fish completion for stray, made from its table of options
function __stray_command # what stands behind --, completed by itself
	set -l words (commandline -opc)
	set -l at (contains -i -- -- $words)
	set -e words[1..$at]
	complete -C (string join -- ' ' (string escape -- $words) (commandline -ct))
end
function __stray_face # FACE...: is the line about one of them?
	set -l face view
	for word in (string split -f 1 -m 1 -- = (commandline -opc))
		contains -- $word --list --sweep --check --reap --run --explain --history --print-config; and set face (string sub -s 3 -- $word)
	end
	contains -- $face $argv
end
function __stray_program
	set -l words (commandline -opc)
	command $words[1] $argv 2>/dev/null
end
function __stray_instances
	__stray_program --list --no-headers -o instance | sort -u
end
function __stray_pids # the name of each is its description
	__stray_program --list --no-headers -o pid,name | string trim | string replace -r ' +' '\t'
end
function __stray_apps
	__stray_program --print-config | string replace -rf '^\[app (.*)\].*' '$1'
end
function __stray_users
	__fish_complete_users
end
function __stray_columns # those of --list with commas between
	set -l columns pid ppid pgid sid uid role state owner kept ticks orphan age rss cpu app instance name args
	__stray_face list; or set columns owner tick state age since n cpu rss user instance
	set -l before (string match -r -- '^(?:.*,|-)?' (string replace -r -- '^--[a-z]*=' '' (commandline -ct)))
	for word in $columns
		echo $before$word
	end
end
complete -c stray -f
complete -c stray -n 'contains -- -- (commandline -opc)' -xa '(__stray_command)'
complete -c stray -n '__stray_face view' -l list -d 'print managed processes and the state of owners, once'
complete -c stray -n '__stray_face view' -l sweep -d 'end what was an orphan on enough ticks, unattended'
complete -c stray -n '__stray_face view' -l check -d 'exit 1 if agents are left over, or if CMD leaves some'
complete -c stray -n '__stray_face view reap' -l reap -x -a '(__stray_instances)' -d 'end the agents of this instance now'
complete -c stray -n '__stray_face view' -l run -d 'run CMD, and end what it leaves behind'
complete -c stray -n '__stray_face view explain' -l explain -x -a '(__stray_pids)' -d 'say why this process is kept, or would be ended'
complete -c stray -n '__stray_face view' -l history -d 'print what was ended, when and why'
complete -c stray -n '__stray_face view' -l print-config -d 'print what is in force, and where it came from'
complete -c stray -n '__stray_face view' -l version -s V -d 'print the version'
complete -c stray -n '__stray_face view list sweep check reap run explain history print-config' -l help -s h -a 'view list sweep check reap run explain history print-config' -d 'print this, or the options of one face'
complete -c stray -n '__stray_face view list sweep check reap run explain history print-config' -l demo -d 'with any face, on a private fleet of harmless agents'
complete -c stray -n '__stray_face view list sweep check reap explain' -l uid -s u -x -a '(__stray_users)' -d 'processes of another user (root)'
complete -c stray -n '__stray_face view list sweep check explain' -l all-users -d 'processes of every user (root)'
complete -c stray -n '__stray_face view list sweep check history' -l instance -x -a '(__stray_instances)' -d 'only instances that match'
complete -c stray -n '__stray_face view list sweep check reap history' -l app -x -a '(__stray_apps)' -d 'only instances of this app'
complete -c stray -n '__stray_face history' -l since -x -d 'only what is so old at most, or of that date'
complete -c stray -n '__stray_face view list sweep check reap run explain history print-config' -l config -rF -d 'read this configuration, not the usual one'
complete -c stray -n '__stray_face sweep' -l once -d 'one tick, then exit'
complete -c stray -n '__stray_face sweep reap' -l dry-run -s n -d 'decide everything, signal nothing'
complete -c stray -n '__stray_face view sweep print-config' -l interval -x -d 'between two ticks (60s)'
complete -c stray -n '__stray_face view list sweep check explain print-config' -l grace -x -d 'ticks an orphan must be seen on (2)'
complete -c stray -n '__stray_face view sweep check reap run history print-config' -l term-timeout -x -d 'from SIGTERM to SIGKILL (5s)'
complete -c stray -n '__stray_face view list sweep check explain print-config' -l spare-listeners -x -d 'keep what listens on a port so long (1h)'
complete -c stray -n '__stray_face view list sweep check explain print-config' -l reap-detached -a 'yes no' -d 'end detached processes too'
complete -c stray -n '__stray_face view sweep print-config' -l max-kill -x -d 'refuse a tick that would end more'
complete -c stray -n '__stray_face view list sweep check reap run explain history print-config' -l keep -x -d 'programs to leave alone, besides the built-in ones'
complete -c stray -n '__stray_face view list sweep check reap run explain history print-config' -l adopter -x -d 'programs that adopt orphans, besides those'
complete -c stray -n '__stray_face sweep' -l metrics -rF -d 'write Prometheus text there, each tick'
complete -c stray -n '__stray_face sweep' -l metrics-instances -d 'with figures for each instance'
complete -c stray -n '__stray_face check reap' -l settle -x -d 'wait so long for an end (check 2s, reap 10s)'
complete -c stray -n '__stray_face reap' -l force -d 'although the owner is alive or unknown'
complete -c stray -n '__stray_face check' -l baseline -rF -d 'forgive what stands in this --list --json'
complete -c stray -n '__stray_face check' -l allow -x -d 'this program may stay, it is no leak'
complete -c stray -n '__stray_face check' -l kill -d 'end the leaks after listing them'
complete -c stray -n '__stray_face list sweep check explain history' -l json -d 'print JSON'
complete -c stray -n '__stray_face check' -l format -x -a 'text json junit github' -d 'text, json, junit or github'
complete -c stray -n '__stray_face check' -l output -rF -d 'write there, whole or not at all'
complete -c stray -n '__stray_face list' -l columns -s o -x -a '(__stray_columns)' -d 'a line for each process, with these (pid,name)'
complete -c stray -n '__stray_face view list' -l sort -x -a '(__stray_columns)' -d 'by this column, with a - from the highest (-rss)'
complete -c stray -n '__stray_face list' -l no-headers -d 'without the line of titles'
complete -c stray -n '__stray_face list check explain' -l show-args -d 'arguments too; they may hold secrets'
complete -c stray -n '__stray_face sweep check reap run' -l quiet -s q -d 'nothing unless something was ended, or is wrong'
complete -c stray -n '__stray_face sweep reap' -l verbose -s v -d 'say when there was nothing to do'
complete -c stray -n '__stray_face view list sweep check explain' -l color -x -a 'auto always never' -d 'auto, always or never'
complete -c stray -n '__stray_face view list sweep check explain' -l no-color -d 'never'
complete -c stray -n '__stray_face view' -l delay -x -d 'between two scans (2s)'
complete -c stray -n '__stray_face view' -l filter -x -d 'begin with that filter'
complete -c stray -n '__stray_face view' -l tree -d 'begin with open groups'
complete -c stray -n '__stray_face view' -l flat -d 'begin with a flat list'
complete -c stray -n '__stray_face view' -l no-args -d 'hide arguments'
complete -c stray -n '__stray_face view' -l arm -d 'begin with the sweep armed'
complete -c stray -n '__stray_face view' -l letters -d 'letters instead of function keys'
complete -c stray -n '__stray_face view' -l no-mouse -d 'leave the mouse to the terminal'
complete -c stray -n '__stray_face view' -l ascii -d 'draw with ASCII only'
