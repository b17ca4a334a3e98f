/* SPDX-License-Identifier: MIT */
/*
 * Apps that come and go by chance while a sweep runs, and of each process it is
 * known whether it must live or must be ended:
 *
 *	chaos --seconds N [--seed N] [--kill-sweeper] [--storms] [--rival DIR]
 *
 * With a rival a second sweep goes on all the time, with that state folder, so
 * that both end the same ones. Run in a pid namespace of its own; the program is $STRAY. Prints what is
 * wrong, then one line of counts; exits 1 if anything was.
 *
 * A generation is one run of one instance's desktop, with all that it started.
 * While its desktop lives, all of it must live. Once that is dead, all of it
 * but the kept ones must be dead at the third counted tick (the first may have
 * begun before). Ticks are counted by what the sweep says, not by a clock.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "chaos_actors.h"

enum { INSTANCES = 5, MAX_GENS = 4000, MAX_PROCS = 40000, CANARIES = 4, TICKS = 3 };

/* --- what the driver knows -------------------------------------------------------------- */

struct gen {
	int instance;
	bool alive, rough, settled;
	int pending;	 /* announced, and not ready yet */
	long long heard; /* when its last word came, ms */
	long due;	 /* the number of the counted tick at which it must be gone */
};

struct proc {
	pid_t pid;
	int fd, gen;
	enum kind kind;
	bool over;
	bool stopped; /* by us */
};

static struct world {
	struct gen gens[MAX_GENS];
	struct proc procs[MAX_PROCS];
	int nr_gens, nr_procs, words[2];
	int last[INSTANCES]; /* its newest generation, -1 */
	pid_t sweeper, twin, rival;
	const char *rival_dir; /* NULL: there is none */
	int said;	       /* the sweep's output */
	long counted, ticks;
	bool up; /* the sweeper has ticked: it minds its signals */
	char line[65536];
	size_t len;
	bool kill_sweeper;
	long events, wrong, kills;
	FILE *log; /* what the sweep said, or NULL */
} w;

static long long now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000LL + now.tv_nsec / 1000000;
}

static void wrong(const char *what, const struct proc *p)
{
	static const char *const names[] = { "desktop",	 "agent",   "deaf",  "detached", "kept",
					     "scrubbed", "breeder", "storm", "",	 "canary" };

	w.wrong++;
	printf("# %s: pid %d, a %s of generation %d (instance %d, desktop %s), tick %ld\n", what,
	       (int)p->pid, names[p->kind], p->gen, p->gen < 0 ? -1 : w.gens[p->gen].instance,
	       p->gen >= 0 && w.gens[p->gen].alive ? "alive" : "gone", w.counted);
}

static void name_instance(int instance, char *out)
{
	/* One is the beginning of the other. */
	snprintf(out, 32, "org.chaos.app%.*s", instance, ".dev.x");
}

static bool has_ended(int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };

	return fd < 0 || poll(&p, 1, 0) > 0;
}

static bool must_live(const struct proc *p)
{
	return p->kind == KIND_CANARY || p->kind == KIND_KEPT || w.gens[p->gen].alive;
}

static void send_to(struct proc *p, int signo)
{
	(void)syscall(SYS_pidfd_send_signal, p->fd, signo, NULL, 0);
}

static char state_of(pid_t pid)
{
	char path[64], text[512], *end;
	FILE *f;
	size_t n;

	snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	f = fopen(path, "re");
	if (!f)
		return '\0';
	n = fread(text, 1, sizeof(text) - 1, f);
	fclose(f);
	text[n] = '\0';
	end = strrchr(text, ')');
	return end && end[1] ? end[2] : '\0';
}

/* --- hearing ------------------------------------------------------------------------------ */

static void hear_word(const struct word *word)
{
	struct proc *p;

	if (word->gen >= 0) {
		w.gens[word->gen].pending += word->ready ? -1 : 1;
		w.gens[word->gen].heard = now_ms();
	}
	if (!word->ready)
		return;
	if (w.nr_procs == MAX_PROCS)
		fail("too many processes");
	p = &w.procs[w.nr_procs++];
	*p = (struct proc){ .pid = word->pid, .gen = word->gen, .kind = word->kind };
	p->fd = (int)syscall(SYS_pidfd_open, word->pid, 0);
}

static void hear_line(const char *line)
{
	if (w.log)
		fprintf(w.log, "%s\n", line);
	if (!strstr(line, "\"event\":\"tick\""))
		return;
	w.ticks++;
	w.up = true;
	w.counted += strstr(line, "\"counted\":true") != NULL;
}

static void hear(int ms)
{
	struct pollfd fds[2] = { { .fd = w.words[0], .events = POLLIN },
				 { .fd = w.said, .events = POLLIN } };
	struct word word;
	char *end;
	ssize_t n;

	poll(fds, 2, ms);
	while (read(w.words[0], &word, sizeof(word)) == (ssize_t)sizeof(word))
		hear_word(&word);
	while ((n = read(w.said, w.line + w.len, sizeof(w.line) - 1 - w.len)) > 0) {
		w.len += (size_t)n;
		w.line[w.len] = '\0';
		while ((end = strchr(w.line, '\n'))) {
			*end = '\0';
			hear_line(w.line);
			w.len -= (size_t)(end + 1 - w.line);
			memmove(w.line, end + 1, w.len + 1);
		}
	}
}

/* --- the sweep --------------------------------------------------------------------------------- */

static pid_t run_stray(bool once, int out, const char *state_dir)
{
	pid_t pid = fork();

	if (pid)
		return pid;
	if (state_dir)
		setenv("STRAY_STATE_DIR", state_dir, 1);
	if (out >= 0)
		dup2(out, STDOUT_FILENO);
	execl(getenv("STRAY"), "stray", "--sweep", "--interval", "1s", "--term-timeout", "200ms",
	      "--json", once ? "--once" : NULL, NULL);
	_exit(127);
}

static void start_sweeper(void)
{
	int fds[2];

	if (w.said >= 0)
		close(w.said);
	if (pipe2(fds, O_CLOEXEC) < 0)
		fail("pipe2");
	fcntl(fds[0], F_SETFL, O_NONBLOCK);
	w.said = fds[0];
	w.len = 0;
	w.up = false;
	w.sweeper = run_stray(false, fds[1], NULL);
	close(fds[1]);
}

static void push_back(int g)
{
	/* A process forked at the end may be at its first tick then. */
	w.gens[g].due = w.counted + TICKS + (w.gens[g].rough ? TICKS - 1 : 0);
	w.gens[g].settled = false;
	if (w.log)
		fprintf(w.log, "# generation %d, of instance %d, is to be gone at tick %ld\n", g,
			w.gens[g].instance, w.gens[g].due);
}

/* What it was killed in the middle of is done by the next. */
static void kill_sweeper(void)
{
	kill(w.sweeper, SIGKILL);
	waitpid(w.sweeper, NULL, 0);
	hear(0);
	w.kills++;
	start_sweeper();
	for (int g = 0; g < w.nr_gens; g++) {
		if (!w.gens[g].alive && !w.gens[g].settled)
			push_back(g);
	}
}

/* No second sweep may run beside it. */
static void start_twin(void)
{
	int null = open("/dev/null", O_WRONLY | O_CLOEXEC), err = dup(STDERR_FILENO);

	dup2(null, STDERR_FILENO);
	if (!w.twin && w.up && !w.kill_sweeper)
		w.twin = run_stray(true, null, NULL);
	dup2(err, STDERR_FILENO);
	close(err);
	close(null);
}

static void start_rival(void)
{
	int null = open("/dev/null", O_WRONLY | O_CLOEXEC);

	if (w.rival_dir)
		w.rival = run_stray(false, null, w.rival_dir);
	close(null);
}

static void mind_children(void)
{
	struct proc self = { .pid = w.sweeper, .gen = -1, .kind = KIND_CANARY };
	int status;

	if (waitpid(w.sweeper, &status, WNOHANG) > 0) {
		wrong("the sweep has ended", &self);
		start_sweeper();
	}
	if (w.rival && waitpid(w.rival, &status, WNOHANG) > 0) {
		self.pid = w.rival;
		wrong("the rival has ended", &self);
		start_rival();
	}
	if (w.twin && waitpid(w.twin, &status, WNOHANG) > 0) {
		self.pid = w.twin;
		if (!WIFEXITED(status) || WEXITSTATUS(status) != 2)
			wrong("a second sweep did not exit 2", &self);
		w.twin = 0;
	}
}

/* --- what happens --------------------------------------------------------------------------------- */

static void fork_away(enum kind kind, int gen, const char *id, bool rough)
{
	pid_t pid = fork();

	if (pid == 0) {
		pid_t parent = getpid();

		if (fork() > 0)
			_exit(0);
		wait_adopted(parent);
		setsid();
		become(kind, gen, id, w.words[1], rough);
	}
	waitpid(pid, NULL, 0);
}

/*
 * Where the sweep is killed in the middle, a process forked just then is at its first
 * tick again, and one that lost its proof is of no instance: such ones are left out.
 */
static bool is_rough(void)
{
	return !w.kill_sweeper && random() % 3 == 0;
}

static void open_desktop(int instance)
{
	char id[32];
	int g = w.nr_gens;

	if (g == MAX_GENS)
		return;
	/* Earlier processes are older than the new desktop, and still orphans. */
	for (int i = 0; i < g; i++) {
		struct gen *old = &w.gens[i];

		if (old->instance != instance || old->settled)
			continue;
		/* Start times count in hundredths of a second: be sure of the older one. */
		if (old->rough || old->pending || now_ms() < old->heard + 100)
			return;
		push_back(i);
	}
	name_instance(instance, id);
	w.nr_gens++;
	w.gens[g] = (struct gen){
		.instance = instance, .alive = true, .rough = is_rough(), .pending = 1
	};
	w.last[instance] = g;
	fork_away(KIND_DESKTOP, g, id, w.gens[g].rough);
}

static struct proc *desktop_of(int g)
{
	for (int i = 0; i < w.nr_procs; i++) {
		if (w.procs[i].gen == g && w.procs[i].kind == KIND_DESKTOP)
			return &w.procs[i];
	}
	return NULL;
}

static void close_desktop(int g)
{
	struct proc *desktop = desktop_of(g);

	if (!desktop || w.gens[g].pending)
		return;
	w.gens[g].alive = false;
	desktop->stopped = false;
	send_to(desktop, SIGKILL);
	while (!has_ended(desktop->fd))
		hear(1);
	push_back(g);
}

static void stop_or_continue(void)
{
	struct proc *p = w.nr_procs ? &w.procs[random() % w.nr_procs] : NULL;

	/* Kept ones and canaries too; what is orphaned goes on as it is. */
	if (!p || p->over || !must_live(p) || p->kind == KIND_DESKTOP || p->kind == KIND_STORM)
		return;
	p->stopped = !p->stopped;
	send_to(p, p->stopped ? SIGSTOP : SIGCONT);
}

static void something(void)
{
	int instance = (int)(random() % INSTANCES), g = w.last[instance];

	w.events++;
	switch (random() % 10) {
	case 0 ... 5:
		if (g >= 0 && w.gens[g].alive)
			close_desktop(g);
		else
			open_desktop(instance);
		break;
	case 6:
		stop_or_continue();
		break;
	case 7:
		if (w.up)
			kill(w.sweeper, SIGUSR1);
		break;
	case 8:
		start_twin();
		break;
	default:
		if (w.kill_sweeper)
			kill_sweeper();
	}
}

/* --- judging ------------------------------------------------------------------------------------------ */

static void judge_procs(void)
{
	for (int i = 0; i < w.nr_procs; i++) {
		struct proc *p = &w.procs[i];

		if (p->over || !has_ended(p->fd))
			continue;
		p->over = true;
		if (p->fd >= 0)
			close(p->fd);
		if (must_live(p))
			wrong("ENDED WRONGLY", p);
	}
}

/* The generation of a process by its environment, -1: of none. */
static int gen_of(const char *pid, bool *ret_kept)
{
	char path[64], text[4096];
	int gen = -1, fd;
	ssize_t n;

	snprintf(path, sizeof(path), "/proc/%.20s/environ", pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -1;
	n = read(fd, text, sizeof(text) - 1);
	close(fd);
	*ret_kept = false;
	text[n > 0 ? n : 0] = '\0';
	for (char *at = text; n > 0 && at < text + n; at += strlen(at) + 1) {
		if (strncmp(at, "CHAOS_GEN=", 10) == 0)
			gen = (int)strtol(at + 10, NULL, 10);
		if (strncmp(at, "STRAY_KEEP=", 11) == 0)
			*ret_kept = true;
	}
	return gen;
}

/* What stray says of it, for the reader of a failure; of the first few only. */
static void explain(pid_t pid)
{
	static int nr;
	char text[16];
	pid_t child;

	if (nr++ >= 3)
		return;
	snprintf(text, sizeof(text), "%d", (int)pid);
	fflush(stdout);
	child = fork();
	if (child == 0) {
		execl(getenv("STRAY"), "stray", "--explain", text, NULL);
		_exit(127);
	}
	while (child > 0 && waitpid(child, NULL, 0) < 0 && errno == EINTR)
		;
}

/* Judge what is left of generations that should be gone, unannounced ones too. */
static void judge_gens(void)
{
	DIR *dir = opendir("/proc");
	const struct dirent *entry;
	bool due[MAX_GENS] = { false }, any = false;

	if (!dir)
		fail("/proc");
	for (int g = 0; g < w.nr_gens; g++) {
		due[g] = !w.gens[g].alive && !w.gens[g].settled && w.counted >= w.gens[g].due;
		any |= due[g];
		w.gens[g].settled |= due[g];
	}
	while (any && (entry = readdir(dir))) {
		struct proc p = { .kind = KIND_AGENT };
		bool kept = false;
		char state;

		if (entry->d_name[0] < '1' || entry->d_name[0] > '9')
			continue;
		p.pid = (pid_t)strtol(entry->d_name, NULL, 10);
		p.gen = gen_of(entry->d_name, &kept);
		if (p.gen < 0 || p.gen >= w.nr_gens || !due[p.gen] || kept)
			continue;
		state = state_of(p.pid);
		if (!state || strchr("ZX", state))
			continue;
		for (int i = 0; i < w.nr_procs; i++) {
			if (w.procs[i].pid == p.pid && !w.procs[i].over)
				p.kind = w.procs[i].kind;
		}
		wrong("STILL THERE", &p);
		explain(p.pid);
	}
	closedir(dir);
}

static void judge_stopped(void)
{
	for (int i = 0; i < w.nr_procs; i++) {
		struct proc *p = &w.procs[i];
		char state = p->over ? '\0' : state_of(p->pid);

		if (state && strchr("tT", state) && !p->stopped)
			wrong("LEFT FROZEN", p);
		if (state && !strchr("tTZX", state) && p->stopped && must_live(p))
			wrong("CONTINUED", p);
	}
}

static void act(long ms)
{
	hear((int)ms);
	mind_children();
	judge_procs();
	judge_gens();
}

/* Wild for a while, then quiet until all that is due is past. */
static void epoch(long wild_ms)
{
	long until;

	for (long passed = 0; passed < wild_ms; passed += 40) {
		something();
		act(40);
	}
	until = w.counted + TICKS;
	for (int g = 0; g < w.nr_gens; g++) {
		if (!w.gens[g].alive && !w.gens[g].settled && w.gens[g].due > until)
			until = w.gens[g].due;
	}
	while (w.counted < until)
		act(200);
	judge_stopped();
}

static void parse(int argc, char **argv, long *ret_seconds, unsigned *ret_seed)
{
	for (int i = 1; i < argc; i++) {
		bool more = i + 1 < argc;

		if (strcmp(argv[i], "--kill-sweeper") == 0)
			w.kill_sweeper = true;
		else if (strcmp(argv[i], "--storms") == 0)
			actors_storm = true;
		else if (strcmp(argv[i], "--rival") == 0 && more)
			w.rival_dir = argv[++i];
		else if (strcmp(argv[i], "--seconds") == 0 && more)
			*ret_seconds = strtol(argv[++i], NULL, 10);
		else if (strcmp(argv[i], "--seed") == 0 && more)
			*ret_seed = (unsigned)strtoul(argv[++i], NULL, 10);
		else
			fail(argv[i]);
	}
}

int main(int argc, char **argv)
{
	unsigned seed = (unsigned)time(NULL);
	long seconds = 10;
	time_t end;

	if (argc >= 5 && argv[1][0] == '=')
		play(argv);
	parse(argc, argv, &seconds, &seed);
	printf("# seed %u\n", seed);
	srandom(seed);
	w.said = -1;
	w.log = getenv("CHAOS_LOG") ? fopen(getenv("CHAOS_LOG"), "we") : NULL;
	if (pipe2(w.words, O_NONBLOCK) < 0)
		fail("pipe2");
	fcntl(w.words[1], F_SETFL, 0);
	for (int i = 0; i < INSTANCES; i++)
		w.last[i] = -1;
	for (int i = 0; i < CANARIES; i++)
		fork_away(KIND_CANARY, -1, "", false);
	start_sweeper();
	start_rival();
	for (end = time(NULL) + seconds; time(NULL) < end;)
		epoch(1500);
	kill(w.sweeper, SIGTERM);
	waitpid(w.sweeper, NULL, 0);
	if (w.rival) {
		kill(w.rival, SIGTERM);
		waitpid(w.rival, NULL, 0);
	}
	printf("generations %d, processes %d, events %ld, kills %ld, ticks %ld, wrong %ld\n",
	       w.nr_gens, w.nr_procs, w.events, w.kills, w.counted, w.wrong);
	return w.wrong ? 1 : 0;
}
