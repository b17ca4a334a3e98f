/* SPDX-License-Identifier: MIT */
#ifndef TESTS_PROPERTY_TRUTH_H
#define TESTS_PROPERTY_TRUTH_H

#include "stray/census.h"

/*
 * What only a look-up tells of a random machine: the truth that the hooks of
 * census_input and the oracle are both given.
 */
enum { FACT_MEMORIES = 6 };

struct fact {
	bool parent_changed; /* the engine saw its parent change */
	enum answer hung_up; /* both ends of its standard input and output are closed */
	enum answer service; /* the oldest process of a systemd service's group */
	const char *files;   /* it has a file open below the data folder for that id; or NULL */
	bool files_refused;  /* ... which could not be found out */
	struct fact_memory { /* the instances it was once inferred into */
		const char *id, *app;
		const char *generation; /* "" if none */
		struct identity from;
	} remembered[FACT_MEMORIES];
	size_t nr_remembered;
	struct fact_sandbox { /* it is an init that was seen below a process of these */
		const char *id, *app;
	} sandboxes[FACT_MEMORIES];
	size_t nr_sandboxes;
};

/* What the receipts of one instance say; none: the state is RECEIPTS_NONE. */
struct fact_receipts {
	enum receipts_state state;
	pid_t pids[4];
	size_t nr;
};

struct truth {
	struct fact (*of)(const struct truth *facts, const struct process *p);
	struct fact_receipts (*receipts)(const struct truth *facts, const char *app,
					 struct bytes id);
};

/* Of a machine where every look-up says no. */
extern const struct truth truth_plain;

/* The hooks of @input, answering from @facts, which must outlive the census. */
void truth_install(struct truth *facts, struct census_input *input);

#endif
