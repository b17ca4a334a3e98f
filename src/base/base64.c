/* SPDX-License-Identifier: MIT */
#include "base/base64.h"

void base64_append(struct strbuf *sb, const void *data, size_t len)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
				     "0123456789+/";
	const unsigned char *in = data;

	for (size_t i = 0; i < len; i += 3) {
		size_t left = len - i;
		unsigned bits = (unsigned)in[i] << 16;

		bits |= left > 1 ? (unsigned)in[i + 1] << 8 : 0;
		bits |= left > 2 ? (unsigned)in[i + 2] : 0;
		strbuf_addch(sb, digits[bits >> 18]);
		strbuf_addch(sb, digits[bits >> 12 & 63]);
		strbuf_addch(sb, left > 1 ? digits[bits >> 6 & 63] : '=');
		strbuf_addch(sb, left > 2 ? digits[bits & 63] : '=');
	}
}
