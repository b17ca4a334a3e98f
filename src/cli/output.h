/* SPDX-License-Identifier: MIT */
#ifndef CLI_OUTPUT_H
#define CLI_OUTPUT_H

#include <stdbool.h>
#include <stddef.h>

/*
 * Write @len bytes to the file @path, whole or not at all: to a temporary file
 * beside it, which is then renamed. A link is followed, so that what it points
 * to is replaced. What is there and no regular file (a terminal, a pipe,
 * /dev/null) is written to directly, and so is what stdout or stderr goes to
 * (/dev/stdout), or what stands there would be taken away. A file that nothing can
 * take the place of (a mount of its own, a folder where no file may be made) is written
 * over as it stands, and *ret_in_place is set. Mode 0666 less the umask, or that of the
 * file that was there. 0 or -errno.
 */
int output_write_file(const char *path, const void *data, size_t len, bool *ret_in_place);

/* For output_write_until(): what is not taken at once is given up. */
enum { OUTPUT_NOW = -2 };

/*
 * Write @len bytes to @fd; where it does not take any (a pipe that is not read), only
 * until @stop_fd (-1: none) polls readable. 0, -EINTR after that, or -errno.
 */
int output_write_until(int fd, int stop_fd, const void *data, size_t len);

#endif
