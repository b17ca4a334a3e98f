/* SPDX-License-Identifier: MIT */
#include "property/forest.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

uint64_t forest_random(uint64_t *state)
{
	*state ^= *state >> 12;
	*state ^= *state << 25;
	*state ^= *state >> 27;
	return *state * 2685821657736338717ULL >> 16;
}

static size_t pick(uint64_t *r, size_t n)
{
	return forest_random(r) % n;
}

static bool chance(uint64_t *r, unsigned percent)
{
	return pick(r, 100) < percent;
}

const char *const forest_ids[FOREST_IDS] = { "a.b", "a.b.c", "a.b.c.d", "b.c", "x" };
static const char *const names[] = {
	"node",	    "MainThread",      "desk", "other-desk", "bash",   "systemd", "tmux: server",
	"a) S 1 1", "desk-longer-tha", "tini", "bare-desk",  "claude", "deck",	  "many-desk",
	"init(7)",  "python3.11"
};
static const char *const glue[] = { "", "{\"identifier\":\"", "--id=", "pre-", "." };

static size_t put(char *buf, size_t at, size_t size, const char *text)
{
	size_t n = strlen(text) + 1;

	if (at + n > size)
		return at;
	memcpy(buf + at, text, n);
	return at + n;
}

/* An entry that names @owner's pid, in one of the forms that a value may have. */
static void owner_entry(char *entry, size_t size, const struct process *owner, uint64_t *r)
{
	switch (pick(r, 6)) {
	case 0:
		snprintf(entry, size, "OWNER_PID=%d", (int)owner->id.pid);
		break;
	case 1:
		snprintf(entry, size, "OWNER_PID=%d:%llu", (int)owner->id.pid,
			 (unsigned long long)owner->id.start_ticks);
		break;
	case 2:
		snprintf(entry, size, "OWNER_PID=%s", chance(r, 50) ? "/run/x/7.s2" : "no");
		break;
	case 3:
		snprintf(entry, size, "SOCK=/run/user/1000/c/%d", (int)owner->id.pid);
		break;
	default:
		snprintf(entry, size, "SOCK=/run/user/1000/c/%d.sock", (int)owner->id.pid);
		break;
	}
}

static bool is_below_systemd(const struct forest *f, size_t i)
{
	pid_t ppid = f->procs[i].ppid;

	return ppid == 1 || (ppid > 1 && !strcmp(f->procs[ppid - 1].comm, "systemd"));
}

static void grow_environ(struct forest *f, size_t i, uint64_t *r)
{
	static const char *const vars[] = { "MARK_A",  "MARK_B", "OTHER",  "MARK_A", "CONFIG",
					    "MARK_A2", "CARRY",	 "MARK_M", "MARK_A" };
	static const char *const odd[] = { "STRAY_KEEP=1", "STRAY_KEEP=",  "MARK_A=0",
					   "MARK_B=",	   "RUN=github_1", "RUN=0",
					   "GEN_A=g1",	   "GEN_A=g2",	   "GEN_A=g1" };
	size_t at = 0;
	char entry[96];

	for (size_t n = pick(r, 3); n > 0; n--) {
		snprintf(entry, sizeof(entry), "%s=%s%s%s", vars[pick(r, 9)],
			 chance(r, 15) ? glue[pick(r, 5)] : "",
			 chance(r, 5) ? "" : forest_ids[pick(r, FOREST_IDS)],
			 chance(r, 10) ? "\nMARK_A=a.b" : "");
		at = put(f->env[i], at, sizeof(f->env[i]), entry);
	}
	if (i && chance(r, 14)) {
		owner_entry(entry, sizeof(entry), &f->procs[chance(r, 10) ? i : pick(r, i)], r);
		at = put(f->env[i], at, sizeof(f->env[i]), entry);
	}
	if (chance(r, 15))
		at = put(f->env[i], at, sizeof(f->env[i]), odd[pick(r, 9)]);
	for (size_t k = 0; k < 2 && chance(r, 6); k++) {
		snprintf(entry, sizeof(entry), "SYSTEMD_EXEC_PID=%d",
			 (int)f->procs[i && is_below_systemd(f, i) ? i : 0].id.pid);
		at = put(f->env[i], at, sizeof(f->env[i]), entry);
	}
	f->procs[i].environ = (struct bytes){ f->env[i], at };
	f->procs[i].environ_read = chance(r, 3) ? READ_REFUSED : READ_DONE;
	if (f->procs[i].environ_read != READ_DONE)
		f->procs[i].environ.len = 0;
}

static void grow_args(struct forest *f, size_t i, uint64_t *r)
{
	static const char *const scripts[] = { "/opt/x/desk.js", "-m\0deck", "claude",
					       "--flag\0/x/bare-desk.py" };
	struct process *p = &f->procs[i];
	bool interprets = !strcmp(p->comm, "node") || !strcmp(p->comm, "python3.11");
	size_t at = put(f->args[i], 0, sizeof(f->args[i]),
			interprets || chance(r, 80) ? p->comm : "/opt/x/desk");
	char arg[64];

	if (interprets && chance(r, 25)) {
		size_t n = pick(r, 4), len = strlen(scripts[n]) + 1;

		if (n == 1 || n == 3)
			len += strlen(scripts[n] + len) + 1;
		memcpy(f->args[i] + at, scripts[n], len);
		at += len;
	}
	if (chance(r, 35)) {
		snprintf(arg, sizeof(arg), "%s%s%s", glue[pick(r, 5)],
			 forest_ids[pick(r, FOREST_IDS)],
			 chance(r, 20)	 ? "-x"
			 : chance(r, 50) ? "\"}"
					 : "");
		at = put(f->args[i], at, sizeof(f->args[i]), arg);
	}
	p->args = (struct bytes){ f->args[i], at };
	p->args_read = READ_DONE;
	if (chance(r, 1) && p->environ_read == READ_DONE)
		p->args.len = p->environ.len = 0; /* as in the middle of an exec */
}

static enum answer answer(uint64_t *r, unsigned yes, unsigned unknown)
{
	size_t luck = pick(r, 100);

	return luck < yes ? ANSWER_YES : luck < yes + unknown ? ANSWER_UNKNOWN : ANSWER_NO;
}

static void grow_fact(struct forest *f, size_t i, uint64_t *r)
{
	struct fact *fact = &f->fact[i];

	*fact = (struct fact){ .parent_changed = i && chance(r, 8),
			       .hung_up = answer(r, 30, 3),
			       .service = answer(r, 4, 1) };
	if (!is_below_systemd(f, i))
		fact->service = ANSWER_NO;
	if (chance(r, 6))
		fact->files = forest_ids[pick(r, FOREST_IDS)];
	fact->files_refused = chance(r, 1);
	for (size_t k = 0; k < 2 && chance(r, 6); k++) {
		struct fact_memory *was = &fact->remembered[fact->nr_remembered++];

		was->id = forest_ids[pick(r, FOREST_IDS)];
		was->app = chance(r, 80) ? "a" : chance(r, 80) ? "b" : "g";
		was->generation = chance(r, 50) ? "g1" : "";
		/* ... from what has ended, or from what lives. */
		was->from = (struct identity){ 4000, 5, 0 };
		if (i && chance(r, 30))
			was->from = f->procs[pick(r, i)].id;
	}
}

/* A pid namespace of its own (a sandbox) begins at @p, or it is in its parent's. */
static void grow_namespace(struct forest *f, struct process *p, const struct process *up,
			   uint64_t *r)
{
	p->pid_ns = up ? up->pid_ns : 1;
	if (up && up != f->procs && chance(r, 4))
		p->pid_ns = (uint64_t)p->id.pid + 100;
	p->ns_pid = p->pid_ns == 1 ? p->id.pid : p->pid_ns == up->pid_ns ? p->id.pid : 1;
}

/* The init of a sandbox that was seen below a process of an instance. */
static void grow_sandbox(struct forest *f, size_t i, uint64_t *r)
{
	if (f->procs[i].ns_pid != 1 || !i || !chance(r, 40))
		return;
	f->fact[i].sandboxes[0] =
		(struct fact_sandbox){ forest_ids[pick(r, FOREST_IDS)], chance(r, 80) ? "a" : "b" };
	f->fact[i].nr_sandboxes = 1;
}

static void grow_one(struct forest *f, size_t i, uint64_t *r)
{
	struct process *p = &f->procs[i];
	const struct process *up = i ? &f->procs[pick(r, i)] : NULL;

	if (up && up->dead)
		up = &f->procs[0];
	*p = (struct process){ .id = { .pid = (pid_t)(i + 1), .start_ticks = i * 10 + pick(r, 15) },
			       .ppid = up ? up->id.pid : 0,
			       .tpgid = -1,
			       .state = 'S',
			       .threads = 1 };
	if (i && chance(r, 2))
		p->ppid = 0; /* entered our pid namespace from outside */
	p->uid = up && up != f->procs && chance(r, 95) ? up->uid : chance(r, 92) ? 1000 : 1001;
	p->comm = i		  ? names[pick(r, sizeof(names) / sizeof(*names))]
		  : chance(r, 80) ? "init"
				  : "bash";
	p->sid = !up || chance(r, 20) ? p->id.pid : up->sid;
	p->pgid = p->sid == p->id.pid || chance(r, 30) ? p->id.pid : up->pgid;
	p->exe = chance(r, 10)	? "/usr/bin/desk (deleted)"
		 : chance(r, 3) ? "/o/claude/versions/2"
				: "/usr/bin/x";
	p->dead = i && chance(r, 4);
	grow_namespace(f, p, up, r);
	grow_environ(f, i, r);
	grow_args(f, i, r);
	grow_fact(f, i, r);
	grow_sandbox(f, i, r);
	if (i == 0) { /* pid 1 is no agent most of the time */
		p->environ.len = 0;
		p->uid = 0;
	}
}

static struct fact fact_of(const struct truth *facts, const struct process *p)
{
	const struct forest *f =
		(const struct forest *)((const char *)facts - offsetof(struct forest, facts));

	return f->fact[p->id.pid - 1];
}

static struct fact_receipts receipts_of(const struct truth *facts, const char *app, struct bytes id)
{
	const struct forest *f =
		(const struct forest *)((const char *)facts - offsetof(struct forest, facts));

	for (size_t n = 0; n < FOREST_IDS; n++)
		if (!strcmp(app, "a") && id.len == strlen(forest_ids[n]) &&
		    !memcmp(id.data, forest_ids[n], id.len))
			return f->receipts[n];
	return (struct fact_receipts){ .state = RECEIPTS_NONE };
}

void forest_grow(struct forest *f, uint64_t seed)
{
	uint64_t r = seed * 0x9E3779B97F4A7C15ULL + 1;

	for (int i = 0; i < 4; i++)
		forest_random(&r);
	memset(f, 0, sizeof(*f));
	f->nr = 3 + pick(&r, FOREST_MAX - 3);
	f->complete = !chance(&r, 5);
	f->facts = (struct truth){ fact_of, receipts_of };
	for (size_t i = 0; i < f->nr; i++)
		grow_one(f, i, &r);
	for (size_t n = 0; n < FOREST_IDS; n++) {
		struct fact_receipts *receipts = &f->receipts[n];

		receipts->state = chance(&r, 70)   ? RECEIPTS_READ
				  : chance(&r, 30) ? RECEIPTS_FAILED
						   : RECEIPTS_NONE;
		receipts->nr = receipts->state == RECEIPTS_READ ? pick(&r, 5) : 0;
		for (size_t k = 0; k < receipts->nr; k++)
			receipts->pids[k] = (pid_t)(2 + pick(&r, f->nr));
	}
	f->self = chance(&r, 30) ? (pid_t)(2 + pick(&r, f->nr - 1)) : 0;
	f->only = chance(&r, 25) ? 1000 : (uid_t)-1;
}

static void add_words(struct strings *list, const char *words)
{
	while (words && *words) {
		size_t n = strcspn(words, " ");

		if (strings_add(list, words, n))
			abort();
		words += n + (words[n] == ' ');
	}
}

void forest_policy(struct policy *p)
{
	static const struct {
		const char *name, *markers, *desktops, *except, *named, *data, *fallback,
			*generation;
		struct app rest;
	} apps[] = {
		{ "a",
		  "MARK_A MARK_A2",
		  "desk desk-longer-than-fifteen",
		  "0",
		  "a.b.c*",
		  "/data/%i",
		  "a.b",
		  "GEN_A",
		  { .many_instances = false } },
		{ "b", "MARK_B", "bare-desk", .rest = { .many_instances = false } },
		{ "c", "OWNER_PID", NULL, .rest = { .owner = APP_OWNER_PID } },
		{ "d", "CARRY", "deck", .rest = { .owner = APP_OWNER_CARRIER } },
		{ "m", "MARK_M", "many-desk", .rest = { .many_instances = true } },
		{ "n", "SOCK", "claude */claude/versions/*",
		  .rest = { .owner = APP_OWNER_PID, .sweep = APP_SWEEP_STDIO } },
		{ "g", "RUN", "runner", "0", .rest = { .no_inherit = true } },
	};

	*p = (struct policy){ .refs = 1 };
	for (size_t i = 0; i < sizeof(apps) / sizeof(*apps); i++) {
		struct app *a = policy_replace_app(p, apps[i].name, "test");

		if (!a)
			abort();
		add_words(&a->markers, apps[i].markers);
		add_words(&a->desktops, apps[i].desktops);
		add_words(&a->except, apps[i].except);
		add_words(&a->named, apps[i].named);
		add_words(&a->data, apps[i].data);
		a->owner = apps[i].rest.owner;
		a->sweep = apps[i].rest.sweep;
		a->many_instances = apps[i].rest.many_instances;
		a->no_inherit = apps[i].rest.no_inherit;
		a->default_instance = apps[i].fallback ? strdup(apps[i].fallback) : NULL;
		a->generation = apps[i].generation ? strdup(apps[i].generation) : NULL;
		a->receipts = i == 0 ? strdup("/receipts/%i") : NULL;
		if (!strcmp(a->name, "g"))
			add_words(&a->filters, "RUN=github_*");
	}
	add_words(&p->adopters, "systemd init init(*) tini");
}

struct snapshot *forest_snapshot(const struct forest *f)
{
	struct snapshot *s = snapshot_new();

	if (!s)
		abort();
	s->complete = f->complete;
	s->self = f->self;
	s->pid_ns = 1;
	s->ticks_per_second = 100;
	s->boottime_ms = 1000000;
	for (size_t i = 0; i < f->nr; i++)
		if (!f->left_out[i] && snapshot_add(s, &f->procs[i], NULL))
			abort();
	s->scanned = s->nr;
	snapshot_seal(s);
	return s;
}

void forest_print(const struct forest *f)
{
	printf("# complete %d self %d only %d\n", f->complete, (int)f->self, (int)f->only);
	for (size_t n = 0; n < FOREST_IDS; n++)
		printf("# receipts of %s: state %d, %d %d %d %d\n", forest_ids[n],
		       f->receipts[n].state, (int)f->receipts[n].pids[0],
		       (int)f->receipts[n].pids[1], (int)f->receipts[n].pids[2],
		       (int)f->receipts[n].pids[3]);
	for (size_t i = 0; i < f->nr; i++) {
		const struct process *p = &f->procs[i];

		if (f->left_out[i])
			continue;
		printf("# pid %d ppid %d pgid %d sid %d uid %d start %llu%s comm '%s' args",
		       (int)p->id.pid, (int)p->ppid, (int)p->pgid, (int)p->sid, (int)p->uid,
		       (unsigned long long)p->id.start_ticks, p->dead ? " dead" : "", p->comm);
		for (size_t k = 0; k < p->args.len; k += strlen(p->args.data + k) + 1)
			printf(" '%s'", p->args.data + k);
		printf(" env%s", p->environ_read == READ_DONE ? "" : " refused");
		for (size_t k = 0; k < p->environ.len; k += strlen(p->environ.data + k) + 1)
			printf(" '%s'", p->environ.data + k);
		printf(" exe %s ns %d/%d", p->exe, (int)p->pid_ns, (int)p->ns_pid);
		printf("%s%s%s files %s%s%s%s%s%s\n", f->fact[i].parent_changed ? " moved" : "",
		       f->fact[i].hung_up == ANSWER_YES ? " hung-up" : "",
		       f->fact[i].service == ANSWER_YES	      ? " service"
		       : f->fact[i].service == ANSWER_UNKNOWN ? " service?"
							      : "",
		       f->fact[i].files ? f->fact[i].files : "-",
		       f->fact[i].files_refused ? " refused" : "",
		       f->fact[i].nr_remembered ? " remembered " : "",
		       f->fact[i].nr_remembered ? f->fact[i].remembered[0].id : "",
		       f->fact[i].nr_sandboxes ? " sandbox of " : "",
		       f->fact[i].nr_sandboxes ? f->fact[i].sandboxes[0].id : "");
	}
}
