/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "engine/engine.h"
#include "engine/hold.h"

/* Find out which boot this is, by reading this process, or else by a scan. */
static int learn_boot(struct engine *eng, char *ret_boot_id, uint64_t *ret_pid_ns)
{
	struct snapshot *s = NULL;
	const struct process *self;
	int r = source_read(eng->source, getpid(), &s);

	if (r < 0 || !s->boot_id[0]) {
		if (r == 0)
			snapshot_unref(s);
		s = NULL;
		r = eng->source->ops->scan(eng->source, SCAN_QUICK, &s);
		if (r < 0)
			return r;
	}
	memcpy(ret_boot_id, s->boot_id, BOOT_ID_SIZE);
	*ret_pid_ns = s->pid_ns;
	self = snapshot_find(s, s->self ? s->self : getpid());
	if (self)
		eng->self = self->id;
	snapshot_unref(s);
	/* Without it the counts of an earlier boot would be taken for those of this one. */
	return ret_boot_id[0] ? 0 : -ENODATA;
}

int engine_load(struct engine *eng)
{
	_cleanup_free_ char *warning = NULL;
	char boot_id[BOOT_ID_SIZE] = "";
	struct source_time now;
	uint64_t pid_ns = 0;
	int r;

	ledger_init(&eng->ledger, boot_id, 0);
	if (!eng->options.state_dir)
		return 0;
	r = learn_boot(eng, boot_id, &pid_ns);
	if (r < 0)
		return r;
	ledger_init(&eng->ledger, boot_id, pid_ns);
	eng->source->ops->now(eng->source, &now);
	r = ledger_load(&eng->ledger, eng->options.state_dir, now.boottime_ms, eng->options.save,
			&eng->stamp, &warning);
	/* A file that was not set aside is read again, and is no better then. */
	if (warning)
		engine_warn_once(eng, WARNING_LEDGER_DAMAGED, "%s", warning);
	if (r == 0)
		ledger_expire(&eng->ledger, now.boottime_ms);
	if (r == 0 && eng->options.save)
		ledger_clean(&eng->ledger, eng->options.state_dir, now.realtime_ms);
	return r;
}

/* Did this engine drop that row of the file: has it scanned since, and found it gone? */
static bool forgot(const void *ctx, const struct ledger_process *row)
{
	const struct engine *eng = ctx;

	return eng->looked_ms >= 0 && row->seen_ms <= eng->looked_ms &&
	       engine_row_in_scope(eng, row);
}

/* Merge what the file holds now, if it changed. 0 or -errno. */
static int merge_file(struct engine *eng)
{
	const char *dir = eng->options.state_dir;
	_cleanup_free_ char *warning = NULL;
	struct ledger_stamp stamp;
	struct source_time now;
	struct ledger file;
	int r;

	if (!ledger_changed(&eng->ledger, dir, &eng->stamp))
		return 0;
	eng->source->ops->now(eng->source, &now);
	ledger_init(&file, eng->ledger.boot_id, eng->ledger.pid_ns);
	r = ledger_load(&file, dir, now.boottime_ms, eng->options.save, &stamp, &warning);
	if (warning)
		engine_warn_once(eng, WARNING_LEDGER_DAMAGED, "%s", warning);
	if (r == 0)
		r = ledger_merge(&eng->ledger, &file, &eng->self, forgot, eng);
	if (r == 0)
		eng->stamp = stamp;
	ledger_release(&file);
	return r;
}

int engine_reload(struct engine *eng)
{
	int r = eng->options.state_dir ? merge_file(eng) : 0;

	if (r < 0 && r != -ENOMEM)
		engine_warn_once(eng, WARNING_LEDGER_UNREAD,
				 "cannot read the ledger again: %s, ignoring", strerror(-r));
	return r == -ENOMEM ? r : 0;
}

int engine_save(struct engine *eng)
{
	_cleanup_close_ int lock = -1;
	int r;

	if (!eng->options.save || !eng->options.state_dir || !eng->dirty)
		return 0;
	lock = ledger_lock(eng->options.state_dir);
	if (lock < 0)
		return lock;
	r = merge_file(eng);
	if (r == 0)
		r = ledger_save(&eng->ledger, eng->options.state_dir, &eng->stamp);
	if (r == 0)
		eng->dirty = false;
	return r;
}

/*
 * The inode number of our own pidfd, so that a later start does not take another process
 * with our pid, started in the same tick of the clock, for us.
 */
static void learn_own_ino(struct engine *eng)
{
	struct hold self = hold_of(eng->reaper, &eng->self);

	if (eng->self.pidfd_ino || hold_take(&self) < 0)
		return;
	hold_close(&self);
	eng->self = self.id;
}

int engine_note_frozen(void *ctx, const struct identity *ids, size_t nr)
{
	struct engine *eng = ctx;
	int r;

	if (!eng->options.save || !eng->options.state_dir || !identity_is_set(&eng->self))
		return -EROFS;
	learn_own_ino(eng);
	r = ledger_set_frozen(&eng->ledger, &eng->self, ids, nr);
	eng->dirty = true;
	if (r == 0)
		r = engine_save(eng);
	if (r < 0) {
		(void)ledger_set_frozen(&eng->ledger, &eng->self, NULL, 0);
		if (nr)
			engine_warn_once(
				eng, WARNING_LEDGER_UNWRITTEN,
				"cannot write the ledger: %s, sending SIGKILL without freezing",
				strerror(-r));
	}
	return r;
}

int engine_note_group(struct engine *eng, const char *path)
{
	int r = 0;

	if (!eng->options.save || !eng->options.state_dir || !identity_is_set(&eng->self))
		return -EROFS;
	learn_own_ino(eng);
	ledger_drop_groups(&eng->ledger, &eng->self, false);
	if (path)
		r = ledger_add_group(&eng->ledger, path, &eng->self);
	eng->dirty = true;
	if (r == 0)
		r = engine_save(eng);
	if (r < 0)
		ledger_drop_groups(&eng->ledger, &eng->self, false);
	return r;
}

/* --- what an earlier run left frozen -------------------------------------------- */

/* Does the stray that froze them still run? If it cannot be verified, assume so. */
static bool still_runs(struct engine *eng, const struct identity *by)
{
	struct hold hold = hold_of(eng->reaper, by);
	enum hold_state state;

	if (!identity_is_set(by) || identity_equal(by, &eng->self))
		return false;
	state = hold_open(&hold, eng->source);
	hold_close(&hold);
	return state != HOLD_GONE;
}

/*
 * Continue that process. False: it may stand frozen still, and could not be
 * looked at or signalled; true: it goes on, or is not there any more.
 */
static bool continue_one(struct engine *eng, const struct identity *frozen)
{
	struct hold hold = hold_of(eng->reaper, frozen);
	enum hold_state state = hold_open(&hold, eng->source);
	int r = 0;

	if (state == HOLD_HELD)
		r = hold_signal(&hold, SIGCONT);
	hold_close(&hold);
	return state != HOLD_REFUSED && (r == 0 || r == -ESRCH);
}

/* Thaw the groups of strays that have ended. Returns how many were dropped from the ledger. */
static size_t thaw_groups(struct engine *eng)
{
	struct group *g = eng->options.group;
	struct ledger *l = &eng->ledger;
	size_t before = l->nr_groups;

	for (size_t i = l->nr_groups; g && i-- > 0;) {
		int r;

		if (still_runs(eng, &l->groups[i].by))
			continue;
		r = g->ops->thaw(g, l->groups[i].path);
		/* If thawing failed it may still be frozen: the next start tries again. */
		if (r == 0)
			engine_warn(eng, WARNING_CONTINUED,
				    "continued a control group that an earlier run left frozen");
		if (r == 0 || r == -ENOENT)
			ledger_remove_group(l, i);
	}
	return before - l->nr_groups;
}

int engine_thaw(struct engine *eng)
{
	struct ledger *l = &eng->ledger;
	_cleanup_close_ int lock = -1;
	size_t kept = 0, groups;
	int r;

	if (!eng->options.save || !eng->options.state_dir || eng->dryrun ||
	    (!l->nr_frozen && !l->nr_groups))
		return 0;
	lock = ledger_lock(eng->options.state_dir);
	if (lock < 0)
		return lock;
	r = merge_file(eng);
	if (r < 0)
		return r;
	groups = thaw_groups(eng);
	for (size_t i = 0; i < l->nr_frozen; i++) {
		/* What could not be continued is left for the next start. */
		if (still_runs(eng, &l->frozen[i].by) || !continue_one(eng, &l->frozen[i].id))
			l->frozen[kept++] = l->frozen[i];
	}
	if (kept == l->nr_frozen && !groups)
		return 0;
	if (kept < l->nr_frozen)
		engine_warn(eng, WARNING_CONTINUED,
			    "continued %zu process%s that an earlier run left frozen",
			    l->nr_frozen - kept, l->nr_frozen - kept == 1 ? "" : "es");
	l->nr_frozen = kept;
	/* Under the lock it was not written since: no second merge, which would undo this. */
	return ledger_save(l, eng->options.state_dir, &eng->stamp);
}
