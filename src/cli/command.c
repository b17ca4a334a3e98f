#include "cli/command.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "cli/log.h"
#include "cli/mode.h"
#include "linux/self.h"
#include "report/escape.h"

/* Between two looks while leftovers have time to end by themselves. */
enum { FIRST_LOOK_MS = 10, MAX_LOOK_MS = 200 };

/* The wait for TERM, then twice none: a second signal means it, a third does too. */
enum { MAX_ATTEMPTS = 3 };

static void cannot_run(const char *name, int error)
{
	_cleanup_strbuf_ struct strbuf text = STRBUF_INIT;

	escape_text(&text, name);
	log_error("cannot run '%s': %s", text.buf, strerror(error));
}

/*
 * A demo knows its own app alone, and its fleet would be taken for the
 * command's: what there is to see is what the command itself leaves.
 */
static int leave_demo(struct session *s)
{
	struct app *app;

	demo_stop(s->demo);
	s->demo = NULL;
	app = policy_replace_app(&s->config->policy, "stray", "built-in");
	if (!app)
		return -ENOMEM;
	app->owner_pid = true;
	return strings_add(&app->markers, "STRAY_INSTANCE", strlen("STRAY_INSTANCE"));
}

static int open_wrapped(struct command *c, unsigned flags)
{
	struct session *s = c->session;
	uint64_t ticks;
	int r = self_start_ticks(&ticks);

	if (r == 0 && s->demo)
		r = leave_demo(s);
	if (r < 0)
		return session_failed(r);
	wrapper_name(&c->wrapper, ticks);
	c->query = (struct leak_query){
		.scope = &s->scope,
		.wrapper = getpid(),
		.wrapper_id = { c->wrapper.id, strlen(c->wrapper.id) },
	};
	s->engine.wrapper = c->query.wrapper;
	s->engine.wrapper_id = c->query.wrapper_id;
	/* A server that root starts runs under another user soon, and is left all the same. */
	if (geteuid() == 0)
		s->scope.all_users = true;
	return session_open(s, flags);
}

bool command_run(struct command *c, struct session *s, unsigned flags, int *ret_status)
{
	char **argv = s->options->command;
	int r, exec_error = 0;

	*c = (struct command){ .session = s, .wrapper = WRAPPER_INIT };
	*ret_status = open_wrapped(c, flags);
	if (*ret_status != 0)
		return false;
	r = wrapper_start(&c->wrapper, argv, &s->mask, &exec_error);
	if (r < 0 || exec_error) {
		cannot_run(argv[0], r < 0 ? -r : exec_error);
		*ret_status = r < 0 ? EXIT_UNKNOWN : c->wrapper.status;
		return false;
	}
	r = wrapper_wait(&c->wrapper);
	if (r < 0) {
		log_error("cannot wait for '%s': %s", argv[0], strerror(-r));
		*ret_status = EXIT_UNKNOWN;
		return false;
	}
	*ret_status = r;
	return true;
}

/* One look. 0, or the exit status after a message. */
static int look(struct command *c)
{
	struct census *census;
	int r = session_tick(c->session, TICK_FULL, &census, NULL);

	if (r != 0)
		return r;
	r = leaks_collect(&c->query, census, &c->report);
	census_unref(census);
	return r < 0 ? session_failed(r) : 0;
}

static bool is_settled(const struct command *c)
{
	return !c->report.count[LEAK_LEFT] && c->report.census->snapshot->complete;
}

int command_observe(struct command *c, int64_t settle_ms)
{
	int64_t start = clock_ms(CLOCK_MONOTONIC), wait = FIRST_LOOK_MS;

	for (;;) {
		int r = look(c);
		int64_t left;

		if (r != 0)
			return r;
		c->report.waited_ms = clock_ms(CLOCK_MONOTONIC) - start;
		left = settle_ms - c->report.waited_ms;
		if (is_settled(c) || left <= 0)
			return 0;
		r = wrapper_pause(&c->wrapper, wait < left ? wait : left);
		if (r < 0) {
			log_error("cannot wait: %s", strerror(-r));
			return EXIT_UNKNOWN;
		}
		if (r > 0)
			settle_ms = 0; /* one more look, and no more waiting */
		wait = wait * 2 < MAX_LOOK_MS ? wait * 2 : MAX_LOOK_MS;
	}
}

int command_end(struct command *c, struct leaks_ended *ret_ended)
{
	struct leaks_ended all = { 0 };

	wrapper_let_go(&c->wrapper);
	for (int attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
		struct leaks_ended ended;
		int r = leaks_end(c->session, &c->query, &c->report, attempt ? 0 : -1, &ended);

		if (r != 0)
			return r;
		all.ended += ended.ended;
		all.survived = ended.survived;
		all.stopped = ended.stopped;
		if (!ended.stopped)
			break;
		/* Cut short: take the signal off, look who is left, and wait no longer. */
		wrapper_take_signals(&c->wrapper);
		r = look(c);
		if (r != 0)
			return r;
	}
	if (all.stopped)
		all.survived = c->report.count[LEAK_LEFT];
	*ret_ended = all;
	return 0;
}

void command_release(struct command *c)
{
	leak_report_release(&c->report);
	wrapper_release(&c->wrapper);
}
