/* SPDX-License-Identifier: MIT */
#include "demo/demo.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "demo/fleet.h"
#include "linux/pidfd.h"

#define START_TIMEOUT_MS 30000
#define STOP_TIMEOUT_MS	 10000
#define TEMPLATE                                                                                   \
	"XX"                                                                                       \
	"XX"                                                                                       \
	"XX" /* for mkdtemp(3) */

struct demo {
	char token[DEMO_TOKEN_SIZE];
	char *state_dir;
	int lifeline; /* write end; no other process has it */
	int status;   /* read end, from the guardian */
};

/* --- the profile ------------------------------------------------------------- */

static void drop_apps(struct policy *policy)
{
	for (size_t i = 0; i < policy->nr_apps; i++)
		app_clear(&policy->apps[i]);
	policy->nr_apps = 0;
}

int demo_policy(const struct demo *demo, struct policy *policy)
{
	char marker[sizeof(DEMO_MARKER) + 1 + DEMO_TOKEN_SIZE];
	char desktop[sizeof(DEMO_DESKTOP) + 1 + DEMO_TOKEN_SIZE];
	struct app *app;

	drop_apps(policy);
	app = policy_replace_app(policy, "demo", "built-in");
	if (!app)
		return -ENOMEM;
	snprintf(marker, sizeof(marker), "%s_%s", DEMO_MARKER, demo->token);
	snprintf(desktop, sizeof(desktop), "%s.%s", DEMO_DESKTOP, demo->token);
	free(app->default_instance);
	app->default_instance = strdup(DEMO_DEFAULT);
	if (!app->default_instance || strings_add(&app->markers, marker, strlen(marker)) ||
	    strings_add(&app->desktops, desktop, strlen(desktop)))
		return -ENOMEM;
	if (strings_has(&policy->adopters, DEMO_INIT, strlen(DEMO_INIT)))
		return 0;
	return strings_add(&policy->adopters, DEMO_INIT, strlen(DEMO_INIT));
}

/* --- start and stop ------------------------------------------------------------ */

/*
 * In the guardian to be: leave nothing open but the two ends that it needs. They
 * are moved out of the way first, for either may stand where the other goes.
 */
static int arrange_fds(int lifeline, int status)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	lifeline = fcntl(lifeline, F_DUPFD_CLOEXEC, 16);
	status = fcntl(status, F_DUPFD_CLOEXEC, 16);
	if (null < 0 || lifeline < 0 || status < 0)
		return -errno;
	for (int fd = 0; fd < 3; fd++) {
		if (dup2(null, fd) < 0)
			return -errno;
	}
	if (dup2(lifeline, DEMO_LIFELINE_FD) < 0 || dup2(status, DEMO_REPORT_FD) < 0)
		return -errno;
	return 0;
}

/*
 * Two forks, so that the fleet does not descend from the caller: everything that
 * descends from a wrapper (--run, --check -- CMD) counts as left by its command.
 */
static int launch(const struct demo *demo, int lifeline, int status)
{
	int result;
	pid_t child = fork();

	if (child < 0)
		return -errno;
	if (child > 0) {
		while (waitpid(child, NULL, 0) < 0 && errno == EINTR)
			;
		return 0;
	}
	if (setsid() < 0 || (child = fork()) < 0) {
		result = errno;
		(void)!write(status, &result, sizeof(result));
		_exit(1);
	}
	if (child > 0)
		_exit(0);
	result = arrange_fds(lifeline, status);
	if (result == 0)
		result = demo_exec_guardian(demo->token, demo->state_dir);
	result = -result;
	(void)!write(status, &result, sizeof(result));
	_exit(1);
}

/* Wait for the guardian's word. 0, its -errno, -ETIMEDOUT, or -ECHILD: it ended without one. */
static int wait_ready(const struct demo *demo)
{
	struct pollfd pfd = { .fd = demo->status, .events = POLLIN };
	int nr, result;

	do {
		nr = poll(&pfd, 1, START_TIMEOUT_MS);
	} while (nr < 0 && errno == EINTR);
	if (nr < 0)
		return -errno;
	if (nr == 0)
		return -ETIMEDOUT;
	if (read(demo->status, &result, sizeof(result)) != (ssize_t)sizeof(result))
		return -ECHILD;
	return -result;
}

static char *new_state_dir(void)
{
	const char *tmp = getenv("TMPDIR");
	char *dir;

	if (!tmp || tmp[0] != '/')
		tmp = "/tmp";
	if (asprintf(&dir, "%s/stray-demo-" TEMPLATE, tmp) < 0)
		return NULL;
	if (!mkdtemp(dir)) {
		int error = errno;

		free(dir);
		errno = error;
		return NULL;
	}
	return dir;
}

static int start_fleet(struct demo *demo)
{
	int lifeline[2], status[2], r;

	if (pipe2(lifeline, O_CLOEXEC) < 0)
		return -errno;
	if (pipe2(status, O_CLOEXEC) < 0) {
		r = -errno;
		close(lifeline[0]);
		close(lifeline[1]);
		return r;
	}
	demo->lifeline = lifeline[1];
	demo->status = status[0];
	r = launch(demo, lifeline[0], status[1]);
	close(lifeline[0]);
	close(status[1]);
	return r ? r : wait_ready(demo);
}

int demo_start(struct policy *policy, struct demo **ret_demo)
{
	struct demo *demo;
	int r = pidfd_of(getpid());

	if (r < 0)
		return r;
	close(r);
	demo = calloc(1, sizeof(*demo));
	if (!demo)
		return -ENOMEM;
	demo->lifeline = demo->status = -1;
	demo->state_dir = new_state_dir();
	if (!demo->state_dir) {
		r = -errno;
		demo_stop(demo);
		return r;
	}
	/* Six characters, unique as long as the directory exists. */
	memcpy(demo->token, demo->state_dir + strlen(demo->state_dir) - strlen(TEMPLATE),
	       sizeof(TEMPLATE));
	r = start_fleet(demo);
	if (r == 0)
		r = demo_policy(demo, policy);
	if (r < 0) {
		demo_stop(demo);
		return r;
	}
	*ret_demo = demo;
	return 0;
}

const char *demo_state_dir(const struct demo *demo)
{
	return demo->state_dir;
}

/* Until the guardian, the last holder of the other end, is gone. */
static void wait_gone(int status)
{
	struct pollfd pfd = { .fd = status, .events = POLLIN };
	char buffer[16];
	ssize_t len;
	int nr;

	for (;;) {
		nr = poll(&pfd, 1, STOP_TIMEOUT_MS);
		if (nr < 0 && errno == EINTR)
			continue;
		if (nr <= 0)
			return;
		len = read(status, buffer, sizeof(buffer));
		if (len == 0 || (len < 0 && errno != EINTR))
			return;
	}
}

void demo_stop(struct demo *demo)
{
	if (!demo)
		return;
	if (demo->lifeline >= 0)
		close(demo->lifeline);
	if (demo->status >= 0) {
		wait_gone(demo->status);
		close(demo->status);
	}
	/* The guardian has removed it, unless it was killed. */
	if (demo->state_dir)
		demo_remove_dir(demo->state_dir);
	free(demo->state_dir);
	free(demo);
}
