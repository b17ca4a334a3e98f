/* SPDX-License-Identifier: MIT */
#include "cli/mode.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "cli/log.h"
#include "linux/procfs.h"
#include "report/explain.h"

/*
 * The sweep spares a whole session when any process of it listens; so the one
 * that is explained is looked up together with all of its session.
 */
static int look_up(struct session *s, const struct census *c, struct explain_input *in)
{
	const struct snapshot *snap = c->snapshot;
	struct probe *probes = calloc(snap->nr, sizeof(*probes));
	size_t nr = 0;
	int r;

	if (!probes)
		return -ENOMEM;
	for (size_t i = 0; i < snap->nr; i++)
		if (&snap->procs[i] == in->proc || snap->procs[i].sid == in->proc->sid)
			probes[nr++].pid = snap->procs[i].id.pid;
	r = s->source->ops->probe(s->source, probes, nr);
	for (size_t i = 0; r == 0 && i < nr; i++) {
		bool self = probes[i].pid == in->proc->id.pid;

		in->window = in->window || (self && (probes[i].window || probes[i].failed));
		in->listener = in->listener || probes[i].nr_ports || (self && probes[i].failed);
	}
	for (size_t i = 0; i < nr; i++)
		free(probes[i].ports);
	free(probes);
	return r;
}

/* Sparing listeners has an end, and needs a session that a managed process leads. */
static bool listener_counts(const struct census *c, const struct process *proc,
			    const struct engine_settings *settings)
{
	const struct member *m = census_find_member(c, proc->id.pid);

	if (!m || !settings->spare_listeners_ms || !census_find_member(c, proc->sid))
		return false;
	return census_orphan_age_ms(c, m) < settings->spare_listeners_ms;
}

/* Programs such as htop(1) show the ids of threads among those of processes. */
static void say_missing(pid_t pid)
{
	_cleanup_close_ int dir_fd = procfs_open_pid(pid);
	struct status status;

	if (dir_fd >= 0 && procfs_status(dir_fd, &status) == 0 && status.tgid && status.tgid != pid)
		log_error("there is no process %d: that is a thread of pid %d", (int)pid,
			  (int)status.tgid);
	else
		log_error("there is no process %d", (int)pid);
}

static int explain(struct session *s, const struct census *census)
{
	_cleanup_strbuf_ struct strbuf sb = STRBUF_INIT;
	struct report_options ro = session_report_options(s, STDOUT_FILENO);
	struct explain_input in = {
		.census = census,
		.proc = snapshot_find(census->snapshot, s->options->explain_pid),
		.settings = &s->config->settings,
	};
	int r;

	if (!in.proc && !census->snapshot->complete) {
		log_error("cannot tell: the scan was incomplete: %s", census->snapshot->trouble);
		return EXIT_UNKNOWN;
	}
	if (!in.proc) {
		say_missing(s->options->explain_pid);
		return EXIT_USAGE;
	}
	r = look_up(s, census, &in);
	if (r < 0)
		log_warning("cannot look up windows and listeners: %s, ignoring", strerror(-r));
	in.listener = in.listener && listener_counts(census, in.proc, in.settings);
	r = s->options->format ? explain_json(&sb, &in, &ro) : explain_text(&sb, &in, &ro);
	if (r < 0)
		return session_failed(r);
	r = session_print(&sb);
	return r ? r : census->snapshot->complete ? EXIT_FINE : EXIT_UNKNOWN;
}

int mode_explain(struct session *s)
{
	struct census *census = NULL;
	int r = session_open(s, 0);

	if (r == 0)
		r = session_tick(s, TICK_FULL, &census, NULL);
	if (r == 0)
		r = explain(s, census);
	census_unref(census);
	return r;
}
