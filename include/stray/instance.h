/* SPDX-License-Identifier: MIT */
#ifndef STRAY_INSTANCE_H
#define STRAY_INSTANCE_H

#include "stray/process.h"

/*
 * Which instance is meant: the app by its name, the marker's value byte for byte, and
 * the user. It borrows what it points to, unless instance_key_copy() made it: then
 * instance_key_release() frees it. All zero is the unset key, equal to no other.
 */
struct instance_key {
	const char *app; /* name of the profile */
	struct bytes id;
	uid_t uid;
};

/* Are both the same instance? An unset key is equal to nothing, itself included. */
bool instance_key_equal(const struct instance_key *a, const struct instance_key *b);

/* Order by app, id, uid, for qsort(3): negative, 0 or positive. Both must be set. */
int instance_key_compare(const struct instance_key *a, const struct instance_key *b);

/* A hash for tables; equal keys have equal hashes. */
uint64_t instance_key_hash(const struct instance_key *key);

/* Copy @from to the heap. 0 and *ret, to be released; or -ENOMEM. */
int instance_key_copy(const struct instance_key *from, struct instance_key *ret);

/* Free a copy and unset it. An unset key is fine. */
void instance_key_release(struct instance_key *key);

#endif
