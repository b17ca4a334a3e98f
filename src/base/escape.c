/* SPDX-License-Identifier: MIT */
#include "base/escape.h"

#include <string.h>
#include <wchar.h>

#include "base/array.h"

/* Characters that a reader does not see, or that move others; beside the controls. */
static const struct {
	unsigned first, last;
} unseen[] = {
	{ 0x00ad, 0x00ad },   /* soft hyphen */
	{ 0x034f, 0x034f },   /* combining grapheme joiner */
	{ 0x061c, 0x061c },   /* Arabic letter mark */
	{ 0x115f, 0x1160 },   /* Hangul fillers */
	{ 0x17b4, 0x17b5 },   /* Khmer inherent vowels */
	{ 0x180b, 0x180f },   /* Mongolian selectors */
	{ 0x200b, 0x200f },   /* zero width, left-to-right and right-to-left marks */
	{ 0x2028, 0x202e },   /* separators, embeddings and overrides */
	{ 0x2060, 0x206f },   /* invisible operators, isolates */
	{ 0x3164, 0x3164 },   /* Hangul filler */
	{ 0xfdd0, 0xfdef },   /* noncharacters */
	{ 0xfe00, 0xfe0f },   /* variation selectors */
	{ 0xfeff, 0xfeff },   /* byte order mark */
	{ 0xffa0, 0xffa0 },   /* halfwidth Hangul filler */
	{ 0xfff0, 0xfffb },   /* interlinear annotation */
	{ 0xfffe, 0xffff },   /* noncharacters, which XML forbids */
	{ 0xe0000, 0xe0fff }, /* tags, further selectors */
};

static bool is_shown(unsigned code)
{
	if (code < 0x20 || (code >= 0x7f && code < 0xa0))
		return false;
	if (code < 0xa0)
		return true;
	if ((code & 0xfffe) == 0xfffe)
		return false;
	for (size_t i = 0; i < ARRAY_SIZE(unseen); i++)
		if (code >= unseen[i].first && code <= unseen[i].last)
			return false;
	return true;
}

/* The first byte says how long it is and which second bytes it may have (Unicode, table 3-7). */
static const struct utf8_row {
	unsigned char first, last;  /* of the first byte */
	unsigned char second, upto; /* of the second */
	unsigned char len, mask;
} utf8_rows[] = {
	{ 0xc2, 0xdf, 0x80, 0xbf, 2, 0x1f }, { 0xe0, 0xe0, 0xa0, 0xbf, 3, 0x0f },
	{ 0xe1, 0xec, 0x80, 0xbf, 3, 0x0f }, { 0xed, 0xed, 0x80, 0x9f, 3, 0x0f },
	{ 0xee, 0xef, 0x80, 0xbf, 3, 0x0f }, { 0xf0, 0xf0, 0x90, 0xbf, 4, 0x07 },
	{ 0xf1, 0xf3, 0x80, 0xbf, 4, 0x07 }, { 0xf4, 0xf4, 0x80, 0x8f, 4, 0x07 },
};

static const struct utf8_row *utf8_row(unsigned char first)
{
	for (size_t i = 0; i < ARRAY_SIZE(utf8_rows); i++)
		if (first >= utf8_rows[i].first && first <= utf8_rows[i].last)
			return &utf8_rows[i];
	return NULL;
}

size_t utf8_decode(struct bytes text, unsigned *ret_code)
{
	const unsigned char *p = (const unsigned char *)text.data;
	const struct utf8_row *row;
	unsigned code;

	if (!text.len)
		return 0;
	if (p[0] < 0x80) {
		*ret_code = p[0];
		return 1;
	}
	row = utf8_row(p[0]);
	if (!row || text.len < row->len || p[1] < row->second || p[1] > row->upto)
		return 0;
	code = p[0] & row->mask;
	for (size_t i = 1; i < row->len; i++) {
		if ((p[i] & 0xc0) != 0x80)
			return 0;
		code = code << 6 | (p[i] & 0x3f);
	}
	*ret_code = code;
	return row->len;
}

static void append_hex(struct strbuf *sb, const char *data, size_t len)
{
	for (size_t i = 0; i < len; i++)
		strbuf_addf(sb, "\\x%02x", (unsigned char)data[i]);
}

void escape_append_as(struct strbuf *sb, struct bytes text, bool utf8)
{
	size_t from = 0, at = 0; /* [from, at) goes out as it is */

	while (at < text.len) {
		unsigned code = 0;
		size_t len = utf8_decode((struct bytes){ text.data + at, text.len - at }, &code);

		if (len && is_shown(code) && (utf8 || code < 0x80)) {
			at += len;
			continue;
		}
		if (at > from)
			strbuf_add(sb, text.data + from, at - from);
		append_hex(sb, text.data + at, len ? len : 1);
		at += len ? len : 1;
		from = at;
	}
	if (at > from)
		strbuf_add(sb, text.data + from, at - from);
}

void escape_append(struct strbuf *sb, struct bytes text)
{
	escape_append_as(sb, text, true);
}

void escape_text(struct strbuf *sb, const char *text)
{
	if (text)
		escape_append(sb, (struct bytes){ text, strlen(text) });
}

char *escaped_bytes(struct bytes text)
{
	struct strbuf sb = STRBUF_INIT;

	escape_append(&sb, text);
	return strbuf_detach(&sb);
}

char *escaped_text(const char *text)
{
	return escaped_bytes((struct bytes){ text, strlen(text) });
}

void escape_args(struct strbuf *sb, struct bytes args, bool utf8)
{
	size_t at = 0;

	while (at < args.len) {
		const char *arg = args.data + at;
		const char *end = memchr(arg, 0, args.len - at);
		size_t len = end ? (size_t)(end - arg) : args.len - at;

		if (at)
			strbuf_addch(sb, ' ');
		escape_append_as(sb, (struct bytes){ arg, len }, utf8);
		at += len + 1;
	}
}

size_t text_fit(const char *text, size_t len, size_t columns, size_t *ret_width)
{
	size_t at = 0, width = 0;

	while (at < len) {
		unsigned code = 0;
		size_t step = utf8_decode((struct bytes){ text + at, len - at }, &code);
		int wide = step ? wcwidth((wchar_t)code) : 1;
		size_t cells = wide < 0 ? 1 : (size_t)wide;

		if (width + cells > columns)
			break;
		width += cells;
		at += step ? step : 1;
	}
	if (ret_width)
		*ret_width = width;
	return at;
}

size_t text_width(const char *text, size_t len)
{
	size_t width;

	text_fit(text, len, (size_t)-1, &width);
	return width;
}
