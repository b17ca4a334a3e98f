/* SPDX-License-Identifier: MIT */
#include "cli/exec.h"

#include <elf.h>
#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <link.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"

/* What the C library uses where PATH is not set. */
static const char default_path[] = "/bin:/usr/bin";

/* 0, -ENOENT (there is no such file, or it is a folder), or -EACCES (not executable). */
static int may_run(const char *file)
{
	struct stat st;

	if (stat(file, &st) < 0 || S_ISDIR(st.st_mode))
		return -ENOENT;
	return faccessat(AT_FDCWD, file, X_OK, AT_EACCESS) < 0 ? -EACCES : 0;
}

int exec_find(const char *name, const char *path, char *ret_file)
{
	int found = -ENOENT;

	if (strchr(name, '/')) {
		if (snprintf(ret_file, PATH_MAX, "%s", name) >= PATH_MAX)
			return -ENAMETOOLONG;
		return 0;
	}
	path = path ?: default_path;
	for (const char *end;; path = end + 1) {
		int len, r;

		end = strchrnul(path, ':');
		/* An empty element is the folder that we are in. */
		len = snprintf(ret_file, PATH_MAX, "%.*s%s%s", (int)(end - path), path,
			       end > path ? "/" : "./", name);
		r = len < PATH_MAX ? may_run(ret_file) : -ENOENT;
		if (r == 0)
			return 0;
		if (r == -EACCES)
			found = r;
		if (!*end)
			return found;
	}
}

int exec_status(int error)
{
	return error == ENOENT || error == ENOTDIR ? 127 : 126;
}

/* The header of this very program, as the linker names it. */
extern const ElfW(Ehdr) __ehdr_start __attribute__((visibility("hidden")));

/* Is a program with these first bytes for the machine, word size and byte order that we run on? */
static bool is_of_this_machine(const unsigned char *ident, uint16_t machine)
{
	return memcmp(__ehdr_start.e_ident, ident, EI_DATA + 1) == 0 &&
	       __ehdr_start.e_machine == machine;
}

/* ENOEXEC: what is it instead? */
static const char *what_it_is(const char *file)
{
	_cleanup_close_ int fd = open(file, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	/* e_machine stands at the same place in both word sizes. */
	unsigned char head[20] = { 0 };
	ssize_t n = fd < 0 ? -1 : read(fd, head, sizeof(head));
	uint16_t machine;

	if (n == 0)
		return "it is empty";
	if (n < (ssize_t)sizeof(head) || memcmp(head, ELFMAG, SELFMAG) != 0)
		return "it is neither a program nor a script that begins with #!";
	memcpy(&machine, head + 18, sizeof(machine));
	machine = head[EI_DATA] == ELFDATA2MSB ? be16toh(machine) : le16toh(machine);
	return is_of_this_machine(head, machine) ? "it is a damaged program"
						 : "it is a program of another architecture";
}

void exec_reason(struct strbuf *sb, const char *file, int error)
{
	strbuf_addstr(sb, strerror(error));
	if (error == ENOEXEC)
		strbuf_addf(sb, ", %s", what_it_is(file));
	else if (error == ENOENT && strchr(file, '/') && may_run(file) == 0)
		strbuf_addstr(sb, ": the interpreter that it names is not there");
}
