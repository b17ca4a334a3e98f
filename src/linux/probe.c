/* SPDX-License-Identifier: MIT */
#include "linux/probe.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "base/bytes.h"
#include "base/cleanup.h"
#include "core/environ.h"
#include "linux/listeners.h"
#include "linux/thread.h"
#include "linux/windows.h"

/* What all probes of one call share. */
struct prober {
	struct windows windows;
	struct listeners listeners;
	struct reader *reader;
};

/* What the descriptors of one process are. */
struct descriptors {
	pid_t pid;
	struct inodes sockets;
	bool fuse;
};

/* A device of a mount namespace of its own stands under another path there. */
static bool is_fuse_device(pid_t pid, const char *fd)
{
	char path[64];
	struct stat st;

	snprintf(path, sizeof(path), "/proc/%d/fd/%s", (int)pid, fd);
	return stat(path, &st) == 0 && S_ISCHR(st.st_mode) && st.st_rdev == makedev(10, 229);
}

static int take_descriptor(void *ctx, const char *fd, const char *target)
{
	struct descriptors *d = ctx;
	size_t len = strlen(target);
	uint64_t ino;

	if (sscanf(target, "socket:[%" SCNu64 "]", &ino) == 1)
		return inodes_add(&d->sockets, ino);
	if (!d->fuse && len >= 5 && strcmp(target + len - 5, "/fuse") == 0)
		d->fuse = is_fuse_device(d->pid, fd);
	return 0;
}

struct display {
	unsigned port;
	int error;
};

static void take_display(void *ctx, size_t index, const struct contents *c)
{
	struct display *d = ctx;
	struct bytes value;

	(void)index;
	if (c->environ_read != READ_DONE) {
		d->error = c->error ? c->error : -EACCES;
		return;
	}
	/* Entries end with a NUL, the last one by the reader's buffer. */
	if (environ_get(c->environ, "DISPLAY", &value) && value.len)
		d->port = listeners_display_port(value.data);
}

/* Windows over TCP: in most processes the ports alone tell; else its DISPLAY is needed. */
static int probe_tcp(struct prober *prober, const struct descriptors *d, struct probe *p)
{
	struct x_over_tcp x = { 0 };
	int r = listeners_x(&prober->listeners, d->pid, &d->sockets, 0, &x);

	if (r == 0 && x.distant && !x.client && !p->window) {
		const struct read_item item = { .pid = d->pid, .environ = true, .bound = true };
		struct display display = { 0 };

		reader_run(prober->reader, &item, 1, take_display, &display);
		r = display.error;
		if (r == 0 && display.port)
			r = listeners_x(&prober->listeners, d->pid, &d->sockets, display.port, &x);
	}
	p->window = p->window || x.client;
	p->display = p->display || x.server;
	return r;
}

static int probe_one(struct prober *prober, struct probe *p)
{
	pid_t pid = thread_living(p->pid);
	struct descriptors d = { .pid = pid };
	int r = fds_each(pid, take_descriptor, &d);

	inodes_sort(&d.sockets);
	if (r == 0)
		p->mount = d.fuse;
	if (r == 0)
		r = windows_among(&prober->windows, pid, &d.sockets, &p->window, &p->display);
	if (r == 0)
		r = listeners_among(&prober->listeners, pid, &d.sockets, &p->ports, &p->nr_ports);
	if (r == 0)
		r = probe_tcp(prober, &d, p);
	inodes_release(&d.sockets);
	return r;
}

int probe_all(struct reader *reader, struct probe *probes, size_t nr)
{
	struct prober prober = { .reader = reader };
	int r;

	if (!nr)
		return 0;
	r = windows_init(&prober.windows);
	for (size_t i = 0; i < nr; i++) {
		int error;

		probes[i] = (struct probe){ .pid = probes[i].pid };
		error = r < 0 ? r : probe_one(&prober, &probes[i]);
		probes[i].failed = error < 0 && error != -ESRCH;
		if (error == -ENOMEM)
			r = -ENOMEM;
	}
	windows_release(&prober.windows);
	listeners_release(&prober.listeners);
	return r;
}
