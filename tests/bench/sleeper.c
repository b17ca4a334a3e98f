/* SPDX-License-Identifier: MIT */
/* A process of the benchmark's fleet: static, small, waits. With an argument it ignores SIGTERM. */
#include <signal.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	(void)argv;
	if (argc > 1)
		signal(SIGTERM, SIG_IGN);
	for (;;)
		pause();
}
