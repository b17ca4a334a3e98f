/* SPDX-License-Identifier: MIT */
#ifndef TESTS_UNIT_TUI_FIXTURE_H
#define TESTS_UNIT_TUI_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "stray/census.h"

/* One process of a picture made by hand; orphaned ones have pid 1 as their parent. */
struct fixture_proc {
	pid_t pid, ppid;
	int age_s;
	unsigned rss_kib;
	const char *comm, *args, *id; /* id: the marker's value, NULL: none */
	unsigned ticks;		      /* as an orphan, set in the census */
	bool condemned, keep, due;
};

enum { FIXTURE_NOW_S = 500000, FIXTURE_UID = 1000 };

static inline void fixture_add(struct snapshot *s, const struct fixture_proc *f)
{
	char env[256] = "", args[256] = "";
	size_t len = f->args ? strlen(f->args) : 0, env_len = 0;
	struct process p = {
		.id = { .pid = f->pid, .start_ticks = (uint64_t)(FIXTURE_NOW_S - f->age_s) * 100 },
		.ppid = f->ppid,
		.pgid = f->pid,
		.sid = f->pid,
		.tpgid = -1,
		.uid = FIXTURE_UID,
		.state = 'S',
		.pid_ns = 1,
		.ns_pid = f->pid,
		.rss_kib = f->rss_kib,
		.threads = 1,
		.comm = f->comm,
		.args_read = READ_DONE,
		.environ_read = READ_DONE,
	};

	for (size_t i = 0; i < len; i++)
		args[i] = f->args[i] == ' ' ? '\0' : f->args[i];
	p.args = (struct bytes){ args, len ? len + 1 : 0 };
	if (f->id)
		env_len = (size_t)snprintf(env, sizeof(env), "SPROUT_MANAGED_AGENT=%s", f->id) + 1;
	if (f->keep) {
		memcpy(env + env_len, "STRAY_KEEP=1", 13);
		env_len += 13;
	}
	p.environ = (struct bytes){ env, env_len };
	assert_int_equal(snapshot_add(s, &p, NULL), 0);
}

/* The census of these processes, pid 1 and stray itself (pid 9000). One reference. */
static inline struct census *fixture_census(const struct policy *policy,
					    const struct fixture_proc *procs, size_t nr)
{
	static const struct fixture_proc fixed[] = {
		{ .pid = 1, .age_s = 499999, .comm = "systemd" },
		{ .pid = 9000, .ppid = 1, .age_s = 10, .comm = "stray" },
	};
	struct snapshot *s = snapshot_new();
	struct census_input input = { .snapshot = s, .policy = policy, .uid = FIXTURE_UID };
	struct census *c = NULL;

	assert_non_null(s);
	s->ticks_per_second = 100;
	s->boottime_ms = s->monotonic_ms = FIXTURE_NOW_S * 1000LL;
	s->realtime_ms = 1795463882000LL;
	s->complete = s->full = true;
	s->self = 9000;
	s->pid_ns = 1;
	for (size_t i = 0; i < 2; i++)
		fixture_add(s, &fixed[i]);
	for (size_t i = 0; i < nr; i++)
		fixture_add(s, &procs[i]);
	snapshot_seal(s);
	assert_int_equal(census_build(&input, &c), 0);
	snapshot_unref(s);
	for (size_t i = 0; i < c->nr_members; i++) {
		struct member *m = &c->members[i];

		m->orphan_since_ms = -1;
		for (size_t k = 0; k < nr; k++) {
			if (procs[k].pid != m->proc->id.pid || !procs[k].ticks)
				continue;
			m->ticks = procs[k].ticks;
			m->condemned = procs[k].condemned;
			m->due = procs[k].condemned || procs[k].due;
			m->orphan_since_ms = c->snapshot->boottime_ms - 60000 * m->ticks;
			m->orphan_exact = true;
		}
	}
	return c;
}

#endif
