/* SPDX-License-Identifier: MIT */
/* What a person types: keys, and the filter's words. */
#include "base/bytes.h"
#include "fuzz/fuzz.h"
#include "property/forest.h"
#include "tui/filter.h"
#include "tui/keymap.h"

static void check_keys(struct input in)
{
	while (in.size) {
		int key = input_byte(&in);
		enum action action;

		if (key & 0x80)
			key = K_BASE + ((key & 0x7f) | input_byte(&in) << 7);
		action = keymap_action(key);
		MUST(action >= ACTION_NONE && action < ACTION_NR);
	}
}

static void check_filter(const struct bytes text)
{
	struct filter f = { .text = "" };
	struct forest forest;
	struct policy policy;
	struct snapshot *s;
	struct census *c;

	memcpy(f.text, text.data, text.len < FILTER_SIZE ? text.len : FILTER_SIZE - 1);
	forest_policy(&policy);
	forest_grow(&forest, text.len + 1);
	s = forest_snapshot(&forest);
	struct census_input input = { .snapshot = s, .policy = &policy, .all_users = true };
	MUST(census_build(&input, &c) == 0);
	for (size_t i = 0; i < c->nr_instances; i++) {
		struct filter_subject subject = { .census = c,
						  .inst = &c->instances[i],
						  .user = "user" };
		struct filter empty = { .text = "" };

		MUST(filter_matches(&empty, &subject));
		(void)filter_matches(&f, &subject);
	}
	for (size_t i = 0; i < s->nr; i++)
		(void)process_holds(&s->procs[i], text);
	MUST(text_occurs(text, text));
	MUST(text_occurs(text,
			 (struct bytes){ text.data + text.len / 2, text.len - text.len / 2 }));
	census_unref(c);
	snapshot_unref(s);
	policy_release(&policy);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct bytes text = { exactly((struct bytes){ (const char *)data, size }, 0), size };

	check_keys((struct input){ data, size });
	check_filter(text);
	free((char *)text.data);
	return 0;
}
