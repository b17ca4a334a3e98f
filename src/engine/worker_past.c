/* SPDX-License-Identifier: MIT */
/* What the history tells of earlier runs, as the first lines of the view's log. */
#include <string.h>

#include "base/cleanup.h"
#include "engine/worker_private.h"
#include "stray/history.h"

enum { PAST_LINES = 500 };

/* The newest entries, as lines; the oldest of them at `first`. */
struct past {
	const struct scope *scope;
	struct worker_line lines[PAST_LINES];
	size_t first, nr;
};

static bool is_meant(const struct past *past, const struct history_entry *e)
{
	return scope_has_user(past->scope, e->uid);
}

static int keep(void *ctx, const struct history_entry *e, struct bytes text)
{
	_cleanup_strbuf_ struct strbuf sb = STRBUF_INIT;
	struct past *past = ctx;
	bool lives = e->outcome == OUTCOME_SURVIVED || e->outcome == OUTCOME_REFUSED;
	struct worker_line *line = &past->lines[(past->first + past->nr) % PAST_LINES];

	(void)text;
	if (!is_meant(past, e))
		return 0;
	strbuf_addf(&sb, "pid %d %s: %s (%s)", (int)e->process.pid, e->name ? e->name : "",
		    outcome_name(e->outcome), e->face ? e->face : "");
	if (past->nr == PAST_LINES) {
		free(line->text);
		free(line->name);
		past->first = (past->first + 1) % PAST_LINES;
	} else {
		past->nr++;
	}
	*line = (struct worker_line){
		.realtime_ms = e->realtime_ms,
		.word = lives ? WORD_FAIL : WORD_REAP,
		.text = strbuf_detach(&sb),
		.name = strndup(e->instance.data ? e->instance.data : "", e->instance.len),
	};
	return 0;
}

void worker_tell_past(struct worker *w)
{
	_cleanup_free_ struct past *past = calloc(1, sizeof(*past));

	if (!past || !w->options.sweep.history_dir)
		return;
	past->scope = &w->options.sweep.scope;
	/* What cannot be read is not told; --history says why. */
	(void)history_read(w->options.sweep.history_dir, keep, past, NULL);
	for (size_t i = 0; i < past->nr; i++)
		worker_say_line(w, &past->lines[(past->first + i) % PAST_LINES]);
}
