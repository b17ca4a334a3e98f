/* SPDX-License-Identifier: MIT */
#ifndef ENGINE_QUOTE_H
#define ENGINE_QUOTE_H

#include "stray/process.h"

/*
 * @text for a warning: printable ASCII as it is, every other byte and the
 * backslash as \xHH. On the heap; NULL: out of memory.
 */
char *quote_bytes(struct bytes text);
char *quote_text(const char *text);

#endif
