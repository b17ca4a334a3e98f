/* SPDX-License-Identifier: MIT */
#include "base/fileio.h"
#include "cli/session.h"

#include <errno.h>
#include <langinfo.h>
#include <limits.h>
#include <poll.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "base/array.h"
#include "base/cleanup.h"
#include "base/parse.h"
#include "base/signals.h"
#include "cli/log.h"
#include "cli/past.h"
#include "cli/mode.h"
#include "cli/output.h"
#include "engine/lock.h"
#include "engine/statedir.h"
#include "linux/reaper.h"
#include "linux/self.h"
#include "linux/source.h"
#include "base/escape.h"

int session_failed(int error)
{
	if (error == -ESTALE)
		log_error("no pid here would mean what it says: there is no /proc, or it is that "
			  "of another pid namespace");
	else
		log_error("cannot go on: %s", strerror(-error));
	return EXIT_UNKNOWN;
}

/* Load the configuration into the heap: engine and source keep pointers into it. */
static int load_config(const struct session *s, struct config **ret, struct strbuf *error)
{
	struct config *config = calloc(1, sizeof(*config));
	int r = config ? config_load(s->options, config, error) : -ENOMEM;

	if (r < 0) {
		free(config);
		return r;
	}
	for (size_t i = 0; r == 0 && i < s->options->allow.nr; i++)
		r = strings_add(&config->policy.allow, s->options->allow.items[i],
				strlen(s->options->allow.items[i]));
	if (r < 0) {
		config_release(config);
		free(config);
		return r;
	}
	*ret = config;
	return 0;
}

static void free_config(struct config *config)
{
	if (config)
		config_release(config);
	free(config);
}

static int check_scope(struct session *s)
{
	const struct options *o = s->options;

	s->scope = (struct scope){
		.uid = o->uid_given ? o->uid : getuid(),
		.all_users = o->all_users,
		.instance_glob = o->instance,
		.app = o->app,
	};
	if (geteuid() != 0 && (o->all_users || s->scope.uid != getuid())) {
		log_error("'%s' needs root", o->all_users ? "--all-users" : "--uid");
		return EXIT_USAGE;
	}
	return 0;
}

static int start_demo(struct session *s)
{
	int r = demo_start(&s->config->policy, &s->demo);

	if (r < 0) {
		log_error("cannot start the demo fleet: %s", strerror(-r));
		return EXIT_UNKNOWN;
	}
	return 0;
}

/* A mistyped name would match nothing and look like a clean system. */
static int check_app(const struct session *s)
{
	_cleanup_strbuf_ struct strbuf name = STRBUF_INIT;

	/* The history may tell of an app that the configuration has no more. */
	if (!s->scope.app || s->options->mode == MODE_HISTORY ||
	    policy_find_app(&s->config->policy, s->scope.app))
		return 0;
	escape_text(&name, s->scope.app);
	log_error("'--app': there is no app '%s', see 'stray --print-config'", name.buf);
	return EXIT_USAGE;
}

int session_init(struct session *s, const struct options *options, const sigset_t *mask)
{
	_cleanup_strbuf_ struct strbuf error = STRBUF_INIT;
	int r;

	*s = (struct session){ .options = options, .mask = *mask, .lock_fd = -1 };
	s->engine.stop_fd = -1;
	r = load_config(s, &s->config, &error);
	if (r < 0) {
		log_error("%s", r == -EINVAL ? error.buf : strerror(-r));
		return EXIT_USAGE;
	}
	r = check_scope(s);
	if (r == 0 && options->demo)
		r = start_demo(s);
	return r ? r : check_app(s);
}

/*
 * Open s->engine.stop_fd, which polls readable when TERM or INT (or HUP, unless
 * SESSION_SERVICE) is pending; they are blocked already.
 */
static int open_stop_fd(struct session *s, unsigned flags)
{
	static const int signals[] = { SIGTERM, SIGINT, SIGHUP };
	size_t nr = ARRAY_SIZE(signals) - ((flags & SESSION_SERVICE) != 0);
	sigset_t stop;

	/* One that was ignored at the start may have been blocked since (wrapper.h). */
	sigemptyset(&stop);
	for (size_t i = 0; i < nr; i++)
		if (!signal_is_ignored(signals[i]))
			sigaddset(&stop, signals[i]);
	s->engine.stop_fd = signalfd(-1, &stop, SFD_CLOEXEC | SFD_NONBLOCK);
	if (s->engine.stop_fd < 0)
		return session_failed(-errno);
	log_until(s->engine.stop_fd);
	return 0;
}

static void warn(struct session *s, unsigned flags, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* Warn on stderr, or with SESSION_VIEW in s->warning, because the view owns the terminal. */
static void warn(struct session *s, unsigned flags, const char *format, ...)
{
	_cleanup_strbuf_ struct strbuf sb = STRBUF_INIT;
	va_list args;

	if (s->warning)
		strbuf_addf(&sb, "%s; ", s->warning);
	va_start(args, format);
	strbuf_vaddf(&sb, format, args);
	va_end(args);
	if (!(flags & SESSION_VIEW)) {
		log_warning("%s", sb.buf);
		return;
	}
	free(s->warning);
	s->warning = strbuf_detach(&sb);
}

/*
 * Check that processes can be held by a pidfd; if not, say what that means. Returns 0, or
 * the exit status if the mode cannot do without.
 */
static int check_pidfd(struct session *s, unsigned flags)
{
	static const char no[] =
		"this kernel has no pidfd_open (Linux 5.3), or it is forbidden here";
	uint64_t ino;
	int handle, r = s->reaper->ops->open(s->reaper, getpid(), &handle, &ino);

	if (r == 0)
		s->reaper->ops->close(s->reaper, handle);
	if (r != -ENOSYS && r != -EPERM)
		return 0;
	/* A wrapper forwards signals through a pidfd, and reaps what it has adopted. */
	if (((flags & SESSION_REAP) || s->engine.wrapper) && !s->options->dry_run) {
		log_error("%s: no process can be ended safely, so none is; --list and --dry-run "
			  "work",
			  no);
		return EXIT_USAGE;
	}
	warn(s, flags,
	     "%s: nothing can be ended, and a desktop's end is noticed at the next tick "
	     "only",
	     no);
	return 0;
}

/* Create source and reaper, and check that the system supports the mode. */
static int open_system(struct session *s, unsigned flags)
{
	int r = self_check_proc();

	if (r == 0)
		r = procfs_source_new(&s->config->policy, &s->source);
	if (r == 0)
		r = pidfd_reaper_new(&s->reaper);
	if (r < 0)
		return session_failed(r);
	if (!(flags & (SESSION_REAP | SESSION_SERVICE | SESSION_VIEW)) && !s->engine.wrapper)
		return 0;
	return check_pidfd(s, flags);
}

static int open_state(struct session *s, unsigned flags)
{
	bool must = (flags & (SESSION_REAP | SESSION_SAVE | SESSION_LOCK)) && !s->options->dry_run;
	_cleanup_free_ char *warning = NULL;
	int r = 0;

	if (s->demo) {
		s->state_dir = strdup(demo_state_dir(s->demo));
		r = s->state_dir ? 0 : -ENOMEM;
	} else {
		r = statedir_open(geteuid(), &s->state_dir, &warning);
	}
	if (r == -ENOMEM)
		return session_failed(r);
	if (r < 0 && must) {
		log_error("there is no state directory: %s", warning ? warning : strerror(-r));
		return EXIT_USAGE;
	}
	if (r < 0)
		warn(s, flags,
		     "there is no state directory, so nothing is remembered between "
		     "runs: %s",
		     warning ? warning : strerror(-r));
	else if (warning && must)
		warn(s, flags, "%s", warning);
	return 0;
}

static int take_lock(struct session *s)
{
	_cleanup_strbuf_ struct strbuf dir = STRBUF_INIT;
	pid_t holder = 0;
	int r = sweep_lock(s->state_dir, &s->lock_fd, &holder);

	if (r == 0)
		return 0;
	s->lock_fd = -1;
	escape_text(&dir, s->state_dir);
	if (r == -EBUSY && holder)
		log_error("already swept by pid %d, which holds '%s/sweep.lock'", (int)holder,
			  dir.buf);
	else
		log_error("cannot lock '%s/sweep.lock': %s", dir.buf,
			  r == -EBUSY ? "another sweep holds it" : strerror(-r));
	return EXIT_USAGE;
}

/* Write the engine's warnings to stderr, for faces without a notify of their own. */
static void on_event(void *ctx, const struct event *event)
{
	struct session *s = ctx;

	if (event->kind != EVENT_WARNING || !event->text)
		return;
	progress_end(&s->progress);
	log_warning("%s", event->text);
}

/* Set where the engine records what it ends, and under which face. */
static void note_ends(struct session *s)
{
	static const char *const faces[MODE_NR] = {
		[MODE_VIEW] = "view", [MODE_SWEEP] = "sweep", [MODE_CHECK] = "check",
		[MODE_REAP] = "reap", [MODE_RUN] = "run",
	};

	s->engine.face = faces[s->options->mode];
	if (!s->engine.face)
		return;
	s->history_dir = past_dir(s);
	s->engine.history_dir = s->history_dir;
}

int session_open(struct session *s, unsigned flags)
{
	bool dry = s->options->dry_run;
	int r = 0;

	if (modes[s->options->mode].signals)
		r = open_stop_fd(s, flags);
	if (!r)
		r = open_system(s, flags);
	if (!r)
		r = open_state(s, flags);
	if (!r && (flags & SESSION_LOCK) && !dry)
		r = take_lock(s);
	if (r)
		return r;
	s->engine.policy = &s->config->policy;
	s->engine.settings = s->config->settings;
	s->engine.scope = s->scope;
	s->engine.state_dir = s->state_dir;
	note_ends(s);
	s->engine.save = (flags & SESSION_SAVE) && !dry;
	s->engine.dry_run = dry;
	if (!s->engine.notify) {
		s->engine.notify = on_event;
		s->engine.ctx = s;
	}
	if (flags & SESSION_VIEW)
		return 0;
	r = engine_new(&s->engine, s->source, s->reaper, &s->sweep);
	if (r == -ENOMEM)
		return session_failed(r);
	if (r < 0) {
		_cleanup_strbuf_ struct strbuf dir = STRBUF_INIT;

		escape_text(&dir, s->state_dir ? s->state_dir : "nowhere");
		log_error("cannot use the ledger in '%s': %s", dir.buf, strerror(-r));
		return EXIT_USAGE;
	}
	return 0;
}

void session_close(struct session *s)
{
	progress_end(&s->progress);
	if (s->sweep)
		engine_free(s->sweep);
	if (s->reaper)
		s->reaper->ops->free(s->reaper);
	if (s->source)
		s->source->ops->free(s->source);
	sweep_unlock(s->lock_fd);
	log_until(-1);
	if (s->engine.stop_fd >= 0)
		close(s->engine.stop_fd);
	demo_stop(s->demo);
	free(s->state_dir);
	free(s->history_dir);
	free(s->warning);
	session_retire(s);
	free_config(s->config);
	*s = (struct session){ .lock_fd = -1 };
	s->engine.stop_fd = -1;
}

int session_reload(struct session *s, struct strbuf *why)
{
	struct config *fresh = NULL;
	int r = load_config(s, &fresh, why);

	if (r == 0 && s->demo)
		r = demo_policy(s->demo, &fresh->policy);
	if (r == 0)
		r = s->source->ops->set_policy(s->source, &fresh->policy);
	if (r == 0) {
		r = engine_reconfigure(s->sweep, &fresh->policy, &fresh->settings);
		if (r < 0) /* the source goes back with the engine */
			s->source->ops->set_policy(s->source, &s->config->policy);
	}
	if (r < 0) {
		if (r != -EINVAL)
			strbuf_addstr(why, strerror(-r));
		free_config(fresh);
		return r;
	}
	s->config->next = s->retired;
	s->retired = s->config;
	s->config = fresh;
	return 0;
}

void session_retire(struct session *s)
{
	while (s->retired) {
		struct config *config = s->retired;

		s->retired = config->next;
		free_config(config);
	}
}

int session_tick(struct session *s, unsigned flags, struct census **ret_census,
		 struct tick_summary *ret_summary)
{
	bool mine = progress_begin(&s->progress, "scanning processes ...");
	int r = engine_tick(s->sweep, flags, ret_census, ret_summary);

	if (mine || r < 0)
		progress_end(&s->progress);
	/*
	 * There is a census: only the ledger could not be written, which the engine has
	 * reported. A sweep needs the ledger to count ticks; a request to reap an instance
	 * now does not.
	 */
	if (r < 0 && !(flags & TICK_REAP) && ret_census && *ret_census)
		r = 0;
	return r < 0 ? session_failed(r) : 0;
}

bool session_stopped(const struct session *s)
{
	struct pollfd fd = { .fd = s->engine.stop_fd, .events = POLLIN };

	return fd.fd >= 0 && poll(&fd, 1, 0) > 0;
}

bool session_wait(struct session *s, int64_t timeout_ms)
{
	struct pollfd fds[] = {
		{ .fd = s->engine.stop_fd, .events = POLLIN },
		{ .fd = s->sweep ? engine_watch_fd(s->sweep) : -1, .events = POLLIN },
	};

	poll(fds, 2, (int)timeout_ms);
	return session_stopped(s);
}

/*
 * Has the process a live parent that is no agent, no adopter and not stray? Then no agent
 * left it: what an agent leaves has an adopter, stray (below a wrapper) or another agent
 * as its parent.
 */
static bool is_anothers_child(const struct census *c, size_t proc)
{
	size_t at = c->nodes[proc].parent;
	const struct process *parent = at == CENSUS_NONE ? NULL : &c->snapshot->procs[at];

	return parent && !parent->dead && parent->id.pid != 1 &&
	       parent->id.pid != c->snapshot->self && !c->nodes[at].managed &&
	       !policy_is_adopter(c->policy, parent);
}

bool session_may_hide(const struct session *s, const struct census *c, const struct census *before)
{
	bool hides = c->snapshot->vanished;

	for (size_t i = 0; i < c->snapshot->nr && !hides; i++) {
		const struct process *p = &c->snapshot->procs[i], *then;

		if (!p->dead || (!s->scope.all_users && p->uid != s->scope.uid) ||
		    is_anothers_child(c, i))
			continue;
		/* A zombie that its parent does not wait for counts once. */
		then = before ? snapshot_find(before->snapshot, p->id.pid) : NULL;
		hides = !then || !identity_equal(&then->id, &p->id);
	}
	return hides;
}

struct sight session_sight(const struct session *s, const struct census *c)
{
	struct sight sight = { 0 };

	for (size_t i = 0; i < c->snapshot->nr; i++) {
		const struct process *p = &c->snapshot->procs[i];

		if (c->nodes[i].self || p->kernel_thread || p->dead || p->id.pid == 1 ||
		    (!s->scope.all_users && p->uid != s->scope.uid))
			continue;
		/* systemd's helper process is never readable to its user. */
		if (strcmp(p->comm, "(sd-pam)") == 0)
			continue;
		sight.readable += p->environ_read == READ_DONE;
		sight.refused += p->environ_read == READ_REFUSED;
	}
	return sight;
}

int session_check_sight(const struct sight *sight)
{
	if (sight->readable || !sight->refused)
		return 0;
	log_error(
		"cannot tell: the environment of none of the %zu other processes can be read, so no "
		"agent can be seen from here (a private user or pid namespace?)",
		sight->refused);
	return EXIT_UNKNOWN;
}

/* Return the width from COLUMNS, else from the terminal; 0: no limit. */
static unsigned width_of(int fd)
{
	const char *columns = getenv("COLUMNS");
	struct winsize size;
	uint64_t n = 0;

	if (columns && parse_number(columns, USHRT_MAX, &n) == 0 && n > 0)
		return (unsigned)n;
	return isatty(fd) == 1 && ioctl(fd, TIOCGWINSZ, &size) == 0 ? size.ws_col : 0;
}

struct report_options session_report_options(const struct session *s, int fd)
{
	const char *no_color = getenv("NO_COLOR"), *term = getenv("TERM");
	bool terminal = isatty(fd) == 1;
	struct report_options ro = { .show_args = s->options->show_args };

	if (fd >= 0)
		ro.width = width_of(fd);
	ro.colour = s->options->colour == COLOUR_ALWAYS ||
		    (s->options->colour == COLOUR_AUTO && terminal && !(no_color && *no_color) &&
		     term && strcmp(term, "dumb") != 0);
	ro.utf8 = strcmp(nl_langinfo(CODESET), "UTF-8") == 0;
	ro.priority = log_is_journal(fd);
	ro.per_instance = s->options->metrics_instances;
	ro.scope = &s->scope;
	ro.has = scope_has;
	return ro;
}

void session_tell(const struct session *s, const struct strbuf *sb)
{
	int r = sb->failed ? -ENOMEM
			   : output_write_until(STDOUT_FILENO, s->engine.stop_fd, sb->buf, sb->len);

	if (r < 0)
		log_warning("cannot write to stdout: %s, ignoring", strerror(-r));
}

int session_print(const struct strbuf *sb)
{
	int r = sb->failed ? -ENOMEM : write_all(STDOUT_FILENO, sb->buf, sb->len);

	if (r == 0)
		return 0;
	log_error("cannot write to stdout: %s", strerror(-r));
	return EXIT_UNKNOWN;
}
