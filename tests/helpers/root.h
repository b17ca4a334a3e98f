/* SPDX-License-Identifier: MIT */
#ifndef TESTS_HELPERS_ROOT_H
#define TESTS_HELPERS_ROOT_H

#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <unistd.h>

/*
 * Are we root over all users? Root of a user namespace is not, if it maps no other user:
 * an ordinary user makes such a one (user_namespaces(7), "User and group ID mappings").
 */
static inline bool is_root_of_all(void)
{
	FILE *file = fopen("/proc/self/uid_map", "re");
	unsigned inside, outside, nr;
	bool all;

	all = file && fscanf(file, "%u %u %u", &inside, &outside, &nr) == 3 && nr == UINT_MAX;
	if (file)
		fclose(file);
	return all && geteuid() == 0;
}

#endif
