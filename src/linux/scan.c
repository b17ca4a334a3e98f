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
#include "linux/pidfd.h"

void scan_init(struct scan *scan, struct procfs_source *src, struct proc_table *known,
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

void scan_note_facts(struct scan *scan, struct known *k, const struct facts *facts)
{
	const struct process named = { .id.pid = facts->pid, .comm = facts->comm };

	k->ppid = facts->ppid;
	k->pgid = facts->pgid;
	k->sid = facts->sid;
	k->exec_mark = facts->exec_mark;
	known_set_flag(k, KNOWN_KERNEL, facts->kernel_thread);
	known_set_flag(k, KNOWN_ADOPTER, policy_is_adopter(scan->src->policy, &named));
	known_set_flag(k, KNOWN_RUNS_ONE, policy_is_container_init(&named));
	known_set_flag(k, KNOWN_YOUNG, is_young(scan, facts->start_ticks));
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
		scan->snap->vanished++;
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

/* The error that scan_some() returns for @k, or 0. */
static int error_of(struct scan *scan, struct known *k)
{
	if (k->at != KNOWN_NOWHERE && !(k->flags & KNOWN_DETAILED))
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
	struct proc_table table = { .items = calloc(nr + 1, sizeof(struct known)), .nr = nr };
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
	proc_table_release(&table);
	return r;
}
