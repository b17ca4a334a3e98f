/* SPDX-License-Identifier: MIT */
/* What the worker says of a reaping: a line for each process, one for the whole. */
#include <errno.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "engine/worker_private.h"

/* The memory of a process as the last census had it. */
static uint64_t rss_of(const struct worker *w, const struct identity *id)
{
	const struct process *proc = w->latest ? snapshot_find(w->latest->snapshot, id->pid) : NULL;

	return proc && identity_equal(&proc->id, id) ? proc->rss_kib : 0;
}

void worker_tell_result(struct worker *w, struct tally *t, struct bytes instance,
			const struct reap_result *res)
{
	int pid = (int)res->process.pid, len = (int)instance.len;

	t->count[res->outcome]++;
	switch (res->outcome) {
	case OUTCOME_EXITED:
	case OUTCOME_KILLED:
		t->freed_kib += rss_of(w, &res->process);
		worker_say(w, WORD_REAP, false, "pid %d %s: %s", pid, res->name,
			   outcome_name(res->outcome));
		break;
	case OUTCOME_REFUSED:
		worker_say(w, WORD_FAIL, false, "pid %d %s: not signalled: %s", pid, res->name,
			   res->error ? strerror(res->error) : "could not be verified");
		break;
	case OUTCOME_SURVIVED:
		worker_say(w, WORD_FAIL, false, "pid %d %s: survived (%.*s)", pid, res->name, len,
			   instance.data);
		break;
	case OUTCOME_KEPT:
		worker_say(w, WORD_SKIP, false, "pid %d %s: kept: %s", pid, res->name,
			   verdict_text(res->why));
		break;
	default:
		break;
	}
}

static void tally_tail(struct strbuf *sb, const size_t *count, bool sweep, const char *why)
{
	if (count[OUTCOME_KILLED])
		strbuf_addf(sb, ", %zu killed", count[OUTCOME_KILLED]);
	if (count[OUTCOME_GONE])
		strbuf_addf(sb, ", %zu already gone", count[OUTCOME_GONE]);
	if (count[OUTCOME_REFUSED])
		strbuf_addf(sb, ", %zu refused", count[OUTCOME_REFUSED]);
	if (count[OUTCOME_KEPT])
		strbuf_addf(sb, ", %zu kept", count[OUTCOME_KEPT]);
	strbuf_addf(sb, ", %zu survived%s", count[OUTCOME_SURVIVED], sweep ? " (sweep)" : "");
	if (why)
		strbuf_addf(sb, ", stopped: %s", why);
}

void worker_tell_tally(struct worker *w, const struct tally *t, bool sweep, const char *why)
{
	_cleanup_strbuf_ struct strbuf text = STRBUF_INIT, tail = STRBUF_INIT;
	const size_t *count = t->count;
	bool failed = count[OUTCOME_SURVIVED] || count[OUTCOME_REFUSED];
	struct worker_line line = { .word = failed ? WORD_FAIL : WORD_REAP, .loud = true };
	size_t ended = count[OUTCOME_EXITED] + count[OUTCOME_KILLED] + count[OUTCOME_GONE];
	size_t all = ended + count[OUTCOME_SURVIVED] + count[OUTCOME_REFUSED];

	if (!all && !count[OUTCOME_KEPT] && !count[OUTCOME_WOULD])
		return;
	if (count[OUTCOME_WOULD]) {
		strbuf_addf(&text, "%zu would be signalled (dry run)", count[OUTCOME_WOULD]);
	} else {
		strbuf_addf(&text, "%zu of %zu ended", ended, all);
		tally_tail(&tail, count, sweep, why);
		line.tail = strbuf_detach(&tail);
	}
	line.freed_kib = t->freed_kib;
	line.name = t->name ? strdup(t->name) : NULL;
	line.text = strbuf_detach(&text);
	worker_say_line(w, &line);
}

void worker_tell_progress(void *ctx, const struct reap_progress *progress)
{
	struct worker *w = ctx;

	pthread_mutex_lock(&w->lock);
	w->out.progress = *progress;
	w->out.progress_at_ms = clock_ms(CLOCK_MONOTONIC);
	pthread_mutex_unlock(&w->lock);
	worker_signal(w);
}
