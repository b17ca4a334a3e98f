/* SPDX-License-Identifier: MIT */
/* Why an owner is unknown: the process that makes it so, and what would lift the doubt. */
#include "base/escape.h"
#include "report/report.h"

void report_lift(struct strbuf *sb, const struct instance *inst)
{
	if (inst->doubt == DOUBT_PARENT && inst->desktop) {
		strbuf_addstr(sb, "; `adopter = ");
		escape_text(sb, inst->desktop->comm);
		strbuf_addstr(sb, "` says that it only adopted it");
	}
	if (inst->doubt == DOUBT_SERVICE && inst->unit) {
		strbuf_addstr(sb, ": ");
		escape_text(sb, inst->unit);
	}
	if (inst->doubt == DOUBT_NAMELESS) {
		strbuf_addstr(sb, "; `named = ");
		escape_append(sb, inst->id);
		strbuf_addstr(sb, "` says that its desktops always name it");
	}
	if (inst->doubt == DOUBT_HIDDEN)
		strbuf_addstr(sb, "; root sees all of them, and so does a group that /proc is "
				  "mounted for (gid=)");
}

void report_doubt(struct strbuf *sb, const struct instance *inst)
{
	strbuf_addstr(sb, report_doubt_text(inst->doubt));
	if (inst->desktop) {
		strbuf_addf(sb, ": pid %d ", (int)inst->desktop->id.pid);
		escape_text(sb, inst->desktop->comm);
	}
	report_lift(sb, inst);
}
