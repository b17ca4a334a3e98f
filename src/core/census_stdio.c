/* SPDX-License-Identifier: MIT */
/*
 * Dead stdio servers: MCP, LSP and the like, which serve one client over their standard
 * input and output. Where both have closed ends the client has died, and no other can come.
 */
#include <errno.h>
#include <string.h>

#include "base/bytes.h"
#include "core/census_build.h"
#include "core/environ.h"
#include "core/name.h"

/* Does it carry the variable of a marker, whatever its value? */
static bool carries_marker(const struct policy *policy, const struct process *proc)
{
	struct bytes name, value;
	size_t offset = 0;

	while (environ_next(proc->environ, &offset, &name, &value))
		if (policy_is_marker(policy, name))
			return true;
	return false;
}

/*
 * May it have lost its parent: is that an adopter by name, or did the engine see it change?
 * Answered from the snapshot and the ledger, without a system call.
 */
static bool may_have_lost_its_parent(const struct census_build *b, size_t proc)
{
	const struct process *p = &b->s->procs[proc];
	size_t parent = b->c->nodes[proc].parent;

	if (parent == CENSUS_NONE || b->s->procs[parent].id.pid == b->input->wrapper)
		return false;
	return policy_is_adopter(b->policy, &b->s->procs[parent]) ||
	       (b->input->parent_changed && b->input->parent_changed(b->input->ctx, p));
}

/*
 * Has it a terminal? One that it merely stands in the session of, in the background, is
 * none: its standard input and output are what hung up, and a shell that started its
 * client keeps the session for long.
 */
static bool has_terminal(const struct process *p)
{
	return p->tty_nr && p->tpgid > 0 && p->tpgid == p->pgid;
}

bool build_is_dead_server(const struct census_build *b, size_t proc)
{
	const struct census_node *node = &b->c->nodes[proc];
	const struct process *p = &b->s->procs[proc];
	const struct census_input *input = b->input;

	/* First what the snapshot tells: without a candidate there is no system call. */
	if (has_terminal(p) || p->sid == p->id.pid || node->managed || node->desktop ||
	    node->self || node->desktop_above != CENSUS_NONE || p->environ_read != READ_DONE ||
	    !build_can_be_managed(b, p) || !may_have_lost_its_parent(b, proc) ||
	    carries_marker(b->policy, p))
		return false;
	return input->hung_up(input->ctx, p) == ANSWER_YES &&
	       (!input->holds || input->holds(input->ctx, p) == ANSWER_NO) &&
	       build_parting(b, p)->lost;
}

/* "npx NAME", where npm has written what it runs over its arguments; empty: it has not. */
static int npx_id(struct census_build *b, const struct process *proc, struct bytes *ret)
{
	static const char npm[] = "npm exec ", npx[] = "npx ";
	const size_t npm_len = sizeof(npm) - 1, npx_len = sizeof(npx) - 1;
	struct bytes title = { proc->args.data, strnlen(proc->args.data ?: "", proc->args.len) };
	size_t len = 0;
	char *id;

	*ret = (struct bytes){ "", 0 };
	if (title.len <= npm_len || memcmp(title.data, npm, npm_len) != 0)
		return 0;
	/* One word, what follows may be secret. */
	while (npm_len + len < title.len && title.data[npm_len + len] != ' ')
		len++;
	id = arena_alloc(&b->c->storage, npx_len + len + 1);
	if (!id)
		return -ENOMEM;
	memcpy(id, npx, npx_len);
	memcpy(id + npx_len, title.data + npm_len, len);
	*ret = (struct bytes){ id, npx_len + len };
	return 0;
}

int build_server_id(struct census_build *b, const struct process *proc, struct bytes *ret)
{
	int r = npx_id(b, proc, ret);

	if (r || ret->len)
		return r;
	*ret = name_of_script(proc);
	/* An interpreter without a script, which may call itself something better. */
	if (!ret->len && !name_is_interpreter(name_of_exe(proc)))
		*ret = name_of_exe(proc);
	if (!ret->len)
		*ret = bytes_of(proc->comm);
	return 0;
}
