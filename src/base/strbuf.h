/* SPDX-License-Identifier: MIT */
#ifndef BASE_STRBUF_H
#define BASE_STRBUF_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

/*
 * A string that grows. Invariants: buf is never NULL and buf[len] is NUL, so
 * buf can be printed at any time; it may hold NULs before that. When memory runs
 * out, `failed` is set, what was there stays, and everything added later is
 * dropped: check once, at the end.
 *
 * The one way to keep the buffer is strbuf_detach(); release the rest.
 */
struct strbuf {
	char *buf;
	size_t len, alloc; /* alloc 0: buf is the shared empty string */
	bool failed;
};

extern char strbuf_empty[1];
#define STRBUF_INIT                                                                                \
	{                                                                                          \
		.buf = strbuf_empty                                                                \
	}

void strbuf_release(struct strbuf *sb); /* empty again, usable again */
void strbuf_reset(struct strbuf *sb);	/* len = 0 and failed = false, memory stays */

/* Append. Out of memory is remembered in ->failed, and what follows is not appended. */
void strbuf_add(struct strbuf *sb, const void *data, size_t len);
void strbuf_addstr(struct strbuf *sb, const char *text);
void strbuf_addch(struct strbuf *sb, char c);
void strbuf_addchars(struct strbuf *sb, char c, size_t nr);
void strbuf_addf(struct strbuf *sb, const char *format, ...) __attribute__((format(printf, 2, 3)));
void strbuf_vaddf(struct strbuf *sb, const char *format, va_list args)
	__attribute__((format(printf, 2, 0)));

/* Room for @len more bytes behind buf + len. False: out of memory, failed is set. */
bool strbuf_reserve(struct strbuf *sb, size_t len);

/* Cut to @len, which must not be more than it has. */
void strbuf_truncate(struct strbuf *sb, size_t len);

/* The buffer, the caller's to free, or NULL if it failed. @sb is empty afterwards. */
char *strbuf_detach(struct strbuf *sb);

#endif
