/* SPDX-License-Identifier: MIT */
/*
 * How the pure decisions grow: CPU of census_build() on made-up snapshots of n, 2n and
 * 4n, and the exponent b of time = a n^b through the first and the last. 1 is linear;
 * more than 1.15 wants a look.
 *
 *	fits
 */
#include <math.h>

#include "bench/measure.h"
#include "stray/census.h"

enum { BASE_TICKS = 1000 };

struct world {
	struct snapshot *s;
	pid_t next;
};

static void add(struct world *w, pid_t ppid, const char *comm, const char *environ, size_t len)
{
	pid_t pid = w->next++;
	struct process proc = {
		.id = { pid, (uint64_t)BASE_TICKS + (uint64_t)pid, (uint64_t)pid },
		.ppid = ppid,
		.pgid = pid,
		.sid = pid,
		.tpgid = -1,
		.uid = 1000,
		.state = 'S',
		.pid_ns = 1,
		.ns_pid = pid,
		.threads = 1,
		.comm = comm,
		.args = { comm, strlen(comm) + 1 },
		.args_read = READ_DONE,
		.environ = { environ, len },
		.environ_read = READ_DONE,
	};

	if (snapshot_add(w->s, &proc, NULL) < 0)
		exit(1);
}

static void add_marked(struct world *w, pid_t ppid, long instance)
{
	char marker[96];
	int len = snprintf(marker, sizeof(marker),
			   "SPROUT_MANAGED_AGENT=xyz.block.sprout.app.dev.i%ld", instance);

	add(w, ppid, "node", marker, (size_t)len + 1);
}

static void begin(struct world *w)
{
	*w = (struct world){ .s = snapshot_new(), .next = 1 };
	if (!w->s)
		exit(1);
	w->s->complete = w->s->full = true;
	w->s->ticks_per_second = 100;
	w->s->pid_ns = 1;
	w->s->boottime_ms = 1000 * 1000 * 1000;
	add(w, 0, "init", "", 0);
	w->s->self = 2;
	add(w, 1, "stray", "", 0);
}

/* Orphans of one instance, each below pid 1. */
static void many_orphans(struct world *w, long n)
{
	for (long i = 0; i < n; i++)
		add_marked(w, 1, 0);
}

/* As many instances as processes. */
static void many_instances(struct world *w, long n)
{
	for (long i = 0; i < n; i++)
		add_marked(w, 1, i);
}

/* One process below the other. */
static void deep_chain(struct world *w, long n)
{
	for (long i = 0; i < n; i++)
		add_marked(w, w->next - 1, 0);
}

/* Unmarked descendants: each is inferred. */
static void many_inferred(struct world *w, long n)
{
	pid_t root = w->next;

	add_marked(w, 1, 0);
	for (long i = 0; i < n; i++)
		add(w, root, "server", "", 0);
}

/* n desktops with an environment of 4 KiB, beside ten instances for each. */
static void desktops_and_instances(struct world *w, long n)
{
	static char environ[4096];

	memset(environ, 'x', sizeof(environ) - 1);
	memcpy(environ, "FILLER=", 7);
	for (long i = 0; i < n; i++)
		add(w, 1, "sprout-desktop", environ, sizeof(environ));
	for (long i = 0; i < n * 10; i++)
		add_marked(w, 1, i);
}

static void (*grow)(struct world *w, long n);
static long size;

static void build(void)
{
	struct census_input input = { .uid = 1000 };
	struct policy policy;
	struct census *c;
	struct world w;

	begin(&w);
	grow(&w, size);
	snapshot_seal(w.s);
	input.snapshot = w.s;
	input.policy = &policy;
	if (policy_init(&policy) || census_build(&input, &c))
		_exit(1);
}

int main(void)
{
	static const struct {
		const char *name;
		void (*grow)(struct world *w, long n);
		long n;
	} rows[] = {
		{ "orphans of one instance", many_orphans, 5000 },
		{ "an instance a process", many_instances, 2500 },
		{ "a chain", deep_chain, 5000 },
		{ "inferred processes", many_inferred, 5000 },
		{ "desktops, and ten instances for each", desktops_and_instances, 50 },
	};

	printf("\ngrowth of a census, CPU ms\n%-40s %8s %9s %9s %9s %9s\n", "", "n", "n", "2n",
	       "4n", "exponent");
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		double ms[3];

		grow = rows[i].grow;
		for (int k = 0; k < 3; k++) {
			size = rows[i].n << k;
			ms[k] = measure_child(build);
		}
		printf("%-40s %8ld %9.1f %9.1f %9.1f %9.2f\n", rows[i].name, rows[i].n, ms[0],
		       ms[1], ms[2], log2(ms[2] / ms[0]) / 2);
		fflush(stdout);
	}
	return 0;
}
