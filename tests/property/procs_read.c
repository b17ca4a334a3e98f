/* SPDX-License-Identifier: MIT */
/*
 * The functions of src/linux/ that read, over the world of procs.c. Whatever is
 * not here comes from src/linux/ itself. What the kernel answers in each state
 * of a process was looked up on Linux 6.18.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/array.h"
#include "base/clock.h"
#include "linux/pidfd.h"
#include "linux/procfs.h"
#include "linux/reader.h"
#include "linux/self.h"
#include "property/procs.h"

/* Descriptors hold a process. close(2) of such a number fails, and nobody minds. */
enum { HANDLE_FIRST = 1 << 24, HANDLES = 1 << 12 };
static struct handle {
	pid_t pid;
	uint64_t serial;
} handles[HANDLES];
static unsigned next_handle;

static void meanwhile(void)
{
	if (procs.between)
		procs.between();
}

static int handle_of(pid_t pid)
{
	const struct fake *f;
	unsigned at = next_handle++ % HANDLES;

	meanwhile();
	f = procs_find(pid);
	if (!f)
		return -ESRCH;
	handles[at] = (struct handle){ pid, f->serial };
	return HANDLE_FIRST + (int)at;
}

static const struct fake *behind(int fd)
{
	const struct handle *h = &handles[fd - HANDLE_FIRST];
	const struct fake *f = procs_find(h->pid);

	return f && f->serial == h->serial ? f : NULL;
}

/* --- clock.h, self.h ---------------------------------------------------------- */

int64_t clock_ms(clockid_t clock)
{
	(void)clock;
	return procs.now_ms;
}

int64_t clock_us(clockid_t clock)
{
	return clock_ms(clock) * 1000;
}

/* Always the same, so that a seed is enough to see a history again. */
pid_t getpid(void)
{
	return 1000;
}

int self_check_proc(void)
{
	return 0;
}

int self_boot_id(char ret_id[BOOT_ID_SIZE])
{
	memset(ret_id, 'b', BOOT_ID_SIZE - 1);
	ret_id[BOOT_ID_SIZE - 1] = '\0';
	return 0;
}

uint64_t self_pid_ns(void)
{
	return 1;
}

/* --- procfs.h ---------------------------------------------------------------- */

int listing_read(struct listing *list)
{
	list->nr = 0;
	for (size_t i = 0; i < procs.nr; i++) {
		if (ARRAY_GROW(list->items, list->nr, list->alloc) < 0)
			return -ENOMEM;
		list->items[list->nr++] = (struct listed){ procs.list[i].pid, procs.list[i].ino };
	}
	return 0;
}

void listing_release(struct listing *list)
{
	free(list->items);
	*list = (struct listing){ 0 };
}

void filebuf_release(struct filebuf *buf)
{
	free(buf->data);
	*buf = (struct filebuf){ 0 };
}

/* Where the stack begins, with the name: what an exec changes, and an end clears. */
static uint32_t exec_mark(const struct fake *f)
{
	uint32_t hash = (uint32_t)f->serial * 31 + f->execs * 8 + f->refused * 2 + f->zombie;

	for (const char *c = f->comm; *c; c++)
		hash = hash * 16777619u + (unsigned char)*c;
	return hash;
}

static int tell(const struct fake *f, struct facts *ret_facts)
{
	if (!f)
		return -ESRCH;
	*ret_facts = (struct facts){
		.pid = f->pid,
		.ppid = f->ppid,
		.pgid = f->pgid,
		.sid = f->sid,
		.tpgid = -1,
		.state = f->zombie || f->headless ? 'Z' : 'S',
		.euid = f->refused ? 0 : f->uid,
		.start_ticks = f->start_ticks,
		.cpu_ticks = (uint64_t)procs.now_ms / 100 - f->start_ticks / 10,
		.threads = f->headless ? 2 : 1,
		.exec_mark = exec_mark(f),
	};
	memcpy(ret_facts->comm, f->comm, sizeof(f->comm));
	return 0;
}

int procfs_stat_pid(pid_t pid, struct facts *ret_facts)
{
	meanwhile();
	return tell(procs_find(pid), ret_facts);
}

int procfs_stat(int dir_fd, struct facts *ret_facts)
{
	meanwhile();
	return tell(behind(dir_fd), ret_facts);
}

int procfs_open_pid(pid_t pid)
{
	return handle_of(pid);
}

int procfs_status(int dir_fd, struct status *ret_status)
{
	const struct fake *f;

	meanwhile();
	f = behind(dir_fd);
	if (!f)
		return -ESRCH;
	*ret_status = (struct status){
		.tracer = f->tracer, .uid = f->uid, .ns_pid = f->pid, .tgid = f->pid, .levels = 1
	};
	return 0;
}

int procfs_pid_ns(int dir_fd, uint64_t *ret_ns)
{
	const struct fake *f = behind(dir_fd);

	if (!f || f->zombie)
		return -ESRCH;
	*ret_ns = 1;
	return 0;
}

/* Of what listens, which no scan asks for. */
int procfs_readlink(int dir_fd, const char *path, char *out, size_t size)
{
	(void)dir_fd;
	(void)path;
	(void)out;
	(void)size;
	abort();
}

/* Of control groups, which no scan asks for either. */
int procfs_read(int dir_fd, const char *path, struct filebuf *buf)
{
	(void)dir_fd;
	(void)path;
	(void)buf;
	abort();
}

/* Of mappings, for evidence that no scan asks for. */
int procfs_read_list(int dir_fd, const char *path, struct filebuf *buf)
{
	return procfs_read(dir_fd, path, buf);
}

bool procfs_has_ended(pid_t pid, int error)
{
	(void)pid;
	return error == -ESRCH;
}

bool procfs_is_dead(const struct facts *facts)
{
	const struct fake *f = procs_find(facts->pid);

	return (facts->state == 'Z' || facts->state == 'X') && (!f || f->zombie);
}

/* --- pidfd.h ----------------------------------------------------------------- */

int pidfd_of(pid_t pid)
{
	return handle_of(pid);
}

uint64_t pidfd_ino(int fd)
{
	return handles[fd - HANDLE_FIRST].serial;
}

int pidfd_real_uid(int fd, uid_t *ret_uid)
{
	const struct fake *f = behind(fd);

	if (!f)
		return -ESRCH;
	*ret_uid = f->uid;
	return 0;
}

int pidfd_dead(int fd)
{
	const struct fake *f = behind(fd);

	return !f || f->zombie;
}

int pidfd_signal(int fd, int signo)
{
	(void)signo;
	return behind(fd) ? 0 : -ESRCH;
}

/* --- reader.h ---------------------------------------------------------------- */

struct reader {
	struct fake was; /* as it was when its files were read */
};

int reader_new(int64_t patience_ms, struct reader **ret_reader)
{
	(void)patience_ms;
	*ret_reader = calloc(1, sizeof(**ret_reader));
	return *ret_reader ? 0 : -ENOMEM;
}

void reader_free(struct reader *r)
{
	free(r);
}

pid_t reader_waits_for(const struct reader *r, int64_t *ret_since_ms)
{
	(void)r;
	*ret_since_ms = 0;
	return 0;
}

/* The memory that a file shows; a main thread that has ended has none. */
static const struct fake *memory_of(struct contents *c, const struct read_item *item)
{
	const struct fake *f;

	meanwhile();
	f = item->bound ? behind(c->dir_fd) : procs_find(item->pid);
	if (f && !f->zombie && (!f->headless || item->through_thread))
		return f;
	c->error = -ESRCH;
	return NULL;
}

static void read_one(struct reader *r, const struct read_item *item, struct contents *c)
{
	static char env[sizeof(r->was.env)];
	const struct fake *f;

	*c = (struct contents){ .dir_fd = item->bound ? procfs_open_pid(item->pid) : -1 };
	if (item->bound && c->dir_fd < 0) {
		c->error = c->dir_fd;
		c->dir_fd = -1;
		return;
	}
	if (item->environ && (f = memory_of(c, item))) {
		c->environ_read = f->refused ? READ_REFUSED : READ_DONE;
		if (!f->refused) {
			memcpy(env, f->env, f->env_len);
			c->environ = (struct bytes){ env, f->env_len };
		}
	}
	f = memory_of(c, item);
	if (!f)
		return;
	r->was = *f;
	c->args = (struct bytes){ r->was.args, r->was.args_len };
	c->args_read = READ_DONE;
	c->exe = r->was.exe;
}

void reader_run(struct reader *r, const struct read_item *items, size_t nr, reader_fn done,
		void *ctx)
{
	for (size_t i = 0; i < nr; i++) {
		struct contents c;

		read_one(r, &items[i], &c);
		done(ctx, i, &c);
	}
}
