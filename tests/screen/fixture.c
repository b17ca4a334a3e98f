/* SPDX-License-Identifier: MIT */
#include "screen/fixture.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/array.h"
#include "stray/snapshot.h"

enum { UID = 1000, TPS = 100, SELF = 60000, FOREVER = 1000000 };

/* 2026-11-23 19:58:02 UTC, the last moment of the story; times are seconds before it. */
static const int64_t now_s = 1795463882;
static const int64_t boot_s = 1795463882 - 400000;

#define APP "xyz.block.sprout.app"
#define DEV APP ".dev"

/* When each scan takes place, in seconds before the end. */
static const int main_stages[] = { 3322, 3122, 283, 252, 192, 43, 12, 0 };
static const int short_stages[] = { 300, 12, 0 };

struct actor {
	pid_t pid, ppid;
	pid_t orphaned;	   /* pid of the owner whose end makes pid 1 its parent; 0: none */
	int age_s, gone_s; /* started, ended so many seconds before the end; -1: lives on */
	unsigned rss_kib, threads, cpu_tenths;
	char state;
	const char *comm, *args, *id; /* args: blanks part them; id: the marker's value */
};

#define MB(x) ((unsigned)((x)*1024))

static const struct actor main_actors[] = {
	{ 2210, 1, 0, 90000, -1, MB(400), 30, 0, 'S', "sprout-desktop", "sprout-desktop", NULL },
	{ 2301, 2210, 0, 7200, -1, MB(402), 20, 50, 'S', "sprout-agent", "sprout-agent", APP },
	{ 2320, 2301, 0, 7200, -1, MB(300), 11, 11, 'S', "node", "node mcp-server.js", APP },
	{ 2377, 2301, 0, 760, -1, MB(40), 1, 0, 'S', "bash", "bash -lc make", APP },
	{ 39012, 1, 0, 8000, 12, MB(200), 30, 0, 'S', "sprout-desktop",
	  "sprout-desktop --config {\"identifier\":\"" DEV ".fix-login\"}", NULL },
	{ 39020, 39012, 39012, 7900, -1, MB(200), 18, 4, 'S', "sprout-agent", "sprout-agent",
	  DEV ".fix-login" },
	{ 39031, 39020, 0, 7890, -1, MB(111), 11, 0, 'S', "node", "node mcp-server.js",
	  DEV ".fix-login" },
	{ 41877, 1, 0, 3130, 252, MB(200), 30, 0, 'S', "sprout-desktop",
	  "sprout-desktop --config {\"identifier\":\"" DEV ".my-branch\"}", NULL },
	{ 41912, 41877, 41877, 3128, -1, MB(812), 22, 310, 'S', "sprout-agent",
	  "sprout-agent --instance dev.my-branch", DEV ".my-branch" },
	{ 41955, 41912, 0, 3127, -1, MB(301), 11, 70, 'S', "node", "node mcp-server.js",
	  DEV ".my-branch" },
	{ 41990, 41877, 41877, 239, -1, 0, 1, 0, 'Z', "git", "", DEV ".my-branch" },
	{ 42020, 41912, 0, 2920, -1, MB(18.1), 1, 2, 'S', "bash", "bash -lc npm run dev",
	  DEV ".my-branch" },
	{ 50331, 1, 0, 5000, -1, MB(200), 30, 0, 'S', "sprout-desktop",
	  "sprout-desktop --config {\"identifier\":\"" DEV ".feature-very-long-branch-name\"}",
	  NULL },
	{ 50340, 50331, 0, 4990, -1, MB(96.4), 9, 0, 'S', "sprout-agent", "sprout-agent",
	  DEV ".feature-very-long-branch-name" },
	{ 4194210, 1, 0, 6000, -1, MB(200), 30, 0, 'S', "sprout-desktop",
	  "sprout-desktop --config {\"identifier\":\"" APP ".staging\"}", NULL },
	{ 4194230, 4194210, 0, 5990, -1, MB(88), 9, 0, 'S', "sprout-agent", "sprout-agent",
	  APP ".staging" },
};

static const struct actor hostile_actors[] = {
	{ 700, 1, 0, 600, -1, MB(1), 1, 0, 'S', "a\033[31m\nb",
	  "evil\033]0;title\a \xe2\x80\xae gnp", "bad\nname\033[2J\xc2\x9b\xff" },
	{ 701, 1, 0, 600, -1, MB(1), 1, 0, 'S', "wide", "\xe6\xbc\xa2\xe5\xad\x97 arguments",
	  "\xe6\xbc\xa2\xe5\xad\x97" },
	{ 702, 1, 0, 600, -1, MB(1), 1, 0, 'S', ") Z 1 (x", ") Z 1", "xyz) S 1 (" },
};

/* A desktop that cannot be read (it has no arguments here): whose is the other instance? */
static const struct actor unknown_actors[] = {
	{ 4242, 1, 0, 600, -1, MB(9), 1, 0, 'S', "sprout-desktop", "", NULL },
	{ 4300, 1, 0, 500, -1, MB(9), 1, 0, 'S', "worker", "worker --all", "elsewhere" },
};

static const struct actor spared_actors[] = {
	{ 2210, 1, 0, 90000, -1, MB(400), 30, 0, 'S', "sprout-desktop", "sprout-desktop", NULL },
	{ 2301, 2210, 0, 7200, -1, MB(402), 20, 0, 'S', "sprout-agent", "sprout-agent", APP },
	{ 2320, 1, 0, 720, -1, MB(30), 1, 0, 'S', "npm", "npm run dev", APP },
	{ 3000, 1, 0, 900, -1, MB(5), 1, 0, 'S', "ssh-agent", "ssh-agent -D", DEV ".keys" },
	{ 3050, 1, 0, 900, -1, MB(8), 1, 0, 'S', "goose", "goose serve", DEV ".left" },
	{ 3100, 1, 0, 900, -1, MB(9), 1, 0, 'S', "bash", "bash", NULL },
	{ 3110, 3100, 0, 800, -1, MB(70), 1, 0, 'S', "goose", "goose run", DEV ".shell" },
};

static const struct actor wide_actors[] = {
	{ 800, 1, 0, 600, -1, MB(70), 1, 0, 'S', "goose",
	  "goose run --recipe /srv/team/work/agents/recipes/review-of-the-payment-service.yaml "
	  "--params branch=fix-login --no-session --output-format stream-json",
	  DEV ".review" },
};

static const struct {
	const char *name;
	const struct actor *actors;
	size_t nr;
	const int *stages;
	unsigned nr_stages;
} stories[STORY_NR] = {
	[STORY_MAIN] = { "main", main_actors, ARRAY_SIZE(main_actors), main_stages,
			 ARRAY_SIZE(main_stages) },
	[STORY_EMPTY] = { "empty", NULL, 0, short_stages, ARRAY_SIZE(short_stages) },
	[STORY_MANY] = { "many", NULL, 30, short_stages, ARRAY_SIZE(short_stages) },
	[STORY_HOSTILE] = { "hostile", hostile_actors, ARRAY_SIZE(hostile_actors), short_stages,
			    ARRAY_SIZE(short_stages) },
	[STORY_SPARED] = { "spared", spared_actors, ARRAY_SIZE(spared_actors), short_stages,
			   ARRAY_SIZE(short_stages) },
	[STORY_WIDE] = { "wide", wide_actors, ARRAY_SIZE(wide_actors), short_stages,
			 ARRAY_SIZE(short_stages) },
	[STORY_UNKNOWN] = { "unknown", unknown_actors, ARRAY_SIZE(unknown_actors), short_stages,
			    ARRAY_SIZE(short_stages) },
};

enum fixture_story fixture_find(const char *name)
{
	for (int i = 0; i < STORY_NR; i++)
		if (!strcmp(stories[i].name, name))
			return i;
	return STORY_NR;
}

unsigned fixture_stages(const struct fixture *f)
{
	return stories[f->story].nr_stages;
}

unsigned fixture_scans(struct fixture *f)
{
	return __atomic_load_n(&f->scans, __ATOMIC_ACQUIRE);
}

unsigned fixture_opens(struct fixture *f)
{
	return __atomic_load_n(&f->opens, __ATOMIC_ACQUIRE);
}

bool fixture_user_name(uid_t uid, char *buf, size_t size)
{
	if (uid != UID)
		return false;
	snprintf(buf, size, "ana");
	return true;
}

static struct fixture *of_source(struct source *src)
{
	return (struct fixture *)src;
}

static struct fixture *of_reaper(struct reaper *r)
{
	return (struct fixture *)((char *)r - offsetof(struct fixture, reaper));
}

static struct actor actor_at(const struct fixture *f, size_t i)
{
	if (f->story == STORY_MANY)
		return (struct actor){ .pid = (pid_t)(1000 + i),
				       .ppid = 1,
				       .age_s = 600,
				       .gone_s = -1,
				       .rss_kib = MB(10),
				       .threads = 1,
				       .state = 'S',
				       .comm = "node",
				       .args = "node server.js",
				       .id = i < 23 ? DEV ".crowd" : DEV ".other" };
	return stories[f->story].actors[i];
}

/* --- the picture ----------------------------------------------------------------- */

static int now_of(const struct fixture *f)
{
	return stories[f->story].stages[f->stage];
}

static bool is_there(const struct fixture *f, const struct actor *a, size_t i)
{
	int at = now_of(f);

	return !f->ended[i] && a->age_s >= at && !(a->gone_s >= 0 && a->gone_s >= at);
}

static bool owner_gone(const struct fixture *f, pid_t owner)
{
	for (size_t i = 0; owner && i < stories[f->story].nr; i++) {
		struct actor a = actor_at(f, i);

		if (a.pid == owner)
			return !is_there(f, &a, i);
	}
	return false;
}

static int add(struct snapshot *s, const struct fixture *f, const struct actor *a)
{
	char env[256] = "", args[256];
	struct process p = {
		.id = { .pid = a->pid, .start_ticks = (uint64_t)(400000 - a->age_s) * TPS },
		.ppid = owner_gone(f, a->orphaned) ? 1 : a->ppid,
		.pgid = a->pid,
		.sid = a->pid,
		.tpgid = -1,
		.uid = UID,
		.state = a->state,
		.pid_ns = 1,
		.ns_pid = a->pid,
		.rss_kib = a->rss_kib,
		.threads = a->threads,
		.comm = a->comm,
		.args_read = READ_DONE,
		.environ_read = READ_DONE,
	};
	size_t len = strlen(a->args);

	/* All of the time on the processor was spent since the scan before the last. */
	if (!now_of(f))
		p.cpu_ticks = (a->cpu_tenths * 12 * TPS + 500) / 1000;
	snprintf(args, sizeof(args), "%s", a->args);
	for (size_t i = 0; i < len; i++)
		if (args[i] == ' ' && a->args[0] != '\xe6' && a->args[0] != ')')
			args[i] = '\0';
	if (!strcmp(a->comm, "sprout-desktop") && !len)
		p.args_read = p.environ_read = READ_REFUSED;
	if (!strcmp(a->comm, "sprout-desktop") && len)
		p.exe = "/opt/sprout/sprout-desktop";
	p.args = (struct bytes){ args, len ? len + 1 : 0 };
	/* Where its receipts would be; there are none. */
	if (!strcmp(a->comm, "sprout-desktop") && len)
		p.environ = (struct bytes){ "HOME=/nonexistent", sizeof("HOME=/nonexistent") };
	if (a->id)
		p.environ = (struct bytes){
			env,
			(size_t)snprintf(env, sizeof(env), "SPROUT_MANAGED_AGENT=%s", a->id) + 1
		};
	return snapshot_add(s, &p, NULL);
}

static void set_time(const struct fixture *f, struct snapshot *s)
{
	s->realtime_ms = (now_s - now_of(f)) * 1000;
	s->boottime_ms = s->realtime_ms - boot_s * 1000;
	s->monotonic_ms = s->boottime_ms;
}

static struct snapshot *picture(const struct fixture *f, pid_t only)
{
	static const struct actor fixed[] = {
		{ 1, 0, 0, 399999, -1, MB(9), 1, 0, 'S', "systemd", "/sbin/init", NULL },
		{ SELF, 1, 0, 5000, -1, MB(9), 2, 0, 'R', "stray", "stray", NULL },
	};
	struct snapshot *s = snapshot_new();

	snprintf(s->boot_id, sizeof(s->boot_id), "11111111-2222-3333-4444-555555555555");
	snprintf(s->host, sizeof(s->host), "devbox");
	set_time(f, s);
	s->ticks_per_second = TPS;
	s->complete = s->full = true;
	s->scanned = 312;
	s->unreadable = 4;
	s->self = SELF;
	s->pid_ns = 1;
	for (size_t i = 0; i < ARRAY_SIZE(fixed); i++)
		if (!only || only == fixed[i].pid)
			add(s, f, &fixed[i]);
	for (size_t i = 0; i < stories[f->story].nr; i++) {
		struct actor a = actor_at(f, i);

		if ((!only || only == a.pid) && is_there(f, &a, i))
			add(s, f, &a);
	}
	snapshot_seal(s);
	return s;
}

static int do_scan(struct source *src, enum scan_mode mode, struct snapshot **ret_snapshot)
{
	struct fixture *f = of_source(src);
	unsigned last = stories[f->story].nr_stages - 1;

	(void)mode;
	f->stage = f->scans < last ? f->scans : last;
	*ret_snapshot = picture(f, 0);
	__atomic_add_fetch(&f->scans, 1, __ATOMIC_RELEASE);
	return 0;
}

static int do_read(struct source *src, const pid_t *pids, size_t nr, int *ret_errors,
		   struct snapshot **ret_snapshot)
{
	struct snapshot *s = snapshot_new();

	if (!s)
		abort();
	for (size_t i = 0; i < nr; i++) {
		struct snapshot *one =
			picture(of_source(src), pids[i] == getpid() ? SELF : pids[i]);

		ret_errors[i] = one->nr ? 0 : -ESRCH;
		memcpy(s->boot_id, one->boot_id, sizeof(s->boot_id));
		s->self = one->self;
		if (one->nr && snapshot_add(s, &one->procs[0], NULL) < 0)
			abort();
		snapshot_unref(one);
	}
	snapshot_seal(s);
	*ret_snapshot = s;
	return 0;
}

static int do_probe(struct source *src, struct probe *probes, size_t nr)
{
	(void)src;
	for (size_t i = 0; i < nr; i++)
		probes[i] = (struct probe){ .pid = probes[i].pid };
	return 0;
}

static int do_watch(struct source *src, const struct identity *ids, size_t nr)
{
	(void)src;
	(void)ids;
	(void)nr;
	return 0;
}

static int do_watch_fd(struct source *src)
{
	(void)src;
	return -1;
}

static bool do_watch_ended(struct source *src, const struct identity *id)
{
	return owner_gone(of_source(src), id->pid);
}

static void do_now(struct source *src, struct source_time *ret_time)
{
	struct snapshot s = { 0 };

	set_time(of_source(src), &s);
	*ret_time = (struct source_time){ s.boottime_ms, s.monotonic_ms, s.realtime_ms };
}

static pid_t do_waits_for(struct source *src, int64_t *ret_since_ms)
{
	(void)src;
	(void)ret_since_ms;
	return 0;
}

static bool do_cgroup(struct source *src, pid_t pid, char *buf, size_t size)
{
	(void)src;
	(void)pid;
	snprintf(buf, size, "user@1000.service");
	return true;
}

static int do_set_policy(struct source *src, const struct policy *policy)
{
	(void)src;
	(void)policy;
	return 0;
}

static void do_free_source(struct source *src)
{
	(void)src;
}

/* --- the hands --------------------------------------------------------------------- */

static size_t find_actor(const struct fixture *f, pid_t pid)
{
	for (size_t i = 0; i < stories[f->story].nr; i++) {
		struct actor a = actor_at(f, i);

		if (a.pid == pid && is_there(f, &a, i))
			return i;
	}
	return SIZE_MAX;
}

static int do_open(struct reaper *r, pid_t pid, int *ret_handle, uint64_t *ret_ino)
{
	size_t i = find_actor(of_reaper(r), pid);

	if (pid == FIXTURE_NOBODY)
		__atomic_add_fetch(&of_reaper(r)->opens, 1, __ATOMIC_RELEASE);
	if (i == SIZE_MAX)
		return -ESRCH;
	*ret_handle = (int)i;
	*ret_ino = 0;
	return 0;
}

static void do_close(struct reaper *r, int handle)
{
	(void)r;
	(void)handle;
}

static int do_signal(struct reaper *r, int handle, int signo)
{
	struct fixture *f = of_reaper(r);

	if (f->ended[handle])
		return -ESRCH;
	if (f->refuse)
		return -EPERM;
	if (signo == SIGKILL || (signo == SIGTERM && !f->stubborn && !f->slow))
		f->ended[handle] = true;
	return 0;
}

static int do_wait(struct reaper *r, const int *handles, size_t nr, int64_t timeout_ms, int stop_fd,
		   bool *ret_dead)
{
	struct fixture *f = of_reaper(r);
	struct pollfd pfd = { .fd = stop_fd, .events = POLLIN };
	int dead = 0;

	if (f->slow && timeout_ms > 0 && nr && !f->ended[handles[0] < 0 ? 0 : handles[0]] &&
	    poll(&pfd, 1, (int)timeout_ms) > 0)
		return -EINTR;
	for (size_t i = 0; i < nr; i++) {
		ret_dead[i] = handles[i] >= 0 && f->ended[handles[i]];
		dead += ret_dead[i];
	}
	return dead;
}

static size_t do_reserve(struct reaper *r, size_t nr)
{
	(void)r;
	return nr;
}

static void do_free_reaper(struct reaper *r)
{
	(void)r;
}

static const struct source_ops source_ops = {
	.scan = do_scan,
	.read = do_read,
	.probe = do_probe,
	.watch = do_watch,
	.watch_fd = do_watch_fd,
	.watch_ended = do_watch_ended,
	.now = do_now,
	.waits_for = do_waits_for,
	.cgroup = do_cgroup,
	.set_policy = do_set_policy,
	.free = do_free_source,
};

static const struct reaper_ops reaper_ops = {
	.open = do_open,
	.close = do_close,
	.signal = do_signal,
	.wait = do_wait,
	.reserve = do_reserve,
	.free = do_free_reaper,
};

void fixture_init(struct fixture *f, enum fixture_story story)
{
	*f = (struct fixture){ .source = { &source_ops },
			       .reaper = { &reaper_ops },
			       .story = story };
}
