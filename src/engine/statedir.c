/* SPDX-License-Identifier: MIT */
#include "engine/statedir.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/array.h"
#include "base/cleanup.h"
#include "base/escape.h"

/* Why the open folder @fd is no state folder of @uid: 0, or -errno and *ret_what. */
static int judge(int fd, uid_t uid, const char **ret_what)
{
	struct stat st;

	if (fstat(fd, &st) < 0) {
		*ret_what = "cannot be looked at";
		return -errno;
	}
	if (!S_ISDIR(st.st_mode)) {
		*ret_what = "not a directory";
		return -ENOTDIR;
	}
	if (st.st_uid != uid) {
		*ret_what = "belongs to another user";
		return -EPERM;
	}
	if ((st.st_mode & 0777) != 0700) {
		*ret_what = "its mode is not 0700";
		return -EPERM;
	}
	return 0;
}

static int open_folder(const char *path)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	return fd < 0 ? -errno : fd;
}

/*
 * A copy of @path without slashes and "/." at its end, behind which open(2) would follow
 * a link. NULL: out of memory.
 */
static char *without_tail(const char *path)
{
	size_t len = strlen(path);

	for (;;) {
		if (len > 1 && path[len - 1] == '/')
			len--;
		else if (len > 2 && path[len - 1] == '.' && path[len - 2] == '/')
			len--;
		else
			return strndup(path, len);
	}
}

/* Make @given where it is missing, and judge it. */
static int try_folder(const char *given, uid_t uid, const char **ret_what)
{
	_cleanup_free_ char *path = without_tail(given);
	_cleanup_close_ int fd = -1;
	bool made = path && mkdir(path, 0700) == 0;
	int make_error = made ? 0 : errno;

	if (!path) {
		*ret_what = strerror(ENOMEM);
		return -ENOMEM;
	}
	fd = open_folder(path);
	if (fd < 0) {
		int error = fd == -ENOENT && make_error ? -make_error : fd;

		*ret_what = error == -ELOOP || error == -ENOTDIR ? "not a directory, or a link"
								 : strerror(-error);
		return error;
	}
	/* The umask may have taken bits away from what we made. */
	if (made && fchmod(fd, 0700) < 0) {
		*ret_what = strerror(errno);
		return -errno;
	}
	return judge(fd, uid, ret_what);
}

static void warn_about(struct strbuf *warning, const char *path, const char *what, bool last)
{
	_cleanup_free_ char *shown = escaped_text(path);

	strbuf_addf(warning, "%scannot use '%s': %s%s", warning->len ? "; " : "",
		    shown ? shown : "?", what, last ? "" : ", ignoring");
}

int statedir_first(const char *const *paths, size_t nr, uid_t uid, char **ret_path,
		   char **ret_warning)
{
	_cleanup_strbuf_ struct strbuf warning = STRBUF_INIT;
	int r = -ENOENT;

	for (size_t i = 0; i < nr; i++) {
		const char *what = NULL;
		bool last = i + 1 == nr;

		if (paths[i][0] != '/') {
			r = -EINVAL;
			what = "not an absolute path";
		} else {
			r = try_folder(paths[i], uid, &what);
		}
		if (r == 0) {
			char *path = without_tail(paths[i]);

			if (!path || warning.failed) {
				free(path);
				*ret_warning = NULL;
				return -ENOMEM;
			}
			*ret_path = path;
			break;
		}
		/* A runtime folder that is not there is nothing to tell of. */
		if (last || r != -ENOENT)
			warn_about(&warning, paths[i], what, last);
	}
	*ret_warning = warning.len ? strbuf_detach(&warning) : NULL;
	return r;
}

int statedir_open(uid_t uid, char **ret_path, char **ret_warning)
{
	_cleanup_strbuf_ struct strbuf runtime = STRBUF_INIT;
	_cleanup_strbuf_ struct strbuf run_user = STRBUF_INIT;
	_cleanup_strbuf_ struct strbuf tmp = STRBUF_INIT;
	const char *own = getenv("STRAY_STATE_DIR");
	const char *xdg = getenv("XDG_RUNTIME_DIR");
	const char *paths[3];
	size_t nr = 0;

	if (own && own[0])
		return statedir_first(&own, 1, uid, ret_path, ret_warning);
	strbuf_addf(&runtime, "%s/stray", xdg ? xdg : "");
	strbuf_addf(&run_user, "/run/user/%lu/stray", (unsigned long)uid);
	strbuf_addf(&tmp, "/tmp/stray-%lu", (unsigned long)uid);
	if (runtime.failed || run_user.failed || tmp.failed) {
		*ret_warning = NULL;
		return -ENOMEM;
	}
	/* A relative XDG_RUNTIME_DIR is to be ignored (XDG base directories). */
	if (xdg && xdg[0] == '/')
		paths[nr++] = runtime.buf;
	if (nr == 0 || strcmp(runtime.buf, run_user.buf) != 0)
		paths[nr++] = run_user.buf;
	paths[nr++] = tmp.buf;
	return statedir_first(paths, nr, uid, ret_path, ret_warning);
}

int statedir_fd(const char *path)
{
	_cleanup_close_ int fd = open_folder(path);
	const char *what;
	int r;

	if (fd < 0)
		return fd;
	r = judge(fd, geteuid(), &what);
	return r < 0 ? r : take_fd(&fd);
}
