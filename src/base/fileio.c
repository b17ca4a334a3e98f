/* SPDX-License-Identifier: MIT */
#include "base/fileio.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/cleanup.h"

int write_all(int fd, const void *data, size_t len)
{
	const char *at = data;

	while (len) {
		ssize_t n = write(fd, at, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		at += n;
		len -= (size_t)n;
	}
	return 0;
}

int read_all(int fd, size_t max, char **ret_data, size_t *ret_len)
{
	_cleanup_strbuf_ struct strbuf sb = STRBUF_INIT;
	ssize_t n;

	for (;;) {
		if (!strbuf_reserve(&sb, 4096))
			return -ENOMEM;
		n = read(fd, sb.buf + sb.len, 4096);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		if (!n)
			break;
		strbuf_truncate(&sb, sb.len + (size_t)n);
		if (sb.len > max)
			return -EFBIG;
	}
	if (!strbuf_reserve(&sb, 1))
		return -ENOMEM;
	*ret_len = sb.len;
	*ret_data = strbuf_detach(&sb);
	return 0;
}
