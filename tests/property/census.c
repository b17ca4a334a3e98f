/* SPDX-License-Identifier: MIT */
/*
 * The census against the oracle, over random forests: every membership, owner,
 * evidence and state must agree, and nothing that the oracle would not end may
 * be ended. STRAY_FORESTS sets how many, STRAY_SEED the first seed. A failure
 * prints its seed and the smallest forest that still fails.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "property/forest.h"
#include "property/oracle.h"
#include "stray/verdict.h"

/* One membership as both see it. True, and @why: they differ. */
static bool member_differs(const struct oracle *o, const struct census *c, size_t i,
			   const struct member *m, char *why, size_t size)
{
	const struct instance *inst = &c->instances[m->instance];
	size_t app = (size_t)(inst->app - c->policy->apps);
	const struct oracle_item *item = oracle_member(o, i, app, inst->id);
	enum owner_evidence evidence;
	enum owner_state owner;
	enum member_state state;
	enum member_role role;

	if (!item) {
		snprintf(why, size, "pid %d is no member of %s %.*s", (int)m->proc->id.pid,
			 inst->app->name, (int)inst->id.len, inst->id.data);
		return true;
	}
	owner = oracle_owner(o, app, inst->uid, inst->id, &evidence);
	state = oracle_state(o, i, app, inst->id);
	role = oracle_role(o, i, app, inst->id);
	if (owner == inst->owner && evidence == inst->evidence && state == m->state &&
	    role == m->role && item->inferred == m->inferred)
		return false;
	snprintf(
		why, size,
		"pid %d of %s %.*s: oracle %s/%s/%s/%s/%d, census %s/%s/%s/%s/%d reason %d doubt %d",
		(int)m->proc->id.pid, inst->app->name, (int)inst->id.len, inst->id.data,
		owner_state_name(owner), owner_evidence_name(evidence), member_state_name(state),
		member_role_name(role), item->inferred, owner_state_name(inst->owner),
		owner_evidence_name(inst->evidence), member_state_name(m->state),
		member_role_name(m->role), m->inferred, m->reason, inst->doubt);
	return true;
}

/* A desktop that is a member of another app's instance: what may end it is asked in the sweep. */
static bool has_nested(const struct oracle *o)
{
	for (size_t i = 0; i < o->s->nr; i++)
		if (o->desktops[i] && o->sets[i].nr)
			return true;
	return false;
}

static bool process_differs(const struct oracle *o, const struct census *c, size_t i, char *why,
			    size_t size)
{
	const struct verdict_ask ask = { .face = FACE_SWEEP };
	const struct process *p = &o->s->procs[i];
	enum verdict_why verdict;
	size_t members = 0;

	for (const struct member *m = census_find_member(c, p->id.pid); m;
	     m = census_next_membership(c, m), members++)
		if (member_differs(o, c, i, m, why, size))
			return true;
	if (members != o->sets[i].nr) {
		snprintf(why, size, "pid %d: oracle %zu memberships, census %zu", (int)p->id.pid,
			 o->sets[i].nr, members);
		return true;
	}
	if (has_nested(o))
		return false;
	verdict = verdict_of_process(c, p, &ask);
	if ((verdict == WHY_MAY_END) == oracle_may_end(o, i))
		return false;
	snprintf(why, size, "pid %d: oracle %s, census %s", (int)p->id.pid,
		 oracle_may_end(o, i) ? "may end it" : "must not end it", verdict_text(verdict));
	return true;
}

static bool differs(struct forest *f, const struct policy *policy, char *why, size_t size)
{
	struct snapshot *s = forest_snapshot(f);
	struct census_input input = {
		.snapshot = s, .policy = policy, .uid = f->only, .all_users = f->only == (uid_t)-1
	};
	struct census *c;
	struct oracle o;
	bool bad = false;

	truth_install(&f->facts, &input);
	if (census_build(&input, &c))
		abort();
	oracle_init(&o, s, policy, &f->facts, input.all_users ? NULL : &input.uid);
	for (size_t i = 0; i < s->nr && !bad; i++)
		bad = process_differs(&o, c, i, why, size);
	oracle_release(&o);
	census_unref(c);
	snapshot_unref(s);
	return bad;
}

int main(void)
{
	const char *forests = getenv("STRAY_FORESTS"), *first = getenv("STRAY_SEED");
	uint64_t nr = forests ? strtoull(forests, NULL, 10) : 20000;
	uint64_t seed = first ? strtoull(first, NULL, 10) : 1;
	struct policy policy;
	char why[256];

	forest_policy(&policy);
	printf("1..1\n");
	for (uint64_t i = 0; i < nr; i++) {
		struct forest f;

		forest_grow(&f, seed + i);
		if (!differs(&f, &policy, why, sizeof(why)))
			continue;
		for (size_t k = 0; k < f.nr; k++) { /* smaller, as long as it still fails */
			f.left_out[k] = true;
			f.left_out[k] = differs(&f, &policy, why, sizeof(why));
		}
		differs(&f, &policy, why, sizeof(why));
		printf("# seed %llu: %s\n", (unsigned long long)(seed + i), why);
		forest_print(&f);
		printf("not ok 1 - the census agrees with the oracle\n");
		return 1;
	}
	printf("ok 1 - the census agrees with the oracle in %llu forests from seed %llu\n",
	       (unsigned long long)nr, (unsigned long long)seed);
	policy_release(&policy);
	return 0;
}
