/* SPDX-License-Identifier: MIT */
#ifndef HELPERS_SOURCED_H
#define HELPERS_SOURCED_H

#include "helpers/child.h"

#include "linux/source.h"

/* A source with the built-in policy. */
struct sourced {
	struct policy policy;
	struct source *src;
};

static inline void sourced_init(struct sourced *s)
{
	assert_int_equal(policy_init(&s->policy), 0);
	assert_int_equal(procfs_source_new(&s->policy, &s->src), 0);
}

static inline void sourced_release(struct sourced *s)
{
	s->src->ops->free(s->src);
	policy_release(&s->policy);
}

static inline struct snapshot *sourced_scan(struct sourced *s, enum scan_mode mode)
{
	struct snapshot *snap = NULL;

	assert_int_equal(s->src->ops->scan(s->src, mode, &snap), 0);
	assert_non_null(snap);
	assert_true(snap->sealed);
	assert_string_equal(snap->trouble, "");
	assert_true(snap->complete);
	return snap;
}

#define MARK "SPROUT_MANAGED_AGENT="

static inline bool env_is(const struct process *proc, const char *entry)
{
	return proc->environ_read == READ_DONE && proc->environ.len == strlen(entry) + 1 &&
	       strcmp(proc->environ.data, entry) == 0;
}

#endif
