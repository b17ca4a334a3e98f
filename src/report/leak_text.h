#ifndef REPORT_LEAK_TEXT_H
#define REPORT_LEAK_TEXT_H

#include "base/strbuf.h"
#include "report/report.h"

/*
 * One leak in one sentence, escaped, UTF-8, without a newline: what the formats
 * of CI systems show. They still have to quote it in their own way.
 * "pid 4300 goose of xyz.block.sprout.app (sprout): orphan for >=12m, child of pid 1 systemd"
 */
void leak_sentence(struct strbuf *sb, const struct leak_report *r, const struct leak *row);

/* What else is known, one line each ("listens on 8080\n"). */
void leak_details(struct strbuf *sb, const struct leak_report *r, const struct leak *row,
		  const struct report_options *o);

/* "goose (pid 4300)", escaped. */
void leak_title(struct strbuf *sb, const struct leak *row);

#endif
