# bash completion for stray, generated from its table of options
_stray()
{
	local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]} equals='' i
	COMPREPLY=()
	for ((i = 1; i < COMP_CWORD; i++)); do
		[ "${COMP_WORDS[i]}" = -- ] || continue
		# of the package bash-completion: what that command takes
		if declare -F _command_offset >/dev/null; then
			_command_offset $((i + 1))
			return
		fi
		compopt -o filenames 2>/dev/null
		mapfile -t COMPREPLY < <(compgen -c -f -- "$cur")
		return
	done
	# readline takes `=` for a word of its own
	if [ "$cur" = = ]; then
		cur='' equals=1
	elif [ "$prev" = = ] && [ "$COMP_CWORD" -ge 2 ]; then
		prev=${COMP_WORDS[COMP_CWORD - 2]} equals=1
	fi
	case $prev in
	--reap)
		return
		;;
	--explain)
		return
		;;
	--help)
		mapfile -t COMPREPLY < <(compgen -W 'view list sweep check reap run explain history print-config' -- "$cur")
		[ "$equals" ] && return
		;;
	--uid)
		return
		;;
	--instance)
		return
		;;
	--app)
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
		mapfile -t COMPREPLY < <(compgen -W 'yes no' -- "$cur")
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
		mapfile -t COMPREPLY < <(compgen -W 'text json junit github' -- "$cur")
		return
		;;
	--output)
		compopt -o filenames 2>/dev/null
		mapfile -t COMPREPLY < <(compgen -f -- "$cur")
		return
		;;
	--columns)
		return
		;;
	--sort)
		return
		;;
	--color)
		mapfile -t COMPREPLY < <(compgen -W 'auto always never' -- "$cur")
		return
		;;
	--delay)
		return
		;;
	--filter)
		return
		;;
	esac
	mapfile -t COMPREPLY < <(compgen -W '--list
		--sweep
		--check
		--reap
		--run
		--explain
		--history
		--print-config
		--version
		--help
		--demo
		--uid
		--all-users
		--instance
		--app
		--since
		--config
		--once
		--dry-run
		--interval
		--grace
		--term-timeout
		--spare-listeners
		--reap-detached
		--max-kill
		--keep
		--adopter
		--metrics
		--metrics-instances
		--settle
		--force
		--baseline
		--allow
		--kill
		--json
		--format
		--output
		--columns
		--sort
		--no-headers
		--show-args
		--quiet
		--verbose
		--color
		--no-color
		--delay
		--filter
		--tree
		--flat
		--no-args
		--arm
		--letters
		--no-mouse
		--ascii' -- "$cur")
}
complete -F _stray stray
