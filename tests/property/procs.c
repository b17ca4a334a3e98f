/* SPDX-License-Identifier: MIT */
#include "property/procs.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "property/forest.h"

struct procs procs;

static size_t pick(uint64_t *r, size_t n)
{
	return forest_random(r) % n;
}

static bool chance(uint64_t *r, unsigned percent)
{
	return pick(r, 100) < percent;
}

__attribute__((format(printf, 1, 2))) static void say(const char *format, ...)
{
	va_list args;

	if (!procs.trace)
		return;
	va_start(args, format);
	printf("#   ");
	vprintf(format, args);
	printf("\n");
	va_end(args);
}

struct fake *procs_find(pid_t pid)
{
	size_t low = 0, high = procs.nr;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (procs.list[middle].pid == pid)
			return &procs.list[middle];
		if (procs.list[middle].pid < pid)
			low = middle + 1;
		else
			high = middle;
	}
	return NULL;
}

static struct fake *insert(pid_t pid)
{
	size_t at = 0;

	if (procs.nr == PROCS_MAX || procs_find(pid))
		return NULL;
	while (at < procs.nr && procs.list[at].pid < pid)
		at++;
	memmove(&procs.list[at + 1], &procs.list[at], (procs.nr - at) * sizeof(*procs.list));
	procs.nr++;
	procs.serial++;
	procs.list[at] = (struct fake){
		.pid = pid,
		.serial = procs.serial,
		.ino = procs.serial,
		.start_ticks = (uint64_t)procs.now_ms / 10,
	};
	return &procs.list[at];
}

static void take_out(struct fake *f)
{
	size_t at = (size_t)(f - procs.list);

	procs.nr--;
	memmove(f, f + 1, (procs.nr - at) * sizeof(*f));
}

static size_t put(char *buf, size_t at, size_t size, const char *text)
{
	size_t n = strlen(text) + 1;

	if (at + n > size)
		return at;
	memcpy(buf + at, text, n);
	return at + n;
}

void procs_begin(void)
{
	bool trace = procs.trace;
	struct fake *init, *self;

	memset(&procs, 0, sizeof(procs));
	procs.trace = trace;
	procs.now_ms = 1000 * 1000;
	init = insert(1);
	init->pgid = init->sid = 1;
	snprintf(init->comm, sizeof(init->comm), "init");
	self = insert(getpid());
	self->ppid = 1;
	self->pgid = self->sid = self->pid;
	self->uid = getuid();
	snprintf(self->comm, sizeof(self->comm), "stray");
}

int procs_fork(pid_t parent, pid_t pid)
{
	struct fake *up = procs_find(parent), *f, copy;

	if (!up || up->zombie)
		return -1;
	copy = *up; /* which moves when the child gets its place */
	f = insert(pid);
	if (!f)
		return -1;
	copy.pid = pid;
	copy.ppid = parent;
	copy.serial = f->serial;
	copy.ino = f->ino;
	copy.start_ticks = f->start_ticks;
	copy.execs = 0;
	copy.tracer = 0;
	copy.subreaper = copy.headless = false;
	if (parent == 1) { /* a daemon, rather than part of init */
		copy.pgid = copy.sid = pid;
		copy.uid = getuid();
	}
	*f = copy;
	if (pid < 2 * PROCS_MAX)
		say("fork: %d of %d", (int)pid, (int)parent);
	return 0;
}

/* Ids that an unbounded match would confuse, names that are desktops, and others. */
static const char *const ids[] = { "a.b", "a.b.c", "b.c", "x" };
static const char *const names[] = { "node", "desk",	"desk-longer-tha", "bare-desk", "tini",
				     "bash", "systemd", "tmux: server",	   "a) S 1 1" };

static void exec_environ(struct fake *f, uint64_t *r)
{
	static const char *const vars[] = { "MARK_A", "MARK_B", "OTHER", "STRAY_KEEP" };
	const struct fake *owner = &procs.list[pick(r, procs.nr)];
	char entry[96];

	if (chance(r, 50)) /* as most do */
		return;
	f->env_len = 0;
	for (size_t n = pick(r, 3); n > 0; n--) {
		snprintf(entry, sizeof(entry), "%s=%s", vars[pick(r, 4)], ids[pick(r, 4)]);
		f->env_len = put(f->env, f->env_len, sizeof(f->env), entry);
	}
	if (!chance(r, 15))
		return;
	if (chance(r, 50))
		snprintf(entry, sizeof(entry), "OWNER_PID=%d", (int)owner->pid);
	else
		snprintf(entry, sizeof(entry), "OWNER_PID=%d:%llu", (int)owner->pid,
			 (unsigned long long)owner->start_ticks);
	f->env_len = put(f->env, f->env_len, sizeof(f->env), entry);
}

static void new_args(struct fake *f, bool title, uint64_t *r)
{
	f->args_len = strlen(f->args) + 1;
	if (title)
		f->args_len =
			put(f->args, 0, sizeof(f->args), chance(r, 85) ? f->comm : "/opt/x/desk");
	if (chance(r, 40))
		f->args_len = put(f->args, f->args_len, sizeof(f->args), ids[pick(r, 4)]);
}

void procs_exec(struct fake *f, uint64_t *r)
{
	const char *name = names[pick(r, sizeof(names) / sizeof(*names))];

	f->execs++;
	f->headless = false;
	f->refused = chance(r, 5);
	snprintf(f->comm, sizeof(f->comm), "%s", name);
	snprintf(f->exe, sizeof(f->exe), "/usr/bin/%s%s",
		 chance(r, 15)	 ? "desk-longer-than-fifteen"
		 : chance(r, 60) ? name
				 : "x",
		 chance(r, 10) ? " (deleted)" : "");
	new_args(f, true, r);
	exec_environ(f, r);
	say("exec: %d is %s, %s", (int)f->pid, f->comm, f->exe);
}

/* The nearest ancestor that lives and adopts, as exit(2) looks for one. */
static pid_t adopter_of(const struct fake *f)
{
	pid_t pid = f->ppid;

	while (pid > 1) {
		const struct fake *up = procs_find(pid);

		if (!up)
			break;
		if (up->subreaper && !up->zombie)
			return pid;
		pid = up->ppid;
	}
	return 1;
}

void procs_exit(pid_t pid, bool waited)
{
	struct fake *f = procs_find(pid);
	pid_t adopter = adopter_of(f);

	for (size_t i = 0; i < procs.nr; i++) {
		if (procs.list[i].ppid == pid)
			procs.list[i].ppid = adopter;
		if (procs.list[i].tracer == pid)
			procs.list[i].tracer = 0;
	}
	say("exit: %d%s", (int)pid, waited ? "" : ", a zombie");
	f->zombie = true;
	f->headless = false;
	f->tracer = 0;
	if (waited)
		take_out(f);
}

/* Ends, and at once, within the same tick of the clock, another has its pid. */
static void reuse(pid_t pid, uint64_t *r)
{
	uint64_t ticks = procs_find(pid)->start_ticks;
	struct fake *f;
	pid_t parent;

	procs_exit(pid, true);
	parent = procs.list[pick(r, procs.nr)].pid;
	if (procs_fork(parent, pid) < 0)
		return;
	f = procs_find(pid);
	f->start_ticks = ticks;
	if (chance(r, 70))
		procs_exec(f, r);
}

/* The events that a stat file shows. */
static void change_stat(struct fake *f, uint64_t *r)
{
	const struct fake *other = &procs.list[pick(r, procs.nr)];

	switch (pick(r, 8)) {
	case 0:
		if (f->pgid != f->pid)
			f->pgid = f->sid = f->pid;
		say("setsid: %d", (int)f->pid);
		break;
	case 1:
		if (f->sid != f->pid)
			f->pgid = other->sid == f->sid ? other->pgid : f->pid;
		say("setpgid: %d in %d", (int)f->pid, (int)f->pgid);
		break;
	case 2:
		snprintf(f->comm, sizeof(f->comm), "%s",
			 names[pick(r, sizeof(names) / sizeof(*names))]);
		say("prctl: %d is %s", (int)f->pid, f->comm);
		break;
	case 3:
		f->refused = !f->refused;
		say("%d is %sdumpable", (int)f->pid, f->refused ? "not " : "");
		break;
	case 4:
		f->headless = true;
		say("the main thread of %d ends", (int)f->pid);
		break;
	default:
		procs_exec(f, r);
	}
}

static void change_quietly(struct fake *f, uint64_t *r)
{
	const struct fake *other = &procs.list[pick(r, procs.nr)];

	if (chance(r, 50)) {
		f->tracer = f->tracer || other == f || other->zombie ? 0 : other->pid;
		say("%d is traced by %d", (int)f->pid, (int)f->tracer);
	} else if (f->uid == getuid() || geteuid() == 0) { /* root alone gives one to a user */
		f->uid = f->uid == getuid() ? getuid() + 1 : getuid();
		say("setuid: %d is %d's", (int)f->pid, (int)f->uid);
	}
}

static bool traces_somebody(const struct fake *f)
{
	for (size_t i = 0; i < procs.nr; i++)
		if (procs.list[i].tracer == f->pid)
			return true;
	return false;
}

void procs_event(uint64_t *r, bool (*may)(const struct fake *f, enum procs_kind kind))
{
	struct fake *f = &procs.list[pick(r, procs.nr)];
	bool spared = f->pid == 1 || f->pid == getpid();
	size_t what = pick(r, 100);

	if (what < 30) {
		pid_t pid = (pid_t)(2 + pick(r, PROCS_MAX * 2));

		if (procs_fork(f->pid, pid) == 0 && chance(r, 75))
			procs_exec(procs_find(pid), r);
	} else if (what < 50 && f->zombie && f->ppid != getpid()) {
		say("waited for: %d", (int)f->pid);
		take_out(f);
	} else if (spared || f->zombie || (traces_somebody(f) && !may(f, PROCS_QUIET))) {
		return;
	} else if (what < 45) {
		/* That a zombie counts as unreadable no more, its stat tells. */
		procs_exit(f->pid, chance(r, 50) || (f->refused && !may(f, PROCS_STAT)));
	} else if (what < 52) {
		reuse(f->pid, r);
	} else if (what < 55) {
		f->subreaper = !f->subreaper;
		say("%d is %s subreaper", (int)f->pid, f->subreaper ? "a" : "no");
	} else if (what < 58) {
		f->ino = ++procs.serial; /* memory was short */
		say("%d has another inode", (int)f->pid);
	} else if (what < 92) {
		if (may(f, PROCS_STAT))
			change_stat(f, r);
	} else if (what < 97) {
		if (may(f, PROCS_QUIET))
			change_quietly(f, r);
	} else {
		bool title = chance(r, 50);

		if (!may(f, title ? PROCS_TITLE : PROCS_ARGS))
			return;
		new_args(f, title, r);
		say("%d overwrites its arguments from %d", (int)f->pid, !title);
	}
}

void procs_print(void)
{
	for (size_t i = 0; i < procs.nr; i++) {
		const struct fake *f = &procs.list[i];

		if (!f->execs) /* the settled strangers look alike */
			continue;
		printf("# pid %d ppid %d pgid %d sid %d uid %d start %llu%s%s%s comm '%s' exe '%s' args",
		       (int)f->pid, (int)f->ppid, (int)f->pgid, (int)f->sid, (int)f->uid,
		       (unsigned long long)f->start_ticks, f->zombie ? " zombie" : "",
		       f->headless ? " headless" : "", f->refused ? " refused" : "", f->comm,
		       f->exe);
		for (size_t k = 0; k < f->args_len; k += strlen(f->args + k) + 1)
			printf(" '%s'", f->args + k);
		printf(" env");
		for (size_t k = 0; k < f->env_len; k += strlen(f->env + k) + 1)
			printf(" '%s'", f->env + k);
		printf("\n");
	}
}
