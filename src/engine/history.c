/* SPDX-License-Identifier: MIT */
#include "stray/history.h"

#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <limits.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/array.h"
#include "base/bytes.h"
#include "base/cleanup.h"
#include "base/escape.h"
#include "base/fileio.h"
#include "engine/lock.h"

#define HISTORY_LOCK "history.lock"

enum { LOCK_TIMEOUT_MS = 2000 };

/* --- where -------------------------------------------------------------------------- */

/* The home by HOME, else by the user's entry. NULL: none. */
static const char *find_home(void)
{
	const char *home = getenv("HOME");
	const struct passwd *pw;

	if (home && home[0] == '/')
		return home;
	pw = getpwuid(geteuid());
	return pw && pw->pw_dir && pw->pw_dir[0] == '/' ? pw->pw_dir : NULL;
}

int history_dir(char **ret_path)
{
	const char *xdg = getenv("XDG_STATE_HOME"), *unit = getenv("STATE_DIRECTORY");
	const char *home;
	int n;

	if (xdg && xdg[0] == '/') {
		n = asprintf(ret_path, "%s/stray", xdg);
	} else if (unit && unit[0] == '/') {
		/* systemd(1) names several with colons between them. */
		n = asprintf(ret_path, "%.*s", (int)strcspn(unit, ":"), unit);
	} else {
		home = find_home();
		if (!home)
			return -ENOENT;
		n = asprintf(ret_path, "%s/.local/state/stray", home);
	}
	return n < 0 ? -ENOMEM : 0;
}

/* Make the folder and those above it. 0 or -errno. */
static int make_dirs(const char *dir)
{
	_cleanup_free_ char *path = strdup(dir);

	if (!path)
		return -ENOMEM;
	for (char *slash = strchr(path + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		if (mkdir(path, 0700) < 0 && errno != EEXIST)
			return -errno;
		*slash = '/';
	}
	return mkdir(path, 0700) < 0 && errno != EEXIST ? -errno : 0;
}

/* Open the folder. A descriptor or -errno. */
static int open_dir(const char *dir)
{
	int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	return fd < 0 ? -errno : fd;
}

/* --- writing -------------------------------------------------------------------------- */

static json_t *escaped_to_json(struct bytes text)
{
	_cleanup_free_ char *escaped = escaped_bytes(text);

	return escaped ? json_string(escaped) : NULL;
}

static json_t *time_to_json(int64_t realtime_ms)
{
	time_t seconds = (time_t)(realtime_ms / 1000);
	char text[64];
	struct tm tm;
	size_t len;

	if (!gmtime_r(&seconds, &tm))
		return json_null();
	len = strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%S", &tm);
	snprintf(text + len, sizeof(text) - len, ".%03dZ", (int)(realtime_ms % 1000));
	return json_string(text);
}

/* The line of @e with its end (heap), or NULL: out of memory. */
static char *encode(const struct history_entry *e)
{
	json_t *root = json_pack(
		"{s:o, s:I, s:s, s:I, s:o, s:o, s:I, s:I, s:s, s:I, s:o, s:s, s:s, s:s, s:o, s:I}",
		"time", time_to_json(e->realtime_ms), "time_ms", (json_int_t)e->realtime_ms, "face",
		e->face, "uid", (json_int_t)e->uid, "app", escaped_to_json(bytes_of(e->app)),
		"instance", escaped_to_json(e->instance), "pid", (json_int_t)e->process.pid,
		"start_ticks", (json_int_t)e->process.start_ticks, "boot_id", e->boot_id, "pid_ns",
		(json_int_t)e->pid_ns, "name", escaped_to_json(bytes_of(e->name)), "outcome",
		outcome_name(e->outcome), "owner", owner_state_name(e->owner), "evidence",
		owner_evidence_name(e->evidence), "orphan_age_s",
		e->orphan_age_ms < 0 ? json_null() : json_real((double)e->orphan_age_ms / 1000),
		"ticks", (json_int_t)e->ticks);
	_cleanup_free_ char *text = root ? json_dumps(root, JSON_COMPACT) : NULL;
	char *line = NULL;

	json_decref(root);
	return text && asprintf(&line, "%s\n", text) >= 0 ? line : NULL;
}

/* Open the file to append to: a regular one of ours. A descriptor or -errno. */
static int open_file(int dirfd, struct stat *ret_st)
{
	_cleanup_close_ int fd =
		openat(dirfd, HISTORY_NAME,
		       O_WRONLY | O_APPEND | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0600);

	if (fd < 0 || fstat(fd, ret_st) < 0)
		return -errno;
	if (!S_ISREG(ret_st->st_mode) || ret_st->st_uid != geteuid())
		return -EPERM;
	if ((ret_st->st_mode & 0777) != 0600 && fchmod(fd, 0600) < 0)
		return -errno;
	return take_fd(&fd);
}

/* Write one line; where it does not fit any more, the file becomes the older one first. */
static int append_line(int dirfd, const char *line, size_t len)
{
	struct stat st;
	_cleanup_close_ int fd = open_file(dirfd, &st);

	if (fd < 0)
		return fd;
	if (st.st_size && st.st_size + (off_t)len > HISTORY_MAX) {
		if (renameat(dirfd, HISTORY_NAME, dirfd, HISTORY_OLDER) < 0)
			return -errno;
		close(fd);
		fd = open_file(dirfd, &st);
		if (fd < 0)
			return fd;
	}
	return write_all(fd, line, len);
}

int history_append(const char *dir, const struct history_entry *entries, size_t nr)
{
	_cleanup_close_ int dirfd = -1, lock = -1;
	int r = make_dirs(dir);

	if (r < 0)
		return r;
	dirfd = open_dir(dir);
	if (dirfd < 0)
		return dirfd;
	r = lock_file(dirfd, HISTORY_LOCK, LOCK_TIMEOUT_MS, &lock);
	for (size_t i = 0; i < nr && r == 0; i++) {
		_cleanup_free_ char *line = encode(&entries[i]);

		r = line ? append_line(dirfd, line, strlen(line)) : -ENOMEM;
	}
	return r;
}

/* --- reading -------------------------------------------------------------------------- */

static int find_word(const char *word, const char *(*name)(int), int nr)
{
	for (int i = 0; word && i < nr; i++) {
		if (strcmp(word, name(i)) == 0)
			return i;
	}
	return -1;
}

static const char *outcome_word(int i)
{
	return outcome_name((enum outcome)i);
}

static const char *owner_word(int i)
{
	return owner_state_name((enum owner_state)i);
}

static const char *evidence_word(int i)
{
	return owner_evidence_name((enum owner_evidence)i);
}

static const char *text_of(const json_t *root, const char *key)
{
	return json_string_value(json_object_get(root, key));
}

static int64_t number_of(const json_t *root, const char *key)
{
	const json_t *value = json_object_get(root, key);

	return json_is_integer(value) ? json_integer_value(value) : -1;
}

/* What @root says; false: it is no entry. Strings belong to @root. */
static bool decode(const json_t *root, struct history_entry *e)
{
	int outcome = find_word(text_of(root, "outcome"), outcome_word, OUTCOME_NR);
	int owner = find_word(text_of(root, "owner"), owner_word, OWNER_GONE + 1);
	int evidence = find_word(text_of(root, "evidence"), evidence_word, EVIDENCE_HUNG_UP + 1);
	int64_t pid = number_of(root, "pid"), uid = number_of(root, "uid");
	const json_t *age = json_object_get(root, "orphan_age_s");

	*e = (struct history_entry){
		.realtime_ms = number_of(root, "time_ms"),
		.face = text_of(root, "face"),
		.uid = (uid_t)uid,
		.app = text_of(root, "app"),
		.process = { .pid = (pid_t)pid,
			     .start_ticks = (uint64_t)number_of(root, "start_ticks") },
		.boot_id = text_of(root, "boot_id"),
		.pid_ns = (uint64_t)number_of(root, "pid_ns"),
		.name = text_of(root, "name"),
		.outcome = (enum outcome)outcome,
		.owner = (enum owner_state)owner,
		.evidence = (enum owner_evidence)evidence,
		.orphan_age_ms =
			json_is_number(age) ? (int64_t)(json_number_value(age) * 1000 + 0.5) : -1,
		.ticks = (unsigned)number_of(root, "ticks"),
	};
	if (text_of(root, "instance"))
		e->instance = bytes_of(text_of(root, "instance"));
	return e->realtime_ms >= 0 && e->face && uid >= 0 && uid < UINT32_MAX && e->app &&
	       e->instance.len && pid > 0 && pid <= INT_MAX && e->boot_id && e->name &&
	       outcome >= 0 && owner >= 0 && evidence >= 0;
}

static int read_lines(const char *text, size_t len, history_fn fn, void *ctx, size_t *odd)
{
	int r = 0;

	while (len && r == 0) {
		const char *end = memchr(text, '\n', len);
		size_t line = end ? (size_t)(end - text) : len;
		json_t *root = json_loadb(text, line, JSON_REJECT_DUPLICATES, NULL);
		struct history_entry entry;

		/* The last line of a writer that was cut off is one that is not understood. */
		if (decode(root, &entry))
			r = fn(ctx, &entry, (struct bytes){ text, line });
		else
			++*odd;
		json_decref(root);
		text += line + (end != NULL);
		len -= line + (end != NULL);
	}
	return r;
}

static int read_one(int dirfd, const char *name, history_fn fn, void *ctx, size_t *odd)
{
	_cleanup_close_ int fd =
		openat(dirfd, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	_cleanup_free_ char *text = NULL;
	struct stat st;
	size_t len = 0;
	int r;

	if (fd < 0)
		return errno == ENOENT ? 0 : -errno;
	if (fstat(fd, &st) < 0)
		return -errno;
	if (!S_ISREG(st.st_mode))
		return -EINVAL;
	r = read_all(fd, 2 * HISTORY_MAX, &text, &len);
	return r < 0 ? r : read_lines(text, len, fn, ctx, odd);
}

int history_read(const char *dir, history_fn fn, void *ctx, size_t *ret_odd)
{
	static const char *const names[] = { HISTORY_OLDER, HISTORY_NAME };
	_cleanup_close_ int dirfd = open_dir(dir);
	size_t odd = 0;
	int r = 0;

	if (dirfd < 0 && dirfd != -ENOENT)
		return dirfd;
	for (size_t i = 0; i < ARRAY_SIZE(names) && r == 0 && dirfd >= 0; i++)
		r = read_one(dirfd, names[i], fn, ctx, &odd);
	if (ret_odd)
		*ret_odd = odd;
	return r;
}
