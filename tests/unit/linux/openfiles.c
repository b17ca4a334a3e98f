/* SPDX-License-Identifier: MIT */
#include "helpers/child.h"

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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(finds_what_is_below),
		cmocka_unit_test(finds_what_it_runs),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
