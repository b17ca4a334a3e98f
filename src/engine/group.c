/* SPDX-License-Identifier: MIT */
/* engine_end_group(): end at once what a command left in its control group. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/cleanup.h"
#include "engine/engine.h"
#include "engine/hold.h"

enum {
	FREEZE_MS = 1000, /* until all of it is frozen; longer only in uninterruptible waits */
	END_MS = 2000,	  /* from SIGKILL to the exit, likewise */
	LOOKS_MAX = 8,	  /* usually two: one to move out, one to see what is left */
	SPARE_HANDLES = 64,
};

/* One process in the group that is to be ended. */
struct inmate {
	struct hold hold;
	char name[16];
	size_t instance; /* in the census */
};

struct group_job {
	struct engine *eng;
	const struct reap_request *ask;
	struct group *group;
	struct census *c; /* of the last scan */
	struct inmate *inmates;
	size_t nr;
};

/* What to do about one process in the group. */
enum judgement {
	JUDGED_END,
	JUDGED_OUT, /* move it out: it may not be ended, or could not be read */
	JUDGED_DEAD,
	JUDGED_UNSEEN, /* the scan does not have it: scan again */
};

/* Find its membership of the requested instance, of any user. */
static const struct member *find_meant(const struct group_job *job, pid_t pid)
{
	const struct member *m = census_find_member(job->c, pid);

	for (; m; m = census_next_membership(job->c, m)) {
		const struct instance *inst = &job->c->instances[m->instance];

		if (bytes_equal(inst->id, job->ask->instance) &&
		    strcmp(inst->app->name, job->ask->app) == 0)
			return m;
	}
	return NULL;
}

static enum judgement judge(const struct group_job *job, pid_t pid, const struct member **ret_m)
{
	const struct process *proc = snapshot_find(job->c->snapshot, pid);
	const struct member *m = find_meant(job, pid);
	struct verdict_ask ask = {
		.face = job->ask->face,
		.reap_detached = job->eng->options.settings.reap_detached,
		.force = job->ask->force,
		.foreground = job->ask->foreground,
	};

	*ret_m = m;
	if (!proc)
		return JUDGED_UNSEEN;
	if (proc->dead)
		return JUDGED_DEAD;
	/* STRAY_KEEP is in the environment. */
	if (!m || proc->environ_read != READ_DONE)
		return JUDGED_OUT;
	ask.of = &job->c->instances[m->instance];
	return verdict_of(job->c, m, &ask) == WHY_MAY_END ? JUDGED_END : JUDGED_OUT;
}

static void let_go(struct group_job *job)
{
	for (size_t i = 0; i < job->nr; i++)
		hold_close(&job->inmates[i].hold);
	free(job->inmates);
	job->inmates = NULL;
	job->nr = 0;
	census_unref(job->c);
	job->c = NULL;
}

/* Move it out. Returns 0: scan again; -errno: it cannot be moved. */
static int spare(struct group_job *job, pid_t pid)
{
	int r = job->group->ops->move_out(job->group, pid);

	return r == -ESRCH ? 0 : r;
}

/* Judge one process and hold it, or move it out. Returns 1: done, 0: scan again, or -errno. */
static int take(struct group_job *job, pid_t pid)
{
	const struct member *m;
	struct inmate in = { 0 };

	switch (judge(job, pid, &m)) {
	case JUDGED_DEAD:
		return 1;
	case JUDGED_UNSEEN:
		return 0;
	case JUDGED_OUT:
		return spare(job, pid);
	case JUDGED_END:
		break;
	}
	in.hold = hold_of(job->eng->reaper, &m->proc->id);
	in.instance = m->instance;
	strncpy(in.name, m->proc->comm, sizeof(in.name) - 1);
	switch (hold_open(&in.hold, job->eng->source)) {
	case HOLD_HELD:
		job->inmates[job->nr++] = in;
		return 1;
	case HOLD_GONE:
		return 0;
	default:
		return spare(job, pid);
	}
}

static bool is_taken(const struct group_job *job, pid_t pid)
{
	const struct process *proc = snapshot_find(job->c->snapshot, pid);

	for (size_t i = 0; i < job->nr; i++)
		if (job->inmates[i].hold.id.pid == pid)
			return true;
	return proc && proc->dead;
}

/* Is all that is in the group now held, or dead? Returns 1, 0 or -errno. */
static int all_are_taken(struct group_job *job)
{
	_cleanup_free_ pid_t *pids = NULL;
	size_t nr = 0;
	int r = job->group->ops->list(job->group, &pids, &nr);

	for (size_t i = 0; r == 0 && i < nr; i++)
		if (!is_taken(job, pids[i]))
			return 0;
	return r < 0 ? r : 1;
}

/* Scan everything; nothing in the group runs meanwhile. Returns 0 or -errno. */
static int scan(struct group_job *job)
{
	int r = engine_look(job->eng, SCAN_FULL, false, &job->c);

	if (r == 0)
		engine_annotate(job->eng, job->c);
	return r;
}

/* Scan once, hold or move out. Returns 1: all that is left is held; 0: scan again; or -errno. */
static int take_all(struct group_job *job)
{
	struct reaper *reaper = job->eng->reaper;
	_cleanup_free_ pid_t *pids = NULL;
	bool again = false;
	size_t nr = 0;
	int r;

	let_go(job);
	r = job->group->ops->list(job->group, &pids, &nr);
	if (r == 0)
		r = scan(job);
	if (r < 0)
		return r;
	if (!job->c->snapshot->complete)
		return 0;
	/* Too many to hold, and so to verify the outcome of: the rounds work in batches. */
	if (reaper->ops->reserve(reaper, nr + SPARE_HANDLES) < nr)
		return -EMFILE;
	job->inmates = calloc(nr + 1, sizeof(*job->inmates));
	if (!job->inmates)
		return -ENOMEM;
	for (size_t i = 0; i < nr; i++) {
		r = pids[i] > 0 ? take(job, pids[i]) : -EXDEV;
		if (r < 0)
			return r;
		again = again || !r;
	}
	return again ? 0 : all_are_taken(job);
}

/* Report the results of one instance's processes, and add them to @report. 0 or -ENOMEM. */
static int report_instance(struct group_job *job, size_t instance, const bool *dead,
			   struct reap_report *report)
{
	struct reap_report own = { 0 };
	int r = 0;

	for (size_t i = 0; i < job->nr && r == 0; i++) {
		struct reap_result result = {
			.process = job->inmates[i].hold.id,
			.outcome = dead[i] ? OUTCOME_KILLED : OUTCOME_SURVIVED,
		};

		if (job->inmates[i].instance != instance)
			continue;
		memcpy(result.name, job->inmates[i].name, sizeof(result.name));
		r = reap_report_add(&own, &result);
		if (r == 0)
			r = reap_report_add(report, &result);
		if (dead[i])
			engine_forget(job->eng, &result.process);
	}
	if (own.nr)
		engine_tell_results(job->eng, job->c, &job->c->instances[instance], &own);
	reap_report_release(&own);
	return r;
}

/* End all of it, and wait to verify the outcome of each. Returns 0 or -errno. */
static int end_all(struct group_job *job, struct reap_report *report)
{
	_cleanup_free_ bool *dead = calloc(job->nr + 1, sizeof(*dead));
	_cleanup_free_ const struct hold **holds = calloc(job->nr + 1, sizeof(struct hold *));
	int r;

	if (!dead || !holds)
		return -ENOMEM;
	for (size_t i = 0; i < job->nr; i++)
		holds[i] = &job->inmates[i].hold;
	r = job->group->ops->end_all(job->group, END_MS);
	if (r < 0 && r != -ETIMEDOUT)
		return r;
	(void)hold_wait(holds, job->nr, END_MS, -1, dead);
	r = 0;
	for (size_t i = 0; i < job->c->nr_instances && r == 0; i++)
		r = report_instance(job, i, dead, report);
	return r;
}

/* Freeze it, scan until all that is left may be ended, and end that. Returns 0 or -errno. */
static int run(struct group_job *job, struct reap_report *report)
{
	int r = job->group->ops->freeze(job->group, FREEZE_MS), taken = 0;

	for (unsigned i = 0; r == 0 && !taken && i < LOOKS_MAX; i++) {
		taken = take_all(job);
		if (taken < 0)
			r = taken;
	}
	if (r == 0 && taken > 0)
		r = end_all(job, report);
	let_go(job);
	return r;
}

void engine_end_group(struct engine *eng, const struct reap_request *request,
		      struct reap_report *ret_report)
{
	struct group_job job = { .eng = eng, .ask = request, .group = eng->options.group };
	const char *path = job.group ? job.group->ops->path(job.group) : NULL;
	int r;

	*ret_report = (struct reap_report){ 0 };
	/* Never freeze what could not be thawed by a later run. */
	if (!path || eng->dryrun || engine_note_group(eng, path) < 0)
		return;
	/* Whatever has failed, the rounds follow, and say what they cannot do. */
	(void)run(&job, ret_report);
	r = job.group->ops->thaw(job.group, path);
	if (r == 0 || r == -ENOENT)
		(void)engine_note_group(eng, NULL);
}
