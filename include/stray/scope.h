/* SPDX-License-Identifier: MIT */
#ifndef STRAY_SCOPE_H
#define STRAY_SCOPE_H

#include "stray/census.h"

/* Which users' processes a face is about, and which instances of them. */
struct scope {
	uid_t uid;
	bool all_users;
	const char *instance_glob; /* fnmatch(3); NULL: all */
	const char *app;	   /* NULL: all */
};

/* Are the processes of @uid in the scope? */
static inline bool scope_has_user(const struct scope *scope, uid_t uid)
{
	return scope->all_users || uid == scope->uid;
}

/* Is the instance inside the narrowing of @scope (glob and app; not the user)? */
bool scope_has(const struct scope *scope, const struct instance *inst);

#endif
