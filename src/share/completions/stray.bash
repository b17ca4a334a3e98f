# bash completion for stray, made from its table of options
_stray_offer() # WORD...: those that begin with what was typed; no word is expanded
{
	local word
	for word; do
		printf -v word %q "$word"
		[[ $word = "$cur"* ]] && COMPREPLY+=("$word")
	done
}
_stray_instances() # PROGRAM
{
	local lines
	mapfile -t lines < <("$1" --list --no-headers -o instance 2>/dev/null | sort -u)
	_stray_offer "${lines[@]}"
}
_stray_pids() # PROGRAM
{
	local lines
	mapfile -t lines < <("$1" --list --no-headers -o pid 2>/dev/null | tr -d ' ')
	_stray_offer "${lines[@]}"
}
_stray_apps() # PROGRAM
{
	local lines
	mapfile -t lines < <("$1" --print-config 2>/dev/null | sed -n 's/^\[app \(.*\)\].*/\1/p')
	_stray_offer "${lines[@]}"
}
_stray_users()
{
	mapfile -t COMPREPLY < <(compgen -u -- "$cur")
}
_stray_columns() # those of --list with commas between
{
	local before='' columns='pid ppid pgid sid uid role state owner kept ticks orphan age rss cpu app instance name args' word
	[ "$face" = list ] || columns='owner tick state age since n cpu rss user instance'
	[[ $cur = *,* ]] && before=${cur%,*},
	[[ $cur = -* ]] && [ ! "$before" ] && before=-
	for word in $columns; do
		[[ $before$word = "$cur"* ]] && COMPREPLY+=("$before$word")
	done
}
_stray()
{
	local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]} equals='' face=view i
	COMPREPLY=()
	for ((i = 1; i < COMP_CWORD; i++)); do
		case ${COMP_WORDS[i]} in
		--list|--sweep|--check|--reap|--run|--explain|--history|--print-config)
			face=${COMP_WORDS[i]#--}
			;;
		--)
			# of the package bash-completion: what that command takes
			if declare -F _command_offset >/dev/null; then
				_command_offset $((i + 1))
				return
			fi
			compopt -o filenames 2>/dev/null
			mapfile -t COMPREPLY < <(compgen -c -f -- "$cur")
			return
			;;
		esac
	done
	# readline takes `=` for a word of its own
	if [ "$cur" = = ]; then
		cur='' equals=1
	elif [ "$prev" = = ] && [ "$COMP_CWORD" -ge 2 ]; then
		prev=${COMP_WORDS[COMP_CWORD - 2]} equals=1
	fi
	case $prev in
	--reap)
		_stray_instances "$1"
		return
		;;
	--explain)
		_stray_pids "$1"
		return
		;;
	--help | -h)
		_stray_offer view list sweep check reap run explain history print-config
		[ "$equals" ] && return
		;;
	--uid | -u)
		_stray_users "$1"
		return
		;;
	--instance)
		_stray_instances "$1"
		return
		;;
	--app)
		_stray_apps "$1"
		return
		;;
	--since)
		return
		;;
	--config)
		compopt -o filenames 2>/dev/null
		mapfile -t COMPREPLY < <(compgen -f -- "$cur")
		return
		;;
	--interval)
		return
		;;
	--grace)
		return
		;;
	--term-timeout)
		return
		;;
	--spare-listeners)
		return
		;;
	--reap-detached)
		_stray_offer yes no
		[ "$equals" ] && return
		;;
	--max-kill)
		return
		;;
	--keep)
		return
		;;
	--adopter)
		return
		;;
	--metrics)
		compopt -o filenames 2>/dev/null
		mapfile -t COMPREPLY < <(compgen -f -- "$cur")
		return
		;;
	--settle)
		return
		;;
	--baseline)
		compopt -o filenames 2>/dev/null
		mapfile -t COMPREPLY < <(compgen -f -- "$cur")
		return
		;;
	--allow)
		return
		;;
	--format)
		_stray_offer text json junit github
		return
		;;
	--output)
		compopt -o filenames 2>/dev/null
		mapfile -t COMPREPLY < <(compgen -f -- "$cur")
		return
		;;
	--columns | -o)
		_stray_columns "$1"
		return
		;;
	--sort)
		_stray_columns "$1"
		return
		;;
	--color)
		_stray_offer auto always never
		return
		;;
	--delay)
		return
		;;
	--filter)
		return
		;;
	esac
	case $face in
	view)
		_stray_offer \
			--list \
			--sweep \
			--check \
			--reap \
			--run \
			--explain \
			--history \
			--print-config \
			--version \
			--help \
			--demo \
			--uid \
			--all-users \
			--instance \
			--app \
			--config \
			--interval \
			--grace \
			--term-timeout \
			--spare-listeners \
			--reap-detached \
			--max-kill \
			--keep \
			--adopter \
			--sort \
			--color \
			--no-color \
			--delay \
			--filter \
			--tree \
			--flat \
			--no-args \
			--arm \
			--letters \
			--no-mouse \
			--ascii
		;;
	list)
		_stray_offer \
			--help \
			--demo \
			--uid \
			--all-users \
			--instance \
			--app \
			--config \
			--grace \
			--spare-listeners \
			--reap-detached \
			--keep \
			--adopter \
			--json \
			--columns \
			--sort \
			--no-headers \
			--show-args \
			--color \
			--no-color
		;;
	sweep)
		_stray_offer \
			--help \
			--demo \
			--uid \
			--all-users \
			--instance \
			--app \
			--config \
			--once \
			--dry-run \
			--interval \
			--grace \
			--term-timeout \
			--spare-listeners \
			--reap-detached \
			--max-kill \
			--keep \
			--adopter \
			--metrics \
			--metrics-instances \
			--json \
			--quiet \
			--verbose \
			--color \
			--no-color
		;;
	check)
		_stray_offer \
			--help \
			--demo \
			--uid \
			--all-users \
			--instance \
			--app \
			--config \
			--grace \
			--term-timeout \
			--spare-listeners \
			--reap-detached \
			--keep \
			--adopter \
			--settle \
			--baseline \
			--allow \
			--kill \
			--json \
			--format \
			--output \
			--show-args \
			--quiet \
			--color \
			--no-color
		;;
	reap)
		_stray_offer \
			--help \
			--demo \
			--uid \
			--app \
			--config \
			--dry-run \
			--term-timeout \
			--keep \
			--adopter \
			--settle \
			--force \
			--quiet \
			--verbose
		;;
	run)
		_stray_offer \
			--help \
			--demo \
			--config \
			--term-timeout \
			--keep \
			--adopter \
			--quiet
		;;
	explain)
		_stray_offer \
			--help \
			--demo \
			--uid \
			--all-users \
			--config \
			--grace \
			--spare-listeners \
			--reap-detached \
			--keep \
			--adopter \
			--json \
			--show-args \
			--color \
			--no-color
		;;
	history)
		_stray_offer \
			--help \
			--demo \
			--instance \
			--app \
			--since \
			--config \
			--term-timeout \
			--keep \
			--adopter \
			--json
		;;
	print-config)
		_stray_offer \
			--help \
			--demo \
			--config \
			--interval \
			--grace \
			--term-timeout \
			--spare-listeners \
			--reap-detached \
			--max-kill \
			--keep \
			--adopter
		;;
	esac
}
complete -F _stray stray
