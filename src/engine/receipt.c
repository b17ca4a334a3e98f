/* SPDX-License-Identifier: MIT */
#include "engine/receipt.h"

#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/cleanup.h"
#include "base/fileio.h"
#include "base/parse.h"

enum {
	RECEIPT_SIZE_MAX = 16 * 1024,
	EMPTY_OLD_S = 60 * 60, /* one that is empty for so long is not being written */
};

static bool has_suffix(const char *name, const char *suffix)
{
	size_t len = strlen(name), end = strlen(suffix);

	return len > end && strcmp(name + len - end, suffix) == 0;
}

bool receipt_is_name(const char *name)
{
	return name[0] != '.' && (has_suffix(name, ".pid") || has_suffix(name, ".json"));
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* "4711", with blanks around it at most. False: it is something else. */
static bool text_pid(const char *text, size_t len, pid_t *ret_pid)
{
	uint64_t pid = 0;
	size_t digits;

	for (; len && is_blank(text[len - 1]); len--)
		;
	for (; len && is_blank(text[0]); len--)
		text++;
	digits = parse_digits(text, len, INT_MAX, &pid);
	if (!digits || digits != len || pid <= 1)
		return false;
	*ret_pid = (pid_t)pid;
	return true;
}

/* Take the pid out of the JSON @text, and look which instance it says it is of. */
static void parse_json(const char *text, size_t len, struct bytes id, struct receipt *ret)
{
	json_t *root = json_loadb(text, len, JSON_REJECT_DUPLICATES, NULL);
	const json_t *pid = json_object_get(root, "pid");
	const json_t *of = json_object_get(root, "desktopInstanceId");

	ret->kind = RECEIPT_NOT_CLEAR;
	if (!json_is_object(root)) {
		ret->what = "is not understood";
	} else if (!json_is_integer(pid) || json_integer_value(pid) <= 1 ||
		   json_integer_value(pid) > INT_MAX) {
		ret->what = "holds no pid";
	} else if (of && !json_is_string(of)) {
		ret->what = "is not understood";
	} else if (of && !(json_string_length(of) == id.len &&
			   memcmp(json_string_value(of), id.data, id.len) == 0)) {
		ret->kind = RECEIPT_FOREIGN;
		strncpy(ret->instance, json_string_value(of), sizeof(ret->instance) - 1);
	} else {
		ret->kind = RECEIPT_PID;
		ret->pid = (pid_t)json_integer_value(pid);
	}
	json_decref(root);
}

static void parse(const char *name, const char *text, size_t len, struct bytes id,
		  struct receipt *ret)
{
	if (has_suffix(name, ".json")) {
		parse_json(text, len, id, ret);
	} else if (text_pid(text, len, &ret->pid)) {
		ret->kind = RECEIPT_PID;
	} else {
		ret->what = "holds no pid";
	}
}

/* What is odd about the open file, before it is read; NULL: nothing. */
static const char *why_not(const struct stat *st, uid_t uid)
{
	if (!S_ISREG(st->st_mode))
		return "is not a file";
	if (st->st_uid != uid)
		return "belongs to another user";
	return st->st_size > RECEIPT_SIZE_MAX ? "is too large" : NULL;
}

struct receipt receipt_read(int dirfd, const char *name, uid_t uid, struct bytes id, int64_t now_s)
{
	struct receipt ret = { .kind = RECEIPT_NOT_CLEAR, .what = "cannot be read" };
	_cleanup_close_ int fd =
		openat(dirfd, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	_cleanup_free_ char *text = NULL;
	size_t len = 0;

	if (fd < 0) {
		if (errno == ELOOP)
			ret.what = "is a link";
		if (errno == ENOENT)
			ret = (struct receipt){ .kind = RECEIPT_NOTHING };
		return ret;
	}
	if (fstat(fd, &ret.st) < 0)
		return ret;
	ret.what = why_not(&ret.st, uid);
	if (ret.what)
		return ret;
	ret.what = "is no receipt";
	if (!receipt_is_name(name))
		return ret;
	ret.what = "cannot be read";
	if (read_all(fd, RECEIPT_SIZE_MAX, &text, &len) < 0)
		return ret;
	ret.what = NULL;
	if (!len) {
		bool old = now_s - (int64_t)ret.st.st_mtim.tv_sec > EMPTY_OLD_S;

		ret.kind = old ? RECEIPT_OLD : RECEIPT_NOT_CLEAR;
		ret.what = old ? "is empty and old, so it names no process" : "is empty";
		return ret;
	}
	parse(name, text, len, id, &ret);
	return ret;
}
