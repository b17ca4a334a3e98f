/* SPDX-License-Identifier: MIT */
#include "linux/scan.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/array.h"
#include "base/cleanup.h"
#include "core/environ.h"
#include "linux/pidfd.h"

void scan_init(struct scan *scan, struct procfs_source *src, struct known_table *known,
	       struct snapshot *snap)
{
	*scan = (struct scan){
		.src = src, .known = known, .snap = snap, .uid = getuid(), .euid = geteuid()
	};
}

void scan_release(struct scan *scan)
{
	free(scan->pending);
	free(scan->tracers);
	filebuf_release(&scan->filtered);
}

void scan_trouble(struct scan *scan, const char *format, ...)
{
	va_list args;

	scan->snap->complete = false;
	if (scan->snap->trouble[0])
		return;
	va_start(args, format);
	vsnprintf(scan->snap->trouble, sizeof(scan->snap->trouble), format, args);
	va_end(args);
}

static bool is_young(const struct scan *scan, uint64_t start_ticks)
{
	int64_t born_ms = (int64_t)(start_ticks * 1000 / scan->src->ticks_per_second);

	return scan->snap->boottime_ms - born_ms < SETTLED_AFTER_MS;
}

static void set_flag(struct known *k, uint32_t flag, bool on)
{
	if (on)
		k->flags |= flag;
	else
		k->flags &= ~flag;
}

void scan_note_facts(struct scan *scan, struct known *k, const struct facts *facts)
{
	const struct process named = { .id.pid = facts->pid, .comm = facts->comm };

	k->ppid = facts->ppid;
	k->pgid = facts->pgid;
	k->sid = facts->sid;
	k->exec_mark = facts->exec_mark;
	set_flag(k, KNOWN_KERNEL, facts->kernel_thread);
	set_flag(k, KNOWN_ADOPTER, policy_is_adopter(scan->src->policy, &named));
	set_flag(k, KNOWN_RUNS_ONE, policy_is_container_init(&named));
	set_flag(k, KNOWN_YOUNG, is_young(scan, facts->start_ticks));
}

/* Was it never read, by this scan or an earlier one? */
static bool is_news(const struct known *k)
{
	return (k->flags & (KNOWN_NEW | KNOWN_BEFORE)) == KNOWN_NEW || (k->flags & KNOWN_UNREAD);
}

/*
 * With hidepid=1 another user's process refuses everything: it is outside of what is
 * looked at. So does one of ours that cannot be dumped: then it may be anything.
 */
static bool is_refused(struct scan *scan, const struct known *k, int error)
{
	_cleanup_close_ int handle = -1;
	char path[32];
	struct stat st;

	if ((error != -EACCES && error != -EPERM) || scan->euid == 0)
		return false;
	snprintf(path, sizeof(path), "/proc/%d", (int)k->pid);
	if (stat(path, &st) < 0)
		return false;
	handle = pidfd_of(k->pid);
	if (handle < 0 || pidfd_signal(handle, 0) != -EPERM || st.st_uid == scan->euid)
		scan->snap->hides = true;
	return true;
}

void scan_note_error(struct scan *scan, struct known *k, int error)
{
	if (procfs_has_ended(k->pid, error))
		error = -ESRCH;
	if (is_refused(scan, k, error)) {
		k->flags |= KNOWN_REFUSED | KNOWN_FAILED;
		return;
	}
	if (error == -ESRCH) {
		scan->snap->vanished += is_news(k);
		k->flags = KNOWN_GONE;
		return;
	}
	k->flags |= KNOWN_UNREAD | KNOWN_FAILED;
	scan->read_error = error;
	if (error == -EAGAIN)
		scan_trouble(scan, "too many processes hang when they are read");
	else
		scan_trouble(scan, "cannot read process %d: %s", (int)k->pid, strerror(-error));
}

/*
 * Can its environment matter? For root that of every process; else that of our own
 * ones, also those that seem to be root's because they cannot be dumped (set-user-ID).
 */
static bool environ_matters(const struct scan *scan, const struct pending *p)
{
	return !p->facts.kernel_thread && (scan->euid == 0 || p->facts.euid == scan->euid ||
					   p->uid == scan->uid || p->uid == scan->euid);
}

/* The real uid where the folder's owner does not tell. */
static uid_t real_uid(const struct scan *scan, const struct facts *facts)
{
	_cleanup_close_ int handle = -1, fd = -1;
	struct status status;

	if (facts->euid != 0 || facts->kernel_thread || scan->euid == 0)
		return facts->euid;
	/* Signal 0 is refused by what is not ours, and costs a tenth of reading a file. */
	handle = pidfd_of(facts->pid);
	if (handle >= 0 && pidfd_signal(handle, 0) == -EPERM)
		return facts->euid;
	fd = procfs_open_pid(facts->pid);
	if (fd < 0 || procfs_status(fd, &status) < 0)
		return facts->euid;
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
	};
}

void scan_fill_process(struct process *proc, const struct facts *facts)
{
	*proc = (struct process){
		.id = { .pid = facts->pid, .start_ticks = facts->start_ticks },
		.ppid = facts->ppid,
		.pgid = facts->pgid,
		.sid = facts->sid,
		.tpgid = facts->tpgid,
		.tty_nr = facts->tty_nr,
		.uid = facts->euid,
		.state = facts->state,
		.kernel_thread = facts->kernel_thread,
		.cpu_ticks = facts->cpu_ticks,
		.rss_kib = facts->rss_kib,
		.threads = facts->threads,
		.comm = facts->comm,
	};
}

/* snapshot_add() copies strings; over an entry that is there already, we do. */
static int overwrite(struct snapshot *s, struct process *slot, const struct process *proc)
{
	struct process copy = *proc;

	copy.comm = snapshot_copy(s, proc->comm, strlen(proc->comm));
	copy.args.data = snapshot_copy(s, proc->args.data, proc->args.len);
	copy.environ.data = snapshot_copy(s, proc->environ.data, proc->environ.len);
	if (proc->exe)
		copy.exe = snapshot_copy(s, proc->exe, strlen(proc->exe));
	if (!copy.comm || !copy.args.data || !copy.environ.data || (proc->exe && !copy.exe))
		return -ENOMEM;
	*slot = copy;
	return 0;
}

void scan_store(struct scan *scan, struct known *k, const struct process *proc)
{
	struct snapshot *s = scan->snap;
	int r;

	if (k->at != KNOWN_NOWHERE) {
		r = overwrite(s, &s->procs[k->at], proc);
	} else {
		r = snapshot_add(s, proc, NULL);
		if (r == 0)
			k->at = (uint32_t)(s->nr - 1);
	}
	if (r < 0)
		scan->error = r;
	else
		k->flags |= KNOWN_HELD;
}

/* --- what was read of one process ------------------------------------------ */

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
	set_flag(k, KNOWN_DESKTOP, desktop);
	set_flag(k, KNOWN_MARKED, carries_marker(policy, proc->environ));
	set_flag(k, KNOWN_WHOLE, desktop || (k->flags & KNOWN_OWNER));
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
	set_flag(k, KNOWN_DEAD, proc.dead);
	set_flag(k, KNOWN_REFUSED, proc.environ_read == READ_REFUSED);
	set_flag(k, KNOWN_UNREAD, (c->error || c->hangs) && !proc.dead);
	if (c->hangs)
		scan->snap->hangs = k->pid;
	set_flag(k, KNOWN_DETAILED, false);
	if (!proc.dead)
		whole = c->environ;
	r = keep_environ(scan, k, &proc, whole);
	*ret_proc = proc;
	return r;
}

/*
 * Must stat be read again? A zombie's environment is refused to its user and gone for
 * root, so neither answer says anything before the state was read after it.
 */
static bool must_look_again(const struct scan *scan, const struct known *k,
			    const struct contents *c)
{
	return scan->careful || c->error == -ESRCH || c->environ_read == READ_REFUSED ||
	       (k->flags & (KNOWN_MARKED | KNOWN_DESKTOP));
}

/* Note an end since stat was read. A new process is stored as dead, with that stat. */
static void note_end(struct scan *scan, struct known *k, const struct pending *p)
{
	struct process proc;

	if (!is_news(k) || k->at != KNOWN_NOWHERE) {
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
 * an ordinary user, where root gets ESRCH. Both mean the same.
 */
static struct contents without_refusal(const struct pending *p, const struct contents *c)
{
	struct contents without = *c;

	if (c->environ_read == READ_REFUSED && p->facts.bare && p->facts.state != 'Z') {
		without.environ_read = READ_NOT_TRIED;
		without.error = -ESRCH;
	}
	return without;
}

static void take_contents(void *ctx, size_t index, const struct contents *c)
{
	struct scan *scan = ctx;
	struct pending *p = &scan->pending[index];
	struct known *k = &scan->known->items[p->known];
	bool news = is_news(k);
	struct contents fresh;
	struct process proc;
	int r;

	if (scan->error)
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
		fresh = without_refusal(p, c);
		c = &fresh;
		r = put_together(scan, k, p, c, &proc);
		proc.id.pidfd_ino = fd < 0 ? 0 : pidfd_ino(fd);
	}
	/* A refusal may be over while stat still gives the same mark: read it again next time. */
	if (k->flags & KNOWN_REFUSED)
		k->exec_mark = 0;
	scan->snap->vanished += r == 0 && news && shows_nothing(&proc, c);
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

void scan_read_pending(struct scan *scan)
{
	struct read_item *items;

	if (!scan->careful)
		store_dead(scan);
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
			.through_thread = zombie && !p->dead,
		};
	}
	reader_run(scan->src->reader, items, scan->nr_pending, take_contents, scan);
	free(items);
	scan->nr_pending = 0;
}

/* The error that scan_some() returns for @k, or 0. */
static int error_of(struct scan *scan, struct known *k)
{
	if (k->at != KNOWN_NOWHERE)
		scan_details_of(scan, k, &scan->snap->procs[k->at]);
	if (k->flags & KNOWN_GONE)
		return -ESRCH;
	if (k->flags & KNOWN_FAILED)
		return scan->read_error;
	scan->snap->unreadable += (k->flags & KNOWN_REFUSED) != 0;
	return k->at == KNOWN_NOWHERE ? -ESRCH : 0;
}

int scan_some(struct procfs_source *src, const pid_t *pids, size_t nr, int *ret_errors,
	      struct snapshot *snap)
{
	struct known_table table = { .items = calloc(nr + 1, sizeof(struct known)), .nr = nr };
	struct scan scan;
	int r;

	if (!table.items)
		return -ENOMEM;
	scan_init(&scan, src, &table, snap);
	scan.careful = true;
	for (size_t i = 0; i < nr; i++) {
		struct known *k = &table.items[i];
		struct facts facts;

		*k = (struct known){ .pid = pids[i], .at = KNOWN_NOWHERE };
		ret_errors[i] = procfs_stat_pid(pids[i], &facts);
		if (ret_errors[i] < 0)
			continue;
		scan_note_facts(&scan, k, &facts);
		scan_add_pending(&scan, k, &facts);
	}
	scan_read_pending(&scan);
	for (size_t i = 0; i < nr && !scan.error; i++)
		if (ret_errors[i] == 0)
			ret_errors[i] = error_of(&scan, &table.items[i]);
	r = scan.error;
	scan_release(&scan);
	known_release(&table);
	return r;
}
