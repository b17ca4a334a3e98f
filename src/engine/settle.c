/* SPDX-License-Identifier: MIT */
#include "engine/settle.h"

static int64_t now_ms(const struct settle *s)
{
	struct source_time now;

	s->source->ops->now(s->source, &now);
	return now.monotonic_ms;
}

static int64_t smaller(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

int settle(struct settle *s)
{
	int64_t begin = now_ms(s), end = begin + s->limit_ms, pause = s->wait_ms;

	for (unsigned in_a_row = 0;;) {
		int64_t left;
		bool at_once;
		int r = s->look(s->ctx, &s->state);

		s->waited_ms = now_ms(s) - begin;
		if (r || s->state == SETTLE_DONE)
			return r;
		in_a_row = s->state == SETTLE_INCONCLUSIVE ? in_a_row + 1 : 0;
		at_once = in_a_row && in_a_row <= s->repeats;
		left = end - begin - s->waited_ms;
		if (left <= 0 && !at_once)
			return 0;
		if (!s->wait)
			continue;
		r = s->wait(s->ctx, at_once ? 0 : smaller(pause, left));
		if (r < 0)
			return r;
		if (r > 0)
			end = begin;
		if (!at_once)
			pause = smaller(pause * 2, s->wait_max_ms);
	}
}
