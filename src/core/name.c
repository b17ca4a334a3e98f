/* SPDX-License-Identifier: MIT */
#include "core/name.h"

#include <fnmatch.h>
#include <string.h>

#include "base/array.h"
#include "base/bytes.h"

static struct bytes base_name(struct bytes path)
{
	const char *slash = path.len ? memrchr(path.data, '/', path.len) : NULL;

	if (!slash)
		return path;
	return (struct bytes){ slash + 1, (size_t)(path.data + path.len - slash - 1) };
}

struct bytes path_of_exe(const struct process *proc)
{
	static const char deleted[] = " (deleted)";
	const size_t len = sizeof(deleted) - 1;
	struct bytes path = bytes_of(proc->exe ? proc->exe : "");

	/* Not without a name before it. */
	if (path.len > len && path.data[path.len - len - 1] != '/' &&
	    memcmp(path.data + path.len - len, deleted, len) == 0)
		path.len -= len;
	return path;
}

struct bytes name_of_exe(const struct process *proc)
{
	return base_name(path_of_exe(proc));
}

struct bytes name_of_argv0(const struct process *proc)
{
	if (!proc->args.len)
		return (struct bytes){ "", 0 };
	return base_name(
		(struct bytes){ proc->args.data, strnlen(proc->args.data, proc->args.len) });
}

bool args_next(struct bytes args, size_t *offset, struct bytes *ret)
{
	if (*offset >= args.len)
		return false;
	*ret = (struct bytes){ args.data + *offset,
			       strnlen(args.data + *offset, args.len - *offset) };
	*offset += ret->len + 1;
	return true;
}

/* --- globs ------------------------------------------------------------------------ */

enum { GLOB_TEXT_MAX = 4096 };

static const char glob_special[] = "*?[\\";

/*
 * Does @text hold the first plain piece of the glob, as each text that matches does? The
 * names of each process are held against every rule, and fnmatch(3) is slow.
 */
static bool holds_first_piece(const char *glob, struct bytes text)
{
	size_t len = 0;

	if (glob[0] != text.data[0] && !strchr(glob_special, glob[0]))
		return false;
	while (*glob == '*')
		glob++;
	while (glob[len] && !strchr(glob_special, glob[len]))
		len++;
	return !len || memmem(text.data, text.len, glob, len);
}

bool glob_matches(const char *glob, struct bytes text)
{
	char copy[GLOB_TEXT_MAX];

	if (!text.len || text.len >= sizeof(copy))
		return false;
	if (!holds_first_piece(glob, text) || memchr(text.data, '\0', text.len))
		return false;
	memcpy(copy, text.data, text.len);
	copy[text.len] = '\0';
	return fnmatch(glob, copy, 0) == 0;
}

/* Does the glob begin as @comm does, as far as its first special byte or its last star? */
static bool matches_cut(const char *glob, const char *comm)
{
	const char *star = strrchr(glob, '*');
	char begin[256];
	size_t len;

	if (!strpbrk(glob, glob_special))
		return strncmp(glob, comm, COMM_MAX) == 0;
	/* "init(*)" of "init(Ubuntu-24.04)": what stands behind the star was cut away. */
	len = star ? (size_t)(star - glob) + 1 : 0;
	if (!len || len >= sizeof(begin))
		return false;
	memcpy(begin, glob, len);
	begin[len] = '\0';
	return fnmatch(begin, comm, 0) == 0;
}

bool glob_matches_comm(const char *glob, const char *comm)
{
	struct bytes name = bytes_of(comm);

	/* A shell that names itself by `echo NAME >/proc/self/comm` has that in its name. */
	if (name.len && comm[name.len - 1] == '\n')
		name.len--;
	if (glob_matches(glob, name))
		return true;
	return strlen(comm) == COMM_MAX && matches_cut(glob, comm);
}

/* --- scripts ---------------------------------------------------------------------- */

/*
 * Programs that run a script, and what of their options matters: those that a value
 * follows in the next argument, and those that hold the program itself, so that there
 * is no script.
 */
static const struct interpreter {
	const char *glob;
	const char *valued[10];
	const char *code[5];
} interpreters[] = {
	{ "node",
	  { "-r", "--require", "--import", "--loader", "--experimental-loader", "-C",
	    "--conditions", "--env-file", "--title" },
	  { "-e", "--eval", "-p", "--print", "-pe" } },
	{ "nodejs",
	  { "-r", "--require", "--import", "--loader" },
	  { "-e", "--eval", "-p", "--print" } },
	{ "bun", { "-r", "--preload", "--cwd" }, { "-e", "--eval", "-p", "--print" } },
	{ "deno", { "-c", "--config" }, { "eval" } },
	{ "python*", { "-W", "-X" }, { "-c" } },
	{ "ruby", { "-I", "-r", "-C", "-E" }, { "-e" } },
	{ "perl", { "-I" }, { "-e", "-E" } },
	{ "java",
	  { "-cp", "-classpath", "--class-path", "-p", "--module-path", "--add-modules",
	    "--add-opens", "--add-exports" },
	  { NULL } },
};

static const char *const script_suffixes[] = { ".js", ".mjs", ".cjs", ".py", ".rb", ".pl", ".jar" };

static const struct interpreter *by_name(struct bytes name)
{
	for (size_t i = 0; i < ARRAY_SIZE(interpreters); i++)
		if (glob_matches(interpreters[i].glob, name))
			return &interpreters[i];
	return NULL;
}

static const struct interpreter *find_interpreter(const struct process *proc)
{
	const struct interpreter *found = by_name(name_of_exe(proc));

	if (!found)
		found = by_name(bytes_of(proc->comm));
	return found ? found : by_name(name_of_argv0(proc));
}

bool name_is_interpreter(struct bytes name)
{
	return by_name(name) != NULL;
}

static bool is_one_of(const char *const *list, size_t nr, struct bytes text)
{
	for (size_t i = 0; i < nr && list[i]; i++)
		if (bytes_is(text, list[i]))
			return true;
	return false;
}

static struct bytes without_suffix(struct bytes name)
{
	for (size_t i = 0; i < ARRAY_SIZE(script_suffixes); i++) {
		size_t len = strlen(script_suffixes[i]);

		if (name.len > len &&
		    memcmp(name.data + name.len - len, script_suffixes[i], len) == 0)
			return (struct bytes){ name.data, name.len - len };
	}
	return name;
}

struct bytes name_of_script(const struct process *proc)
{
	const struct bytes none = { "", 0 };
	const struct interpreter *in;
	struct bytes arg;
	size_t at = 0;

	if (!args_next(proc->args, &at, &arg) || at >= proc->args.len)
		return none;
	in = find_interpreter(proc);
	while (in && args_next(proc->args, &at, &arg)) {
		if (is_one_of(in->code, ARRAY_SIZE(in->code), arg) || bytes_is(arg, "-"))
			return none;
		if (is_one_of(in->valued, ARRAY_SIZE(in->valued), arg)) {
			args_next(proc->args, &at, &arg);
			continue;
		}
		/* Empty ones are what a title that was written over the arguments has left. */
		if (arg.len && arg.data[0] != '-')
			return without_suffix(base_name(arg));
	}
	return none;
}
