/* SPDX-License-Identifier: MIT */
/* A process of the benchmark's fleet: static, small, waits for a signal. */
#include <unistd.h>

int main(void)
{
	for (;;)
		pause();
}
