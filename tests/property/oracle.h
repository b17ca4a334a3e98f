/* SPDX-License-Identifier: MIT */
#ifndef TESTS_PROPERTY_ORACLE_H
#define TESTS_PROPERTY_ORACLE_H

#include "stray/census.h"

/*
 * Who is managed, owned and orphaned, once more: written from the rules alone,
 * as plainly as they read, with loops over everything and no thought of speed.
 * Shares only data types with the program. It answers one question at a time.
 */
struct oracle {
	const struct snapshot *s;
	const struct policy *policy;
	uid_t uid;
	bool all_users;
	/* Has it another parent than the one that started it? NULL: nobody knows. */
	bool (*parent_changed)(void *ctx, const struct process *proc);
	void *ctx;
	/* [process] -> the pairs (app, id) that it belongs to */
	struct oracle_set {
		struct {
			size_t app;
			struct bytes id;
			bool inferred;
			size_t from;
		} item[16];
		size_t nr;
	} * sets;
	unsigned *desktops; /* [process] -> bit per app that it is a live desktop of */
};

/* Work out who belongs to what. The caller frees with oracle_release(). */
void oracle_init(struct oracle *o, const struct snapshot *s, const struct policy *policy);
void oracle_release(struct oracle *o);

bool oracle_is_member(const struct oracle *o, size_t proc, size_t app, struct bytes id);
enum owner_state oracle_owner(const struct oracle *o, size_t app, uid_t uid, struct bytes id,
			      enum owner_evidence *ret_evidence);
enum member_state oracle_state(const struct oracle *o, size_t proc, size_t app, struct bytes id);

/* May a group reaping end this process? Only a lower bound of caution: no look-ups. */
bool oracle_may_end(const struct oracle *o, size_t proc);

/* The same where desktops that are agents of another app may be condemned by that one. */
bool oracle_might_end(const struct oracle *o, size_t proc);

#endif
