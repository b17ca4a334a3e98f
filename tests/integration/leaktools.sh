#!/bin/bash
# SPDX-License-Identifier: MIT
# shellcheck source=tests/helpers/tap.sh disable=SC2016,SC2119 # CMD's shell expands
# --check -- CMD with programs that are known to stay behind.
. "$(dirname "$0")/../helpers/tap.sh"
PATH=$PATH:/usr/sbin:/sbin
libraries=$(printf '%s:' "$TOOLS"/{usr/,}lib/*-linux-gnu*)

# PROGRAM, the comm of what it leaves, the command: found, listed, and ended by --kill.
tool() {
	local program=$1 comm=$2 script=$3
	if ! command -v "$program" >/dev/null; then
		skip "$program is a leak" "no $program"
		return
	fi
	run --check --settle 0 --kill --term-timeout 2s --output "$WORK/leaks" --json -- \
		env LD_LIBRARY_PATH="$libraries" bash -c "$script"
	cp "$WORK/leaks" "$WORK/out"
	# A server that becomes another user cannot where there is none.
	if [ -z "$TAP_ROOT" ] && [ "$(q .command_status)" != 0 ]; then
		skip "$program is a leak" "it does not start here: $(err)"
		return
	fi
	is "$status" 1 "$program: what it leaves is a leak"
	is "$(q --arg name "$comm" '[.processes[] | select(.name == $name and .kind == "leak")]
		| length > 0')" true '... listed by its name'
	check '... and ended by --kill, unless it is kept' ended_unless_kept
	is "$(q '[.processes[] | .kept // "none"] | unique | join(" ")')" "${4:-none}" \
		'... by the rule that keeps it'
	end_kept
}

# Of the processes that the report lists: what serves a person is listed, and stays.
ended_unless_kept() {
	local pid kept
	while read -r pid kept; do
		if [ "$kept" = true ]; then
			alive "$pid" || return 1
		else
			dead "$pid" || return 1
		fi
	done < <(q '.processes[] | "\(.pid) \(.kept != null)"')
}

end_kept() {
	local pid
	for pid in $(q '.processes[] | select(.kept != null) | .pid'); do
		dead "$pid" || end_process "$pid"
	done
}

cd "$WORK/home" || exit 1

# Debian has the server under another name in redis-tools, which starts no service.
if ! command -v redis-server >/dev/null && command -v redis-check-rdb >/dev/null; then
	ln -s "$(command -v redis-check-rdb)" "$WORK/bin/redis-server"
	PATH=$PATH:$WORK/bin
fi
tool redis-server redis-server 'redis-server --port 0 --unixsocket "$WORK/redis" --save "" \
	--daemonize yes --pidfile "$WORK/redis.pid" >/dev/null &&
until [ -S "$WORK/redis" ]; do sleep 0.01; done'

mkdir -p "$WORK/nginx/logs"
chmod 777 "$WORK" "$WORK/nginx"
cat >"$WORK/nginx/nginx.conf" <<'CONF'
pid nginx.pid;
error_log error.log;
events { }
http {
	access_log off;
	client_body_temp_path body;
	proxy_temp_path proxy;
	fastcgi_temp_path fastcgi;
	uwsgi_temp_path uwsgi;
	scgi_temp_path scgi;
	server { listen unix:socket; }
}
CONF
tool nginx nginx 'nginx -p "$WORK/nginx/" -c nginx.conf 2>/dev/null &&
until [ -s "$WORK/nginx/nginx.pid" ]; do sleep 0.01; done'

tool ssh-agent ssh-agent 'ssh-agent -a "$WORK/ssh" >/dev/null' keep-list

mkdir -m 700 "$WORK/gnupg"
tool gpg-agent gpg-agent 'gpg-agent --homedir "$WORK/gnupg" --daemon >/dev/null' keep-list

tool tmux 'tmux: server' 'tmux -S "$WORK/tmux" -f /dev/null new-session -d sleep 600' keep-list

# Not the script of a version manager: it would look for its own home.
if PATH=/usr/bin:/usr/local/bin python3 -c 'import http.server' 2>/dev/null; then
	tool python3 python3 'PATH=/usr/bin:/usr/local/bin
nohup python3 -u -m http.server --bind 127.0.0.1 0 >"$WORK/http" 2>&1 &
until grep -q Serving "$WORK/http"; do sleep 0.01; done'
	is "$(q '[.processes[] | select(.name | startswith("python3")) | .listening | length] | max')" 1 \
		'the port of the web server is named'
else
	skip 'python3 -m http.server is a leak' 'no python3 with http.server'
fi

tool node node 'node -e "const s = require(\"http\").createServer(() => {})
s.listen(0, \"127.0.0.1\", () => require(\"fs\").writeFileSync(process.env.WORK + \"/node\", \"up\"))" \
	>/dev/null 2>&1 &
until [ -s "$WORK/node" ]; do sleep 0.01; done'

# It refuses root, wants a cluster, and makes a group and a session for each of its processes.
PATH=$PATH:$(printf '%s:' /usr/lib/postgresql/*/bin)
nobody=()
[ "$(id -u)" != 0 ] || nobody=(setpriv --reuid=65534 --regid=65534 --clear-groups)
mkdir -m 777 "$WORK/postgres"
if command -v initdb >/dev/null &&
	"${nobody[@]}" initdb -D "$WORK/postgres/data" -A trust -N --locale=C >/dev/null 2>"$WORK/err"; then
	tool pg_ctl postgres "${nobody[*]}"' pg_ctl -D "$WORK/postgres/data" -l "$WORK/postgres/log" -w \
	-o "-k $WORK/postgres -c listen_addresses=" start >/dev/null'
	is "$(q '[.processes[] | select(.kind == "leak")] | length > 3')" true \
		'... with all that it has started'
else
	skip 'pg_ctl is a leak' "no initdb, or it fails here: $(head -n 1 "$WORK/err")"
fi

# --run ends the same ones, but keeps by rule who serves a person, and says so.
kept() {
	local program=$1 comm=$2 script=$3 pid
	if ! command -v "$program" >/dev/null; then
		skip "--run keeps $program" "no $program"
		return
	fi
	run --run -- env LD_LIBRARY_PATH="$libraries" bash -c "$script"
	is "$status" 0 "--run keeps $program"
	pid=$(sed -nE "s/^stray: pid ([0-9]+) '$comm' is kept: the keep list names it.*/\1/p" "$WORK/err" | head -n 1)
	check '... says so' test -n "$pid"
	check '... and that is so' alive "${pid:-none}"
	[ -z "$pid" ] || end_process "$pid"
}
kept tmux 'tmux: server' 'tmux -S "$WORK/tmux" -f /dev/null new-session -d sleep 600'
kept ssh-agent ssh-agent 'ssh-agent -a "$WORK/ssh-kept" >/dev/null'
kept gpg-agent gpg-agent 'gpg-agent --homedir "$WORK/gnupg" --daemon >/dev/null'

# One that cleans up after itself is none.
run --check --settle 5s -- bash -c 'sleep 600 & kill $!; wait'
is "$status" 0 'a command that ends what it started leaves nothing'
done_testing
