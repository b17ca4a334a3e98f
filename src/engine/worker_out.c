/* SPDX-License-Identifier: MIT */
/* What the thread hands to the view: lines, answers, the update they go with. */
#include <errno.h>
#include <poll.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>

#include "base/array.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "engine/worker_private.h"

/* Lines that are kept until the view takes them; with more, the oldest go first. */
enum { MAX_LINES = 2000 };

static const char *const word_names[WORD_NR] = {
	[WORD_START] = "START", [WORD_NEW] = "NEW",   [WORD_ORPHAN] = "ORPHAN",
	[WORD_OWNER] = "OWNER", [WORD_END] = "END",   [WORD_SWEEP] = "SWEEP",
	[WORD_REAP] = "REAP",	[WORD_FAIL] = "FAIL", [WORD_SKIP] = "SKIP",
	[WORD_WARN] = "WARN",
};

const char *worker_word_name(enum worker_word word)
{
	return word_names[word];
}

void worker_signal(struct worker *w)
{
	/* The counter is nowhere near its limit, so this cannot fail. */
	(void)!eventfd_write(w->out_fd, 1);
}

bool worker_stopping(const struct worker *w)
{
	struct pollfd pfd = { .fd = w->stop_fd, .events = POLLIN };

	return poll(&pfd, 1, 0) > 0;
}

static void line_release(struct worker_line *line)
{
	free(line->text);
	free(line->tail);
	free(line->name);
}

void worker_say_text(struct worker *w, enum worker_word word, bool loud, const char *text)
{
	struct worker_line line = { .word = word, .loud = loud, .text = strdup(text) };

	worker_say_line(w, &line);
}

void worker_say_line(struct worker *w, struct worker_line *line)
{
	struct worker_update *out = &w->out;

	if (!line->realtime_ms)
		line->realtime_ms = w->realtime_ms ? w->realtime_ms : clock_ms(CLOCK_REALTIME);
	if (!line->text) {
		line_release(line);
		return;
	}
	pthread_mutex_lock(&w->lock);
	if (out->nr_lines == MAX_LINES) {
		line_release(&out->lines[0]);
		memmove(out->lines, out->lines + 1, (MAX_LINES - 1) * sizeof(*out->lines));
		out->nr_lines--;
	}
	if (ARRAY_GROW(out->lines, out->nr_lines, w->alloc_lines))
		line_release(line);
	else
		out->lines[out->nr_lines++] = *line;
	pthread_mutex_unlock(&w->lock);
	if (!w->together)
		worker_signal(w);
}

void worker_say(struct worker *w, enum worker_word word, bool loud, const char *format, ...)
{
	_cleanup_strbuf_ struct strbuf sb = STRBUF_INIT;
	va_list args;

	va_start(args, format);
	strbuf_vaddf(&sb, format, args);
	va_end(args);
	if (!sb.failed)
		worker_say_text(w, word, loud, sb.buf);
}

static void answer_release(struct worker_answer *answer)
{
	free(answer->states);
	reap_report_release(&answer->report);
}

bool worker_answer(struct worker *w, struct worker_answer *answer)
{
	bool added;

	pthread_mutex_lock(&w->lock);
	added = !ARRAY_GROW(w->out.answers, w->out.nr_answers, w->alloc_answers);
	if (added)
		w->out.answers[w->out.nr_answers++] = *answer;
	pthread_mutex_unlock(&w->lock);
	if (!added)
		answer_release(answer);
	worker_signal(w);
	return added;
}

void worker_update_release(struct worker_update *update)
{
	for (size_t i = 0; i < update->nr_lines; i++)
		line_release(&update->lines[i]);
	for (size_t i = 0; i < update->nr_answers; i++)
		answer_release(&update->answers[i]);
	free(update->lines);
	free(update->answers);
	free(update->users);
	census_unref(update->census);
	*update = (struct worker_update){ 0 };
}

void command_free(struct command *cmd)
{
	for (size_t i = 0; cmd->kind == COMMAND_REAP && i < cmd->nr; i++) {
		free((char *)cmd->victims[i].app);
		free((char *)cmd->victims[i].instance.data);
	}
	free(cmd->victims);
	free(cmd->ids);
	free(cmd);
}
