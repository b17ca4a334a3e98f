/* SPDX-License-Identifier: MIT */
/* The apps of a policy, by name. */
#include "stray/policy.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"

static struct app *find_app(const struct policy *p, const char *name)
{
	for (size_t i = 0; i < p->nr_apps; i++)
		if (strcmp(p->apps[i].name, name) == 0)
			return &p->apps[i];
	return NULL;
}

struct app *policy_edit_app(struct policy *p, const char *name, const char *origin)
{
	struct app fresh, *app = find_app(p, name);

	if (app)
		return app;
	fresh = (struct app){ .name = strdup(name), .origin = strdup(origin) };
	if (!fresh.name || !fresh.origin || ARRAY_GROW(p->apps, p->nr_apps, p->alloc_apps) < 0) {
		app_clear(&fresh);
		return NULL;
	}
	app = &p->apps[p->nr_apps++];
	*app = fresh;
	return app;
}

struct app *policy_replace_app(struct policy *p, const char *name, const char *origin)
{
	struct app *app = policy_edit_app(p, name, origin);
	struct app fresh = { .name = strdup(name), .origin = strdup(origin) };

	if (!app || !fresh.name || !fresh.origin) {
		app_clear(&fresh);
		return NULL;
	}
	app_clear(app);
	*app = fresh;
	return app;
}

bool policy_remove_app(struct policy *p, const char *name)
{
	struct app *app = find_app(p, name);

	if (!app)
		return false;
	app_clear(app);
	p->nr_apps--;
	for (size_t i = (size_t)(app - p->apps); i < p->nr_apps; i++)
		p->apps[i] = p->apps[i + 1];
	return true;
}

const struct app *policy_find_app(const struct policy *p, const char *name)
{
	return find_app(p, name);
}
