/* SPDX-License-Identifier: MIT */
#ifndef REPORT_LEAK_TEXT_H
#define REPORT_LEAK_TEXT_H

#include "base/strbuf.h"
#include "report/report.h"

/*
 * One leak in one sentence, escaped, UTF-8, without a newline: what the formats
 * of CI systems show. They still have to quote it in their own way.
 * "pid 4300 goose of xyz.block.sprout.app (sprout), orphan for >=12m, adopted by pid 1 systemd"
 */
void leak_sentence(struct strbuf *sb, const struct leak_report *r, const struct leak *row);

/* Append the other facts, one line each ("listens on 8080\n"). */
void leak_details(struct strbuf *sb, const struct leak_report *r, const struct leak *row,
		  const struct report_options *o);

/*
 * Append its recorded parents, or else its present one:
 * "was a child of pid 12 npm (of pid 9 make)", "child of ..." while that parent lives.
 */
void leak_parentage(struct strbuf *sb, const struct leak_report *r, const struct leak *row,
		    bool utf8);

/* Does the report say of the row that it is kept? */
bool leak_is_kept(const struct leak_report *r, const struct leak *row);

/* "orphan for >=12m", "unknown: " and why. */
void leak_state(struct strbuf *sb, const struct leak_report *r, const struct leak *row, bool utf8);

/* "goose (pid 4300)", escaped. */
void leak_title(struct strbuf *sb, const struct leak *row);

#endif
