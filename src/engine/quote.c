/* SPDX-License-Identifier: MIT */
#include "engine/quote.h"

#include <string.h>

#include "base/strbuf.h"

char *quote_bytes(struct bytes text)
{
	struct strbuf sb = STRBUF_INIT;

	for (size_t i = 0; i < text.len; i++) {
		unsigned char c = (unsigned char)text.data[i];

		if (c >= 0x20 && c < 0x7f && c != '\\')
			strbuf_addch(&sb, (char)c);
		else
			strbuf_addf(&sb, "\\x%02x", c);
	}
	return strbuf_detach(&sb);
}

char *quote_text(const char *text)
{
	return quote_bytes((struct bytes){ text, strlen(text) });
}
