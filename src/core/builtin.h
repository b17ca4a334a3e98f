/* SPDX-License-Identifier: MIT */
#ifndef CORE_BUILTIN_H
#define CORE_BUILTIN_H

#include "stray/policy.h"

/*
 * What is built in: tables, for policy_init(). A new app is one more row in builtin.c
 * and its paragraph in stray.conf(5).
 */
int builtin_add_apps(struct policy *p); /* 0 or -ENOMEM */

/* Globs of names; each list ends with NULL. */
extern const char *const builtin_adopters[];	    /* adopt orphans */
extern const char *const builtin_container_inits[]; /* were made to run one command */

#endif
