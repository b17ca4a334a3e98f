/* SPDX-License-Identifier: MIT */
#ifndef TESTS_UNIT_ENGINE_REAP_FIXTURE_H
#define TESTS_UNIT_ENGINE_REAP_FIXTURE_H

/* A sweep over the fake world, with a ledger, and requests to it. */
#include "unit/engine/fake.h"

#include "engine/ledger_file.h"

#define ID "xyz.block.sprout.app.dev"

struct ctx {
	struct fake *f;
	struct policy policy;
	struct engine_options options;
	struct engine *eng;
	struct reap_report report;
	char *dir;
	int stop[2];
	char *seen; /* the ledger as it was when the first SIGSTOP came */
};

static inline int set_up(void **state)
{
	struct ctx *t = calloc(1, sizeof(*t));

	assert_non_null(t);
	t->f = fake_new();
	t->f->ctx = t;
	t->dir = fake_mkdir();
	assert_int_equal(pipe(t->stop), 0);
	assert_int_equal(policy_init(&t->policy), 0);
	t->options = (struct engine_options){
		.policy = &t->policy,
		.settings = engine_defaults,
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

static inline int tear_down(void **state)
{
	static const char *const files[] = { LEDGER_NAME, LEDGER_BAD, "ledger.lock" };
	struct ctx *t = *state;

	engine_free(t->eng);
	reap_report_release(&t->report);
	/* Whatever happened, no living process stands frozen, and no handle is open. */
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

static inline void begin(struct ctx *t)
{
	engine_free(t->eng);
	t->eng = NULL;
	assert_int_equal(engine_new(&t->options, &t->f->source, &t->f->reaper, &t->eng), 0);
}

static inline struct reap_request request_of(const char *id)
{
	return (struct reap_request){
		.face = FACE_GROUP,
		.instance = { id, strlen(id) },
		.uid = FAKE_UID,
		.term_timeout_ms = -1,
	};
}

static inline void reap(struct ctx *t, const struct reap_request *request)
{
	if (!t->eng)
		begin(t);
	reap_report_release(&t->report);
	assert_int_equal(engine_reap(t->eng, request, &t->report), 0);
}

static inline void reap_all(struct ctx *t)
{
	const struct reap_request request = request_of(ID);

	reap(t, &request);
}

static inline const struct reap_result *result_of(struct ctx *t, pid_t pid)
{
	for (size_t i = 0; i < t->report.nr; i++) {
		if (t->report.results[i].process.pid == pid)
			return &t->report.results[i];
	}
	fail_msg("no result for %d", (int)pid);
	return NULL;
}

/* A person picks this one by itself. */
static inline void pick(struct ctx *t, const struct fake_proc *p)
{
	const struct identity only = { p->pid, p->start, 0 };
	struct reap_request request = request_of(ID);

	request.face = FACE_PICK;
	request.only = &only;
	request.nr_only = 1;
	reap(t, &request);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

#endif
