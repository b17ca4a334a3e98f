/* SPDX-License-Identifier: MIT */
#include "cli/command.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "cli/exec.h"
#include "cli/log.h"
#include "cli/mode.h"
#include "engine/settle.h"
#include "linux/cgroup_group.h"
#include "linux/self.h"
#include "base/escape.h"

/* The wait between two scans while leftovers may end by themselves; it is doubled each time. */
enum { FIRST_LOOK_MS = 10, MAX_LOOK_MS = 200 };

/*
 * How often parents and children are recorded while the command runs: every LINEAGE_MS
 * while new processes appear, so that short-lived parents are seen; up to
 * LINEAGE_MAX_MS while none do; and for at most a hundredth of one CPU.
 */
enum { LINEAGE_MS = 25, LINEAGE_MAX_MS = 400, LINEAGE_REST = 100 };

/* Attempts of command_end(), in turn LEAKS_ALL and LEAKS_LISTED. */
enum { MAX_ATTEMPTS = 8 };

static void say_cannot(const char *what, const char *name, const char *file, int error)
{
	_cleanup_strbuf_ struct strbuf text = STRBUF_INIT, why = STRBUF_INIT;

	escape_text(&text, name);
	exec_reason(&why, file, error);
	log_error("cannot %s '%s': %s", what, text.buf, why.buf);
}

/* Stop the demo: its fleet descends from us and would be taken for the command's. */
static void leave_demo(struct session *s)
{
	demo_stop(s->demo);
	s->demo = NULL;
}

/* Restore the built-in app `stray` and its marker, which stamps the command, whatever a file says. */
static int use_own_app(struct session *s)
{
	static const char marker[] = "STRAY_INSTANCE";
	struct app *app = policy_replace_app(s->config->policy, "stray", "built-in");

	if (!app)
		return -ENOMEM;
	app->owner = APP_OWNER_PID;
	return app_add_marker(app, marker, sizeof(marker) - 1, NULL, 0);
}

static int open_wrapped(struct command *c, unsigned flags)
{
	struct session *s = c->session;
	uint64_t ticks;
	int r = self_start_ticks(&ticks);

	if (r == 0 && s->demo)
		leave_demo(s);
	if (r == 0)
		r = use_own_app(s);
	if (r == 0)
		r = wrapper_init(&c->wrapper, ticks);
	if (r < 0)
		return session_failed(r);
	c->query = (struct leak_query){
		.scope = &s->scope,
		.wrapper = getpid(),
		.wrapper_id = { c->wrapper.id, strlen(c->wrapper.id) },
	};
	s->engine.wrapper = c->query.wrapper;
	s->engine.wrapper_id = c->query.wrapper_id;
	s->engine.wrapper_shared = c->wrapper.shared;
	/* A server that root starts may change its user, and is a leftover all the same. */
	if (geteuid() == 0)
		s->scope.all_users = true;
	return session_open(s, flags);
}

/* Does the report name the parents of a leftover? --run lists no process. */
static bool wants_lineage(const struct command *c)
{
	return c->session->options->mode == MODE_CHECK;
}

/*
 * Record parents and children, if that is due; called by wrapper_wait(). Returns in
 * how many ms to call it again. Without memory the report names fewer parents.
 */
static int look_at_lineage(void *ctx)
{
	struct command *c = ctx;
	int64_t left = c->lineage_due_ms - clock_ms(CLOCK_MONOTONIC), cost_us, rest_ms;
	bool news;

	if (left > 0)
		return (int)left;
	cost_us = clock_us(CLOCK_PROCESS_CPUTIME_ID);
	news = lineage_look(&c->lineage, getpid()) > 0;
	cost_us = clock_us(CLOCK_PROCESS_CPUTIME_ID) - cost_us;
	if (news || !c->lineage_rest_ms)
		c->lineage_rest_ms = LINEAGE_MS;
	else if (c->lineage_rest_ms < LINEAGE_MAX_MS)
		c->lineage_rest_ms *= 2;
	rest_ms = cost_us * LINEAGE_REST / 1000;
	if (rest_ms < c->lineage_rest_ms)
		rest_ms = c->lineage_rest_ms;
	if (rest_ms > INT_MAX)
		rest_ms = INT_MAX;
	c->lineage_due_ms = clock_ms(CLOCK_MONOTONIC) + rest_ms;
	return (int)rest_ms;
}

/* Make a control group for the command, if that is allowed here. */
static void make_group(struct command *c)
{
	char name[WRAPPER_ID_SIZE];
	char *colon;
	int fd;

	memcpy(name, c->wrapper.id, sizeof(name));
	colon = strchr(name, ':');
	if (colon)
		*colon = '-';
	if (cgroup_group_make(c->session->group, name) < 0)
		return;
	fd = cgroup_group_entry(c->session->group);
	if (fd >= 0)
		c->wrapper.group_fd = fd;
}

static bool has_group(const struct command *c)
{
	return c->session->group->ops->path(c->session->group);
}

bool command_run(struct command *c, struct session *s, unsigned flags, int *ret_status)
{
	char **argv = s->options->command;
	char file[PATH_MAX];
	int r, exec_error = 0;

	*c = (struct command){ .session = s, .wrapper = WRAPPER_INIT };
	*ret_status = open_wrapped(c, flags);
	if (*ret_status != 0)
		return false;
	r = exec_find(argv[0], getenv("PATH"), file);
	if (r < 0) {
		say_cannot("run", argv[0], argv[0], -r);
		*ret_status = exec_status(-r);
		return false;
	}
	make_group(c);
	r = wrapper_start(&c->wrapper, file, argv, &s->mask, &exec_error);
	if (r < 0 || exec_error) {
		say_cannot("run", argv[0], file, r < 0 ? -r : exec_error);
		*ret_status = r < 0 ? EXIT_UNKNOWN : c->wrapper.status;
		return false;
	}
	r = wrapper_wait(&c->wrapper, wants_lineage(c) ? look_at_lineage : NULL, c);
	if (r < 0) {
		say_cannot("wait for", argv[0], "", -r);
		*ret_status = EXIT_UNKNOWN;
		return false;
	}
	*ret_status = r;
	return true;
}

bool command_left_nothing(const struct command *c)
{
	return !c->wrapper.shared && !wrapper_has_child() &&
	       (!has_group(c) || cgroup_group_is_empty(c->session->group));
}

static bool is_narrowed(const struct command *c)
{
	return c->query.scope->instance_glob || c->query.scope->app;
}

bool command_is_inconclusive(const struct command *c)
{
	if (is_narrowed(c) || c->report.count[LEAK_LEFT])
		return false;
	if (c->wrapper.shared)
		return c->missed;
	return (c->missed || !c->report.nr) && wrapper_has_child();
}

/* Scan once and fill c->report. */
static int look(void *ctx, enum settle_state *ret_state)
{
	struct command *c = ctx;
	int r = leaks_scan(c->session, &c->query, &c->report, &c->missed);

	if (r != 0)
		return r;
	if (wants_lineage(c)) {
		r = lineage_look(&c->lineage, getpid());
		if (r < 0)
			return session_failed(r);
	}
	*ret_state = SETTLE_OPEN;
	if (command_is_inconclusive(c))
		*ret_state = SETTLE_INCONCLUSIVE;
	else if (!c->report.count[LEAK_LEFT] && c->report.census->snapshot->complete)
		*ret_state = SETTLE_DONE;
	return 0;
}

static int pause_command(void *ctx, int64_t timeout_ms)
{
	struct command *c = ctx;

	return wrapper_pause(&c->wrapper, timeout_ms);
}

static int observe(struct command *c, int64_t settle_ms)
{
	struct settle s = {
		.source = c->session->source,
		.look = look,
		.wait = pause_command,
		.ctx = c,
		.limit_ms = settle_ms,
		.wait_ms = FIRST_LOOK_MS,
		.wait_max_ms = MAX_LOOK_MS,
		.repeats = SETTLE_REPEATS,
	};
	int r = settle(&s);

	c->report.waited_ms = s.waited_ms;
	if (r >= 0)
		return r;
	log_error("cannot wait for what is left: %s", strerror(-r));
	return EXIT_UNKNOWN;
}

int command_observe(struct command *c, int64_t settle_ms)
{
	int r;

	progress_begin(&c->session->progress, "waiting for leftovers to end by themselves ...");
	r = observe(c, settle_ms);
	progress_end(&c->session->progress);
	return r;
}

/*
 * Reap once, then scan what is left. LEAKS_ALL also ends what forks meanwhile;
 * LEAKS_LISTED ends what is still listed after that.
 */
static int attempt(struct command *c, enum leaks_which which, int64_t term_timeout_ms,
		   struct leaks_ended *ret_ended)
{
	int r = leaks_end(c->session, &c->query, &c->report, which, term_timeout_ms, ret_ended);

	if (r != 0)
		return r;
	/* A signal means: do not wait. Read it, or it would stop the next attempt too. */
	if (wrapper_take_signals(&c->wrapper))
		ret_ended->stopped = true;
	return look(c, &(enum settle_state){ 0 });
}

bool command_may_end(const struct command *c)
{
	return leaks_count(&c->report) ||
	       (has_group(c) && !is_narrowed(c) && !cgroup_group_is_empty(c->session->group));
}

/*
 * End what is left in the command's control group: SIGTERM and the wait, then all of it at
 * once, also what no scan has shown. Returns 0, or the exit status after a message.
 */
static int end_group(struct command *c, size_t *ret_ended)
{
	struct leaks_ended ended = { 0 };

	if (leaks_count(&c->report)) {
		int r = leaks_end(c->session, &c->query, &c->report, LEAKS_TERM, -1, &ended);

		if (r != 0)
			return r;
	}
	/* Read a signal, or it would stop the rounds that may follow. */
	(void)wrapper_take_signals(&c->wrapper);
	*ret_ended = ended.ended + leaks_end_group(c->session, &c->query);
	return look(c, &(enum settle_state){ 0 });
}

int command_end(struct command *c, struct leaks_ended *ret_ended)
{
	struct leaks_ended all = { 0 };
	int64_t term_timeout_ms = -1;

	wrapper_let_go(&c->wrapper);
	if (has_group(c) && !is_narrowed(c)) {
		int r = end_group(c, &all.ended);

		if (r != 0)
			return r;
		/* The wait is over: what is left has had its SIGTERM. */
		term_timeout_ms = 0;
	}
	for (int i = 0; i < MAX_ATTEMPTS; i++) {
		enum leaks_which which = i % 2 == 0 && !is_narrowed(c) ? LEAKS_ALL : LEAKS_LISTED;
		struct leaks_ended now;
		/* Scan again while the last scan is inconclusive. */
		int r = command_is_inconclusive(c) ? observe(c, 0) : 0;

		if (r == 0 && !leaks_count(&c->report))
			break;
		if (r == 0)
			r = attempt(c, which, term_timeout_ms, &now);
		if (r != 0)
			return r;
		all.ended += now.ended;
		all.unfinished = now.unfinished;
		if (now.stopped)
			term_timeout_ms = 0;
		else if (which == LEAKS_LISTED && !now.ended && now.survived)
			break;
	}
	all.survived = leaks_count(&c->report);
	/* Without a child there is no descendant, whatever could not be read. */
	if (!c->wrapper.shared && !wrapper_has_child())
		all.unfinished = false;
	*ret_ended = all;
	return 0;
}

void command_release(struct command *c)
{
	leak_report_release(&c->report);
	lineage_release(&c->lineage);
	wrapper_release(&c->wrapper);
}
