/* SPDX-License-Identifier: MIT */
#include "linux/procfs.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "linux/pidfd.h"
#include "linux/timens.h"

enum {
	FLAG_FORKNOEXEC = 0x40,	   /* PF_FORKNOEXEC: no exec since fork */
	FLAG_KTHREAD = 0x00200000, /* PF_KTHREAD */
};

/* FNV-1a over the numbers' bytes: only ever compared with itself. */
static uint32_t mix(uint32_t hash, uint64_t value)
{
	for (int i = 0; i < 8; i++, value >>= 8)
		hash = (hash ^ (uint32_t)(value & 0xff)) * 16777619u;
	return hash;
}

/* The exec_mark from these numbers and facts->comm. */
static uint32_t exec_mark(const struct facts *facts, uint64_t start_code, uint64_t end_code,
			  uint64_t start_stack, uint64_t flags)
{
	uint32_t hash = 2166136261u;

	for (const char *c = facts->comm; *c; c++)
		hash = (hash ^ (unsigned char)*c) * 16777619u;
	hash = mix(hash, start_code);
	hash = mix(hash, end_code);
	hash = mix(hash, start_stack);
	return mix(hash, flags & FLAG_FORKNOEXEC);
}

/* Fields of stat behind the comm, counted as proc(5) does: state is the third. */
enum {
	STAT_PPID = 4,
	STAT_PGRP = 5,
	STAT_SESSION = 6,
	STAT_TTY_NR = 7,
	STAT_TPGID = 8,
	STAT_FLAGS = 9,
	STAT_UTIME = 14,
	STAT_STIME = 15,
	STAT_THREADS = 20,
	STAT_STARTTIME = 22,
	STAT_VSIZE = 23,
	STAT_RSS = 24,
	STAT_STARTCODE = 26,
	STAT_ENDCODE = 27,
	STAT_STARTSTACK = 28,
	STAT_FIELDS = STAT_STARTSTACK + 1,
};

/* One decimal number, a minus sign allowed; moves *at behind it. */
static bool parse_number(const char **at, int64_t *ret)
{
	const char *p = *at;
	bool negative = false;
	uint64_t value = 0;

	while (*p == ' ')
		p++;
	if (*p == '-') {
		negative = true;
		p++;
	}
	if (*p < '0' || *p > '9')
		return false;
	while (*p >= '0' && *p <= '9')
		value = value * 10 + (uint64_t)(*p++ - '0');
	*ret = (int64_t)(negative ? 0 - value : value);
	*at = p;
	return true;
}

static uint64_t page_kib(void)
{
	return (uint64_t)sysconf(_SC_PAGESIZE) / 1024;
}

int procfs_parse_stat(const char *text, size_t len, struct facts *ret_facts)
{
	int64_t field[STAT_FIELDS] = { 0 }, pid;
	const char *at = text, *open, *close;
	struct facts f = { 0 };
	size_t comm_len;

	/* The comm ends at the last `)`, whatever it holds. */
	open = memchr(text, '(', len);
	close = memrchr(text, ')', len);
	if (!open || !close || close < open || text[len] != '\0' || !parse_number(&at, &pid) ||
	    pid <= 0 || close[1] != ' ' || !close[2] || close[3] != ' ')
		return -EINVAL;
	comm_len = (size_t)(close - open - 1);
	if (comm_len >= sizeof(f.comm)) /* kernel threads alone have longer ones */
		comm_len = sizeof(f.comm) - 1;
	/* `echo NAME >/proc/self/comm` leaves a newline, which is no part of the name. */
	if (comm_len && open[comm_len] == '\n')
		comm_len--;
	memcpy(f.comm, open + 1, comm_len);
	f.state = close[2];
	at = close + 3;
	for (int i = STAT_PPID; i < STAT_FIELDS; i++)
		if (!parse_number(&at, &field[i]))
			return -EINVAL;

	f.pid = (pid_t)pid;
	f.ppid = (pid_t)field[STAT_PPID];
	f.pgid = (pid_t)field[STAT_PGRP];
	f.sid = (pid_t)field[STAT_SESSION];
	f.tty_nr = (int)field[STAT_TTY_NR];
	f.tpgid = (pid_t)field[STAT_TPGID];
	f.kernel_thread = (uint64_t)field[STAT_FLAGS] & FLAG_KTHREAD;
	f.bare = !f.kernel_thread && field[STAT_VSIZE] == 0;
	f.loading = !f.kernel_thread && field[STAT_VSIZE] != 0 && field[STAT_STARTCODE] == 0;
	f.cpu_ticks = (uint64_t)field[STAT_UTIME] + (uint64_t)field[STAT_STIME];
	f.threads = (unsigned)field[STAT_THREADS];
	f.start_ticks = (uint64_t)(field[STAT_STARTTIME] - timens_boot_ticks());
	f.rss_kib = field[STAT_RSS] > 0 ? (uint64_t)field[STAT_RSS] * page_kib() : 0;
	f.exec_mark = exec_mark(&f, (uint64_t)field[STAT_STARTCODE], (uint64_t)field[STAT_ENDCODE],
				(uint64_t)field[STAT_STARTSTACK], (uint64_t)field[STAT_FLAGS]);
	*ret_facts = f;
	return 0;
}

/* Behind the name of a line of status, or NULL. */
static const char *status_line(const char *text, const char *name)
{
	size_t len = strlen(name);

	while (text) {
		if (strncmp(text, name, len) == 0)
			return text + len;
		text = strchr(text, '\n');
		if (text)
			text++;
	}
	return NULL;
}

int procfs_parse_status(const char *text, struct status *ret_status)
{
	const char *tracer = status_line(text, "TracerPid:\t"), *uid = status_line(text, "Uid:\t");
	const char *ns = status_line(text, "NSpid:\t"), *tgid = status_line(text, "Tgid:\t");
	struct status s = { 0 };
	int64_t number;

	if (tgid && parse_number(&tgid, &number))
		s.tgid = (pid_t)number;
	if (!tracer || !parse_number(&tracer, &number))
		return -EINVAL;
	s.tracer = (pid_t)number;
	if (!uid || !parse_number(&uid, &number))
		return -EINVAL;
	s.uid = (uid_t)number;
	while (ns && (*ns == '\t' || *ns == ' ' || (*ns >= '0' && *ns <= '9'))) {
		if (*ns == '\t') {
			ns++;
			continue;
		}
		if (!parse_number(&ns, &number))
			break;
		s.ns_pid = (pid_t)number;
		s.levels++;
	}
	*ret_status = s;
	return 0;
}

/* A process that has ended shows as either, depending on when. */
static int ended(int error)
{
	return error == -ENOENT ? -ESRCH : error;
}

int procfs_open_pid(pid_t pid)
{
	char path[32];
	int fd;

	snprintf(path, sizeof(path), "/proc/%d", (int)pid);
	fd = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	return fd < 0 ? ended(-errno) : fd;
}

/* A small file in one read. Returns its length or -errno. */
static ssize_t read_small(int dir_fd, const char *path, char *buf, size_t size)
{
	_cleanup_close_ int fd = openat(dir_fd, path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	ssize_t n;

	if (fd < 0)
		return ended(-errno);
	do {
		n = read(fd, buf, size - 1);
	} while (n < 0 && errno == EINTR);
	if (n < 0)
		return ended(-errno);
	if (n == 0)
		return -ESRCH;
	buf[n] = '\0';
	return n;
}

static int read_stat(int dir_fd, const char *path, struct facts *ret_facts)
{
	char buf[1024]; /* 52 numbers of at most 20 digits fit, and it takes 28 of them */
	ssize_t n = read_small(dir_fd, path, buf, sizeof(buf));

	return n < 0 ? (int)n : procfs_parse_stat(buf, (size_t)n, ret_facts);
}

int procfs_stat(int dir_fd, struct facts *ret_facts)
{
	struct facts f;
	struct stat st;
	int r = read_stat(dir_fd, "stat", &f);

	if (r < 0)
		return r;
	if (fstat(dir_fd, &st) < 0)
		return ended(-errno);
	f.euid = st.st_uid;
	*ret_facts = f;
	return 0;
}

int procfs_stat_pid(pid_t pid, struct facts *ret_facts)
{
	char path[40];
	struct facts f;
	struct stat st;
	int r;

	snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	r = read_stat(AT_FDCWD, path, &f);
	if (r < 0)
		return r;
	path[strlen(path) - strlen("/stat")] = '\0';
	if (stat(path, &st) < 0)
		return ended(-errno);
	f.euid = st.st_uid;
	*ret_facts = f;
	return 0;
}

int procfs_status(int dir_fd, struct status *ret_status)
{
	char buf[8192];
	ssize_t n = read_small(dir_fd, "status", buf, sizeof(buf));

	return n < 0 ? (int)n : procfs_parse_status(buf, ret_status);
}

int procfs_pid_ns(int dir_fd, uint64_t *ret_ns)
{
	struct stat st;

	if (fstatat(dir_fd, "ns/pid", &st, 0) < 0)
		return ended(-errno);
	*ret_ns = st.st_ino;
	return 0;
}

bool procfs_is_dead(const struct facts *facts)
{
	_cleanup_close_ int fd = -1;
	int dead;

	if (facts->state != 'Z' && facts->state != 'X')
		return false;
	fd = pidfd_of(facts->pid);
	dead = fd < 0 ? fd : pidfd_dead(fd);
	if (dead == -ESRCH)
		return true;
	/* A leader that ended before its threads is counted with them. */
	return dead < 0 ? facts->threads <= 1 : dead > 0;
}

bool procfs_has_ended(pid_t pid, int error)
{
	struct facts facts;

	if (error == -ESRCH)
		return true;
	if (error != -EACCES && error != -EPERM)
		return false;
	error = procfs_stat_pid(pid, &facts);
	if (error < 0)
		return error == -ESRCH;
	/* Without memory and with other threads it may live: its main thread alone has ended. */
	return procfs_is_dead(&facts) || (facts.bare && facts.threads <= 1);
}

void filebuf_release(struct filebuf *buf)
{
	free(buf->data);
	*buf = (struct filebuf){ 0 };
}

static int filebuf_grow(struct filebuf *buf)
{
	/* Most environments fit at once; each doubling costs a copy, not a new read. */
	size_t alloc = buf->alloc ? buf->alloc * 2 : 64 * 1024;
	char *data;

	if (buf->alloc > FILEBUF_MAX)
		return -EFBIG;
	data = realloc(buf->data, alloc);
	if (!data)
		return -ENOMEM;
	buf->data = data;
	buf->alloc = alloc;
	return 0;
}

static int read_whole(int dir_fd, const char *path, struct filebuf *buf, bool pages)
{
	_cleanup_close_ int fd = openat(dir_fd, path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	bool full;
	ssize_t n;

	buf->len = 0;
	if (fd < 0)
		return ended(-errno);
	for (;;) {
		if (buf->alloc - buf->len < 2) {
			int r = filebuf_grow(buf);

			if (r < 0)
				return r;
		}
		n = read(fd, buf->data + buf->len, buf->alloc - buf->len - 1);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return ended(-errno);
		full = (size_t)n == buf->alloc - buf->len - 1;
		buf->len += (size_t)n;
		/* A record fills what there is room for; less is the end. */
		if (n == 0 || (!full && !pages))
			break;
	}
	buf->data[buf->len] = '\0';
	return 0;
}

int procfs_read(int dir_fd, const char *path, struct filebuf *buf)
{
	return read_whole(dir_fd, path, buf, false);
}

int procfs_read_list(int dir_fd, const char *path, struct filebuf *buf)
{
	return read_whole(dir_fd, path, buf, true);
}

int procfs_readlink(int dir_fd, const char *path, char *out, size_t size)
{
	ssize_t n = readlinkat(dir_fd, path, out, size - 1);

	if (n < 0)
		return ended(-errno);
	out[n] = '\0';
	return 0;
}
