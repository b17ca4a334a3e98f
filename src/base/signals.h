/* SPDX-License-Identifier: MIT */
#ifndef BASE_SIGNALS_H
#define BASE_SIGNALS_H

#include <stdbool.h>

/*
 * Is this signal ignored, as nohup(1) and a shell's `trap '' HUP` leave it to what they
 * start? Such a signal is not to be blocked or waited for: blocked it would be kept.
 */
bool signal_is_ignored(int signo);

#endif
