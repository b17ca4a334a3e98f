/* SPDX-License-Identifier: MIT */
#ifndef CLI_OUTPUT_H
#define CLI_OUTPUT_H

#include <stddef.h>

/*
 * Write @len bytes to the file @path, whole or not at all: to a temporary file
 * beside it, which is then renamed. A link is followed, so that what it points
 * to is replaced. What is there and no regular file (a terminal, a pipe,
 * /dev/null) is written to directly, and so is what stdout or stderr goes to
 * (/dev/stdout), or what stands there would be taken away. Mode 0666 less the umask, or that of the
 * file that was there. 0 or -errno; then what was there is untouched.
 */
int output_write_file(const char *path, const void *data, size_t len);

#endif
