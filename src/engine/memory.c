/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/environ.h"
#include "engine/engine.h"
#include "engine/hold.h"

/* A rate over less than this says nothing: the kernel counts in ticks of 10 ms. */
enum { RATE_MS = 500 };

/* --- owners ----------------------------------------------------------------- */

static void annotate_owner(const struct engine *eng, struct instance *inst)
{
	struct instance_key key = instance_key_of(inst);
	const struct ledger_owner *row = ledger_find_owner(&eng->ledger, &key);

	inst->former_gone_ms = -1;
	if (!row || inst->owner != OWNER_GONE)
		return;
	inst->former = row->desktop;
	inst->former_gone_ms = row->gone_ms;
}

static int remember_owner(struct engine *eng, struct instance *inst, int64_t now_ms)
{
	struct instance_key key = instance_key_of(inst);
	struct ledger_owner *row = ledger_find_owner(&eng->ledger, &key);

	if (inst->owner == OWNER_ALIVE && inst->desktop) {
		row = row ? row : ledger_add_owner(&eng->ledger, &key);
		if (!row)
			return -ENOMEM;
		if (!identity_equal(&row->desktop, &inst->desktop->id))
			eng->dirty = true;
		row->desktop = inst->desktop->id;
		row->gone_ms = -1;
	}
	if (row)
		row->seen_ms = now_ms;
	annotate_owner(eng, inst);
	return 0;
}

void engine_note_ended(struct engine *eng, int64_t now_ms)
{
	for (size_t i = 0; i < eng->ledger.nr_owners; i++) {
		struct ledger_owner *row = &eng->ledger.owners[i];

		/* Only a desktop that was watched was seen to go; absence shows nothing. */
		if (row->gone_ms >= 0 || !identity_is_set(&row->desktop) ||
		    !eng->source->ops->watch_ended(eng->source, &row->desktop))
			continue;
		row->gone_ms = now_ms;
		eng->dirty = true;
	}
}

/* --- processes -------------------------------------------------------------- */

static bool counts_as_orphan(const struct engine *eng, const struct member *m)
{
	return m->state == STATE_ORPHAN ||
	       (m->state == STATE_DETACHED && eng->options.settings.reap_detached);
}

static void start_again(struct ledger_process *row)
{
	row->ticks = 0;
	row->since_ms = -1;
	row->exact = false;
	row->counted_monotonic_ms = -1;
}

/*
 * The inode number of its pidfd, which tells a process from the one that had
 * its pid before, start time and all. 0 and *ret_ino (0: the kernel has none),
 * -ESRCH, or -errno: cannot be told now.
 */
static int look_up_ino(struct engine *eng, const struct process *proc, uint64_t *ret_ino)
{
	struct hold hold = hold_of(eng->reaper, &proc->id);
	int r = proc->id.pidfd_ino ? 0 : hold_take(&hold);

	*ret_ino = hold.id.pidfd_ino;
	hold_close(&hold);
	return r == -ENOSYS ? 0 : r;
}

/* When did it lose its owner? Exact where the owner was seen to go. */
static void begin_orphan(const struct census *c, const struct member *m, struct ledger_process *row,
			 int64_t now_ms)
{
	const struct instance *inst = &c->instances[m->instance];
	int64_t born_ms = now_ms - census_age_ms(c, m->proc);

	row->since_ms = now_ms;
	row->exact = false;
	if (m->state != STATE_ORPHAN || inst->owner != OWNER_GONE || inst->former_gone_ms < 0)
		return;
	/* What an orphan started later never had an owner. */
	row->since_ms = inst->former_gone_ms > born_ms ? inst->former_gone_ms : born_ms;
	row->exact = true;
}

/* The parent of @proc in @s, as far as it is known. */
static struct identity parent_of(const struct snapshot *s, const struct process *proc)
{
	const struct process *parent = snapshot_find(s, proc->ppid);

	return parent ? parent->id : (struct identity){ .pid = proc->ppid };
}

/* One more tick for @row, if it is time for one. */
static bool advance(const struct engine *eng, struct ledger_process *row, bool count,
		    int64_t monotonic_ms)
{
	int64_t half = eng->options.settings.interval_ms / 2;

	if (!count ||
	    (row->counted_monotonic_ms >= 0 && monotonic_ms - row->counted_monotonic_ms < half))
		return false;
	if (row->ticks < 1000000)
		row->ticks++;
	row->counted_monotonic_ms = monotonic_ms;
	return true;
}

/* Note one more tick as an orphan. @row may be of another process that had the pid before. */
static void remember_orphan(struct engine *eng, const struct census *c, struct member *m,
			    struct ledger_process *row, bool count)
{
	const struct snapshot *s = c->snapshot;
	uint64_t ino;
	bool advanced;
	int r = look_up_ino(eng, m->proc, &ino);

	if (r < 0) {
		/* Gone, or its identity cannot be read: no reason to count. */
		count = false;
		ino = row->id.pidfd_ino;
	}
	if (row->id.pidfd_ino && ino && row->id.pidfd_ino != ino) {
		start_again(row);
		row->parent = parent_of(s, m->proc);
		row->first_ms = s->boottime_ms;
	}
	if (ino)
		row->id.pidfd_ino = ino;
	if (row->since_ms >= 0 && s->boottime_ms - row->seen_ms > LEDGER_STALE_MS)
		start_again(row);
	if (row->since_ms < 0) {
		begin_orphan(c, m, row, s->boottime_ms);
		eng->dirty = true;
	}
	advanced = advance(eng, row, count, s->monotonic_ms);
	row->seen_ms = s->boottime_ms;
	m->ticks = row->ticks;
	m->orphan_since_ms = row->since_ms;
	m->orphan_exact = row->exact;
	if (advanced && row->ticks <= eng->options.settings.grace)
		engine_tell_orphaned(eng, c, m);
}

/* The marked member that an inferred one goes with, at the other end of the chain. */
static const struct member *source_of(const struct census *c, const struct member *m)
{
	for (size_t steps = 0; steps < c->nr_members; steps++) {
		if (!m->inferred || m->inferred_from == CENSUS_NONE)
			return m;
		m = &c->members[m->inferred_from];
	}
	return m;
}

/*
 * On a counted tick: that it was inferred, and from which process. One that carries a
 * marker now needs no memory. 0 or -ENOMEM.
 */
static int remember_source(struct engine *eng, const struct census *c, const struct member *m,
			   struct ledger_process *row)
{
	const struct app *app = c->instances[m->instance].app;
	struct bytes generation = m->generation;
	const struct member *from;
	bool changed = false;
	int r;

	if (!m->inferred || m->inferred_from == CENSUS_NONE)
		return 0;
	from = &c->members[m->inferred_from];
	/* The census asks for it only while the owner is alive. */
	if (!generation.len && app->generation)
		(void)environ_get(source_of(c, m)->proc->environ, app->generation, &generation);
	r = ledger_set_inferred(row, &from->proc->id, generation, &changed);
	eng->dirty = eng->dirty || changed;
	return r;
}

static int remember_member(struct engine *eng, struct census *c, struct member *m, bool count)
{
	int64_t now_ms = c->snapshot->boottime_ms;
	struct instance_key key = instance_key_of(&c->instances[m->instance]);
	struct ledger_process *row = ledger_find(&eng->ledger, &m->proc->id, &key);

	if (!row) {
		struct identity parent = parent_of(c->snapshot, m->proc);

		row = ledger_add(&eng->ledger, &m->proc->id, &key, &parent, now_ms);
		if (!row)
			return -ENOMEM;
		eng->dirty = true;
	}
	if (count && remember_source(eng, c, m, row) < 0)
		return -ENOMEM;
	if (counts_as_orphan(eng, m) && !m->proc->dead) {
		remember_orphan(eng, c, m, row, count);
		return 0;
	}
	if (row->since_ms >= 0) {
		start_again(row);
		eng->dirty = true;
	}
	row->seen_ms = now_ms;
	return 0;
}

/*
 * A narrowed sweep: what a process that it is about was besides is written down too, for
 * that may spare it later; the counts of it are left as they are. 0 or -ENOMEM.
 */
static int remember_elsewhere(struct engine *eng, const struct census *c, const struct member *m)
{
	int64_t now_ms = c->snapshot->boottime_ms;
	struct instance_key key = instance_key_of(&c->instances[m->instance]);
	struct identity parent = parent_of(c->snapshot, m->proc);
	const struct member *each = census_find_member(c, m->proc->id.pid);
	struct ledger_process *row;

	while (each && !engine_in_scope(eng, &c->instances[each->instance]))
		each = census_next_membership(c, each);
	if (!each || !m->inferred || m->inferred_from == CENSUS_NONE)
		return 0;
	row = ledger_add(&eng->ledger, &m->proc->id, &key, &parent, now_ms);
	if (!row)
		return -ENOMEM;
	if (row->since_ms < 0)
		row->seen_ms = now_ms;
	return remember_source(eng, c, m, row);
}

/* Is the row of an instance that this sweep is about? */
bool engine_row_in_scope(const struct engine *eng, const struct ledger_process *row)
{
	struct app app = { .name = (char *)row->key.app };
	const struct instance inst = { .id = row->key.id, .app = &app, .uid = row->key.uid };

	return engine_in_scope(eng, &inst);
}

/*
 * Was it inferred once, and does it live? It is a member again when its source has ended,
 * wherever it stands until then.
 */
static bool may_be_remembered(const struct snapshot *s, const struct ledger_process *row)
{
	const struct process *proc = snapshot_find(s, row->id.pid);

	return identity_is_set(&row->from) && proc && !proc->dead &&
	       identity_equal(&proc->id, &row->id);
}

/* Rows of this scope that the scan did not come by: they are gone. */
static void forget_absent(struct engine *eng, const struct snapshot *s)
{
	for (size_t i = eng->ledger.nr_procs; i-- > 0;) {
		struct ledger_process *row = &eng->ledger.procs[i];

		if (row->seen_ms == s->boottime_ms || !engine_row_in_scope(eng, row))
			continue;
		if (may_be_remembered(s, row)) {
			eng->dirty = eng->dirty || row->since_ms >= 0;
			start_again(row);
			row->seen_ms = s->boottime_ms;
			continue;
		}
		ledger_remove(&eng->ledger, i);
		eng->dirty = true;
	}
}

int engine_remember(struct engine *eng, struct census *c, bool count)
{
	const struct snapshot *s = c->snapshot;

	for (size_t i = 0; i < c->nr_instances; i++) {
		if (engine_in_scope(eng, &c->instances[i]) &&
		    remember_owner(eng, &c->instances[i], s->boottime_ms) < 0)
			return -ENOMEM;
	}
	for (size_t i = 0; i < c->nr_members; i++) {
		struct member *m = &c->members[i];
		int r = 0;

		if (engine_in_scope(eng, &c->instances[m->instance]))
			r = remember_member(eng, c, m, count);
		else if (count)
			r = remember_elsewhere(eng, c, m);
		if (r < 0)
			return r;
	}
	if (count) {
		if (ledger_set_count(&eng->ledger, eng->scope_key, s->monotonic_ms) < 0)
			return -ENOMEM;
		eng->dirty = true;
	}
	forget_absent(eng, s);
	ledger_expire(&eng->ledger, s->boottime_ms);
	eng->looked_ms = s->boottime_ms;
	engine_annotate(eng, c);
	return 0;
}

int engine_note_parents(struct engine *eng, const struct census *c)
{
	for (size_t i = 0; i < c->nr_members; i++) {
		const struct member *m = &c->members[i];
		struct instance_key key = instance_key_of(&c->instances[m->instance]);
		struct identity parent = parent_of(c->snapshot, m->proc);

		if (!engine_in_scope(eng, &c->instances[m->instance]))
			continue;
		if (!ledger_add(&eng->ledger, &m->proc->id, &key, &parent,
				c->snapshot->boottime_ms))
			return -ENOMEM;
	}
	return 0;
}

void engine_forget(struct engine *eng, const struct identity *id)
{
	if (ledger_forget(&eng->ledger, id))
		eng->dirty = true;
}

/* --- what is remembered, written into a census ------------------------------- */

static void annotate_member(const struct engine *eng, const struct census *c, struct member *m)
{
	struct instance_key key = instance_key_of(&c->instances[m->instance]);
	const struct ledger_process *row = ledger_find(&eng->ledger, &m->proc->id, &key);

	m->ticks = 0;
	m->orphan_since_ms = -1;
	m->orphan_exact = false;
	if (!row || row->since_ms < 0 || !counts_as_orphan(eng, m) ||
	    c->snapshot->boottime_ms - row->seen_ms > LEDGER_STALE_MS)
		return;
	m->ticks = row->ticks;
	m->orphan_since_ms = row->since_ms;
	m->orphan_exact = row->exact;
}

void engine_annotate(struct engine *eng, struct census *c)
{
	for (size_t i = 0; i < c->nr_instances; i++)
		annotate_owner(eng, &c->instances[i]);
	for (size_t i = 0; i < c->nr_members; i++)
		annotate_member(eng, c, &c->members[i]);
	for (size_t i = 0; i < c->nr_members; i++) {
		struct member *m = &c->members[i];

		if (m->inferred && counts_as_orphan(eng, m))
			m->ticks = source_of(c, m)->ticks;
	}
}

/* --- CPU rates ---------------------------------------------------------------- */

static double rate_of(const struct snapshot *before, const struct snapshot *now,
		      const struct process *proc)
{
	const struct process *then = snapshot_find(before, proc->id.pid);
	double seconds = (double)(now->monotonic_ms - before->monotonic_ms) / 1000, used;

	if (!then || !identity_equal(&then->id, &proc->id) || then->cpu_ticks > proc->cpu_ticks ||
	    seconds <= 0 || !now->ticks_per_second)
		return NAN;
	used = (double)(proc->cpu_ticks - then->cpu_ticks) / now->ticks_per_second;
	return 100.0 * used / seconds;
}

void engine_rates(struct engine *eng, struct census *c)
{
	struct snapshot *now = c->snapshot;

	for (size_t i = 0; i < c->nr_instances; i++)
		c->instances[i].cpu_pct = NAN;
	for (size_t i = 0; i < c->nr_members; i++) {
		struct member *m = &c->members[i];
		struct instance *inst = &c->instances[m->instance];

		m->cpu_pct = eng->previous ? rate_of(eng->previous, now, m->proc) : NAN;
		if (!isnan(m->cpu_pct))
			inst->cpu_pct = (isnan(inst->cpu_pct) ? 0 : inst->cpu_pct) + m->cpu_pct;
	}
	if (eng->previous && now->monotonic_ms - eng->previous->monotonic_ms < RATE_MS)
		return;
	snapshot_unref(eng->previous);
	eng->previous = snapshot_ref(now);
}
