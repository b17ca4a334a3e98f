/* SPDX-License-Identifier: MIT */
#include "stray/instance.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"

bool instance_key_equal(const struct instance_key *a, const struct instance_key *b)
{
	return a->app && b->app && a->uid == b->uid && bytes_equal(a->id, b->id) &&
	       strcmp(a->app, b->app) == 0;
}

int instance_key_compare(const struct instance_key *a, const struct instance_key *b)
{
	int order = strcmp(a->app, b->app);

	if (!order)
		order = bytes_compare(a->id, b->id);
	return order ? order : (a->uid > b->uid) - (a->uid < b->uid);
}

/* FNV-1a, http://www.isthe.com/chongo/tech/comp/fnv/ */
static uint64_t hash_bytes(uint64_t hash, const void *data, size_t len)
{
	const unsigned char *bytes = data;

	for (size_t i = 0; i < len; i++)
		hash = (hash ^ bytes[i]) * 0x100000001b3ULL;
	return hash;
}

uint64_t instance_key_hash(const struct instance_key *key)
{
	uint64_t hash = 0xcbf29ce484222325ULL;

	hash = hash_bytes(hash, key->app, strlen(key->app) + 1);
	hash = hash_bytes(hash, key->id.data, key->id.len);
	return hash_bytes(hash, &key->uid, sizeof(key->uid));
}

int instance_key_copy(const struct instance_key *from, struct instance_key *ret)
{
	char *app = strdup(from->app);
	char *id = malloc(from->id.len + 1);

	if (!app || !id) {
		free(app);
		free(id);
		return -ENOMEM;
	}
	if (from->id.len)
		memcpy(id, from->id.data, from->id.len);
	id[from->id.len] = '\0';
	*ret = (struct instance_key){ app, { id, from->id.len }, from->uid };
	return 0;
}

void instance_key_release(struct instance_key *key)
{
	free((char *)key->app);
	free((char *)key->id.data);
	*key = (struct instance_key){ 0 };
}
