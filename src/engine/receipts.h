/* SPDX-License-Identifier: MIT */
#ifndef ENGINE_RECEIPTS_H
#define ENGINE_RECEIPTS_H

#include "stray/census.h"
#include "stray/source.h"

/*
 * Receipts: NAME.pid files in which a desktop notes the process groups of its
 * agents. Everything in them may be old, half written or planted.
 */

struct receipts_report {
	/* A receipt that was left alone, or a folder that cannot be read; may be NULL. */
	void (*warn)(void *ctx, const char *path, const char *what);
	void *ctx;
};

/*
 * The folder that @app's template names for the instance @id: %i is the id, a
 * leading ~ and ${HOME} the home, ${XDG_DATA_HOME} falls back to
 * ~/.local/share, every other ${VAR} must be set in @env. 0 and *ret_path
 * (heap, absolute), -ENOENT: the app writes none, -EINVAL: cannot be looked up,
 * -ENOMEM.
 */
int receipts_folder(const struct app *app, struct bytes id, struct bytes env, char **ret_path);

/* The same for an owner that is gone: out of the home of @uid and our own environment. */
int receipts_folder_of_user(const struct app *app, struct bytes id, uid_t uid, char **ret_path);

/*
 * The receipts of an instance with a live owner, for census_input.receipts:
 * looked up in the environment of @desktop, which must be in the pid namespace
 * @pid_ns (0: not known). What they name stands in @storage. *ret_path (may be NULL)
 * gets the folder, NULL if there is none.
 */
struct receipts receipts_read(struct arena *storage, const struct instance *inst,
			      const struct process *desktop, uint64_t pid_ns,
			      const struct receipts_report *report, char **ret_path);

/*
 * Remove the receipts in @path of an instance whose processes are all verified
 * to be gone: those that name a pid which nobody has. All others are left alone
 * and reported. How many were removed, or -errno.
 */
int receipts_remove(const char *path, uid_t uid, struct source *src,
		    const struct receipts_report *report);

#endif
