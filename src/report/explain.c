/* SPDX-License-Identifier: MIT */
#include "report/explain.h"

/* The question that the sweep, or another face, asks about @proc. */
static struct verdict_ask question(const struct explain_input *in, const struct process *proc,
				   enum verdict_face face)
{
	unsigned spared = in->spared ? in->spared[proc - in->census->snapshot->procs] : 0;

	return (struct verdict_ask){
		.face = face,
		.reap_detached = in->settings->reap_detached,
		.window = spared & 1U << WHY_WINDOW,
		.listener = spared & 1U << WHY_LISTENER,
		.mount = spared & 1U << WHY_MOUNT,
	};
}

static enum verdict_why ask(const struct explain_input *in, enum verdict_face face)
{
	const struct process *p = in->proc;
	const struct verdict_ask q = question(in, p, face);
	enum verdict_why why = verdict_of_process(in->census, p, &q);

	/* Only of managed processes the namespace is looked up: not known is not another. */
	if (why == WHY_CONTAINER && !p->pid_ns && !p->ns_pid &&
	    !census_find_member(in->census, p->id.pid))
		return WHY_NOT_MANAGED;
	return why;
}

/* What is inferred goes with the process it was inferred from, and stays with it. */
static struct explain_opinion opinion(const struct explain_input *in, enum verdict_face face)
{
	const struct census *c = in->census;
	const struct verdict_ask own = question(in, in->proc, face);
	struct explain_opinion o = { ask(in, face), verdict_blames(c, in->proc, &own) };
	const struct member *m = census_find_member(c, in->proc->id.pid);

	for (; m && o.why == WHY_MAY_END; m = census_next_membership(c, m)) {
		const struct member *at = m;

		for (size_t i = 0; o.why == WHY_MAY_END && at->inferred &&
				   at->inferred_from != CENSUS_NONE && i < c->nr_members;
		     i++) {
			struct verdict_ask q;

			at = &c->members[at->inferred_from];
			q = question(in, at->proc, face);
			o = (struct explain_opinion){ verdict_of(c, at, &q), at->proc };
		}
	}
	return o;
}

static const struct process *find_launcher(const struct explain_input *in)
{
	const struct census *c = in->census;
	const struct member *m = census_find_member(c, in->proc->id.pid);
	const struct process *launcher = NULL;

	for (; m && !launcher; m = census_next_membership(c, m))
		launcher = census_find_launcher(c, &c->instances[m->instance]);
	return launcher;
}

unsigned explain_ticks(const struct census *c, const struct member *m)
{
	for (size_t i = 0; m->inferred && m->inferred_from != CENSUS_NONE && i < c->nr_members; i++)
		m = &c->members[m->inferred_from];
	return m->ticks;
}

/* It is reaped when every membership has its ticks. */
static unsigned fewest_ticks(const struct explain_input *in)
{
	const struct member *m = census_find_member(in->census, in->proc->id.pid);
	unsigned fewest = m ? explain_ticks(in->census, m) : 0;

	for (; m; m = census_next_membership(in->census, m)) {
		unsigned ticks = explain_ticks(in->census, m);

		if (ticks < fewest)
			fewest = ticks;
	}
	return fewest;
}

void explain_decide(const struct explain_input *in, struct explain_result *ret_result)
{
	struct explain_result result = {
		.sweep = opinion(in, FACE_SWEEP),
		.ticks = fewest_ticks(in),
		.group = opinion(in, FACE_GROUP),
		.pick = ask(in, FACE_PICK),
	};

	if (result.sweep.why != WHY_MAY_END)
		result.next = NEXT_NOTHING;
	else if (result.ticks + 1 < in->settings->grace)
		result.next = NEXT_COUNT; /* the next tick adds one, and that is not enough */
	else
		result.next = NEXT_END;
	/* Launchers are asked for last, before the first signal. */
	if (result.next == NEXT_END && (result.launcher = find_launcher(in))) {
		result.next = NEXT_NOTHING;
		result.sweep.why = WHY_UNKNOWN;
	}
	*ret_result = result;
}

/* Why a process is no member, in the order in which it is asked. */
enum not_managed {
	NOT_KERNEL,
	NOT_ALIVE,
	NOT_DESKTOP,
	NOT_IN_SCOPE,
	NOT_READABLE,
	NOT_BELOW_DESKTOP,
	NOT_MARKED,
};

static enum not_managed not_managed(const struct explain_input *in, const struct report_options *o)
{
	const struct process *p = in->proc;
	size_t index = snapshot_index(in->census->snapshot, p->id.pid);
	const struct census_node *node = index == SIZE_MAX ? NULL : &in->census->nodes[index];

	if (p->kernel_thread)
		return NOT_KERNEL;
	if (p->dead)
		return NOT_ALIVE;
	if (node && node->desktop)
		return NOT_DESKTOP;
	if (o->scope && !scope_has_user(o->scope, p->uid))
		return NOT_IN_SCOPE;
	if (p->environ_read == READ_REFUSED)
		return NOT_READABLE;
	return node && node->desktop_above != CENSUS_NONE ? NOT_BELOW_DESKTOP : NOT_MARKED;
}

const char *explain_not_managed(const struct explain_input *in, const struct report_options *o)
{
	static const char *const texts[] = {
		[NOT_ALIVE] = "it has ended",
		[NOT_IN_SCOPE] = "it is another user's, and those are left out without --uid",
		[NOT_READABLE] =
			"its environment cannot be read, and it descends from no managed process",
		[NOT_BELOW_DESKTOP] =
			"it carries no marker of a known app, and descends from a live desktop",
		[NOT_MARKED] =
			"it carries no marker of a known app, and descends from no managed process",
	};
	enum not_managed why = not_managed(in, o);

	if (why == NOT_KERNEL)
		return verdict_text(WHY_KERNEL);
	return why == NOT_DESKTOP ? verdict_text(WHY_DESKTOP) : texts[why];
}

const char *explain_not_managed_word(const struct explain_input *in, const struct report_options *o)
{
	static const char *const words[] = {
		[NOT_KERNEL] = "kernel",       [NOT_ALIVE] = "ended",
		[NOT_DESKTOP] = "desktop",     [NOT_IN_SCOPE] = "other-user",
		[NOT_READABLE] = "unreadable", [NOT_BELOW_DESKTOP] = "below-desktop",
		[NOT_MARKED] = "no-marker",
	};

	return words[not_managed(in, o)];
}
