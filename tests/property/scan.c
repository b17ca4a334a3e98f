/* SPDX-License-Identifier: MIT */
/*
 * Quick scans against full ones, over random histories of a system: forks, execs
 * with other environments, exits, pids handed on within the same clock tick,
 * other groups, names, users and tracers, also while a scan is under way. After
 * each quick scan that the bound of stray/source.h does not excuse, what it has
 * of each process, and the whole census, must be what a full scan gives.
 *
 * STRAY_HISTORIES sets how many, STRAY_SEED the first seed. A failure prints its
 * seed and the shortest history that still fails.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/environ.h"
#include "linux/scan.h"
#include "linux/source.h"
#include "property/forest.h"
#include "property/procs.h"
#include "stray/verdict.h"

enum { STEPS = 240, EVENTS_UNTIL = STEPS - 40 };

struct history {
	struct source *quick, *full;
	const struct policy *policy;
	struct census *last; /* of the last quick scan */
	int64_t last_ms;
	uint64_t last_serial;	/* who has a higher one was born since then */
	unsigned scans;		/* quick ones so far */
	unsigned excused_until; /* until this one something may not have been found ... */
	int64_t excused_ms;	/* ... or until then */
	bool late, chaos;	/* what may happen in this history */
	uint64_t random;	/* of the step */
	char why[256];
};

static struct history *now; /* for the callbacks without a context */

/* --- what a quick scan must have noticed ------------------------------------- */

/* Does it belong to what every scan reads: managed, desktops, and their ancestors? */
static bool is_read_each_time(const struct census *c, const struct fake *f)
{
	size_t at = snapshot_index(c->snapshot, f->pid);

	if (at == SIZE_MAX)
		return false;
	if (c->nodes[at].managed || c->nodes[at].desktop || c->nodes[at].self)
		return true;
	for (size_t i = 0; i < c->snapshot->nr; i++)
		if ((c->nodes[i].managed || c->nodes[i].desktop) &&
		    census_descends(c, &c->snapshot->procs[i], &c->snapshot->procs[at]))
			return true;
	return false;
}

static int64_t settles_ms(const struct fake *f)
{
	return (int64_t)f->start_ticks * 10 + SETTLED_AFTER_MS;
}

/* A new process, or one that was young when it was looked at last. */
static bool is_young(const struct fake *f)
{
	return (!now->last && !procs.between) || f->serial > now->last_serial ||
	       now->last_ms < settles_ms(f);
}

static bool may(const struct fake *f, enum procs_kind kind)
{
	/* While a scan is under way, it may be the last thing that it has read. */
	bool related = now->last && !procs.between && is_read_each_time(now->last, f);

	if (kind == PROCS_STAT && (related || is_young(f)))
		return true;
	if (!now->late)
		return false;
	if (kind == PROCS_ARGS || kind == PROCS_TITLE) {
		if (procs.between || (!is_young(f) && (kind == PROCS_TITLE || !related)))
			return false; /* a full scan alone sees that */
		if (now->excused_ms < settles_ms(f))
			now->excused_ms = settles_ms(f);
	}
	now->excused_until = now->scans + (procs.between != NULL) + SHARES - 1;
	return true;
}

static void something_happens(void)
{
	if (forest_random(&now->random) % 100 < 12)
		procs_event(&now->random, may);
}

/* --- is it the same? ---------------------------------------------------------- */

static bool same_bytes(struct bytes a, struct bytes b)
{
	return a.len == b.len && !memcmp(a.data, b.data, a.len);
}

/* Who is no owner any more (owner = pid) may be remembered with more of it. */
static bool same_environ(struct bytes quick, struct bytes full)
{
	char kept[512];

	if (same_bytes(quick, full))
		return true;
	return quick.len < sizeof(kept) &&
	       same_bytes((struct bytes){ kept, environ_filter(quick, now->policy, kept) }, full);
}

static const char *process_differs(const struct process *a, const struct process *b)
{
	if (a->id.start_ticks != b->id.start_ticks || !identity_equal(&a->id, &b->id))
		return "identity";
	if (a->ppid != b->ppid || a->pgid != b->pgid || a->sid != b->sid)
		return "parent, group or session";
	if (a->uid != b->uid)
		return "user";
	if (a->state != b->state || a->dead != b->dead || a->cpu_ticks != b->cpu_ticks)
		return "state";
	if (strcmp(a->comm, b->comm) != 0)
		return "comm";
	if ((a->exe && !b->exe) || (!a->exe && b->exe) || (a->exe && strcmp(a->exe, b->exe) != 0))
		return "exe";
	if (a->args_read != b->args_read || !same_bytes(a->args, b->args))
		return "arguments";
	/* What could be read for a moment while a scan was under way is known from then on. */
	if (now->chaos && a->environ_read == READ_DONE && b->environ_read == READ_REFUSED)
		return NULL;
	if (a->environ_read != b->environ_read || !same_environ(a->environ, b->environ))
		return "environment";
	return NULL;
}

static const char *member_differs(const struct census *a, const struct member *x,
				  const struct census *b, const struct member *y)
{
	static const enum verdict_face faces[] = { FACE_SWEEP, FACE_GROUP, FACE_PICK };
	const char *why = process_differs(x->proc, y->proc);

	if (why)
		return why;
	/* An identity that changed while it was read may stay plain until its turn. */
	if (x->proc->tracer != y->proc->tracer || x->proc->pid_ns != y->proc->pid_ns)
		return "details";
	if (x->instance != y->instance || x->inferred != y->inferred || x->role != y->role ||
	    x->root->id.pid != y->root->id.pid)
		return "membership";
	if (x->state != y->state || x->reason != y->reason || x->kept != y->kept)
		return "state";
	for (size_t i = 0; i < 3; i++) {
		const struct verdict_ask ask = { .face = faces[i] };

		if (verdict_of(a, x, &ask) != verdict_of(b, y, &ask))
			return "verdict";
	}
	return NULL;
}

static bool instance_differs(const struct instance *a, const struct instance *b)
{
	return a->app != b->app || a->uid != b->uid || !same_bytes(a->id, b->id) ||
	       a->owner != b->owner || a->evidence != b->evidence || a->doubt != b->doubt ||
	       (a->desktop ? a->desktop->id.pid : 0) != (b->desktop ? b->desktop->id.pid : 0) ||
	       a->nr != b->nr;
}

/*
 * Who may count as unreadable in a quick scan alone: an ordinary user does not read
 * others' processes, and one that was refused may have become another user's.
 */
static size_t remembered_refusals(void)
{
	size_t nr = 0;

	for (size_t i = 0; i < procs.nr && geteuid() != 0; i++)
		nr += procs.list[i].refused && procs.list[i].uid != getuid();
	return nr;
}

/*
 * @quick has fewer processes, and everything else is the same. How many could not
 * be read is for display; who ends while a scan reads him may count until his turn.
 */
static bool differs(const struct census *quick, const struct census *full, char *why, size_t size)
{
	const struct snapshot *s = quick->snapshot;

	if (s->complete != full->snapshot->complete || s->scanned != full->snapshot->scanned ||
	    (!now->chaos && (s->unreadable < full->snapshot->unreadable ||
			     s->unreadable > full->snapshot->unreadable + remembered_refusals()))) {
		snprintf(why, size, "%zu scanned, %zu unreadable, not %zu, %zu", s->scanned,
			 s->unreadable, full->snapshot->scanned, full->snapshot->unreadable);
		return true;
	}
	for (size_t i = 0; i < full->nr_members; i++) {
		if (!census_find_member(quick, full->members[i].proc->id.pid)) {
			snprintf(why, size, "pid %d is no member",
				 (int)full->members[i].proc->id.pid);
			return true;
		}
	}
	for (size_t i = 0; i < s->nr; i++) {
		const struct process *other = snapshot_find(full->snapshot, s->procs[i].id.pid);
		const char *what = other ? process_differs(&s->procs[i], other) : "existence";

		if (what) {
			snprintf(why, size, "pid %d: %s", (int)s->procs[i].id.pid, what);
			return true;
		}
	}
	if (quick->nr_instances != full->nr_instances || quick->nr_members != full->nr_members) {
		snprintf(why, size, "%zu instances, %zu members, not %zu, %zu", quick->nr_instances,
			 quick->nr_members, full->nr_instances, full->nr_members);
		return true;
	}
	for (size_t i = 0; i < quick->nr_instances; i++)
		if (instance_differs(&quick->instances[i], &full->instances[i])) {
			snprintf(why, size, "instance %zu", i);
			return true;
		}
	for (size_t i = 0; i < quick->nr_members; i++) {
		const char *what =
			member_differs(quick, &quick->members[i], full, &full->members[i]);

		if (what) {
			snprintf(why, size, "member %d: %s", (int)quick->members[i].proc->id.pid,
				 what);
			return true;
		}
	}
	return false;
}

/* --- a history ------------------------------------------------------------------ */

static struct census *look(struct history *h, struct source *src, enum scan_mode mode)
{
	struct census_input input = { .policy = h->policy, .all_users = true };
	struct snapshot *s;
	struct census *c;

	if (src->ops->scan(src, mode, &s) < 0)
		abort();
	input.snapshot = s;
	if (census_build(&input, &c) < 0)
		abort();
	snapshot_unref(s);
	return c;
}

/* True: it differs from a full scan, and nothing excuses that. */
static bool scan_step(struct history *h, bool disturbed)
{
	struct census *quick, *full;
	bool bad = false;

	if (procs.trace)
		printf("# quick scan %u at %lld s%s\n", h->scans, (long long)procs.now_ms / 1000,
		       disturbed ? ", things happen meanwhile" : "");
	h->last_ms = procs.now_ms;
	h->last_serial = procs.serial;
	procs.between = disturbed ? something_happens : NULL;
	quick = look(h, h->quick, SCAN_QUICK);
	procs.between = NULL;
	if (!disturbed && h->scans >= h->excused_until && procs.now_ms >= h->excused_ms) {
		full = look(h, h->full, SCAN_FULL);
		bad = differs(quick, full, h->why, sizeof(h->why));
		census_unref(full);
	}
	h->scans++;
	if (h->last)
		census_unref(h->last);
	h->last = quick;
	return bad;
}

static bool step(struct history *h, uint64_t seed, unsigned i)
{
	static const int64_t pass_ms[] = { 100, 3000, 30000 };

	h->random = (seed * STEPS + i) * 0x9E3779B97F4A7C15ULL + 1;
	for (int k = 0; k < 4; k++)
		forest_random(&h->random);
	if (i < EVENTS_UNTIL && forest_random(&h->random) % 100 < 70) {
		procs_event(&h->random, may);
		return false;
	}
	procs.now_ms += pass_ms[forest_random(&h->random) % 3];
	return scan_step(h, h->chaos && i < EVENTS_UNTIL && forest_random(&h->random) % 100 < 50);
}

/* Some who are there all the time and of no interest, so that the shares are small. */
static void settle_strangers(size_t nr)
{
	for (pid_t pid = PROCS_MAX * 2 + 2; nr > 0; pid += 7, nr--)
		procs_fork(1, pid);
}

static void begin(struct history *h)
{
	procs_begin();
	now = h;
	if (procfs_source_new(h->policy, &h->quick) < 0 ||
	    procfs_source_new(h->policy, &h->full) < 0)
		abort();
	((struct procfs_source *)(void *)h->quick)->share_min = 1;
}

static void end(struct history *h)
{
	census_unref(h->last);
	h->last = NULL;
	h->scans = h->excused_until = 0;
	h->excused_ms = 0;
	h->quick->ops->free(h->quick);
	h->full->ops->free(h->full);
}

/* Run the history of @seed without the steps that are @left_out. True: it fails. */
static bool run(struct history *h, uint64_t seed, const bool *left_out)
{
	bool bad = false;

	begin(h);
	h->late = seed % 4 == 1 || seed % 4 == 3; /* else nothing excuses a difference */
	h->chaos = seed % 4 == 2 || seed % 8 == 3;
	settle_strangers(seed % 4 == 3 ? 20 + seed % 200 : 0);
	for (unsigned i = 0; i < STEPS && !bad; i++)
		if (!left_out[i])
			bad = step(h, seed, i);
	end(h);
	return bad;
}

/* --- one that chance finds too rarely --------------------------------------------- */

enum { BLINKER = 500, BLINKS = 16 };
static unsigned blinks_in; /* so many reads */

static void blink(void)
{
	if (blinks_in-- == 0)
		procs_find(BLINKER)->refused = true;
}

/*
 * A settled process becomes an agent, and while that is read, before read number
 * @nr, cannot be read for a moment. Afterwards stat is as it was. True: it is not
 * found within the bound.
 */
static bool blinks(struct history *h, unsigned nr)
{
	struct fake *f;
	bool bad = false;

	begin(h);
	h->late = h->chaos = false;
	procs_fork(1, BLINKER);
	for (int i = 0; i < 2; i++, procs.now_ms += 100000)
		bad = scan_step(h, false) || bad;
	f = procs_find(BLINKER);
	f->execs++;
	f->env_len = (size_t)snprintf(f->env, sizeof(f->env), "MARK_A=x") + 1;
	blinks_in = nr;
	procs.between = blink;
	census_unref(h->last);
	h->last = look(h, h->quick, SCAN_QUICK);
	procs.between = NULL;
	f->refused = false;
	h->excused_until = h->scans + SHARES - 1;
	for (int i = 0; i < SHARES; i++)
		bad = scan_step(h, false) || bad;
	end(h);
	return bad;
}

static void report(struct history *h, uint64_t seed)
{
	bool left_out[STEPS] = { false };

	for (unsigned i = 0; i < 3 * STEPS; i++) { /* shorter, as long as it still fails */
		bool was = left_out[i % STEPS];

		left_out[i % STEPS] = true;
		left_out[i % STEPS] = was || run(h, seed, left_out);
	}
	procs.trace = true;
	run(h, seed, left_out);
	procs.trace = false;
	printf("# seed %llu: %s\n", (unsigned long long)seed, h->why);
	procs_print();
}

int main(void)
{
	const char *histories = getenv("STRAY_HISTORIES"), *first = getenv("STRAY_SEED");
	uint64_t nr = histories ? strtoull(histories, NULL, 10) : 500;
	uint64_t seed = first ? strtoull(first, NULL, 10) : 1;
	static const bool whole[STEPS];
	struct policy policy;
	struct history h = { .policy = &policy };
	unsigned missed = 0;

	forest_policy(&policy);
	printf("1..2\n");
	for (uint64_t i = 0; i < nr; i++) {
		if (!run(&h, seed + i, whole))
			continue;
		report(&h, seed + i);
		printf("not ok 1 - a quick scan tells what a full one does\n");
		return 1;
	}
	printf("ok 1 - a quick scan tells what a full one does, in %llu histories of %d steps from seed %llu\n",
	       (unsigned long long)nr, STEPS, (unsigned long long)seed);
	for (unsigned i = 0; i < BLINKS; i++)
		missed += blinks(&h, i);
	printf("%sok 2 - one that could not be read for a moment is found\n", missed ? "not " : "");
	policy_release(&policy);
	return missed > 0;
}
