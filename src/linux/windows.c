/* SPDX-License-Identifier: MIT */
#include "linux/windows.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/array.h"
#include "base/cleanup.h"
#include "linux/sockets.h"
#include "linux/unixdiag.h"

/* One connected unix socket and its peer. */
struct pair {
	uint64_t ino, peer;
};

struct dump {
	struct pair *pairs;
	size_t nr, alloc;
	struct inodes servers; /* sockets that carry a server's name */
};

bool windows_is_server_name(const char *name, size_t len)
{
	static const char x11[] = ".X11-unix/X", wayland[] = "wayland-";
	const char *base;

	if (len && name[0] == '\0') { /* abstract */
		name++;
		len--;
	}
	len = strnlen(name, len);
	if (memmem(name, len, x11, sizeof(x11) - 1))
		return true;
	base = memrchr(name, '/', len);
	base = base ? base + 1 : name;
	return (size_t)(name + len - base) >= sizeof(wayland) - 1 &&
	       memcmp(base, wayland, sizeof(wayland) - 1) == 0;
}

/* A connected socket, or one that a server listens on. 0 or -ENOMEM. */
static int take_socket(void *ctx, const struct unixdiag_socket *sock)
{
	struct dump *d = ctx;

	if (sock->has_peer) {
		if (ARRAY_GROW(d->pairs, d->nr, d->alloc) < 0)
			return -ENOMEM;
		d->pairs[d->nr++] = (struct pair){ sock->ino, sock->peer };
	}
	if (sock->name && windows_is_server_name(sock->name, sock->name_len))
		return inodes_add(&d->servers, sock->ino);
	return 0;
}

static int find_clients(struct windows *w, struct dump *d)
{
	struct inodes clients = { 0 };
	int r = 0;

	inodes_sort(&d->servers);
	for (size_t i = 0; i < d->nr && r == 0; i++)
		if (inodes_has(&d->servers, d->pairs[i].peer))
			r = inodes_add(&clients, d->pairs[i].ino);
		else if (d->pairs[i].peer && inodes_has(&d->servers, d->pairs[i].ino))
			r = inodes_add(&w->served, d->pairs[i].ino);
	if (r < 0) {
		inodes_release(&clients);
		return r;
	}
	inodes_sort(&clients);
	inodes_sort(&w->served);
	w->clients = clients.items;
	w->nr = clients.nr;
	return 0;
}

int windows_init(struct windows *w)
{
	int r = -EAGAIN;

	*w = (struct windows){ 0 };
	/* A dump that sockets changed under is asked for again. */
	for (int tries = 0; tries < 3 && r == -EAGAIN; tries++) {
		struct dump d = { 0 };

		r = unixdiag_each(take_socket, &d);
		if (r == 0)
			r = find_clients(w, &d);
		if (r < 0)
			inodes_release(&w->served);
		free(d.pairs);
		inodes_release(&d.servers);
	}
	if (r == 0)
		r = net_ns_of(0, &w->net_ns);
	w->error = r;
	return r == -ENOMEM ? r : 0;
}

void windows_release(struct windows *w)
{
	free(w->clients);
	inodes_release(&w->served);
	*w = (struct windows){ 0 };
}

/*
 * Where the kernel does not tell of peers: read the namespace's own table of unix
 * sockets (no peers there). If no connected socket has a server's name there is no
 * client: 0. Else there is one, not known which: -EOPNOTSUPP. -errno: could not read.
 */
static int no_server_around(pid_t pid)
{
	enum { STATE_CONNECTING = 2, STATE_CONNECTED = 3 }; /* the first: not yet accepted */
	_cleanup_fclose_ FILE *f = NULL;
	_cleanup_free_ char *line = NULL;
	size_t size = 0;
	char path[40];

	snprintf(path, sizeof(path), "/proc/%d/net/unix", (int)pid);
	f = fopen(path, "re");
	if (!f)
		return errno == ENOENT || errno == EINVAL ? -ESRCH : -errno;
	while (getline(&line, &size, f) > 0) {
		unsigned state;
		int at = 0;

		/* address: references protocol flags type state inode [path]; @ is abstract */
		if (sscanf(line, "%*[^:]: %*x %*x %*x %*x %x %*u %n", &state, &at) != 1 || !at ||
		    (state != STATE_CONNECTING && state != STATE_CONNECTED))
			continue;
		line[strcspn(line, "\n")] = '\0';
		if (windows_is_server_name(line + at + (line[at] == '@'),
					   strlen(line + at + (line[at] == '@'))))
			return -EOPNOTSUPP;
	}
	return ferror(f) ? -EIO : 0;
}

static bool holds_any(const struct inodes *sockets, const struct inodes *of)
{
	for (size_t i = 0; of->nr && i < sockets->nr; i++)
		if (inodes_has(of, sockets->items[i]))
			return true;
	return false;
}

int windows_among(const struct windows *w, pid_t pid, const struct inodes *sockets,
		  bool *ret_window, bool *ret_display)
{
	const struct inodes clients = { .items = w->clients, .nr = w->nr };
	/* A server's socket can be reached from another network namespace, too. */
	bool window = holds_any(sockets, &clients), display = holds_any(sockets, &w->served);
	uint64_t net_ns;
	int r = 0;

	if (sockets->nr && !window) {
		r = net_ns_of(pid, &net_ns);
		if (r == 0 && (w->error || net_ns != w->net_ns))
			r = no_server_around(pid);
	}
	if (r < 0)
		return r;
	*ret_window = window;
	if (ret_display)
		*ret_display = display;
	return 0;
}

int windows_of(const struct windows *w, pid_t pid, bool *ret_window)
{
	struct inodes sockets = { 0 };
	int r = sockets_of(pid, &sockets);

	if (r == 0)
		r = windows_among(w, pid, &sockets, ret_window, NULL);
	inodes_release(&sockets);
	return r;
}
