/* SPDX-License-Identifier: MIT */
/*
 * The census over a table that the bytes describe, against the oracle of
 * tests/property. Parents may make circles, pids may be missing.
 */
#include "core/environ.h"
#include "fuzz/fuzz.h"
#include "property/forest.h"
#include "property/oracle.h"
#include "stray/verdict.h"

enum { PROCS_MAX = 12, PIDS = 16 };

static const char *const names[] = { "node",	"desk", "other-desk",	"bare-desk",
				     "systemd", "bash", "tmux: server", "MainThread" };
static const char *const entries[] = {
	"",
	"MARK_A=a",
	"MARK_A=a.b",
	"MARK_B=a",
	"MARK_B=b",
	"OWNER_PID=3",
	"OWNER_PID=4:2",
	"OWNER_PID=x",
	"STRAY_KEEP=1",
	"CONFIG=a",
	"CONFIG=a.b",
	"MARK_A=",
	"MARK_A=x\nMARK_B=a",
	"CONFIG=b",
	"MARK_A2=b",
	"OWNER_PID=5",
};
static const char *const arguments[] = {
	"", "a", "--id=a.b", "x-a", "{\"b\"}", "a.b.c", "b", "desk"
};

static size_t put(char *buf, size_t at, const char *text)
{
	size_t len = strlen(text) + 1;

	memcpy(buf + at, text, len);
	return at + len;
}

static void add_process(struct snapshot *s, struct input *in, bool used[PIDS])
{
	uint8_t b[8];
	char env[128], args[128];
	struct process p = {
		.state = 'S', .tpgid = -1, .args_read = READ_DONE, .environ_read = READ_DONE
	};
	size_t at = 0;

	for (size_t i = 0; i < sizeof(b); i++)
		b[i] = input_byte(in);
	p.id.pid = b[0] % PIDS;
	if (!p.id.pid || used[p.id.pid])
		return;
	used[p.id.pid] = true;
	p.ns_pid = p.id.pid;
	p.id.start_ticks = b[0] / PIDS;
	p.ppid = b[1] % PIDS;
	p.uid = b[1] & 0x80 ? 1001 : 1000;
	p.dead = (b[1] & 0x70) == 0x70;
	p.pgid = b[2] % PIDS;
	p.sid = b[2] / PIDS;
	p.comm = names[b[3] % 8];
	if (b[3] & 0x40)
		p.args_read = READ_REFUSED;
	if (b[3] & 0x80)
		p.environ_read = READ_REFUSED;
	at = put(env, 0, entries[b[4] % 16]);
	at = put(env, at, entries[b[4] / 16]);
	at = put(env, at, entries[b[5] % 16]);
	p.environ = (struct bytes){ env, p.environ_read == READ_DONE ? at : 0 };
	at = put(args, 0, p.comm);
	at = put(args, at, arguments[b[6] % 8]);
	at = put(args, at, arguments[b[6] / 8 % 8]);
	p.args = (struct bytes){ args, p.args_read == READ_DONE ? at : 0 };
	if (b[7] & 0x80)
		p.tracer = b[7] % PIDS;
	MUST(snapshot_add(s, &p, NULL) == 0);
}

/* Where parents make a circle it is anybody's guess which of them is none. */
static bool has_circle(const struct snapshot *s)
{
	for (size_t i = 0; i < s->nr; i++) {
		const struct process *p = &s->procs[i];
		size_t steps = 0;

		while (p && p->ppid > 0 && p->ppid != p->id.pid && steps++ <= s->nr)
			p = snapshot_find(s, p->ppid);
		if (steps > s->nr)
			return true;
	}
	return false;
}

static void check_member(const struct census *c, const struct oracle *o, size_t proc,
			 const struct member *m)
{
	const struct instance *inst = &c->instances[m->instance];
	size_t app = (size_t)(inst->app - c->policy->apps);
	enum owner_evidence evidence;

	MUST(oracle_member(o, proc, app, inst->id));
	MUST(oracle_owner(o, app, inst->uid, inst->id, &evidence) == inst->owner);
	MUST(evidence == inst->evidence);
	MUST(oracle_state(o, proc, app, inst->id) == m->state);
	MUST(inst->owner != OWNER_ALIVE || inst->desktop);
	MUST(inst->owner != OWNER_GONE || !inst->desktop);
}

static void check(const struct census *c)
{
	const struct verdict_ask ask = { .face = FACE_SWEEP };
	const struct snapshot *s = c->snapshot;
	struct oracle o;

	oracle_init(&o, s, c->policy, &truth_plain, NULL);
	for (size_t i = 0; i < s->nr; i++) {
		for (const struct member *m = census_find_member(c, s->procs[i].id.pid); m;
		     m = census_next_membership(c, m))
			check_member(c, &o, i, m);
		if (verdict_of_process(c, &s->procs[i], &ask) == WHY_MAY_END)
			MUST(oracle_may_end(&o, i));
	}
	oracle_release(&o);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input in = { data, size };
	bool used[PIDS] = { false };
	struct snapshot *s = snapshot_new();
	struct census *c, *confirmed;
	struct policy policy;
	uint8_t flags = input_byte(&in);

	MUST(s);
	forest_policy(&policy);
	for (size_t i = 0; i < PROCS_MAX && in.size; i++)
		add_process(s, &in, used);
	s->complete = !(flags & 0x80);
	s->self = flags % PIDS;
	s->ticks_per_second = 100;
	snapshot_seal(s);
	struct census_input input = { .snapshot = s, .policy = &policy, .all_users = true };
	MUST(census_build(&input, &c) == 0);
	if (!has_circle(s))
		check(c);
	/* Confirming takes orphans away and adds none. */
	input.confirm = true;
	MUST(census_build(&input, &confirmed) == 0);
	MUST(confirmed->nr_members == c->nr_members);
	for (size_t m = 0; m < c->nr_members; m++)
		MUST(confirmed->members[m].state != STATE_ORPHAN ||
		     c->members[m].state == STATE_ORPHAN);
	census_unref(confirmed);
	census_unref(c);
	snapshot_unref(s);
	policy_release(&policy);
	return 0;
}
