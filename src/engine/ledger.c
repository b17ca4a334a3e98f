/* SPDX-License-Identifier: MIT */
#include "engine/ledger.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/bytes.h"

void ledger_init(struct ledger *l, const char *boot_id, uint64_t pid_ns)
{
	*l = (struct ledger){ .pid_ns = pid_ns };
	strncpy(l->boot_id, boot_id, sizeof(l->boot_id) - 1);
}

static void release_process(struct ledger_process *row)
{
	instance_key_release(&row->key);
	free(row->generation);
}

static void release_owner(struct ledger_owner *row)
{
	instance_key_release(&row->key);
	free(row->receipts);
}

void ledger_release(struct ledger *l)
{
	for (size_t i = 0; i < l->nr_procs; i++)
		release_process(&l->procs[i]);
	for (size_t i = 0; i < l->nr_owners; i++)
		release_owner(&l->owners[i]);
	for (size_t i = 0; i < l->nr_sandboxes; i++)
		instance_key_release(&l->sandboxes[i].key);
	for (size_t i = 0; i < l->nr_counts; i++)
		free(l->counts[i].scope);
	for (size_t i = 0; i < l->nr_groups; i++)
		free(l->groups[i].path);
	free(l->procs);
	free(l->owners);
	free(l->sandboxes);
	free(l->frozen);
	free(l->groups);
	free(l->counts);
	*l = (struct ledger){ 0 };
}

/* The same (pid, start time), whatever the inode numbers say. */
static int compare_start(const struct identity *a, const struct identity *b)
{
	if (a->pid != b->pid)
		return a->pid < b->pid ? -1 : 1;
	return (a->start_ticks > b->start_ticks) - (a->start_ticks < b->start_ticks);
}

/* The index of the first row that does not stand before @id. */
static size_t lower_bound(const struct ledger *l, const struct identity *id)
{
	size_t low = 0, high = l->nr_procs;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (compare_start(&l->procs[middle].id, id) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

struct ledger_process *ledger_find(const struct ledger *l, const struct identity *id,
				   const struct instance_key *key)
{
	for (size_t i = lower_bound(l, id); i < l->nr_procs; i++) {
		struct ledger_process *row = &l->procs[i];

		if (compare_start(&row->id, id) != 0)
			break;
		if (identity_equal(&row->id, id) && instance_key_equal(&row->key, key))
			return row;
	}
	return NULL;
}

const struct ledger_process *ledger_find_any(const struct ledger *l, const struct identity *id)
{
	for (size_t i = lower_bound(l, id); i < l->nr_procs; i++) {
		const struct ledger_process *row = &l->procs[i];

		if (compare_start(&row->id, id) != 0)
			break;
		if (identity_equal(&row->id, id))
			return row;
	}
	return NULL;
}

const struct ledger_process *ledger_find_inferred(const struct ledger *l, const struct identity *id,
						  size_t nth)
{
	for (size_t i = lower_bound(l, id); i < l->nr_procs; i++) {
		const struct ledger_process *row = &l->procs[i];

		if (compare_start(&row->id, id) != 0)
			break;
		if (identity_is_set(&row->from) && identity_equal(&row->id, id) && nth-- == 0)
			return row;
	}
	return NULL;
}

struct ledger_process *ledger_add(struct ledger *l, const struct identity *id,
				  const struct instance_key *key, const struct identity *parent,
				  int64_t now_ms)
{
	struct ledger_process *row = ledger_find(l, id, key);
	struct ledger_process added = { .id = *id, .parent = *parent };
	size_t at;

	if (row)
		return row;
	added.first_ms = now_ms;
	added.since_ms = -1;
	added.counted_monotonic_ms = -1;
	added.seen_ms = now_ms;
	if (ARRAY_GROW(l->procs, l->nr_procs, l->alloc_procs) < 0 ||
	    instance_key_copy(key, &added.key) < 0)
		return NULL;
	at = lower_bound(l, id);
	memmove(&l->procs[at + 1], &l->procs[at], (l->nr_procs - at) * sizeof(*l->procs));
	l->procs[at] = added;
	l->nr_procs++;
	return &l->procs[at];
}

int ledger_set_inferred(struct ledger_process *row, const struct identity *from,
			struct bytes generation, bool *ret_changed)
{
	bool same = row->generation ? bytes_is(generation, row->generation) : !generation.len;
	char *copy = NULL;

	*ret_changed = !same || !identity_equal(&row->from, from);
	if (!same && generation.len && !(copy = strndup(generation.data, generation.len)))
		return -ENOMEM;
	if (!same) {
		free(row->generation);
		row->generation = copy;
	}
	row->from = *from;
	return 0;
}

bool ledger_forget(struct ledger *l, const struct identity *id)
{
	size_t at = lower_bound(l, id);
	bool any = false;

	while (at < l->nr_procs && compare_start(&l->procs[at].id, id) == 0) {
		if (identity_equal(&l->procs[at].id, id)) {
			ledger_remove(l, at);
			any = true;
		} else {
			at++;
		}
	}
	return any;
}

void ledger_remove(struct ledger *l, size_t i)
{
	release_process(&l->procs[i]);
	l->nr_procs--;
	memmove(&l->procs[i], &l->procs[i + 1], (l->nr_procs - i) * sizeof(*l->procs));
}

struct ledger_owner *ledger_find_owner(const struct ledger *l, const struct instance_key *key)
{
	for (size_t i = 0; i < l->nr_owners; i++) {
		if (instance_key_equal(&l->owners[i].key, key))
			return &l->owners[i];
	}
	return NULL;
}

struct ledger_owner *ledger_add_owner(struct ledger *l, const struct instance_key *key)
{
	struct ledger_owner *row = ledger_find_owner(l, key);
	struct ledger_owner added = { .gone_ms = -1 };

	if (row)
		return row;
	if (ARRAY_GROW(l->owners, l->nr_owners, l->alloc_owners) < 0 ||
	    instance_key_copy(key, &added.key) < 0)
		return NULL;
	l->owners[l->nr_owners] = added;
	return &l->owners[l->nr_owners++];
}

void ledger_remove_owner(struct ledger *l, size_t i)
{
	release_owner(&l->owners[i]);
	l->nr_owners--;
	memmove(&l->owners[i], &l->owners[i + 1], (l->nr_owners - i) * sizeof(*l->owners));
}

struct ledger_sandbox *ledger_find_sandbox(const struct ledger *l, const struct identity *init,
					   const struct instance_key *key)
{
	for (size_t i = 0; i < l->nr_sandboxes; i++) {
		struct ledger_sandbox *row = &l->sandboxes[i];

		if (identity_equal(&row->init, init) && instance_key_equal(&row->key, key))
			return row;
	}
	return NULL;
}

struct ledger_sandbox *ledger_add_sandbox(struct ledger *l, const struct identity *init,
					  const struct instance_key *key)
{
	struct ledger_sandbox *row = ledger_find_sandbox(l, init, key);
	struct ledger_sandbox added = { .init = *init, .seen_ms = -1 };

	if (row)
		return row;
	if (ARRAY_GROW(l->sandboxes, l->nr_sandboxes, l->alloc_sandboxes) < 0 ||
	    instance_key_copy(key, &added.key) < 0)
		return NULL;
	l->sandboxes[l->nr_sandboxes] = added;
	return &l->sandboxes[l->nr_sandboxes++];
}

void ledger_remove_sandbox(struct ledger *l, size_t i)
{
	instance_key_release(&l->sandboxes[i].key);
	l->nr_sandboxes--;
	memmove(&l->sandboxes[i], &l->sandboxes[i + 1],
		(l->nr_sandboxes - i) * sizeof(*l->sandboxes));
}

static void drop_frozen_by(struct ledger *l, const struct identity *by, bool others)
{
	size_t kept = 0;

	for (size_t i = 0; i < l->nr_frozen; i++) {
		if (identity_equal(&l->frozen[i].by, by) == others)
			l->frozen[kept++] = l->frozen[i];
	}
	l->nr_frozen = kept;
}

int ledger_add_frozen(struct ledger *l, const struct ledger_frozen *row)
{
	if (ARRAY_GROW(l->frozen, l->nr_frozen, l->alloc_frozen) < 0)
		return -ENOMEM;
	l->frozen[l->nr_frozen++] = *row;
	return 0;
}

int ledger_set_frozen(struct ledger *l, const struct identity *by, const struct identity *ids,
		      size_t nr)
{
	drop_frozen_by(l, by, false);
	for (size_t i = 0; i < nr; i++) {
		if (ledger_add_frozen(l, &(struct ledger_frozen){ ids[i], *by }) < 0)
			return -ENOMEM;
	}
	return 0;
}

int ledger_add_group(struct ledger *l, const char *path, const struct identity *by)
{
	char *copy = strdup(path);

	if (!copy || ARRAY_GROW(l->groups, l->nr_groups, l->alloc_groups) < 0) {
		free(copy);
		return -ENOMEM;
	}
	l->groups[l->nr_groups++] = (struct ledger_group){ copy, *by };
	return 0;
}

void ledger_remove_group(struct ledger *l, size_t i)
{
	free(l->groups[i].path);
	l->nr_groups--;
	memmove(&l->groups[i], &l->groups[i + 1], (l->nr_groups - i) * sizeof(*l->groups));
}

void ledger_drop_groups(struct ledger *l, const struct identity *by, bool others)
{
	for (size_t i = l->nr_groups; i-- > 0;) {
		if (identity_equal(&l->groups[i].by, by) != others)
			ledger_remove_group(l, i);
	}
}

static struct ledger_count *find_count(const struct ledger *l, const char *scope)
{
	for (size_t i = 0; i < l->nr_counts; i++) {
		if (strcmp(l->counts[i].scope, scope) == 0)
			return &l->counts[i];
	}
	return NULL;
}

int64_t ledger_last_count(const struct ledger *l, const char *scope)
{
	const struct ledger_count *count = find_count(l, scope);

	return count ? count->monotonic_ms : -1;
}

int ledger_set_count(struct ledger *l, const char *scope, int64_t monotonic_ms)
{
	struct ledger_count *count = find_count(l, scope);
	char *copy;

	if (count) {
		count->monotonic_ms = monotonic_ms;
		return 0;
	}
	copy = strdup(scope);
	if (!copy || ARRAY_GROW(l->counts, l->nr_counts, l->alloc_counts) < 0) {
		free(copy);
		return -ENOMEM;
	}
	l->counts[l->nr_counts++] = (struct ledger_count){ copy, monotonic_ms };
	return 0;
}

static int merge_row(struct ledger_process *mine, const struct ledger_process *other)
{
	bool later = other->seen_ms > mine->seen_ms;
	int64_t since = later ? other->since_ms : mine->since_ms;
	bool exact = later ? other->exact : mine->exact;

	if (mine->since_ms >= 0 && other->since_ms >= 0) {
		exact = other->since_ms < mine->since_ms ? other->exact : mine->exact;
		since = other->since_ms < mine->since_ms ? other->since_ms : mine->since_ms;
	}
	mine->since_ms = since;
	mine->exact = exact;
	if (other->first_ms < mine->first_ms) {
		mine->first_ms = other->first_ms;
		mine->parent = other->parent;
	}
	if (!mine->id.pidfd_ino)
		mine->id.pidfd_ino = other->id.pidfd_ino;
	if (later) {
		mine->ticks = other->ticks;
		mine->counted_monotonic_ms = other->counted_monotonic_ms;
		mine->seen_ms = other->seen_ms;
	}
	if (identity_is_set(&other->from) && (later || !identity_is_set(&mine->from))) {
		struct bytes generation = { other->generation,
					    other->generation ? strlen(other->generation) : 0 };
		bool changed;

		return ledger_set_inferred(mine, &other->from, generation, &changed);
	}
	return 0;
}

static int merge_owner(struct ledger *l, const struct ledger_owner *other)
{
	bool had = ledger_find_owner(l, &other->key) != NULL;
	struct ledger_owner *mine = ledger_add_owner(l, &other->key);
	char *receipts = NULL;

	if (!mine)
		return -ENOMEM;
	if (had && other->seen_ms <= mine->seen_ms)
		return 0;
	if (other->receipts && !(receipts = strdup(other->receipts)))
		return -ENOMEM;
	free(mine->receipts);
	mine->receipts = receipts;
	mine->desktop = other->desktop;
	mine->gone_ms = other->gone_ms;
	mine->seen_ms = other->seen_ms;
	return 0;
}

static int merge_sandboxes(struct ledger *l, const struct ledger *other)
{
	for (size_t i = 0; i < other->nr_sandboxes; i++) {
		const struct ledger_sandbox *row = &other->sandboxes[i];
		struct ledger_sandbox *mine = ledger_add_sandbox(l, &row->init, &row->key);

		if (!mine)
			return -ENOMEM;
		if (row->seen_ms > mine->seen_ms)
			mine->seen_ms = row->seen_ms;
	}
	return 0;
}

int ledger_merge(struct ledger *l, const struct ledger *other, const struct identity *self,
		 bool (*forgot)(const void *ctx, const struct ledger_process *row), const void *ctx)
{
	for (size_t i = 0; i < other->nr_procs; i++) {
		const struct ledger_process *row = &other->procs[i];
		struct ledger_process *mine = ledger_find(l, &row->id, &row->key);

		if (!mine && forgot && forgot(ctx, row))
			continue;
		if (!mine) {
			mine = ledger_add(l, &row->id, &row->key, &row->parent, row->first_ms);
			if (!mine)
				return -ENOMEM;
			mine->seen_ms = -1;
		}
		if (merge_row(mine, row) < 0)
			return -ENOMEM;
	}
	for (size_t i = 0; i < other->nr_owners; i++) {
		if (merge_owner(l, &other->owners[i]) < 0)
			return -ENOMEM;
	}
	if (merge_sandboxes(l, other) < 0)
		return -ENOMEM;
	drop_frozen_by(l, self, true);
	for (size_t i = 0; i < other->nr_frozen; i++) {
		if (!identity_equal(&other->frozen[i].by, self) &&
		    ledger_add_frozen(l, &other->frozen[i]) < 0)
			return -ENOMEM;
	}
	ledger_drop_groups(l, self, true);
	for (size_t i = 0; i < other->nr_groups; i++) {
		if (!identity_equal(&other->groups[i].by, self) &&
		    ledger_add_group(l, other->groups[i].path, &other->groups[i].by) < 0)
			return -ENOMEM;
	}
	for (size_t i = 0; i < other->nr_counts; i++) {
		const struct ledger_count *count = &other->counts[i];

		if (count->monotonic_ms > ledger_last_count(l, count->scope) &&
		    ledger_set_count(l, count->scope, count->monotonic_ms) < 0)
			return -ENOMEM;
	}
	return 0;
}

void ledger_expire(struct ledger *l, int64_t now_ms)
{
	for (size_t i = l->nr_procs; i-- > 0;) {
		if (now_ms - l->procs[i].seen_ms > LEDGER_STALE_MS)
			ledger_remove(l, i);
	}
	for (size_t i = l->nr_owners; i-- > 0;) {
		if (now_ms - l->owners[i].seen_ms > LEDGER_STALE_MS)
			ledger_remove_owner(l, i);
	}
	for (size_t i = l->nr_sandboxes; i-- > 0;) {
		if (now_ms - l->sandboxes[i].seen_ms > LEDGER_STALE_MS)
			ledger_remove_sandbox(l, i);
	}
}
