/* SPDX-License-Identifier: MIT */
#include "helpers/child.h"

#include "linux/procfs.h"

static int parse(const char *text, struct facts *facts)
{
	return procfs_parse_stat(text, strlen(text), facts);
}

#define TAIL                                                                                       \
	" S 7 42 43 34816 44 4194304 1 2 3 4 100 23 5 6 20 0 9 0 812345 1000 50 "                  \
	"18446744073709551615 4096 8192 140722222222 0 0\n"

static void parses_every_field(void **state)
{
	struct facts f;

	(void)state;
	assert_int_equal(parse("42 (goose)" TAIL, &f), 0);
	assert_int_equal(f.pid, 42);
	assert_string_equal(f.comm, "goose");
	assert_int_equal(f.state, 'S');
	assert_int_equal(f.ppid, 7);
	assert_int_equal(f.pgid, 42);
	assert_int_equal(f.sid, 43);
	assert_int_equal(f.tty_nr, 34816);
	assert_int_equal(f.tpgid, 44);
	assert_int_equal(f.cpu_ticks, 123);
	assert_int_equal(f.threads, 9);
	assert_int_equal(f.start_ticks, 812345);
	assert_int_equal(f.rss_kib, 50 * (sysconf(_SC_PAGESIZE) / 1024));
	assert_false(f.kernel_thread);
}

/* What stat shows between two programs: memory, and no place where its code begins. */
#define LOADING                                                                                    \
	" R 7 42 43 34816 44 4194304 1 2 3 4 100 23 5 6 20 0 1 0 812345 1000 50 "                  \
	"18446744073709551615 0 0 140722222222 0 0\n"

static void a_program_that_is_being_loaded_is_known(void **state)
{
	struct facts f;

	(void)state;
	assert_int_equal(parse("42 (goose)" LOADING, &f), 0);
	assert_true(f.loading);
	assert_false(f.bare);
	assert_int_equal(parse("42 (goose)" TAIL, &f), 0);
	assert_false(f.loading);
}

static void newline_at_the_end_of_a_comm_is_left_out(void **state)
{
	static const char line[] = "42 (init\n)" TAIL;
	struct facts f;

	(void)state;
	assert_int_equal(procfs_parse_stat(line, strlen(line), &f), 0);
	assert_string_equal(f.comm, "init");
}

static void a_comm_may_hold_anything(void **state)
{
	static const char *const comms[] = { "",     ")",   "foo) Z ",
					     "a b",  "((",  ") R 1 1 1",
					     "x\ny", ") (", "123456789012345" };
	char line[256];
	struct facts f;

	(void)state;
	for (size_t i = 0; i < sizeof(comms) / sizeof(*comms); i++) {
		snprintf(line, sizeof(line), "42 (%s)" TAIL, comms[i]);
		assert_int_equal(parse(line, &f), 0);
		assert_string_equal(f.comm, comms[i]);
		assert_int_equal(f.state, 'S');
		assert_int_equal(f.ppid, 7);
	}
	assert_int_equal(parse("2 (kworker/u8:1-events_unbound)" TAIL, &f), 0);
	assert_string_equal(f.comm, "kworker/u8:1-ev");
}

static void refuses_what_is_no_stat(void **state)
{
	static const char *const wrong[] = { "",	   "42",	 "42 (",
					     "42 (a",	   "42 )a(",	 "42 (a)",
					     "42 (a) ",	   "42 (a) S",	 "42 (a) S 1 2 3",
					     "x (a)" TAIL, "0 (a)" TAIL, "-3 (a)" TAIL,
					     "42 (a)  S 1" };
	struct facts f;

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++)
		assert_int_equal(parse(wrong[i], &f), -EINVAL);
}

/* The mark of a process with this name, these flags, and where code and stack begin. */
static uint32_t mark_of(const char *comm, unsigned flags, unsigned code, unsigned stack)
{
	char line[256];
	struct facts f;

	snprintf(line, sizeof(line),
		 "42 (%s) S 7 42 43 34816 44 %u 1 2 3 4 100 23 5 6 20 0 9 0 812345 1000 50 "
		 "18446744073709551615 %u 8192 %u 0 0\n",
		 comm, flags, code, stack);
	assert_int_equal(parse(line, &f), 0);
	return f.exec_mark;
}

static void exec_mark_tells_an_exec(void **state)
{
	uint32_t mark = mark_of("a", 0, 1, 3);

	(void)state;
	assert_int_equal(mark, mark_of("a", 0x400000, 1, 3)); /* other flags: no matter */
	assert_int_not_equal(mark, mark_of("a", 0, 9, 3));
	assert_int_not_equal(mark, mark_of("a", 0, 1, 9));
	assert_int_not_equal(mark, mark_of("a", 0x40, 1, 3)); /* PF_FORKNOEXEC */
	assert_int_not_equal(mark, mark_of("b", 0, 1, 3));
}

static void parses_status(void **state)
{
	struct status s;

	(void)state;
	assert_int_equal(
		procfs_parse_status("Name:\ta\nTgid:\t290\nTracerPid:\t17\nUid:\t1000\t0\t0\t0\n"
				    "NSpid:\t300\t12\t1\nX:\t5\n",
				    &s),
		0);
	assert_int_equal(s.tgid, 290);
	assert_int_equal(s.tracer, 17);
	assert_int_equal(s.uid, 1000);
	assert_int_equal(s.ns_pid, 1);
	assert_int_equal(s.levels, 3);
	/* A name is escaped by the kernel and cannot begin a line. */
	assert_int_equal(procfs_parse_status("Name:\tUid:\t5\nTracerPid:\t0\n"
					     "Uid:\t7\t7\t7\t7\n",
					     &s),
			 0);
	assert_int_equal(s.uid, 7);
	assert_int_equal(s.levels, 0);
	assert_int_equal(s.tgid, 0);
	assert_int_equal(procfs_parse_status("Name:\ta\nUid:\t1\t1\n", &s), -EINVAL);
	assert_int_equal(procfs_parse_status("TracerPid:\t0\n", &s), -EINVAL);
}

static void a_folder_is_bound_to_its_process(void **state)
{
	struct child child = child_fork(child_plain, NULL);
	int fd = procfs_open_pid(child.pid);
	struct status status;
	struct facts f, by_pid;
	uint64_t ns = 0;

	(void)state;
	assert_true(fd >= 0);
	assert_int_equal(procfs_stat(fd, &f), 0);
	assert_int_equal(procfs_stat_pid(child.pid, &by_pid), 0);
	assert_int_equal(f.pid, child.pid);
	assert_int_equal(f.ppid, getpid());
	assert_int_equal(f.euid, geteuid());
	assert_int_equal(f.start_ticks, by_pid.start_ticks);
	assert_int_equal(f.exec_mark, by_pid.exec_mark);
	assert_int_equal(procfs_status(fd, &status), 0);
	assert_int_equal(status.uid, getuid());
	assert_int_equal(procfs_pid_ns(fd, &ns), 0);
	assert_true(ns != 0);
	assert_false(procfs_is_dead(&f));
	child_make_zombie(&child);
	assert_int_equal(procfs_stat(fd, &f), 0);
	assert_int_equal(f.state, 'Z');
	assert_true(procfs_is_dead(&f));
	child_end(&child);
	assert_int_equal(procfs_stat(fd, &f), -ESRCH);
	assert_int_equal(procfs_status(fd, &status), -ESRCH);
	close(fd);
	assert_int_equal(procfs_open_pid(child.pid), -ESRCH);
	assert_int_equal(procfs_stat_pid(child.pid, &f), -ESRCH);
}

static void reads_a_big_environment_whole(void **state)
{
	enum { ENTRIES = 12, SIZE = 100 * 1024 };
	char *env[ENTRIES + 2], last[] = "SPROUT_MANAGED_AGENT=last";
	struct filebuf buf = { 0 };
	struct child child;
	int fd;

	(void)state;
	for (int i = 0; i < ENTRIES; i++) {
		env[i] = malloc(SIZE);
		memset(env[i], 'x', SIZE - 1);
		env[i][SIZE - 1] = '\0';
		env[i][1] = '=';
	}
	env[ENTRIES] = last;
	env[ENTRIES + 1] = NULL;
	child = child_exec("cat", env);
	fd = procfs_open_pid(child.pid);
	assert_int_equal(procfs_read(fd, "environ", &buf), 0);
	assert_int_equal(buf.len, ENTRIES * SIZE + sizeof(last));
	assert_string_equal(buf.data + buf.len - sizeof(last), last);
	assert_int_equal(procfs_read(fd, "cmdline", &buf), 0);
	assert_int_equal(buf.len, 4);
	filebuf_release(&buf);
	close(fd);
	child_end(&child);
	for (int i = 0; i < ENTRIES; i++)
		free(env[i]);
}

/* A zombie refuses to its user what it no longer has, and tells root that it is gone. */
static void a_refusal_by_what_has_ended_is_its_end(void **state)
{
	struct child child = child_fork(child_plain, NULL);
	struct facts facts;

	(void)state;
	assert_int_equal(procfs_stat_pid(child.pid, &facts), 0);
	assert_false(facts.bare);
	assert_false(procfs_has_ended(child.pid, -EACCES));
	assert_false(procfs_has_ended(child.pid, -EPERM));
	assert_true(procfs_has_ended(child.pid, -ESRCH));
	assert_false(procfs_has_ended(child.pid, 0));
	child_make_zombie(&child);
	assert_int_equal(procfs_stat_pid(child.pid, &facts), 0);
	assert_true(facts.bare);
	assert_true(procfs_has_ended(child.pid, -EACCES));
	assert_false(procfs_has_ended(child.pid, -EMFILE));
	child_end(&child);
	assert_true(procfs_has_ended(child.pid, -EACCES));
}

static void a_list_is_read_to_its_end(void **state)
{
	struct filebuf record = { 0 }, list = { 0 };

	(void)state;
	/* A program has more mappings than the kernel tells of in one page. */
	assert_int_equal(procfs_read(AT_FDCWD, "/proc/self/maps", &record), 0);
	assert_int_equal(procfs_read_list(AT_FDCWD, "/proc/self/maps", &list), 0);
	assert_true(list.len >= record.len);
	assert_non_null(strstr(list.data, "[stack]"));
	filebuf_release(&record);
	filebuf_release(&list);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(parses_every_field),
		cmocka_unit_test(a_program_that_is_being_loaded_is_known),
		cmocka_unit_test(a_comm_may_hold_anything),
		cmocka_unit_test(newline_at_the_end_of_a_comm_is_left_out),
		cmocka_unit_test(refuses_what_is_no_stat),
		cmocka_unit_test(exec_mark_tells_an_exec),
		cmocka_unit_test(parses_status),
		cmocka_unit_test(a_folder_is_bound_to_its_process),
		cmocka_unit_test(reads_a_big_environment_whole),
		cmocka_unit_test(a_refusal_by_what_has_ended_is_its_end),
		cmocka_unit_test(a_list_is_read_to_its_end),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
