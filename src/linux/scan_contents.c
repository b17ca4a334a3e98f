/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdlib.h>

#include "base/array.h"
#include "base/cleanup.h"
#include "core/environ.h"
#include "linux/pidfd.h"
#include "linux/scan.h"

/*
 * Environment and arguments of the processes that are new or called exec(2): which of
 * them are read, and what a snapshot keeps of them.
 */

/*
 * Can its environment matter? For root that of every process; else that of our own
 * ones, also those that seem to be root's because they cannot be dumped (set-user-ID).
 */
static bool environ_matters(const struct scan *scan, const struct pending *p)
{
	return !p->facts.kernel_thread && (scan->euid == 0 || p->facts.euid == scan->euid ||
					   p->uid == scan->uid || p->uid == scan->euid);
}

/* What a user namespace shows for a uid that it does not know: user_namespaces(7). */
enum { OVERFLOW_UID = 65534 };

/*
 * Is the folder's owner the real uid? It is root where a set-user-ID program runs, and where
 * the process is gone by the time that it is asked for; a user namespace may not know root.
 */
static bool owner_tells(const struct scan *scan, const struct facts *facts)
{
	if (facts->kernel_thread)
		return true;
	return facts->euid != OVERFLOW_UID && (facts->euid == scan->euid || scan->euid == 0);
}

/*
 * The real uid. Where the process has ended before its status was read, it counts as ours:
 * counted as root's, one that forks and ends at once would never be noticed.
 */
static uid_t real_uid(const struct scan *scan, const struct facts *facts)
{
	_cleanup_close_ int handle = -1, fd = -1;
	struct status status;

	if (owner_tells(scan, facts))
		return facts->euid;
	/* Signal 0 is refused by what is not ours, and costs a tenth of reading a file. */
	handle = pidfd_of(facts->pid);
	if (handle >= 0 && pidfd_signal(handle, 0) == -EPERM)
		return facts->euid;
	fd = procfs_open_pid(facts->pid);
	if (fd < 0 || procfs_status(fd, &status) < 0)
		return scan->euid;
	return status.uid;
}

void scan_add_pending(struct scan *scan, struct known *k, const struct facts *facts)
{
	if (ARRAY_GROW(scan->pending, scan->nr_pending, scan->alloc_pending) < 0) {
		scan->error = -ENOMEM;
		return;
	}
	scan->pending[scan->nr_pending++] = (struct pending){
		.known = (size_t)(k - scan->known->items),
		.facts = *facts,
		.uid = real_uid(scan, facts),
		.dead = procfs_is_dead(facts),
		.bound = scan->careful || facts->state == 'Z' || facts->state == 'X' ||
			 (k->flags & (KNOWN_MARKED | KNOWN_DESKTOP | KNOWN_OWNER)),
	};
}

static bool desktop_of_any(const struct policy *policy, const struct process *proc)
{
	for (size_t i = 0; i < policy->nr_apps; i++)
		if (app_is_desktop(&policy->apps[i], proc))
			return true;
	return false;
}

static bool carries_marker(const struct policy *policy, struct bytes env)
{
	struct bytes name, value;
	size_t offset = 0;

	while (environ_next(env, &offset, &name, &value))
		if (policy_is_marker(policy, name))
			return true;
	return false;
}

/*
 * The environment as @proc keeps it: whole for desktops, else what matters.
 * Sets the flags that say so.
 */
static int keep_environ(struct scan *scan, struct known *k, struct process *proc, struct bytes env)
{
	const struct policy *policy = scan->src->policy;
	bool desktop = !proc->dead && desktop_of_any(policy, proc);

	if (scan->filtered.alloc < env.len + 1) {
		char *data = realloc(scan->filtered.data, env.len + 1);

		if (!data)
			return -ENOMEM;
		scan->filtered.data = data;
		scan->filtered.alloc = env.len + 1;
	}
	proc->environ = (struct bytes){ scan->filtered.data,
					environ_filter(env, policy, scan->filtered.data) };
	known_set_flag(k, KNOWN_DESKTOP, desktop);
	known_set_flag(k, KNOWN_MARKED, carries_marker(policy, proc->environ));
	known_set_flag(k, KNOWN_WHOLE, desktop || (k->flags & KNOWN_OWNER));
	if (k->flags & KNOWN_WHOLE)
		proc->environ = env;
	return 0;
}

/*
 * Read stat again through @dir_fd, which is of one process all the time: since stat was
 * read before, that process may have ended and another have its pid. If it called
 * exec(2) meanwhile, the contents are the former program's: the exec mark stays as it
 * was, so that the next scan reads it again. 0, -ESRCH, -errno.
 */
static int look_again(struct scan *scan, struct known *k, struct pending *p, int dir_fd)
{
	struct facts fresh;
	int r = procfs_stat(dir_fd, &fresh);

	if (r < 0)
		return r;
	scan_note_facts(scan, k, &fresh);
	k->exec_mark = p->facts.exec_mark;
	p->facts = fresh;
	p->uid = real_uid(scan, &fresh);
	p->dead = procfs_is_dead(&fresh);
	return 0;
}

/* The process as stat and the contents show it. 0 or -ENOMEM. */
static int put_together(struct scan *scan, struct known *k, const struct pending *p,
			const struct contents *c, struct process *ret_proc)
{
	struct bytes whole = { 0 };
	struct process proc;
	int r;

	scan_fill_process(&proc, &p->facts);
	proc.uid = p->uid;
	proc.dead = p->dead;
	if (!proc.dead) {
		proc.exe = c->exe;
		proc.args = c->args;
		proc.args_read = c->args_read;
		proc.environ_read = c->environ_read;
	}
	known_set_flag(k, KNOWN_DEAD, proc.dead);
	known_set_flag(k, KNOWN_REFUSED, proc.environ_read == READ_REFUSED);
	known_set_flag(k, KNOWN_UNREAD, (c->error || c->hangs) && !proc.dead);
	if (c->hangs)
		scan->snap->hangs = k->pid;
	known_set_flag(k, KNOWN_DETAILED, false);
	if (!proc.dead)
		whole = c->environ;
	r = keep_environ(scan, k, &proc, whole);
	*ret_proc = proc;
	return r;
}

/*
 * Must stat be read again? A zombie's environment is refused to its user and gone for
 * root, so neither answer says anything before the state was read after it. Without an
 * environment it may be between two programs.
 */
static bool must_look_again(const struct scan *scan, const struct known *k,
			    const struct contents *c)
{
	return scan->careful || c->error == -ESRCH || c->environ_read == READ_REFUSED ||
	       (c->environ_read == READ_DONE && !c->environ.len) ||
	       (k->flags & (KNOWN_MARKED | KNOWN_DESKTOP));
}

/* Note an end since stat was read. A new process is stored as dead, with that stat. */
static void note_end(struct scan *scan, struct known *k, const struct pending *p)
{
	struct process proc;

	if (!known_is_news(k) || k->at != KNOWN_NOWHERE) {
		scan->snap->vanished++;
		k->flags = KNOWN_GONE;
		return;
	}
	scan_fill_process(&proc, &p->facts);
	proc.uid = p->uid;
	proc.dead = true;
	k->flags = KNOWN_GONE;
	scan_store(scan, k, &proc);
}

/*
 * Was nothing read of it, so that a marker may have been missed? During exec(2) a process
 * has no environment, and while it ends no memory before it shows as ended (ESRCH from
 * 6.15 on, before that no byte). A process without an environment is rare, so another
 * scan for it is cheap.
 */
static bool shows_nothing(const struct process *proc, const struct contents *c)
{
	if (proc->dead)
		return false;
	return c->error ? c->error == -ESRCH : c->environ_read == READ_DONE && !c->environ.len;
}

/*
 * What a process refuses while it ends, its memory gone, is root's by then: EACCES to
 * an ordinary user, where root gets ESRCH. Both mean the same. Not so of a process that
 * lives in other threads than its main one.
 */
static struct contents without_refusal(const struct pending *p, const struct contents *c)
{
	struct contents without = *c;

	if (c->environ_read == READ_REFUSED && p->facts.bare &&
	    (p->facts.state != 'Z' || p->facts.threads <= 1)) {
		without.environ_read = READ_NOT_TRIED;
		without.error = -ESRCH;
	}
	return without;
}

/*
 * Does what was read by pid alone matter, or does it speak of an end? Then it must be one
 * process's. Of all else a snapshot says no more than that it is there.
 */
static bool must_be_bound(struct scan *scan, const struct known *k, const struct pending *p,
			  const struct contents *c)
{
	struct known copy = *k;
	struct process proc;

	if (p->bound || c->hangs)
		return false;
	return c->error || put_together(scan, &copy, p, c, &proc) < 0 ||
	       must_look_again(scan, &copy, c);
}

static void take_contents(void *ctx, size_t index, const struct contents *c)
{
	struct scan *scan = ctx;
	struct pending *p = &scan->pending[index];
	struct known *k = &scan->known->items[p->known];
	bool unknown = known_is_news(k) || p->facts.loading;
	uint32_t mark = p->facts.exec_mark;
	struct contents fresh;
	struct process proc;
	int r;

	if (scan->error)
		return;
	p->again = must_be_bound(scan, k, p, c);
	if (p->again)
		return;
	if (c->error == -ESRCH && c->dir_fd < 0) {
		note_end(scan, k, p);
		return;
	}
	if (c->error && c->error != -ESRCH)
		scan_note_error(scan, k, c->error);
	r = put_together(scan, k, p, c, &proc);
	if (r == 0 && c->dir_fd >= 0 && must_look_again(scan, k, c)) {
		/*
		 * If dir_fd can still be read after the pidfd was opened, its
		 * process has had the pid all the time: both are the same.
		 */
		_cleanup_close_ int fd = pidfd_of(k->pid);

		r = look_again(scan, k, p, c->dir_fd);
		if (r == -ESRCH) {
			note_end(scan, k, p);
			return;
		}
		if (r < 0) {
			scan_note_error(scan, k, r);
			return;
		}
		unknown = unknown || p->facts.loading || p->facts.exec_mark != mark;
		fresh = without_refusal(p, c);
		c = &fresh;
		r = put_together(scan, k, p, c, &proc);
		proc.id.pidfd_ino = fd < 0 ? 0 : pidfd_ino(fd);
		/* Of what is read right before a signal, nothing more is asked. */
		if (scan->careful && fd >= 0 && pidfd_real_uid(fd, &proc.uid) == 0)
			k->flags |= KNOWN_DETAILED;
	}
	/* A refusal may be over while stat still gives the same mark: read it again next time. */
	if (k->flags & KNOWN_REFUSED)
		k->exec_mark = 0;
	scan->snap->vanished += r == 0 && unknown && shows_nothing(&proc, c);
	if (r < 0)
		scan->error = r;
	else
		scan_store(scan, k, &proc);
}

/*
 * Store what is dead by its pidfd as stat showed it: the rest of /proc/PID is not read.
 */
static void store_dead(struct scan *scan)
{
	const struct contents nothing = { .dir_fd = -1 };
	size_t nr = 0;

	for (size_t i = 0; i < scan->nr_pending; i++) {
		if (scan->pending[i].dead)
			take_contents(scan, i, &nothing);
		else
			scan->pending[nr++] = scan->pending[i];
	}
	scan->nr_pending = nr;
}

/* Read what is pending; what has to be read once more, bound, is pending afterwards. */
static void read_once(struct scan *scan)
{
	struct read_item *items;
	size_t nr = 0;

	if (!scan->nr_pending || scan->error)
		return;
	items = calloc(scan->nr_pending, sizeof(*items));
	if (!items) {
		scan->error = -ENOMEM;
		return;
	}
	for (size_t i = 0; i < scan->nr_pending; i++) {
		const struct pending *p = &scan->pending[i];
		bool zombie = p->facts.state == 'Z' || p->facts.state == 'X';

		items[i] = (struct read_item){
			.pid = p->facts.pid,
			.environ = environ_matters(scan, p) && !p->dead,
			.bound = p->bound,
			.no_args = scan->careful,
			.through_thread = zombie && !p->dead,
		};
	}
	reader_run(scan->src->reader, items, scan->nr_pending, take_contents, scan);
	free(items);
	for (size_t i = 0; i < scan->nr_pending; i++) {
		if (!scan->pending[i].again)
			continue;
		scan->pending[nr] = scan->pending[i];
		scan->pending[nr].again = false;
		scan->pending[nr++].bound = true;
	}
	scan->nr_pending = nr;
}

void scan_read_pending(struct scan *scan)
{
	if (!scan->careful)
		store_dead(scan);
	read_once(scan);
	read_once(scan);
}
