/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <signal.h>
#include <string.h>

#include "base/array.h"
#include "base/cleanup.h"
#include "engine/worker_private.h"

static struct hold *find_hold(struct worker *w, unsigned id)
{
	for (size_t i = 0; i < w->nr_holds; i++)
		if (w->holds[i].id == id)
			return &w->holds[i];
	return NULL;
}

static void hold_release(struct worker *w, struct hold *h)
{
	struct reaper *reaper = w->options.reaper;

	for (size_t i = 0; i < h->nr; i++)
		if (h->handles[i] >= 0)
			reaper->ops->close(reaper, h->handles[i]);
	free(h->handles);
	free(h->states);
	free(h->ids);
}

void worker_do_release(struct worker *w, unsigned id)
{
	struct hold *h = find_hold(w, id);

	if (!h)
		return;
	hold_release(w, h);
	*h = w->holds[--w->nr_holds];
}

/*
 * Is the process behind @handle the one that @id means? Its start time is read
 * by pid, so the handle must still live afterwards: then nobody else can have
 * had the pid in between.
 */
static enum hold_state verify(struct worker *w, int handle, uint64_t ino, struct identity *id)
{
	struct source *src = w->options.source;
	struct reaper *reaper = w->options.reaper;
	struct snapshot *snap = NULL;
	const struct process *proc;
	bool dead = false, same;
	int r;

	if (id->pidfd_ino && ino && id->pidfd_ino != ino)
		return HOLD_GONE;
	r = source_read(src, id->pid, &snap);
	if (r == -ESRCH)
		return HOLD_GONE;
	if (r < 0)
		return HOLD_REFUSED;
	proc = snapshot_find(snap, id->pid);
	same = proc && proc->id.start_ticks == id->start_ticks;
	snapshot_unref(snap);
	if (!same)
		return HOLD_GONE;
	r = reaper->ops->wait(reaper, &handle, 1, 0, -1, &dead);
	if (r < 0)
		return HOLD_REFUSED;
	if (dead)
		return HOLD_GONE;
	if (ino)
		id->pidfd_ino = ino;
	return HOLD_HELD;
}

static enum hold_state hold_one(struct worker *w, struct identity *id, int *ret_handle)
{
	struct reaper *reaper = w->options.reaper;
	enum hold_state state;
	uint64_t ino = 0;
	int handle = -1;
	int r = reaper->ops->open(reaper, id->pid, &handle, &ino);

	*ret_handle = -1;
	if (r == -ESRCH)
		return HOLD_GONE;
	if (r < 0)
		return HOLD_REFUSED;
	state = verify(w, handle, ino, id);
	if (state == HOLD_HELD)
		*ret_handle = handle;
	else
		reaper->ops->close(reaper, handle);
	return state;
}

void worker_do_hold(struct worker *w, struct command *cmd)
{
	struct worker_answer answer = { .kind = ANSWER_HOLD, .hold = cmd->hold, .nr = cmd->nr };
	struct reaper *reaper = w->options.reaper;
	struct hold h = { .id = cmd->hold, .nr = cmd->nr };

	h.handles = calloc(cmd->nr ? cmd->nr : 1, sizeof(*h.handles));
	h.states = calloc(cmd->nr ? cmd->nr : 1, sizeof(*h.states));
	answer.states = calloc(cmd->nr ? cmd->nr : 1, sizeof(*answer.states));
	if (!h.handles || !h.states || !answer.states ||
	    ARRAY_GROW(w->holds, w->nr_holds, w->alloc_holds)) {
		free(h.handles);
		free(h.states);
		answer.error = -ENOMEM;
		answer.nr = 0;
		worker_answer(w, &answer);
		return;
	}
	h.ids = TAKE_PTR(cmd->ids);
	if (reaper->ops->reserve)
		reaper->ops->reserve(reaper, cmd->nr);
	for (size_t i = 0; i < h.nr; i++) {
		h.states[i] =
			worker_stopping(w) ? HOLD_REFUSED : hold_one(w, &h.ids[i], &h.handles[i]);
		if (h.states[i] != HOLD_HELD)
			h.handles[i] = -1;
		answer.states[i] = h.states[i];
	}
	w->holds[w->nr_holds++] = h;
	worker_answer(w, &answer);
}

void tally_text(struct strbuf *sb, const size_t *count)
{
	if (count[OUTCOME_WOULD]) {
		strbuf_addf(sb, "%zu would be signalled (dry run)", count[OUTCOME_WOULD]);
		return;
	}
	strbuf_addf(sb, "%zu signalled",
		    count[OUTCOME_EXITED] + count[OUTCOME_KILLED] + count[OUTCOME_SURVIVED]);
	strbuf_addf(sb, ", %zu exited", count[OUTCOME_EXITED]);
	if (count[OUTCOME_KILLED])
		strbuf_addf(sb, ", %zu killed", count[OUTCOME_KILLED]);
	if (count[OUTCOME_GONE])
		strbuf_addf(sb, ", %zu already gone", count[OUTCOME_GONE]);
	if (count[OUTCOME_REFUSED])
		strbuf_addf(sb, ", %zu refused", count[OUTCOME_REFUSED]);
	if (count[OUTCOME_KEPT])
		strbuf_addf(sb, ", %zu kept", count[OUTCOME_KEPT]);
	strbuf_addf(sb, ", %zu survived", count[OUTCOME_SURVIVED]);
}

static void say_result(struct worker *w, struct bytes name, const struct reap_result *res)
{
	int len = (int)name.len, pid = (int)res->process.pid;

	switch (res->outcome) {
	case OUTCOME_REFUSED:
		worker_say(w, WORD_FAIL, true, "%.*s: pid %d not signalled: %s", len, name.data,
			   pid, res->error ? strerror(res->error) : "could not be verified");
		break;
	case OUTCOME_SURVIVED:
		worker_say(w, WORD_FAIL, true, "%.*s: pid %d survived", len, name.data, pid);
		break;
	case OUTCOME_KEPT:
		worker_say(w, WORD_SKIP, false, "%.*s: pid %d kept: %s", len, name.data, pid,
			   verdict_text(res->why));
		break;
	default:
		break;
	}
}

static void say_report(struct worker *w, const struct worker_victims *v, size_t gone,
		       const struct reap_report *report)
{
	const struct app *app = policy_find_app(w->options.sweep.policy, v->app ? v->app : "");
	struct bytes name = instance_short_name(app, v->instance);
	_cleanup_strbuf_ struct strbuf sb = STRBUF_INIT;
	size_t count[OUTCOME_NR];

	for (size_t i = 0; i < report->nr; i++)
		say_result(w, name, &report->results[i]);
	memcpy(count, report->count, sizeof(count));
	count[OUTCOME_GONE] += gone;
	strbuf_add(&sb, name.data, name.len);
	strbuf_addstr(&sb, ": ");
	tally_text(&sb, count);
	strbuf_addstr(&sb, " (manual)");
	if (report->stopped && report->why)
		strbuf_addf(&sb, ", stopped: %s", report->why);
	if (!sb.failed)
		worker_say_text(w, WORD_REAP, true, sb.buf);
}

/* End one instance's share of @h. Who is known to be gone is not asked for again. */
static void reap_share(struct worker *w, const struct hold *h, const struct worker_victims *v)
{
	struct worker_answer answer = { .kind = ANSWER_REAP, .hold = h->id };
	_cleanup_free_ struct identity *ids = calloc(v->nr ? v->nr : 1, sizeof(*ids));
	_cleanup_free_ int *handles = calloc(v->nr ? v->nr : 1, sizeof(*handles));
	struct reap_request request = {
		.face = v->face,
		.force = v->force,
		.app = v->app,
		.instance = v->instance,
		.uid = v->uid,
		.only = ids,
		.handles = handles,
		.term_timeout_ms = -1,
	};
	size_t gone = 0;

	if (!ids || !handles) {
		answer.error = -ENOMEM;
		worker_answer(w, &answer);
		return;
	}
	for (size_t i = v->first; i < v->first + v->nr && i < h->nr; i++) {
		if (h->states[i] == HOLD_GONE) {
			gone++;
			worker_say(w, WORD_SKIP, false,
				   "pid %d: has ended or is another process, not signalled",
				   (int)h->ids[i].pid);
			continue;
		}
		ids[request.nr_only] = h->ids[i];
		handles[request.nr_only++] = h->handles[i];
	}
	if (request.nr_only)
		answer.error = engine_reap(w->sweep, &request, &answer.report);
	if (answer.error < 0)
		worker_say(w, WORD_FAIL, true, "%.*s: not reaped: %s", (int)v->instance.len,
			   v->instance.data, strerror(-answer.error));
	else
		say_report(w, v, gone, &answer.report);
	worker_answer(w, &answer);
}

void worker_do_reap(struct worker *w, const struct command *cmd)
{
	struct hold *h = find_hold(w, cmd->hold);

	w->reaping = true;
	for (size_t i = 0; h && i < cmd->nr; i++)
		reap_share(w, h, &cmd->victims[i]);
	w->reaping = false;
	worker_do_release(w, cmd->hold);
	w->look_now = true;
}
