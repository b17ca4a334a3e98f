/* SPDX-License-Identifier: MIT */
#include "report/leak_text.h"

#include <string.h>

#include "base/escape.h"
#include "report/format.h"

void leak_title(struct strbuf *sb, const struct leak *row)
{
	const struct process *p = row->member->proc;

	escape_text(sb, p->comm);
	strbuf_addf(sb, " (pid %d)", (int)p->id.pid);
}

static void add_pid(struct strbuf *sb, pid_t pid, const char *name, bool utf8)
{
	strbuf_addf(sb, "pid %d ", (int)pid);
	escape_append_as(sb, (struct bytes){ name, strlen(name) }, utf8);
}

static void add_ancestors(struct strbuf *sb, const struct leak *row, bool utf8)
{
	const struct leak_ancestor *parent = row->ancestors;
	bool still = parent->id.pid == row->member->proc->ppid;

	strbuf_addstr(sb, still ? "child of " : "was a child of ");
	add_pid(sb, parent->id.pid, parent->name, utf8);
	for (size_t i = 1; i < row->nr_ancestors; i++) {
		strbuf_addstr(sb, i == 1 ? " (of " : ", of ");
		add_pid(sb, row->ancestors[i].id.pid, row->ancestors[i].name, utf8);
	}
	if (row->nr_ancestors > 1)
		strbuf_addch(sb, ')');
}

void leak_parentage(struct strbuf *sb, const struct leak_report *r, const struct leak *row,
		    bool utf8)
{
	const struct process *parent = leak_parent(r, row);
	enum member_state state = row->member->state;
	bool lost = state == STATE_ORPHAN || state == STATE_DETACHED;

	if (row->nr_ancestors) {
		add_ancestors(sb, row, utf8);
	} else if (r->command) {
		strbuf_addstr(sb, "its parent had ended before it was seen");
	} else if (parent) {
		strbuf_addstr(sb, lost ? "adopted by " : "child of ");
		add_pid(sb, parent->id.pid, parent->comm, utf8);
	} else if (row->member->proc->ppid > 0) {
		strbuf_addf(sb, "%s pid %d", lost ? "adopted by" : "child of",
			    (int)row->member->proc->ppid);
	} else {
		strbuf_addstr(sb, "no parent in this pid namespace");
	}
}

bool leak_is_kept(const struct leak_report *r, const struct leak *row)
{
	/* The terminal that a command's leftovers are in front of is the one it was started at. */
	return row->kept != WHY_MAY_END && !(r->command && row->kept == WHY_TERMINAL);
}

static void add_doubt(struct strbuf *sb, const struct leak_report *r, const struct leak *row)
{
	const struct instance *inst = leak_instance(r, row);

	strbuf_addstr(sb, ": ");
	if (inst->doubt != DOUBT_NONE)
		report_doubt(sb, inst);
	else
		strbuf_addstr(sb, report_reason_text(row->member->reason));
}

void leak_state(struct strbuf *sb, const struct leak_report *r, const struct leak *row, bool utf8)
{
	const struct member *m = row->member;
	int64_t orphan_ms = m->state == STATE_ORPHAN ? census_orphan_age_ms(r->census, m) : -1;
	char age[FORMAT_SIZE];

	strbuf_addstr(sb, member_state_name(m->state));
	if (orphan_ms >= 0)
		strbuf_addf(sb, " for %s",
			    format_orphan_age(age, sizeof(age), orphan_ms, m->orphan_exact, utf8));
	if (m->state == STATE_UNKNOWN)
		add_doubt(sb, r, row);
}

static void add_instance(struct strbuf *sb, const struct leak_report *r, const struct leak *row)
{
	const struct instance *inst = leak_instance(r, row);

	strbuf_addstr(sb, " of ");
	escape_append(sb, inst->id);
	strbuf_addstr(sb, " (");
	escape_text(sb, inst->app->name);
	strbuf_addstr(sb, "), ");
	leak_state(sb, r, row, false);
}

void leak_sentence(struct strbuf *sb, const struct leak_report *r, const struct leak *row)
{
	add_pid(sb, row->member->proc->id.pid, row->member->proc->comm, true);
	if (r->command) {
		strbuf_addstr(sb, ", left by ");
		escape_text(sb, r->command);
	} else {
		add_instance(sb, r, row);
	}
	if (leak_is_kept(r, row))
		strbuf_addf(sb, ", kept: %s", verdict_text(row->kept));
	strbuf_addstr(sb, ", ");
	leak_parentage(sb, r, row, true);
}

static void add_owner(struct strbuf *sb, const struct instance *inst)
{
	strbuf_addf(sb, "owner: %s", owner_state_name(inst->owner));
	if (inst->evidence != EVIDENCE_NONE)
		strbuf_addf(sb, " by %s", owner_evidence_name(inst->evidence));
	if (inst->doubt != DOUBT_NONE)
		strbuf_addf(sb, ", %s", report_doubt_text(inst->doubt));
	if (inst->desktop) {
		strbuf_addf(sb, ", pid %d ", (int)inst->desktop->id.pid);
		escape_text(sb, inst->desktop->comm);
	}
	report_lift(sb, inst);
	strbuf_addch(sb, '\n');
}

void leak_details(struct strbuf *sb, const struct leak_report *r, const struct leak *row,
		  const struct report_options *o)
{
	const struct process *p = row->member->proc;
	char age[FORMAT_SIZE], rss[FORMAT_SIZE];

	/* Of a command that has ended, stray itself is the owner. */
	if (!r->command)
		add_owner(sb, leak_instance(r, row));
	strbuf_addf(sb, "started: %s ago\nmemory: %s\n",
		    format_age(age, sizeof(age), census_age_ms(r->census, p)),
		    format_kib(rss, sizeof(rss), p->rss_kib));
	if (o->show_args && p->args_read == READ_DONE && p->args.len) {
		strbuf_addstr(sb, "runs: ");
		escape_args(sb, p->args, true);
		strbuf_addch(sb, '\n');
	}
	if (row->ports_known && row->nr_ports) {
		strbuf_addstr(sb, "listens on:");
		for (size_t i = 0; i < row->nr_ports; i++)
			strbuf_addf(sb, " %u", row->ports[i]);
		strbuf_addch(sb, '\n');
	}
	for (size_t i = 0; i < row->nr_files; i++) {
		strbuf_addstr(sb, "has open: ");
		escape_text(sb, row->files[i]);
		strbuf_addch(sb, '\n');
	}
	if (row->more_files)
		strbuf_addf(sb, "and %zu more files\n", row->more_files);
}
