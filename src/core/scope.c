/* SPDX-License-Identifier: MIT */
#include "stray/scope.h"

#include <fnmatch.h>
#include <string.h>

#include "base/cleanup.h"

bool scope_has(const struct scope *scope, const struct instance *inst)
{
	_cleanup_free_ char *id = NULL;

	if (scope->app && strcmp(scope->app, inst->app->name) != 0)
		return false;
	if (!scope->instance_glob)
		return true;
	/* Without memory nothing is inside: the narrowing must never widen. */
	id = strndup(inst->id.data, inst->id.len);
	return id && fnmatch(scope->instance_glob, id, 0) == 0;
}
