/* SPDX-License-Identifier: MIT */
#ifndef STRAY_CLI_CONFIG_H
#define STRAY_CLI_CONFIG_H

#include "base/strbuf.h"
#include "cli/options.h"
#include "stray/engine.h"
#include "tui/settings.h"

/*
 * The configuration in force: what is built in, then one file, then the command
 * line. Each value knows where it came from.
 */
struct origin {
	char *section; /* "sweep", "view", "app NAME" */
	char *key;
	char *where; /* "FILE:LINE" or "command line" */
};

struct config {
	struct policy *policy; /* one reference */
	struct engine_settings settings;
	struct view_settings view;
	struct strings disabled; /* names of built-in apps that the file takes away */
	char *file;		 /* the one that was read; NULL: none */
	size_t builtin_adopters; /* how many of policy.adopters are built in */
	struct origin *origins;	 /* of everything that is not built in */
	size_t nr_origins, alloc_origins;
};

/*
 * Read the configuration that @options ask for: --config, else the first of the
 * usual files that exists, and the options that are keys. 0 and *ret_config;
 * -EINVAL with one line in @error, `FILE:LINE: what` or about the option; or
 * -ENOMEM.
 */
int config_load(const struct options *options, struct config *ret_config, struct strbuf *error);

/*
 * The same from this file alone (NULL: none), without looking at the usual
 * places.
 */
int config_load_file(const char *file, const struct options *options, struct config *ret_config,
		     struct strbuf *error);
void config_release(struct config *config);

/* Where a value came from: "built-in", "FILE:LINE" or "command line". */
const char *config_origin(const struct config *config, const char *section, const char *key);

/*
 * Append the configuration in the form of the file, with the origin of each
 * value as a comment; read again it gives the same. 0 or -ENOMEM.
 */
int config_print(struct strbuf *sb, const struct config *config);

#endif
