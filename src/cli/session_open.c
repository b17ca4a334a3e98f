/* SPDX-License-Identifier: MIT */
#include "cli/session.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "base/array.h"
#include "base/cleanup.h"
#include "base/escape.h"
#include "base/signals.h"
#include "cli/log.h"
#include "cli/mode.h"
#include "cli/past.h"
#include "engine/lock.h"
#include "engine/statedir.h"
#include "linux/cgroup_group.h"
#include "linux/reaper.h"
#include "linux/self.h"
#include "linux/source.h"

/* What the flags of session_open() ask for: signals, system, state directory, lock, engine. */

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
		r = procfs_source_new(s->config->policy, &s->source);
	if (r == 0)
		r = pidfd_reaper_new(&s->reaper);
	if (r == 0)
		r = cgroup_group_new(&s->group);
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

	if (s->signals)
		r = open_stop_fd(s, flags);
	if (!r)
		r = open_system(s, flags);
	if (!r)
		r = open_state(s, flags);
	if (!r && (flags & SESSION_LOCK) && !dry)
		r = take_lock(s);
	if (r)
		return r;
	s->engine.policy = s->config->policy;
	s->engine.settings = s->config->settings;
	s->engine.scope = s->scope;
	s->engine.state_dir = s->state_dir;
	s->engine.group = s->group;
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
