/* SPDX-License-Identifier: MIT */
#include "property/world.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "property/forest.h"

static size_t pick(struct world *w, size_t n)
{
	return forest_random(&w->random) % n;
}

static bool chance(struct world *w, unsigned percent)
{
	return pick(w, 100) < percent;
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
		struct being *b = &w->beings[pick(w, WORLD_MAX)];

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

static struct being *start(struct world *w, struct being *parent)
{
	struct being *b = NULL;
	pid_t pid = 4;

	for (size_t i = 0; i < WORLD_MAX && !b; i++)
		if (!w->beings[i].used)
			b = &w->beings[i];
	/* The lowest free pid most of the time: reuse at once. */
	if (chance(w, 30))
		pid = (pid_t)(4 + pick(w, WORLD_PIDS - 4));
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
	b->deaf = parent->deaf || chance(w, 15);
	b->forks_on_term = chance(w, 10);
	return b;
}

static void end(struct world *w, struct being *b)
{
	pid_t adopter = chance(w, 30) && world_find(w, 3) ? 3 : 1;

	b->used = false;
	/* With the init of a pid namespace all end that are in it. */
	for (size_t i = 0; b->p.ns_pid == 1 && b->p.id.pid != 1 && i < WORLD_MAX; i++)
		if (w->beings[i].used && w->beings[i].p.pid_ns == b->p.pid_ns)
			end(w, &w->beings[i]);
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
	const char *const parents_arg = ids[pick(w, 3)];
	struct being *parent = chance(w, 70) ? world_find(w, 2) : some(w), *b;

	if (!parent || !(b = start(w, parent)))
		return;
	if (parent->p.id.pid == 2)
		set_env(b, "");
	set_args(b, names[pick(w, 8)], chance(w, 65) ? parents_arg : "");
	if (!strcmp(b->comm, "deck") && chance(w, 70))
		set_env(b, "CARRY=b.c");
	b->files = chance(w, 20) ? ids[pick(w, 3)] : NULL;
	b->p.pgid = b->p.id.pid;
	if (chance(w, 30))
		b->p.sid = b->p.id.pid;
	if (chance(w, 5)) {
		b->p.environ_read = READ_REFUSED;
		b->p.environ.len = 0;
	}
}

static bool is_desktop(const struct being *b)
{
	return strstr(b->comm, "desk") || !strcmp(b->comm, "claude") || !strcmp(b->comm, "deck");
}

static void new_agent(struct world *w)
{
	static const char *const markers[] = { "MARK_A", "MARK_A", "MARK_A", "MARK_A",
					       "MARK_B", "MARK_M", "CARRY" };
	struct being *parent = some(w), *owner = some(w), *b;
	char entry[64];

	if (!parent || (!is_desktop(parent) && chance(w, 80)) || !(b = start(w, parent)))
		return;
	if (chance(w, 10))
		snprintf(entry, sizeof(entry), "OWNER_PID=%d", owner ? (int)owner->p.id.pid : 999);
	else if (chance(w, 15) || !strcmp(parent->comm, "claude"))
		snprintf(entry, sizeof(entry), "SOCK=/run/c/%d.sock",
			 (int)(chance(w, 80) || !owner ? parent : owner)->p.id.pid);
	else
		snprintf(entry, sizeof(entry), "%s=%s", markers[pick(w, 7)],
			 parent->p.args.len > 5 && chance(w, 80) ? ids[pick(w, 3)] : "a.b");
	if (chance(w, 80))
		set_env(b, entry);
	else
		add_env(b, entry); /* it keeps what it inherited as well */
	if (chance(w, 25))
		add_env(b, chance(w, 50) ? "GEN_A=g1" : "GEN_A=g2");
	set_args(b, chance(w, 50) ? "node" : "goose", "");
	b->p.pgid = b->p.id.pid;
	if (chance(w, 4))
		add_env(b, "STRAY_KEEP=1");
	if (chance(w, 3))
		b->service = ANSWER_NO;
	if (chance(w, 20))
		b->hung_up = ANSWER_YES;
}

static void new_worker(struct world *w)
{
	struct being *parent = some(w), *b;

	if (!parent || !(b = start(w, parent)))
		return;
	set_args(b, chance(w, 90) ? "worker" : "tmux: server", "");
	if (chance(w, 25))
		b->p.sid = b->p.pgid = b->p.id.pid;
	else if (chance(w, 25))
		b->p.pgid = b->p.id.pid;
	if (chance(w, 15))
		set_env(b, chance(w, 80) ? "" : "X=0");
	if (chance(w, 3))
		b->p.uid = 1001;		    /* as sudo makes it */
	if (chance(w, 0) && parent->p.id.pid > 3) { /* the init of a sandbox */
		b->p.pid_ns = (uint64_t)w->ino + 1000;
		b->p.ns_pid = 1;
	}
	if (chance(w, 15))
		b->hung_up = chance(w, 90) ? ANSWER_YES : ANSWER_UNKNOWN;
}

static void something(struct world *w)
{
	struct being *b;

	switch (pick(w, 10)) {
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
			end(w, b);
		break;
	case 7: /* the desktops die, the agents stay */
		for (size_t i = 0; i < WORLD_MAX; i++)
			if (w->beings[i].used && is_desktop(&w->beings[i]) && chance(w, 40))
				end(w, &w->beings[i]);
		break;
	case 8: /* exec into something else */
		b = some(w);
		if (b && !is_desktop(b))
			set_args(b, "other", chance(w, 10) ? ids[pick(w, 3)] : "");
		break;
	case 9: /* an exit, and the pid is somebody else's at once */
		b = some(w);
		if (b) {
			end(w, b);
			new_worker(w);
		}
		break;
	}
}

void world_step(struct world *w)
{
	for (size_t n = 1 + pick(w, 4); n > 0; n--)
		something(w);
}

static void restless(struct world *w)
{
	if (chance(w, w->restless))
		something(w);
}

void world_pass(struct world *w, int64_t awake_ms, int64_t asleep_ms)
{
	w->now.monotonic_ms += awake_ms;
	w->now.boottime_ms += awake_ms + asleep_ms;
	w->now.realtime_ms += awake_ms + asleep_ms + (int64_t)pick(w, 7200000) - 3600000;
}

static struct snapshot *look(struct world *w, bool complete)
{
	struct snapshot *s = snapshot_new();

	if (!s)
		abort();
	snprintf(s->boot_id, sizeof(s->boot_id), "00000000-0000-4000-8000-000000000000");
	s->boottime_ms = w->now.boottime_ms;
	s->monotonic_ms = w->now.monotonic_ms;
	s->realtime_ms = w->now.realtime_ms;
	s->ticks_per_second = 100;
	s->complete = complete;
	s->full = true;
	s->pid_ns = 1;
	for (size_t i = 0; i < WORLD_MAX; i++) {
		struct being *b = &w->beings[i];

		if (!b->used || (!complete && b->p.id.pid > 3 && chance(w, 20)))
			continue;
		b->p.comm = b->comm;
		if (snapshot_add(s, &b->p, NULL))
			abort();
	}
	s->scanned = s->nr;
	snapshot_seal(s);
	return s;
}

struct snapshot *world_snapshot(struct world *w)
{
	return look(w, true);
}

static struct world *of_source(struct source *src)
{
	return (struct world *)((char *)src - offsetof(struct world, source));
}

static struct world *of_reaper(struct reaper *r)
{
	return (struct world *)((char *)r - offsetof(struct world, reaper));
}

static int world_scan(struct source *src, enum scan_mode mode, struct snapshot **ret)
{
	struct world *w = of_source(src);

	(void)mode;
	*ret = look(w, !w->incomplete);
	restless(w);
	return 0;
}

static int world_read(struct source *src, const pid_t *pids, size_t nr, int *ret_errors,
		      struct snapshot **ret)
{
	struct world *w = of_source(src);
	struct snapshot *s = snapshot_new();

	if (!s)
		abort();
	s->ticks_per_second = 100;
	s->complete = true;
	for (size_t i = 0; i < nr; i++) {
		struct being *b = world_find(w, pids[i]);

		ret_errors[i] = b ? 0 : -ESRCH;
		if (!b)
			continue;
		b->p.comm = b->comm;
		if (snapshot_add(s, &b->p, NULL))
			abort();
		restless(w);
	}
	snapshot_seal(s);
	*ret = s;
	return 0;
}

static int world_probe(struct source *src, struct probe *probes, size_t nr)
{
	(void)src;
	for (size_t i = 0; i < nr; i++)
		probes[i] = (struct probe){ .pid = probes[i].pid };
	return 0;
}

static int world_watch(struct source *src, const struct identity *watched, size_t nr)
{
	struct world *w = of_source(src);

	w->nr_watched = nr < WORLD_MAX ? nr : WORLD_MAX;
	if (w->nr_watched)
		memcpy(w->watched, watched, w->nr_watched * sizeof(*watched));
	return 0;
}

static int world_watch_fd(struct source *src)
{
	(void)src;
	return -1;
}

static bool world_watch_ended(struct source *src, const struct identity *id)
{
	struct world *w = of_source(src);
	struct being *b = world_find(w, id->pid);

	for (size_t i = 0; i < w->nr_watched; i++)
		if (identity_equal(&w->watched[i], id))
			return !b || !identity_equal(&b->p.id, id);
	return false;
}

static void world_now(struct source *src, struct source_time *ret)
{
	*ret = of_source(src)->now;
}

static pid_t world_waits_for(struct source *src, int64_t *ret_since_ms)
{
	(void)src;
	(void)ret_since_ms;
	return 0;
}

static enum answer world_files(struct source *src, const pid_t *pids, size_t nr,
			       const char *const *folders, size_t nr_folders)
{
	struct world *w = of_source(src);

	for (size_t i = 0; i < nr; i++) {
		struct being *b = world_find(w, pids[i]);

		for (size_t f = 0; b && b->files && f < nr_folders; f++)
			if (!strncmp(folders[f], "/data/", 6) && !strcmp(folders[f] + 6, b->files))
				return ANSWER_YES;
	}
	return ANSWER_NO;
}

static enum answer world_service(struct source *src, const struct process *p, char *unit,
				 size_t size)
{
	struct being *b = world_find(of_source(src), p->id.pid);

	if (!b || b->service != ANSWER_YES)
		return ANSWER_NO;
	snprintf(unit, size, "x.service");
	return ANSWER_YES;
}

static enum answer world_hung_up(struct source *src, const struct process *p)
{
	struct being *b = world_find(of_source(src), p->id.pid);

	return b ? b->hung_up : ANSWER_NO;
}

static enum answer world_ended(struct source *src, pid_t pid)
{
	return world_find(of_source(src), pid) ? ANSWER_NO : ANSWER_YES;
}

/* The receipts of this machine are none. */
static struct fact fact_among(struct world *w, const struct being *beings, const struct process *p)
{
	struct fact fact = { .hung_up = ANSWER_NO, .service = ANSWER_NO };

	for (size_t i = 0; i < WORLD_MAX; i++) {
		const struct being *b = &beings[i];

		if (!b->used || !identity_equal(&b->p.id, &p->id))
			continue;
		fact.parent_changed = b->parent_changed;
		fact.hung_up = b->hung_up;
		fact.service = b->service;
		fact.files = b->files;
		if (w->recall)
			w->recall(w->ctx, p, &fact);
	}
	return fact;
}

static struct fact fact_of(const struct truth *facts, const struct process *p)
{
	struct world *w =
		(struct world *)((char *)(uintptr_t)facts - offsetof(struct world, facts));

	return fact_among(w, w->beings, p);
}

static struct fact fact_then(const struct truth *facts, const struct process *p)
{
	struct world *w =
		(struct world *)((char *)(uintptr_t)facts - offsetof(struct world, facts_then));

	return fact_among(w, w->then, p);
}

void world_freeze(struct world *w)
{
	memcpy(w->then, w->beings, sizeof(w->then));
}

static struct fact_receipts no_receipts(const struct truth *facts, const char *app, struct bytes id)
{
	(void)facts;
	(void)app;
	(void)id;
	return (struct fact_receipts){ .state = RECEIPTS_NONE };
}

static int world_set_policy(struct source *src, const struct policy *policy)
{
	(void)src;
	(void)policy;
	return 0;
}

static void world_free_source(struct source *src)
{
	(void)src;
}

static int world_open(struct reaper *r, pid_t pid, int *ret_handle, uint64_t *ret_ino)
{
	struct world *w = of_reaper(r);
	struct being *b = world_find(w, pid);

	if (!b)
		return -ESRCH;
	for (size_t i = 0; i < sizeof(w->handles) / sizeof(w->handles[0]); i++) {
		if (w->handles[i].used)
			continue;
		w->handles[i].used = true;
		w->handles[i].id = b->p.id;
		*ret_handle = (int)i;
		*ret_ino = b->p.id.pidfd_ino;
		restless(w);
		return 0;
	}
	return -EMFILE;
}

static void world_close(struct reaper *r, int handle)
{
	of_reaper(r)->handles[handle].used = false;
}

static struct being *held(struct world *w, int handle)
{
	struct being *b = world_find(w, w->handles[handle].id.pid);

	return b && identity_equal(&b->p.id, &w->handles[handle].id) ? b : NULL;
}

static int world_signal(struct reaper *r, int handle, int signo)
{
	struct world *w = of_reaper(r);
	struct being *b = held(w, handle);

	if (!b)
		return -ESRCH;
	if (signo == 0)
		return 0;
	if (signo != SIGCONT)
		w->judge(w->ctx, w, b, signo);
	if (signo == SIGSTOP || signo == SIGCONT)
		b->stopped = signo == SIGSTOP;
	if (signo == SIGTERM || signo == SIGKILL)
		b->signalled = true;
	if (signo == SIGTERM && b->forks_on_term) {
		b->forks_on_term = false;
		start(w, b);
	}
	if (signo == SIGKILL || (signo == SIGTERM && !b->deaf))
		end(w, b);
	restless(w);
	return 0;
}

static int world_wait(struct reaper *r, const int *handles, size_t nr, int64_t timeout_ms,
		      int stop_fd, bool *ret_dead)
{
	struct world *w = of_reaper(r);
	int dead = 0;

	(void)stop_fd;
	for (size_t i = 0; i < nr; i++) {
		ret_dead[i] = !held(w, handles[i]);
		dead += ret_dead[i];
	}
	if ((size_t)dead < nr)
		world_pass(w, timeout_ms, 0);
	return dead;
}

static size_t world_reserve(struct reaper *r, size_t nr)
{
	struct world *w = of_reaper(r);
	size_t room = 1 + pick(w, 20);

	return nr < room ? nr : room;
}

static void world_free_reaper(struct reaper *r)
{
	(void)r;
}

static const struct source_ops source_ops = {
	.scan = world_scan,
	.read = world_read,
	.probe = world_probe,
	.watch = world_watch,
	.watch_fd = world_watch_fd,
	.watch_ended = world_watch_ended,
	.now = world_now,
	.waits_for = world_waits_for,
	.holds_files = world_files,
	.service = world_service,
	.hung_up = world_hung_up,
	.ended = world_ended,
	.set_policy = world_set_policy,
	.free = world_free_source,
};

static const struct reaper_ops reaper_ops = {
	.open = world_open,
	.close = world_close,
	.signal = world_signal,
	.wait = world_wait,
	.reserve = world_reserve,
	.free = world_free_reaper,
};

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
	w->source.ops = &source_ops;
	w->reaper.ops = &reaper_ops;
	w->facts = (struct truth){ fact_of, no_receipts };
	w->facts_then = (struct truth){ fact_then, no_receipts };
	forest_policy(&w->policy);
	for (size_t a = 0; a < w->policy.nr_apps; a++) {
		free(w->policy.apps[a].receipts); /* there is no disk here */
		w->policy.apps[a].receipts = NULL;
	}
	add_fixed(w, 0, "init", 1, 0);
	add_fixed(w, 1, "bash", 2, 1);
	add_fixed(w, 2, "systemd", 3, 1);
	w->restless = (unsigned)pick(w, 3) * 4;
}

void world_release(struct world *w)
{
	policy_release(&w->policy);
}
