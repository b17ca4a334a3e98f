/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <poll.h>
#include <pwd.h>
#include <string.h>
#include <sys/eventfd.h>

#include "base/array.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "engine/lock.h"
#include "engine/worker_private.h"

/* A desktop's end is looked at at once, but a burst of ends not more often than this. */
enum { LOOK_PAUSE_MS = 50 };

static int64_t now_ms(void)
{
	return clock_ms(CLOCK_MONOTONIC);
}

/* --- what the engine tells ----------------------------------------------------- */

static struct tally *find_tally(struct worker *w, const struct event *e)
{
	const struct app *app = policy_find_app(w->options.sweep.policy, e->app ? e->app : "");
	struct bytes name = instance_short_name(app, e->instance);
	struct tally *t;

	for (size_t i = 0; i < w->nr_tallies; i++)
		if (strlen(w->tallies[i].name) == name.len &&
		    !memcmp(w->tallies[i].name, name.data, name.len))
			return &w->tallies[i];
	if (ARRAY_GROW(w->tallies, w->nr_tallies, w->alloc_tallies))
		return NULL;
	t = &w->tallies[w->nr_tallies];
	*t = (struct tally){ .name = strndup(name.data ? name.data : "", name.len) };
	if (!t->name)
		return NULL;
	w->nr_tallies++;
	return t;
}

static void tell_event(struct worker *w, struct tally *t, const struct event *e)
{
	struct reap_result res = { .process = e->process, .outcome = e->outcome, .why = e->why };

	snprintf(res.name, sizeof(res.name), "%s", e->name ? e->name : "");
	worker_tell_result(w, t, e->instance, &res);
}

static void on_event(void *ctx, const struct event *e)
{
	struct worker *w = ctx;
	struct tally *t;

	switch (e->kind) {
	case EVENT_WARNING:
		worker_say(w, WORD_WARN, w->reaping, "%s", e->text ? e->text : "");
		break;
	case EVENT_STOP:
		worker_say(w, WORD_SKIP, true, "reaping stopped: %s", e->text ? e->text : "");
		break;
	case EVENT_REAPED:
	case EVENT_SURVIVED:
		/* What a person asked for is told from its report. */
		t = w->reaping ? NULL : find_tally(w, e);
		if (t)
			tell_event(w, t, e);
		break;
	case EVENT_TICK:
		if (e->summary && e->summary->counted) {
			pthread_mutex_lock(&w->lock);
			w->out.ticks++;
			pthread_mutex_unlock(&w->lock);
		}
		break;
	case EVENT_ORPHANED:
		break; /* the journal tells it per instance */
	}
}

static void say_tallies(struct worker *w)
{
	for (size_t i = 0; i < w->nr_tallies; i++) {
		struct tally *t = &w->tallies[i];

		worker_tell_tally(w, t, true, NULL);
		free(t->name);
	}
	w->nr_tallies = 0;
}

/* --- a look -------------------------------------------------------------------- */

static bool system_user_name(uid_t uid, char *buf, size_t size)
{
	struct passwd pw, *found = NULL;
	char store[4096];

	if (getpwuid_r(uid, &pw, store, sizeof(store), &found) || !found)
		return false;
	strncpy(buf, pw.pw_name, size - 1);
	buf[size - 1] = '\0';
	return true;
}

/*
 * Names are looked up here, since that may ask a directory server. The list is
 * sent whole with every census: it has as many entries as users have agents.
 */
static void add_user(struct worker *w, struct worker_update *u, size_t *alloc, uid_t uid)
{
	struct worker_user user = { .uid = uid };

	for (size_t i = 0; i < u->nr_users; i++)
		if (u->users[i].uid == uid)
			return;
	if (ARRAY_GROW(u->users, u->nr_users, *alloc))
		return;
	if (!(w->options.user_name ? w->options.user_name : system_user_name)(uid, user.name,
									      sizeof(user.name)))
		snprintf(user.name, sizeof(user.name), "%lu", (unsigned long)uid);
	u->users[u->nr_users++] = user;
}

static int64_t due_in(struct worker *w)
{
	int64_t due = engine_due_ms(w->sweep);
	int64_t first = w->armed ? w->reap_from_ms - now_ms() : 0;

	return due > first ? due : first;
}

static void publish(struct worker *w, struct census *census)
{
	struct worker_update fresh = { .census = census }, old = { 0 };
	size_t alloc = 0;
	const char *dir = w->options.sweep.state_dir;
	pid_t holder = 0;

	/* While armed the holder is ourselves, which is nothing to tell. */
	if (!w->armed && dir)
		holder = sweep_lock_holder(dir);
	add_user(w, &fresh, &alloc, w->options.sweep.scope.uid);
	for (size_t i = 0; i < census->nr_instances; i++)
		add_user(w, &fresh, &alloc, census->instances[i].uid);
	pthread_mutex_lock(&w->lock);
	old.census = w->out.census;
	old.users = w->out.users;
	w->out.census = census;
	w->out.users = fresh.users;
	w->out.nr_users = fresh.nr_users;
	w->alloc_users = alloc;
	w->out.swept_by = holder;
	pthread_mutex_unlock(&w->lock);
	/* A big one takes its time to free, and the view may want the lock. */
	worker_update_release(&old);
}

static void publish_state(struct worker *w, bool sweeping)
{
	int64_t due = due_in(w), at = now_ms();

	pthread_mutex_lock(&w->lock);
	w->out.sweeping = sweeping;
	w->out.progress = (struct reap_progress){ 0 };
	w->out.armed = w->armed;
	if (w->armed)
		w->out.swept_by = 0;
	w->out.due_ms = due > 0 ? due : 0;
	w->out.due_at_ms = at;
	pthread_mutex_unlock(&w->lock);
	worker_signal(w);
}

static void on_journal(void *ctx, enum worker_word word, const char *text)
{
	worker_say_text(ctx, word, false, text);
}

static void say_start(struct worker *w, const struct census *c)
{
	const struct scope *scope = &w->options.sweep.scope;
	int64_t delay = w->options.told_delay_ms ? w->options.told_delay_ms : w->delay_ms;
	char who[32] = "all users";

	if (!scope->all_users)
		snprintf(who, sizeof(who), "uid %lu", (unsigned long)scope->uid);
	worker_say(w, WORD_START, false, "stray %s on %s, %s, refresh %gs",
		   w->options.version ? w->options.version : "", c->snapshot->host, who,
		   (double)delay / 1000);
	w->started = true;
}

static unsigned tick_flags(struct worker *w, bool count)
{
	if (!count)
		return 0;
	if (!w->armed || now_ms() < w->reap_from_ms)
		return TICK_COUNT;
	if (w->nr_holds) {
		if (!w->said_wait)
			worker_say(w, WORD_SWEEP, true, "waits while the dialog is open");
		w->said_wait = true;
		return TICK_COUNT;
	}
	return TICK_COUNT | TICK_REAP;
}

/* False: the thread is to end with *ret_error. */
static bool look(struct worker *w, bool count, int *ret_error)
{
	unsigned flags = tick_flags(w, count);
	struct census *census = NULL;
	int r;

	if (flags & TICK_REAP)
		publish_state(w, true);
	r = engine_tick(w->sweep, flags | TICK_AHEAD | TICK_CGROUPS | (w->ports ? TICK_PORTS : 0),
			&census, NULL);
	w->last_look_ms = now_ms();
	w->next_look_ms = w->last_look_ms + w->delay_ms;
	w->look_now = false;
	/* A tick that could not count (an incomplete scan) is tried again at the next look. */
	w->stuck = (flags & TICK_COUNT) && engine_due_ms(w->sweep) == 0;
	if (!census) {
		if (r == -ESTALE || r == -ENOMEM) {
			*ret_error = r;
			return false;
		}
		worker_say(w, WORD_WARN, true, "cannot look: %s", strerror(-r));
		return true;
	}
	if (r < 0)
		worker_say(w, WORD_WARN, true, "cannot write the ledger: %s", strerror(-r));
	w->realtime_ms = census->snapshot->realtime_ms;
	w->together = true;
	if (!w->started) {
		worker_tell_past(w);
		say_start(w, census);
	}
	/* What was reaped comes before what its end has changed. */
	say_tallies(w);
	census_unref(w->latest);
	w->latest = census_ref(census);
	journal_census(&w->journal, census, &w->options.sweep.scope,
		       w->options.sweep.settings.grace, on_journal, w);
	publish(w, census);
	w->together = false;
	publish_state(w, false);
	return true;
}

/* --- commands ------------------------------------------------------------------ */

static void disarm(struct worker *w, const char *by)
{
	if (!w->armed)
		return;
	engine_set_save(w->sweep, false);
	sweep_unlock(w->lock_fd);
	w->lock_fd = -1;
	w->armed = false;
	worker_say(w, WORD_SWEEP, true, "disarmed by %s", by);
}

static void arm(struct worker *w, const char *by)
{
	const char *dir = w->options.sweep.state_dir;
	pid_t holder = 0;
	int r;

	if (w->armed)
		return;
	if (!dir) {
		worker_say(w, WORD_SWEEP, true, "not armed: there is no state directory");
		return;
	}
	r = sweep_lock(dir, &w->lock_fd, &holder);
	if (r == -EBUSY)
		worker_say(w, WORD_SWEEP, true, "not armed: pid %d sweeps already", (int)holder);
	else if (r < 0)
		worker_say(w, WORD_SWEEP, true, "not armed: cannot take the sweep lock: %s",
			   strerror(-r));
	if (r < 0)
		return;
	r = engine_set_save(w->sweep, true);
	if (r < 0) {
		worker_say(w, WORD_SWEEP, true, "not armed: cannot write the ledger: %s",
			   strerror(-r));
		sweep_unlock(w->lock_fd);
		w->lock_fd = -1;
		return;
	}
	w->armed = true;
	w->said_wait = false;
	w->reap_from_ms = now_ms() + w->options.sweep.settings.interval_ms;
	worker_say(w, WORD_SWEEP, true, "armed by %s%s", by,
		   w->options.sweep.dry_run ? " (dry run)" : "");
}

static bool run_command(struct worker *w, struct command *cmd, int *ret_error)
{
	switch (cmd->kind) {
	case COMMAND_TICK:
		return look(w, true, ret_error);
	case COMMAND_ARM:
		if (cmd->on)
			arm(w, "user");
		else
			disarm(w, "user");
		break;
	case COMMAND_DELAY:
		w->delay_ms = cmd->delay_ms;
		w->next_look_ms = w->last_look_ms + w->delay_ms;
		break;
	case COMMAND_PORTS:
		w->ports = cmd->on;
		break;
	case COMMAND_PAUSE:
		w->paused = cmd->on;
		break;
	case COMMAND_HOLD:
		worker_do_hold(w, cmd);
		break;
	case COMMAND_RELEASE:
		worker_do_release(w, cmd->hold);
		w->said_wait = false;
		break;
	case COMMAND_REAP:
		publish_state(w, true);
		worker_do_reap(w, cmd);
		break;
	}
	publish_state(w, false);
	return true;
}

static bool run_commands(struct worker *w, int *ret_error)
{
	bool go_on = true;

	while (go_on && !worker_stopping(w)) {
		struct command *cmd;

		pthread_mutex_lock(&w->lock);
		cmd = w->first;
		if (cmd) {
			w->first = cmd->next;
			if (!w->first)
				w->last = &w->first;
		}
		pthread_mutex_unlock(&w->lock);
		if (!cmd)
			break;
		go_on = run_command(w, cmd, ret_error);
		command_free(cmd);
	}
	return go_on;
}

/* --- the loop ------------------------------------------------------------------ */

/* Until the next look, the next counted tick, a command, or a desktop's end. */
static void wait_for_work(struct worker *w, int64_t due)
{
	struct pollfd fds[2] = {
		{ .fd = w->wake_fd, .events = POLLIN },
		{ .fd = engine_watch_fd(w->sweep), .events = POLLIN },
	};
	int64_t now = now_ms(), until = w->next_look_ms - now, since = now - w->last_look_ms;
	eventfd_t count;

	if (w->paused && due > 0)
		until = due;
	else if (due > 0 && due < until)
		until = due;
	if (since < LOOK_PAUSE_MS) {
		/* The same end would wake us again and again until it is looked at. */
		fds[1].fd = -1;
		until = until < LOOK_PAUSE_MS - since ? until : LOOK_PAUSE_MS - since;
	}
	if (until < 0)
		until = 0;
	poll(fds, 2, until > 60000 ? 60000 : (int)until);
	if (fds[0].revents)
		(void)!eventfd_read(w->wake_fd, &count);
	if (fds[1].fd >= 0 && fds[1].revents)
		w->look_now = true;
}

static int run(struct worker *w)
{
	int error = 0;

	if (!look(w, true, &error))
		return error;
	if (w->options.arm)
		arm(w, "--arm");
	publish_state(w, false);
	while (!worker_stopping(w)) {
		bool time, count;

		if (!run_commands(w, &error) || worker_stopping(w))
			break;
		count = due_in(w) <= 0;
		time = now_ms() >= w->next_look_ms;
		if (w->look_now || (time && (!w->paused || count)) || (count && !w->stuck)) {
			if (!look(w, count, &error))
				break;
			continue;
		}
		if (time) /* paused */
			w->next_look_ms = now_ms() + w->delay_ms;
		wait_for_work(w, due_in(w));
	}
	return error;
}

void *worker_main(void *arg)
{
	struct worker *w = arg;
	struct engine_options options = w->options.sweep;
	int r;

	options.save = false;
	options.stop_fd = w->stop_fd;
	options.notify = on_event;
	options.ctx = w;
	watched_init(&w->watched, w->options.reaper, worker_tell_progress, w);
	r = engine_new(&options, w->options.source, &w->watched.reaper, &w->sweep);
	if (r == 0) {
		r = run(w);
		while (w->nr_holds)
			worker_do_release(w, w->holds[0].id);
		disarm(w, "the end of the view");
		engine_free(w->sweep);
	}
	pthread_mutex_lock(&w->lock);
	w->out.error = r;
	pthread_mutex_unlock(&w->lock);
	worker_signal(w);
	return NULL;
}
