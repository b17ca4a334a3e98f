/* SPDX-License-Identifier: MIT */
#include "engine/journal.h"

#include <errno.h>
#include <string.h>

#include "base/array.h"
#include "base/cleanup.h"

struct journal_entry {
	struct instance_key key; /* ours */
	enum owner_state owner;
	unsigned ticks;
	bool eligible;
	bool seen; /* by the census at hand */
};

static void entry_release(struct journal_entry *e)
{
	instance_key_release(&e->key);
}

void journal_release(struct journal *j)
{
	for (size_t i = 0; i < j->nr; i++)
		entry_release(&j->entries[i]);
	free(j->entries);
	*j = (struct journal){ 0 };
}

struct bytes instance_short_name(const struct app *app, struct bytes id)
{
	size_t len = app && app->default_instance ? strlen(app->default_instance) : 0;

	if (len && id.len > len + 1 && !memcmp(id.data, app->default_instance, len) &&
	    id.data[len] == '.')
		return (struct bytes){ .data = id.data + len + 1, .len = id.len - len - 1 };
	return id;
}

unsigned instance_ticks(const struct census *c, const struct instance *inst, unsigned grace)
{
	unsigned most = 0;

	for (size_t i = 0; i < inst->nr; i++) {
		const struct member *m = &c->members[inst->first + i];

		if (m->state == STATE_ORPHAN || m->state == STATE_DETACHED)
			most = m->ticks > most ? m->ticks : most;
	}
	return most < grace ? most : grace;
}

size_t instance_condemned(const struct census *c, const struct instance *inst)
{
	size_t nr = 0;

	for (size_t i = 0; i < inst->nr; i++)
		nr += c->members[inst->first + i].condemned;
	return nr;
}

size_t instance_due(const struct census *c, const struct instance *inst)
{
	size_t nr = 0;

	for (size_t i = 0; i < inst->nr; i++)
		nr += c->members[inst->first + i].due;
	return nr;
}

static struct journal_entry *find_entry(struct journal *j, const struct instance *inst)
{
	const struct instance_key key = instance_key_of(inst);

	for (size_t i = 0; i < j->nr; i++) {
		if (instance_key_equal(&j->entries[i].key, &key))
			return &j->entries[i];
	}
	return NULL;
}

static struct journal_entry *add_entry(struct journal *j, const struct instance *inst)
{
	const struct instance_key key = instance_key_of(inst);
	struct journal_entry *e;

	if (ARRAY_GROW(j->entries, j->nr, j->alloc))
		return NULL;
	e = &j->entries[j->nr];
	*e = (struct journal_entry){ 0 };
	if (instance_key_copy(&key, &e->key) < 0)
		return NULL;
	j->nr++;
	return e;
}

static void add_name(struct strbuf *sb, const struct app *app, struct bytes id)
{
	struct bytes name = instance_short_name(app, id);

	strbuf_add(sb, name.data, name.len);
	strbuf_addstr(sb, ": ");
}

static void add_owner(struct strbuf *sb, const struct instance *inst)
{
	if (inst->owner == OWNER_ALIVE && inst->desktop)
		strbuf_addf(sb, "owner %d alive", (int)inst->desktop->id.pid);
	else if (inst->owner == OWNER_GONE && inst->former.pid > 0)
		strbuf_addf(sb, "owner %d gone", (int)inst->former.pid);
	else
		strbuf_addf(sb, "owner %s", owner_state_name(inst->owner));
}

static void tell(struct strbuf *sb, enum worker_word word, journal_fn fn, void *ctx)
{
	if (!sb->failed)
		fn(ctx, word, sb->buf);
}

static void tell_orphan(const struct instance *inst, const struct journal_entry *e, unsigned grace,
			journal_fn fn, void *ctx)
{
	_cleanup_strbuf_ struct strbuf sb = STRBUF_INIT;

	add_name(&sb, inst->app, inst->id);
	if (inst->owner == OWNER_GONE)
		add_owner(&sb, inst);
	else
		strbuf_addf(&sb, "%zu left by an earlier owner", inst->orphans + inst->detached);
	if (e->ticks)
		strbuf_addf(&sb, ", tick %u/%u", e->ticks, grace);
	if (e->eligible)
		strbuf_addstr(&sb, ", eligible");
	tell(&sb, WORD_ORPHAN, fn, ctx);
}

/* The log tells a change once: @was is what was remembered, @e what holds now. */
static void tell_change(const struct instance *inst, const struct journal_entry *was,
			const struct journal_entry *e, unsigned grace, journal_fn fn, void *ctx)
{
	bool went = e->owner == OWNER_GONE && was->owner != OWNER_GONE;

	if (e->owner == OWNER_ALIVE && was->owner != OWNER_ALIVE) {
		_cleanup_strbuf_ struct strbuf sb = STRBUF_INIT;

		add_name(&sb, inst->app, inst->id);
		add_owner(&sb, inst);
		tell(&sb, WORD_OWNER, fn, ctx);
	}
	if (went || e->ticks > was->ticks || (e->eligible && !was->eligible))
		tell_orphan(inst, e, grace, fn, ctx);
}

static void tell_new(const struct instance *inst, journal_fn fn, void *ctx)
{
	_cleanup_strbuf_ struct strbuf sb = STRBUF_INIT;

	add_name(&sb, inst->app, inst->id);
	strbuf_addf(&sb, "%zu process%s, ", inst->nr, inst->nr == 1 ? "" : "es");
	add_owner(&sb, inst);
	tell(&sb, WORD_NEW, fn, ctx);
}

/* Forget those that the census has no more. */
static void drop_unseen(struct journal *j, const struct census *c, journal_fn fn, void *ctx)
{
	size_t kept = 0;

	for (size_t i = 0; i < j->nr; i++) {
		struct journal_entry *e = &j->entries[i];
		_cleanup_strbuf_ struct strbuf sb = STRBUF_INIT;

		if (e->seen) {
			j->entries[kept++] = *e;
			continue;
		}
		add_name(&sb, policy_find_app(c->policy, e->key.app), e->key.id);
		strbuf_addstr(&sb, "no process left");
		tell(&sb, WORD_END, fn, ctx);
		entry_release(e);
	}
	j->nr = kept;
}

int journal_census(struct journal *j, const struct census *c, const struct scope *scope,
		   unsigned grace, journal_fn fn, void *ctx)
{
	for (size_t i = 0; i < j->nr; i++)
		j->entries[i].seen = false;
	for (size_t i = 0; i < c->nr_instances; i++) {
		const struct instance *inst = &c->instances[i];
		struct journal_entry *e = find_entry(j, inst);
		struct journal_entry was = { .owner = OWNER_UNKNOWN };
		bool known = e;

		if (!scope_has(scope, inst))
			continue;
		if (!e)
			e = add_entry(j, inst);
		if (!e)
			return -ENOMEM;
		if (known)
			was = *e;
		else if (inst->owner == OWNER_ALIVE)
			was.owner = OWNER_ALIVE;
		e->seen = true;
		e->owner = inst->owner;
		e->ticks = instance_ticks(c, inst, grace);
		e->eligible = instance_condemned(c, inst) > 0;
		if (!known && j->begun)
			tell_new(inst, fn, ctx);
		tell_change(inst, &was, e, grace, fn, ctx);
	}
	/* What a scan could not see has not ended. */
	if (c->snapshot->complete)
		drop_unseen(j, c, fn, ctx);
	j->begun = true;
	return 0;
}
