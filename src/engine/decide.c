/* SPDX-License-Identifier: MIT */
/* Which processes a sweep ends. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/cleanup.h"
#include "engine/engine.h"

static struct verdict_ask ask_of(const struct engine *eng)
{
	return (struct verdict_ask){
		.face = FACE_SWEEP,
		.grace = eng->options.settings.grace,
		.reap_detached = eng->options.settings.reap_detached,
	};
}

/* Leave a process condemned only where every membership of it is. */
static void agree(struct census *c)
{
	for (size_t i = 0; i < c->nr_members; i++) {
		const struct member *each = census_find_member(c, c->members[i].proc->id.pid);

		for (; each; each = census_next_membership(c, each)) {
			if (!each->condemned)
				c->members[i].condemned = false;
		}
	}
}

/* Take the mark from inferred members where the source has none. True: some lost it. */
static bool follow_source(struct census *c)
{
	bool changed = false;

	for (size_t i = 0; i < c->nr_members; i++) {
		struct member *m = &c->members[i];

		if (m->condemned && m->inferred && m->inferred_from != CENSUS_NONE &&
		    !c->members[m->inferred_from].condemned) {
			m->condemned = false;
			changed = true;
		}
	}
	return changed;
}

void engine_match_marks(struct census *c)
{
	do
		agree(c);
	while (follow_source(c));
}

/* The condemned ones so far. 0 or -ENOMEM. */
static int list_condemned(struct census *c, const struct member ***ret_members, size_t *ret_nr)
{
	const struct member **members = NULL;
	size_t nr = 0, alloc = 0;

	for (size_t i = 0; i < c->nr_members; i++) {
		if (!c->members[i].condemned)
			continue;
		if (ARRAY_GROW(members, nr, alloc) < 0) {
			free(members);
			return -ENOMEM;
		}
		members[nr++] = &c->members[i];
	}
	*ret_members = members;
	*ret_nr = nr;
	return 0;
}

/* Is one of its memberships what this sweep is about? */
static bool is_meant(const struct engine *eng, const struct census *c, const struct member *m)
{
	const struct member *each = census_find_member(c, m->proc->id.pid);

	for (; each; each = census_next_membership(c, each)) {
		if (engine_in_scope(eng, &c->instances[each->instance]))
			return true;
	}
	return false;
}

size_t engine_count_condemned(const struct census *c)
{
	size_t nr = 0;

	for (size_t i = 0; i < c->nr_members; i++) {
		const struct member *m = &c->members[i];

		if (m->condemned && census_find_member(c, m->proc->id.pid) == m)
			nr++;
	}
	return nr;
}

static int decide(struct engine *eng, struct census *c, struct verdict_ask ask)
{
	_cleanup_free_ const struct member **members = NULL;
	_cleanup_free_ enum verdict_why *keep = NULL;
	size_t nr = 0;
	int r;

	for (size_t i = 0; i < c->nr_members; i++) {
		struct member *m = &c->members[i];

		m->condemned = c->snapshot->complete && !m->proc->dead && is_meant(eng, c, m) &&
			       verdict_of(c, m, &ask) == WHY_MAY_END;
	}
	engine_match_marks(c);
	r = list_condemned(c, &members, &nr);
	if (r < 0)
		return r;
	keep = calloc(nr + 1, sizeof(*keep));
	r = keep ? engine_spare(eng, c, members, nr, keep) : -ENOMEM;
	for (size_t i = 0; i < nr; i++) {
		struct member *m = &c->members[members[i] - c->members];

		m->condemned = r == 0 && keep[i] == WHY_MAY_END;
		if (r == 0 && m->kept == WHY_MAY_END)
			m->kept = keep[i];
	}
	engine_match_marks(c);
	return r;
}

int engine_decide(struct engine *eng, struct census *c, size_t *ret_nr)
{
	int r = decide(eng, c, ask_of(eng));

	*ret_nr = r == 0 ? engine_count_condemned(c) : 0;
	return r;
}

/* Launchers are asked for last of all, before the first signal. */
static void spare_launched(struct census *c)
{
	for (size_t i = 0; i < c->nr_instances; i++) {
		const struct instance *inst = &c->instances[i];
		bool asked = false, launcher = false;

		for (size_t m = inst->first; m < inst->first + inst->nr; m++) {
			if (!c->members[m].condemned)
				continue;
			launcher = asked ? launcher : census_find_launcher(c, inst) != NULL;
			asked = true;
			c->members[m].condemned = !launcher;
		}
	}
	engine_match_marks(c);
}

int engine_look_ahead(struct engine *eng, struct census *c)
{
	struct verdict_ask ask = ask_of(eng);
	int r;

	/* The next counted tick adds one, so what lacks one has enough by then. */
	ask.grace -= ask.grace > 0;
	r = decide(eng, c, ask);
	spare_launched(c);
	for (size_t i = 0; i < c->nr_members; i++) {
		c->members[i].due = r == 0 && c->members[i].condemned;
		c->members[i].condemned = false;
	}
	return r;
}
