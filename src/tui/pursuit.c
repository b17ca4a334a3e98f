/* SPDX-License-Identifier: MIT */
#include "tui/pursuit.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "tui/dialog.h"

/* One without room for its name is told by its pid alone. */
static struct pursued *add(struct pursuit *p, const struct identity *id, const char *name)
{
	struct pursued *item;

	if (ARRAY_GROW(p->items, p->nr, p->alloc))
		return NULL;
	item = &p->items[p->nr++];
	*item = (struct pursued){ .id = *id, .name = strdup(name) };
	return item;
}

void pursuit_add(struct pursuit *p, const struct dialog *d, size_t answers)
{
	if (!p->answers_left)
		pursuit_release(p);
	for (size_t i = 0; i < d->nr_victims; i++)
		if (!d->victims[i].exited)
			add(p, &d->victims[i].id, d->victims[i].name);
	p->answers_left += answers;
}

static struct pursued *find(const struct pursuit *p, const struct identity *id)
{
	for (size_t i = 0; i < p->nr; i++)
		if (identity_equal(&p->items[i].id, id))
			return &p->items[i];
	return NULL;
}

void pursuit_answer(struct pursuit *p, const struct worker_answer *answer)
{
	if (answer->error < 0)
		p->failed = true;
	for (size_t i = 0; i < answer->report.nr; i++) {
		const struct reap_result *res = &answer->report.results[i];
		bool alive = res->outcome == OUTCOME_SURVIVED || res->outcome == OUTCOME_REFUSED;
		struct pursued *item = find(p, &res->process);

		/* What a victim forked meanwhile stands in no dialog. */
		if (!item && alive)
			item = add(p, &res->process, res->name);
		if (item)
			item->state = alive ? PURSUED_ALIVE : PURSUED_ENDED;
	}
	if (p->answers_left)
		p->answers_left--;
	/* No result and no error: it had ended before it was asked for. */
	for (size_t i = 0; !p->answers_left && !p->failed && i < p->nr; i++)
		if (p->items[i].state == PURSUED_AWAITED)
			p->items[i].state = PURSUED_ENDED;
}

size_t pursuit_left(const struct pursuit *p)
{
	size_t nr = 0;

	for (size_t i = 0; i < p->nr; i++)
		nr += p->items[i].state == PURSUED_AWAITED;
	return nr;
}

void pursuit_tell(const struct pursuit *p, struct strbuf *sb)
{
	for (size_t i = 0; i < p->nr; i++) {
		const struct pursued *item = &p->items[i];

		if (item->state != PURSUED_ENDED)
			strbuf_addf(sb, "pid %d %s\n", (int)item->id.pid,
				    item->name ? item->name : "");
	}
}

void pursuit_release(struct pursuit *p)
{
	for (size_t i = 0; i < p->nr; i++)
		free(p->items[i].name);
	free(p->items);
	*p = (struct pursuit){ 0 };
}
