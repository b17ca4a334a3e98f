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

static bool differs(const struct forest *f, const struct policy *policy, char *why, size_t size)
{
	struct snapshot *s = forest_snapshot(f);
	const struct census_input input = { .snapshot = s, .policy = policy, .all_users = true };
	const struct verdict_ask ask = { .face = FACE_SWEEP };
	struct census *c;
	struct oracle o;
	size_t members = 0;
	bool bad = false;

	if (census_build(&input, &c))
		abort();
	oracle_init(&o, s, policy);
	for (size_t i = 0; i < s->nr && !bad; i++) {
		pid_t pid = s->procs[i].id.pid;

		for (const struct member *m = census_find_member(c, pid); m && !bad;
		     m = census_next_membership(c, m)) {
			const struct instance *inst = &c->instances[m->instance];
			size_t app = (size_t)(inst->app - policy->apps);
			enum owner_evidence evidence;
			enum owner_state owner;
			enum member_state state;

			members++;
			if (!oracle_is_member(&o, i, app, inst->id)) {
				snprintf(why, size, "pid %d is no member of %.*s", (int)pid,
					 (int)inst->id.len, inst->id.data);
				bad = true;
				break;
			}
			owner = oracle_owner(&o, app, inst->uid, inst->id, &evidence);
			state = oracle_state(&o, i, app, inst->id);
			if (owner != inst->owner || evidence != inst->evidence ||
			    state != m->state) {
				snprintf(why, size,
					 "pid %d of %s %.*s: oracle %s/%s/%s, census %s/%s/%s",
					 (int)pid, inst->app->name, (int)inst->id.len,
					 inst->id.data, owner_state_name(owner),
					 owner_evidence_name(evidence), member_state_name(state),
					 owner_state_name(inst->owner),
					 owner_evidence_name(inst->evidence),
					 member_state_name(m->state));
				bad = true;
			}
		}
		if (!bad && verdict_of_process(c, &s->procs[i], &ask) == WHY_MAY_END &&
		    !oracle_might_end(&o, i)) {
			snprintf(why, size, "pid %d must not be ended", (int)pid);
			bad = true;
		}
	}
	for (size_t i = 0; i < s->nr; i++)
		members -= o.sets[i].nr;
	if (!bad && members != 0) {
		snprintf(why, size, "the census has %zd members more than the oracle",
			 (ssize_t)members);
		bad = true;
	}
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
