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
#include "linux/sockets.h"

struct listening {
	uint64_t ino;
	uint16_t port;
};

struct listeners_table {
	uint64_t net_ns;
	struct listening *items; /* ascending by inode */
	size_t nr, alloc;
};

/* States of /proc/net/tcp and udp (net/tcp_states.h): 7 is a socket without a peer. */
enum { STATE_CLOSE = 0x07, STATE_LISTEN = 0x0a };

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
		unsigned port, state;
		uint64_t ino;

		/* sl local:port remote:port state queues timer retransmits uid timeout inode */
		if (sscanf(line, " %*u: %*x:%x %*x:%*x %x %*x:%*x %*x:%*x %*x %*u %*u %" SCNu64,
			   &port, &state, &ino) != 3 ||
		    state != listens || !port || !ino)
			continue;
		if (ARRAY_GROW(t->items, t->nr, t->alloc) < 0)
			return -ENOMEM;
		t->items[t->nr++] = (struct listening){ ino, (uint16_t)port };
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

int listeners_of(struct listeners *l, pid_t pid, uint16_t **ret_ports, size_t *ret_nr)
{
	const struct listeners_table *table;
	struct inodes sockets = { 0 };
	_cleanup_free_ uint16_t *ports = NULL;
	size_t nr = 0, alloc = 0;
	int r = sockets_of(pid, &sockets);

	if (r == 0 && sockets.nr) {
		r = find_table(l, pid, &table);
		for (size_t i = 0; r == 0 && i < table->nr; i++) {
			if (!inodes_has(&sockets, table->items[i].ino))
				continue;
			r = ARRAY_GROW(ports, nr, alloc);
			if (r == 0)
				ports[nr++] = table->items[i].port;
		}
	}
	inodes_release(&sockets);
	if (r < 0)
		return r;
	*ret_nr = sort_once(ports, nr);
	*ret_ports = *ret_nr ? TAKE_PTR(ports) : NULL;
	return 0;
}

void listeners_release(struct listeners *l)
{
	for (size_t i = 0; i < l->nr; i++)
		free(l->tables[i].items);
	free(l->tables);
	*l = (struct listeners){ 0 };
}
