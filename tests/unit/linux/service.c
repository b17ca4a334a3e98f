/* SPDX-License-Identifier: MIT */
#include "helpers/child.h"

#include <sys/mount.h>
#include <sys/stat.h>
#include <time.h>

#include "linux/procfs.h"
#include "linux/service.h"

static void finds_the_nearest_service_in_a_path(void **state)
{
	static const struct {
		const char *text, *unit, *group;
	} cases[] = {
		{ "0::/system.slice/cron.service\n", "cron.service", "/system.slice/cron.service" },
		{ "0::/user.slice/user-1000.slice/user@1000.service/app.slice/b.service/sub\n",
		  "b.service",
		  "/user.slice/user-1000.slice/user@1000.service/app.slice/b.service" },
		{ "0::/user.slice/user@1000.service/app.slice/app-x.scope\n", "user@1000.service",
		  "/user.slice/user@1000.service" },
		{ "9:name=systemd:/system.slice/v1.service\n8:pids:/x.service\n0::/\n",
		  "v1.service", "/system.slice/v1.service" },
		/* Only the hierarchies that systemd names units in. */
		{ "8:pids:/system.slice/x.service\n0::/\n", NULL, NULL },
		{ "0::/user.slice/session-3.scope\n", NULL, NULL },
		{ "0::/x.services\n", NULL, NULL },
		{ "0::/.service\n", NULL, NULL },
		{ "0::/\n", NULL, NULL },
		{ "", NULL, NULL },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		const char *unit = NULL, *path;
		size_t len = 0;

		path = service_parse(cases[i].text, &len, &unit);
		assert_int_equal(path != NULL, cases[i].unit != NULL);
		if (!path)
			continue;
		assert_int_equal(len, strlen(cases[i].group));
		assert_memory_equal(path, cases[i].group, len);
		assert_memory_equal(unit, cases[i].unit, strlen(cases[i].unit));
		assert_ptr_equal(unit + strlen(cases[i].unit), path + len);
	}
}

/* A control group of the hierarchy of v1 that systemd uses, or of v2; root only. */
struct group {
	char mount[32], path[160];
};

static bool put_into(const struct group *g, pid_t pid)
{
	char path[200], text[16];
	int fd, len;

	snprintf(path, sizeof(path), "%s/cgroup.procs", g->path);
	len = snprintf(text, sizeof(text), "%d", (int)pid);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return false;
	len = (int)write(fd, text, (size_t)len);
	close(fd);
	return len > 0;
}

static bool group_make(struct group *g, const char *name)
{
	snprintf(g->mount, sizeof(g->mount), "/tmp/service-XXXXXX");
	assert_non_null(mkdtemp(g->mount));
	if (mount("cgroup2", g->mount, "cgroup2", 0, NULL) < 0) {
		rmdir(g->mount);
		return false;
	}
	snprintf(g->path, sizeof(g->path), "%s/test-%d-%s", g->mount, (int)getpid(), name);
	return mkdir(g->path, 0755) == 0;
}

static void group_remove(struct group *g)
{
	rmdir(g->path);
	umount2(g->mount, MNT_DETACH);
	rmdir(g->mount);
}

static struct process process_of(pid_t pid)
{
	struct process proc = { 0 };
	struct facts facts;

	assert_int_equal(procfs_stat_pid(pid, &facts), 0);
	proc.id = (struct identity){ .pid = pid, .start_ticks = facts.start_ticks };
	proc.ppid = facts.ppid;
	return proc;
}

/* A start time has a resolution of 10 ms: wait until the clock of the next one ticks. */
static struct child younger_child(pid_t than)
{
	struct process older = process_of(than);

	for (;;) {
		struct child child = child_fork(child_plain, NULL);

		if (process_of(child.pid).id.start_ticks > older.id.start_ticks)
			return child;
		child_end(&child);
	}
}

static void only_the_oldest_process_of_a_service_was_started_by_systemd(void **state)
{
	struct child first, second, outside;
	struct services known = { 0 };
	struct process a, b, c;
	char unit[64] = "";
	struct group g;

	(void)state;
	if (!group_make(&g, "x.service"))
		skip();
	first = child_fork(child_plain, NULL);
	second = younger_child(first.pid);
	outside = child_fork(child_plain, NULL);
	a = process_of(first.pid);
	b = process_of(second.pid);
	c = process_of(outside.pid);
	if (!put_into(&g, first.pid) || !put_into(&g, second.pid))
		goto out;
	for (int i = 0; i < 2; i++) {
		assert_int_equal(service_of(&known, &a, i, unit, sizeof(unit)), ANSWER_YES);
		assert_non_null(strstr(unit, "x.service"));
		assert_int_equal(service_of(&known, &b, i, unit, sizeof(unit)), ANSWER_NO);
		assert_int_equal(service_of(&known, &c, i, unit, sizeof(unit)), ANSWER_NO);
	}
	/* When the older one ends, the next is the oldest, remembered or not. */
	child_end(&first);
	assert_int_equal(service_of(&known, &b, false, unit, sizeof(unit)), ANSWER_YES);
	assert_int_equal(service_of(&known, &a, false, unit, sizeof(unit)), ANSWER_NO);
	first.pid = 0;
out:
	services_release(&known);
	if (first.pid)
		child_end(&first);
	child_end(&second);
	child_end(&outside);
	group_remove(&g);
}

/* Also what is remembered as the oldest is asked again before a signal. */
static void an_older_process_may_join_later(void **state)
{
	struct services known = { 0 };
	struct child first, second;
	struct process b;
	char unit[64];
	struct group g;

	(void)state;
	if (!group_make(&g, "y.service"))
		skip();
	first = child_fork(child_plain, NULL);
	second = younger_child(first.pid);
	b = process_of(second.pid);
	if (put_into(&g, second.pid)) {
		assert_int_equal(service_of(&known, &b, false, unit, sizeof(unit)), ANSWER_YES);
		assert_true(put_into(&g, first.pid));
		assert_int_equal(service_of(&known, &b, true, unit, sizeof(unit)), ANSWER_NO);
		assert_int_equal(service_of(&known, &b, false, unit, sizeof(unit)), ANSWER_NO);
	}
	services_release(&known);
	child_end(&first);
	child_end(&second);
	group_remove(&g);
}

static void a_program_of_a_desktop_session_is_no_service(void **state)
{
	struct services known = { 0 };
	struct child child;
	struct process proc;
	struct group g;
	char unit[64];

	(void)state;
	if (!group_make(&g, "z.service"))
		skip();
	child = child_fork(child_plain, NULL);
	proc = process_of(child.pid);
	/* The group's last component is `app-`... as a desktop environment names it. */
	char app[200];
	snprintf(app, sizeof(app), "%s/app-editor@1.service", g.path);
	struct group inner = g;
	assert_int_equal(mkdir(app, 0755), 0);
	snprintf(inner.path, sizeof(inner.path), "%.150s", app);
	if (put_into(&inner, child.pid))
		assert_int_equal(service_of(&known, &proc, true, unit, sizeof(unit)), ANSWER_NO);
	services_release(&known);
	child_end(&child);
	rmdir(app);
	group_remove(&g);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(finds_the_nearest_service_in_a_path),
		cmocka_unit_test(only_the_oldest_process_of_a_service_was_started_by_systemd),
		cmocka_unit_test(an_older_process_may_join_later),
		cmocka_unit_test(a_program_of_a_desktop_session_is_no_service),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
