/* SPDX-License-Identifier: MIT */
#ifndef BASE_FILEIO_H
#define BASE_FILEIO_H

#include <stddef.h>

/* Whole reads and writes on a descriptor, past short counts and interrupts. */

/* Write all of @data. 0 or -errno of write(2); then a part of it may be written. */
int write_all(int fd, const void *data, size_t len);

/*
 * Read to the end of the file, at most @max bytes, into *ret_data: a heap buffer with
 * a NUL behind it, the caller's to free. 0; -EFBIG: it holds more; -ENOMEM; -errno of
 * read(2).
 */
int read_all(int fd, size_t max, char **ret_data, size_t *ret_len);

#endif
