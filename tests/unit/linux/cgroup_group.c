/* SPDX-License-Identifier: MIT */
/* A control group for one command: on a real tree as root, pure parts everywhere. */
#include "helpers/child.h"

#include <dirent.h>
#include <limits.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>

#include "helpers/root.h"
#include "linux/cgroup_group.h"

static void folder_is_below_the_mount_of_the_group(void **state)
{
	static const struct {
		const char *line, *own, *folder;
	} cases[] = {
		{ "41 31 0:38 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n", "/a/b",
		  "/sys/fs/cgroup/a/b" },
		{ "41 31 0:38 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n", "/", "/sys/fs/cgroup" },
		/* A part of the tree is mounted, as in a container. */
		{ "41 31 0:38 /box /cg rw - cgroup2 none rw\n", "/box/a", "/cg/a" },
		{ "41 31 0:38 /box /cg rw - cgroup2 none rw\n", "/box", "/cg" },
		{ "41 31 0:38 /box /cg rw - cgroup2 none rw\n", "/boxes", NULL },
		{ "41 31 0:38 /box /cg rw - cgroup2 none rw\n", "/other", NULL },
		/* Our group is above the root of the cgroup namespace. */
		{ "41 31 0:38 / /cg rw - cgroup2 none rw\n", "/../a", NULL },
		{ "41 31 0:38 / /a\\040b rw - cgroup2 none rw\n", "/a", NULL },
		{ "35 31 0:32 / /sys/fs/cgroup/pids rw - cgroup cgroup rw,pids\n", "/", NULL },
		{ "nonsense", "/", NULL },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		char buf[PATH_MAX] = "";
		bool found = cgroup_group_folder(cases[i].line, cases[i].own, buf, sizeof(buf));

		assert_int_equal(found, cases[i].folder != NULL);
		if (found)
			assert_string_equal(buf, cases[i].folder);
	}
}

static void folder_that_does_not_fit_is_none(void **state)
{
	char buf[8];

	(void)state;
	assert_false(cgroup_group_folder("1 2 0:3 / /cgroup rw - cgroup2 none rw\n", "/a", buf,
					 sizeof(buf)));
}

/* --- on a real tree ---------------------------------------------------------- */

/* The control group of this test, and where it is mounted. */
static struct {
	char mount[32], own[64];
	struct group *group;
} tree;

static void write_to(const char *folder, const char *name, const char *text)
{
	char path[PATH_MAX];
	int fd;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	assert_true(fd >= 0);
	assert_true(write(fd, text, strlen(text)) > 0);
	close(fd);
}

/* Mount the tree in a mount namespace of our own, and enter a group that is made there. */
static int enter_tree(void **state)
{
	(void)state;
	if (!is_root_of_all() || unshare(CLONE_NEWNS) < 0 ||
	    mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0)
		return 0;
	snprintf(tree.mount, sizeof(tree.mount), "/tmp/cgroup-XXXXXX");
	assert_non_null(mkdtemp(tree.mount));
	if (mount("none", tree.mount, "cgroup2", 0, NULL) < 0)
		return 0;
	snprintf(tree.own, sizeof(tree.own), "%s/test-%d", tree.mount, (int)getpid());
	if (mkdir(tree.own, 0755) < 0)
		tree.own[0] = '\0';
	else
		write_to(tree.own, "cgroup.procs", "0");
	return 0;
}

/* Remove @folder and the groups below it: a test that failed may have left some. */
static void remove_groups(const char *folder)
{
	DIR *dir = opendir(folder);
	struct dirent *entry;

	while (dir && (entry = readdir(dir))) {
		char path[PATH_MAX];

		if (entry->d_type != DT_DIR || entry->d_name[0] == '.')
			continue;
		snprintf(path, sizeof(path), "%s/%s", folder, entry->d_name);
		remove_groups(path);
	}
	if (dir)
		closedir(dir);
	assert_int_equal(rmdir(folder), 0);
}

static int leave_tree(void **state)
{
	(void)state;
	if (tree.own[0]) {
		write_to(tree.mount, "cgroup.procs", "0");
		remove_groups(tree.own);
	}
	if (tree.mount[0]) {
		umount2(tree.mount, MNT_DETACH);
		rmdir(tree.mount);
	}
	return 0;
}

static int make_group(void **state)
{
	(void)state;
	assert_int_equal(cgroup_group_new(&tree.group), 0);
	return 0;
}

static int free_group(void **state)
{
	(void)state;
	cgroup_group_free(tree.group);
	return 0;
}

/* Make the group, or skip the test where the system does not let us. */
static const char *have_group(void)
{
	if (!tree.own[0] || cgroup_group_make(tree.group, "1-2") < 0)
		skip();
	return tree.group->ops->path(tree.group);
}

static void enter(const struct child_side *side, void *ctx)
{
	int fd = *(int *)ctx;

	if (write(fd, "0", 1) != 1)
		_exit(96);
	child_plain(side, NULL);
}

static struct child child_inside(void)
{
	int fd = cgroup_group_entry(tree.group);
	struct child child;

	assert_true(fd >= 0);
	child = child_fork(enter, &fd);
	close(fd);
	return child;
}

/* The only pid in the group; 0: none is in it. */
static pid_t only_pid(void)
{
	pid_t *pids = NULL, pid;
	size_t nr = 0;

	assert_int_equal(tree.group->ops->list(tree.group, &pids, &nr), 0);
	assert_true(nr <= 1);
	pid = nr ? pids[0] : 0;
	free(pids);
	return pid;
}

/* Wherever the tree is mounted first, the path ends so. */
static void assert_named(struct group *g, const char *name)
{
	char wanted[128];
	const char *path = g->ops->path(g);
	int len = snprintf(wanted, sizeof(wanted), "%s/%s", strrchr(tree.own, '/'), name);

	assert_true(strlen(path) > (size_t)len);
	assert_string_equal(path + strlen(path) - len, wanted);
}

static bool is_frozen(const char *path)
{
	char file[PATH_MAX], text[256] = "";
	int fd;

	snprintf(file, sizeof(file), "%s/cgroup.events", path);
	fd = open(file, O_RDONLY | O_CLOEXEC);
	assert_true(fd >= 0);
	assert_true(read(fd, text, sizeof(text) - 1) > 0);
	close(fd);
	return strstr(text, "frozen 1");
}

static void group_is_named_and_is_gone_afterwards(void **state)
{
	char path[PATH_MAX];

	(void)state;
	snprintf(path, sizeof(path), "%s", have_group());
	assert_named(tree.group, "stray-1-2");
	assert_true(cgroup_group_is_empty(tree.group));
	cgroup_group_free(tree.group);
	tree.group = NULL;
	assert_int_equal(access(path, F_OK), -1);
}

static void name_that_is_taken_gets_a_number(void **state)
{
	struct group *second;

	(void)state;
	have_group();
	assert_int_equal(cgroup_group_new(&second), 0);
	assert_int_equal(cgroup_group_make(second, "1-2"), 0);
	assert_named(second, "stray-1-2-1");
	cgroup_group_free(second);
}

static void process_in_the_group_is_listed_frozen_and_killed(void **state)
{
	const char *path = have_group();
	struct child child = child_inside();
	int status;

	(void)state;
	assert_int_equal(only_pid(), child.pid);
	assert_false(cgroup_group_is_empty(tree.group));
	assert_int_equal(tree.group->ops->freeze(tree.group, 10000), 0);
	assert_true(is_frozen(path));
	assert_int_equal(tree.group->ops->end_all(tree.group, 10000), 0);
	assert_int_equal(waitpid(child.pid, &status, 0), child.pid);
	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
	close(child.lifeline);
	assert_int_equal(only_pid(), 0);
}

static void process_in_a_group_below_is_listed_and_the_folder_removed(void **state)
{
	struct child child;
	char path[PATH_MAX], below[PATH_MAX + 8], pid[16];

	(void)state;
	snprintf(path, sizeof(path), "%s", have_group());
	snprintf(below, sizeof(below), "%s/below", path);
	child = child_inside();
	assert_int_equal(mkdir(below, 0755), 0);
	snprintf(pid, sizeof(pid), "%d", (int)child.pid);
	write_to(below, "cgroup.procs", pid);
	assert_int_equal(only_pid(), child.pid);
	/* What is left is thawed, and lives on in our own group. */
	assert_int_equal(tree.group->ops->freeze(tree.group, 10000), 0);
	cgroup_group_free(tree.group);
	tree.group = NULL;
	assert_int_equal(access(path, F_OK), -1);
	close(child.lifeline);
	assert_int_equal(waitpid(child.pid, NULL, 0), child.pid);
}

static void only_what_is_in_the_group_is_moved_out(void **state)
{
	struct child inside, outside;

	(void)state;
	have_group();
	inside = child_inside();
	outside = child_fork(child_plain, NULL);
	assert_int_equal(tree.group->ops->move_out(tree.group, outside.pid), -ESRCH);
	assert_int_equal(tree.group->ops->move_out(tree.group, 1), -ESRCH);
	assert_int_equal(tree.group->ops->move_out(tree.group, inside.pid), 0);
	assert_int_equal(only_pid(), 0);
	assert_int_equal(tree.group->ops->move_out(tree.group, inside.pid), -ESRCH);
	child_end(&inside);
	child_end(&outside);
}

static void group_of_an_earlier_run_is_thawed_by_its_path(void **state)
{
	char path[PATH_MAX], other[PATH_MAX];
	struct group *later;

	(void)state;
	snprintf(path, sizeof(path), "%s", have_group());
	assert_int_equal(tree.group->ops->freeze(tree.group, 10000), 0);
	assert_int_equal(cgroup_group_new(&later), 0);
	assert_int_equal(later->ops->thaw(later, path), 0);
	assert_false(is_frozen(path));
	/* One that is gone, and one that no stray has made. */
	snprintf(other, sizeof(other), "%s/stray-9-9", tree.own);
	assert_int_equal(later->ops->thaw(later, other), -ENOENT);
	snprintf(other, sizeof(other), "%s/other", tree.own);
	assert_int_equal(mkdir(other, 0755), 0);
	assert_int_equal(later->ops->thaw(later, other), -ENOENT);
	assert_int_equal(rmdir(other), 0);
	/* Its tree is not mounted where it was. */
	assert_int_equal(later->ops->thaw(later, "/tmp/stray-1-2"), -ENODEV);
	cgroup_group_free(later);
}

/* What an ordinary user's attempt came to: 0, it has failed and left nothing. */
static int try_as_user(void)
{
	struct group *g;
	char path[PATH_MAX];

	if (setgid(4242) < 0 || setuid(4242) < 0 || cgroup_group_new(&g) < 0)
		return 2;
	snprintf(path, sizeof(path), "%s/stray-3-4", tree.own);
	return cgroup_group_make(g, "3-4") == 0 || g->ops->path(g) || access(path, F_OK) == 0;
}

static void ordinary_user_without_delegation_gets_no_group(void **state)
{
	int status;
	pid_t pid;

	(void)state;
	have_group();
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0)
		_exit(try_as_user());
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

/* Delegated, but not the group above: what is in it could not be moved out. */
static void group_that_cannot_be_left_is_not_made(void **state)
{
	char path[PATH_MAX];
	int status;
	pid_t pid;

	(void)state;
	have_group();
	assert_int_equal(chown(tree.own, 4242, 4242), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0)
		_exit(try_as_user());
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	snprintf(path, sizeof(path), "%s/stray-3-4", tree.own);
	assert_int_equal(access(path, F_OK), -1);
	assert_int_equal(chown(tree.own, 0, 0), 0);
}

static void without_a_group_nothing_is_done(void **state)
{
	pid_t *pids;
	size_t nr;

	(void)state;
	assert_null(tree.group->ops->path(tree.group));
	assert_int_equal(cgroup_group_entry(tree.group), -ENOENT);
	assert_false(cgroup_group_is_empty(tree.group));
	assert_int_equal(tree.group->ops->freeze(tree.group, 0), -ENOENT);
	assert_int_equal(tree.group->ops->list(tree.group, &pids, &nr), -ENOENT);
	assert_int_equal(tree.group->ops->move_out(tree.group, getpid()), -ESRCH);
	assert_int_equal(tree.group->ops->end_all(tree.group, 0), -ENOENT);
}

#define GROUP_TEST(name) cmocka_unit_test_setup_teardown(name, make_group, free_group)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(folder_is_below_the_mount_of_the_group),
		cmocka_unit_test(folder_that_does_not_fit_is_none),
		GROUP_TEST(group_is_named_and_is_gone_afterwards),
		GROUP_TEST(name_that_is_taken_gets_a_number),
		GROUP_TEST(process_in_the_group_is_listed_frozen_and_killed),
		GROUP_TEST(process_in_a_group_below_is_listed_and_the_folder_removed),
		GROUP_TEST(only_what_is_in_the_group_is_moved_out),
		GROUP_TEST(group_of_an_earlier_run_is_thawed_by_its_path),
		GROUP_TEST(ordinary_user_without_delegation_gets_no_group),
		GROUP_TEST(group_that_cannot_be_left_is_not_made),
		GROUP_TEST(without_a_group_nothing_is_done),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, enter_tree, leave_tree);
}
