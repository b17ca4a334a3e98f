/* SPDX-License-Identifier: MIT */
#include "base/strbuf.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

char strbuf_empty[1];

void strbuf_release(struct strbuf *sb)
{
	if (sb->alloc)
		free(sb->buf);
	*sb = (struct strbuf)STRBUF_INIT;
}

void strbuf_reset(struct strbuf *sb)
{
	strbuf_truncate(sb, 0);
	sb->failed = false;
}

bool strbuf_reserve(struct strbuf *sb, size_t len)
{
	size_t need, alloc;
	char *buf;

	if (sb->failed)
		return false;
	if (len > SIZE_MAX / 4 - sb->len) {
		sb->failed = true;
		return false;
	}
	need = sb->len + len + 1;
	if (need <= sb->alloc)
		return true;
	alloc = sb->alloc + sb->alloc / 2;
	if (alloc < need)
		alloc = need < 64 ? 64 : need;
	buf = realloc(sb->alloc ? sb->buf : NULL, alloc);
	if (!buf) {
		sb->failed = true;
		return false;
	}
	sb->buf = buf;
	sb->alloc = alloc;
	sb->buf[sb->len] = '\0';
	return true;
}

void strbuf_truncate(struct strbuf *sb, size_t len)
{
	sb->len = len;
	if (sb->alloc)
		sb->buf[len] = '\0';
}

void strbuf_add(struct strbuf *sb, const void *data, size_t len)
{
	if (!len || !strbuf_reserve(sb, len))
		return;
	memcpy(sb->buf + sb->len, data, len);
	strbuf_truncate(sb, sb->len + len);
}

void strbuf_addstr(struct strbuf *sb, const char *text)
{
	strbuf_add(sb, text, strlen(text));
}

void strbuf_addch(struct strbuf *sb, char c)
{
	strbuf_add(sb, &c, 1);
}

void strbuf_addchars(struct strbuf *sb, char c, size_t nr)
{
	if (!nr || !strbuf_reserve(sb, nr))
		return;
	memset(sb->buf + sb->len, c, nr);
	strbuf_truncate(sb, sb->len + nr);
}

void strbuf_vaddf(struct strbuf *sb, const char *format, va_list args)
{
	va_list again;
	int len;

	va_copy(again, args);
	len = vsnprintf(NULL, 0, format, again);
	va_end(again);
	if (len < 0) {
		sb->failed = true;
		return;
	}
	if (!strbuf_reserve(sb, (size_t)len))
		return;
	vsnprintf(sb->buf + sb->len, (size_t)len + 1, format, args);
	sb->len += (size_t)len;
}

void strbuf_addf(struct strbuf *sb, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	strbuf_vaddf(sb, format, args);
	va_end(args);
}

char *strbuf_detach(struct strbuf *sb)
{
	char *buf = NULL;

	if (!sb->failed && strbuf_reserve(sb, 0)) {
		buf = sb->buf;
		*sb = (struct strbuf)STRBUF_INIT;
	}
	strbuf_release(sb);
	return buf;
}
