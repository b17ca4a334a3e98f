/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/bytes.h"
#include "core/environ.h"
#include "engine/reap_job.h"

/* Descriptors that the source opens at a time, and some more. */
enum { READING_TAKES = 8 };

enum { BARE_MS = 2 }; /* between two reads of one without its marker */

/* Is what was read of one process the one that is meant? */
enum match {
	MATCH_SAME,
	MATCH_OTHER,   /* not there, or another one */
	MATCH_BARE,    /* the same one, without the marker: another program, or about to be one */
	MATCH_UNKNOWN, /* could not be read: no reason to believe anything */
};

const struct member *reap_member(const struct reap_part *part, const struct census *c,
				 const struct identity *id)
{
	struct instance_key meant = instance_key_of(part->plan->inst);
	const struct member *m = census_find_member(c, id->pid);

	for (; m; m = census_next_membership(c, m)) {
		struct instance_key key = instance_key_of(&c->instances[m->instance]);

		if (identity_equal(&m->proc->id, id) && instance_key_equal(&key, &meant))
			return m;
	}
	return NULL;
}

/* Does the process of @fresh carry the marker that made @m a member? */
static enum match match_marker(const struct member *m, const struct instance *inst,
			       const struct process *fresh)
{
	struct bytes value;

	if (fresh->environ_read != READ_DONE)
		return MATCH_UNKNOWN;
	if (!environ_get(fresh->environ, m->marker, &value))
		return MATCH_BARE;
	return bytes_equal(value, inst->id) ? MATCH_SAME : MATCH_OTHER;
}

/* Does that environment name an instance of any app? */
static bool is_marked(const struct policy *policy, struct bytes environ)
{
	for (size_t i = 0; i < policy->nr_apps; i++) {
		const struct app *app = &policy->apps[i];

		for (size_t k = 0; k < app->markers.nr; k++) {
			const char *name = app->markers.items[k];
			struct bytes value;

			if (environ_get(environ, name, &value) &&
			    app_names_instance(app, name, value))
				return true;
		}
	}
	return false;
}

/* Did the census see a marker of its own? Below a wrapper such a process is its member too. */
static bool was_marked(const struct census *c, const struct process *proc)
{
	const struct member *m = census_find_member(c, proc->id.pid);

	while (m && m->inferred)
		m = census_next_membership(c, m);
	return m;
}

/* Does one that was inferred or remembered still carry no marker? */
static enum match match_unmarked(const struct census *c, const struct process *proc,
				 const struct process *fresh)
{
	/* What an inner wrapper started: it is not by the lack of a marker that it is meant. */
	if (was_marked(c, proc))
		return MATCH_SAME;
	/* An environment that was refused before as well says as much as it did then. */
	if (fresh->environ_read != READ_DONE)
		return proc->environ_read == READ_DONE ? MATCH_UNKNOWN : MATCH_SAME;
	return is_marked(c->policy, fresh->environ) ? MATCH_OTHER : MATCH_SAME;
}

/* The same process as @proc of the census, by what was read of it just now? */
static enum match match_process(const struct process *proc, const struct process *fresh)
{
	if (!fresh || fresh->dead || fresh->id.start_ticks != proc->id.start_ticks)
		return MATCH_OTHER;
	if (fresh->uid != proc->uid || fresh->kernel_thread)
		return MATCH_UNKNOWN;
	return MATCH_SAME;
}

static enum match match_source(struct reap_job *job, const struct census *c, const struct member *m,
			       const struct process *fresh, unsigned depth);

/* Compare all that made @m a member with what reading its process again came to. */
static enum match match_member(struct reap_job *job, const struct census *c, const struct member *m,
			       int error, const struct snapshot *s, unsigned depth)
{
	const struct instance *inst = &c->instances[m->instance];
	const struct process *fresh;
	enum match match;

	if (error < 0)
		return error == -ESRCH ? MATCH_OTHER : MATCH_UNKNOWN;
	fresh = snapshot_find(s, m->proc->id.pid);
	match = match_process(m->proc, fresh);
	if (match != MATCH_SAME)
		return match;
	if (!m->inferred)
		return match_marker(m, inst, fresh);
	match = match_unmarked(c, m->proc, fresh);
	return match == MATCH_SAME ? match_source(job, c, m, fresh, depth) : match;
}

/* A victim that is held already, and so was verified. */
static bool is_held(struct reap_job *job, const struct identity *id)
{
	const struct victim *v = victim_find(job, id);

	return v && victim_is_held(v);
}

/* Does what @m was inferred from still hold, given what was read of it just now? */
static enum match match_source(struct reap_job *job, const struct census *c, const struct member *m,
			       const struct process *fresh, unsigned depth)
{
	const struct member *source;
	struct snapshot *s = NULL;
	enum match match;
	bool below;
	pid_t pid;
	int r;

	/* Below a wrapper: its identity was compared, and that it is below was just scanned. */
	if (m->inferred_from == CENSUS_NONE)
		return MATCH_SAME;
	if (depth > c->nr_members)
		return MATCH_UNKNOWN;
	source = &c->members[m->inferred_from];
	pid = source->proc->id.pid;
	/* What is between the two may be of another user, or of a session of its own. */
	below = fresh->ppid == pid ||
		(fresh->ppid == m->proc->ppid && census_descends(c, m->proc, source->proc));
	if (!below && fresh->pgid != pid && fresh->sid != pid)
		return MATCH_UNKNOWN;
	if (is_held(job, &source->proc->id))
		return MATCH_SAME;
	/* Its end shows nothing about this one: it lives, but is not proven to be meant. */
	r = source_read(job->env->source, pid, &s);
	match = match_member(job, c, source, r, s, depth + 1);
	snapshot_unref(s);
	return match == MATCH_SAME || match == MATCH_BARE ? match : MATCH_UNKNOWN;
}

/* Hold the process that has the pid now. 0, or OVER with an outcome, or an error as above. */
static int open_handle(struct victim *v)
{
	int r = hold_take(&v->hold);

	if (r == 0 || r == -EMFILE || r == -ENOSYS || r == -ENOMEM)
		return r;
	v->error = r == -ESRCH ? 0 : -r;
	victim_over(v, r == -ESRCH ? OUTCOME_GONE : OUTCOME_REFUSED);
	return 0;
}

/*
 * Read a process without its marker again, for up to ENDING_MS. During exec(2) it has no
 * environment, for about a tenth of a millisecond and more under load; after that it
 * counts as another program. *fresh is what was read last.
 */
static enum match match_again(struct reap_job *job, const struct victim *v, const struct census *c,
			      const struct member *m, struct snapshot **fresh)
{
	enum match match = MATCH_BARE;
	int ended = 0;

	for (int waited_ms = 0; match == MATCH_BARE && waited_ms < ENDING_MS && !ended;
	     waited_ms += BARE_MS) {
		int r;

		ended = hold_has_ended(&v->hold, BARE_MS);
		if (ended < 0)
			break;
		snapshot_unref(*fresh);
		*fresh = NULL;
		r = source_read(job->env->source, v->hold.id.pid, fresh);
		match = match_member(job, c, m, r, *fresh, 0);
	}
	if (match != MATCH_BARE)
		return match;
	return m->inferred ? MATCH_UNKNOWN : MATCH_OTHER;
}

/* The census that says why it is a member: of a fresh victim the last one. */
static const struct census *picture_of(const struct reap_job *job, const struct victim *v,
				       const struct census *now)
{
	return v->fresh && now ? now : job->base;
}

/* Why the program that a process runs is not to be ended, whatever it belongs to. */
static enum verdict_why program_kept(const struct policy *policy, const struct process *proc)
{
	struct bytes value;

	for (size_t i = 0; i < policy->nr_apps; i++)
		if (app_is_desktop(&policy->apps[i], proc))
			return WHY_DESKTOP;
	if (environ_get(proc->environ, "STRAY_KEEP", &value) && value.len)
		return WHY_OPT_OUT;
	return policy_is_kept(policy, proc) ? WHY_KEEP_LIST : WHY_MAY_END;
}

/* Has the process called exec(2) since the census, and does its new program keep it? */
static bool has_become_kept(struct victim *v, const struct census *c, const struct member *m,
			    const struct snapshot *fresh)
{
	const struct process *now = snapshot_find(fresh, v->hold.id.pid);
	enum verdict_why why = program_kept(c->policy, now);

	/* What was kept before was meant all the same: a person has picked it. */
	if (why == WHY_MAY_END || program_kept(c->policy, m->proc) != WHY_MAY_END)
		return false;
	v->why = why;
	return true;
}

/* Compare, then poll the handle once more: HELD, or OVER with its outcome. */
static void conclude(struct reap_job *job, struct victim *v, const struct census *c, int error,
		     struct snapshot *s)
{
	struct snapshot *fresh = s ? snapshot_ref(s) : NULL;
	const struct member *m = reap_member(&job->parts[v->part], c, &v->hold.id);
	enum match match = match_member(job, c, m, error, s, 0);
	int ended;

	if (match == MATCH_BARE)
		match = match_again(job, v, c, m, &fresh);
	/*
	 * This binds what was read to the process that is held. While a process ends,
	 * its memory cannot be read (EIO), so one is waited for.
	 */
	ended = hold_has_ended(&v->hold, match == MATCH_UNKNOWN ? ENDING_MS : 0);
	if (ended < 0 && match == MATCH_SAME)
		match = MATCH_UNKNOWN;
	if (ended > 0 || match == MATCH_OTHER)
		victim_over(v, OUTCOME_GONE);
	else if (match == MATCH_UNKNOWN)
		victim_over(v, OUTCOME_REFUSED);
	else if (has_become_kept(v, c, m, fresh))
		victim_over(v, OUTCOME_KEPT);
	else
		v->state = VICTIM_HELD;
	snapshot_unref(fresh);
}

/*
 * Open the handles, and note in @open the victims that have one. 0, or an error as
 * above; with -EMFILE some are given back, since reading takes descriptors as well.
 */
static int open_handles(struct reap_job *job, struct victim *const *victims, size_t nr,
			const struct census *now, struct victim **open, size_t *ret_nr)
{
	size_t opened = 0;
	int r = 0;

	for (size_t i = 0; i < nr && r == 0; i++) {
		struct victim *v = victims[i];
		const struct census *c = picture_of(job, v, now);

		/* Never, whatever a face asks for. */
		if (v->hold.id.pid <= 1 || v->hold.id.pid == c->snapshot->self ||
		    !reap_member(&job->parts[v->part], c, &v->hold.id)) {
			victim_over(v, OUTCOME_REFUSED);
			continue;
		}
		r = open_handle(v);
		if (r == 0 && v->state == VICTIM_WAITING)
			open[opened++] = v;
	}
	for (size_t i = 0; r == -EMFILE && i < READING_TAKES && opened; i++)
		hold_close(&open[--opened]->hold);
	*ret_nr = opened;
	return r;
}

int reap_hold(struct reap_job *job, struct victim *const *victims, size_t nr,
	      const struct census *now)
{
	struct source *src = job->env->source;
	_cleanup_free_ struct victim **open = calloc(nr + 1, sizeof(*open));
	_cleanup_free_ pid_t *pids = calloc(nr + 1, sizeof(*pids));
	_cleanup_free_ int *errors = calloc(nr + 1, sizeof(*errors));
	struct snapshot *s = NULL;
	size_t opened;
	int r, r2;

	if (!open || !pids || !errors)
		return -ENOMEM;
	r = open_handles(job, victims, nr, now, open, &opened);
	if (!opened || (r < 0 && r != -EMFILE))
		return r;
	for (size_t i = 0; i < opened; i++)
		pids[i] = open[i]->hold.id.pid;
	r2 = src->ops->read(src, pids, opened, errors, &s);
	if (r2 < 0)
		return r2;
	for (size_t i = 0; i < opened; i++)
		conclude(job, open[i], picture_of(job, open[i], now), errors[i], s);
	snapshot_unref(s);
	return r;
}

/* --- dead stdio servers ------------------------------------------------------------- */

/* The process with the closed ends that make @m a victim; NULL: none do. */
static const struct process *server_of(const struct reap_part *part, const struct census *c,
				       const struct member *m)
{
	const struct app *app = c->instances[m->instance].app;

	if (!app->stdio)
		return part->plan->ask.face == FACE_SWEEP && app->sweep == APP_SWEEP_STDIO
			       ? verdict_dead_server(c, m)
			       : NULL;
	while (m->inferred && m->inferred_from != CENSUS_NONE)
		m = &c->members[m->inferred_from];
	return m->proc;
}

/* Is there one that @v is ended for, and that has, or may have, a client again? */
static bool has_client_again(struct reap_job *job, const struct victim *v, const struct census *c)
{
	struct source *src = job->env->source;
	const struct member *m = census_find_member(c, v->hold.id.pid);

	for (; m; m = census_next_membership(c, m)) {
		const struct process *server = server_of(&job->parts[v->part], c, m);

		if (server && src->ops->hung_up(src, server) != ANSWER_YES)
			return true;
	}
	return false;
}

void reap_ask_ends(struct reap_job *job, const struct census *now)
{
	for (size_t i = 0; i < job->nr; i++) {
		struct victim *v = &job->victims[i];

		if (v->state != VICTIM_HELD || !has_client_again(job, v, picture_of(job, v, now)))
			continue;
		v->why = WHY_CONNECTED;
		victim_over(v, OUTCOME_KEPT);
	}
}
