/* SPDX-License-Identifier: MIT */
#include "engine/receipts.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/array.h"
#include "base/cleanup.h"
#include "base/strbuf.h"
#include "engine/receipt.h"

enum {
	RECEIPTS_MAX = 4096,	   /* files in one folder: with more, none is believed */
	USER_FILES_MAX = 4 * 4096, /* read for one user in one look */
	REMEMBER_S = 60,	   /* how long a folder may go unread, unchanged */
	SETTLED_S = 2,		   /* one that changed just now may change unseen */
};

/* --- what bounds the reading ------------------------------------------------------- */

struct receipts_user {
	uid_t uid;
	size_t files;
};

/* A folder as it was read. */
struct receipts_read_folder {
	char *path;
	dev_t dev;
	ino_t ino;
	int64_t mtime_ns, read_s;
	pid_t *pids;
	size_t nr;
};

static void folder_release(struct receipts_read_folder *folder)
{
	free(folder->path);
	free(folder->pids);
}

void receipts_cache_release(struct receipts_cache *cache)
{
	for (size_t i = 0; i < cache->nr_folders; i++)
		folder_release(&cache->folders[i]);
	free(cache->folders);
	free(cache->users);
	*cache = (struct receipts_cache){ 0 };
}

void receipts_cache_begin(struct receipts_cache *cache, bool quick, int64_t realtime_s)
{
	cache->quick = quick;
	cache->realtime_s = realtime_s;
	cache->nr_users = 0;
	for (size_t i = 0; i < cache->nr_folders;) {
		int64_t age = realtime_s - cache->folders[i].read_s;

		if (age >= 0 && age <= REMEMBER_S) {
			i++;
			continue;
		}
		folder_release(&cache->folders[i]);
		cache->folders[i] = cache->folders[--cache->nr_folders];
	}
}

/* May so many files more be read for that user? */
static bool take_files(struct receipts_cache *cache, uid_t uid, size_t nr)
{
	struct receipts_user *user = NULL;

	for (size_t i = 0; i < cache->nr_users && !user; i++)
		user = cache->users[i].uid == uid ? &cache->users[i] : NULL;
	if (!user) {
		if (ARRAY_GROW(cache->users, cache->nr_users, cache->alloc_users) < 0)
			return false;
		user = &cache->users[cache->nr_users++];
		*user = (struct receipts_user){ .uid = uid };
	}
	user->files += nr;
	return user->files <= USER_FILES_MAX;
}

static int64_t mtime_ns(const struct stat *st)
{
	return (int64_t)st->st_mtim.tv_sec * 1000000000 + st->st_mtim.tv_nsec;
}

static struct receipts_read_folder *find_folder(struct receipts_cache *cache, const char *path)
{
	for (size_t i = 0; i < cache->nr_folders; i++) {
		if (strcmp(cache->folders[i].path, path) == 0)
			return &cache->folders[i];
	}
	return NULL;
}

static bool is_unchanged(const struct receipts_cache *cache,
			 const struct receipts_read_folder *folder, const struct stat *st)
{
	return cache->quick && folder && folder->dev == st->st_dev && folder->ino == st->st_ino &&
	       folder->mtime_ns == mtime_ns(st);
}

/* --- one folder ---------------------------------------------------------------------- */

static void warn(const struct receipts_report *report, const char *folder, const char *name,
		 const char *what, bool ignored)
{
	struct strbuf path = STRBUF_INIT;

	if (!report || !report->warn)
		return;
	strbuf_addf(&path, "%s%s%s", folder, name ? "/" : "", name ? name : "");
	report->warn(report->ctx, path.buf, what, ignored);
	strbuf_release(&path);
}

/*
 * Open a folder of receipts: its stream, or NULL with errno. It must be a
 * directory of @uid itself; the way to it may lead over links, as homes do.
 */
static DIR *open_folder(const char *path, uid_t uid, struct stat *ret_st)
{
	_cleanup_close_ int fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	DIR *dir;

	if (fd < 0 || fstat(fd, ret_st) < 0)
		return NULL;
	if (ret_st->st_uid != uid) {
		errno = EPERM;
		return NULL;
	}
	dir = fdopendir(fd);
	if (dir)
		take_fd(&fd);
	return dir;
}

/* Is it a name without meaning: the folder itself, or a file that is being written? */
static bool says_nothing(const char *name)
{
	return name[0] == '.';
}

/* The names in the folder, at most RECEIPTS_MAX. 0, -E2BIG, or -errno. */
static int list_names(DIR *dir, struct strings *names)
{
	const struct dirent *entry;

	while ((errno = 0, entry = readdir(dir))) {
		if (says_nothing(entry->d_name))
			continue;
		if (names->nr >= RECEIPTS_MAX)
			return -E2BIG;
		if (strings_add(names, entry->d_name, strlen(entry->d_name)) < 0)
			return -ENOMEM;
	}
	return -errno;
}

struct pids {
	pid_t *items;
	size_t nr, alloc;
};

/* One file: 0, -ENOMEM, or -EBADMSG: what the desktop adopted is not known for it. */
static int collect_one(int dirfd, const char *path, const char *name, const struct instance *inst,
		       int64_t now_s, const struct receipts_report *report, struct pids *pids)
{
	struct receipt receipt = receipt_read(dirfd, name, inst->uid, inst->id, now_s);
	struct bytes of = { receipt.instance, strlen(receipt.instance) };

	switch (receipt.kind) {
	case RECEIPT_PID:
		if (ARRAY_GROW(pids->items, pids->nr, pids->alloc) < 0)
			return -ENOMEM;
		pids->items[pids->nr++] = receipt.pid;
		return 0;
	case RECEIPT_NOTHING:
		return 0;
	case RECEIPT_OLD:
		warn(report, path, name, receipt.what, true);
		return 0;
	case RECEIPT_FOREIGN:
		if (report && report->known && report->known(report->ctx, inst, of))
			return 0;
		receipt.what = "is of an instance that is not known";
		break;
	case RECEIPT_NOT_CLEAR:
		break;
	}
	warn(report, path, name, receipt.what, false);
	return -EBADMSG;
}

static int by_pid(const void *a, const void *b)
{
	pid_t x = *(const pid_t *)a, y = *(const pid_t *)b;

	return (x > y) - (x < y);
}

static void sort_unique(struct pids *pids)
{
	size_t kept = 0;

	if (pids->nr)
		qsort(pids->items, pids->nr, sizeof(*pids->items), by_pid);
	for (size_t i = 0; i < pids->nr; i++) {
		if (!kept || pids->items[kept - 1] != pids->items[i])
			pids->items[kept++] = pids->items[i];
	}
	pids->nr = kept;
}

/* Collect the pids of all receipts. 0, or -errno: not all of them are known. */
static int collect(DIR *dir, const char *path, struct receipts_cache *cache,
		   const struct instance *inst, const struct receipts_report *report,
		   struct pids *pids)
{
	struct strings names = { 0 };
	int r = list_names(dir, &names);

	if (r == 0 && !take_files(cache, inst->uid, names.nr))
		r = -EDQUOT;
	if (r < 0) {
		warn(report, path, NULL,
		     r == -E2BIG || r == -EDQUOT ? "holds too many receipts" : strerror(-r), false);
		strings_release(&names);
		return r;
	}
	for (size_t i = 0; i < names.nr; i++) {
		int one = collect_one(dirfd(dir), path, names.items[i], inst, cache->realtime_s,
				      report, pids);

		r = one < 0 ? one : r;
	}
	sort_unique(pids);
	strings_release(&names);
	return r;
}

/* Keep what was read of the folder, unless it may change without a new mtime. */
static void remember(struct receipts_cache *cache, const struct instance *inst, const char *path,
		     const struct stat *st, struct pids *pids)
{
	struct receipts_read_folder *folder = find_folder(cache, path);

	/* A folder that several instances share reads differently for each. */
	if (cache->realtime_s - (int64_t)st->st_mtim.tv_sec < SETTLED_S ||
	    !strstr(inst->app->receipts, "%i"))
		return;
	if (!folder) {
		char *copy = strdup(path);

		if (!copy ||
		    ARRAY_GROW(cache->folders, cache->nr_folders, cache->alloc_folders) < 0) {
			free(copy);
			return;
		}
		folder = &cache->folders[cache->nr_folders++];
		*folder = (struct receipts_read_folder){ .path = copy };
	}
	free(folder->pids);
	folder->pids = pids->items;
	folder->nr = pids->nr;
	folder->dev = st->st_dev;
	folder->ino = st->st_ino;
	folder->mtime_ns = mtime_ns(st);
	folder->read_s = cache->realtime_s;
	*pids = (struct pids){ 0 };
}

/* Copy the pids into @storage. NULL: out of memory. */
static const pid_t *store(struct arena *storage, const pid_t *pids, size_t nr)
{
	pid_t *copy = arena_alloc_array(storage, nr ? nr : 1, sizeof(*copy));

	if (copy && nr)
		memcpy(copy, pids, nr * sizeof(*copy));
	return copy;
}

static struct receipts result_of(struct arena *storage, const pid_t *pids, size_t nr)
{
	struct receipts receipts = { .state = RECEIPTS_FAILED };

	receipts.pids = store(storage, pids, nr);
	if (receipts.pids) {
		receipts.nr = nr;
		receipts.state = RECEIPTS_READ;
	}
	return receipts;
}

static struct receipts read_folder(struct arena *storage, struct receipts_cache *cache,
				   const struct instance *inst, const char *path,
				   const struct receipts_report *report)
{
	struct receipts receipts = { .state = RECEIPTS_FAILED };
	const struct receipts_read_folder *known = find_folder(cache, path);
	struct pids pids = { 0 };
	struct stat st;
	DIR *dir = open_folder(path, inst->uid, &st);

	if (!dir) {
		if (errno == ENOENT)
			receipts.state = RECEIPTS_NONE;
		else
			warn(report, path, NULL, strerror(errno), false);
		return receipts;
	}
	if (is_unchanged(cache, known, &st)) {
		receipts = result_of(storage, known->pids, known->nr);
	} else if (collect(dir, path, cache, inst, report, &pids) == 0) {
		receipts = result_of(storage, pids.items, pids.nr);
		remember(cache, inst, path, &st, &pids);
	}
	closedir(dir);
	free(pids.items);
	return receipts;
}

struct receipts receipts_read(struct arena *storage, struct receipts_cache *cache,
			      const struct instance *inst, const struct process *desktop,
			      uint64_t pid_ns, const struct receipts_report *report,
			      char **ret_path)
{
	struct receipts failed = { .state = RECEIPTS_FAILED };
	_cleanup_free_ char *path = NULL;
	struct receipts receipts;
	int r;

	if (ret_path)
		*ret_path = NULL;
	if (!inst->app->receipts)
		return (struct receipts){ .state = RECEIPTS_NONE };
	/* A desktop in a container has other paths than ours under the same names. */
	if (!desktop || desktop->environ_read != READ_DONE ||
	    (desktop->pid_ns && pid_ns && desktop->pid_ns != pid_ns))
		return failed;
	r = receipts_folder(inst->app, inst->id, desktop->environ, &path);
	if (r < 0)
		return failed;
	receipts = read_folder(storage, cache, inst, path, report);
	if (ret_path)
		*ret_path = TAKE_PTR(path);
	return receipts;
}

/* --- removing -------------------------------------------------------------------------- */

/* Has no process that pid? Only "there is none" and "it is dead" count, not "could not look". */
static bool is_free(struct source *src, pid_t pid)
{
	struct snapshot *s = NULL;
	const struct process *proc;
	int r = source_read(src, pid, &s);
	bool is = r == -ESRCH;

	if (r == 0) {
		proc = snapshot_find(s, pid);
		is = proc && proc->dead;
	}
	snapshot_unref(s);
	return is;
}

/* Remove it if it is still the very file that was judged. */
static bool remove_one(int dirfd, const char *name, const struct stat *judged)
{
	struct stat now;

	if (fstatat(dirfd, name, &now, AT_SYMLINK_NOFOLLOW) < 0 || now.st_ino != judged->st_ino ||
	    now.st_dev != judged->st_dev || now.st_mtim.tv_sec != judged->st_mtim.tv_sec ||
	    now.st_mtim.tv_nsec != judged->st_mtim.tv_nsec)
		return false;
	return unlinkat(dirfd, name, 0) == 0;
}

int receipts_remove(const char *path, const struct instance *inst, struct source *src,
		    const struct receipts_report *report)
{
	struct stat st;
	DIR *dir = open_folder(path, inst->uid, &st);
	struct strings names = { 0 };
	int64_t now_s = (int64_t)time(NULL);
	int removed = 0;

	if (!dir)
		return errno == ENOENT ? 0 : -errno;
	(void)list_names(dir, &names);
	for (size_t i = 0; i < names.nr; i++) {
		const char *name = names.items[i];
		struct receipt receipt;

		if (!receipt_is_name(name))
			continue;
		receipt = receipt_read(dirfd(dir), name, inst->uid, inst->id, now_s);
		if (receipt.kind == RECEIPT_PID && !is_free(src, receipt.pid))
			receipt.what = "names a process that is not of this instance";
		else if (receipt.kind == RECEIPT_PID && remove_one(dirfd(dir), name, &receipt.st))
			removed++;
		if (receipt.what)
			warn(report, path, name, receipt.what, true);
	}
	strings_release(&names);
	closedir(dir);
	return removed;
}
