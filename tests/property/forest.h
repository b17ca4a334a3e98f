/* SPDX-License-Identifier: MIT */
#ifndef TESTS_PROPERTY_FOREST_H
#define TESTS_PROPERTY_FOREST_H

#include "property/truth.h"

/* A random forest of processes: small, and dense in the cases that matter. */

enum { FOREST_MAX = 24, FOREST_IDS = 5 };

struct forest {
	struct process procs[FOREST_MAX];
	char env[FOREST_MAX][256], args[FOREST_MAX][128];
	bool left_out[FOREST_MAX]; /* by shrinking */
	struct fact fact[FOREST_MAX];
	struct fact_receipts receipts[FOREST_IDS]; /* of app `a`, by forest_ids */
	struct truth facts;			   /* asks the two above */
	pid_t self;
	uid_t only; /* the scope: this user's processes; (uid_t)-1: all */
	size_t nr;
	bool complete;
};

/* Each a prefix of, or overlapping, another: what an unbounded match would confuse. */
extern const char *const forest_ids[FOREST_IDS];

/* xorshift64*; never 0 for a seed that is not 0. */
uint64_t forest_random(uint64_t *state);

/* Fill @f from @seed. The same seed gives the same forest. */
void forest_grow(struct forest *f, uint64_t seed);

/* Apps for forests: each key of a profile in one of them. */
void forest_policy(struct policy *p);

/* A sealed snapshot of what is not left out. */
struct snapshot *forest_snapshot(const struct forest *f);

/* One line per process, for a report of a failure. */
void forest_print(const struct forest *f);

#endif
