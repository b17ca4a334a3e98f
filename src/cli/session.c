/* SPDX-License-Identifier: MIT */
#include "cli/session.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/escape.h"
#include "cli/log.h"
#include "cli/mode.h"
#include "engine/lock.h"
#include "linux/cgroup_group.h"

int session_failed(int error)
{
	if (error == -ESTALE)
		log_error("no pid here would mean what it says: there is no /proc, or it is that "
			  "of another pid namespace");
	else
		log_error("cannot go on: %s", strerror(-error));
	return EXIT_UNKNOWN;
}

/* Load the configuration into the heap. */
static int load_config(const struct session *s, struct config **ret, struct strbuf *error)
{
	struct config *config = calloc(1, sizeof(*config));
	int r = config ? config_load(s->options, config, error) : -ENOMEM;

	if (r < 0) {
		free(config);
		return r;
	}
	for (size_t i = 0; r == 0 && i < s->options->allow.nr; i++)
		r = strings_add(&config->policy->allow, s->options->allow.items[i],
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
	int r = demo_start(s->config->policy, &s->demo);

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
	    policy_find_app(s->config->policy, s->scope.app))
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

void session_close(struct session *s)
{
	progress_end(&s->progress);
	if (s->sweep)
		engine_free(s->sweep);
	cgroup_group_free(s->group);
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
	free_config(s->config);
	*s = (struct session){ .lock_fd = -1 };
	s->engine.stop_fd = -1;
}

int session_reload(struct session *s, struct strbuf *why)
{
	struct config *fresh = NULL;
	int r = load_config(s, &fresh, why);

	if (r == 0 && s->demo)
		r = demo_policy(s->demo, fresh->policy);
	if (r == 0)
		r = engine_reconfigure(s->sweep, fresh->policy, &fresh->settings);
	if (r < 0) {
		if (r != -EINVAL)
			strbuf_addstr(why, strerror(-r));
		free_config(fresh);
		return r;
	}
	free_config(s->config);
	s->config = fresh;
	return 0;
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
