/* SPDX-License-Identifier: MIT */
#ifndef TESTS_HELPERS_TABLE_H
#define TESTS_HELPERS_TABLE_H

/*
 * Process tables for unit tests, a row per process:
 *
 *	struct table t;
 *	TABLE(&t, { 100, 1, "sprout-desktop" },
 *		  { 200, 1, "node", "SPROUT_MANAGED_AGENT=x" });
 *	table_census(&t);
 *	...
 *	table_release(&t);
 *
 * What a row leaves out: a process of uid 1000, in our pid namespace, born into
 * the group and session of its parent, started at tick PID, whose files could
 * all be read. pid 1 (systemd) and stray itself (pid 9000, child of pid 1) are
 * there unless a row has their pid. The policy is the built-in one and the app
 * `bare`, which has no default instance.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/bytes.h"
#include "stray/verdict.h"

/* Leaving fields out is what rows are for. */
#pragma GCC diagnostic ignored "-Wmissing-field-initializers"

enum { TABLE_INIT_PID = 1, TABLE_SELF = 9000, TABLE_UID = 1000, TABLE_NS = 77 };

struct row {
	pid_t pid, ppid;
	const char *comm; /* NULL: "node" */
	const char *env;  /* entries, `|` between them */
	const char *args; /* arguments, `|` between them; NULL: comm */
	const char *exe;
	pid_t pgid, sid; /* 0: the parent's, else its own */
	uint64_t start;	 /* 0: the pid */
	pid_t tracer, tpgid;
	int tty;
	uid_t uid;	 /* 0: TABLE_UID */
	uint64_t pid_ns; /* 0: TABLE_NS */
	pid_t ns_pid;	 /* 0: the pid */
	unsigned levels; /* pid namespaces from ours to its own; 0: not known */
	uint64_t rss;
	bool root; /* uid 0 */
	bool dead, kernel;
	bool no_args, no_env; /* refused */
	bool no_ns;	      /* its namespace could not be looked up */
};

struct table {
	struct policy policy;
	struct snapshot *s;
	struct census *c;
	struct census_input input;
	/* What the engine would know: */
	enum receipts_state receipts_state;
	pid_t receipts[4];
	size_t nr_receipts;
	unsigned receipts_asked; /* how often */
	pid_t changed;		 /* the process whose parent was seen to change */
	/* Evidence that is looked up; hooks are there unless a test takes them away. */
	pid_t files; /* it holds files of files_id open */
	const char *files_id;
	enum answer files_else; /* what every other pair is answered */
	unsigned files_asked;	/* how often */
	pid_t service;		/* systemd started it as a service */
	enum answer service_else;
	pid_t ended;	       /* seen by its pidfd */
	const char *seen_gone; /* the instance whose owner the engine saw end */
};

static inline struct bytes table_bytes(struct snapshot *s, const char *text)
{
	size_t len = text ? strlen(text) + 1 : 0;
	char *copy = snapshot_copy(s, text ? text : "", len);

	assert_non_null(copy);
	for (size_t i = 0; i + 1 < len; i++)
		if (copy[i] == '|')
			copy[i] = '\0';
	return (struct bytes){ copy, len };
}

static inline const struct row *table_row(const struct row *rows, size_t nr, pid_t pid)
{
	for (size_t i = 0; i < nr; i++)
		if (rows[i].pid == pid)
			return &rows[i];
	return NULL;
}

/* Group or session of a process: what its row says, else what it was born into. */
static inline pid_t table_born(const struct row *rows, size_t nr, const struct row *r,
			       size_t member)
{
	for (size_t steps = 0; steps <= nr; steps++) {
		const struct row *parent = table_row(rows, nr, r->ppid);
		pid_t said = *(const pid_t *)((const char *)r + member);

		if (said || !parent)
			return said ? said : r->ppid == TABLE_INIT_PID ? TABLE_INIT_PID : r->pid;
		r = parent;
	}
	return r->pid;
}

static inline void table_add(struct table *t, const struct row *rows, size_t nr,
			     const struct row *r)
{
	const char *comm = r->comm ? r->comm : "node";
	struct process p = {
		.id = { .pid = r->pid, .start_ticks = r->start ? r->start : (uint64_t)r->pid },
		.ppid = r->ppid,
		.tracer = r->tracer,
		.ns_levels = r->levels,
		.tty_nr = r->tty,
		.pgid = table_born(rows, nr, r, offsetof(struct row, pgid)),
		.sid = table_born(rows, nr, r, offsetof(struct row, sid)),
		.tpgid = r->tpgid ? r->tpgid : -1,
		.uid = r->root	? 0
		       : r->uid ? r->uid
				: TABLE_UID,
		.state = 'S',
		.dead = r->dead,
		.kernel_thread = r->kernel,
		.pid_ns = r->no_ns    ? 0
			  : r->pid_ns ? r->pid_ns
				      : TABLE_NS,
		.ns_pid = r->ns_pid ? r->ns_pid : r->pid,
		.rss_kib = r->rss,
		.threads = 1,
		.comm = comm,
		.exe = r->exe,
		.args_read = r->no_args ? READ_REFUSED : READ_DONE,
		.environ_read = r->no_env ? READ_REFUSED : READ_DONE,
	};

	p.args = table_bytes(t->s, r->no_args ? NULL : r->args ? r->args : comm);
	p.environ = table_bytes(t->s, r->no_env ? NULL : r->env);
	assert_int_equal(snapshot_add(t->s, &p, NULL), 0);
}

static inline struct receipts table_receipts(void *ctx, struct census *c,
					     const struct instance *inst,
					     const struct process *desktop)
{
	struct table *t = ctx;

	(void)c;
	(void)inst;
	(void)desktop;
	t->receipts_asked++;
	return (struct receipts){
		.state = t->receipts_state,
		.pids = t->receipts,
		.nr = t->nr_receipts,
	};
}

static inline bool table_changed(void *ctx, const struct process *proc)
{
	const struct table *t = ctx;

	return proc->id.pid == t->changed;
}

static inline enum answer table_files(void *ctx, const struct process *desktop,
				      const struct process *const *procs, size_t nr,
				      const struct instance *inst)
{
	struct table *t = ctx;

	assert_ptr_equal(procs[0], desktop);
	t->files_asked++;
	for (size_t i = 0; i < nr; i++)
		if (procs[i]->id.pid == t->files && bytes_is(inst->id, t->files_id))
			return ANSWER_YES;
	return t->files_else;
}

static inline enum answer table_service(void *ctx, struct arena *storage,
					const struct process *proc, const char **ret_unit)
{
	const struct table *t = ctx;

	if (proc->id.pid != t->service)
		return t->service_else;
	*ret_unit = arena_copy(storage, "x.service", 9);
	return ANSWER_YES;
}

static inline enum answer table_ended(void *ctx, pid_t pid)
{
	const struct table *t = ctx;

	return pid == t->ended ? ANSWER_YES : ANSWER_UNKNOWN;
}

static inline bool table_seen_gone(void *ctx, const struct instance *inst)
{
	const struct table *t = ctx;

	return t->seen_gone && bytes_is(inst->id, t->seen_gone);
}

static inline void table_init(struct table *t, const struct row *rows, size_t nr)
{
	const struct row init = { .pid = TABLE_INIT_PID, .comm = "systemd", .root = true };
	const struct row self = { .pid = TABLE_SELF, .ppid = 1, .comm = "stray" };
	struct app *bare;

	*t = (struct table){
		.s = snapshot_new(),
		.files_else = ANSWER_NO,
		.service_else = ANSWER_NO,
	};
	assert_non_null(t->s);
	assert_int_equal(policy_init(&t->policy), 0);
	bare = policy_replace_app(&t->policy, "bare", "test");
	assert_non_null(bare);
	assert_int_equal(strings_add(&bare->markers, "BARE_AGENT", 10), 0);
	assert_int_equal(strings_add(&bare->desktops, "bare-desk", 9), 0);
	if (!table_row(rows, nr, TABLE_INIT_PID))
		table_add(t, rows, nr, &init);
	if (!table_row(rows, nr, TABLE_SELF))
		table_add(t, rows, nr, &self);
	for (size_t i = 0; i < nr; i++)
		table_add(t, rows, nr, &rows[i]);
	t->s->self = TABLE_SELF;
	t->s->pid_ns = TABLE_NS;
	t->s->ticks_per_second = 100;
	t->s->boottime_ms = 1000000;
	t->s->complete = true;
	t->s->full = true;
	snapshot_seal(t->s);
	t->input = (struct census_input){
		.snapshot = t->s,
		.policy = &t->policy,
		.uid = TABLE_UID,
		.ctx = t,
		.receipts = table_receipts,
		.parent_changed = table_changed,
		.files = table_files,
		.service = table_service,
		.ended = table_ended,
		.seen_gone = table_seen_gone,
	};
}

#define TABLE(t, ...)                                                                              \
	table_init((t), (const struct row[]){ __VA_ARGS__ },                                       \
		   sizeof((const struct row[]){ __VA_ARGS__ }) / sizeof(struct row))

/* Take the census, anew if there was one: after a change to t->input and the like. */
static inline struct census *table_census(struct table *t)
{
	census_unref(t->c);
	t->c = NULL;
	assert_int_equal(census_build(&t->input, &t->c), 0);
	return t->c;
}

static inline void table_release(struct table *t)
{
	census_unref(t->c);
	snapshot_unref(t->s);
	policy_release(&t->policy);
}

/* The instance with that id of any app, or NULL. */
static inline const struct instance *table_instance(const struct table *t, const char *id)
{
	return census_find_instance(t->c, &(struct instance_key){ NULL, bytes_of(id), TABLE_UID });
}

/* The membership of @pid in the instance @id (NULL: its first one), or NULL. */
static inline struct member *table_member(const struct table *t, pid_t pid, const char *id)
{
	const struct member *m = census_find_member(t->c, pid);

	while (m && id && !bytes_is(t->c->instances[m->instance].id, id))
		m = census_next_membership(t->c, m);
	return m ? &t->c->members[m - t->c->members] : NULL;
}

/* Checks that tell the line of the test where they fail. */
#define ASSERT_OWNER(t, inst, is, how)                                                             \
	do {                                                                                       \
		const struct instance *inst_ = table_instance((t), (inst));                        \
		assert_non_null(inst_);                                                            \
		assert_string_equal(owner_state_name(inst_->owner), owner_state_name(is));         \
		assert_string_equal(owner_evidence_name(inst_->evidence),                          \
				    owner_evidence_name(how));                                     \
	} while (0)
#define ASSERT_ALIVE(t, inst, how, who)                                                            \
	do {                                                                                       \
		ASSERT_OWNER((t), (inst), OWNER_ALIVE, (how));                                     \
		assert_int_equal(table_instance((t), (inst))->desktop->id.pid, (who));             \
	} while (0)
#define ASSERT_GONE(t, inst)                                                                       \
	do {                                                                                       \
		ASSERT_OWNER((t), (inst), OWNER_GONE, EVIDENCE_NONE);                              \
		assert_null(table_instance((t), (inst))->desktop);                                 \
	} while (0)
#define ASSERT_DOUBT(t, inst, why)                                                                 \
	do {                                                                                       \
		ASSERT_OWNER((t), (inst), OWNER_UNKNOWN, EVIDENCE_NONE);                           \
		assert_int_equal(table_instance((t), (inst))->doubt, (why));                       \
	} while (0)
#define ASSERT_STATE(t, who, inst, how, why)                                                       \
	do {                                                                                       \
		const struct member *m_ = table_member((t), (who), (inst));                        \
		assert_non_null(m_);                                                               \
		assert_string_equal(member_state_name(m_->state), member_state_name(how));         \
		assert_int_equal(m_->reason, (why));                                               \
	} while (0)
#define ASSERT_MEMBER(t, who, inst)   assert_non_null(table_member((t), (who), (inst)))
#define ASSERT_STRANGER(t, who, inst) assert_null(table_member((t), (who), (inst)))

#endif
