/* SPDX-License-Identifier: MIT */
#include "base/signals.h"

#include <signal.h>

bool signal_is_ignored(int signo)
{
	struct sigaction action;

	return sigaction(signo, NULL, &action) == 0 && action.sa_handler == SIG_IGN;
}
