/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <signal.h>
#include <string.h>

#include "base/array.h"
#include "base/cleanup.h"
#include "engine/worker_private.h"

static struct held_list *find_hold(struct worker *w, unsigned id)
{
	for (size_t i = 0; i < w->nr_holds; i++)
		if (w->holds[i].id == id)
			return &w->holds[i];
	return NULL;
}

static void list_release(struct held_list *h)
{
	for (size_t i = 0; i < h->nr; i++)
		hold_close(&h->procs[i]);
	free(h->procs);
	free(h->states);
}

void worker_do_release(struct worker *w, unsigned id)
{
	struct held_list *h = find_hold(w, id);

	if (!h)
		return;
	list_release(h);
	*h = w->holds[--w->nr_holds];
}

void worker_do_hold(struct worker *w, struct command *cmd)
{
	struct worker_answer answer = { .kind = ANSWER_HOLD, .hold = cmd->hold, .nr = cmd->nr };
	struct reaper *reaper = w->options.reaper;
	struct held_list h = { .id = cmd->hold, .nr = cmd->nr };

	h.procs = calloc(cmd->nr ? cmd->nr : 1, sizeof(*h.procs));
	h.states = calloc(cmd->nr ? cmd->nr : 1, sizeof(*h.states));
	answer.states = calloc(cmd->nr ? cmd->nr : 1, sizeof(*answer.states));
	if (!h.procs || !h.states || !answer.states ||
	    ARRAY_GROW(w->holds, w->nr_holds, w->alloc_holds)) {
		free(h.procs);
		free(h.states);
		answer.error = -ENOMEM;
		answer.nr = 0;
		worker_answer(w, &answer);
		return;
	}
	if (reaper->ops->reserve)
		reaper->ops->reserve(reaper, cmd->nr);
	for (size_t i = 0; i < h.nr; i++) {
		h.procs[i] = hold_of(reaper, &cmd->ids[i]);
		h.states[i] = worker_stopping(w) ? HOLD_REFUSED
						 : hold_open(&h.procs[i], w->options.source);
		answer.states[i] = h.states[i];
	}
	w->holds[w->nr_holds++] = h;
	worker_answer(w, &answer);
}

/*
 * End one instance's share of @h. What is known to be gone is not asked for again. Returns
 * why it was stopped, static, or NULL.
 */
static const char *reap_share(struct worker *w, const struct held_list *h,
			      const struct worker_victims *v, struct tally *t)
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
	const char *why = NULL;

	if (!ids || !handles) {
		answer.error = -ENOMEM;
		worker_answer(w, &answer);
		return why;
	}
	for (size_t i = v->first; i < v->first + v->nr && i < h->nr; i++) {
		if (h->states[i] == HOLD_GONE) {
			t->count[OUTCOME_GONE]++;
			worker_say(w, WORD_SKIP, false,
				   "pid %d: has ended or is another process, not signalled",
				   (int)h->procs[i].id.pid);
			continue;
		}
		ids[request.nr_only] = h->procs[i].id;
		handles[request.nr_only++] = h->procs[i].handle;
	}
	if (request.nr_only)
		answer.error = engine_reap(w->sweep, &request, &answer.report);
	if (answer.error < 0)
		worker_say(w, WORD_FAIL, true, "%.*s: not reaped: %s", (int)v->instance.len,
			   v->instance.data, strerror(-answer.error));
	for (size_t i = 0; i < answer.report.nr; i++)
		worker_tell_result(w, t, v->instance, &answer.report.results[i]);
	why = answer.report.stopped ? answer.report.why : NULL;
	worker_answer(w, &answer);
	return why;
}

/* "dev.a", or "2 groups: dev.a, dev.b". */
static char *name_shares(const struct worker *w, const struct command *cmd)
{
	_cleanup_strbuf_ struct strbuf sb = STRBUF_INIT;

	if (cmd->nr > 1)
		strbuf_addf(&sb, "%zu groups: ", cmd->nr);
	for (size_t i = 0; i < cmd->nr; i++) {
		const struct worker_victims *v = &cmd->victims[i];
		const struct app *app =
			policy_find_app(w->options.sweep.policy, v->app ? v->app : "");
		struct bytes name = instance_short_name(app, v->instance);

		strbuf_addstr(&sb, i ? ", " : "");
		strbuf_add(&sb, name.data, name.len);
	}
	return strbuf_detach(&sb);
}

void worker_do_reap(struct worker *w, const struct command *cmd)
{
	struct held_list *h = find_hold(w, cmd->hold);
	struct tally t = { .name = name_shares(w, cmd) };
	const char *why = NULL;

	w->reaping = true;
	for (size_t i = 0; h && i < cmd->nr; i++)
		why = reap_share(w, h, &cmd->victims[i], &t) ?: why;
	w->reaping = false;
	worker_tell_tally(w, &t, false, why);
	free(t.name);
	worker_do_release(w, cmd->hold);
	w->look_now = true;
}
