/* SPDX-License-Identifier: MIT */
#include "stray/verdict.h"

#include "core/verdict_parts.h"

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
	[WHY_TERMINAL] = { "terminal", "it is in the foreground of a terminal in use" },
	[WHY_HOST] = { "host", "a live desktop runs below it" },
	[WHY_TRACED] = { "traced", "a live process traces it" },
	[WHY_WINDOW] = { "window",
			 "it has a window open, or runs below one, or that cannot be looked up" },
	[WHY_LISTENER] = { "listener",
			   "it, its group or its session listens on a port, or it runs below one that does" },
	[WHY_MOUNT] = { "mount", "it serves a mounted file system, or runs below one that does" },
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

/* What was looked up for it, and what its apps say: for the unattended sweep alone. */
static enum verdict_why kept_from_sweep(const struct census *c, const struct process *proc,
					const struct verdict_ask *ask)
{
	const struct member *m = census_find_member(c, proc->id.pid);
	enum verdict_why why = WHY_MAY_END;

	if (ask->window)
		return WHY_WINDOW;
	if (ask->listener)
		return WHY_LISTENER;
	if (ask->mount)
		return WHY_MOUNT;
	for (; m && why == WHY_MAY_END; m = census_next_membership(c, m))
		if (verdict_counts(c, m, ask))
			why = verdict_app(c, m);
	return why;
}

/* It belongs to each of its instances, and each that counts must let it go. */
static enum verdict_why owners_say(const struct census *c, const struct process *proc,
				   const struct verdict_ask *ask)
{
	const struct member *m = census_find_member(c, proc->id.pid), *each;
	enum verdict_why why = WHY_MAY_END;
	bool counts = false;

	for (each = m; each && why == WHY_MAY_END; each = census_next_membership(c, each)) {
		counts = counts || verdict_counts(c, each, ask);
		why = verdict_owner(c, each, ask);
	}
	/* Where none counts, none has condemned it. */
	return why == WHY_MAY_END && !counts ? WHY_OWNED : why;
}

/* Ask all rules but the one about what shares its pid namespace. */
static enum verdict_why ask_alone(const struct census *c, const struct process *proc,
				  const struct verdict_ask *ask)
{
	const struct member *m = census_find_member(c, proc->id.pid), *each;
	enum verdict_why why = WHY_MAY_END;

	if (!m) {
		why = verdict_never(c, proc, NULL, ask);
		return why != WHY_MAY_END ? why : WHY_NOT_MANAGED;
	}
	for (each = m; each && why == WHY_MAY_END; each = census_next_membership(c, each))
		why = verdict_never(c, proc, &c->instances[each->instance], ask);
	if (why == WHY_MAY_END && ask->face != FACE_PICK)
		why = verdict_kept_from(c, proc, ask);
	if (why == WHY_MAY_END && ask->face == FACE_SWEEP)
		why = kept_from_sweep(c, proc, ask);
	return why != WHY_MAY_END ? why : owners_say(c, proc, ask);
}

/* The first process inside @box, but @proc, that may not be ended, and why; NULL: all may. */
static const struct process *find_obstacle(const struct census *c, const struct sandbox *box,
					   const struct process *proc,
					   const struct verdict_ask *ask, enum verdict_why *ret_why)
{
	struct verdict_ask inside = *ask;

	/* None of them was picked, and what was looked up is @proc's. */
	if (inside.face == FACE_PICK)
		inside.face = FACE_GROUP;
	inside.window = inside.listener = inside.mount = false;
	for (size_t i = 0; i < box->nr_inside; i++) {
		const struct process *other = &c->snapshot->procs[box->inside[i]];
		enum verdict_why why;

		if (other == proc)
			continue;
		why = ask_alone(c, other, &inside);
		if (why == WHY_MAY_END)
			continue;
		*ret_why = why == WHY_NOT_MANAGED ? WHY_CONTAINER : why;
		return other;
	}
	return NULL;
}

/*
 * Find a process that keeps @proc because both are in one sandbox, and why; NULL: none.
 * When the init of a pid namespace ends, the kernel kills all inside, and the init may
 * end with the process that started it (PR_SET_PDEATHSIG). So where one inside may not be
 * ended, none is. A picked process that is neither of the two takes nothing along.
 */
static const struct process *shares_sandbox(const struct census *c, const struct process *proc,
					    const struct verdict_ask *ask,
					    enum verdict_why *ret_why)
{
	const struct process *other = NULL;
	size_t index = verdict_index(c, proc);

	for (size_t i = 0; i < c->nr_sandboxes && !other; i++) {
		const struct sandbox *box = &c->sandboxes[i];
		bool init = box->init == index;
		bool launcher;

		/* The init is not in the snapshot: no process seen inside takes others along. */
		if (box->init == CENSUS_NONE)
			continue;
		launcher = sandbox_ends_with(box, index);
		if (init || launcher || (ask->face != FACE_PICK && sandbox_has(box, index)))
			other = find_obstacle(c, box, proc, ask, ret_why);
	}
	return other;
}

enum verdict_why verdict_of_process(const struct census *c, const struct process *proc,
				    const struct verdict_ask *ask)
{
	enum verdict_why why = ask_alone(c, proc, ask);

	if (why == WHY_MAY_END && c->nr_sandboxes)
		shares_sandbox(c, proc, ask, &why);
	return why;
}

enum verdict_why verdict_of(const struct census *c, const struct member *m,
			    const struct verdict_ask *ask)
{
	return verdict_of_process(c, m->proc, ask);
}

const struct process *verdict_blames(const struct census *c, const struct process *proc,
				     const struct verdict_ask *ask)
{
	enum verdict_why why = ask_alone(c, proc, ask);

	return why == WHY_MAY_END ? shares_sandbox(c, proc, ask, &why) : NULL;
}
