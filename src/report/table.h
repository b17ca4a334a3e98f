/* SPDX-License-Identifier: MIT */
#ifndef REPORT_TABLE_H
#define REPORT_TABLE_H

#include "report/report.h"

/*
 * `--list` as ps(1) has it: a line for each process of each instance, with the columns and
 * in the order that are asked for.
 */
struct table_options {
	const char *columns; /* "pid,name=TITLE,..." as of -o; NULL: the usual ones */
	const char *sort;    /* "-rss,pid" as of --sort: - for descending; NULL: as they come */
	bool no_headers;
};

/* Are these columns and orders known? 0, or -EINVAL and what is wrong in @error. */
int table_check(const struct table_options *t, const struct report_options *o,
		struct strbuf *error);

/* Append the table; table_check() has passed it. 0 or -ENOMEM. */
int table_write(struct strbuf *sb, const struct census *c, const struct table_options *t,
		const struct report_options *o);

#endif
