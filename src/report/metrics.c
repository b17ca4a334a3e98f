/* SPDX-License-Identifier: MIT */
#include "report/metrics.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"

static struct metrics_app *find_app(struct metrics *m, const char *name)
{
	for (size_t i = 0; i < m->nr; i++)
		if (strcmp(m->apps[i].name, name) == 0)
			return &m->apps[i];
	return NULL;
}

/* The totals of that app, from now on there; NULL: out of memory. */
static struct metrics_app *want_app(struct metrics *m, const char *name)
{
	struct metrics_app *app = find_app(m, name);
	char *copy;

	if (app)
		return app;
	copy = strdup(name);
	if (!copy || ARRAY_GROW(m->apps, m->nr, m->alloc) < 0) {
		free(copy);
		return NULL;
	}
	app = &m->apps[m->nr++];
	*app = (struct metrics_app){ .name = copy };
	return app;
}

static int note_outcome(struct metrics *m, const struct event *e)
{
	struct metrics_app *app = want_app(m, e->app ? e->app : "");

	if (!app)
		return -ENOMEM;
	app->outcomes[e->outcome]++;
	return 0;
}

static void note_tick(struct metrics *m, const struct event *e)
{
	m->ticks++;
	if (!e->summary)
		return;
	m->counted_ticks += e->summary->counted;
	m->incomplete_scans += !e->summary->complete;
	m->ticked = true;
	m->last = *e->summary;
	m->last_realtime_ms = e->realtime_ms;
}

int metrics_event(struct metrics *m, const struct event *e)
{
	switch (e->kind) {
	case EVENT_TICK:
		note_tick(m, e);
		return 0;
	case EVENT_ORPHANED:
		m->orphaned++;
		return 0;
	case EVENT_REAPED:
	case EVENT_SURVIVED:
		return note_outcome(m, e);
	case EVENT_WARNING:
		m->warnings++;
		return 0;
	case EVENT_STOP:
		return 0;
	}
	return 0;
}

void metrics_release(struct metrics *m)
{
	for (size_t i = 0; i < m->nr; i++)
		free(m->apps[i].name);
	free(m->apps);
	*m = (struct metrics){ 0 };
}
