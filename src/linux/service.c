/* SPDX-License-Identifier: MIT */
#include "linux/service.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/array.h"
#include "base/cleanup.h"
#include "linux/procfs.h"

/* What looking for an older process of its group came to. */
struct service_found {
	struct identity id;
	struct identity older; /* unset: there was none */
	uint64_t group;	       /* hash of the group's path */
};

/* As many as are remembered; a machine where more orphans stand in services looks anew. */
enum { REMEMBERED_MAX = 256 };

/* The path in a line "ID:CONTROLLERS:PATH" of a hierarchy that systemd names, or NULL. */
static const char *path_of(const char *line, size_t len)
{
	static const char *const names[] = { "0::", ":name=systemd:" };
	size_t digits = strspn(line, "0123456789");

	if (len > strlen(names[0]) && strncmp(line, names[0], strlen(names[0])) == 0)
		return line + strlen(names[0]);
	if (digits && len > digits + strlen(names[1]) &&
	    strncmp(line + digits, names[1], strlen(names[1])) == 0)
		return line + digits + strlen(names[1]);
	return NULL;
}

/* The last component of the @len bytes at @path that ends in `.service`, or NULL. */
static const char *last_service(const char *path, size_t len, size_t *ret_len)
{
	static const char ending[] = ".service";
	const size_t tail = sizeof(ending) - 1;

	while (len) {
		size_t from = len;

		while (from && path[from - 1] != '/')
			from--;
		if (len - from > tail && memcmp(path + len - tail, ending, tail) == 0) {
			*ret_len = len;
			return path + from;
		}
		len = from ? from - 1 : 0;
	}
	return NULL;
}

const char *service_parse(const char *text, size_t *ret_len, const char **ret_unit)
{
	const char *found = NULL;

	/* Where both hierarchies stand (older systems), systemd uses the one with a unit in it. */
	for (size_t len; *text && !found; text += len + (text[len] == '\n')) {
		const char *path;

		len = strcspn(text, "\n");
		path = path_of(text, len);
		if (path)
			*ret_unit = last_service(path, len - (size_t)(path - text), ret_len);
		if (path && *ret_unit)
			found = path;
	}
	return found;
}

/* FNV-1a; 0 stands for no group. */
static uint64_t hash_of(const char *path, size_t len)
{
	uint64_t hash = UINT64_C(14695981039346656037);

	for (size_t i = 0; i < len; i++)
		hash = (hash ^ (unsigned char)path[i]) * UINT64_C(1099511628211);
	return hash ? hash : 1;
}

/* The service's group that @pid is in, as a hash; 0: in none. 0 or -errno. @unit may be NULL. */
static int group_of(pid_t pid, struct filebuf *buf, uint64_t *ret_group, char *unit, size_t size)
{
	const char *path, *name;
	char file[40];
	size_t len;
	int r;

	snprintf(file, sizeof(file), "/proc/%d/cgroup", (int)pid);
	r = procfs_read(AT_FDCWD, file, buf);
	if (r < 0)
		return r;
	path = service_parse(buf->data, &len, &name);
	*ret_group = path ? hash_of(path, len) : 0;
	if (path && unit)
		snprintf(unit, size, "%.*s", (int)(len - (size_t)(name - path)), name);
	return 0;
}

/* Is @older alive, still the same, in that group, and not younger than @proc? 1, 0 or -errno. */
static int is_older(pid_t older, const struct process *proc, uint64_t group, struct filebuf *buf,
		    struct identity *ret_id)
{
	struct facts facts;
	uint64_t its;
	int r = group_of(older, buf, &its, NULL, 0);

	if (r == 0 && its == group)
		r = procfs_stat_pid(older, &facts);
	if (r == -ESRCH || r == -EACCES || r == -EPERM)
		return 0; /* ended, or another user's that is hidden from us */
	if (r < 0)
		return r;
	if (its != group || facts.state == 'Z' || facts.state == 'X' ||
	    facts.start_ticks > proc->id.start_ticks)
		return 0;
	*ret_id = (struct identity){ .pid = older, .start_ticks = facts.start_ticks };
	/* Within one tick of the clock the parent is the older one, and else the lower pid. */
	return facts.start_ticks < proc->id.start_ticks || older == proc->ppid ||
	       (facts.ppid != proc->id.pid && older < proc->id.pid);
}

/* 1: there is an older one, *ret_older; 0: there is none; -errno. */
static int find_older(const struct process *proc, uint64_t group, struct filebuf *buf,
		      struct identity *ret_older)
{
	struct listing list = { 0 };
	int r = 0;

	/* The parent mostly tells: what `systemd --user` adopted stands below its own unit. */
	if (proc->ppid > 0)
		r = is_older(proc->ppid, proc, group, buf, ret_older);
	if (r)
		return r;
	r = listing_read(&list);
	for (size_t i = 0; r == 0 && i < list.nr; i++)
		if (list.items[i].pid != proc->id.pid)
			r = is_older(list.items[i].pid, proc, group, buf, ret_older);
	listing_release(&list);
	return r;
}

static struct service_found *recall(const struct services *known, const struct identity *id)
{
	for (size_t i = 0; i < known->nr; i++)
		if (identity_equal(&known->items[i].id, id))
			return &known->items[i];
	return NULL;
}

/* Nothing is lost where there is no memory for it. */
static void remember(struct services *known, const struct service_found *found)
{
	struct service_found *item = recall(known, &found->id);

	if (!item && known->nr == REMEMBERED_MAX)
		item = &known->items[(size_t)found->id.pid % REMEMBERED_MAX];
	if (!item && ARRAY_GROW(known->items, known->nr, known->alloc) == 0)
		item = &known->items[known->nr++];
	if (item)
		*item = *found;
}

enum answer service_of(struct services *known, const struct process *proc, bool afresh, char *unit,
		       size_t size)
{
	struct service_found found = { .id = proc->id };
	const struct service_found *before;
	struct filebuf buf = { 0 };
	int r = group_of(proc->id.pid, &buf, &found.group, unit, size);
	bool mine = r == 0 && found.group && strncmp(unit, "app-", strlen("app-")) != 0;

	if (mine) {
		before = recall(known, &proc->id);
		if (before && before->group != found.group)
			before = NULL;
		/* One that was older is read again, which is cheap; all are only with @afresh. */
		if (before && identity_is_set(&before->older))
			r = is_older(before->older.pid, proc, found.group, &buf, &found.older);
		else if (before && !afresh)
			r = -EEXIST;
		if (r == 0)
			r = find_older(proc, found.group, &buf, &found.older);
		if (r == 0)
			found.older = (struct identity){ 0 };
		if (r >= 0)
			remember(known, &found);
		if (r == -EEXIST)
			r = 0;
	}
	filebuf_release(&buf);
	if (r < 0 && r != -ESRCH)
		return ANSWER_UNKNOWN;
	return mine && r == 0 ? ANSWER_YES : ANSWER_NO;
}

void services_release(struct services *known)
{
	free(known->items);
	*known = (struct services){ 0 };
}
