/* SPDX-License-Identifier: MIT */
#ifndef LINUX_PROCFS_H
#define LINUX_PROCFS_H

#include "stray/process.h"

/*
 * Reading and parsing single files of /proc (proc(5)). Numbers come from the
 * kernel, names from the processes themselves: a comm may hold anything, `) Z`
 * included. Any thread.
 */

/* What /proc/PID/stat tells, and the owner of /proc/PID. */
struct facts {
	pid_t pid, ppid, pgid, sid, tpgid;
	int tty_nr;
	char state;
	char comm[16];
	bool kernel_thread;
	/*
	 * Its main thread has given its memory back, as while it ends. Then its files are
	 * root's, so that they answer EACCES to an ordinary user and ESRCH to root.
	 */
	bool bare;
	/*
	 * execve(2) has replaced its memory and not yet set where the code begins, which it
	 * does after the environment: between two programs there is none to be read.
	 */
	bool loading;
	uid_t euid; /* owner of the folder: effective uid */
	uint64_t start_ticks;
	uint64_t cpu_ticks;
	uint64_t rss_kib;
	unsigned threads;
	/*
	 * A hash of what exec(2) renews: the name, where code and stack begin,
	 * and whether it happened since fork(2). start_stack changes with
	 * address randomisation, and without it as soon as arguments or
	 * environment have another size.
	 */
	uint32_t exec_mark;
};

/* Parse the @len bytes of a stat file. Everything but euid is set. 0 or -EINVAL. */
int procfs_parse_stat(const char *text, size_t len, struct facts *ret_facts);

/* What /proc/PID/status tells beside it. */
struct status {
	pid_t tgid; /* the process, which a thread's id leads to as well; 0: not told */
	pid_t tracer;
	uid_t uid;	 /* real */
	pid_t ns_pid;	 /* last of NSpid; 0: the kernel does not tell */
	unsigned levels; /* pid namespaces from the reader's to its own: how many NSpid has */
};

/* Parse a status file, NUL-terminated. 0 or -EINVAL. */
int procfs_parse_status(const char *text, struct status *ret_status);

/*
 * Open a descriptor (O_PATH) of /proc/PID. It is bound to that process: once it has
 * ended, nothing can be read through it, even if another process has the pid. Returns
 * it or -errno, -ESRCH if no process has the pid.
 */
int procfs_open_pid(pid_t pid);

/* stat and status through such a descriptor. 0, -ESRCH: it has ended, -errno. */
int procfs_stat(int dir_fd, struct facts *ret_facts);
int procfs_status(int dir_fd, struct status *ret_status);

/* stat by pid alone, with the folder's owner; for many processes: one open less. */
int procfs_stat_pid(pid_t pid, struct facts *ret_facts);

/* The inode number of its pid namespace. 0 or -errno. */
int procfs_pid_ns(int dir_fd, uint64_t *ret_ns);

/*
 * Have all threads of a process in state Z or X ended? Asks a pidfd; without
 * pidfds, the number of threads. It may be another process's answer if the pid
 * was handed on meanwhile: ask what was read through @dir_fd afterwards.
 */
bool procfs_is_dead(const struct facts *facts);

/*
 * Does this error of reading a file of the process mean that it has ended? -ESRCH does;
 * so does a refusal when its memory is gone, or when it has ended by now.
 */
bool procfs_has_ended(pid_t pid, int error);

/* A buffer that grows to hold whole files, and is used again. All zero is empty. */
struct filebuf {
	char *data;
	size_t len, alloc;
};

void filebuf_release(struct filebuf *buf);

/*
 * Most bytes of environment or arguments that are read. execve(2) passes at
 * most 6 MiB in all; only a process that moves the borders itself has more.
 */
enum { FILEBUF_MAX = 8 << 20 };

/*
 * Read the file @path below @dir_fd (AT_FDCWD with an absolute one) into @buf, with a
 * NUL behind it, up to the first short read. For environ, cmdline and files of one
 * short record, which end there; lists (children, net/tcp) do not, and want
 * procfs_read_list(). 0; -ESRCH: the process has ended; -EFBIG: more than FILEBUF_MAX;
 * -ENOMEM; -errno of open or read.
 */
int procfs_read(int dir_fd, const char *path, struct filebuf *buf);

/* The same for a list, which comes a page at a time: read to its end. */
int procfs_read_list(int dir_fd, const char *path, struct filebuf *buf);

/* The target of a link, NUL-terminated, cut at size - 1. 0 or -errno, -ESRCH as above. */
int procfs_readlink(int dir_fd, const char *path, char *out, size_t size);

/* One entry of /proc that is a pid. */
struct listed {
	pid_t pid;
	/*
	 * d_ino of the entry: stays while the process lives (the kernel may
	 * renew it when memory is short), and another process never has it,
	 * not even with the same pid.
	 */
	uint64_t ino;
};

struct listing {
	struct listed *items; /* ascending by pid */
	size_t nr, alloc;
	char *buf; /* what getdents64(2) fills */
};

/* List /proc. 0 or -errno. The memory is used again by the next call. */
int listing_read(struct listing *list);
void listing_release(struct listing *list);

#endif
