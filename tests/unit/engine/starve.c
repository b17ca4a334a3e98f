/* SPDX-License-Identifier: MIT */
/*
 * The engine without memory: wherever an allocation fails, once or from then on
 * for ever, none is signalled that is not to be ended, none stays frozen,
 * none is said to be dead that lives, and nothing is left allocated or open.
 * A sweep that has memory then ends what is left.
 */
#include <pwd.h>

#include "helpers/starve.h"
#include "unit/engine/reap_fixture.h"

#define OTHER  "xyz.block.sprout.app.other"
#define LIVING "xyz.block.sprout.app.living"

/* The C library's looks further when it has no memory, and keeps what it loads for that. */
int getpwuid_r(uid_t uid, struct passwd *pwd, char *buf, size_t size, struct passwd **result)
{
	(void)uid;
	(void)buf;
	(void)size;
	*pwd = (struct passwd){ .pw_dir = (char *)"/nonexistent" };
	*result = pwd;
	return 0;
}

/* --- the world's own memory does not run out ------------------------------------- */

static int fed_scan(struct source *src, enum scan_mode mode, struct snapshot **ret)
{
	bool armed = starve_pause();
	int r = fake_scan(src, mode, ret);

	starve_go_on(armed);
	return r;
}

static int fed_read(struct source *src, const pid_t *pids, size_t nr, int *ret_errors,
		    struct snapshot **ret)
{
	bool armed = starve_pause();
	int r = fake_read(src, pids, nr, ret_errors, ret);

	starve_go_on(armed);
	return r;
}

static int fed_probe(struct source *src, struct probe *probes, size_t nr)
{
	bool armed = starve_pause();
	int r = fake_probe(src, probes, nr);

	starve_go_on(armed);
	return r;
}

static struct source_ops fed_ops;

/* --- the processes in it ----------------------------------------------------------- */

enum {
	WILLING = 200,
	DEAF = 201,
	STORM = 202,
	INFERRED = 210,
	SPARED = 220,
	DESKTOP = 300,
	OWNED = 301
};

static bool is_victim(pid_t pid)
{
	return pid == WILLING || pid == DEAF || pid == STORM || pid == INFERRED || pid >= 20000;
}

static void populate(struct fake *f)
{
	struct fake_proc *p;

	fed_ops = fake_source_ops;
	fed_ops.scan = fed_scan;
	fed_ops.read = fed_read;
	fed_ops.probe = fed_probe;
	f->source.ops = &fed_ops;
	fake_agent(f, WILLING, 1, ID);
	p = fake_agent(f, DEAF, 1, ID);
	p->ignores_term = true;
	p = fake_agent(f, STORM, 1, OTHER);
	p->ignores_term = true;
	p->forks = 2;
	p = fake_add(f, INFERRED, DEAF, "node");
	p->ignores_term = true;
	p = fake_agent(f, SPARED, 1, ID);
	fake_env(p, "STRAY_KEEP=1");
	fake_desktop(f, DESKTOP, LIVING);
	fake_agent(f, OWNED, DESKTOP, LIVING);
}

static unsigned dead_of(const struct fake *f)
{
	unsigned nr = 0;

	for (size_t i = 0; i < f->nr; i++)
		nr += !f->procs[i].used;
	return nr;
}

static void no_other_was_touched(const struct fake *f)
{
	for (size_t i = 0; i < f->nr; i++) {
		const struct fake_proc *p = &f->procs[i];

		if (p->used)
			assert_false(p->stopped);
		if (is_victim(p->pid))
			continue;
		assert_true(p->used);
		for (int signo = 0; signo < 65; signo++)
			assert_int_equal(p->got[signo], 0);
	}
}

static void none_is_left(struct fake *f)
{
	for (size_t i = 0; i < f->nr; i++) {
		if (f->procs[i].used && is_victim(f->procs[i].pid))
			fail_msg("%d is left: %s", (int)f->procs[i].pid, f->warnings);
	}
}

/* --- what it does there ------------------------------------------------------------- */

static int by_sweeping(struct ctx *t)
{
	int r;

	t->eng = NULL;
	r = engine_new(&t->options, &t->f->source, &t->f->reaper, &t->eng);
	for (int i = 0; r == 0 && i < 2; i++) {
		fake_pass(t->f, t->options.settings.interval_ms);
		r = engine_tick(t->eng, TICK_COUNT | TICK_REAP, NULL, NULL);
	}
	engine_free(t->eng);
	t->eng = NULL;
	return r;
}

static int by_asking(struct ctx *t)
{
	static const char *const ids[] = { ID, OTHER };
	int r;

	t->eng = NULL;
	r = engine_new(&t->options, &t->f->source, &t->f->reaper, &t->eng);
	for (int i = 0; r == 0 && i < 2; i++) {
		const struct reap_request request = request_of(ids[i]);

		r = engine_reap(t->eng, &request, &t->report);
		if (r == 0 && t->report.stopped)
			r = -ECANCELED;
		reap_report_release(&t->report);
		t->report = (struct reap_report){ 0 };
	}
	engine_free(t->eng);
	t->eng = NULL;
	return r;
}

/* One run with one failure; false: nothing failed, there are no more places. */
static bool run_once(struct ctx *t, int (*scenario)(struct ctx *), unsigned n, bool forever)
{
	bool failed;
	long live;
	int r;

	populate(t->f);
	starve_begin(n, forever);
	r = scenario(t);
	failed = starve_end(&live);
	if (live)
		fail_msg("%ld left allocated after number %u failed%s", live, n,
			 forever ? " for ever" : "");
	assert_int_equal(t->f->open_handles, 0);
	no_other_was_touched(t->f);
	assert_true(t->f->outcomes[OUTCOME_EXITED] + t->f->outcomes[OUTCOME_KILLED] <=
		    dead_of(t->f));
	if (r == 0 && !t->f->warnings[0] && !t->f->outcomes[OUTCOME_SURVIVED] &&
	    !t->f->outcomes[OUTCOME_REFUSED])
		none_is_left(t->f);

	assert_int_equal(by_sweeping(t), 0);
	no_other_was_touched(t->f);
	none_is_left(t->f);
	return failed;
}

static void starve(void **state, int (*scenario)(struct ctx *))
{
	bool failed = true;

	for (unsigned n = 0; failed; n++) {
		failed = false;
		for (int forever = 0; forever < 2; forever++) {
			assert_int_equal(set_up(state), 0);
			((struct ctx *)*state)->options.settings.grace = 1;
			failed |= run_once(*state, scenario, n, forever);
			assert_int_equal(tear_down(state), 0);
		}
		assert_true(failed || n > 100);
		assert_true(n < 10000);
	}
}

static void a_sweep_runs_out_of_memory(void **state)
{
	starve(state, by_sweeping);
}

static void a_request_runs_out_of_memory(void **state)
{
	starve(state, by_asking);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_sweep_runs_out_of_memory),
		cmocka_unit_test(a_request_runs_out_of_memory),
	};

	if (!starve_is_possible()) {
		puts("1..0 # skip another allocator is in use");
		return 0;
	}
	/* Thousands of ledgers, each with its fsync(2): where that costs nothing, if there is such a place. */
	if (access("/dev/shm", W_OK | X_OK) == 0)
		setenv("TMPDIR", "/dev/shm", 1);
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
