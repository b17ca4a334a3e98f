/* SPDX-License-Identifier: MIT */
#ifndef ENGINE_LEDGER_H
#define ENGINE_LEDGER_H

#include "stray/instance.h"

/*
 * What the engine remembers from tick to tick and, in a file, from run to run: which
 * process was first seen without an owner when and on how many counted ticks since, with
 * which parent, inferred from which other; which desktop owned an instance last, which
 * sandboxes are part of it, and what stands frozen. Everything holds within one boot and one pid namespace. Times are
 * CLOCK_BOOTTIME in ms unless named monotonic.
 */

/* Counts older than this start again. */
#define LEDGER_STALE_MS ((int64_t)24 * 60 * 60 * 1000)

/* One process as a member of one instance. */
struct ledger_process {
	struct identity id;
	struct instance_key key;      /* ours */
	struct identity parent;	      /* when it was first seen; start_ticks 0: not known ... */
	int64_t first_ms;	      /* ... which was then */
	unsigned ticks;		      /* consecutive counted ticks */
	int64_t since_ms;	      /* first seen without an owner; -1: it has one */
	bool exact;		      /* since_ms is when the owner was seen to go */
	int64_t counted_monotonic_ms; /* CLOCK_MONOTONIC of the last count, -1: none */
	int64_t seen_ms;	      /* last looked at by a complete scan */
	/* On a counted tick it was inferred from this one; unset: it was not. */
	struct identity from;
	char *generation; /* that one's, NUL-terminated; NULL: none */
};

/* The owner of an instance, as it was last seen to have one. */
struct ledger_owner {
	struct instance_key key; /* ours */
	struct identity desktop;
	int64_t gone_ms; /* when it was seen to go; -1: alive when last seen, or not seen */
	char *receipts;	 /* the folder of its receipts, NULL: not known */
	int64_t seen_ms;
};

/* A process that was stopped on the way to be killed, and by which stray. */
struct ledger_frozen {
	struct identity id;
	struct identity by;
};

/*
 * A sandbox that was seen as part of an instance: the init of its pid namespace hung below
 * a managed process in our namespace. It stays part of it after that process has ended.
 */
struct ledger_sandbox {
	struct identity init;
	struct instance_key key; /* ours */
	int64_t seen_ms;
};

/* A control group that was frozen (stray/group.h), and the stray that froze it. */
struct ledger_group {
	char *path;
	struct identity by;
};

/* When a sweep of that scope last advanced the counts. */
struct ledger_count {
	char *scope;
	int64_t monotonic_ms;
};

struct ledger {
	char boot_id[BOOT_ID_SIZE];
	uint64_t pid_ns;	      /* 0: not known */
	struct ledger_process *procs; /* ordered by pid, start_ticks */
	size_t nr_procs, alloc_procs;
	struct ledger_owner *owners;
	size_t nr_owners, alloc_owners;
	struct ledger_sandbox *sandboxes;
	size_t nr_sandboxes, alloc_sandboxes;
	struct ledger_frozen *frozen;
	size_t nr_frozen, alloc_frozen;
	struct ledger_group *groups;
	size_t nr_groups, alloc_groups;
	struct ledger_count *counts;
	size_t nr_counts, alloc_counts;
};

void ledger_init(struct ledger *l, const char *boot_id, uint64_t pid_ns);
void ledger_release(struct ledger *l);

/* The row of that process in that instance, or NULL. Good until the next add or removal. */
struct ledger_process *ledger_find(const struct ledger *l, const struct identity *id,
				   const struct instance_key *key);

/* The first row of that process in any instance, or NULL. */
const struct ledger_process *ledger_find_any(const struct ledger *l, const struct identity *id);

/* The @nth row, from 0, of that process as one that was inferred on a counted tick, or NULL. */
const struct ledger_process *ledger_find_inferred(const struct ledger *l, const struct identity *id,
						  size_t nth);

/* The same, added with no counts if it is not there. NULL: out of memory. */
struct ledger_process *ledger_add(struct ledger *l, const struct identity *id,
				  const struct instance_key *key, const struct identity *parent,
				  int64_t now_ms);

/*
 * Note of @row that it was inferred from @from, which is of that generation (empty:
 * none). 0 and *ret_changed, or -ENOMEM.
 */
int ledger_set_inferred(struct ledger_process *row, const struct identity *from,
			struct bytes generation, bool *ret_changed);

/* Drop all rows of that process; is there any? */
bool ledger_forget(struct ledger *l, const struct identity *id);

/* Take out row @i of procs. */
void ledger_remove(struct ledger *l, size_t i);

/* What is known of the owner of that instance: find its row, or NULL. */
struct ledger_owner *ledger_find_owner(const struct ledger *l, const struct instance_key *key);
/* Find its row, or add one. NULL: out of memory. */
struct ledger_owner *ledger_add_owner(struct ledger *l, const struct instance_key *key);
/* Take out row @i of owners. */
void ledger_remove_owner(struct ledger *l, size_t i);

/* The row of the sandbox with that init as a part of that instance, or NULL. */
struct ledger_sandbox *ledger_find_sandbox(const struct ledger *l, const struct identity *init,
					   const struct instance_key *key);
/* The same, added with seen_ms -1 if it is not there. NULL: out of memory. */
struct ledger_sandbox *ledger_add_sandbox(struct ledger *l, const struct identity *init,
					  const struct instance_key *key);
void ledger_remove_sandbox(struct ledger *l, size_t i);

int ledger_add_frozen(struct ledger *l, const struct ledger_frozen *row); /* 0, -ENOMEM */

/* Replace what @by has frozen by @ids, which may be empty. 0 or -ENOMEM. */
int ledger_set_frozen(struct ledger *l, const struct identity *by, const struct identity *ids,
		      size_t nr);

/* Record that @by froze the control group at @path. Returns 0 or -ENOMEM. */
int ledger_add_group(struct ledger *l, const char *path, const struct identity *by);
void ledger_remove_group(struct ledger *l, size_t i);

/* Drop the groups that @by froze; with @others, all but those. */
void ledger_drop_groups(struct ledger *l, const struct identity *by, bool others);

/* CLOCK_MONOTONIC ms of the last count in that scope, -1: never. */
int64_t ledger_last_count(const struct ledger *l, const char *scope);
int ledger_set_count(struct ledger *l, const char *scope, int64_t monotonic_ms); /* 0, -ENOMEM */

/*
 * Bring what @other knows into @l, both of one boot: of a row that both have,
 * the one that was looked at later says the count, and the age is the longer
 * one while both say that it has no owner. Rows of @other that @forgot (may be
 * NULL) names stay out. Of what stands frozen, @l speaks alone for the freezer
 * @self; what others froze is taken from @other. 0 or -ENOMEM.
 */
int ledger_merge(struct ledger *l, const struct ledger *other, const struct identity *self,
		 bool (*forgot)(const void *ctx, const struct ledger_process *row),
		 const void *ctx);

/* Drop rows, owners and sandboxes that no scan has seen for LEDGER_STALE_MS. */
void ledger_expire(struct ledger *l, int64_t now_ms);

#endif
