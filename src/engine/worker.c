/* SPDX-License-Identifier: MIT */
#include "engine/worker.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>

#include "base/array.h"
#include "base/clock.h"
#include "engine/worker_private.h"

static void poke(int fd)
{
	/* The counter is nowhere near its limit, so this cannot fail. */
	(void)!eventfd_write(fd, 1);
}

int worker_fd(const struct worker *w)
{
	return w->out_fd;
}

/* What is new is handed over; what holds on (armed, due, ...) is copied and stays. */
void worker_take(struct worker *w, struct worker_update *ret_update)
{
	eventfd_t count;

	(void)!eventfd_read(w->out_fd, &count);
	pthread_mutex_lock(&w->lock);
	*ret_update = w->out;
	w->out.census = NULL;
	w->out.users = NULL;
	w->out.lines = NULL;
	w->out.answers = NULL;
	w->out.nr_users = w->out.nr_lines = w->out.nr_answers = 0;
	w->alloc_users = w->alloc_lines = w->alloc_answers = 0;
	pthread_mutex_unlock(&w->lock);
}

pid_t worker_waits_for(struct worker *w, int64_t *ret_ms)
{
	struct source *src = w->options.source;
	int64_t since = 0;
	pid_t pid = src->ops->waits_for ? src->ops->waits_for(src, &since) : 0;

	if (pid > 0)
		*ret_ms = clock_ms(CLOCK_MONOTONIC) - since;
	return pid;
}

static int send_command(struct worker *w, const struct command *model)
{
	struct command *cmd = malloc(sizeof(*cmd));

	if (!cmd)
		return -ENOMEM;
	*cmd = *model;
	cmd->next = NULL;
	pthread_mutex_lock(&w->lock);
	*w->last = cmd;
	w->last = &cmd->next;
	pthread_mutex_unlock(&w->lock);
	poke(w->wake_fd);
	return 0;
}

int worker_tick(struct worker *w)
{
	return send_command(w, &(struct command){ .kind = COMMAND_TICK });
}

int worker_arm(struct worker *w, bool arm)
{
	return send_command(w, &(struct command){ .kind = COMMAND_ARM, .on = arm });
}

int worker_set_delay(struct worker *w, int64_t delay_ms)
{
	return send_command(w, &(struct command){ .kind = COMMAND_DELAY, .delay_ms = delay_ms });
}

int worker_ports(struct worker *w, bool ports)
{
	return send_command(w, &(struct command){ .kind = COMMAND_PORTS, .on = ports });
}

int worker_pause(struct worker *w, bool pause)
{
	return send_command(w, &(struct command){ .kind = COMMAND_PAUSE, .on = pause });
}

int worker_release(struct worker *w, unsigned hold)
{
	return send_command(w, &(struct command){ .kind = COMMAND_RELEASE, .hold = hold });
}

int worker_hold(struct worker *w, const struct identity *ids, size_t nr, unsigned *ret_hold)
{
	struct command cmd = { .kind = COMMAND_HOLD, .hold = w->next_hold + 1, .nr = nr };
	int r;

	cmd.ids = calloc(nr ? nr : 1, sizeof(*cmd.ids));
	if (!cmd.ids)
		return -ENOMEM;
	memcpy(cmd.ids, ids, nr * sizeof(*ids));
	r = send_command(w, &cmd);
	if (r < 0) {
		free(cmd.ids);
		return r;
	}
	*ret_hold = ++w->next_hold;
	return 0;
}

int worker_reap(struct worker *w, unsigned hold, const struct worker_victims *victims, size_t nr)
{
	struct command *cmd = calloc(1, sizeof(*cmd));
	int r = -ENOMEM;

	if (!cmd)
		return -ENOMEM;
	*cmd = (struct command){ .kind = COMMAND_REAP, .hold = hold };
	cmd->victims = calloc(nr ? nr : 1, sizeof(*victims));
	for (size_t i = 0; cmd->victims && i < nr; i++) {
		struct worker_victims *v = &cmd->victims[i];
		char *id = malloc(victims[i].instance.len + 1);

		*v = victims[i];
		v->app = v->app ? strdup(v->app) : NULL;
		v->instance.data = id;
		cmd->nr = i + 1;
		if (!id || (victims[i].app && !v->app))
			goto failed;
		memcpy(id, victims[i].instance.data, victims[i].instance.len);
		id[victims[i].instance.len] = '\0';
	}
	if (!cmd->victims)
		goto failed;
	r = send_command(w, cmd);
	if (r < 0)
		goto failed;
	free(cmd); /* send_command() copied it, what it points to is the copy's */
	return 0;
failed:
	command_free(cmd);
	return r;
}

static void worker_free(struct worker *w)
{
	while (w->first) {
		struct command *cmd = w->first;

		w->first = cmd->next;
		command_free(cmd);
	}
	worker_update_release(&w->out);
	journal_release(&w->journal);
	census_unref(w->latest);
	free(w->holds);
	free(w->tallies);
	pthread_mutex_destroy(&w->lock);
	if (w->wake_fd >= 0)
		close(w->wake_fd);
	if (w->out_fd >= 0)
		close(w->out_fd);
	if (w->stop_fd >= 0)
		close(w->stop_fd);
	free(w);
}

/*
 * Signals belong to the view's thread, save those that a fault of this one
 * raises: blocked, they would end us with the terminal left as it is.
 */
static int start_thread(struct worker *w)
{
	static const int faults[] = { SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT };
	sigset_t all, old;
	int r;

	sigfillset(&all);
	for (size_t i = 0; i < ARRAY_SIZE(faults); i++)
		sigdelset(&all, faults[i]);
	pthread_sigmask(SIG_SETMASK, &all, &old);
	r = -pthread_create(&w->thread, NULL, worker_main, w);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	return r;
}

int worker_new(const struct worker_options *options, struct worker **ret_worker)
{
	struct worker *w = calloc(1, sizeof(*w));
	int r;

	if (!w)
		return -ENOMEM;
	w->options = *options;
	w->delay_ms = options->delay_ms;
	w->lock_fd = -1;
	w->last = &w->first;
	pthread_mutex_init(&w->lock, NULL);
	w->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	w->out_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	w->stop_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	r = w->wake_fd < 0 || w->out_fd < 0 || w->stop_fd < 0 ? -EMFILE : start_thread(w);
	if (r < 0) {
		worker_free(w);
		return r;
	}
	*ret_worker = w;
	return 0;
}

int worker_stop(struct worker *w, int64_t timeout_ms)
{
	struct worker_update last;
	int r = worker_stop_take(w, timeout_ms, &last);

	if (r == 0)
		worker_update_release(&last);
	return r;
}

int worker_stop_take(struct worker *w, int64_t timeout_ms, struct worker_update *ret_last)
{
	int64_t until = clock_ms(CLOCK_REALTIME) + timeout_ms;
	struct timespec ts = { .tv_sec = until / 1000, .tv_nsec = until % 1000 * 1000000 };
	int r;

	poke(w->stop_fd);
	poke(w->wake_fd);
	r = pthread_timedjoin_np(w->thread, NULL, &ts);
	if (r == ETIMEDOUT)
		return -ETIMEDOUT;
	worker_take(w, ret_last);
	worker_free(w);
	return 0;
}
