/* SPDX-License-Identifier: MIT */
#include "helpers/hang.h"
#include "helpers/sourced.h"

#include <sched.h>
#include <sys/mman.h>
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
	assert_int_equal(proc->args_read, READ_NOT_TRIED);
	assert_int_equal(proc->uid, getuid());
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
	assert_true(env_is(snapshot_find(snap, a.pid), MARK "dev"));
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

static void process_that_hangs_its_reader_is_unreadable(void **state)
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
	/* A quick scan tries again, once no reader hangs on it any more. */
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
	struct known k = { .pid = 4711, .flags = KNOWN_NEW };
	struct proc_table one = { .items = &k, .nr = 1, .alloc = 1 };
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
	/* One that was read before may have forked since what the listing shows. */
	k.flags = KNOWN_MARKED;
	scan_note_error(&scan, &k, -ESRCH);
	assert_int_equal(snap->vanished, 2);
	/* Any other error is, and the text names the pid. */
	k.flags = KNOWN_MARKED;
	scan_note_error(&scan, &k, -EIO);
	assert_false(snap->complete);
	assert_int_equal(snap->vanished, 2);
	assert_true(k.flags & KNOWN_FAILED);
	assert_non_null(strstr(snap->trouble, "4711"));
	scan_release(&scan);
	snapshot_unref(snap);
}

/* During exec(2) a process has no environment: a new one may get a marker yet. */
static void new_process_without_environment_is_not_known_yet(void **state)
{
	char *const none[] = { NULL };
	struct child children[] = { child_exec("bare", none), child_exec("bare", none),
				    child_exec("agent", env_dev) };
	const uint32_t flags[] = { KNOWN_NEW, KNOWN_NEW | KNOWN_BEFORE, KNOWN_NEW };
	struct snapshot *snap = snapshot_new();
	struct sourced s;

	(void)state;
	assert_non_null(snap);
	sourced_init(&s);
	for (size_t i = 0; i < 3; i++) {
		struct known k = { .pid = children[i].pid, .flags = flags[i], .at = KNOWN_NOWHERE };
		struct proc_table one = { .items = &k, .nr = 1, .alloc = 1 };
		struct facts facts;
		struct scan scan;

		assert_int_equal(procfs_stat_pid(k.pid, &facts), 0);
		scan_init(&scan, (struct procfs_source *)(void *)s.src, &one, snap);
		scan_note_facts(&scan, &k, &facts);
		scan_add_pending(&scan, &k, &facts);
		scan_read_pending(&scan);
		scan_release(&scan);
		assert_int_equal(snap->nr, i + 1);
		assert_int_equal(snap->vanished, 1);
	}
	snapshot_unref(snap);
	sourced_release(&s);
	for (size_t i = 0; i < 3; i++)
		child_end(&children[i]);
}

/*
 * The init of a pid namespace ends after all others in it, and one there is a
 * zombie until the child of ours that made both ends: so long it is no zombie
 * itself, and its memory is gone. Its pid, or 0: this user has no namespaces.
 */
static void child_with_one_in_limbo(const struct child_side *side, void *ctx)
{
	pid_t *limbo = ctx, init;
	int gate[2];
	char byte;

	if (unshare(CLONE_NEWPID) == 0 && pipe2(gate, O_CLOEXEC) == 0) {
		init = fork();
		if (init == 0) {
			close(gate[1]);
			_exit(read(gate[0], &byte, 1) == 0 ? 0 : 99);
		}
		if (fork() == 0)
			_exit(0);
		close(gate[1]);
		*limbo = init;
	}
	child_ready(side);
	child_live(side);
}

static bool has_memory(pid_t pid)
{
	int fd = procfs_open_pid(pid);
	struct filebuf buf = { 0 };
	int r = procfs_read(fd, "environ", &buf);
	bool has = r == 0 && buf.len;

	filebuf_release(&buf);
	close(fd);
	return has;
}

/* Its memory goes before it shows as ended: then it is not known what it was. */
static void new_process_without_memory_is_not_known_yet(void **state)
{
	pid_t *limbo = mmap(NULL, sizeof(*limbo), PROT_READ | PROT_WRITE,
			    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	struct known k = { .flags = KNOWN_NEW, .at = KNOWN_NOWHERE };
	struct proc_table one = { .items = &k, .nr = 1, .alloc = 1 };
	struct snapshot *snap = snapshot_new();
	struct child child;
	struct facts facts;
	struct sourced s;
	struct scan scan;

	(void)state;
	assert_true(snap && limbo != MAP_FAILED);
	snap->complete = true;
	child = child_fork(child_with_one_in_limbo, limbo);
	if (*limbo <= 0) {
		child_end(&child);
		skip();
	}
	while (has_memory(*limbo))
		sched_yield();
	sourced_init(&s);
	k.pid = *limbo;
	assert_int_equal(procfs_stat_pid(k.pid, &facts), 0);
	scan_init(&scan, (struct procfs_source *)(void *)s.src, &one, snap);
	scan_note_facts(&scan, &k, &facts);
	scan_add_pending(&scan, &k, &facts);
	scan_read_pending(&scan);
	assert_int_equal(snap->nr, 1);
	assert_false(snap->procs[0].dead);
	assert_int_equal(snap->vanished, 1);
	assert_true(snap->complete);
	/* Of one that was known before, that is no news. */
	k.flags = KNOWN_MARKED;
	scan_add_pending(&scan, &k, &facts);
	scan_read_pending(&scan);
	assert_int_equal(snap->vanished, 1);
	scan_release(&scan);
	snapshot_unref(snap);
	sourced_release(&s);
	child_end(&child);
	munmap(limbo, sizeof(*limbo));
}

/* Between its stat and the rest it ends: its parent, group and session are known. */
static void what_was_read_of_one_that_ended_is_kept(void **state)
{
	struct child child = child_fork(child_plain, NULL);
	struct known k = { .pid = child.pid, .flags = KNOWN_NEW, .at = KNOWN_NOWHERE };
	struct proc_table one = { .items = &k, .nr = 1, .alloc = 1 };
	struct snapshot *snap = snapshot_new();
	struct facts facts;
	struct sourced s;
	struct scan scan;

	(void)state;
	assert_non_null(snap);
	sourced_init(&s);
	assert_int_equal(procfs_stat_pid(child.pid, &facts), 0);
	scan_init(&scan, (struct procfs_source *)(void *)s.src, &one, snap);
	scan_note_facts(&scan, &k, &facts);
	scan_add_pending(&scan, &k, &facts);
	child_end(&child);
	scan_read_pending(&scan);
	assert_int_equal(k.flags & KNOWN_GONE, KNOWN_GONE);
	assert_int_equal(snap->vanished, 0);
	assert_int_equal(snap->nr, 1);
	assert_true(snap->procs[0].dead);
	assert_int_equal(snap->procs[0].ppid, getpid());
	assert_int_equal(snap->procs[0].uid, getuid());
	/* Of one that was known before, that is no news. */
	k.flags = KNOWN_MARKED;
	k.at = KNOWN_NOWHERE;
	scan_add_pending(&scan, &k, &facts);
	scan_read_pending(&scan);
	assert_int_equal(snap->nr, 1);
	scan_release(&scan);
	snapshot_unref(snap);
	sourced_release(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_one_process),
		cmocka_unit_test(reads_several_processes),
		cmocka_unit_test(short_of_descriptors_is_not_gone),
		cmocka_unit_test(short_of_descriptors_is_incomplete),
		cmocka_unit_test(process_that_hangs_its_reader_is_unreadable),
		cmocka_unit_test(an_end_is_no_failure),
		cmocka_unit_test(new_process_without_environment_is_not_known_yet),
		cmocka_unit_test(new_process_without_memory_is_not_known_yet),
		cmocka_unit_test(what_was_read_of_one_that_ended_is_kept),
	};
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
		limit.rlim_cur = 64;
		setrlimit(RLIMIT_NOFILE, &limit);
	}
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
