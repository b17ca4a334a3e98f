#include "report/explain.h"

static enum verdict_why ask(const struct explain_input *in, enum verdict_face face)
{
	struct verdict_ask question = {
		.face = face,
		.reap_detached = in->settings->reap_detached,
		.window = in->window,
		.listener = in->listener,
	};

	return verdict_of_process(in->census, in->proc, &question);
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
		.why = ask(in, FACE_SWEEP),
		.ticks = fewest_ticks(in),
		.group = ask(in, FACE_GROUP),
		.pick = ask(in, FACE_PICK),
	};

	if (result.why != WHY_MAY_END)
		result.next = NEXT_NOTHING;
	else if (result.ticks + 1 < in->settings->grace)
		result.next = NEXT_COUNT; /* the next tick adds one, and that is not enough */
	else
		result.next = NEXT_END;
	*ret_result = result;
}

const char *explain_not_managed(const struct explain_input *in, const struct report_options *o)
{
	const struct process *p = in->proc;
	size_t index = snapshot_index(in->census->snapshot, p->id.pid);
	const struct census_node *node = index == SIZE_MAX ? NULL : &in->census->nodes[index];

	if (p->kernel_thread)
		return verdict_text(WHY_KERNEL);
	if (p->dead)
		return "it has ended";
	if (node && node->desktop)
		return verdict_text(WHY_DESKTOP);
	if (o->scope && !o->scope->all_users && p->uid != o->scope->uid)
		return "it is another user's, and those are not looked at without --uid";
	if (p->environ_read == READ_REFUSED)
		return "its environment cannot be read, and it descends from no managed process";
	if (node && node->desktop_above != CENSUS_NONE)
		return "it carries no marker of a known app, and descends from a live desktop";
	return "it carries no marker of a known app, and descends from no managed process";
}
