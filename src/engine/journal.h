/* SPDX-License-Identifier: MIT */
#ifndef ENGINE_JOURNAL_H
#define ENGINE_JOURNAL_H

#include "engine/worker.h"

/*
 * What a person would note down about the instances: which came, lost their
 * owner, were orphans on one more tick, went. Found by comparing each census
 * with what is remembered of the one before. Text is not escaped.
 */
struct journal_entry;

struct journal {
	struct journal_entry *entries;
	size_t nr, alloc;
	bool begun; /* a census was seen: what was there at the start is not new */
};

typedef void (*journal_fn)(void *ctx, enum worker_word word, const char *text);

/*
 * Compare with the last one and tell @fn what is new, of the instances that @scope
 * is narrowed to. 0 or -ENOMEM.
 */
int journal_census(struct journal *j, const struct census *c, const struct scope *scope,
		   unsigned grace, journal_fn fn, void *ctx);
void journal_release(struct journal *j);

/*
 * The instance without what all instances of its app share: the default
 * instance's id and a point in front. Points into @id.
 */
struct bytes instance_short_name(const struct app *app, struct bytes id);

/* The most ticks that one of its orphans has, at most @grace. */
unsigned instance_ticks(const struct census *c, const struct instance *inst, unsigned grace);

/* How many members a sweep that reaps now would end, and the next counted tick. */
size_t instance_condemned(const struct census *c, const struct instance *inst);
size_t instance_due(const struct census *c, const struct instance *inst);

#endif
