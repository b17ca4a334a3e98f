/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <locale.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "base/array.h"
#include "base/cleanup.h"
#include "base/signals.h"
#include "demo/demo.h"
#include "cli/log.h"
#include "cli/mode.h"

/*
 * From the first moment: a signal that comes in while the program starts is
 * minded later, and none ends it while it holds frozen processes. A broken pipe
 * is an error of write(2) then, and so is a file that may not grow, not the end.
 * What our parent ignores (nohup) stays ignored.
 */
static void block_signals(sigset_t *ret_mask)
{
	static const int signals[] = { SIGTERM, SIGINT, SIGHUP, SIGUSR1, SIGPIPE, SIGXFSZ };
	sigset_t set;

	sigemptyset(&set);
	for (size_t i = 0; i < ARRAY_SIZE(signals); i++)
		if (!signal_is_ignored(signals[i]))
			sigaddset(&set, signals[i]);
	sigprocmask(SIG_BLOCK, &set, ret_mask);
}

/*
 * A descriptor that is closed at the start would be the next file's: what is
 * meant for stdout would end up in the sweep lock. Read-only, so that writing to
 * it stays an error.
 */
static void fill_descriptors(void)
{
	int fd;

	do
		fd = open("/dev/null", O_RDONLY);
	while (fd >= 0 && fd <= STDERR_FILENO);
	if (fd >= 0)
		close(fd);
}

/* What a face has open at once, at the least, with 0 to 2. */
enum { DESCRIPTORS = 10 };

/*
 * With fewer, files that are there could not be opened, each with a reason of its own
 * that is not the true one. 0 or the exit status.
 */
static int check_descriptors(void)
{
	int fds[DESCRIPTORS], nr = 0, error = 0;

	while (!error && nr < DESCRIPTORS - 3) {
		fds[nr] = fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 0);
		if (fds[nr] < 0)
			error = errno;
		else
			nr++;
	}
	while (nr)
		close(fds[--nr]);
	if (!error)
		return 0;
	log_error("cannot tell: too few file descriptors, %d are needed: %s", DESCRIPTORS,
		  strerror(error));
	return EXIT_UNKNOWN;
}

static int run(const struct options *options)
{
	const struct mode *mode = &modes[options->mode];
	struct session session = { .options = options };
	sigset_t mask;
	int status;

	if (mode->bare)
		return mode->run(&session);
	status = check_descriptors();
	if (status)
		return status;
	sigprocmask(SIG_BLOCK, NULL, &mask);
	if (mode->signals)
		block_signals(&mask);
	status = session_init(&session, options, &mask);
	session.signals = mode->signals;
	if (status == 0)
		status = mode->run(&session);
	session_close(&session);
	return status;
}

int main(int argc, char **argv)
{
	_cleanup_strbuf_ struct strbuf error = STRBUF_INIT;
	struct options options;
	int r = demo_role_main(argc, argv);

	if (r >= 0)
		return r;
	fill_descriptors();
	setlocale(LC_CTYPE, "");
	r = options_parse(argc, argv, &options, &error);
	if (r < 0) {
		log_error("%s", error.len ? error.buf : strerror(-r));
		return EXIT_USAGE;
	}
	int status = run(&options);
	options_release(&options);
	return status;
}
