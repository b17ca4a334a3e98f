#include "helpers/hang.h"
#include "helpers/sourced.h"

#include <sys/resource.h>

#include "linux/pidfd.h"
#include "linux/scan.h"

static char *const env_dev[] = { (char *)"A=1", (char *)MARK "dev", NULL };

static void reads_one_process(void **state)
{
	struct child agent = child_exec("agent", env_dev), plain = child_fork(child_plain, NULL);
	int fd = pidfd_of(agent.pid);
	const struct process *proc;
	struct snapshot *snap = NULL;
	struct sourced s;

	(void)state;
	sourced_init(&s);
	assert_int_equal(source_read(s.src, agent.pid, &snap), 0);
	assert_true(snap->sealed && snap->complete);
	assert_int_equal(snap->nr, 1);
	proc = &snap->procs[0];
	assert_int_equal(proc->id.pid, agent.pid);
	assert_int_equal(proc->id.pidfd_ino, pidfd_ino(fd));
	assert_true(env_is(proc, MARK "dev"));
	assert_string_equal(proc->args.data, "agent");
	assert_int_equal(proc->ns_pid, agent.pid);
	assert_int_equal(proc->ppid, getpid());
	snapshot_unref(snap);
	/* The same for one that is of no interest to a scan. */
	assert_int_equal(source_read(s.src, plain.pid, &snap), 0);
	assert_int_equal(snap->procs[0].environ_read, READ_DONE);
	assert_int_equal(snap->procs[0].environ.len, 0);
	if (pidfd_ino(fd))
		assert_int_not_equal(snap->procs[0].id.pidfd_ino, 0);
	snapshot_unref(snap);

	child_make_zombie(&agent);
	assert_int_equal(source_read(s.src, agent.pid, &snap), 0);
	assert_true(snap->procs[0].dead);
	snapshot_unref(snap);
	child_end(&agent);
	assert_int_equal(source_read(s.src, agent.pid, &snap), -ESRCH);
	sourced_release(&s);
	close(fd);
	child_end(&plain);
}

static void reads_several_processes(void **state)
{
	struct child a = child_exec("agent", env_dev), b = child_exec("other", env_dev);
	struct child gone = child_fork(child_plain, NULL);
	const pid_t pids[] = { b.pid, gone.pid, a.pid };
	struct snapshot *snap = NULL;
	struct sourced s;
	int errors[3];

	(void)state;
	child_end(&gone);
	sourced_init(&s);
	assert_int_equal(s.src->ops->read(s.src, pids, 3, errors, &snap), 0);
	assert_int_equal(errors[0], 0);
	assert_int_equal(errors[1], -ESRCH);
	assert_int_equal(errors[2], 0);
	assert_true(snap->sealed);
	assert_int_equal(snap->nr, 2);
	assert_string_equal(snapshot_find(snap, a.pid)->args.data, "agent");
	assert_string_equal(snapshot_find(snap, b.pid)->args.data, "other");
	assert_true(env_is(snapshot_find(snap, b.pid), MARK "dev"));
	snapshot_unref(snap);
	sourced_release(&s);
	child_end(&a);
	child_end(&b);
}

static void short_of_descriptors_is_not_gone(void **state)
{
	struct child agent = child_exec("agent", env_dev);
	struct snapshot *snap = NULL;
	struct sourced s;
	int fds[512], nr = 0;

	(void)state;
	sourced_init(&s);
	for (; nr < 512; nr++) {
		fds[nr] = open("/dev/null", O_RDONLY | O_CLOEXEC);
		if (fds[nr] < 0)
			break;
	}
	assert_true(nr < 512); /* main() lowered the limit */
	assert_int_equal(source_read(s.src, agent.pid, &snap), -EMFILE);
	while (nr)
		close(fds[--nr]);
	assert_int_equal(source_read(s.src, agent.pid, &snap), 0);
	snapshot_unref(snap);
	sourced_release(&s);
	child_end(&agent);
}

/* One descriptor is left: /proc can be listed, and nothing else be opened beside it. */
static void short_of_descriptors_is_incomplete(void **state)
{
	struct child agent = child_exec("agent", env_dev);
	struct snapshot *snap;
	struct sourced s;
	int fds[512], nr = 0;

	(void)state;
	sourced_init(&s);
	snapshot_unref(sourced_scan(&s, SCAN_FULL));
	for (; nr < 512; nr++) {
		fds[nr] = open("/dev/null", O_RDONLY | O_CLOEXEC);
		if (fds[nr] < 0)
			break;
	}
	close(fds[--nr]);
	close(fds[--nr]);
	assert_int_equal(s.src->ops->scan(s.src, SCAN_FULL, &snap), 0);
	while (nr)
		close(fds[--nr]);
	assert_false(snap->complete);
	assert_non_null(strstr(snap->trouble, strerror(EMFILE)));
	snapshot_unref(snap);
	/* And the next one makes up for it. */
	snap = sourced_scan(&s, SCAN_QUICK);
	assert_true(env_is(snapshot_find(snap, agent.pid), MARK "dev"));
	snapshot_unref(snap);
	sourced_release(&s);
	child_end(&agent);
}

static void who_hangs_is_unreadable(void **state)
{
	struct procfs_source *src;
	const struct process *proc;
	struct snapshot *snap;
	struct sourced s;
	struct hang stuck;
	bool again;

	(void)state;
	if (!hang_start(&stuck))
		skip();
	sourced_init(&s);
	/* Less patience than a source has, so that the test has it, too. */
	src = (struct procfs_source *)(void *)s.src;
	reader_free(src->reader);
	assert_int_equal(reader_new(1500, &src->reader), 0);
	snap = sourced_scan(&s, SCAN_FULL);
	proc = snapshot_find(snap, stuck.child.pid);
	assert_int_equal(proc->environ_read, READ_REFUSED);
	assert_int_equal(proc->args_read, READ_REFUSED);
	assert_int_equal(proc->ppid, getpid());
	assert_true(snap->unreadable >= 1);
	assert_int_equal(snapshot_find(snap, getpid())->environ_read, READ_DONE);
	snapshot_unref(snap);
	/* A quick scan tries again, once nobody hangs on it any more. */
	hang_release(&stuck);
	do {
		snap = sourced_scan(&s, SCAN_QUICK);
		proc = snapshot_find(snap, stuck.child.pid);
		again = proc && proc->environ_read == READ_DONE;
		snapshot_unref(snap);
	} while (!again);
	sourced_release(&s);
	hang_end(&stuck);
}

static void an_end_is_no_failure(void **state)
{
	struct known k = { .pid = 4711, .flags = KNOWN_MARKED };
	struct known_table one = { .items = &k, .nr = 1, .alloc = 1 };
	struct snapshot *snap = snapshot_new();
	struct scan scan;

	(void)state;
	assert_non_null(snap);
	snap->complete = true;
	scan_init(&scan, NULL, &one, snap);
	scan_note_error(&scan, &k, -ESRCH);
	assert_true(snap->complete);
	assert_int_equal(snap->vanished, 1);
	assert_int_equal(k.flags, KNOWN_GONE);
	/* Everything else is, and says of whom. */
	k.flags = KNOWN_MARKED;
	scan_note_error(&scan, &k, -EIO);
	assert_false(snap->complete);
	assert_int_equal(snap->vanished, 1);
	assert_true(k.flags & KNOWN_FAILED);
	assert_non_null(strstr(snap->trouble, "4711"));
	scan_release(&scan);
	snapshot_unref(snap);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_one_process),
		cmocka_unit_test(reads_several_processes),
		cmocka_unit_test(short_of_descriptors_is_not_gone),
		cmocka_unit_test(short_of_descriptors_is_incomplete),
		cmocka_unit_test(who_hangs_is_unreadable),
		cmocka_unit_test(an_end_is_no_failure),
	};
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
		limit.rlim_cur = 64;
		setrlimit(RLIMIT_NOFILE, &limit);
	}
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
