/* SPDX-License-Identifier: MIT */
#include "helpers/sourced.h"

#include "linux/scan.h"
#include "linux/self.h"

/* Waits for a byte, then becomes cat(1) with that environment. */
struct later {
	struct echo echo;
	char *const *env;
};

static void exec_later(const struct child_side *side, void *ctx)
{
	const struct later *later = ctx;
	char byte;

	child_ready(side);
	if (read(later->echo.in[0], &byte, 1) == 1)
		echo_exec(&later->echo, "cat", later->env);
	_exit(95);
}

static struct child child_later(struct later *later)
{
	echo_init(&later->echo);
	return child_fork(exec_later, later);
}

static void exec_now(struct later *later, struct child *child)
{
	assert_int_equal(write(later->echo.in[1], "g", 1), 1);
	close(child->lifeline);
	child->lifeline = echo_wait(&later->echo);
}

static char *const env_dev[] = { (char *)MARK "dev", NULL };
static char *const env_other[] = { (char *)MARK "other", NULL };

static void remembers_and_reads_what_matters(void **state)
{
	struct child agent = child_exec("agent", env_dev), other = child_fork(child_plain, NULL);
	struct child born;
	const struct process *proc;
	struct snapshot *full, *quick;
	struct identity id;
	struct sourced s;

	(void)state;
	sourced_init(&s);
	full = sourced_scan(&s, SCAN_FULL);
	id = snapshot_find(full, agent.pid)->id;
	assert_non_null(snapshot_find(full, other.pid));
	snapshot_unref(full); /* the source has a reference of its own */

	born = child_exec("born", env_other);
	quick = sourced_scan(&s, SCAN_QUICK);
	assert_false(quick->full);
	assert_true(quick->scanned > quick->nr);
	proc = snapshot_find(quick, agent.pid);
	assert_true(env_is(proc, MARK "dev"));
	assert_true(identity_equal(&proc->id, &id));
	assert_int_equal(proc->id.pidfd_ino, id.pidfd_ino);
	assert_string_equal(proc->args.data, "agent");
	assert_int_equal(proc->uid, getuid());
	assert_true(env_is(snapshot_find(quick, born.pid), MARK "other"));
	/* this process, which is also the parent; its ancestors; not the unrelated */
	assert_non_null(snapshot_find(quick, getpid()));
	assert_non_null(snapshot_find(quick, 1));
	assert_null(snapshot_find(quick, other.pid));
	snapshot_unref(quick);

	child_end(&agent);
	quick = sourced_scan(&s, SCAN_QUICK);
	assert_null(snapshot_find(quick, agent.pid));
	assert_non_null(snapshot_find(quick, born.pid));
	snapshot_unref(quick);
	sourced_release(&s);
	child_end(&other);
	child_end(&born);
}

static void the_first_scan_is_full(void **state)
{
	struct snapshot *snap;
	struct sourced s;

	(void)state;
	sourced_init(&s);
	snap = sourced_scan(&s, SCAN_QUICK);
	assert_true(snap->full);
	snapshot_unref(snap);
	snap = sourced_scan(&s, SCAN_QUICK);
	assert_false(snap->full);
	snapshot_unref(snap);
	sourced_release(&s);
}

static void notices_an_exec(void **state)
{
	struct later gets = { .env = env_dev }, changes = { .env = env_other };
	const struct process *proc;
	struct child child;
	struct snapshot *snap;
	struct sourced s;

	(void)state;
	sourced_init(&s);
	child = child_later(&gets);
	snap = sourced_scan(&s, SCAN_FULL);
	assert_int_equal(snapshot_find(snap, child.pid)->environ.len, 0);
	snapshot_unref(snap);
	exec_now(&gets, &child);
	snap = sourced_scan(&s, SCAN_QUICK);
	proc = snapshot_find(snap, child.pid);
	assert_non_null(proc);
	assert_true(env_is(proc, MARK "dev"));
	assert_string_equal(proc->comm, "cat");
	snapshot_unref(snap);
	child_end(&child);

	child = child_later(&changes);
	snapshot_unref(sourced_scan(&s, SCAN_QUICK));
	exec_now(&changes, &child);
	snap = sourced_scan(&s, SCAN_QUICK);
	assert_true(env_is(snapshot_find(snap, child.pid), MARK "other"));
	snapshot_unref(snap);
	child_end(&child);
	sourced_release(&s);
}

/* A process in a group of its own, and one that joins it. */
static void lead_group(const struct child_side *side, void *ctx)
{
	(void)ctx;
	setpgid(0, 0);
	child_ready(side);
	child_live(side);
}

static void join_group(const struct child_side *side, void *ctx)
{
	setpgid(0, *(pid_t *)ctx);
	child_ready(side);
	child_live(side);
}

static void has_the_group_of_a_managed_leader(void **state)
{
	struct later later = { .env = env_dev };
	struct child agent, member, stranger;
	struct snapshot *snap;
	struct sourced s;

	(void)state;
	sourced_init(&s);
	/* setpgid(2) after the exec is refused: let it lead before. */
	agent = child_later(&later);
	assert_int_equal(setpgid(agent.pid, agent.pid), 0);
	exec_now(&later, &agent);
	stranger = child_fork(lead_group, NULL);
	snapshot_unref(sourced_scan(&s, SCAN_FULL));
	member = child_fork(join_group, &agent.pid);
	snap = sourced_scan(&s, SCAN_QUICK);
	assert_int_equal(snapshot_find(snap, member.pid)->pgid, agent.pid);
	snapshot_unref(snap);
	/* Again, when nothing about it is new. */
	snap = sourced_scan(&s, SCAN_QUICK);
	assert_non_null(snapshot_find(snap, member.pid));
	assert_int_equal(snapshot_find(snap, member.pid)->environ_read, READ_DONE);
	assert_null(snapshot_find(snap, stranger.pid));
	snapshot_unref(snap);
	sourced_release(&s);
	child_end(&member);
	child_end(&stranger);
	child_end(&agent);
}

/* Tells the pid of its child, which gets another parent when this one ends. */
struct family {
	int told[2];
	struct echo echo;
};

static void have_a_child(const struct child_side *side, void *ctx)
{
	const struct family *family = ctx;
	pid_t pid = fork();

	if (pid == 0)
		echo_exec(&family->echo, "cat", env_dev);
	if (write(family->told[1], &pid, sizeof(pid)) != sizeof(pid))
		_exit(93);
	child_ready(side);
	child_live(side);
}

static void notices_another_parent(void **state)
{
	struct child parent, orphan;
	struct family family;
	struct snapshot *snap;
	struct sourced s;

	(void)state;
	assert_int_equal(self_become_subreaper(), 0);
	assert_int_equal(pipe2(family.told, O_CLOEXEC), 0);
	echo_init(&family.echo);
	sourced_init(&s);
	parent = child_fork(have_a_child, &family);
	assert_int_equal(read(family.told[0], &orphan.pid, sizeof(pid_t)), sizeof(pid_t));
	orphan.lifeline = echo_wait(&family.echo);
	snap = sourced_scan(&s, SCAN_FULL);
	assert_int_equal(snapshot_find(snap, orphan.pid)->ppid, parent.pid);
	snapshot_unref(snap);
	child_end(&parent);
	snap = sourced_scan(&s, SCAN_QUICK);
	assert_non_null(snapshot_find(snap, orphan.pid));
	assert_int_equal(snapshot_find(snap, orphan.pid)->ppid, getpid());
	snapshot_unref(snap);
	sourced_release(&s);
	child_end(&orphan);
}

/* As if all processes had been there for long. */
static struct proc_table *settle(struct sourced *s)
{
	struct proc_table *t = &((struct procfs_source *)(void *)s->src)->known;

	for (size_t i = 0; i < t->nr; i++)
		t->items[i].flags &= ~(uint32_t)KNOWN_YOUNG;
	return t;
}

static void have_a_plain_child(const struct child_side *side, void *ctx)
{
	pid_t pid = fork();

	if (pid == 0)
		child_live(side);
	if (write(*(int *)ctx, &pid, sizeof(pid)) != sizeof(pid))
		_exit(93);
	child_ready(side);
	child_live(side);
}

static void knows_the_new_parent_of_the_settled(void **state)
{
	struct proc_table *t;
	struct child parent, orphan;
	struct sourced s;
	int fds[2];

	(void)state;
	assert_int_equal(self_become_subreaper(), 0);
	assert_int_equal(pipe2(fds, O_CLOEXEC), 0);
	sourced_init(&s);
	parent = child_fork(have_a_plain_child, &fds[1]);
	assert_int_equal(read(fds[0], &orphan.pid, sizeof(orphan.pid)), sizeof(orphan.pid));
	/* Both read the same one: the orphan would end with its parent. */
	orphan.lifeline = fcntl(parent.lifeline, F_DUPFD_CLOEXEC, 0);
	assert_true(orphan.lifeline >= 0);
	snapshot_unref(sourced_scan(&s, SCAN_FULL));
	t = settle(&s);
	assert_int_equal(proc_table_find(t, orphan.pid)->ppid, parent.pid);
	child_end(&parent);
	snapshot_unref(sourced_scan(&s, SCAN_QUICK));
	assert_int_equal(proc_table_find(t, orphan.pid)->ppid, getpid());
	sourced_release(&s);
	child_end(&orphan);
}

static void the_settled_come_round(void **state)
{
	struct later later = { .env = env_dev };
	const struct process *proc = NULL;
	struct snapshot *snap = NULL;
	struct child child;
	struct sourced s;
	int scans = 0;

	(void)state;
	sourced_init(&s);
	child = child_later(&later);
	snapshot_unref(sourced_scan(&s, SCAN_FULL));
	exec_now(&later, &child);
	settle(&s);
	((struct procfs_source *)(void *)s.src)->share_min = 1; /* as where many run */
	while (!proc && scans++ < SHARES) {
		snapshot_unref(snap);
		snap = sourced_scan(&s, SCAN_QUICK);
		proc = snapshot_find(snap, child.pid);
	}
	assert_non_null(proc);
	assert_true(env_is(proc, MARK "dev"));
	snapshot_unref(snap);
	sourced_release(&s);
	child_end(&child);
}

static void a_pid_that_was_handed_on_is_another_process(void **state)
{
	struct later later = { .env = env_other };
	struct child first = child_exec("agent", env_dev), second;
	struct snapshot *before, *after;
	const struct process *old, *new;
	struct sourced s;

	(void)state;
	echo_init(&later.echo);
	sourced_init(&s);
	before = sourced_scan(&s, SCAN_FULL);
	old = snapshot_find(before, first.pid);
	child_end(&first);
	second = child_fork_as(first.pid, exec_later, &later);
	if (second.pid < 0) {
		snapshot_unref(before);
		sourced_release(&s);
		skip(); /* only root may choose a pid */
	}
	exec_now(&later, &second);
	after = sourced_scan(&s, SCAN_QUICK);
	new = snapshot_find(after, second.pid);
	assert_int_equal(new->id.pid, old->id.pid);
	assert_true(env_is(new, MARK "other"));
	if (old->id.pidfd_ino)
		assert_false(identity_equal(&new->id, &old->id));
	snapshot_unref(before);
	snapshot_unref(after);
	sourced_release(&s);
	child_end(&second);
}

static void another_policy_is_another_look(void **state)
{
	char *const env[] = { (char *)"MY_MARKER=x", NULL };
	struct child child = child_exec("agent", env);
	struct policy other;
	struct snapshot *snap;
	struct sourced s;
	struct app *app;

	(void)state;
	sourced_init(&s);
	assert_int_equal(policy_init(&other), 0);
	app = policy_replace_app(&other, "mine", "test");
	assert_non_null(app);
	assert_int_equal(strings_add(&app->markers, "MY_MARKER", strlen("MY_MARKER")), 0);
	snap = sourced_scan(&s, SCAN_FULL);
	assert_int_equal(snapshot_find(snap, child.pid)->environ.len, 0);
	snapshot_unref(snap);
	assert_int_equal(s.src->ops->set_policy(s.src, &other), 0);
	snap = sourced_scan(&s, SCAN_QUICK);
	assert_true(env_is(snapshot_find(snap, child.pid), "MY_MARKER=x"));
	snapshot_unref(snap);
	sourced_release(&s);
	policy_release(&other);
	child_end(&child);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(remembers_and_reads_what_matters),
		cmocka_unit_test(the_first_scan_is_full),
		cmocka_unit_test(notices_an_exec),
		cmocka_unit_test(has_the_group_of_a_managed_leader),
		cmocka_unit_test(notices_another_parent),
		cmocka_unit_test(knows_the_new_parent_of_the_settled),
		cmocka_unit_test(the_settled_come_round),
		cmocka_unit_test(a_pid_that_was_handed_on_is_another_process),
		cmocka_unit_test(another_policy_is_another_look),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
