/* SPDX-License-Identifier: MIT */
#ifndef ENGINE_RECEIPTS_H
#define ENGINE_RECEIPTS_H

#include "stray/census.h"
#include "stray/source.h"

/*
 * The folder of receipts (receipt.h) in which a desktop notes the processes of its
 * agents. What cannot be understood in it proves nothing: then it is not known what the
 * desktop has adopted.
 */

struct receipts_report {
	/*
	 * Something odd: a file or a folder, and what about it. @ignored: it changes
	 * nothing; else what the desktop adopted is not known for it. May be NULL.
	 */
	void (*warn)(void *ctx, const char *path, const char *what, bool ignored);
	/* Is there an instance @id of that app and user? May be NULL: there is none. */
	bool (*known)(void *ctx, const struct instance *inst, struct bytes id);
	void *ctx;
};

/*
 * What bounds the reading: of one look, so many files of one user; and a folder that has
 * not changed need not be read again on a quick one. All zero is an empty one. Not for
 * two threads at a time.
 */
struct receipts_cache {
	struct receipts_user *users;
	size_t nr_users, alloc_users;
	struct receipts_read_folder *folders;
	size_t nr_folders, alloc_folders;
	bool quick;	    /* folders that have not changed may be remembered */
	int64_t realtime_s; /* CLOCK_REALTIME of this look */
};

/* Begin a look. */
void receipts_cache_begin(struct receipts_cache *cache, bool quick, int64_t realtime_s);
void receipts_cache_release(struct receipts_cache *cache);

/*
 * The folder that @app's template names for the instance @id: %i is the id, a
 * leading ~ and ${HOME} the home, ${XDG_DATA_HOME} falls back to
 * ~/.local/share, every other ${VAR} must be set in @env. 0 and *ret_path
 * (heap, absolute), -ENOENT: the app writes none, -EINVAL: cannot be looked up,
 * -ENOMEM.
 */
int receipts_folder(const struct app *app, struct bytes id, struct bytes env, char **ret_path);

/*
 * The folder that a template names, likewise: ${XDG_CONFIG_HOME}, ${XDG_CACHE_HOME} and
 * ${XDG_STATE_HOME} have their defaults below the home, too. 0, -EINVAL or -ENOMEM.
 */
int receipts_expand(const char *template, struct bytes id, struct bytes env, char **ret_path);

/* The same for an owner that is gone: out of the home of @uid and our own environment. */
int receipts_folder_of_user(const struct app *app, struct bytes id, uid_t uid, char **ret_path);

/*
 * Read the receipts of an instance with a live owner, for census_input.receipts:
 * looked up in the environment of @desktop, which must be in the pid namespace
 * @pid_ns (0: not known). What they name stands in @storage, each once, in order.
 * *ret_path (may be NULL) gets the folder, NULL if there is none.
 */
struct receipts receipts_read(struct arena *storage, struct receipts_cache *cache,
			      const struct instance *inst, const struct process *desktop,
			      uint64_t pid_ns, const struct receipts_report *report,
			      char **ret_path);

/*
 * Remove those receipts in @path of @inst that name a pid which no process has. All
 * processes of @inst must be verified to be gone. All other receipts are left alone and
 * reported. How many were removed, or -errno.
 */
int receipts_remove(const char *path, const struct instance *inst, struct source *src,
		    const struct receipts_report *report);

#endif
