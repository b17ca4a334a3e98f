/* SPDX-License-Identifier: MIT */
#include "helpers/headless.h"
#include "helpers/root.h"
#include "helpers/sourced.h"

#include <sys/prctl.h>

#include "linux/procfs.h"

static void full_scan_has_every_process(void **state)
{
	struct child child = child_fork(child_plain, NULL);
	const struct process *self, *proc;
	struct snapshot *snap;
	struct sourced s;

	(void)state;
	sourced_init(&s);
	snap = sourced_scan(&s, SCAN_FULL);
	assert_true(snap->full);
	assert_true(snap->scanned >= 2);
	assert_int_equal(snap->self, getpid());
	assert_int_equal(strlen(snap->boot_id), 36);
	assert_true(snap->ticks_per_second > 0 && snap->pid_ns && snap->boottime_ms);
	self = snapshot_find(snap, getpid());
	proc = snapshot_find(snap, child.pid);
	assert_non_null(self);
	assert_non_null(proc);
	assert_int_equal(proc->ppid, getpid());
	assert_int_equal(proc->pgid, getpgrp());
	assert_int_equal(proc->sid, getsid(0));
	assert_int_equal(proc->uid, getuid());
	assert_true(proc->threads >= 1); /* a sanitizer may have its own */
	assert_true(proc->rss_kib > 0);
	assert_false(proc->kernel_thread || proc->dead);
	assert_int_equal(proc->args_read, READ_DONE);
	assert_string_equal(proc->args.data, self->args.data);
	assert_string_equal(proc->exe, self->exe);
	snapshot_unref(snap);
	sourced_release(&s);
	child_end(&child);
}

static void keeps_what_matters_of_environments(void **state)
{
	char *const marked[] = { (char *)"A=1", (char *)MARK "dev", (char *)"STRAY_KEEP=yes",
				 (char *)MARK "second", NULL };
	char *const newline[] = { (char *)"A=x\n" MARK "y", NULL };
	char *const desktop_env[] = { (char *)"HOME=/h", (char *)"A=1", NULL };
	static const char kept[] = MARK "dev\0STRAY_KEEP=yes", whole[] = "HOME=/h\0A=1";
	struct child a = child_exec("a", marked), b = child_exec("b", newline);
	struct child d = child_exec("/opt/sprout-desktop", desktop_env);
	const struct process *proc;
	struct snapshot *snap;
	struct sourced s;

	(void)state;
	sourced_init(&s);
	snap = sourced_scan(&s, SCAN_FULL);
	proc = snapshot_find(snap, a.pid);
	assert_int_equal(proc->environ.len, sizeof(kept));
	assert_memory_equal(proc->environ.data, kept, sizeof(kept));
	/* Split at NUL and at nothing else: this marker was never set. */
	proc = snapshot_find(snap, b.pid);
	assert_int_equal(proc->environ_read, READ_DONE);
	assert_int_equal(proc->environ.len, 0);
	proc = snapshot_find(snap, d.pid);
	assert_int_equal(proc->environ.len, sizeof(whole));
	assert_memory_equal(proc->environ.data, whole, sizeof(whole));
	snapshot_unref(snap);
	sourced_release(&s);
	child_end(&a);
	child_end(&b);
	child_end(&d);
}

static void finds_a_marker_behind_a_megabyte(void **state)
{
	enum { NR = 11, SIZE = 100 * 1000 };
	char *env[NR + 2], last[] = MARK "last";
	struct snapshot *snap;
	struct sourced s;
	struct child child;

	(void)state;
	for (int i = 0; i < NR; i++) {
		env[i] = malloc(SIZE);
		memset(env[i], 'x', SIZE);
		env[i][1] = '=';
		env[i][SIZE - 1] = '\0';
	}
	env[NR] = last;
	env[NR + 1] = NULL;
	child = child_exec("cat", env);
	sourced_init(&s);
	snap = sourced_scan(&s, SCAN_FULL);
	assert_true(env_is(snapshot_find(snap, child.pid), last));
	snapshot_unref(snap);
	sourced_release(&s);
	child_end(&child);
	for (int i = 0; i < NR; i++)
		free(env[i]);
}

static void set_name(const struct child_side *side, void *ctx)
{
	prctl(PR_SET_NAME, (unsigned long)ctx, 0, 0, 0);
	child_plain(side, NULL);
}

static void names_keep_all_bytes_but_the_newline_of_echo(void **state)
{
	/* The last as a shell has it that named itself by echo. */
	static const char *const names[] = { ") Z \033[31m\xff", "a.b", "init\n" };
	static const char *const read_as[] = { ") Z \033[31m\xff", "a.b", "init" };

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		struct child child = child_fork(set_name, (void *)names[i]);
		const struct process *proc;
		struct snapshot *snap;
		struct sourced s;

		sourced_init(&s);
		snap = sourced_scan(&s, SCAN_FULL);
		proc = snapshot_find(snap, child.pid);
		assert_string_equal(proc->comm, read_as[i]);
		assert_int_not_equal(proc->state, 'Z');
		assert_int_equal(proc->ppid, getpid());
		snapshot_unref(snap);
		sourced_release(&s);
		child_end(&child);
	}
}

static void dead_means_that_every_thread_has_ended(void **state)
{
	struct child zombie = child_fork(child_plain, NULL);
	struct child headless = child_fork(child_headless, NULL);
	const struct process *proc;
	struct snapshot *snap;
	size_t unreadable;
	struct sourced s;

	(void)state;
	sourced_init(&s);
	snap = sourced_scan(&s, SCAN_FULL);
	unreadable = snap->unreadable;
	snapshot_unref(snap);
	child_make_zombie(&zombie);
	snap = sourced_scan(&s, SCAN_FULL);
	proc = snapshot_find(snap, zombie.pid);
	assert_int_equal(proc->state, 'Z');
	assert_true(proc->dead);
	assert_int_equal(proc->environ_read, READ_NOT_TRIED);
	assert_true(snap->unreadable <= unreadable);
	proc = snapshot_find(snap, headless.pid);
	assert_int_equal(proc->state, 'Z');
	assert_false(proc->dead);
	/* Asked of the thread that lives. */
	assert_int_equal(proc->environ_read, READ_DONE);
	assert_int_equal(proc->args_read, READ_DONE);
	assert_true(proc->args.len > 0);
	snapshot_unref(snap);
	sourced_release(&s);
	child_end(&zombie);
	child_end(&headless);
}

enum { NOBODY = 65534 };

static void become_ordinary(void)
{
	if (getuid() == 0 && (setgid(NOBODY) < 0 || setuid(NOBODY) < 0))
		_exit(96);
}

static void be_secretive(const struct child_side *side, void *ctx)
{
	become_ordinary();
	prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
	child_plain(side, ctx);
}

/* What an ordinary user sees of @victim: 0, or which check failed. */
static int look_at_refused(struct sourced *s, pid_t victim)
{
	const struct process *proc;
	struct snapshot *snap;

	become_ordinary();
	if (s->src->ops->scan(s->src, SCAN_FULL, &snap) < 0)
		return 1;
	proc = snapshot_find(snap, victim);
	if (!proc || proc->environ_read != READ_REFUSED || proc->environ.len)
		return 2;
	if (proc->uid != getuid()) /* though root owns its folder */
		return 3;
	if (proc->args_read != READ_DONE)
		return 4;
	return snap->unreadable >= 1 && snap->complete ? 0 : 5;
}

static void refused_is_counted_and_not_incomplete(void **state)
{
	struct child victim;
	struct sourced s;
	int status;
	pid_t pid;

	(void)state;
	if (geteuid() == 0 && !is_root_of_all())
		skip(); /* there is no ordinary user to become */
	victim = child_fork(be_secretive, NULL);
	sourced_init(&s);
	pid = fork();
	if (pid == 0)
		_exit(look_at_refused(&s, victim.pid));
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
	sourced_release(&s);
	child_end(&victim);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(full_scan_has_every_process),
		cmocka_unit_test(keeps_what_matters_of_environments),
		cmocka_unit_test(finds_a_marker_behind_a_megabyte),
		cmocka_unit_test(names_keep_all_bytes_but_the_newline_of_echo),
		cmocka_unit_test(dead_means_that_every_thread_has_ended),
		cmocka_unit_test(refused_is_counted_and_not_incomplete),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
