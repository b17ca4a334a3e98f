/* SPDX-License-Identifier: MIT */
#include "linux/reader.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "linux/thread.h"

enum { STACK_SIZE = 512 * 1024 };

/* One helper thread. It and the reader hold the reader's memory together. */
struct helper {
	struct reader *reader;
	pthread_t thread;
	struct filebuf environ, args;
	char exe[PATH_MAX];
	/* under the lock */
	pid_t pid;
	size_t index;
	bool abandoned; /* not waited for any more: it must not touch the job */
	bool finished;
};

struct reader {
	pthread_mutex_t lock;
	pthread_cond_t changed;
	int64_t patience_ms;
	unsigned refs; /* the owner, and each thread */

	/* the job: the caller's memory, valid while a thread is not abandoned */
	const struct read_item *items;
	size_t nr, next;
	reader_fn done;
	void *ctx;

	struct helper *stuck[READER_STUCK_MAX];
	size_t nr_stuck;

	/* atomic: reader_waits_for() takes no lock */
	pid_t current;
	int64_t since_ms;
};

int reader_new(int64_t patience_ms, struct reader **ret_reader)
{
	struct reader *r = calloc(1, sizeof(*r));
	pthread_condattr_t attr;

	if (!r)
		return -ENOMEM;
	r->refs = 1;
	r->patience_ms = patience_ms;
	pthread_mutex_init(&r->lock, NULL);
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&r->changed, &attr);
	pthread_condattr_destroy(&attr);
	*ret_reader = r;
	return 0;
}

/* Give one reference back; the lock is held, and is not afterwards. */
static void unref_unlock(struct reader *r)
{
	bool last = --r->refs == 0;

	pthread_mutex_unlock(&r->lock);
	if (!last)
		return;
	pthread_cond_destroy(&r->changed);
	pthread_mutex_destroy(&r->lock);
	free(r);
}

static void helper_free(struct helper *h)
{
	filebuf_release(&h->environ);
	filebuf_release(&h->args);
	free(h);
}

/* Release the helpers that do not hang any more. The lock is held. */
static void collect_stuck(struct reader *r)
{
	size_t nr = 0;

	for (size_t i = 0; i < r->nr_stuck; i++) {
		if (r->stuck[i]->finished)
			helper_free(r->stuck[i]);
		else
			r->stuck[nr++] = r->stuck[i];
	}
	r->nr_stuck = nr;
}

void reader_free(struct reader *r)
{
	if (!r)
		return;
	pthread_mutex_lock(&r->lock);
	collect_stuck(r);
	/* A helper that still hangs frees itself when it finds this index. */
	for (size_t i = 0; i < r->nr_stuck; i++)
		r->stuck[i]->index = SIZE_MAX;
	unref_unlock(r);
}

pid_t reader_waits_for(const struct reader *r, int64_t *ret_since_ms)
{
	pid_t pid = __atomic_load_n(&r->current, __ATOMIC_ACQUIRE);

	*ret_since_ms = __atomic_load_n(&r->since_ms, __ATOMIC_RELAXED);
	return pid;
}

static void set_current(struct reader *r, pid_t pid)
{
	if (pid)
		__atomic_store_n(&r->since_ms, clock_ms(CLOCK_MONOTONIC), __ATOMIC_RELAXED);
	__atomic_store_n(&r->current, pid, __ATOMIC_RELEASE);
}

/* --- the helper's side, without the lock ----------------------------------- */

static void read_file(struct contents *c, const char *prefix, const char *name, struct filebuf *buf,
		      struct bytes *bytes, enum read_state *state)
{
	int dir_fd = c->dir_fd < 0 ? AT_FDCWD : c->dir_fd, r;
	char path[64];

	snprintf(path, sizeof(path), "%s%s", prefix, name);
	r = strcmp(name, "maps") == 0 ? procfs_read_list(dir_fd, path, buf)
				      : procfs_read(dir_fd, path, buf);
	switch (r) {
	case 0:
		*bytes = (struct bytes){ buf->data, buf->len };
		*state = READ_DONE;
		break;
	case -EACCES:
	case -EPERM:
	case -EIO:   /* its pages are gone */
	case -EFBIG: /* no program has that much */
		*state = READ_REFUSED;
		break;
	default:
		if (!c->error)
			c->error = r;
	}
}

static void read_contents(struct helper *h, const struct read_item *item, struct contents *c)
{
	char prefix[32] = "", path[64], exe[PATH_MAX];

	*c = (struct contents){ .dir_fd = item->bound ? procfs_open_pid(item->pid) : -1 };
	if (!item->bound)
		snprintf(prefix, sizeof(prefix), "/proc/%d/", (int)item->pid);
	else if (c->dir_fd < 0) {
		c->error = c->dir_fd;
		c->dir_fd = -1;
		return;
	}
	if (item->maps) {
		read_file(c, prefix, "maps", &h->args, &c->args, &c->args_read);
		return;
	}
	if (item->through_thread) {
		pid_t tid = thread_other(c->dir_fd, "task", item->pid);

		if (tid)
			snprintf(prefix, sizeof(prefix), "task/%d/", (int)tid);
	}
	/* First, since a link never hangs: a desktop that does is known by it. */
	snprintf(path, sizeof(path), "%sexe", prefix);
	if (item->no_args ||
	    procfs_readlink(c->dir_fd < 0 ? AT_FDCWD : c->dir_fd, path, exe, sizeof(exe)) < 0)
		exe[0] = '\0';
	pthread_mutex_lock(&h->reader->lock);
	memcpy(h->exe, exe, strlen(exe) + 1);
	pthread_mutex_unlock(&h->reader->lock);
	if (item->environ)
		read_file(c, prefix, "environ", &h->environ, &c->environ, &c->environ_read);
	if (!item->no_args)
		read_file(c, prefix, "cmdline", &h->args, &c->args, &c->args_read);
	if (exe[0])
		c->exe = h->exe;
}

static const struct helper *find_stuck(const struct reader *r, pid_t pid)
{
	for (size_t i = 0; i < r->nr_stuck; i++)
		if (r->stuck[i]->pid == pid)
			return r->stuck[i];
	return NULL;
}

/* Hand item @index on as hanging, with its exe if @stuck, which hangs on it, read that. */
static void give_up_on(struct reader *r, size_t index, const struct helper *stuck)
{
	const struct contents c = {
		.hangs = true,
		.dir_fd = -1,
		.exe = stuck->exe[0] ? stuck->exe : NULL,
		.environ_read = r->items[index].environ ? READ_REFUSED : READ_NOT_TRIED,
		.args_read = READ_REFUSED,
	};

	r->done(r->ctx, index, &c);
}

static void *helper_main(void *arg)
{
	struct helper *h = arg;
	struct reader *r = h->reader;
	bool ours;

	pthread_mutex_lock(&r->lock);
	while (!h->abandoned && r->next < r->nr) {
		struct read_item item = r->items[r->next];
		const struct helper *stuck;
		struct contents c;

		h->index = r->next++;
		stuck = find_stuck(r, item.pid);
		if (stuck) {
			give_up_on(r, h->index, stuck);
			continue;
		}
		h->pid = item.pid;
		set_current(r, item.pid);
		pthread_mutex_unlock(&r->lock);

		read_contents(h, &item, &c);

		pthread_mutex_lock(&r->lock);
		if (!h->abandoned)
			r->done(r->ctx, h->index, &c);
		if (c.dir_fd >= 0)
			close(c.dir_fd);
	}
	h->finished = true;
	if (!h->abandoned)
		pthread_cond_signal(&r->changed);
	ours = h->abandoned && h->index == SIZE_MAX;
	unref_unlock(r);
	if (ours)
		helper_free(h);
	return NULL;
}

/* --- the caller's side, with the lock -------------------------------------- */

static int start_helper(struct reader *r, struct helper **ret_helper)
{
	struct helper *h = calloc(1, sizeof(*h));
	sigset_t all, old;
	pthread_attr_t attr;
	int error;

	if (!h)
		return -ENOMEM;
	h->reader = r;
	sigfillset(&all);
	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, STACK_SIZE);
	/* Signals are for the threads that the faces know of. */
	pthread_sigmask(SIG_SETMASK, &all, &old);
	error = pthread_create(&h->thread, &attr, helper_main, h);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	pthread_attr_destroy(&attr);
	if (error) {
		free(h);
		return -error;
	}
	r->refs++;
	*ret_helper = h;
	return 0;
}

/*
 * Read what is left of the items in this thread: the table of processes is full, which is
 * the moment in which its orphans have to be read at any price. The lock is held.
 */
static bool run_here(struct reader *r)
{
	struct helper *h = calloc(1, sizeof(*h));

	if (!h)
		return false;
	h->reader = r;
	r->refs++;
	pthread_mutex_unlock(&r->lock);
	helper_main(h);
	pthread_mutex_lock(&r->lock);
	helper_free(h);
	return true;
}

static void fail_rest(struct reader *r, int error)
{
	const struct contents c = { .error = error, .dir_fd = -1 };

	while (r->next < r->nr)
		r->done(r->ctx, r->next++, &c);
}

/* Wait until the helper is through or has taken too long with one. True: through. */
static bool wait_for(struct reader *r, const struct helper *h)
{
	while (!h->finished) {
		int64_t until = r->since_ms + r->patience_ms;
		struct timespec ts = { .tv_sec = until / 1000, .tv_nsec = until % 1000 * 1000000 };

		if (clock_ms(CLOCK_MONOTONIC) >= until)
			return false;
		pthread_cond_timedwait(&r->changed, &r->lock, &ts);
	}
	return true;
}

/* Run one helper over what is left of the items, or up to the first that hangs. */
static void run_helper(struct reader *r)
{
	struct helper *h;
	int error;

	set_current(r, r->items[r->next].pid); /* the patience begins now, not long ago */
	error = start_helper(r, &h);
	if (error == -EAGAIN && run_here(r))
		return;
	if (error) {
		fail_rest(r, error);
		return;
	}
	if (wait_for(r, h)) {
		pthread_mutex_unlock(&r->lock);
		pthread_join(h->thread, NULL);
		pthread_mutex_lock(&r->lock);
		helper_free(h);
		return;
	}
	h->abandoned = true;
	pthread_detach(h->thread);
	r->stuck[r->nr_stuck++] = h;
	/* Until its thread has run for the first time it has not taken an item. */
	if (h->pid)
		give_up_on(r, h->index, h);
}

void reader_run(struct reader *r, const struct read_item *items, size_t nr, reader_fn done,
		void *ctx)
{
	pthread_mutex_lock(&r->lock);
	collect_stuck(r);
	r->items = items;
	r->nr = nr;
	r->next = 0;
	r->done = done;
	r->ctx = ctx;
	while (r->next < r->nr) {
		if (r->nr_stuck == READER_STUCK_MAX) {
			fail_rest(r, -EAGAIN);
			break;
		}
		run_helper(r);
	}
	r->items = NULL;
	r->nr = r->next = 0;
	set_current(r, 0);
	pthread_mutex_unlock(&r->lock);
}
