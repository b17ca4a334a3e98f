/* SPDX-License-Identifier: MIT */
#include "helpers/headless.h"

#include <sys/mman.h>
#include <sys/stat.h>

#include "linux/openfiles.h"

struct place {
	char dir[40], inside[64], sibling[64];
};

static void make_place(struct place *p)
{
	snprintf(p->dir, sizeof(p->dir), "/tmp/openfiles-XXXXXX");
	assert_non_null(mkdtemp(p->dir));
	snprintf(p->inside, sizeof(p->inside), "%s/file", p->dir);
	snprintf(p->sibling, sizeof(p->sibling), "%s-sibling", p->dir);
}

static void hold(const struct child_side *side, void *ctx)
{
	const struct place *p = ctx;

	if (open(p->inside, O_CREAT | O_RDWR, 0600) < 0 || open(p->inside, O_RDONLY) < 0 ||
	    open(p->sibling, O_CREAT | O_RDWR, 0600) < 0 || chdir(p->dir) < 0)
		_exit(89);
	child_ready(side);
	child_live(side);
}

static void finds_what_is_below(void **state)
{
	struct strings paths = { 0 };
	struct place p;
	struct child child;
	char slash[64];

	(void)state;
	make_place(&p);
	child = child_fork(hold, &p);
	assert_int_equal(openfiles_below(child.pid, p.dir, &paths), 0);
	assert_int_equal(paths.nr, 2); /* the file once, the folder; not the sibling */
	assert_true(strings_has(&paths, p.inside, strlen(p.inside)));
	assert_true(strings_has(&paths, p.dir, strlen(p.dir)));
	strings_release(&paths);
	/* A slash at the end changes nothing. */
	snprintf(slash, sizeof(slash), "%s/", p.dir);
	assert_int_equal(openfiles_below(child.pid, slash, &paths), 0);
	assert_int_equal(paths.nr, 2);
	/* Found again, they are not added again. */
	assert_int_equal(openfiles_below(child.pid, p.dir, &paths), 0);
	assert_int_equal(paths.nr, 2);
	strings_release(&paths);
	assert_int_equal(openfiles_below(child.pid, p.inside, &paths), 0);
	assert_int_equal(paths.nr, 1);
	strings_release(&paths);
	assert_int_equal(openfiles_below(getpid(), p.dir, &paths), 0);
	assert_int_equal(paths.nr, 0);
	child_end(&child);
	assert_int_equal(openfiles_below(child.pid, p.dir, &paths), -ESRCH);
	strings_release(&paths);
	unlink(p.inside);
	unlink(p.sibling);
	rmdir(p.dir);
}

static void asks_the_thread_that_lives(void **state)
{
	struct strings paths = { 0 };
	struct child child;
	struct place p;
	int fd;

	(void)state;
	make_place(&p);
	fd = open(p.inside, O_CREAT | O_RDWR | O_CLOEXEC, 0600);
	assert_true(fd >= 0);
	child = child_fork(child_headless, NULL);
	assert_int_equal(openfiles_below(child.pid, p.dir, &paths), 0);
	assert_true(strings_has(&paths, p.inside, strlen(p.inside)));
	strings_release(&paths);
	child_end(&child);
	close(fd);
	unlink(p.inside);
	rmdir(p.dir);
}

static void finds_what_it_runs(void **state)
{
	struct strings paths = { 0 };
	char exe[4096] = "";
	struct child child;

	(void)state;
	assert_true(readlink("/proc/self/exe", exe, sizeof(exe) - 1) > 0);
	child = child_fork(child_plain, NULL);
	assert_int_equal(openfiles_below(child.pid, exe, &paths), 0);
	assert_int_equal(paths.nr, 1);
	assert_string_equal(paths.items[0], exe);
	strings_release(&paths);
	child_end(&child);
}

/* What one child does below a folder. */
enum hold_how { HOLD_FILE, HOLD_CWD, HOLD_MAPPING, HOLD_NOTHING };

struct holder {
	const char *dir;
	enum hold_how how;
};

static void hold_one(const struct child_side *side, void *ctx)
{
	const struct holder *h = ctx;
	char path[128];
	int fd;

	snprintf(path, sizeof(path), "%s/held", h->dir);
	fd = open(path, O_CREAT | O_RDWR, 0600);
	if (fd < 0 || write(fd, "x", 1) != 1)
		_exit(89);
	if (h->how == HOLD_CWD && chdir(h->dir) < 0)
		_exit(89);
	if (h->how == HOLD_MAPPING && mmap(NULL, 1, PROT_READ, MAP_PRIVATE, fd, 0) == MAP_FAILED)
		_exit(89);
	if (h->how != HOLD_FILE)
		close(fd);
	child_ready(side);
	child_live(side);
}

static enum answer holds(pid_t pid, const char *folder)
{
	struct reader *reader = NULL;
	enum answer answer;

	assert_int_equal(reader_new(10000, &reader), 0);
	answer = openfiles_hold(reader, &pid, 1, &folder, 1);
	reader_free(reader);
	return answer;
}

static void a_file_a_mapping_or_the_working_directory_is_held(void **state)
{
	static const enum answer want[] = {
		[HOLD_FILE] = ANSWER_YES,
		[HOLD_CWD] = ANSWER_YES,
		[HOLD_MAPPING] = ANSWER_YES,
		[HOLD_NOTHING] = ANSWER_NO,
	};
	char dir[] = "/tmp/openfiles-XXXXXX", link[64], beside[64], path[64];

	(void)state;
	assert_non_null(mkdtemp(dir));
	snprintf(link, sizeof(link), "%s-link", dir);
	snprintf(beside, sizeof(beside), "%.*s", (int)strlen(dir) - 1, dir);
	snprintf(path, sizeof(path), "%s/held", dir);
	assert_int_equal(symlink(dir, link), 0);
	for (enum hold_how how = HOLD_FILE; how <= HOLD_NOTHING; how++) {
		struct child child = child_fork(hold_one, &(struct holder){ dir, how });

		assert_int_equal(holds(child.pid, dir), want[how]);
		/* Links are resolved, and components are compared whole. */
		assert_int_equal(holds(child.pid, link), want[how]);
		assert_int_equal(holds(child.pid, beside), ANSWER_NO);
		child_end(&child);
		/* What has ended holds nothing. */
		assert_int_equal(holds(child.pid, dir), ANSWER_NO);
	}
	unlink(path);
	unlink(link);
	rmdir(dir);
}

static void a_deleted_file_is_held_still(void **state)
{
	char dir[] = "/tmp/openfiles-XXXXXX", path[64];
	struct child child;

	(void)state;
	assert_non_null(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/held", dir);
	child = child_fork(hold_one, &(struct holder){ dir, HOLD_FILE });
	unlink(path);
	assert_int_equal(holds(child.pid, dir), ANSWER_YES);
	rmdir(dir);
	/* A folder that is not there any more cannot be resolved, and holds nothing. */
	assert_int_equal(holds(child.pid, dir), ANSWER_NO);
	child_end(&child);
}

/* A process that refuses to be read may hold something. */
static void a_refusal_is_unknown(void **state)
{
	char dir[] = "/tmp/openfiles-XXXXXX";
	pid_t tester;
	int status;

	(void)state;
	if (getuid() != 0)
		skip();
	assert_non_null(mkdtemp(dir));
	chmod(dir, 0755);
	tester = fork();
	if (tester == 0) {
		pid_t parent = getppid();
		struct reader *reader = NULL;
		const char *folder = dir;

		if (setgid(12345) < 0 || setuid(12345) < 0 || reader_new(10000, &reader) < 0)
			_exit(1);
		_exit(openfiles_hold(reader, &parent, 1, &folder, 1) == ANSWER_UNKNOWN ? 0 : 2);
	}
	assert_int_equal(waitpid(tester, &status, 0), tester);
	assert_int_equal(status, 0);
	rmdir(dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(finds_what_is_below),
		cmocka_unit_test(asks_the_thread_that_lives),
		cmocka_unit_test(finds_what_it_runs),
		cmocka_unit_test(a_file_a_mapping_or_the_working_directory_is_held),
		cmocka_unit_test(a_deleted_file_is_held_still),
		cmocka_unit_test(a_refusal_is_unknown),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
