/* Reaping: verified, frozen, killed, and stopped when it should be. */
#include "unit/engine/fake.h"

#include "engine/ledger_file.h"

#define ID "xyz.block.sprout.app.dev"

struct ctx {
	struct fake *f;
	struct policy policy;
	struct sweep_options options;
	struct sweep *sw;
	struct reap_report report;
	char *dir;
	int stop[2];
	char *seen; /* the ledger as it was when the first SIGSTOP came */
};

static int set_up(void **state)
{
	struct ctx *t = calloc(1, sizeof(*t));

	assert_non_null(t);
	t->f = fake_new();
	t->f->ctx = t;
	t->dir = fake_mkdir();
	assert_int_equal(pipe(t->stop), 0);
	assert_int_equal(policy_init(&t->policy), 0);
	t->options = (struct sweep_options){
		.policy = &t->policy,
		.settings = sweep_defaults,
		.scope = { .uid = FAKE_UID },
		.state_dir = t->dir,
		.save = true,
		.stop_fd = t->stop[0],
		.notify = fake_notify,
		.ctx = t->f,
	};
	*state = t;
	return 0;
}

static int tear_down(void **state)
{
	static const char *const files[] = { LEDGER_NAME, LEDGER_BAD, "ledger.lock" };
	struct ctx *t = *state;

	sweep_free(t->sw);
	reap_report_release(&t->report);
	/* Whatever happened, nobody of the living stands frozen, and no handle is open. */
	for (size_t i = 0; i < t->f->nr; i++)
		assert_false(t->f->procs[i].used && t->f->procs[i].stopped);
	assert_int_equal(t->f->open_handles, 0);
	for (size_t i = 0; i < 3; i++) {
		char *path = fake_path(t->dir, files[i]);

		unlink(path);
		free(path);
	}
	assert_int_equal(rmdir(t->dir), 0);
	close(t->stop[0]);
	close(t->stop[1]);
	policy_release(&t->policy);
	free(t->seen);
	free(t->dir);
	free(t->f);
	free(t);
	return 0;
}

static void begin(struct ctx *t)
{
	sweep_free(t->sw);
	t->sw = NULL;
	assert_int_equal(sweep_new(&t->options, &t->f->source, &t->f->reaper, &t->sw), 0);
}

static struct reap_request request_of(const char *id)
{
	return (struct reap_request){
		.face = FACE_GROUP,
		.instance = { id, strlen(id) },
		.uid = FAKE_UID,
		.term_timeout_ms = -1,
	};
}

static void reap(struct ctx *t, const struct reap_request *request)
{
	if (!t->sw)
		begin(t);
	reap_report_release(&t->report);
	assert_int_equal(sweep_reap(t->sw, request, &t->report), 0);
}

static void reap_all(struct ctx *t)
{
	const struct reap_request request = request_of(ID);

	reap(t, &request);
}

static const struct reap_result *result_of(struct ctx *t, pid_t pid)
{
	for (size_t i = 0; i < t->report.nr; i++) {
		if (t->report.results[i].process.pid == pid)
			return &t->report.results[i];
	}
	fail_msg("no result for %d", (int)pid);
	return NULL;
}

static void who_heeds_term_is_not_killed(void **state)
{
	struct ctx *t = *state;
	struct fake_proc *p = fake_agent(t->f, 200, 1, ID);

	reap_all(t);
	assert_int_equal(result_of(t, 200)->outcome, OUTCOME_EXITED);
	assert_int_equal(p->got[SIGTERM], 1);
	assert_int_equal(p->got[SIGKILL], 0);
	assert_int_equal(p->got[SIGSTOP], 0);
	assert_int_equal(t->f->boottime_ms, 100000);
}

static void a_stopped_one_is_continued_after_term(void **state)
{
	struct ctx *t = *state;
	struct fake_proc *p = fake_agent(t->f, 200, 1, ID);

	p->stopped = true;
	p->ignores_term = true;
	reap_all(t);
	assert_int_equal(p->got[SIGTERM], 1);
	assert_true(p->got[SIGCONT] >= 1);
}

static void who_ignores_term_is_frozen_and_killed(void **state)
{
	struct ctx *t = *state;
	struct fake_proc *p = fake_agent(t->f, 200, 1, ID);

	p->ignores_term = true;
	reap_all(t);
	assert_int_equal(result_of(t, 200)->outcome, OUTCOME_KILLED);
	assert_int_equal(p->got[SIGSTOP], 1);
	assert_int_equal(p->got[SIGKILL], 1);
	/* No longer than the term timeout. */
	assert_int_equal(t->f->boottime_ms, 105000);
}

static void what_cannot_die_survives_and_goes_on(void **state)
{
	struct ctx *t = *state;
	struct fake_proc *p = fake_agent(t->f, 200, 1, ID);

	p->cannot_die = true;
	reap_all(t);
	assert_int_equal(result_of(t, 200)->outcome, OUTCOME_SURVIVED);
	assert_false(p->stopped);
	assert_int_equal(t->f->outcomes[OUTCOME_SURVIVED], 1);
	assert_int_equal(t->report.count[OUTCOME_KILLED], 0);
}

static void not_permitted_is_refused_and_alive(void **state)
{
	struct ctx *t = *state;

	fake_agent(t->f, 200, 1, ID)->not_ours = true;
	fake_agent(t->f, 201, 1, ID);
	reap_all(t);
	assert_int_equal(result_of(t, 200)->outcome, OUTCOME_REFUSED);
	assert_int_equal(result_of(t, 200)->error, EPERM);
	assert_int_equal(result_of(t, 201)->outcome, OUTCOME_EXITED);
}

/* Between the handle and the reading another process gets the pid. */
static unsigned opens_of_200;

static void recycle_on_second_open(struct fake *f, pid_t pid)
{
	struct fake_proc *p;

	if (pid != 200 || ++opens_of_200 != 2)
		return;
	fake_end(f, fake_find(f, 200));
	p = fake_agent(f, 200, 1, ID);
	p->start = 10000;
}

static void handle_of_a_dead_one_reaches_nobody(void **state)
{
	struct ctx *t = *state;

	opens_of_200 = 0;
	fake_agent(t->f, 200, 1, ID)->start = 10000;
	t->f->on_open = recycle_on_second_open;
	reap_all(t);
	assert_int_equal(opens_of_200, 2);
	assert_int_equal(result_of(t, 200)->outcome, OUTCOME_GONE);
	assert_int_equal(t->f->signals, 0);
	assert_non_null(fake_find(t->f, 200));
}

static void other_start_time_is_gone(void **state)
{
	struct ctx *t = *state;
	struct fake_proc *p = fake_agent(t->f, 200, 1, ID);
	const struct identity only = { 200, p->start + 1, 0 };
	struct reap_request request = request_of(ID);

	request.only = &only;
	request.nr_only = 1;
	reap(t, &request);
	assert_int_equal(result_of(t, 200)->outcome, OUTCOME_GONE);
	assert_int_equal(t->f->signals, 0);
}

static void other_inode_is_gone(void **state)
{
	struct ctx *t = *state;
	struct fake_proc *p = fake_agent(t->f, 200, 1, ID);
	const struct identity only = { 200, p->start, p->ino + 1 };
	struct reap_request request = request_of(ID);

	request.only = &only;
	request.nr_only = 1;
	reap(t, &request);
	assert_int_equal(result_of(t, 200)->outcome, OUTCOME_GONE);
	assert_int_equal(t->f->signals, 0);
}

static void exec_without_marker(struct fake *f, pid_t pid)
{
	struct fake_proc *p = fake_find(f, pid);

	if (pid == 200)
		p->env_len = 0;
}

static void marker_is_read_again(void **state)
{
	struct ctx *t = *state;

	fake_agent(t->f, 200, 1, ID);
	t->f->on_open = exec_without_marker;
	reap_all(t);
	assert_int_equal(result_of(t, 200)->outcome, OUTCOME_GONE);
	assert_int_equal(t->f->signals, 0);
}

static void exec_as_other_instance(struct fake *f, pid_t pid)
{
	struct fake_proc *p = fake_find(f, pid);

	if (pid != 200)
		return;
	p->env_len = 0;
	fake_env(p, "SPROUT_MANAGED_AGENT=" ID ".branch");
}

static void marker_must_have_the_same_value(void **state)
{
	struct ctx *t = *state;

	fake_agent(t->f, 200, 1, ID);
	t->f->on_open = exec_as_other_instance;
	reap_all(t);
	assert_int_equal(result_of(t, 200)->outcome, OUTCOME_GONE);
	assert_int_equal(t->f->signals, 0);
}

static void change_start(struct fake *f, pid_t pid)
{
	if (pid == 200)
		fake_find(f, pid)->start = 1;
}

static void start_time_is_read_again(void **state)
{
	struct ctx *t = *state;

	fake_agent(t->f, 200, 1, ID);
	t->f->on_open = change_start;
	reap_all(t);
	assert_int_equal(result_of(t, 200)->outcome, OUTCOME_GONE);
	assert_int_equal(t->f->signals, 0);
}

static void change_uid(struct fake *f, pid_t pid)
{
	if (pid == 200)
		fake_find(f, pid)->uid = 2000;
}

static void another_uid_is_refused(void **state)
{
	struct ctx *t = *state;

	fake_agent(t->f, 200, 1, ID);
	t->f->on_open = change_uid;
	reap_all(t);
	assert_int_equal(result_of(t, 200)->outcome, OUTCOME_REFUSED);
	assert_int_equal(t->f->signals, 0);
}

static void refuse_environ(struct fake *f, pid_t pid)
{
	struct fake_proc *p = fake_find(f, pid);

	if (pid == 200)
		p->environ_read = READ_REFUSED;
}

static void unreadable_marker_is_refused(void **state)
{
	struct ctx *t = *state;

	fake_agent(t->f, 200, 1, ID);
	t->f->on_open = refuse_environ;
	reap_all(t);
	assert_int_equal(result_of(t, 200)->outcome, OUTCOME_REFUSED);
	assert_int_equal(t->f->signals, 0);
}

static void leave_parent(struct fake *f, pid_t pid)
{
	struct fake_proc *p = fake_find(f, 201);

	if (pid == 201 && p)
		p->ppid = 1;
}

static void inferred_are_verified_by_their_source(void **state)
{
	struct ctx *t = *state;

	fake_agent(t->f, 200, 1, ID);
	fake_add(t->f, 201, 200, "helper");
	t->f->on_open = leave_parent;
	reap_all(t);
	assert_int_equal(result_of(t, 200)->outcome, OUTCOME_EXITED);
	assert_int_equal(result_of(t, 201)->outcome, OUTCOME_REFUSED);
	assert_non_null(fake_find(t->f, 201));
}

static void forks_while_reaping_are_wiped_out(void **state)
{
	struct ctx *t = *state;
	struct fake_proc *p = fake_agent(t->f, 200, 1, ID);

	p->ignores_term = true;
	begin(t);
	p->forks = 6;
	reap_all(t);
	for (size_t i = 0; i < t->f->nr; i++)
		assert_false(t->f->procs[i].used && strcmp(t->f->procs[i].comm, "goose") == 0);
	assert_true(t->report.count[OUTCOME_KILLED] >= 2);
	assert_int_equal(t->report.count[OUTCOME_SURVIVED], 0);
}

static void double_forks_are_wiped_out(void **state)
{
	struct ctx *t = *state;
	struct fake_proc *p = fake_agent(t->f, 200, 1, ID);

	p->forks_away = true;
	p->forks = 5;
	begin(t);
	reap_all(t);
	for (size_t i = 0; i < t->f->nr; i++)
		assert_false(t->f->procs[i].used && strcmp(t->f->procs[i].comm, "goose") == 0);
}

static void fork_bombs_end_within_bounds(void **state)
{
	struct ctx *t = *state;
	struct fake_proc *p = fake_agent(t->f, 200, 1, ID);

	/* Without freezing every round kills one generation; there are more of them. */
	t->options.save = false;
	p->forks = 300;
	p->ignores_term = true;
	begin(t);
	reap_all(t);
	assert_true(t->report.stopped);
	assert_true(t->f->scans < 100);
}

/* A bystander's children are not the victims'. */
static void fork_from_bystander(struct fake *f)
{
	struct fake_proc *child;

	if (f->scans != 2)
		return;
	child = fake_agent(f, 301, 1, ID);
	child->pgid = child->sid = 300;
	fake_agent(f, 302, 1, ID);
}

static void others_children_are_left_alone(void **state)
{
	struct ctx *t = *state;
	struct reap_request request = request_of(ID);
	struct identity only;

	only = (struct identity){ 200, fake_agent(t->f, 200, 1, ID)->start, 0 };
	fake_agent(t->f, 300, 1, ID);
	request.face = FACE_PICK;
	request.only = &only;
	request.nr_only = 1;
	begin(t);
	t->f->scans = 0;
	t->f->on_scan = fork_from_bystander;
	reap(t, &request);
	assert_null(fake_find(t->f, 200));
	assert_non_null(fake_find(t->f, 300));
	assert_non_null(fake_find(t->f, 301));
	assert_non_null(fake_find(t->f, 302));
}

static void pick(struct ctx *t, const struct fake_proc *p)
{
	const struct identity only = { p->pid, p->start, 0 };
	struct reap_request request = request_of(ID);

	request.face = FACE_PICK;
	request.only = &only;
	request.nr_only = 1;
	reap(t, &request);
}

static void fork_into_group(struct fake *f)
{
	struct fake_proc *child;

	if (f->scans != 2)
		return;
	child = fake_agent(f, 301, 1, ID);
	child->pgid = child->sid = 200;
	fake_agent(f, 302, 1, ID);
}

static void what_left_its_parent_is_known_by_its_group(void **state)
{
	struct ctx *t = *state;

	t->f->on_scan = fork_into_group;
	begin(t);
	t->f->scans = 0;
	pick(t, fake_agent(t->f, 200, 1, ID));
	assert_null(fake_find(t->f, 301));
	/* One of its own could be anybody's. */
	assert_non_null(fake_find(t->f, 302));
}

static void unless_others_are_in_that_group(void **state)
{
	struct ctx *t = *state;
	struct fake_proc *other;

	t->f->on_scan = fork_into_group;
	begin(t);
	t->f->scans = 0;
	fake_agent(t->f, 200, 1, ID);
	other = fake_agent(t->f, 210, 1, ID);
	other->pgid = other->sid = 200;
	pick(t, fake_find(t->f, 200));
	assert_null(fake_find(t->f, 200));
	assert_non_null(fake_find(t->f, 210));
	assert_non_null(fake_find(t->f, 301));
}

static void fork_kept_child(struct fake *f)
{
	struct fake_proc *p = fake_find(f, 200);

	if (p && p->got[SIGTERM] && !fake_find(f, 301))
		fake_env(fake_agent(f, 301, 200, ID), "STRAY_KEEP=1");
}

static void kept_forks_are_not_even_frozen(void **state)
{
	struct ctx *t = *state;

	fake_agent(t->f, 200, 1, ID)->ignores_term = true;
	t->f->on_scan = fork_kept_child;
	reap_all(t);
	assert_null(fake_find(t->f, 200));
	assert_non_null(fake_find(t->f, 301));
	assert_int_equal(fake_find(t->f, 301)->got[SIGSTOP], 0);
}

static void picked_is_not_what_hangs_below(void **state)
{
	struct ctx *t = *state;

	fake_agent(t->f, 200, 1, ID);
	fake_env(fake_agent(t->f, 201, 200, ID), "STRAY_KEEP=1");
	pick(t, fake_find(t->f, 200));
	assert_null(fake_find(t->f, 200));
	assert_non_null(fake_find(t->f, 201));
	assert_int_equal(result_of(t, 201)->why, WHY_OPT_OUT);
}

static void inferred_stay_with_a_kept_source(void **state)
{
	struct ctx *t = *state;
	struct fake_proc *p;

	fake_env(fake_agent(t->f, 200, 1, ID), "STRAY_KEEP=1");
	p = fake_add(t->f, 201, 1, "helper");
	p->pgid = p->sid = 200;
	reap_all(t);
	assert_int_equal(t->f->signals, 0);
	assert_int_equal(result_of(t, 201)->outcome, OUTCOME_KEPT);
}

static void another_users_instance_of_that_name_is_left(void **state)
{
	struct ctx *t = *state;

	t->options.scope.all_users = true;
	fake_find(t->f, FAKE_SELF)->uid = 0;
	fake_agent(t->f, 200, 1, ID);
	fake_agent(t->f, 201, 1, ID)->uid = 2000;
	reap_all(t);
	assert_null(fake_find(t->f, 200));
	assert_non_null(fake_find(t->f, 201));
}

static void keep_the_last(struct fake *f)
{
	struct fake_proc *p = fake_find(f, 203);

	if (p && !fake_find(f, 200) && !p->got[0]++)
		fake_env(p, "STRAY_KEEP=1");
}

static void later_batches_are_asked_about_again(void **state)
{
	struct ctx *t = *state;

	t->f->handles_max = 1;
	for (pid_t pid = 200; pid < 204; pid++)
		fake_agent(t->f, pid, 1, ID);
	t->f->on_scan = keep_the_last;
	reap_all(t);
	assert_null(fake_find(t->f, 202));
	assert_non_null(fake_find(t->f, 203));
	assert_int_equal(fake_find(t->f, 203)->got[SIGTERM], 0);
	assert_int_equal(result_of(t, 203)->outcome, OUTCOME_KEPT);
	assert_int_equal(result_of(t, 203)->why, WHY_OPT_OUT);
}

static void read_ledger_on_stop(struct fake *f, struct fake_proc *p, int signo)
{
	struct ctx *t = f->ctx;

	(void)p;
	if (signo == SIGSTOP && !t->seen)
		t->seen = fake_slurp(t->dir, LEDGER_NAME);
}

static void who_is_frozen_stands_in_the_ledger_first(void **state)
{
	struct ctx *t = *state;
	struct ledger l;
	const char *why;
	char *after;

	fake_agent(t->f, 200, 1, ID)->ignores_term = true;
	t->f->on_signal = read_ledger_on_stop;
	reap_all(t);
	assert_non_null(t->seen);
	ledger_init(&l, FAKE_BOOT);
	assert_int_equal(ledger_decode(&l, t->seen, strlen(t->seen), t->f->boottime_ms, &why), 0);
	assert_int_equal(l.nr_frozen, 1);
	assert_int_equal(l.frozen[0].id.pid, 200);
	assert_int_equal(l.frozen[0].by.pid, FAKE_SELF);
	ledger_release(&l);
	/* And is taken out again at the end. */
	after = fake_slurp(t->dir, LEDGER_NAME);
	ledger_init(&l, FAKE_BOOT);
	assert_int_equal(ledger_decode(&l, after, strlen(after), t->f->boottime_ms, &why), 0);
	assert_int_equal(l.nr_frozen, 0);
	ledger_release(&l);
	free(after);
}

static void without_ledger_nobody_is_frozen(void **state)
{
	struct ctx *t = *state;
	struct fake_proc *p = fake_agent(t->f, 200, 1, ID);

	p->ignores_term = true;
	t->options.save = false;
	reap_all(t);
	assert_int_equal(result_of(t, 200)->outcome, OUTCOME_KILLED);
	assert_int_equal(p->got[SIGSTOP], 0);
}

static void unwritable_ledger_freezes_nobody(void **state)
{
	struct ctx *t = *state;
	struct fake_proc *p = fake_agent(t->f, 200, 1, ID);

	p->ignores_term = true;
	begin(t);
	/* Others may look in from now on, so it is no state folder any more. */
	assert_int_equal(chmod(t->dir, 0755), 0);
	reap_all(t);
	assert_int_equal(result_of(t, 200)->outcome, OUTCOME_KILLED);
	assert_int_equal(p->got[SIGSTOP], 0);
	assert_int_equal(chmod(t->dir, 0700), 0);
}

static void desktop_when_frozen(struct fake *f)
{
	struct fake_proc *p = fake_find(f, 200);

	if (p && p->stopped && !fake_find(f, 300))
		fake_env(fake_desktop(f, 300, ID), "HOME=/nonexistent/home");
}

static void desktop_that_comes_up_stops_it(void **state)
{
	struct ctx *t = *state;
	struct fake_proc *p = fake_agent(t->f, 200, 1, ID);

	p->ignores_term = true;
	t->f->on_scan = desktop_when_frozen;
	reap_all(t);
	assert_int_equal(p->got[SIGSTOP], 1);
	assert_int_equal(p->got[SIGKILL], 0);
	assert_false(p->stopped);
	assert_true(t->report.stopped);
	assert_int_equal(result_of(t, 200)->outcome, OUTCOME_SURVIVED);
}

static void exec_as_desktop_when_frozen(struct fake *f)
{
	struct fake_proc *p = fake_find(f, 200);

	if (!p || !p->stopped)
		return;
	p = fake_find(f, 300);
	assert_non_null(p);
	snprintf(p->comm, sizeof(p->comm), "sprout-desktop");
	fake_arg(p, ID);
}

static void owner_that_ran_before_stops_it_too(void **state)
{
	struct ctx *t = *state;
	struct fake_proc *p = fake_agent(t->f, 200, 1, ID);

	p->ignores_term = true;
	fake_env(fake_add(t->f, 300, 1, "launch"), "HOME=/nonexistent/home");
	t->f->on_scan = exec_as_desktop_when_frozen;
	reap_all(t);
	assert_int_equal(p->got[SIGKILL], 0);
	assert_true(t->report.stopped);
}

static void another_desktop_when_frozen(struct fake *f)
{
	struct fake_proc *p = fake_find(f, 200);

	if (!p || !p->stopped || !fake_find(f, 300))
		return;
	fake_end(f, fake_find(f, 300));
	fake_env(fake_desktop(f, 301, ID), "HOME=/nonexistent/home");
}

static void the_next_owner_stops_it_too(void **state)
{
	struct ctx *t = *state;
	struct fake_proc *p = fake_agent(t->f, 200, 1, ID);

	/* An orphan that a former desktop left, beside one that runs. */
	p->ignores_term = true;
	fake_pass(t->f, 1000);
	fake_env(fake_desktop(t->f, 300, ID), "HOME=/nonexistent/home");
	t->f->on_scan = another_desktop_when_frozen;
	reap_all(t);
	assert_int_equal(p->got[SIGSTOP], 1);
	assert_int_equal(p->got[SIGKILL], 0);
	assert_true(t->report.stopped);
}

static void opt_out_when_frozen(struct fake *f)
{
	struct fake_proc *p = fake_find(f, 200);

	if (p && p->stopped && !memmem(p->env, p->env_len, "STRAY_KEEP", 10))
		fake_env(p, "STRAY_KEEP=1");
}

static void predicate_is_asked_again_before_the_kill(void **state)
{
	struct ctx *t = *state;
	struct fake_proc *p = fake_agent(t->f, 200, 1, ID);

	p->ignores_term = true;
	t->f->on_scan = opt_out_when_frozen;
	reap_all(t);
	assert_true(t->f->scans < 8);
	assert_int_equal(p->got[SIGKILL], 0);
	assert_false(p->stopped);
	assert_int_equal(result_of(t, 200)->outcome, OUTCOME_SURVIVED);
}

static void blind_when_frozen(struct fake *f)
{
	struct fake_proc *p = fake_find(f, 200);

	if (p && p->stopped)
		f->blind = 1;
}

static void incomplete_rescans_kill_nobody(void **state)
{
	struct ctx *t = *state;
	struct fake_proc *p = fake_agent(t->f, 200, 1, ID);

	p->ignores_term = true;
	t->f->on_scan = blind_when_frozen;
	reap_all(t);
	assert_int_equal(p->got[SIGKILL], 0);
	assert_false(p->stopped);
	assert_true(t->report.stopped);
}

static void stop_on_sigstop(struct fake *f, struct fake_proc *p, int signo)
{
	struct ctx *t = f->ctx;

	(void)p;
	if (signo == SIGSTOP)
		assert_int_equal(write(t->stop[1], "", 1), 1);
}

static void told_to_stop_continues_the_frozen(void **state)
{
	struct ctx *t = *state;
	struct fake_proc *p = fake_agent(t->f, 200, 1, ID);

	p->ignores_term = true;
	t->f->on_signal = stop_on_sigstop;
	reap_all(t);
	assert_int_equal(p->got[SIGSTOP], 1);
	assert_int_equal(p->got[SIGKILL], 0);
	assert_false(p->stopped);
	assert_true(t->report.stopped);
}

static void stop_cuts_the_wait_short(void **state)
{
	struct ctx *t = *state;
	struct fake_proc *p = fake_agent(t->f, 200, 1, ID);

	p->ignores_term = true;
	begin(t);
	assert_int_equal(write(t->stop[1], "", 1), 1);
	reap_all(t);
	assert_int_equal(t->f->boottime_ms, 100000);
	assert_int_equal(p->got[SIGTERM] + p->got[SIGKILL], 0);
	assert_true(t->report.stopped);
}

static void more_victims_than_handles_go_in_batches(void **state)
{
	struct ctx *t = *state;

	t->f->handles_max = 3;
	for (pid_t pid = 200; pid < 210; pid++)
		fake_agent(t->f, pid, 1, ID)->ignores_term = pid % 2;
	for (pid_t pid = 200; pid < 205; pid++)
		fake_add(t->f, pid + 100, pid, "helper");
	reap_all(t);
	assert_int_equal(t->f->most_handles, 3);
	for (pid_t pid = 200; pid < 210; pid++)
		assert_null(fake_find(t->f, pid));
	for (pid_t pid = 300; pid < 305; pid++)
		assert_null(fake_find(t->f, pid));
	assert_int_equal(t->report.count[OUTCOME_EXITED] + t->report.count[OUTCOME_KILLED], 15);
}

static void live_owner_is_refused(void **state)
{
	struct ctx *t = *state;

	fake_env(fake_desktop(t->f, 300, ID), "HOME=/nonexistent/home");
	fake_agent(t->f, 200, 300, ID);
	fake_pass(t->f, 10);
	fake_agent(t->f, 201, 1, ID);
	reap_all(t);
	assert_int_equal(t->f->signals, 0);
	assert_int_equal(t->report.count[OUTCOME_KEPT], 2);
	assert_int_equal(result_of(t, 200)->why, WHY_OWNED);
}

static void force_lifts_the_owners_say(void **state)
{
	struct ctx *t = *state;
	struct reap_request request = request_of(ID);

	fake_env(fake_desktop(t->f, 300, ID), "HOME=/nonexistent/home");
	fake_agent(t->f, 200, 300, ID);
	request.force = true;
	reap(t, &request);
	assert_int_equal(result_of(t, 200)->outcome, OUTCOME_EXITED);
	assert_non_null(fake_find(t->f, 300));
	assert_int_equal(fake_find(t->f, 300)->got[SIGTERM], 0);
}

static void kept_ones_stay_unless_picked(void **state)
{
	struct ctx *t = *state;
	struct fake_proc *p = fake_agent(t->f, 200, 1, ID);
	struct identity only = { 200, p->start, 0 };
	struct reap_request request = request_of(ID);

	fake_env(p, "STRAY_KEEP=1");
	reap_all(t);
	assert_int_equal(result_of(t, 200)->outcome, OUTCOME_KEPT);
	assert_int_equal(result_of(t, 200)->why, WHY_OPT_OUT);
	request.face = FACE_PICK;
	request.only = &only;
	request.nr_only = 1;
	reap(t, &request);
	assert_int_equal(result_of(t, 200)->outcome, OUTCOME_EXITED);
}

static void only_these_and_what_hangs_below(void **state)
{
	struct ctx *t = *state;
	struct identity only = { 200, fake_agent(t->f, 200, 1, ID)->start, 0 };
	struct reap_request request = request_of(ID);

	fake_agent(t->f, 201, 200, ID);
	fake_agent(t->f, 202, 1, ID);
	request.only = &only;
	request.nr_only = 1;
	reap(t, &request);
	assert_null(fake_find(t->f, 200));
	assert_null(fake_find(t->f, 201));
	assert_non_null(fake_find(t->f, 202));
}

static void handles_of_the_caller_are_used_and_stay(void **state)
{
	struct ctx *t = *state;
	struct identity only = { 200, fake_agent(t->f, 200, 1, ID)->start, 0 };
	struct reap_request request = request_of(ID);
	uint64_t ino;
	int handle;

	assert_int_equal(fake_open(&t->f->reaper, 200, &handle, &ino), 0);
	request.only = &only;
	request.handles = &handle;
	request.nr_only = 1;
	reap(t, &request);
	assert_int_equal(result_of(t, 200)->outcome, OUTCOME_EXITED);
	assert_int_equal(t->f->open_handles, 1);
	fake_close(&t->f->reaper, handle);
}

static void other_instances_are_strangers(void **state)
{
	struct ctx *t = *state;

	fake_agent(t->f, 200, 1, ID);
	fake_agent(t->f, 201, 1, ID ".branch");
	fake_agent(t->f, 202, 1, "xyz.block.sprout.app");
	reap_all(t);
	assert_null(fake_find(t->f, 200));
	assert_non_null(fake_find(t->f, 201));
	assert_non_null(fake_find(t->f, 202));
}

static void incomplete_look_refuses_the_request(void **state)
{
	struct ctx *t = *state;
	struct reap_request request = request_of(ID);

	fake_agent(t->f, 200, 1, ID);
	begin(t);
	request.force = true;
	t->f->blind = 1;
	assert_int_equal(sweep_reap(t->sw, &request, &t->report), -EAGAIN);
	assert_int_equal(t->f->signals, 0);
}

/* --- what an earlier run left frozen ------------------------------------------------ */

static void leave_frozen(struct ctx *t, struct fake_proc *p, struct identity by, uint64_t ino)
{
	const struct identity id = { p->pid, p->start, ino };
	struct ledger l;

	p->stopped = true;
	ledger_init(&l, FAKE_BOOT);
	assert_int_equal(ledger_set_frozen(&l, &by, &id, 1), 0);
	assert_int_equal(ledger_save(&l, t->dir, NULL), 0);
	ledger_release(&l);
}

static void a_start_continues_the_frozen(void **state)
{
	struct ctx *t = *state;
	struct fake_proc *p = fake_agent(t->f, 200, 1, ID);

	leave_frozen(t, p, (struct identity){ 99, 5, 0 }, p->ino);
	begin(t);
	assert_false(p->stopped);
	p->got[SIGCONT] = 0;
	begin(t);
	assert_int_equal(p->got[SIGCONT], 0);
}

static void a_looker_does_not_continue(void **state)
{
	struct ctx *t = *state;
	struct fake_proc *p = fake_agent(t->f, 200, 1, ID);

	leave_frozen(t, p, (struct identity){ 99, 5, 0 }, p->ino);
	t->options.save = false;
	begin(t);
	assert_true(p->stopped);
	t->options.save = true;
	t->options.dry_run = true;
	begin(t);
	assert_true(p->stopped);
	p->stopped = false;
}

static void the_frozen_of_a_living_stray_stay(void **state)
{
	struct ctx *t = *state;
	struct fake_proc *p = fake_agent(t->f, 200, 1, ID);
	struct fake_proc *other = fake_add(t->f, 99, 1, "stray");

	leave_frozen(t, p, (struct identity){ 99, other->start, 0 }, p->ino);
	begin(t);
	assert_true(p->stopped);
	fake_end(t->f, other);
	begin(t);
	assert_false(p->stopped);
}

static void another_process_is_not_continued(void **state)
{
	struct ctx *t = *state;
	struct fake_proc *p = fake_agent(t->f, 200, 1, ID);

	leave_frozen(t, p, (struct identity){ 99, 5, 0 }, p->ino + 1);
	begin(t);
	assert_int_equal(p->got[SIGCONT], 0);
	leave_frozen(t, p, (struct identity){ 99, 5, 0 }, 0);
	p->start++;
	begin(t);
	assert_int_equal(p->got[SIGCONT], 0);
	p->stopped = false;
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(who_heeds_term_is_not_killed),
		TEST(a_stopped_one_is_continued_after_term),
		TEST(who_ignores_term_is_frozen_and_killed),
		TEST(what_cannot_die_survives_and_goes_on),
		TEST(not_permitted_is_refused_and_alive),
		TEST(handle_of_a_dead_one_reaches_nobody),
		TEST(other_start_time_is_gone),
		TEST(other_inode_is_gone),
		TEST(marker_is_read_again),
		TEST(marker_must_have_the_same_value),
		TEST(start_time_is_read_again),
		TEST(another_uid_is_refused),
		TEST(unreadable_marker_is_refused),
		TEST(inferred_are_verified_by_their_source),
		TEST(forks_while_reaping_are_wiped_out),
		TEST(double_forks_are_wiped_out),
		TEST(fork_bombs_end_within_bounds),
		TEST(others_children_are_left_alone),
		TEST(what_left_its_parent_is_known_by_its_group),
		TEST(unless_others_are_in_that_group),
		TEST(kept_forks_are_not_even_frozen),
		TEST(picked_is_not_what_hangs_below),
		TEST(inferred_stay_with_a_kept_source),
		TEST(another_users_instance_of_that_name_is_left),
		TEST(later_batches_are_asked_about_again),
		TEST(who_is_frozen_stands_in_the_ledger_first),
		TEST(without_ledger_nobody_is_frozen),
		TEST(unwritable_ledger_freezes_nobody),
		TEST(desktop_that_comes_up_stops_it),
		TEST(owner_that_ran_before_stops_it_too),
		TEST(the_next_owner_stops_it_too),
		TEST(predicate_is_asked_again_before_the_kill),
		TEST(incomplete_rescans_kill_nobody),
		TEST(told_to_stop_continues_the_frozen),
		TEST(stop_cuts_the_wait_short),
		TEST(more_victims_than_handles_go_in_batches),
		TEST(live_owner_is_refused),
		TEST(force_lifts_the_owners_say),
		TEST(kept_ones_stay_unless_picked),
		TEST(only_these_and_what_hangs_below),
		TEST(handles_of_the_caller_are_used_and_stay),
		TEST(other_instances_are_strangers),
		TEST(incomplete_look_refuses_the_request),
		TEST(a_start_continues_the_frozen),
		TEST(a_looker_does_not_continue),
		TEST(the_frozen_of_a_living_stray_stay),
		TEST(another_process_is_not_continued),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
