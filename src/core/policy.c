/* SPDX-License-Identifier: MIT */
/* The rules in force: the apps, built in and the user's, and what adopts orphans. */
#include "stray/policy.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/bytes.h"
#include "core/builtin.h"
#include "core/name.h"

/* --- all of it ---------------------------------------------------------------------- */

int policy_init(struct policy *p)
{
	int r;

	*p = (struct policy){ .refs = 1 };
	r = builtin_add_apps(p);
	for (size_t i = 0; !r && builtin_adopters[i]; i++)
		r = strings_add(&p->adopters, builtin_adopters[i], strlen(builtin_adopters[i]));
	if (r)
		policy_release(p);
	return r;
}

void policy_release(struct policy *p)
{
	for (size_t i = 0; i < p->nr_apps; i++)
		app_clear(&p->apps[i]);
	free(p->apps);
	strings_release(&p->adopters);
	strings_release(&p->keep);
	strings_release(&p->allow);
	*p = (struct policy){ 0 };
}

int policy_new(struct policy **ret)
{
	struct policy *p = malloc(sizeof(*p));
	int r = p ? policy_init(p) : -ENOMEM;

	if (r < 0) {
		free(p);
		return r;
	}
	*ret = p;
	return 0;
}

/* The count is no part of what is in force: it alone changes. */
const struct policy *policy_ref(const struct policy *p)
{
	if (p)
		__atomic_add_fetch(&((struct policy *)p)->refs, 1, __ATOMIC_RELAXED);
	return p;
}

void policy_unref(const struct policy *p)
{
	struct policy *mine = (struct policy *)p;

	if (!p || __atomic_sub_fetch(&mine->refs, 1, __ATOMIC_ACQ_REL))
		return;
	policy_release(mine);
	free(mine);
}

/* --- what it says of one variable or process ----------------------------------------- */

bool policy_is_marker(const struct policy *p, struct bytes name)
{
	for (size_t i = 0; i < p->nr_apps; i++)
		if (strings_has(&p->apps[i].markers, name.data, name.len))
			return true;
	return false;
}

bool policy_wants_variable(const struct policy *p, struct bytes name)
{
	static const char *const asked_for[] = {
		"STRAY_KEEP", /* the opt-out */
		"TMUX",	      /* jobs that outlived their pane in a kept multiplexer */
		"STY",
		"ZELLIJ_SESSION_NAME",
		"SYSTEMD_EXEC_PID", /* what systemd itself started */
		"DISPLAY",	    /* X over TCP */
	};

	for (size_t i = 0; i < ARRAY_SIZE(asked_for); i++)
		if (bytes_is(name, asked_for[i]))
			return true;
	for (size_t i = 0; i < p->nr_apps; i++)
		if (p->apps[i].generation && bytes_is(name, p->apps[i].generation))
			return true;
	return policy_is_marker(p, name);
}

bool policy_is_adopter(const struct policy *p, const struct process *proc)
{
	for (size_t i = 0; i < p->adopters.nr; i++)
		if (glob_matches_comm(p->adopters.items[i], proc->comm))
			return true;
	for (size_t i = 0; proc->id.pid == 1 && builtin_waiters[i]; i++)
		if (strcmp(builtin_waiters[i], proc->comm) == 0)
			return true;
	return false;
}

bool policy_is_container_init(const struct process *proc)
{
	for (size_t i = 0; builtin_container_inits[i]; i++)
		if (strcmp(builtin_container_inits[i], proc->comm) == 0)
			return true;
	return false;
}
