/* SPDX-License-Identifier: MIT */
/* What comes out of the one escaping: one line, well-formed UTF-8, nothing that drives a terminal. */
#include "base/cleanup.h"
#include "base/bytes.h"
#include "fuzz/fuzz.h"
#include "base/escape.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct bytes text = { exactly((struct bytes){ (const char *)data, size }, 0), size };
	_cleanup_strbuf_ struct strbuf once = STRBUF_INIT, twice = STRBUF_INIT, plain = STRBUF_INIT;
	unsigned code;

	escape_append(&once, text);
	for (size_t at = 0, len; at < once.len; at += len) {
		len = utf8_decode((struct bytes){ once.buf + at, once.len - at }, &code);
		MUST(len > 0);
		MUST(code >= 0x20 && code != 0x7f && !(code >= 0x80 && code < 0xa0));
		MUST(!(code >= 0x202a && code <= 0x202e) && !(code >= 0x2066 && code <= 0x2069));
		MUST(code != 0x2028 && code != 0x2029 && code != 0x200e && code != 0x200f);
	}
	/* Twice changes nothing. */
	escape_append(&twice, (struct bytes){ once.buf, once.len });
	MUST(once.len == twice.len && memcmp(once.buf, twice.buf, once.len) == 0);
	escape_append_as(&plain, text, false);
	for (size_t i = 0; i < plain.len; i++)
		MUST(plain.buf[i] >= 0x20 && plain.buf[i] < 0x7f);
	strbuf_reset(&plain);
	escape_args(&plain, text, false);
	for (size_t i = 0; i < plain.len; i++)
		MUST(plain.buf[i] >= 0x20 && plain.buf[i] < 0x7f);
	MUST(text_fit(once.buf, once.len, 7, NULL) <= once.len);
	free((char *)text.data);
	return 0;
}
