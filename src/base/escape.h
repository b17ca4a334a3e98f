/* SPDX-License-Identifier: MIT */
#ifndef BASE_ESCAPE_H
#define BASE_ESCAPE_H

#include <stdbool.h>

#include "base/bytes.h"
#include "base/strbuf.h"

/*
 * The one way by which bytes of another process reach an output. What could
 * drive a terminal, reorder a line, hide, or is no UTF-8 becomes `\xHH`, byte
 * by byte: C0 and C1 controls, DEL, bidirectional controls, line and paragraph
 * separators, invisible format characters, noncharacters, and every byte that
 * is not part of a well-formed UTF-8 sequence. A backslash stays as it is, so
 * that escaping twice changes nothing.
 *
 * What comes out is one line of well-formed UTF-8, and so may stand in JSON
 * and, after their own quoting, in XML and other formats.
 */

/* Append @text escaped. An allocation that fails shows in @sb. */
void escape_append(struct strbuf *sb, struct bytes text);

/* The same of a C string; NULL appends nothing. */
void escape_text(struct strbuf *sb, const char *text);

/* Escaped, on the heap. NULL: out of memory. */
char *escaped_bytes(struct bytes text);
char *escaped_text(const char *text);

/*
 * The same for an output that is not known to take UTF-8: with @utf8 false every
 * byte above 0x7f is escaped too (0x9b alone begins a control sequence there).
 */
void escape_append_as(struct strbuf *sb, struct bytes text, bool utf8);

/*
 * Append a command line: the NULs between the arguments become blanks, and one
 * at the end nothing.
 */
void escape_args(struct strbuf *sb, struct bytes args, bool utf8);

/*
 * Decode one UTF-8 sequence at the start of @text. Returns its length, 1 to 4,
 * and *ret_code; 0 if it is not well-formed (overlong, surrogate, above
 * U+10FFFF, cut off) or @text is empty.
 */
size_t utf8_decode(struct bytes text, unsigned *ret_code);

/*
 * Columns that escaped text takes: by wcwidth(3), and one for a character that
 * the locale does not know.
 */
size_t text_width(const char *text, size_t len);

/*
 * How many bytes of escaped @text fit into @columns, whole characters only.
 * *ret_width, if not NULL: the columns that these take.
 */
size_t text_fit(const char *text, size_t len, size_t columns, size_t *ret_width);

#endif
