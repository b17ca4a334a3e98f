/* SPDX-License-Identifier: MIT */
#include "stray/verdict.h"

#include <errno.h>
#include <stdlib.h>

#include "base/bytes.h"
#include "core/census_build.h"
#include "core/environ.h"

static const struct {
	const char *kept; /* the word in JSON, NULL: none */
	const char *text;
} words[WHY_NR] = {
	[WHY_MAY_END] = { NULL, "it may be ended" },
	[WHY_SELF] = { "self", "it is stray itself, or stray was started from it" },
	[WHY_INIT] = { NULL, "it is pid 1" },
	[WHY_KERNEL] = { NULL, "it is a kernel thread" },
	[WHY_DESKTOP] = { NULL, "it is a desktop" },
	[WHY_OWNED] = { NULL, "it descends from a live desktop" },
	[WHY_OTHER_USER] = { NULL, "it is another user's" },
	[WHY_CONTAINER] = { "container", "it runs in another pid namespace (a container)" },
	[WHY_OPT_OUT] = { "opt-out", "STRAY_KEEP asks to keep it, or what it runs below" },
	[WHY_KEEP_LIST] = { "keep-list", "the keep list names it, or what it runs below" },
	[WHY_SERVICE] = { "service", "systemd started it, or what it runs below" },
	[WHY_TERMINAL] = { "terminal", "it is in the foreground of somebody's terminal" },
	[WHY_HOST] = { "host", "a live desktop runs below it" },
	[WHY_TRACED] = { "traced", "a live process traces it" },
	[WHY_WINDOW] = { "window", "it has a window open, or that cannot be looked up" },
	[WHY_LISTENER] = { "listener", "its session listens on a port" },
	[WHY_MOUNT] = { "mount", "it serves a mounted file system" },
	[WHY_LOOK_ONLY] = { "look-only", "its app is not swept, only shown (sweep = no)" },
	[WHY_CONNECTED] = { "connected", "its standard input or output still has another end" },
	[WHY_NOT_MANAGED] = { NULL, "not managed" },
	[WHY_OWNER_ALIVE] = { NULL, "its owner is alive" },
	[WHY_DETACHED] = { NULL, "its owner is alive and older than it (detached)" },
	[WHY_UNKNOWN] = { NULL, "whether it has lost its owner is unknown" },
	[WHY_TICKS] = { NULL, "it has not been an orphan on enough ticks" },
};

const char *verdict_kept_name(enum verdict_why why)
{
	return words[why].kept;
}

const char *verdict_text(enum verdict_why why)
{
	return words[why].text;
}

static size_t index_of(const struct census *c, const struct process *proc)
{
	return (size_t)(proc - c->snapshot->procs);
}

static const struct process *above(const struct census *c, const struct process *proc)
{
	size_t parent = c->nodes[index_of(c, proc)].parent;

	return parent == CENSUS_NONE ? NULL : &c->snapshot->procs[parent];
}

/*
 * Is it in our pid namespace? Where the namespace could not be looked up, its
 * pid in its own one tells: it is the same number only in ours (or by chance).
 */
static bool in_our_namespace(const struct snapshot *s, const struct process *proc)
{
	if (proc->pid_ns && s->pid_ns)
		return proc->pid_ns == s->pid_ns;
	return proc->ns_pid == proc->id.pid;
}

/* Is @proc a member of that instance (NULL: of any)? */
static bool is_member_of(const struct census *c, const struct process *proc,
			 const struct instance *inst)
{
	const struct member *m = census_find_member(c, proc->id.pid);

	while (m && inst && &c->instances[m->instance] != inst)
		m = census_next_membership(c, m);
	return m;
}

/*
 * A sandbox is part of the agent that made it: an agent in our namespace is an
 * ancestor of the init of the namespace that @proc is in.
 */
static bool in_own_sandbox(const struct census *c, const struct process *proc,
			   const struct instance *inst)
{
	const struct snapshot *s = c->snapshot;

	if (!proc->pid_ns)
		return false;
	for (size_t i = 0; i < s->nr; i++) {
		const struct process *at = &s->procs[i];

		if (at->pid_ns != proc->pid_ns || at->ns_pid != 1)
			continue;
		while ((at = above(c, at)))
			if (in_our_namespace(s, at) && is_member_of(c, at, inst))
				return true;
	}
	return false;
}

/* Is @desktop one of the instance's own, which --force may overrule? */
static bool is_own_desktop(const struct census *c, const struct instance *inst,
			   const struct process *desktop)
{
	/*
	 * A wrapper is the owner of whatever descends from it, whose user that may
	 * be by now: root's command starts a server, which becomes another user.
	 */
	if (desktop->id.pid == c->snapshot->self)
		return true;
	/* One that carries the marker was started inside an agent: it owns another instance. */
	return (inst->owner == OWNER_ALIVE && desktop == inst->desktop) ||
	       (desktop->uid == inst->uid && app_is_desktop(inst->app, desktop) &&
		!build_carries(inst->app, inst->id, desktop));
}

static bool is_other_user(const struct census *c, const struct process *proc)
{
	const struct process *self = snapshot_find(c->snapshot, c->snapshot->self);

	return self && self->uid != proc->uid && (self->uid != 0 || !is_member_of(c, proc, NULL));
}

/* The rules that nobody can lift, save --force for the instance's own desktop. */
static enum verdict_why never(const struct census *c, const struct process *proc,
			      const struct instance *inst, const struct verdict_ask *ask)
{
	const struct census_node *node = &c->nodes[index_of(c, proc)];

	if (node->self)
		return WHY_SELF;
	if (proc->id.pid == 1)
		return WHY_INIT;
	if (proc->kernel_thread)
		return WHY_KERNEL;
	if (node->desktop)
		return WHY_DESKTOP;
	if (node->desktop_above != CENSUS_NONE &&
	    !(ask && ask->force && ask->of && is_member_of(c, proc, ask->of) &&
	      is_own_desktop(c, ask->of, &c->snapshot->procs[node->desktop_above])))
		return WHY_OWNED;
	if (is_other_user(c, proc))
		return WHY_OTHER_USER;
	if (!(ask && ask->held) && !in_our_namespace(c->snapshot, proc) &&
	    !in_own_sandbox(c, proc, inst))
		return WHY_CONTAINER;
	return WHY_MAY_END;
}

/* In the foreground of a terminal that a process outside the instance leads. */
static bool holds_terminal(const struct census *c, const struct process *proc)
{
	const struct process *leader;

	if (!proc->tty_nr || proc->tpgid <= 0 || proc->tpgid != proc->pgid)
		return false;
	leader = proc->sid > 0 ? snapshot_find(c->snapshot, proc->sid) : NULL;
	return !leader || !is_member_of(c, leader, NULL);
}

/* A chain of tracers is followed so far; a longer one is kept. */
enum { TRACERS_MAX = 8 };

static unsigned kept_by_itself(const struct census *c, const struct process *proc, unsigned depth);

/* Would the tracer be ended together with what it traces? */
static bool is_condemned_too(const struct census *c, const struct process *tracer, unsigned depth)
{
	const struct member *m = census_find_member(c, tracer->id.pid);

	if (!m || depth > TRACERS_MAX ||
	    never(c, tracer, &c->instances[m->instance], NULL) != WHY_MAY_END ||
	    kept_by_itself(c, tracer, depth + 1))
		return false;
	/* What keeps a process above it keeps the tracer too. */
	for (const struct process *at = above(c, tracer); at; at = above(c, at))
		if (c->nodes[index_of(c, at)].managed && kept_by_itself(c, at, TRACERS_MAX + 1))
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
	if (!tracer)
		return true; /* somebody traces it; not seen is not gone */
	return !tracer->dead && !is_condemned_too(c, tracer, depth);
}

/* All reasons, as bits 1 << enum verdict_why. */
static unsigned kept_by_itself(const struct census *c, const struct process *proc, unsigned depth)
{
	struct bytes value;
	unsigned why = 0;

	if (environ_get(proc->environ, "STRAY_KEEP", &value) && value.len)
		why |= 1U << WHY_OPT_OUT;
	if (policy_is_kept(c->policy, proc))
		why |= 1U << WHY_KEEP_LIST;
	if (holds_terminal(c, proc))
		why |= 1U << WHY_TERMINAL;
	if (c->nodes[index_of(c, proc)].host)
		why |= 1U << WHY_HOST;
	if (is_traced(c, proc, depth))
		why |= 1U << WHY_TRACED;
	return why;
}

/*
 * What keeps a managed process keeps what runs below it too. From the top of
 * the tree down, so that each process is looked at once however deep it stands.
 */
static int mark_nodes(struct census *c)
{
	size_t nr = c->snapshot->nr, deepest = 0, *order, *begin;

	for (size_t i = 0; i < nr; i++)
		if (c->nodes[i].depth > deepest)
			deepest = c->nodes[i].depth;
	order = calloc(nr ? nr : 1, sizeof(*order));
	begin = calloc(deepest + 2, sizeof(*begin));
	if (!order || !begin) {
		free(order);
		free(begin);
		return -ENOMEM;
	}
	for (size_t i = 0; i < nr; i++)
		begin[c->nodes[i].depth + 1]++;
	for (size_t d = 1; d <= deepest; d++)
		begin[d] += begin[d - 1];
	for (size_t i = 0; i < nr; i++)
		order[begin[c->nodes[i].depth]++] = i;
	for (size_t i = 0; i < nr; i++) {
		struct census_node *node = &c->nodes[order[i]];

		if (node->parent != CENSUS_NONE)
			node->kept_for = c->nodes[node->parent].kept_for;
		if (node->managed)
			node->kept_for |= kept_by_itself(c, &c->snapshot->procs[order[i]], 0);
	}
	free(order);
	free(begin);
	return 0;
}

/*
 * An inferred one is ended along with whom it was inferred from or not at all:
 * what keeps that one, its group's leader perhaps, keeps it too.
 */
static void keep_with_sources(struct census *c)
{
	bool changed = true;

	while (changed) {
		changed = false;
		for (size_t i = 0; i < c->nr_members; i++) {
			const struct member *m = &c->members[i];
			struct census_node *node = &c->nodes[index_of(c, m->proc)];
			unsigned before = node->kept_for;

			if (!m->inferred || m->inferred_from == CENSUS_NONE)
				continue;
			node->kept_for |=
				c->nodes[index_of(c, c->members[m->inferred_from].proc)].kept_for;
			changed = changed || node->kept_for != before;
		}
	}
}

enum verdict_why verdict_kept_but(const struct census *c, const struct process *proc,
				  enum verdict_why but)
{
	unsigned why = c->nodes[index_of(c, proc)].kept_for & ~(1U << but);

	/* Their order is the order in which they are asked. */
	return why ? (enum verdict_why)__builtin_ctz(why) : WHY_MAY_END;
}

enum verdict_why verdict_kept_from(const struct census *c, const struct process *proc,
				   const struct verdict_ask *ask)
{
	return verdict_kept_but(c, proc, ask->foreground ? WHY_TERMINAL : WHY_MAY_END);
}

int verdict_mark_kept(struct census *c)
{
	int r = mark_nodes(c);

	if (r)
		return r;
	keep_with_sources(c);
	for (size_t i = 0; i < c->nr_members; i++) {
		struct member *m = &c->members[i];

		if (c->nodes[index_of(c, m->proc)].self)
			m->kept = WHY_SELF;
		else if (!in_our_namespace(c->snapshot, m->proc) &&
			 !in_own_sandbox(c, m->proc, &c->instances[m->instance]))
			m->kept = WHY_CONTAINER;
		else
			m->kept = verdict_kept_but(c, m->proc, WHY_MAY_END);
	}
	return 0;
}

/* How many ticks count for it: what was inferred goes with whom it was inferred from. */
static unsigned ticks_of(const struct census *c, const struct member *m)
{
	for (size_t steps = 0;
	     m->inferred && m->inferred_from != CENSUS_NONE && steps < c->nr_members; steps++)
		m = &c->members[m->inferred_from];
	return m->ticks;
}

/* Does @of's own desktop alone make this other membership an owned one? */
static bool is_owned_by_the_same(const struct census *c, const struct member *m,
				 const struct verdict_ask *ask)
{
	const struct instance *inst = &c->instances[m->instance];

	return ask->force && ask->of && m->reason == BECAUSE_DESCENT &&
	       is_own_desktop(c, ask->of, m->because) &&
	       (inst->owner == OWNER_GONE ||
		(inst->owner == OWNER_ALIVE && inst->desktop == ask->of->desktop));
}

/* What the owner of one membership says. */
static enum verdict_why owner_says(const struct census *c, const struct member *m,
				   const struct verdict_ask *ask)
{
	const struct instance *inst = &c->instances[m->instance];

	if ((ask->force && inst == ask->of) || is_owned_by_the_same(c, m, ask))
		return WHY_MAY_END;
	if (m->state == STATE_OWNED)
		return m->reason == BECAUSE_DESCENT ? WHY_OWNED : WHY_OWNER_ALIVE;
	if (m->state == STATE_DETACHED && !ask->reap_detached)
		return WHY_DETACHED;
	if (m->state == STATE_UNKNOWN) {
		/* A person who means the instance need not know what became of the parent. */
		bool person = ask->face != FACE_SWEEP && inst->owner == OWNER_GONE &&
			      m->reason == BECAUSE_PARENT_LIVES;

		return person ? WHY_MAY_END : WHY_UNKNOWN;
	}
	if (ask->face == FACE_SWEEP && ask->grace && ticks_of(c, m) < ask->grace)
		return WHY_TICKS;
	return WHY_MAY_END;
}

enum verdict_why verdict_of(const struct census *c, const struct member *m,
			    const struct verdict_ask *ask)
{
	enum verdict_why why = WHY_MAY_END;

	for (const struct member *each = census_find_member(c, m->proc->id.pid); each && !why;
	     each = census_next_membership(c, each))
		why = never(c, m->proc, &c->instances[each->instance], ask);
	if (!why && ask->face != FACE_PICK)
		why = verdict_kept_from(c, m->proc, ask);
	if (!why && ask->face == FACE_SWEEP && ask->window)
		why = WHY_WINDOW;
	if (!why && ask->face == FACE_SWEEP && ask->listener)
		why = WHY_LISTENER;
	/* It belongs to each of its instances, and each must let it go. */
	for (const struct member *each = census_find_member(c, m->proc->id.pid); each && !why;
	     each = census_next_membership(c, each))
		why = owner_says(c, each, ask);
	return why;
}

enum verdict_why verdict_of_process(const struct census *c, const struct process *proc,
				    const struct verdict_ask *ask)
{
	const struct member *m = census_find_member(c, proc->id.pid);
	enum verdict_why why;

	if (m)
		return verdict_of(c, m, ask);
	why = never(c, proc, NULL, ask);
	return why != WHY_MAY_END ? why : WHY_NOT_MANAGED;
}
