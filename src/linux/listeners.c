/* SPDX-License-Identifier: MIT */
#include "linux/listeners.h"

#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/cleanup.h"
#include "base/parse.h"
#include "linux/sockets.h"

struct listening {
	uint64_t ino;
	uint16_t port, remote; /* remote: of an established connection, else 0 */
};

struct listeners_table {
	uint64_t net_ns;
	struct listening *items; /* ascending by inode */
	size_t nr, alloc;
};

/* States of /proc/net/tcp and udp (net/tcp_states.h): 7 is a socket without a peer. */
enum { STATE_ESTABLISHED = 0x01, STATE_CLOSE = 0x07, STATE_LISTEN = 0x0a };

static const struct {
	const char *name;
	unsigned listens; /* the state that means it */
	bool optional;	  /* there is none where the kernel has no IPv6 */
} files[] = {
	{ "tcp", STATE_LISTEN, false },
	{ "udp", STATE_CLOSE, false },
	{ "tcp6", STATE_LISTEN, true },
	{ "udp6", STATE_CLOSE, true },
};

static int by_inode(const void *a, const void *b)
{
	const struct listening *x = a, *y = b;

	return (x->ino > y->ino) - (x->ino < y->ino);
}

static int read_table(struct listeners_table *t, pid_t pid, const char *name, unsigned listens)
{
	_cleanup_fclose_ FILE *f = NULL;
	_cleanup_free_ char *line = NULL;
	size_t size = 0;
	char path[40];

	snprintf(path, sizeof(path), "/proc/%d/net/%s", (int)pid, name);
	f = fopen(path, "re");
	if (!f)
		return -errno;
	while (getline(&line, &size, f) > 0) {
		unsigned port, remote, state;
		uint64_t ino;
		bool connected;

		/* sl local:port remote:port state queues timer retransmits uid timeout inode */
		if (sscanf(line, " %*u: %*x:%x %*x:%x %x %*x:%*x %*x:%*x %*x %*u %*u %" SCNu64,
			   &port, &remote, &state, &ino) != 4 ||
		    !port || !ino)
			continue;
		/* UDP shows a socket with a peer so as well, and is no way to an X server. */
		connected = listens == STATE_LISTEN && state == STATE_ESTABLISHED &&
			    (remote >= X_PORT || (port >= X_PORT && port <= X_PORT_LAST));
		if (state != listens && !connected)
			continue;
		if (ARRAY_GROW(t->items, t->nr, t->alloc) < 0)
			return -ENOMEM;
		t->items[t->nr++] =
			(struct listening){ ino, (uint16_t)port, connected ? (uint16_t)remote : 0 };
	}
	return ferror(f) ? -EIO : 0;
}

/* The table of the namespace that @pid is in, read through it if it is the first. */
static int find_table(struct listeners *l, pid_t pid, const struct listeners_table **ret_table)
{
	struct listeners_table t = { 0 };
	int r = net_ns_of(pid, &t.net_ns);

	for (size_t i = 0; r == 0 && i < l->nr; i++) {
		if (l->tables[i].net_ns == t.net_ns) {
			*ret_table = &l->tables[i];
			return 0;
		}
	}
	for (size_t i = 0; r == 0 && i < ARRAY_SIZE(files); i++) {
		r = read_table(&t, pid, files[i].name, files[i].listens);
		if (r == -ENOENT && files[i].optional)
			r = 0;
	}
	if (r == 0 && ARRAY_GROW(l->tables, l->nr, l->alloc) < 0)
		r = -ENOMEM;
	if (r < 0) {
		free(t.items);
		return r == -ENOENT || r == -EINVAL ? -ESRCH : r;
	}
	if (t.nr)
		qsort(t.items, t.nr, sizeof(*t.items), by_inode);
	l->tables[l->nr] = t;
	*ret_table = &l->tables[l->nr++];
	return 0;
}

static const struct listening *find_socket(const struct listeners_table *t, uint64_t ino)
{
	const struct listening key = { .ino = ino };

	return t->nr ? bsearch(&key, t->items, t->nr, sizeof(key), by_inode) : NULL;
}

static int by_port(const void *a, const void *b)
{
	uint16_t x = *(const uint16_t *)a, y = *(const uint16_t *)b;

	return (x > y) - (x < y);
}

static size_t sort_once(uint16_t *ports, size_t nr)
{
	size_t out = 0;

	if (nr)
		qsort(ports, nr, sizeof(*ports), by_port);
	for (size_t i = 0; i < nr; i++)
		if (!out || ports[out - 1] != ports[i])
			ports[out++] = ports[i];
	return out;
}

int listeners_among(struct listeners *l, pid_t pid, const struct inodes *sockets,
		    uint16_t **ret_ports, size_t *ret_nr)
{
	const struct listeners_table *table;
	_cleanup_free_ uint16_t *ports = NULL;
	size_t nr = 0, alloc = 0;
	int r = sockets->nr ? find_table(l, pid, &table) : 0;

	for (size_t i = 0; r == 0 && i < sockets->nr; i++) {
		const struct listening *item = find_socket(table, sockets->items[i]);

		if (!item || item->remote)
			continue;
		r = ARRAY_GROW(ports, nr, alloc);
		if (r == 0)
			ports[nr++] = item->port;
	}
	if (r < 0)
		return r;
	*ret_nr = sort_once(ports, nr);
	*ret_ports = *ret_nr ? TAKE_PTR(ports) : NULL;
	return 0;
}

int listeners_of(struct listeners *l, pid_t pid, uint16_t **ret_ports, size_t *ret_nr)
{
	struct inodes sockets = { 0 };
	int r = sockets_of(pid, &sockets);

	if (r == 0)
		r = listeners_among(l, pid, &sockets, ret_ports, ret_nr);
	inodes_release(&sockets);
	return r;
}

static bool is_x_port(unsigned port)
{
	return port >= X_PORT && port <= X_PORT_LAST;
}

int listeners_x(struct listeners *l, pid_t pid, const struct inodes *sockets, unsigned display,
		struct x_over_tcp *ret)
{
	const struct listeners_table *table;
	struct x_over_tcp x = { 0 };
	int r = sockets->nr ? find_table(l, pid, &table) : 0;

	for (size_t i = 0; r == 0 && i < sockets->nr; i++) {
		const struct listening *item = find_socket(table, sockets->items[i]);

		if (!item || !item->remote)
			continue;
		x.client =
			x.client || is_x_port(item->remote) || (display && item->remote == display);
		x.server = x.server || is_x_port(item->port);
		x.distant = x.distant || item->remote > X_PORT_LAST;
	}
	if (r == 0)
		*ret = x;
	return r;
}

unsigned listeners_display_port(const char *display)
{
	const char *colon = strrchr(display, ':');
	uint64_t number;

	/* `:0`, `unix:0` and the path of a socket are no host's. */
	if (!colon || colon == display || display[0] == '/' ||
	    strncmp(display, "unix:", strlen("unix:")) == 0 ||
	    !parse_digits(colon + 1, SIZE_MAX, UINT16_MAX - X_PORT, &number))
		return 0;
	return (unsigned)number + X_PORT;
}

void listeners_release(struct listeners *l)
{
	for (size_t i = 0; i < l->nr; i++)
		free(l->tables[i].items);
	free(l->tables);
	*l = (struct listeners){ 0 };
}
