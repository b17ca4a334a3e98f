/* SPDX-License-Identifier: MIT */
#include "cli/mode.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "cli/log.h"
#include "linux/procfs.h"
#include "cli/past.h"
#include "cli/print.h"
#include "report/explain.h"
#include "report/history.h"

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

/* The process is gone: what the history says of it, or that there is none. */
static int explain_gone(struct session *s, const struct census *census)
{
	_cleanup_strbuf_ struct strbuf sb = STRBUF_INIT;
	struct report_options ro = print_options(s, STDOUT_FILENO);
	const struct identity nothing = { 0 };
	pid_t pid = s->options->explain_pid;
	struct past past;
	int r;

	if (!past_find(s, census->snapshot, pid, &nothing, &past)) {
		say_missing(pid);
		return EXIT_USAGE;
	}
	r = s->options->format ? history_explain_json(&sb, &past.entry)
			       : history_explain_text(&sb, &past.entry, &ro);
	past_release(&past);
	return r < 0 ? session_failed(r) : print_all(&sb);
}

static int explain(struct session *s, struct census *census)
{
	_cleanup_strbuf_ struct strbuf sb = STRBUF_INIT;
	_cleanup_free_ unsigned *spared = calloc(census->snapshot->nr + 1, sizeof(*spared));
	struct report_options ro = print_options(s, STDOUT_FILENO);
	struct past past = { 0 };
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
	if (!in.proc)
		return explain_gone(s, census);
	if (past_find(s, census->snapshot, in.proc->id.pid, &in.proc->id, &past))
		in.former = &past.entry;
	r = spared ? engine_explain(s->sweep, census, in.proc, spared) : -ENOMEM;
	if (r < 0)
		return session_failed(r);
	in.spared = spared;
	r = s->options->format ? explain_json(&sb, &in, &ro) : explain_text(&sb, &in, &ro);
	past_release(&past);
	if (r < 0)
		return session_failed(r);
	r = print_all(&sb);
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
