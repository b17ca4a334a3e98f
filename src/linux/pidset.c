/* SPDX-License-Identifier: MIT */
#include "linux/pidset.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

int pidset_add(struct pidset *set, pid_t pid)
{
	size_t word = (size_t)pid / 64;

	if (pid <= 0)
		return 0;
	if (word >= set->words) {
		size_t words = word + word / 2 + 64;
		uint64_t *bits = realloc(set->bits, words * sizeof(*bits));

		if (!bits)
			return -ENOMEM;
		memset(bits + set->words, 0, (words - set->words) * sizeof(*bits));
		set->bits = bits;
		set->words = words;
	}
	set->bits[word] |= UINT64_C(1) << (pid % 64);
	return 0;
}

bool pidset_has(const struct pidset *set, pid_t pid)
{
	size_t word = (size_t)pid / 64;

	return pid > 0 && word < set->words && (set->bits[word] >> (pid % 64) & 1);
}

void pidset_clear(struct pidset *set)
{
	if (set->words)
		memset(set->bits, 0, set->words * sizeof(*set->bits));
}

void pidset_release(struct pidset *set)
{
	free(set->bits);
	*set = (struct pidset){ 0 };
}
