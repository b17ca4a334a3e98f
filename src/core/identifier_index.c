/* SPDX-License-Identifier: MIT */
#include "core/identifier_index.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "core/identifier.h"

/* The last run of identifier bytes in @id, or empty. */
static struct bytes last_run(struct bytes id)
{
	size_t end = id.len, begin;

	while (end && !identifier_byte(id.data[end - 1]))
		end--;
	for (begin = end; begin && identifier_byte(id.data[begin - 1]);)
		begin--;
	return (struct bytes){ id.data + begin, end - begin };
}

static size_t hash(struct bytes run)
{
	uint64_t hash = 0xcbf29ce484222325ULL; /* FNV-1a */

	for (size_t i = 0; i < run.len; i++)
		hash = (hash ^ (unsigned char)run.data[i]) * 0x100000001b3ULL;
	return (size_t)(hash ^ hash >> 32);
}

int identifier_index_init(struct identifier_index *ix, const struct bytes *ids, size_t nr)
{
	*ix = (struct identifier_index){ .ids = ids, .nr = nr, .shortest = SIZE_MAX };
	for (ix->nr_buckets = 16; ix->nr_buckets < nr; ix->nr_buckets *= 2)
		;
	ix->anchors = calloc(nr ? nr : 1, sizeof(*ix->anchors));
	ix->next = calloc(nr ? nr : 1, sizeof(*ix->next));
	ix->buckets = malloc(ix->nr_buckets * sizeof(*ix->buckets));
	if (!ix->anchors || !ix->next || !ix->buckets) {
		identifier_index_release(ix);
		return -ENOMEM;
	}
	memset(ix->buckets, 0xff, ix->nr_buckets * sizeof(*ix->buckets));
	for (size_t i = 0; i < nr; i++) {
		struct bytes run = last_run(ids[i]);
		size_t *bucket = &ix->buckets[hash(run) & (ix->nr_buckets - 1)];

		ix->anchors[i] = run;
		ix->bare = ix->bare || (!run.len && ids[i].len);
		if (!run.len)
			continue;
		ix->next[i] = *bucket;
		*bucket = i;
		ix->shortest = run.len < ix->shortest ? run.len : ix->shortest;
		ix->longest = run.len > ix->longest ? run.len : ix->longest;
	}
	return 0;
}

void identifier_index_release(struct identifier_index *ix)
{
	free(ix->anchors);
	free(ix->next);
	free(ix->buckets);
	*ix = (struct identifier_index){ 0 };
}

/* Does the id stand in @text where its anchor begins at @run? */
static bool stands_at(struct bytes text, struct bytes id, struct bytes anchor, const char *run)
{
	size_t before = (size_t)(anchor.data - id.data), at = (size_t)(run - text.data);
	const char *begin;

	if (at < before || text.len - (at - before) < id.len)
		return false;
	begin = run - before;
	if (memcmp(begin, id.data, id.len) != 0)
		return false;
	return (begin == text.data || !identifier_byte(begin[-1])) &&
	       (begin + id.len == text.data + text.len || !identifier_byte(begin[id.len]));
}

void identifier_index_find(const struct identifier_index *ix, struct bytes text,
			   void (*found)(void *ctx, size_t id), void *ctx)
{
	for (size_t i = 0; ix->bare && i < ix->nr; i++)
		if (!ix->anchors[i].len && identifier_in(text, ix->ids[i]))
			found(ctx, i);
	for (size_t at = 0, end; ix->longest && at < text.len; at = end + 1) {
		struct bytes run;

		for (end = at; end < text.len && identifier_byte(text.data[end]);)
			end++;
		run = (struct bytes){ text.data + at, end - at };
		if (run.len < ix->shortest || run.len > ix->longest)
			continue;
		for (size_t i = ix->buckets[hash(run) & (ix->nr_buckets - 1)]; i != SIZE_MAX;
		     i = ix->next[i])
			if (bytes_equal(ix->anchors[i], run) &&
			    stands_at(text, ix->ids[i], ix->anchors[i], run.data))
				found(ctx, i);
	}
}
