/* SPDX-License-Identifier: MIT */
#ifndef CORE_IDENTIFIER_INDEX_H
#define CORE_IDENTIFIER_INDEX_H

#include "stray/process.h"

/*
 * Many ids that are looked for in one pass over a text, with the boundaries of
 * identifier_in(). Each run of identifier bytes in an id is a whole run of the text,
 * so an id is found by its last run, which stands at a known place in it.
 */
struct identifier_index {
	const struct bytes *ids; /* borrowed */
	size_t nr;
	struct bytes *anchors; /* [id]: its last run; empty: it has none */
	size_t *next;	       /* [id]: the next one in the same bucket */
	size_t *buckets, nr_buckets;
	size_t shortest, longest; /* of the anchors */
	bool bare;		  /* an id without an identifier byte is among them */
};

/* Index @ids, which must outlive the index. 0 or -ENOMEM (then @ix is empty). */
int identifier_index_init(struct identifier_index *ix, const struct bytes *ids, size_t nr);

/* Free it; an empty one is fine. */
void identifier_index_release(struct identifier_index *ix);

/* Call @found with the number of each id that stands in @text, once or more often. */
void identifier_index_find(const struct identifier_index *ix, struct bytes text,
			   void (*found)(void *ctx, size_t id), void *ctx);

#endif
