/* SPDX-License-Identifier: MIT */
#ifndef TESTS_UNIT_ENGINE_FAKE_H
#define TESTS_UNIT_ENGINE_FAKE_H

/*
 * A small world of processes behind the engine's two interfaces: a source that
 * shows it and a reaper that changes it by its signals. Time stands still but for what
 * a test or a wait moves. A test changes the world in the middle of things
 * through the hooks.
 */
#include <errno.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/environ.h"
#include "stray/engine.h"
#include "unit/engine/fake_files.h"

/* The ledger of the fake world. */
#define LEDGER_NAME "ledger-11111111-1.json"
#define LEDGER_BAD  LEDGER_NAME ".bad"
#define LEDGER_NEW  LEDGER_NAME ".new"

#define FAKE_BOOT   "11111111-2222-3333-4444-555555555555"
#define FAKE_UID    1000u

enum { FAKE_PROCS = 1024, FAKE_HANDLES = 1024, FAKE_SELF = 100, FAKE_SHELL = 50 };

struct fake_proc {
	bool used; /* false: gone; its slot is not used again, handles may point to it */
	pid_t pid, ppid, pgid, sid, tpgid;
	int tty_nr;
	uid_t uid;
	uint64_t start, ino;
	char comm[16];
	const char *exe;
	char env[512], args[256];
	size_t env_len, args_len;
	enum read_state environ_read;
	int read_error; /* what looking at it alone comes to */
	bool ending;	/* ends when it is waited for, by itself */
	bool ignores_term, cannot_die, not_ours, stopped, forks_away, zombie;
	unsigned forks; /* on each scan while it runs, one child, so many generations */
	bool window, probe_fails;
	enum answer hung_up;
	uint16_t port;
	uint64_t cpu_ticks;
	unsigned got[65];
};

struct fake {
	struct source source;
	struct reaper reaper;
	struct fake_proc procs[FAKE_PROCS];
	size_t nr;
	size_t handles[FAKE_HANDLES]; /* index of the process + 1, 0: closed */
	size_t handles_max, open_handles, most_handles;
	bool overpromises; /* reserve() says that there is room for all */
	int open_error;
	int64_t boottime_ms, monotonic_ms;
	char boot_id[BOOT_ID_SIZE];
	pid_t next_pid, self;
	bool no_inodes;
	unsigned blind;	   /* so many scans from now are not complete */
	unsigned vanished; /* so many ended while each scan read them ... */
	int64_t scan_ms;   /* ... and so long each took */
	unsigned scans, full_scans, reads, probes, probed, signals, waits, hangups;
	struct identity watched[64];
	bool watched_ended[64];
	size_t nr_watched;
	void (*on_scan)(struct fake *f);	    /* before each scan */
	void (*on_open)(struct fake *f, pid_t pid); /* after a handle was opened */
	void (*on_signal)(struct fake *f, struct fake_proc *p, int signo); /* before it */
	void (*on_wait)(struct fake *f);	       /* before each wait for handles */
	void (*on_hung_up)(struct fake *f, pid_t pid); /* before its ends are polled */
	void *ctx;

	/* what the engine told */
	unsigned events[EVENT_STOP + 1];
	unsigned outcomes[OUTCOME_NR];
	char warnings[4096];
};

/* --- the world ------------------------------------------------------------------- */

static inline struct fake_proc *fake_find(struct fake *f, pid_t pid)
{
	for (size_t i = 0; i < f->nr; i++) {
		if (f->procs[i].used && f->procs[i].pid == pid)
			return &f->procs[i];
	}
	return NULL;
}

static inline struct fake_proc *fake_add(struct fake *f, pid_t pid, pid_t ppid, const char *comm)
{
	struct fake_proc *p;
	static uint64_t ino = 1000;

	assert_true(f->nr < FAKE_PROCS);
	p = &f->procs[f->nr++];
	*p = (struct fake_proc){
		.used = true,
		.pid = pid,
		.ppid = ppid,
		.pgid = pid,
		.sid = pid,
		.tpgid = -1,
		.uid = FAKE_UID,
		.start = (uint64_t)f->boottime_ms / 10,
		.ino = ++ino,
		.environ_read = READ_DONE,
		.hung_up = ANSWER_NO,
	};
	snprintf(p->comm, sizeof(p->comm), "%s", comm);
	p->args_len = (size_t)snprintf(p->args, sizeof(p->args), "%s", comm) + 1;
	return p;
}

static inline void fake_env(struct fake_proc *p, const char *entry)
{
	size_t len = strlen(entry) + 1;

	assert_true(p->env_len + len <= sizeof(p->env));
	memcpy(p->env + p->env_len, entry, len);
	p->env_len += len;
}

static inline void fake_arg(struct fake_proc *p, const char *arg)
{
	size_t len = strlen(arg) + 1;

	assert_true(p->args_len + len <= sizeof(p->args));
	memcpy(p->args + p->args_len, arg, len);
	p->args_len += len;
}

/* An agent of a Sprout instance, a child of @ppid that leads its own session. */
static inline struct fake_proc *fake_agent(struct fake *f, pid_t pid, pid_t ppid, const char *id)
{
	struct fake_proc *p = fake_add(f, pid, ppid, "goose");
	char entry[128];

	snprintf(entry, sizeof(entry), "SPROUT_MANAGED_AGENT=%s", id);
	fake_env(p, entry);
	return p;
}

static inline struct fake_proc *fake_desktop(struct fake *f, pid_t pid, const char *id)
{
	struct fake_proc *p = fake_add(f, pid, 1, "sprout-desktop");

	fake_arg(p, id);
	return p;
}

/* It ends: its children go to pid 1. */
static inline void fake_end(struct fake *f, struct fake_proc *p)
{
	p->used = false;
	for (size_t i = 0; i < f->nr; i++) {
		if (f->procs[i].used && f->procs[i].ppid == p->pid)
			f->procs[i].ppid = 1;
	}
	for (size_t i = 0; i < f->nr_watched; i++) {
		if (f->watched[i].pid == p->pid && f->watched[i].start_ticks == p->start)
			f->watched_ended[i] = true;
	}
}

static inline void fake_pass(struct fake *f, int64_t ms)
{
	f->boottime_ms += ms;
	f->monotonic_ms += ms;
}

static inline void fake_fork_all(struct fake *f)
{
	size_t nr = f->nr;

	for (size_t i = 0; i < nr; i++) {
		struct fake_proc *p = &f->procs[i], *child;

		if (!p->used || !p->forks || p->stopped)
			continue;
		child = fake_add(f, f->next_pid++, p->forks_away ? 1 : p->pid, p->comm);
		child->pgid = p->pgid;
		child->sid = p->sid;
		child->forks = p->forks - 1;
		child->ignores_term = p->ignores_term;
		child->forks_away = p->forks_away;
		memcpy(child->env, p->env, sizeof(p->env));
		child->env_len = p->env_len;
		p->forks = 0;
	}
}

/* --- the source -------------------------------------------------------------------- */

static inline struct fake *fake_of_source(struct source *src)
{
	return (struct fake *)((char *)src - offsetof(struct fake, source));
}

static inline struct fake *fake_of_reaper(struct reaper *r)
{
	return (struct fake *)((char *)r - offsetof(struct fake, reaper));
}

static inline void fake_show(struct fake *f, struct snapshot *s, const struct fake_proc *p)
{
	const struct process proc = {
		.id = { p->pid, p->start, 0 },
		.ppid = p->ppid,
		.pgid = p->pgid,
		.sid = p->sid,
		.tpgid = p->tpgid,
		.tty_nr = p->tty_nr,
		.uid = p->uid,
		.state = p->zombie    ? 'Z'
			 : p->stopped ? 'T'
				      : 'S',
		.dead = p->zombie,
		.pid_ns = 1,
		.ns_pid = p->pid,
		.cpu_ticks = p->cpu_ticks,
		.rss_kib = 100,
		.threads = 1,
		.comm = p->comm,
		.exe = p->exe,
		.args = { p->args, p->args_len },
		.args_read = READ_DONE,
		.environ = { p->env, p->environ_read == READ_DONE ? p->env_len : 0 },
		.environ_read = p->environ_read,
	};

	(void)f;
	assert_int_equal(snapshot_add(s, &proc, NULL), 0);
}

static inline struct snapshot *fake_snapshot(struct fake *f, bool full)
{
	struct snapshot *s = snapshot_new();

	assert_non_null(s);
	memcpy(s->boot_id, f->boot_id, sizeof(s->boot_id));
	s->boottime_ms = f->boottime_ms;
	s->monotonic_ms = f->monotonic_ms;
	s->realtime_ms = f->boottime_ms;
	s->ticks_per_second = 100;
	s->complete = true;
	s->full = full;
	s->self = f->self;
	s->pid_ns = 1;
	return s;
}

static inline int fake_scan(struct source *src, enum scan_mode mode, struct snapshot **ret)
{
	struct fake *f = fake_of_source(src);
	struct snapshot *s;

	f->scans++;
	f->full_scans += mode == SCAN_FULL;
	if (f->on_scan)
		f->on_scan(f);
	s = fake_snapshot(f, mode == SCAN_FULL);
	if (f->blind) {
		f->blind--;
		s->complete = false;
	}
	for (size_t i = 0; i < f->nr; i++) {
		if (f->procs[i].used)
			fake_show(f, s, &f->procs[i]);
	}
	s->scanned = s->nr;
	s->vanished = f->vanished;
	snapshot_seal(s);
	fake_fork_all(f);
	fake_pass(f, f->scan_ms);
	*ret = s;
	return 0;
}

static inline int fake_read(struct source *src, const pid_t *pids, size_t nr, int *ret_errors,
			    struct snapshot **ret)
{
	struct fake *f = fake_of_source(src);
	struct snapshot *s = fake_snapshot(f, true);

	f->reads++;
	for (size_t i = 0; i < nr; i++) {
		struct fake_proc *p = fake_find(f, pids[i]);

		ret_errors[i] = p ? p->read_error : -ESRCH;
		/* A folder, a file and a pidfd are opened beside the handles. */
		if (f->overpromises && f->open_handles + 3 > f->handles_max)
			ret_errors[i] = -EMFILE;
		if (ret_errors[i] == 0)
			fake_show(f, s, p);
	}
	snapshot_seal(s);
	*ret = s;
	return 0;
}

static inline int fake_probe(struct source *src, struct probe *probes, size_t nr)
{
	struct fake *f = fake_of_source(src);

	f->probes++;
	f->probed += (unsigned)nr;
	for (size_t i = 0; i < nr; i++) {
		const struct fake_proc *p = fake_find(f, probes[i].pid);

		if (!p)
			continue;
		probes[i].window = p->window;
		probes[i].failed = p->probe_fails;
		if (!p->port)
			continue;
		probes[i].ports = malloc(sizeof(uint16_t));
		assert_non_null(probes[i].ports);
		probes[i].ports[0] = p->port;
		probes[i].nr_ports = 1;
	}
	return 0;
}

static inline int fake_watch(struct source *src, const struct identity *ids, size_t nr)
{
	struct fake *f = fake_of_source(src);

	assert_true(nr <= 64);
	for (size_t i = 0; i < nr; i++) {
		const struct fake_proc *p = fake_find(f, ids[i].pid);

		f->watched[i] = ids[i];
		f->watched_ended[i] = !p || p->start != ids[i].start_ticks;
	}
	f->nr_watched = nr;
	return 0;
}

static inline int fake_watch_fd(struct source *src)
{
	(void)src;
	return -1;
}

static inline bool fake_watch_ended(struct source *src, const struct identity *id)
{
	struct fake *f = fake_of_source(src);

	for (size_t i = 0; i < f->nr_watched; i++) {
		if (identity_equal(&f->watched[i], id))
			return f->watched_ended[i];
	}
	return false;
}

static inline void fake_now(struct source *src, struct source_time *ret)
{
	struct fake *f = fake_of_source(src);

	*ret = (struct source_time){ f->boottime_ms, f->monotonic_ms, f->boottime_ms };
}

static inline enum answer fake_hung_up(struct source *src, const struct process *proc)
{
	struct fake *f = fake_of_source(src);
	struct fake_proc *p = fake_find(f, proc->id.pid);

	f->hangups++;
	if (f->on_hung_up)
		f->on_hung_up(f, proc->id.pid);
	return p ? p->hung_up : ANSWER_UNKNOWN;
}

static inline int fake_set_policy(struct source *src, const struct policy *policy)
{
	(void)src;
	(void)policy;
	return 0;
}

/* --- the reaper ---------------------------------------------------------------------- */

static inline int fake_open(struct reaper *r, pid_t pid, int *ret_handle, uint64_t *ret_ino)
{
	struct fake *f = fake_of_reaper(r);
	struct fake_proc *p = fake_find(f, pid);

	if (f->open_error)
		return f->open_error;
	if (!p)
		return -ESRCH;
	if (f->handles_max && f->open_handles >= f->handles_max)
		return -EMFILE;
	for (int h = 0; h < FAKE_HANDLES; h++) {
		if (f->handles[h])
			continue;
		f->handles[h] = (size_t)(p - f->procs) + 1;
		if (++f->open_handles > f->most_handles)
			f->most_handles = f->open_handles;
		*ret_handle = h;
		*ret_ino = f->no_inodes ? 0 : p->ino;
		if (f->on_open)
			f->on_open(f, pid);
		return 0;
	}
	return -EMFILE;
}

static inline struct fake_proc *fake_held(struct fake *f, int handle)
{
	assert_true(handle >= 0 && handle < FAKE_HANDLES);
	assert_true(f->handles[handle] != 0);
	return &f->procs[f->handles[handle] - 1];
}

static inline void fake_close(struct reaper *r, int handle)
{
	struct fake *f = fake_of_reaper(r);

	(void)fake_held(f, handle);
	f->handles[handle] = 0;
	f->open_handles--;
}

static inline int fake_signal(struct reaper *r, int handle, int signo)
{
	struct fake *f = fake_of_reaper(r);
	struct fake_proc *p = fake_held(f, handle);

	if (!p->used)
		return -ESRCH;
	if (p->not_ours)
		return -EPERM;
	if (f->on_signal)
		f->on_signal(f, p, signo);
	f->signals++;
	p->got[signo]++;
	if (signo == SIGSTOP)
		p->stopped = true;
	else if (signo == SIGCONT)
		p->stopped = false;
	else if (!p->cannot_die && (signo == SIGKILL || (signo == SIGTERM && !p->ignores_term)))
		fake_end(f, p);
	return 0;
}

static inline int fake_wait(struct reaper *r, const int *handles, size_t nr, int64_t timeout_ms,
			    int stop_fd, bool *ret_dead)
{
	struct fake *f = fake_of_reaper(r);
	struct pollfd fd = { .fd = stop_fd, .events = POLLIN };
	int dead = 0;

	f->waits++;
	if (f->on_wait)
		f->on_wait(f);
	for (size_t i = 0; i < nr; i++) {
		struct fake_proc *p = fake_held(f, handles[i]);

		if (p->used && p->ending && timeout_ms > 0)
			fake_end(f, p);
		ret_dead[i] = !p->used;
		dead += ret_dead[i];
	}
	if ((size_t)dead == nr)
		return dead;
	if (stop_fd >= 0 && poll(&fd, 1, 0) > 0)
		return -EINTR;
	fake_pass(f, timeout_ms);
	return dead;
}

static inline size_t fake_reserve(struct reaper *r, size_t nr)
{
	struct fake *f = fake_of_reaper(r);

	return f->handles_max && f->handles_max < nr && !f->overpromises ? f->handles_max : nr;
}

static inline void fake_free_nothing(struct source *src)
{
	(void)src;
}

static inline void fake_free_no_reaper(struct reaper *r)
{
	(void)r;
}

static const struct source_ops fake_source_ops = {
	.scan = fake_scan,
	.read = fake_read,
	.probe = fake_probe,
	.watch = fake_watch,
	.watch_fd = fake_watch_fd,
	.watch_ended = fake_watch_ended,
	.now = fake_now,
	.hung_up = fake_hung_up,
	.set_policy = fake_set_policy,
	.free = fake_free_nothing,
};

static const struct reaper_ops fake_reaper_ops = {
	.open = fake_open,
	.close = fake_close,
	.signal = fake_signal,
	.wait = fake_wait,
	.reserve = fake_reserve,
	.free = fake_free_no_reaper,
};

/* --- around it -------------------------------------------------------------------------- */

static inline struct fake *fake_new(void)
{
	struct fake *f = calloc(1, sizeof(*f));
	struct fake_proc *p;

	assert_non_null(f);
	f->source.ops = &fake_source_ops;
	f->reaper.ops = &fake_reaper_ops;
	f->boottime_ms = 100000;
	f->monotonic_ms = 90000;
	f->next_pid = 20000;
	f->self = FAKE_SELF;
	memcpy(f->boot_id, FAKE_BOOT, sizeof(FAKE_BOOT));
	p = fake_add(f, 1, 0, "systemd");
	p->uid = 0;
	fake_add(f, FAKE_SHELL, 1, "bash");
	p = fake_add(f, FAKE_SELF, FAKE_SHELL, "stray");
	p->sid = FAKE_SHELL;
	return f;
}

static inline void fake_notify(void *ctx, const struct event *event)
{
	struct fake *f = ctx;
	size_t len = strlen(f->warnings);

	f->events[event->kind]++;
	if (event->kind == EVENT_REAPED || event->kind == EVENT_SURVIVED)
		f->outcomes[event->outcome]++;
	if (event->kind == EVENT_WARNING)
		snprintf(f->warnings + len, sizeof(f->warnings) - len, "%s\n", event->text);
}

#endif
