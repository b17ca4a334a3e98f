/* SPDX-License-Identifier: MIT */
#include "helpers/root.h"
#include "helpers/sourced.h"

#include <sys/ptrace.h>

#include "linux/pidfd.h"
#include "linux/self.h"

static char *const env_dev[] = { (char *)MARK "dev", NULL };

static void managed_processes_have_them(void **state)
{
	struct child agent = child_exec("agent", env_dev);
	int fd = pidfd_of(agent.pid);
	const struct process *proc;
	struct snapshot *snap;
	struct sourced s;

	(void)state;
	sourced_init(&s);
	snap = sourced_scan(&s, SCAN_FULL);
	proc = snapshot_find(snap, agent.pid);
	assert_int_equal(proc->id.pidfd_ino, pidfd_ino(fd));
	assert_int_equal(proc->pid_ns, self_pid_ns());
	assert_int_equal(proc->pid_ns, snap->pid_ns);
	assert_int_equal(proc->ns_pid, agent.pid);
	assert_int_equal(proc->tracer, 0);
	assert_int_equal(proc->uid, getuid());
	/* Of the unrelated nothing is looked up, but its namespace where there is a sandbox. */
	proc = snapshot_find(snap, getpid());
	assert_int_equal(proc->id.pidfd_ino, 0);
	assert_true(proc->pid_ns == 0 || proc->pid_ns == self_pid_ns());
	snapshot_unref(snap);
	sourced_release(&s);
	close(fd);
	child_end(&agent);
}

static void the_real_user_counts(void **state)
{
	struct snapshot *snap;
	struct child agent;
	struct sourced s;

	(void)state;
	if (!is_root_of_all())
		skip();
	/* As a set-user-ID program of root's is when another user starts it. */
	assert_int_equal(setresuid(65534, 0, 0), 0);
	agent = child_exec("agent", env_dev);
	assert_int_equal(setresuid(0, 0, 0), 0);
	sourced_init(&s);
	snap = sourced_scan(&s, SCAN_FULL);
	assert_int_equal(snapshot_find(snap, agent.pid)->uid, 65534);
	snapshot_unref(snap);
	sourced_release(&s);
	child_end(&agent);
}

static void a_sandbox_shows_its_own_pid(void **state)
{
	const struct process *inner = NULL;
	struct snapshot *snap;
	struct sourced s;
	int gate[2];
	pid_t agent;

	(void)state;
	if (geteuid() != 0)
		skip();
	assert_int_equal(pipe2(gate, O_CLOEXEC), 0);
	agent = fork();
	if (agent == 0) {
		dup2(gate[0], 0);
		execle("/usr/bin/unshare", "unshare", "-pf", "--kill-child", "sh", "-c",
		       "cat; :", (char *)NULL, env_dev);
		_exit(1);
	}
	sourced_init(&s);
	/* unshare, the shell in the new namespace; look until that is there. */
	do {
		snap = sourced_scan(&s, SCAN_FULL);
		inner = NULL;
		for (size_t i = 0; i < snap->nr; i++)
			if (snap->procs[i].ppid == agent && snap->procs[i].environ.len)
				inner = &snap->procs[i];
		if (inner && inner->ns_pid == 1)
			break;
		snapshot_unref(snap);
	} while (waitpid(agent, NULL, WNOHANG) == 0);
	assert_non_null(inner);
	assert_int_equal(inner->ns_pid, 1);
	assert_int_not_equal(inner->pid_ns, snap->pid_ns);
	assert_int_not_equal(inner->pid_ns, 0);
	assert_int_equal(snapshot_find(snap, agent)->pid_ns, snap->pid_ns);
	/* Also of processes that are of no other interest: they may be inside as well. */
	assert_int_equal(snapshot_find(snap, getpid())->pid_ns, snap->pid_ns);
	assert_int_equal(snapshot_find(snap, getpid())->ns_levels, 1);
	assert_int_equal(inner->ns_levels, 2);
	snapshot_unref(snap);
	sourced_release(&s);
	close(gate[0]);
	close(gate[1]);
	waitpid(agent, NULL, 0);
}

static void trace(const struct child_side *side, void *ctx)
{
	pid_t pid = *(pid_t *)ctx;

	if (ptrace(PTRACE_SEIZE, pid, 0, 0) < 0)
		_exit(0);
	child_ready(side);
	child_live(side);
}

static void tracers_are_named_and_there(void **state)
{
	struct child agent = child_exec("agent", env_dev), tracer;
	const struct process *proc;
	struct snapshot *snap;
	struct sourced s;

	(void)state;
	if (geteuid() != 0) {
		child_end(&agent);
		skip(); /* a sibling may not trace it everywhere */
	}
	sourced_init(&s);
	tracer = child_fork(trace, &agent.pid);
	/* Once before it is remembered, once after. */
	for (int pass = 0; pass < 2; pass++) {
		snap = sourced_scan(&s, pass ? SCAN_QUICK : SCAN_FULL);
		proc = snapshot_find(snap, agent.pid);
		assert_int_equal(proc->tracer, tracer.pid);
		assert_non_null(snapshot_find(snap, tracer.pid));
		snapshot_unref(snap);
	}
	sourced_release(&s);
	child_end(&tracer);
	child_end(&agent);
}

/* With owner = pid the value names a desktop, whatever that is called. */
static void owners_by_pid_are_desktops(void **state)
{
	struct child owner = child_fork(child_plain, NULL), agent;
	char marker[64];
	char *const env[] = { marker, NULL };
	const struct process *proc;
	struct snapshot *snap;
	struct sourced s;

	(void)state;
	snprintf(marker, sizeof(marker), "STRAY_INSTANCE=%d", (int)owner.pid);
	agent = child_exec("agent", env);
	sourced_init(&s);
	for (int pass = 0; pass < 3; pass++) {
		snap = sourced_scan(&s, pass ? SCAN_QUICK : SCAN_FULL);
		proc = snapshot_find(snap, owner.pid);
		assert_non_null(proc);
		assert_int_equal(proc->pid_ns, snap->pid_ns);
		/* the whole environment: that of this test has more than markers */
		assert_int_equal(proc->environ_read, READ_DONE);
		assert_true(proc->environ.len > 0);
		assert_non_null(snapshot_find(snap, agent.pid));
		snapshot_unref(snap);
	}
	sourced_release(&s);
	child_end(&agent);
	child_end(&owner);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(managed_processes_have_them),
		cmocka_unit_test(the_real_user_counts),
		cmocka_unit_test(a_sandbox_shows_its_own_pid),
		cmocka_unit_test(tracers_are_named_and_there),
		cmocka_unit_test(owners_by_pid_are_desktops),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
