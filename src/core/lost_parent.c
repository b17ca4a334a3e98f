/* SPDX-License-Identifier: MIT */
/* Has the root of a chain of managed processes lost the parent that started it? */
#include <errno.h>
#include <stdlib.h>

#include "core/census_build.h"
#include "core/environ.h"

/* SYSTEMD_EXEC_PID holds the pid of what systemd itself executed; children inherit it. */
static bool is_executed_by_systemd(const struct process *proc)
{
	struct bytes value;
	uint64_t start;
	pid_t pid;

	return environ_get(proc->environ, "SYSTEMD_EXEC_PID", &value) &&
	       app_parse_owner(value, &pid, &start) == 0 && pid == proc->id.pid;
}

/* Did systemd start it as a service, or could that not be found out? */
static bool is_service(const struct census_build *b, const struct process *root,
		       const char **ret_unit)
{
	const struct census_input *input = b->input;

	*ret_unit = NULL;
	return input->service &&
	       input->service(input->ctx, &b->c->storage, root, ret_unit) != ANSWER_NO;
}

/*
 * The oldest living child of each process, once for all: an init of containers was made
 * to run that one.
 */
static int find_oldest_children(struct census_build *b)
{
	const struct process *procs = b->s->procs;

	b->oldest_child = malloc((b->s->nr + 1) * sizeof(*b->oldest_child));
	if (!b->oldest_child)
		return -ENOMEM;
	for (size_t i = 0; i < b->s->nr; i++)
		b->oldest_child[i] = CENSUS_NONE;
	for (size_t i = 0; i < b->s->nr; i++) {
		size_t parent = b->c->nodes[i].parent;
		size_t *oldest = parent == CENSUS_NONE ? NULL : &b->oldest_child[parent];

		if (oldest && !procs[i].dead &&
		    (*oldest == CENSUS_NONE ||
		     procs[i].id.start_ticks < procs[*oldest].id.start_ticks))
			*oldest = i;
	}
	return 0;
}

static bool is_what_it_runs(const struct census_build *b, size_t container_init,
			    const struct process *root)
{
	const struct process *init = &b->s->procs[container_init];

	return policy_is_container_init(init) &&
	       b->oldest_child[container_init] == (size_t)(root - b->s->procs) &&
	       root->id.start_ticks <= init->id.start_ticks + b->s->ticks_per_second;
}

/*
 * A child is born into its parent's session, and only a session's leader has ever left
 * one. So it was born elsewhere where its parent has never been in its session: the parent
 * leads none, or is older than that session, or is pid 1, which began in session 0.
 */
static bool was_born_elsewhere(const struct census_build *b, const struct process *root,
			       const struct process *parent)
{
	const struct process *leader;

	if (root->sid == root->id.pid)
		return false;
	/* A pid 1 that is hidden from us is in session 0, or in 1 since it leads that. */
	if (!parent)
		return root->ppid == 1 && root->sid > 1;
	if (parent->sid == root->sid)
		return false;
	if (parent->sid != parent->id.pid)
		return true;
	if (parent->id.pid == 1)
		return root->sid != 0;
	leader = root->sid > 0 ? snapshot_find(b->s, root->sid) : NULL;
	return leader && !leader->dead && leader->id.start_ticks > parent->id.start_ticks;
}

/* What says that the root has lost its parent; BECAUSE_PARENT_LIVES if nothing does. */
static enum state_reason find_loss(const struct census_build *b, const struct process *root,
				   size_t at)
{
	const struct census_input *input = b->input;
	const struct process *parent = at == CENSUS_NONE ? NULL : &b->s->procs[at];

	if (parent && is_what_it_runs(b, at, root))
		return BECAUSE_PARENT_LIVES;
	if (parent && (parent->id.pid == input->wrapper || policy_is_adopter(b->policy, parent)))
		return BECAUSE_ADOPTER;
	if (input->parent_changed && input->parent_changed(input->ctx, root))
		return BECAUSE_PARENT_CHANGED;
	return was_born_elsewhere(b, root, parent) ? BECAUSE_SESSION : BECAUSE_PARENT_LIVES;
}

/*
 * Did systemd start it? The control group is looked up only for what has lost its parent
 * as far as the table tells (@lost), and for the unit's name.
 */
static bool is_started_by_systemd(const struct census_build *b, const struct process *root,
				  bool lost, const char **ret_unit)
{
	bool executed = is_executed_by_systemd(root);

	*ret_unit = NULL;
	return ((executed || lost) && is_service(b, root, ret_unit)) || executed;
}

static struct parting judge(const struct census_build *b, const struct process *root)
{
	size_t at = b->c->nodes[root - b->s->procs].parent;
	struct parting p = { .asked = true, .reason = BECAUSE_PARENT_LIVES };

	p.because = at == CENSUS_NONE ? NULL : &b->s->procs[at];
	if (root->id.pid == 1)
		p.reason = BECAUSE_ROOT_IS_INIT;
	else if (root->ppid != 0)
		p.reason = find_loss(b, root, at);
	p.lost = p.reason != BECAUSE_PARENT_LIVES && p.reason != BECAUSE_ROOT_IS_INIT;
	if (root->id.pid != 1 && root->ppid != 0 &&
	    is_started_by_systemd(b, root, p.lost, &p.unit)) {
		p.reason = BECAUSE_SERVICE;
		p.because = root;
		p.lost = false;
	}
	return p;
}

const struct parting *build_parting(const struct census_build *b, const struct process *root)
{
	struct parting *p = &b->partings[root - b->s->procs];

	if (!p->asked)
		*p = judge(b, root);
	return p;
}

bool build_is_service(const struct census_build *b, size_t proc)
{
	const struct process *p = &b->s->procs[proc];
	size_t parent = b->c->nodes[proc].parent;
	const char *unit;

	if (b->roots[proc] == proc)
		return build_parting(b, p)->reason == BECAUSE_SERVICE;
	/* A manager that is managed itself: what it started is the child of an adopter by name. */
	return is_executed_by_systemd(p) ||
	       (policy_is_adopter(b->policy, &b->s->procs[parent]) && is_service(b, p, &unit));
}

int build_partings(struct census_build *b)
{
	b->partings = calloc(b->s->nr + 1, sizeof(*b->partings));
	return b->partings ? find_oldest_children(b) : -ENOMEM;
}

int build_roots(struct census_build *b)
{
	const struct census_node *nodes = b->c->nodes;

	b->roots = calloc(b->s->nr + 1, sizeof(*b->roots));
	if (!b->roots)
		return -ENOMEM;
	for (size_t k = 0; k < b->s->nr; k++) {
		size_t i = b->top_down[k], parent = nodes[i].parent;
		bool continues = parent != CENSUS_NONE && nodes[parent].managed &&
				 b->s->procs[parent].uid == b->s->procs[i].uid;

		b->roots[i] = continues ? b->roots[parent] : i;
	}
	return 0;
}
