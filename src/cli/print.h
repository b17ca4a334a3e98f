/* SPDX-License-Identifier: MIT */
#ifndef CLI_PRINT_H
#define CLI_PRINT_H

#include "cli/session.h"

/* Printing reports to stdout, for the faces. */

/*
 * Choose colour, width and UTF-8 for writing to @fd (-1: a file) from the terminal, the
 * options, NO_COLOR and COLUMNS.
 */
struct report_options print_options(const struct session *s, int fd);

/*
 * Write @sb to stdout, until a stop signal is pending. A failure is only a warning,
 * because what the text reports was done all the same.
 */
void print_tell(const struct session *s, const struct strbuf *sb);

/* Write all of @sb to stdout. Returns 0, or EXIT_UNKNOWN after a message. */
int print_all(const struct strbuf *sb);

#endif
