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

/* Each a prefix of, or overlapping, another: what an unbounded match would confuse. */
static const char *const ids[] = { "a.b", "a.b.c", "a.b.c.d", "b.c", "x" };
static const char *const names[] = { "node",	     "MainThread", "desk",
				     "other-desk",   "bash",	   "systemd",
				     "tmux: server", "a) S 1 1",   "desk-longer-tha",
				     "tini",	     "bare-desk" };
static const char *const glue[] = { "", "{\"identifier\":\"", "--id=", "pre-", "." };

static size_t put(char *buf, size_t at, size_t size, const char *text)
{
	size_t n = strlen(text) + 1;

	if (at + n > size)
		return at;
	memcpy(buf + at, text, n);
	return at + n;
}

static void grow_environ(struct forest *f, size_t i, uint64_t *r)
{
	static const char *const vars[] = { "MARK_A", "MARK_B", "OTHER", "MARK_A", "CONFIG" };
	size_t at = 0;
	char entry[96];

	for (size_t n = pick(r, 3); n > 0; n--) {
		snprintf(entry, sizeof(entry), "%s=%s%s%s", vars[pick(r, 5)],
			 chance(r, 15) ? glue[pick(r, 5)] : "", chance(r, 5) ? "" : ids[pick(r, 5)],
			 chance(r, 10) ? "\nMARK_A=a.b" : "");
		at = put(f->env[i], at, sizeof(f->env[i]), entry);
	}
	if (i && chance(r, 10)) {
		const struct process *owner = &f->procs[pick(r, i)];

		if (chance(r, 50))
			snprintf(entry, sizeof(entry), "OWNER_PID=%d", (int)owner->id.pid);
		else
			snprintf(entry, sizeof(entry), "OWNER_PID=%d:%llu", (int)owner->id.pid,
				 (unsigned long long)owner->id.start_ticks);
		at = put(f->env[i], at, sizeof(f->env[i]), chance(r, 10) ? "OWNER_PID=no" : entry);
	}
	if (chance(r, 4))
		at = put(f->env[i], at, sizeof(f->env[i]),
			 chance(r, 50) ? "STRAY_KEEP=1" : "STRAY_KEEP=");
	f->procs[i].environ = (struct bytes){ f->env[i], at };
	f->procs[i].environ_read = chance(r, 3) ? READ_REFUSED : READ_DONE;
	if (f->procs[i].environ_read != READ_DONE)
		f->procs[i].environ.len = 0;
}

static void grow_args(struct forest *f, size_t i, uint64_t *r)
{
	size_t at = put(f->args[i], 0, sizeof(f->args[i]),
			chance(r, 80) ? f->procs[i].comm : "/opt/x/desk");
	char arg[64];

	if (chance(r, 40)) {
		snprintf(arg, sizeof(arg), "%s%s%s", glue[pick(r, 5)], ids[pick(r, 5)],
			 chance(r, 20)	 ? "-x"
			 : chance(r, 50) ? "\"}"
					 : "");
		at = put(f->args[i], at, sizeof(f->args[i]), arg);
	}
	f->procs[i].args = (struct bytes){ f->args[i], at };
	f->procs[i].args_read = READ_DONE;
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
	p->uid = up && up != f->procs && chance(r, 95) ? up->uid : chance(r, 92) ? 1000 : 1001;
	p->comm = i ? names[pick(r, sizeof(names) / sizeof(*names))] : "init";
	p->sid = !up || chance(r, 20) ? p->id.pid : up->sid;
	p->pgid = p->sid == p->id.pid || chance(r, 30) ? p->id.pid : up->pgid;
	p->exe = chance(r, 10) ? "/usr/bin/desk (deleted)" : "/usr/bin/x";
	p->dead = i && chance(r, 4);
	p->pid_ns = 1;
	p->ns_pid = p->id.pid;
	grow_args(f, i, r);
	grow_environ(f, i, r);
	if (i == 0) { /* pid 1 is nobody's agent most of the time */
		p->environ.len = 0;
		p->uid = 0;
	}
}

void forest_grow(struct forest *f, uint64_t seed)
{
	uint64_t r = seed * 0x9E3779B97F4A7C15ULL + 1;

	for (int i = 0; i < 4; i++)
		forest_random(&r);
	memset(f, 0, sizeof(*f));
	f->nr = 3 + pick(&r, FOREST_MAX - 3);
	f->complete = !chance(&r, 5);
	for (size_t i = 0; i < f->nr; i++)
		grow_one(f, i, &r);
}

void forest_policy(struct policy *p)
{
	static const struct {
		const char *name, *marker, *marker2, *desktop, *fallback;
		bool owner_pid;
	} apps[] = {
		{ "a", "MARK_A", "MARK_A2", "desk", "a.b", false },
		{ "b", "MARK_B", NULL, "bare-desk", NULL, false },
		{ "c", "OWNER_PID", NULL, NULL, NULL, true },
	};

	memset(p, 0, sizeof(*p));
	for (size_t i = 0; i < 3; i++) {
		struct app *a = policy_replace_app(p, apps[i].name, "test");

		if (!a || strings_add(&a->markers, apps[i].marker, strlen(apps[i].marker)))
			abort();
		if (apps[i].marker2)
			strings_add(&a->markers, apps[i].marker2, strlen(apps[i].marker2));
		if (apps[i].desktop)
			strings_add(&a->desktops, apps[i].desktop, strlen(apps[i].desktop));
		if (i == 0)
			strings_add(&a->desktops, "desk-longer-than-fifteen", 24);
		a->default_instance = apps[i].fallback ? strdup(apps[i].fallback) : NULL;
		a->owner = apps[i].owner_pid ? APP_OWNER_PID : APP_OWNER_NAME;
	}
	strings_add(&p->adopters, "systemd", 7);
	strings_add(&p->adopters, "init", 4);
	strings_add(&p->adopters, "tini", 4);
}

struct snapshot *forest_snapshot(const struct forest *f)
{
	struct snapshot *s = snapshot_new();

	if (!s)
		abort();
	s->complete = f->complete;
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
	printf("# complete %d\n", f->complete);
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
		printf(" exe %s\n", p->exe);
	}
}
