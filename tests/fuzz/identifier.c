/* SPDX-License-Identifier: MIT */
/* The bounded match: the first line is the id, the rest the text; against every place in turn. */
#include "core/identifier.h"
#include "fuzz/fuzz.h"

static bool is_id_byte(const struct bytes *text, size_t at)
{
	static const char all[] =
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";

	return at < text->len && text->data[at] && strchr(all, text->data[at]);
}

static bool naive(struct bytes text, struct bytes id)
{
	for (size_t at = 0; id.len && at + id.len <= text.len; at++) {
		size_t n = 0;

		while (n < id.len && text.data[at + n] == id.data[n])
			n++;
		/* At the beginning, at - 1 is beyond every end. */
		if (n == id.len && !is_id_byte(&text, at - 1) && !is_id_byte(&text, at + id.len))
			return true;
	}
	return false;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input in = { data, size };
	struct bytes id = input_line(&in), text = input_rest(&in);

	id.data = exactly(id, 0);
	text.data = exactly(text, 0);
	MUST(identifier_in(text, id) == naive(text, id));
	/* An id is in itself, and bounded by blanks it is in anything. */
	MUST(identifier_in(id, id) == (id.len > 0));
	free((char *)id.data);
	free((char *)text.data);
	return 0;
}
