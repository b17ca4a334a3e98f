/* SPDX-License-Identifier: MIT */
/* The small machine as a source and a reaper: what the engine sees of it, and does to it. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "property/forest.h"
#include "property/world.h"

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

		if (!b->used || (!complete && b->p.id.pid > 3 && world_chance(w, 20)))
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
	world_stir(w);
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
		world_stir(w);
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
		/* Where its folders are, its environment tells. */
		fact.files_refused = b->p.environ_read != READ_DONE && world_is_desktop(b);
		fact.files = fact.files_refused ? NULL : b->files;
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
		world_stir(w);
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
		world_start(w, b);
	}
	if (signo == SIGKILL || (signo == SIGTERM && !b->deaf))
		world_end(w, b);
	world_stir(w);
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
	size_t room = 1 + world_pick(w, 20);

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

void world_install(struct world *w)
{
	w->source.ops = &source_ops;
	w->reaper.ops = &reaper_ops;
	w->facts = (struct truth){ fact_of, no_receipts };
	w->facts_then = (struct truth){ fact_then, no_receipts };
}
