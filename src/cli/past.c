/* SPDX-License-Identifier: MIT */
#include "cli/past.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "cli/log.h"

void past_release(struct past *past)
{
	free(past->strings);
	*past = (struct past){ 0 };
}

char *past_dir(const struct session *s)
{
	char *dir = NULL;

	if (s->demo)
		return strdup(demo_state_dir(s->demo));
	return history_dir(&dir) == 0 ? dir : NULL;
}

/* Append a copy of @text to the heap block at @at; returns where it stands. */
static const char *keep(char **at, const char *text)
{
	size_t size = strlen(text) + 1;
	char *copy = memcpy(*at, text, size);

	*at += size;
	return copy;
}

static int past_set(struct past *past, const struct history_entry *e)
{
	const char *id = e->instance.data;
	char *room = malloc(strlen(e->face) + strlen(e->app) + strlen(id) + strlen(e->boot_id) +
			    strlen(e->name) + 5);
	char *at = room;

	if (!room)
		return -ENOMEM;
	past_release(past);
	past->strings = room;
	past->entry = *e;
	past->entry.face = keep(&at, e->face);
	past->entry.app = keep(&at, e->app);
	past->entry.instance.data = keep(&at, id);
	past->entry.boot_id = keep(&at, e->boot_id);
	past->entry.name = keep(&at, e->name);
	return 0;
}

struct search {
	const struct snapshot *snap;
	pid_t pid;
	const struct identity *now;
	struct past *past;
};

static int on_entry(void *ctx, const struct history_entry *e, struct bytes line)
{
	const struct search *search = ctx;

	(void)line;
	if (e->process.pid != search->pid || e->pid_ns != search->snap->pid_ns ||
	    strcmp(e->boot_id, search->snap->boot_id) != 0 ||
	    (identity_is_set(search->now) && e->process.start_ticks == search->now->start_ticks))
		return 0;
	return past_set(search->past, e);
}

bool past_find(struct session *s, const struct snapshot *snap, pid_t pid,
	       const struct identity *now, struct past *ret)
{
	_cleanup_free_ char *dir = past_dir(s);
	struct search search = { snap, pid, now, ret };
	int r;

	*ret = (struct past){ 0 };
	if (!dir)
		return false;
	r = history_read(dir, on_entry, &search, NULL);
	if (r < 0)
		log_warning("cannot read the history: %s, ignoring", strerror(-r));
	return ret->strings != NULL;
}
