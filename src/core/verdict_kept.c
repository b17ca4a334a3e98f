/* SPDX-License-Identifier: MIT */
/* What keeps a managed process, and what runs below it, from all but being picked. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/parse.h"
#include "core/census_build.h"
#include "core/environ.h"
#include "core/verdict_parts.h"

static const struct process *above(const struct census *c, const struct process *proc)
{
	size_t parent = c->nodes[verdict_index(c, proc)].parent;

	return parent == CENSUS_NONE ? NULL : &c->snapshot->procs[parent];
}

/* In the foreground of a terminal that a process outside the instance leads. */
static bool holds_terminal(const struct census *c, const struct process *proc)
{
	const struct process *leader;

	if (!proc->tty_nr || proc->tpgid <= 0 || proc->tpgid != proc->pgid)
		return false;
	leader = proc->sid > 0 ? snapshot_find(c->snapshot, proc->sid) : NULL;
	return !leader || !verdict_is_member(c, leader, NULL);
}

/* A chain of tracers is followed so far; a longer one is kept. */
enum { TRACERS_MAX = 8 };

static unsigned kept_by_itself(const struct census *c, const struct process *proc, unsigned depth);

/* Would the tracer be ended together with what it traces? */
static bool is_condemned_too(const struct census *c, const struct process *tracer, unsigned depth)
{
	const struct member *m = census_find_member(c, tracer->id.pid);

	if (!m || depth > TRACERS_MAX ||
	    verdict_never(c, tracer, &c->instances[m->instance], NULL) != WHY_MAY_END ||
	    kept_by_itself(c, tracer, depth + 1))
		return false;
	/* What keeps a process above it keeps the tracer too. */
	for (const struct process *at = above(c, tracer); at; at = above(c, at))
		if (c->nodes[verdict_index(c, at)].managed &&
		    kept_by_itself(c, at, TRACERS_MAX + 1))
			return false;
	for (; m; m = census_next_membership(c, m))
		if (m->state != STATE_ORPHAN)
			return false;
	return true;
}

static bool is_traced(const struct census *c, const struct process *proc, unsigned depth)
{
	const struct process *tracer;

	if (proc->tracer <= 0)
		return false;
	tracer = snapshot_find(c->snapshot, proc->tracer);
	/* A tracer that was not seen is not gone. */
	if (!tracer)
		return true;
	return !tracer->dead && !is_condemned_too(c, tracer, depth);
}

/* --- jobs of a multiplexer -------------------------------------------------------- */

/* The decimal number at the beginning of @text, or 0. */
static pid_t leading_pid(struct bytes text)
{
	uint64_t pid;

	return parse_digits(text.data, text.len, INT32_MAX, &pid) ? (pid_t)pid : 0;
}

/* TMUX=SOCKET,PID,SESSION; the socket's path may hold commas. */
static pid_t tmux_server(struct bytes value)
{
	const char *last = value.len ? memrchr(value.data, ',', value.len) : NULL;
	const char *comma = last ? memrchr(value.data, ',', (size_t)(last - value.data)) : NULL;

	if (!comma)
		return 0;
	return leading_pid((struct bytes){ comma + 1, (size_t)(last - comma - 1) });
}

/* Does an argument of @proc end in a path component that is @name? */
static bool has_component(const struct process *proc, struct bytes name)
{
	for (size_t at = 0; at < proc->args.len;) {
		const char *arg = proc->args.data + at;
		size_t len = strnlen(arg, proc->args.len - at);

		if (len > name.len && arg[len - name.len - 1] == '/' &&
		    memcmp(arg + len - name.len, name.data, name.len) == 0)
			return true;
		at += len + 1;
	}
	return false;
}

/* Is @server alive, kept by the list, and a member of an instance that @proc is one of? */
static bool is_kept_fellow(const struct census *c, const struct process *proc,
			   const struct process *server)
{
	const struct member *m = census_find_member(c, proc->id.pid);

	if (!server || server == proc || server->dead || !policy_is_kept(c->policy, server))
		return false;
	for (; m; m = census_next_membership(c, m))
		if (verdict_is_member(c, server, &c->instances[m->instance]))
			return true;
	return false;
}

static bool has_zellij(const struct census *c, const struct process *proc, struct bytes name)
{
	for (size_t i = 0; i < c->nr_members; i++) {
		const struct process *server = c->members[i].proc;

		if (strcmp(server->comm, "zellij") == 0 && has_component(server, name) &&
		    is_kept_fellow(c, proc, server))
			return true;
	}
	return false;
}

/*
 * Does its environment name a live, kept multiplexer of the same instance? It is a job
 * of a person's then, which has outlived its pane.
 */
static bool is_job_of_multiplexer(const struct census *c, const struct process *proc)
{
	struct bytes value;
	pid_t pid = 0;

	if (environ_get(proc->environ, "TMUX", &value))
		pid = tmux_server(value);
	if (pid > 0 && is_kept_fellow(c, proc, snapshot_find(c->snapshot, pid)))
		return true;
	/* STY=PID.NAME */
	pid = environ_get(proc->environ, "STY", &value) ? leading_pid(value) : 0;
	if (pid > 0 && is_kept_fellow(c, proc, snapshot_find(c->snapshot, pid)))
		return true;
	return environ_get(proc->environ, "ZELLIJ_SESSION_NAME", &value) && value.len &&
	       has_zellij(c, proc, value);
}

/* --- all of them -------------------------------------------------------------------- */

/* All reasons, as bits 1 << enum verdict_why. */
static unsigned kept_by_itself(const struct census *c, const struct process *proc, unsigned depth)
{
	const struct census_node *node = &c->nodes[verdict_index(c, proc)];
	struct bytes value;
	unsigned why = 0;

	if (environ_get(proc->environ, "STRAY_KEEP", &value) && value.len)
		why |= 1U << WHY_OPT_OUT;
	if (policy_is_kept(c->policy, proc) || is_job_of_multiplexer(c, proc))
		why |= 1U << WHY_KEEP_LIST;
	if (node->service)
		why |= 1U << WHY_SERVICE;
	if (holds_terminal(c, proc))
		why |= 1U << WHY_TERMINAL;
	if (node->host)
		why |= 1U << WHY_HOST;
	if (is_traced(c, proc, depth))
		why |= 1U << WHY_TRACED;
	return why;
}

/*
 * Fill kept_for. What keeps a managed process keeps what runs below it too: from the top
 * of the tree down, so that each process is visited once, however deep it stands.
 */
static int mark_nodes(struct census *c)
{
	size_t nr = c->snapshot->nr, *order = census_top_down(c);

	if (!order)
		return -ENOMEM;
	for (size_t i = 0; i < nr; i++) {
		struct census_node *node = &c->nodes[order[i]];

		if (node->parent != CENSUS_NONE)
			node->kept_for = c->nodes[node->parent].kept_for;
		if (node->managed)
			node->kept_for |= kept_by_itself(c, &c->snapshot->procs[order[i]], 0);
	}
	free(order);
	return 0;
}

/*
 * Hand kept reasons down to inferred members: one is ended along with the process it
 * was inferred from or not at all, so what keeps that process, its group's leader
 * perhaps, keeps it too.
 */
static void keep_with_sources(struct census *c)
{
	bool changed = true;

	while (changed) {
		changed = false;
		for (size_t i = 0; i < c->nr_members; i++) {
			const struct member *m = &c->members[i];
			struct census_node *node = &c->nodes[verdict_index(c, m->proc)];
			unsigned before = node->kept_for;

			if (!m->inferred || m->inferred_from == CENSUS_NONE)
				continue;
			node->kept_for |=
				c->nodes[verdict_index(c, c->members[m->inferred_from].proc)]
					.kept_for;
			changed = changed || node->kept_for != before;
		}
	}
}

/* The bits that hold for @proc. Only a desktop that counts makes what it runs below a host. */
static unsigned kept_for(const struct census *c, const struct process *proc,
			 const struct verdict_ask *ask)
{
	unsigned why = c->nodes[verdict_index(c, proc)].kept_for;

	if (ask && c->nested && why & 1U << WHY_HOST && !verdict_hosts(c, proc, ask))
		why &= ~(1U << WHY_HOST);
	return why;
}

/* Their order is the order in which they are asked. */
static enum verdict_why first_of(unsigned why)
{
	return why ? (enum verdict_why)__builtin_ctz(why) : WHY_MAY_END;
}

enum verdict_why verdict_kept_but(const struct census *c, const struct process *proc,
				  enum verdict_why but)
{
	return first_of(kept_for(c, proc, NULL) & ~(1U << but));
}

enum verdict_why verdict_kept_from(const struct census *c, const struct process *proc,
				   const struct verdict_ask *ask)
{
	unsigned not_asked = ask->foreground ? 1U << WHY_TERMINAL : 0;

	return first_of(kept_for(c, proc, ask) & ~not_asked);
}

/* What its app's `sweep` key says, of all its memberships. */
static enum verdict_why any_app(const struct census *c, const struct process *proc)
{
	const struct member *m = census_find_member(c, proc->id.pid);
	enum verdict_why why = WHY_MAY_END;

	for (; m && why == WHY_MAY_END; m = census_next_membership(c, m))
		why = verdict_app(c, m);
	return why;
}

/* What keeps one process inside @box from all but being picked, and so all of it. */
static enum verdict_why first_kept(const struct census *c, const struct sandbox *box,
				   const struct process **ret_proc)
{
	for (size_t i = 0; i < box->nr_inside; i++) {
		const struct process *proc = &c->snapshot->procs[box->inside[i]];
		const struct member *m = census_find_member(c, proc->id.pid);

		*ret_proc = proc;
		if (!m)
			return WHY_CONTAINER;
		for (; m; m = census_next_membership(c, m))
			if (m->kept != WHY_MAY_END)
				return m->kept;
	}
	return WHY_MAY_END;
}

static void keep_for(struct census *c, size_t at, enum verdict_why why, const struct process *proc)
{
	size_t each = c->nodes[at].first_membership;

	for (; each != CENSUS_NONE; each = c->next_membership[each]) {
		if (c->members[each].kept != WHY_MAY_END)
			continue;
		c->members[each].kept = why;
		c->members[each].kept_with = proc;
	}
}

/* All that would end with one that is kept: what is inside with it, and what started that. */
static void keep_sandboxes(struct census *c)
{
	for (size_t i = 0; i < c->nr_sandboxes; i++) {
		const struct sandbox *box = &c->sandboxes[i];
		const struct process *proc = NULL;
		enum verdict_why why = first_kept(c, box, &proc);

		if (why == WHY_MAY_END || box->init == CENSUS_NONE)
			continue;
		for (size_t k = 0; k < box->nr_inside; k++)
			keep_for(c, box->inside[k], why, proc);
		for (size_t k = 0; k < box->nr_launchers; k++)
			keep_for(c, box->launchers[k], why, proc);
	}
}

int verdict_mark_kept(struct census *c)
{
	int r = mark_nodes(c);

	if (r)
		return r;
	keep_with_sources(c);
	for (size_t i = 0; i < c->nr_members; i++) {
		struct member *m = &c->members[i];

		if (c->nodes[verdict_index(c, m->proc)].self)
			m->kept = WHY_SELF;
		else if (!build_is_ours(c->snapshot, m->proc) &&
			 !verdict_in_own_sandbox(c, m->proc, &c->instances[m->instance]))
			m->kept = WHY_CONTAINER;
		else
			m->kept = verdict_kept_but(c, m->proc, WHY_MAY_END);
		/* These are looked up for what a sweep might end. */
		if (m->kept == WHY_MAY_END &&
		    (m->state == STATE_ORPHAN || m->state == STATE_DETACHED))
			m->kept = any_app(c, m->proc);
	}
	keep_sandboxes(c);
	return 0;
}
