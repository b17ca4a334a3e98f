/* SPDX-License-Identifier: MIT */
/*
 * The real source and the real reaper, and a pid that is handed on at exactly one
 * point, again and again: whoever has it then gets no signal, is not stopped and
 * does not end.
 *
 * Each round makes an orphan with a pid of our choice and lets the engine end it.
 * At the point that the round is about, just before the engine's own step, the
 * orphan is killed and a bystander made with the same pid, mostly within the same
 * hundredth of a second. Every eighth round nothing is handed on, and the orphan
 * must have been ended: so each point is one at which somebody would be.
 *
 * Runs in a pid namespace of its own, for which it must be root. STRAY_REUSES:
 * how many rounds for each point.
 */
#include <dirent.h>
#include <errno.h>
#include <linux/sched.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "linux/reaper.h"
#include "linux/source.h"
#include "stray/engine.h"

#define ID "org.example.reuse"

enum { PID = 7001, EVERY = 8 };

enum point {
	BETWEEN_TICKS,
	BEFORE_THE_FIRST_SCAN,
	BEFORE_CONFIRMATION,
	BEFORE_OPENING,
	BEFORE_VERIFYING,
	BEFORE_TERM,
	BEFORE_CONT,
	BEFORE_STOP,
	BEFORE_KILL,
	WHILE_A_DIALOG_IS_OPEN,
	WHILE_A_DIALOG_HOLDS_IT,
	POINT_NR,
};

static const char *const names[POINT_NR] = {
	[BETWEEN_TICKS] = "between ticks",
	[BEFORE_THE_FIRST_SCAN] = "before the scan of its last tick",
	[BEFORE_CONFIRMATION] = "between scan and confirmation",
	[BEFORE_OPENING] = "between confirmation and its pidfd",
	[BEFORE_VERIFYING] = "between its pidfd and its verification",
	[BEFORE_TERM] = "before SIGTERM",
	[BEFORE_CONT] = "between SIGTERM and SIGCONT",
	[BEFORE_STOP] = "between SIGTERM and SIGSTOP",
	[BEFORE_KILL] = "between SIGSTOP and SIGKILL",
	[WHILE_A_DIALOG_IS_OPEN] = "while a dialog is open",
	[WHILE_A_DIALOG_HOLDS_IT] = "while a dialog is open that holds it",
};

/* The engine's two interfaces, and what they pass through to. */
static struct world {
	struct source source, *real_source;
	struct source_ops source_ops;
	struct reaper reaper, *real_reaper;
	struct reaper_ops reaper_ops;
	enum point point;
	bool armed;	/* hand it on when the point comes */
	bool came;	/* the point did */
	unsigned scans; /* of this tick */
	pid_t heir;
	char state_dir[64];
} w;

static void fail(const char *what)
{
	perror(what);
	_exit(99);
}

/* --- processes ------------------------------------------------------------------ */

static pid_t clone_as(pid_t pid)
{
	struct clone_args args = { .exit_signal = SIGCHLD,
				   .set_tid = (uint64_t)(uintptr_t)&pid,
				   .set_tid_size = 1 };
	pid_t child;

	/* Who had it cannot be signalled any more a moment before the pid is free. */
	do
		child = (pid_t)syscall(SYS_clone3, &args, sizeof(args));
	while (child < 0 && errno == EEXIST);
	return child;
}

static void live(int ready)
{
	prctl(PR_SET_PDEATHSIG, 0);
	if (write(ready, "", 1) != 1)
		_exit(98);
	for (;;)
		pause();
}

/* What an exec of ourselves is: `reuse =deaf FD`. */
static void play(char **argv)
{
	if (strcmp(argv[1], "=deaf") == 0)
		signal(SIGTERM, SIG_IGN);
	live((int)strtol(argv[2], NULL, 10));
}

static void await(int fd)
{
	char byte;

	if (read(fd, &byte, 1) != 1)
		fail("nobody is ready");
}

/* An orphan with that pid: its parent has ended, pid 1 has it. */
static void make_orphan(bool deaf)
{
	char number[16],
		*argv[] = { (char *)"goose", (char *)(deaf ? "=deaf" : "=plain"), number, NULL };
	char *envp[] = { (char *)"SPROUT_MANAGED_AGENT=" ID, NULL };
	int ends[2];
	pid_t between;

	if (pipe(ends) < 0)
		fail("pipe");
	snprintf(number, sizeof(number), "%d", ends[1]);
	between = fork();
	if (between == 0) {
		pid_t pid = clone_as(PID);

		if (pid == 0) {
			setsid();
			execve("/proc/self/exe", argv, envp);
			_exit(97);
		}
		_exit(pid == PID ? 0 : 96);
	}
	if (waitpid(between, NULL, 0) != between)
		fail("waitpid");
	close(ends[1]);
	await(ends[0]);
	close(ends[0]);
}

static void end_orphan(void)
{
	/* pid 1 waits for it, and then the pid is free. */
	while (kill(PID, SIGKILL) == 0)
		sched_yield();
}

static void hand_on(void)
{
	sigset_t all, before;
	int ends[2];

	w.came = true;
	if (!w.armed)
		return;
	w.armed = false;
	end_orphan();
	if (pipe(ends) < 0)
		fail("pipe");
	/* What is sent to it stays pending, and can be seen. */
	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, &before);
	w.heir = clone_as(PID);
	if (w.heir == 0)
		live(ends[1]);
	sigprocmask(SIG_SETMASK, &before, NULL);
	if (w.heir != PID)
		fail("the pid is not free");
	await(ends[0]);
	close(ends[0]);
	close(ends[1]);
}

/* Was it left alone? Says what not. */
static const char *heir_suffered(void)
{
	static char line[256];
	const char *found = NULL;
	char path[32];
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/status", PID);
	f = fopen(path, "re");
	if (!f)
		return "it has ended";
	while (!found && fgets(line, sizeof(line), f)) {
		bool pending = strncmp(line, "SigPnd:", 7) == 0 || strncmp(line, "ShdPnd:", 7) == 0;

		if (strncmp(line, "State:", 6) == 0 && strpbrk(line + 6, "TtZX"))
			found = line;
		if (pending && strspn(line + 7, "\t0\n") != strlen(line + 7))
			found = line;
	}
	fclose(f);
	return found;
}

/* Does the one that was meant live? A zombie does not, until pid 1 comes to it. */
static bool orphan_survived(void)
{
	char path[32], line[256];
	bool lives = false;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/status", PID);
	f = fopen(path, "re");
	while (f && fgets(line, sizeof(line), f))
		if (strncmp(line, "State:", 6) == 0)
			lives = !strpbrk(line + 6, "ZX");
	if (f)
		fclose(f);
	return lives;
}

static void end_heir(void)
{
	if (kill(PID, SIGKILL) < 0 || waitpid(PID, NULL, 0) != PID)
		fail("the heir");
	w.heir = 0;
}

/* --- between the engine and the system --------------------------------------------- */

static int scan(struct source *src, enum scan_mode mode, struct snapshot **ret_snapshot)
{
	(void)src;
	w.scans++;
	if ((w.point == BEFORE_THE_FIRST_SCAN && w.scans == 1) ||
	    (w.point == BEFORE_CONFIRMATION && w.scans == 2))
		hand_on();
	return w.real_source->ops->scan(w.real_source, mode, ret_snapshot);
}

static int read_some(struct source *src, const pid_t *pids, size_t nr, int *ret_errors,
		     struct snapshot **ret_snapshot)
{
	(void)src;
	for (size_t i = 0; i < nr; i++)
		if (w.point == BEFORE_VERIFYING && pids[i] == PID)
			hand_on();
	return w.real_source->ops->read(w.real_source, pids, nr, ret_errors, ret_snapshot);
}

static int probe(struct source *src, struct probe *probes, size_t nr)
{
	(void)src;
	return w.real_source->ops->probe(w.real_source, probes, nr);
}

static int watch(struct source *src, const struct identity *ids, size_t nr)
{
	(void)src;
	return w.real_source->ops->watch(w.real_source, ids, nr);
}

static bool watch_ended(struct source *src, const struct identity *id)
{
	(void)src;
	return w.real_source->ops->watch_ended(w.real_source, id);
}

static void now(struct source *src, struct source_time *ret_time)
{
	(void)src;
	w.real_source->ops->now(w.real_source, ret_time);
}

static int open_pid(struct reaper *r, pid_t pid, int *ret_handle, uint64_t *ret_ino)
{
	(void)r;
	if (w.point == BEFORE_OPENING && pid == PID)
		hand_on();
	return w.real_reaper->ops->open(w.real_reaper, pid, ret_handle, ret_ino);
}

static void close_handle(struct reaper *r, int handle)
{
	(void)r;
	w.real_reaper->ops->close(w.real_reaper, handle);
}

static int send(struct reaper *r, int handle, int signo)
{
	static const int of_point[POINT_NR] = { [BEFORE_TERM] = SIGTERM,
						[BEFORE_CONT] = SIGCONT,
						[BEFORE_STOP] = SIGSTOP,
						[BEFORE_KILL] = SIGKILL };

	(void)r;
	if (of_point[w.point] == signo && !w.came)
		hand_on();
	return w.real_reaper->ops->signal(w.real_reaper, handle, signo);
}

static int wait_for(struct reaper *r, const int *handles, size_t nr, int64_t timeout_ms,
		    int stop_fd, bool *ret_dead)
{
	(void)r;
	return w.real_reaper->ops->wait(w.real_reaper, handles, nr, timeout_ms, stop_fd, ret_dead);
}

static size_t reserve(struct reaper *r, size_t nr)
{
	(void)r;
	return w.real_reaper->ops->reserve(w.real_reaper, nr);
}

/* --- a round ------------------------------------------------------------------------ */

/* In the view a person picks it; between its being shown and the answer time passes. */
static void answer_a_dialog(struct engine *eng)
{
	struct identity only = { .pid = PID };
	struct reap_report report = { 0 };
	struct snapshot *s = NULL;
	int handle = -1;
	uint64_t ino;
	struct reap_request request = {
		.face = FACE_PICK,
		.instance = { ID, strlen(ID) },
		.only = &only,
		.handles = &handle,
		.nr_only = 1,
		.term_timeout_ms = 20,
	};

	if (source_read(w.real_source, PID, &s) < 0)
		fail("read");
	only = snapshot_find(s, PID)->id;
	snapshot_unref(s);
	if (w.point == WHILE_A_DIALOG_HOLDS_IT &&
	    w.real_reaper->ops->open(w.real_reaper, PID, &handle, &ino) < 0)
		fail("pidfd_open");
	hand_on();
	if (engine_reap(eng, &request, &report) < 0)
		fail("engine_reap");
	reap_report_release(&report);
	if (handle >= 0)
		w.real_reaper->ops->close(w.real_reaper, handle);
}

static void tick(struct engine *eng)
{
	w.scans = 0;
	if (engine_tick(eng, TICK_COUNT | TICK_REAP, NULL, NULL) < 0)
		fail("engine_tick");
}

static void forget_counts(void)
{
	char path[128];

	snprintf(path, sizeof(path), "%s/ledger.json", w.state_dir);
	unlink(path);
}

/* True: as it should be. */
static bool play_round(const struct policy *policy, enum point point, bool replace)
{
	const struct engine_options options = {
		.policy = policy,
		/* Half an interval has always passed. */
		.settings = { .interval_ms = 1,
			      .grace = point == BETWEEN_TICKS ? 2 : 1,
			      .term_timeout_ms = 20 },
		.state_dir = w.state_dir,
		.save = true,
		.stop_fd = -1,
	};
	struct engine *eng = NULL;
	const char *wrong = NULL;

	w.point = point;
	w.came = false;
	w.scans = 3; /* what a new engine looks at is none of the points */
	forget_counts();
	make_orphan(point == BEFORE_STOP || point == BEFORE_KILL);
	if (engine_new(&options, &w.source, &w.reaper, &eng) < 0)
		fail("engine_new");
	if (point == BETWEEN_TICKS)
		tick(eng);
	w.armed = replace;
	if (point >= WHILE_A_DIALOG_IS_OPEN)
		answer_a_dialog(eng);
	else if (point == BETWEEN_TICKS)
		hand_on();
	if (point < WHILE_A_DIALOG_IS_OPEN)
		tick(eng);
	engine_free(eng);
	if (!w.came)
		wrong = "the point never came";
	else if (replace)
		wrong = heir_suffered();
	else if (orphan_survived())
		wrong = "who was meant has survived";
	if (wrong)
		printf("# %s%s: %s\n", names[point], replace ? "" : ", not handed on", wrong);
	if (w.heir)
		end_heir();
	else
		end_orphan();
	return !wrong;
}

static int play_all(void)
{
	const char *text = getenv("STRAY_REUSES");
	unsigned long nr = text ? strtoul(text, NULL, 10) : 16;
	struct policy policy;
	int failed = 0;

	if (policy_init(&policy) < 0 || procfs_source_new(&policy, &w.real_source) < 0 ||
	    pidfd_reaper_new(&w.real_reaper) < 0)
		fail("the engine's surroundings");
	w.source_ops = *w.real_source->ops;
	/* These would take our source for the real one. */
	w.source_ops.hold = NULL;
	w.source_ops.service = NULL;
	w.source_ops.holds_files = NULL;
	w.source_ops.scan = scan;
	w.source_ops.read = read_some;
	w.source_ops.probe = probe;
	w.source_ops.watch = watch;
	w.source_ops.watch_ended = watch_ended;
	w.source_ops.now = now;
	w.source.ops = &w.source_ops;
	w.reaper_ops = (struct reaper_ops){ open_pid, close_handle, send, wait_for, reserve, NULL };
	w.reaper.ops = &w.reaper_ops;
	for (int point = 0; point < POINT_NR; point++) {
		unsigned long good = 0;

		for (unsigned long i = 0; i < nr; i++)
			good += play_round(&policy, (enum point)point, i % EVERY != EVERY - 1);
		printf("%s %d - %s: %lu of %lu times\n", good == nr ? "ok" : "not ok", point + 1,
		       names[point], good, nr);
		failed += good != nr;
		fflush(stdout);
	}
	w.real_source->ops->free(w.real_source);
	w.real_reaper->ops->free(w.real_reaper);
	policy_release(&policy);
	forget_counts();
	return failed > 0;
}

/* pid 1 of the namespace waits for whoever ends. */
static int be_init(void)
{
	pid_t player, pid;
	int status, result = 99;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	/* Pid 1 adopts by its name alone. */
	prctl(PR_SET_NAME, "init");
	if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
	    mount("proc", "/proc", "proc", 0, NULL) < 0)
		return 77;
	fflush(stdout);
	player = fork();
	if (player == 0)
		_exit(play_all());
	while ((pid = waitpid(-1, &status, 0)) > 0 || errno == EINTR) {
		if (pid != player)
			continue;
		result = WIFEXITED(status) ? WEXITSTATUS(status) : 99;
		break;
	}
	return result;
}

/* Remove the state folder with the ledger and its lock. */
static void remove_folder(const char *path)
{
	DIR *d = opendir(path);
	struct dirent *e;

	while (d && (e = readdir(d)))
		if (e->d_name[0] != '.')
			unlinkat(dirfd(d), e->d_name, 0);
	if (d)
		closedir(d);
	rmdir(path);
}

int main(int argc, char **argv)
{
	char dir[] = "/tmp/stray-reuse-XXXXXX";
	int status = 0;
	pid_t pid;

	if (argc == 3 && argv[1][0] == '=')
		play(argv);
	if (geteuid() != 0 || unshare(CLONE_NEWPID | CLONE_NEWNS) < 0) {
		puts("1..0 # SKIP needs root, for a pid namespace");
		return 0;
	}
	if (!mkdtemp(dir))
		fail("mkdtemp");
	snprintf(w.state_dir, sizeof(w.state_dir), "%s", dir);
	printf("1..%d\n", POINT_NR);
	fflush(stdout);
	pid = fork();
	if (pid == 0)
		_exit(be_init());
	if (waitpid(pid, &status, 0) != pid)
		fail("waitpid");
	remove_folder(dir);
	/* Not by exit(3): what looks for leaks there stops our threads, and cannot from this side. */
	_exit(WIFEXITED(status) ? WEXITSTATUS(status) : 99);
}
