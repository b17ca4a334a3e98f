#include "report/leak_text.h"

#include "report/escape.h"
#include "report/format.h"

void leak_title(struct strbuf *sb, const struct leak *row)
{
	const struct process *p = row->member->proc;

	escape_text(sb, p->comm);
	strbuf_addf(sb, " (pid %d)", (int)p->id.pid);
}

void leak_sentence(struct strbuf *sb, const struct leak_report *r, const struct leak *row)
{
	const struct instance *inst = leak_instance(r, row);
	const struct member *m = row->member;
	const struct process *parent = leak_parent(r, row);
	int64_t orphan_ms = m->state == STATE_ORPHAN ? census_orphan_age_ms(r->census, m) : -1;
	char age[FORMAT_SIZE];

	strbuf_addf(sb, "pid %d ", (int)m->proc->id.pid);
	escape_text(sb, m->proc->comm);
	strbuf_addstr(sb, " of ");
	escape_append(sb, inst->id);
	strbuf_addstr(sb, " (");
	escape_text(sb, inst->app->name);
	strbuf_addf(sb, "): %s", member_state_name(m->state));
	if (orphan_ms >= 0)
		strbuf_addf(sb, " for %s",
			    format_orphan_age(age, sizeof(age), orphan_ms, m->orphan_exact, false));
	if (m->state == STATE_UNKNOWN)
		strbuf_addf(sb, ", %s", report_reason_text(m->reason));
	if (row->kept != WHY_MAY_END)
		strbuf_addf(sb, ", kept: %s", verdict_text(row->kept));
	if (parent) {
		strbuf_addf(sb, ", child of pid %d ", (int)parent->id.pid);
		escape_text(sb, parent->comm);
	}
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
	strbuf_addch(sb, '\n');
}

void leak_details(struct strbuf *sb, const struct leak_report *r, const struct leak *row,
		  const struct report_options *o)
{
	const struct process *p = row->member->proc;
	char age[FORMAT_SIZE], rss[FORMAT_SIZE];

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
