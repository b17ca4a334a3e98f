/* SPDX-License-Identifier: MIT */
/*
 * The program for pictures that are the same at every run: all of its objects,
 * linked once more with `ld --wrap` around six functions. What it looks at, its
 * demo fleet, and whom it ends are real. Only what no two runs have in common is
 * replaced on its way in: the clocks (somebody else moves them, steady.h), and of
 * each process of the fleet pid, start, memory and CPU time, all made from its row
 * in the fleet's table, and the fleet's token. The fleet's own processes, which have
 * no STEADY_CLOCK, run as they always do.
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/sysinfo.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/array.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "demo/fleet.h"
#include "linux/reaper.h"
#include "linux/source.h"
#include "screen/steady.h"
#include "stray/snapshot.h"

int64_t __real_clock_ms(clockid_t clock);
int64_t __real_clock_us(clockid_t clock);
char *__real_mkdtemp(char *template);
int __real_procfs_source_new(const struct policy *policy, struct source **ret_source);
int __real_pidfd_reaper_new(struct reaper **ret_reaper);
int __wrap_pthread_timedjoin_np(pthread_t thread, void **ret, const struct timespec *until);
int64_t __wrap_clock_ms(clockid_t clock);
int64_t __wrap_clock_us(clockid_t clock);
int __wrap_sysinfo(struct sysinfo *info);
char *__wrap_mkdtemp(char *template);
int __wrap_procfs_source_new(const struct policy *policy, struct source **ret_source);
int __wrap_pidfd_reaper_new(struct reaper **ret_reaper);

enum { GUARDIAN = -1, NOT_OF_THE_FLEET = -2, TPS = 100 };

/* --- the clocks ---------------------------------------------------------------------- */

static const volatile int64_t *shared_clock(void)
{
	static const volatile int64_t *shared;
	const char *fd = getenv(STEADY_CLOCK);
	void *map;

	if (shared || !fd)
		return shared;
	map = mmap(NULL, sizeof(*shared), PROT_READ, MAP_SHARED, (int)strtol(fd, NULL, 10), 0);
	if (map == MAP_FAILED) {
		perror("steady: " STEADY_CLOCK);
		exit(3);
	}
	shared = map;
	return shared;
}

/*
 * The view's thread and the engine's see the moved clocks; the real source and its
 * reading threads compare what they read with the real ones.
 */
static _Thread_local bool engine, inside;

static bool is_steady(void)
{
	return (engine || gettid() == getpid()) && !inside && shared_clock();
}

/* A machine with 16 GiB, whichever this one is. */
int __wrap_sysinfo(struct sysinfo *info)
{
	*info = (struct sysinfo){ .totalram = 16384, .mem_unit = 1 << 20 };
	return 0;
}

int64_t __wrap_clock_us(clockid_t clock)
{
	return is_steady() ? __wrap_clock_ms(clock) * 1000 : __real_clock_us(clock);
}

int64_t __wrap_clock_ms(clockid_t clock)
{
	if (!is_steady())
		return __real_clock_ms(clock);
	return (clock == CLOCK_REALTIME ? STEADY_REALTIME_MS : STEADY_BOOTTIME_MS) +
	       __atomic_load_n(shared_clock(), __ATOMIC_ACQUIRE);
}

/* A moment of the moved clock says nothing to the C library. */
int __wrap_pthread_timedjoin_np(pthread_t thread, void **ret, const struct timespec *until)
{
	(void)until;
	return pthread_join(thread, ret);
}

/* The last six characters are the token that stands in names and arguments. */
char *__wrap_mkdtemp(char *template)
{
	if (!shared_clock())
		return __real_mkdtemp(template);
	memcpy(template + strlen(template) - 6, "k3v9x0", 6);
	return mkdir(template, 0700) == 0 ? template : NULL;
}

/* --- who is who ---------------------------------------------------------------------- */

struct member {
	struct identity real;
	int row;
};

struct steady {
	struct source source;
	struct source *inner;
	struct member members[DEMO_MAX];
	size_t nr;
};

struct steady_hands {
	struct reaper reaper;
	struct reaper *inner;
};

/* The engine has one source; its reaper asks it who is meant. */
static struct steady *the_source;

static pid_t pid_of_row(int row)
{
	return row == GUARDIAN ? 4180 : 4207 + 13 * row + row % 5;
}

static int read_row(pid_t pid)
{
	char path[64], data[4096];
	_cleanup_close_ int fd = -1;
	const char *role;
	ssize_t len;

	snprintf(path, sizeof(path), "/proc/%d/environ", (int)pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	len = fd < 0 ? -1 : read(fd, data, sizeof(data) - 1);
	if (len <= 0)
		return NOT_OF_THE_FLEET;
	data[len] = '\0';
	role = memmem(data, (size_t)len, DEMO_ROLE "=", sizeof(DEMO_ROLE));
	if (!role)
		return NOT_OF_THE_FLEET;
	role += sizeof(DEMO_ROLE);
	return !strncmp(role, "init:", 5) ? GUARDIAN : (int)strtol(role, NULL, 10);
}

static struct member *find_member(struct steady *s, pid_t pid)
{
	/* The newest first: pids are handed out again. */
	for (size_t i = s->nr; i-- > 0;)
		if (s->members[i].real.pid == pid)
			return &s->members[i];
	return NULL;
}

static void learn(struct steady *s, const struct process *p)
{
	struct member *known = find_member(s, p->id.pid);
	int row;

	if (known && known->real.start_ticks == p->id.start_ticks)
		return;
	row = read_row(p->id.pid);
	if (row >= GUARDIAN && s->nr < ARRAY_SIZE(s->members))
		s->members[s->nr++] = (struct member){ p->id, row };
}

static pid_t shown(struct steady *s, pid_t real)
{
	struct member *m = find_member(s, real);

	return m ? pid_of_row(m->row) : real;
}

static pid_t real_pid(struct steady *s, pid_t pid)
{
	for (size_t i = 0; i < s->nr; i++)
		if (pid_of_row(s->members[i].row) == pid)
			return s->members[i].real.pid;
	return pid;
}

static struct identity real_identity(struct steady *s, const struct identity *id)
{
	struct member *m = find_member(s, real_pid(s, id->pid));

	return m ? m->real : *id;
}

/* --- what is seen --------------------------------------------------------------------- */

/* Whoever comes later in the table started later. */
static uint64_t start_of_row(int row)
{
	return (uint64_t)(STEADY_BOOTTIME_MS / 1000 - 3127 + 61 * row) * TPS;
}

static uint64_t cpu_of_row(int row, int64_t passed_ms)
{
	unsigned per_mille = demo_rows[row].flags & DEMO_BUSY ? 30 + (unsigned)row : 0;

	return (uint64_t)passed_ms * per_mille * TPS / 1000 / 1000;
}

static void steady_process(struct steady *s, struct process *p, int64_t passed_ms)
{
	struct member *m = find_member(s, p->id.pid);

	p->ppid = shown(s, p->ppid);
	p->pgid = shown(s, p->pgid);
	p->sid = shown(s, p->sid);
	if (!m)
		return;
	p->id.pid = p->ns_pid = pid_of_row(m->row);
	p->id.start_ticks = start_of_row(m->row);
	if (p->exe)
		p->exe = "/usr/local/bin/stray";
	if (m->row == GUARDIAN)
		return;
	p->rss_kib = demo_rows[m->row].memory_kib + 3000 + 17 * (unsigned)m->row;
	p->cpu_ticks = cpu_of_row(m->row, passed_ms);
	p->state = 'S';
}

static void set_time(struct snapshot *s)
{
	s->boottime_ms = clock_ms(CLOCK_BOOTTIME);
	s->monotonic_ms = clock_ms(CLOCK_MONOTONIC);
	s->realtime_ms = clock_ms(CLOCK_REALTIME);
	s->took_us = 4200;
	s->ticks_per_second = TPS;
}

/* Takes the reference to @real. */
static struct snapshot *steady_picture(struct steady *s, struct snapshot *real)
{
	struct snapshot *copy = snapshot_new(), fresh;

	if (!copy)
		return NULL;
	for (size_t i = 0; i < real->nr; i++)
		learn(s, &real->procs[i]);
	fresh = *copy;
	*copy = *real;
	copy->procs = fresh.procs;
	copy->nr = fresh.nr;
	copy->alloc = fresh.alloc;
	copy->storage = fresh.storage;
	copy->refs = fresh.refs;
	copy->sealed = fresh.sealed;
	set_time(copy);
	for (size_t i = 0; i < real->nr; i++) {
		struct process p = real->procs[i];

		steady_process(s, &p, copy->boottime_ms - STEADY_BOOTTIME_MS);
		if (snapshot_add(copy, &p, NULL) < 0)
			abort();
	}
	snapshot_seal(copy);
	snapshot_unref(real);
	return copy;
}

static struct steady *of(struct source *src)
{
	return (struct steady *)src;
}

static int finish(struct steady *s, int r, struct snapshot *real, struct snapshot **ret_snapshot)
{
	inside = false;
	if (r < 0)
		return r;
	*ret_snapshot = steady_picture(s, real);
	return *ret_snapshot ? 0 : -ENOMEM;
}

static int do_scan(struct source *src, enum scan_mode mode, struct snapshot **ret_snapshot)
{
	struct steady *s = of(src);
	struct snapshot *real = NULL;
	int r;

	engine = inside = true;
	r = s->inner->ops->scan(s->inner, mode, &real);
	return finish(s, r, real, ret_snapshot);
}

static int do_read(struct source *src, const pid_t *pids, size_t nr, int *ret_errors,
		   struct snapshot **ret_snapshot)
{
	struct steady *s = of(src);
	struct snapshot *real = NULL;
	pid_t *reals = calloc(nr + 1, sizeof(*reals));
	int r;

	if (!reals)
		abort();
	for (size_t i = 0; i < nr; i++)
		reals[i] = real_pid(s, pids[i]);
	engine = inside = true;
	r = s->inner->ops->read(s->inner, reals, nr, ret_errors, &real);
	free(reals);
	return finish(s, r, real, ret_snapshot);
}

static int do_probe(struct source *src, struct probe *probes, size_t nr)
{
	struct steady *s = of(src);
	int r;

	for (size_t i = 0; i < nr; i++)
		probes[i].pid = real_pid(s, probes[i].pid);
	inside = true;
	r = s->inner->ops->probe(s->inner, probes, nr);
	inside = false;
	for (size_t i = 0; i < nr; i++)
		probes[i].pid = shown(s, probes[i].pid);
	return r;
}

static int do_watch(struct source *src, const struct identity *ids, size_t nr)
{
	struct steady *s = of(src);
	struct identity real[DEMO_MAX];

	if (nr > DEMO_MAX)
		return -EINVAL;
	for (size_t i = 0; i < nr; i++)
		real[i] = real_identity(s, &ids[i]);
	return s->inner->ops->watch(s->inner, real, nr);
}

static int do_watch_fd(struct source *src)
{
	return of(src)->inner->ops->watch_fd(of(src)->inner);
}

static bool do_watch_ended(struct source *src, const struct identity *id)
{
	struct identity real = real_identity(of(src), id);

	return of(src)->inner->ops->watch_ended(of(src)->inner, &real);
}

static void do_now(struct source *src, struct source_time *ret_time)
{
	(void)src;
	engine = true;
	*ret_time = (struct source_time){ clock_ms(CLOCK_BOOTTIME), clock_ms(CLOCK_MONOTONIC),
					  clock_ms(CLOCK_REALTIME) };
}

static pid_t do_waits_for(struct source *src, int64_t *ret_since_ms)
{
	(void)src;
	(void)ret_since_ms;
	return 0;
}

static bool do_cgroup(struct source *src, pid_t pid, char *buf, size_t size)
{
	(void)src;
	(void)pid;
	snprintf(buf, size, "user@1000.service");
	return true;
}

static int do_set_policy(struct source *src, const struct policy *policy)
{
	return of(src)->inner->ops->set_policy(of(src)->inner, policy);
}

static void do_free_source(struct source *src)
{
	of(src)->inner->ops->free(of(src)->inner);
	the_source = NULL;
	free(src);
}

int __wrap_procfs_source_new(const struct policy *policy, struct source **ret_source)
{
	static const struct source_ops ops = {
		.scan = do_scan,
		.read = do_read,
		.probe = do_probe,
		.watch = do_watch,
		.watch_fd = do_watch_fd,
		.watch_ended = do_watch_ended,
		.now = do_now,
		.waits_for = do_waits_for,
		.cgroup = do_cgroup,
		.set_policy = do_set_policy,
		.free = do_free_source,
	};
	struct steady *s = calloc(1, sizeof(*s));
	int r = s ? __real_procfs_source_new(policy, &s->inner) : -ENOMEM;

	if (r < 0) {
		free(s);
		return r;
	}
	s->source.ops = &ops;
	the_source = s;
	*ret_source = &s->source;
	return 0;
}

/* --- the hands -------------------------------------------------------------------------- */

static struct reaper *inner_of(struct reaper *r)
{
	return ((struct steady_hands *)r)->inner;
}

static int do_open(struct reaper *r, pid_t pid, int *ret_handle, uint64_t *ret_ino)
{
	pid_t real = the_source ? real_pid(the_source, pid) : pid;

	return inner_of(r)->ops->open(inner_of(r), real, ret_handle, ret_ino);
}

static void do_close(struct reaper *r, int handle)
{
	inner_of(r)->ops->close(inner_of(r), handle);
}

static int do_signal(struct reaper *r, int handle, int signo)
{
	return inner_of(r)->ops->signal(inner_of(r), handle, signo);
}

static int do_wait(struct reaper *r, const int *handles, size_t nr, int64_t timeout_ms, int stop_fd,
		   bool *ret_dead)
{
	return inner_of(r)->ops->wait(inner_of(r), handles, nr, timeout_ms, stop_fd, ret_dead);
}

static size_t do_reserve(struct reaper *r, size_t nr)
{
	return inner_of(r)->ops->reserve(inner_of(r), nr);
}

static void do_free_reaper(struct reaper *r)
{
	inner_of(r)->ops->free(inner_of(r));
	free(r);
}

int __wrap_pidfd_reaper_new(struct reaper **ret_reaper)
{
	static const struct reaper_ops ops = {
		.open = do_open,
		.close = do_close,
		.signal = do_signal,
		.wait = do_wait,
		.reserve = do_reserve,
		.free = do_free_reaper,
	};
	struct steady_hands *h = calloc(1, sizeof(*h));
	int r = h ? __real_pidfd_reaper_new(&h->inner) : -ENOMEM;

	if (r < 0) {
		free(h);
		return r;
	}
	h->reaper.ops = &ops;
	*ret_reaper = &h->reaper;
	return 0;
}
