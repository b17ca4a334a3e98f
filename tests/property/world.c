/* SPDX-License-Identifier: MIT */
#include "property/world.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "property/forest.h"

size_t world_pick(struct world *w, size_t n)
{
	return forest_random(&w->random) % n;
}

bool world_chance(struct world *w, unsigned percent)
{
	return world_pick(w, 100) < percent;
}

struct being *world_find(struct world *w, pid_t pid)
{
	for (size_t i = 0; i < WORLD_MAX; i++)
		if (w->beings[i].used && w->beings[i].p.id.pid == pid)
			return &w->beings[i];
	return NULL;
}

static struct being *some(struct world *w)
{
	for (size_t tries = 0; tries < 20; tries++) {
		struct being *b = &w->beings[world_pick(w, WORLD_MAX)];

		if (b->used && !b->p.dead && b->p.id.pid > 3)
			return b;
	}
	return NULL;
}

static void set_args(struct being *b, const char *name, const char *arg)
{
	int n = snprintf(b->args, sizeof(b->args), "%s%c%s", name, 0, arg);

	snprintf(b->comm, sizeof(b->comm), "%s", name);
	b->p.args = (struct bytes){ b->args, (size_t)n + (*arg ? 1 : 0) };
	b->p.args_read = READ_DONE;
}

static void set_env(struct being *b, const char *entry)
{
	b->p.environ = (struct bytes){ b->env, 0 };
	b->p.environ_read = READ_DONE;
	if (*entry) {
		snprintf(b->env, sizeof(b->env), "%s", entry);
		b->p.environ.len = strlen(b->env) + 1;
	}
}

static void add_env(struct being *b, const char *entry)
{
	size_t n = strlen(entry) + 1;

	if (b->p.environ.len + n > sizeof(b->env))
		return;
	memcpy(b->env + b->p.environ.len, entry, n);
	b->p.environ.len += n;
}

struct being *world_start(struct world *w, struct being *parent)
{
	struct being *b = NULL;
	pid_t pid = 4;

	for (size_t i = 0; i < WORLD_MAX && !b; i++)
		if (!w->beings[i].used)
			b = &w->beings[i];
	/* The lowest free pid most of the time: reuse at once. */
	if (world_chance(w, 30))
		pid = (pid_t)(4 + world_pick(w, WORLD_PIDS - 4));
	while (pid < WORLD_PIDS && world_find(w, pid))
		pid++;
	if (!b || pid >= WORLD_PIDS)
		return NULL;
	*b = (struct being){ .used = true, .first_parent = parent->p.id.pid };
	b->p = parent->p;
	b->p.id = (struct identity){ pid, (uint64_t)w->now.boottime_ms / 10, ++w->ino };
	b->p.ppid = parent->p.id.pid;
	b->p.ns_pid = pid;
	b->hung_up = parent->hung_up;
	b->service = ANSWER_NO;
	memcpy(b->comm, parent->comm, sizeof(b->comm));
	memcpy(b->args, parent->args, sizeof(b->args));
	memcpy(b->env, parent->env, sizeof(b->env));
	b->p.args.data = b->args;
	b->p.environ.data = b->env;
	b->p.environ_read = READ_DONE;
	b->from_victim = parent->signalled;
	b->deaf = parent->deaf || world_chance(w, 15);
	b->forks_on_term = world_chance(w, 10);
	return b;
}

void world_end(struct world *w, struct being *b)
{
	pid_t adopter = world_chance(w, 30) && world_find(w, 3) ? 3 : 1;

	b->used = false;
	/* With the init of a pid namespace all end that are in it. */
	for (size_t i = 0; b->p.ns_pid == 1 && b->p.id.pid != 1 && i < WORLD_MAX; i++)
		if (w->beings[i].used && w->beings[i].p.pid_ns == b->p.pid_ns)
			world_end(w, &w->beings[i]);
	for (size_t i = 0; i < WORLD_MAX; i++) {
		struct being *child = &w->beings[i];

		if (child->used && child->p.ppid == b->p.id.pid) {
			child->p.ppid = adopter;
			child->parent_changed = true;
		}
	}
}

static const char *const ids[] = { "a.b", "a.b.c.d", "b.c" };

static void new_desktop(struct world *w)
{
	static const char *const names[] = { "desk",	  "desk",   "desk", "desk",
					     "bare-desk", "claude", "deck", "many-desk" };
	const char *const parents_arg = ids[world_pick(w, 3)];
	struct being *parent = world_chance(w, 70) ? world_find(w, 2) : some(w), *b;

	if (!parent || !(b = world_start(w, parent)))
		return;
	if (parent->p.id.pid == 2)
		set_env(b, "");
	set_args(b, names[world_pick(w, 8)], world_chance(w, 65) ? parents_arg : "");
	if (!strcmp(b->comm, "deck") && world_chance(w, 70))
		set_env(b, "CARRY=b.c");
	b->files = world_chance(w, 20) ? ids[world_pick(w, 3)] : NULL;
	b->p.pgid = b->p.id.pid;
	if (world_chance(w, 30))
		b->p.sid = b->p.id.pid;
	if (world_chance(w, 5)) {
		b->p.environ_read = READ_REFUSED;
		b->p.environ.len = 0;
	}
}

bool world_is_desktop(const struct being *b)
{
	return strstr(b->comm, "desk") || !strcmp(b->comm, "claude") || !strcmp(b->comm, "deck");
}

static void new_agent(struct world *w)
{
	static const char *const markers[] = { "MARK_A", "MARK_A", "MARK_A", "MARK_A",
					       "MARK_B", "MARK_M", "CARRY" };
	struct being *parent = some(w), *owner = some(w), *b;
	char entry[64];

	if (!parent || (!world_is_desktop(parent) && world_chance(w, 80)) ||
	    !(b = world_start(w, parent)))
		return;
	if (world_chance(w, 10))
		snprintf(entry, sizeof(entry), "OWNER_PID=%d", owner ? (int)owner->p.id.pid : 999);
	else if (world_chance(w, 15) || !strcmp(parent->comm, "claude"))
		snprintf(entry, sizeof(entry), "SOCK=/run/c/%d.sock",
			 (int)(world_chance(w, 80) || !owner ? parent : owner)->p.id.pid);
	else if (world_chance(w, 8))
		snprintf(entry, sizeof(entry), "RUN=github_%zu", world_pick(w, 2));
	else
		snprintf(entry, sizeof(entry), "%s=%s", markers[world_pick(w, 7)],
			 parent->p.args.len > 5 && world_chance(w, 80) ? ids[world_pick(w, 3)]
								       : "a.b");
	if (world_chance(w, 80))
		set_env(b, entry);
	else
		add_env(b, entry); /* it keeps what it inherited as well */
	if (world_chance(w, 25))
		add_env(b, world_chance(w, 50) ? "GEN_A=g1" : "GEN_A=g2");
	set_args(b, world_chance(w, 50) ? "node" : "goose", "");
	b->p.pgid = b->p.id.pid;
	if (world_chance(w, 4))
		add_env(b, "STRAY_KEEP=1");
	if (parent->p.id.pid == 3)
		b->service = world_chance(w, 80) ? ANSWER_YES : ANSWER_UNKNOWN;
	if (world_chance(w, 20))
		b->hung_up = ANSWER_YES;
}

static void new_worker(struct world *w)
{
	struct being *parent = some(w), *b;

	if (!parent || !(b = world_start(w, parent)))
		return;
	set_args(b, world_chance(w, 90) ? "worker" : "tmux: server", "");
	if (world_chance(w, 25))
		b->p.sid = b->p.pgid = b->p.id.pid;
	else if (world_chance(w, 25))
		b->p.pgid = b->p.id.pid;
	if (world_chance(w, 15))
		set_env(b, world_chance(w, 70) ? "" : world_chance(w, 50) ? "MARK_A=0" : "MARK_A=");
	if (world_chance(w, 3))
		b->p.uid = 1001;			  /* as sudo makes it */
	if (world_chance(w, 4) && parent->p.id.pid > 3) { /* the init of a sandbox */
		b->p.pid_ns = (uint64_t)w->ino + 1000;
		b->p.ns_pid = 1;
	}
	if (world_chance(w, 15))
		b->hung_up = world_chance(w, 90) ? ANSWER_YES : ANSWER_UNKNOWN;
}

static void something(struct world *w)
{
	struct being *b;

	switch (world_pick(w, 10)) {
	case 0:
		new_desktop(w);
		break;
	case 1:
	case 2:
		new_agent(w);
		break;
	case 3:
	case 4:
		new_worker(w);
		break;
	case 5:
	case 6:
		b = some(w);
		if (b)
			world_end(w, b);
		break;
	case 7: /* the desktops die, the agents stay */
		for (size_t i = 0; i < WORLD_MAX; i++)
			if (w->beings[i].used && world_is_desktop(&w->beings[i]) &&
			    world_chance(w, 40))
				world_end(w, &w->beings[i]);
		break;
	case 8: /* exec into something else */
		b = some(w);
		if (b && !world_is_desktop(b))
			set_args(b, "other", world_chance(w, 10) ? ids[world_pick(w, 3)] : "");
		break;
	case 9: /* an exit, and the pid is somebody else's at once */
		b = some(w);
		if (b) {
			world_end(w, b);
			new_worker(w);
		}
		break;
	}
}

void world_step(struct world *w)
{
	for (size_t n = 1 + world_pick(w, 4); n > 0; n--)
		something(w);
}

void world_stir(struct world *w)
{
	if (world_chance(w, w->restless))
		something(w);
}

void world_pass(struct world *w, int64_t awake_ms, int64_t asleep_ms)
{
	w->now.monotonic_ms += awake_ms;
	w->now.boottime_ms += awake_ms + asleep_ms;
	w->now.realtime_ms += awake_ms + asleep_ms + (int64_t)world_pick(w, 7200000) - 3600000;
}

static void add_fixed(struct world *w, size_t slot, const char *name, pid_t pid, pid_t ppid)
{
	struct being *b = &w->beings[slot];

	*b = (struct being){
		.used = true, .first_parent = ppid, .hung_up = ANSWER_NO, .service = ANSWER_NO
	};
	b->p = (struct process){ .id = { pid, (uint64_t)pid, ++w->ino },
				 .ppid = ppid,
				 .pgid = pid,
				 .sid = pid,
				 .tpgid = -1,
				 .uid = 1000,
				 .state = 'S',
				 .pid_ns = 1,
				 .ns_pid = pid,
				 .threads = 1 };
	set_args(b, name, "");
	set_env(b, "");
}

void world_init(struct world *w, uint64_t seed)
{
	memset(w, 0, sizeof(*w));
	w->random = seed * 0x9E3779B97F4A7C15ULL + 1;
	w->now = (struct source_time){ .boottime_ms = 1000000,
				       .monotonic_ms = 900000,
				       .realtime_ms = 1700000000000 };
	world_install(w);
	forest_policy(&w->policy);
	for (size_t a = 0; a < w->policy.nr_apps; a++) {
		free(w->policy.apps[a].receipts); /* there is no disk here */
		w->policy.apps[a].receipts = NULL;
	}
	add_fixed(w, 0, "init", 1, 0);
	add_fixed(w, 1, "bash", 2, 1);
	add_fixed(w, 2, "systemd", 3, 1);
	w->restless = (unsigned)world_pick(w, 3) * 4;
}

void world_release(struct world *w)
{
	policy_release(&w->policy);
}
