/* SPDX-License-Identifier: MIT */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/escape.h"
#include "report/format.h"
#include "report/report.h"
#include "tui/state.h"

/* What the pane says above the table of processes, of a group. */
enum { GROUP_LINES = 5, PROCESS_LINES = 7 };

int view_details_rows(const struct tui *t)
{
	const struct row *row = model_selected(&t->model);

	if (!row)
		return 0;
	if (row->m)
		return 1 + PROCESS_LINES;
	return 1 + GROUP_LINES + 1 + (int)model_row_group(&t->model, row)->inst->nr;
}

static void draw_line(struct tui *t, int y, int end, const char *name, const struct strbuf *text)
{
	char head[16];

	if (y >= end)
		return;
	snprintf(head, sizeof(head), " %-10s ", name);
	draw_text(&t->screen, y, 0, 12, ROLE_DIM, head);
	draw_text(&t->screen, y, 12, t->screen.cols, ROLE_NORMAL, text->buf);
}

/* --- a group --------------------------------------------------------------------- */

static void say_state(const struct tui *t, const struct memory *g, struct strbuf *sb)
{
	char age[FORMAT_SIZE];

	strbuf_addf(sb, "%-8s", group_state(g));
	if (g->age_ms >= 0)
		strbuf_addf(sb, "  orphaned %s, seen ownerless on %u of %u ticks",
			    cell_age(age, sizeof(age), g->age_ms, g->exact, t->model.glyphs),
			    g->ticks, t->model.grace);
	if (g->kept)
		strbuf_addf(sb, "  %zu kept", g->kept);
}

static void say_owner(const struct tui *t, const struct memory *g, struct strbuf *sb)
{
	static const char *const words[] = {
		[OWNER_ALIVE] = "alive",
		[OWNER_GONE] = "GONE",
		[OWNER_UNKNOWN] = "unknown",
	};
	const struct snapshot *now = t->model.census->snapshot;
	const struct process *desktop = g->inst->desktop;
	char clock[FORMAT_SIZE];

	if (g->owner_pid > 0)
		strbuf_addf(sb, "pid %d ", (int)g->owner_pid);
	strbuf_addstr(sb, words[g->inst->owner]);
	if (g->inst->owner == OWNER_GONE && g->inst->former_gone_ms >= 0)
		strbuf_addf(
			sb, "  last seen %s",
			cell_since(clock, sizeof(clock),
				   now->realtime_ms - now->boottime_ms + g->inst->former_gone_ms,
				   now->realtime_ms));
	if (desktop) {
		strbuf_addstr(sb, "  ");
		model_command(&t->model, sb, desktop);
	}
	if (g->exe && g->inst->owner != OWNER_UNKNOWN) {
		strbuf_addstr(sb, "  exe ");
		escape_append_as(sb, (struct bytes){ g->exe, strlen(g->exe) },
				 t->model.glyphs->utf8);
	}
}

static void say_proof(const struct instance *inst, struct strbuf *sb)
{
	/* Short enough for 80 columns behind "SPROUT_MANAGED_AGENT in 12 of 12; ". */
	static const char *const texts[] = {
		[EVIDENCE_NONE] = "no desktop names this instance",
		[EVIDENCE_VALUE] = "its value names a live process",
		[EVIDENCE_DESCENT] = "an agent descends from a desktop",
		[EVIDENCE_ARGUMENTS] = "a desktop's arguments name it",
		[EVIDENCE_ENVIRONMENT] = "a desktop's environment names it",
		[EVIDENCE_FILES] = "a desktop holds files of it open",
		[EVIDENCE_DEFAULT] = "the default; a desktop names none",
		[EVIDENCE_CARRIER] = "a desktop carries it",
		[EVIDENCE_HUNG_UP] = "its client has died",
	};

	if (inst->owner == OWNER_UNKNOWN)
		strbuf_addstr(sb, report_doubt_text(inst->doubt));
	else
		strbuf_addstr(sb, texts[inst->evidence]);
}

static void say_evidence(const struct tui *t, const struct memory *g, struct strbuf *sb)
{
	const struct instance *inst = g->inst;
	const char *marker = inst->app->markers.nr ? inst->app->markers.items[0] : "";
	size_t marked = 0;

	for (size_t i = 0; i < inst->nr; i++) {
		const struct member *m = &t->model.census->members[inst->first + i];

		if (m->marker && !marked++)
			marker = m->marker;
	}
	escape_text(sb, marker);
	strbuf_addf(sb, " in %zu of %zu; ", marked, inst->nr);
	say_proof(inst, sb);
}

/* "3 sleeping, 1 zombie" */
static void say_states(const struct tui *t, const struct instance *inst, struct strbuf *sb)
{
	static const struct {
		const char *letters, *word;
	} words[] = {
		{ "R", "running" },  { "SI", "sleeping" }, { "D", "in disk wait" },
		{ "Tt", "stopped" }, { "ZX", "zombie" },
	};
	const char *comma = "";

	for (size_t w = 0; w < sizeof(words) / sizeof(words[0]); w++) {
		size_t nr = 0;

		for (size_t i = 0; i < inst->nr; i++) {
			char state = t->model.census->members[inst->first + i].proc->state;

			nr += state && strchr(words[w].letters, state);
		}
		if (nr) {
			strbuf_addf(sb, "%s%zu %s", comma, nr, words[w].word);
			comma = ", ";
		}
	}
}

static void say_processes(const struct tui *t, const struct memory *g, struct strbuf *sb)
{
	char name[33];

	strbuf_addf(sb, "%zu (", g->inst->nr);
	say_states(t, g->inst, sb);
	strbuf_addf(sb, ")  uid %lu ", (unsigned long)g->uid);
	escape_text(sb, model_user(&t->model, g->uid, name));
	if (g->inst->cgroup) {
		strbuf_addstr(sb, "  cgroup ");
		escape_append_as(sb, (struct bytes){ g->inst->cgroup, strlen(g->inst->cgroup) },
				 t->model.glyphs->utf8);
	}
}

static void say_totals(const struct tui *t, const struct memory *g, struct strbuf *sb)
{
	const struct census *c = t->model.census;
	char cpu[FORMAT_SIZE], rss[FORMAT_SIZE], age[FORMAT_SIZE];
	int64_t oldest = -1;

	for (size_t i = 0; i < g->inst->nr; i++) {
		int64_t ms = census_age_ms(c, c->members[g->inst->first + i].proc);

		oldest = ms > oldest ? ms : oldest;
	}
	strbuf_addf(sb, "CPU %s%%  RSS %s  threads %lu  oldest %s",
		    format_cpu(cpu, sizeof(cpu), g->inst->cpu_pct),
		    format_kib(rss, sizeof(rss), g->inst->rss_kib), g->threads,
		    format_age(age, sizeof(age), oldest));
}

static void draw_process(struct tui *t, int y, const struct member *m)
{
	_cleanup_strbuf_ struct strbuf sb = STRBUF_INIT;
	char age[FORMAT_SIZE], cpu[FORMAT_SIZE], rss[FORMAT_SIZE];
	const struct process *p = m->proc;

	strbuf_addf(&sb, "%7d%7d %c %6s %5s %5s ", (int)p->id.pid, (int)p->ppid,
		    p->state ? p->state : '?',
		    format_age(age, sizeof(age), census_age_ms(t->model.census, p)),
		    format_cpu(cpu, sizeof(cpu), m->cpu_pct),
		    format_kib(rss, sizeof(rss), p->rss_kib));
	model_command(&t->model, &sb, p);
	draw_text(&t->screen, y, 0, t->screen.cols, ROLE_NORMAL, sb.buf);
}

static void draw_table(struct tui *t, int y, int end, const struct memory *g)
{
	_cleanup_free_ struct row *rows = calloc(g->inst->nr + 1, sizeof(*rows));
	size_t nr = 0;

	if (y < end)
		draw_text(&t->screen, y++, 0, t->screen.cols, ROLE_BOLD,
			  "    PID   PPID S    AGE  CPU%   RSS COMMAND");
	if (!rows || model_tree(&t->model, g, rows, &nr) < 0)
		return;
	for (size_t i = 0; i < nr && y < end; i++, y++) {
		if (y == end - 1 && i + 1 < nr) {
			_cleanup_strbuf_ struct strbuf sb = STRBUF_INIT;

			strbuf_addf(&sb, "        and %zu more; expand the group to see all",
				    nr - i);
			draw_text(&t->screen, y, 0, t->screen.cols, ROLE_DIM, sb.buf);
			return;
		}
		draw_process(t, y, rows[i].m);
	}
}

static const struct {
	const char *name;
	void (*say)(const struct tui *t, const struct memory *g, struct strbuf *sb);
} group_lines[GROUP_LINES] = {
	{ "State", say_state },		{ "Owner", say_owner },	  { "Evidence", say_evidence },
	{ "Processes", say_processes }, { "Totals", say_totals },
};

/* --- a process --------------------------------------------------------------------- */

static void process_state_line(const struct tui *t, const struct member *m, struct strbuf *sb)
{
	const struct memory *g = model_row_group(&t->model, model_selected(&t->model));

	strbuf_addf(sb, "%s  %s: %s", process_state(g, m), member_role_name(m->role),
		    report_reason_text(m->reason));
	if (m->because)
		strbuf_addf(sb, " (pid %d)", (int)m->because->id.pid);
}

static void process_sweep_line(const struct tui *t, const struct member *m, struct strbuf *sb)
{
	const struct engine_settings *set = &t->options->sweep.settings;
	struct verdict_ask ask = {
		.face = FACE_SWEEP,
		.grace = set->grace,
		.reap_detached = set->reap_detached,
		.of = &t->model.census->instances[m->instance],
	};
	enum verdict_why why = verdict_of(t->model.census, m, &ask);

	if (m->condemned)
		strbuf_addstr(sb, "the next one ends it");
	else if (why == WHY_TICKS || why == WHY_MAY_END)
		strbuf_addf(sb, "an orphan on %u of %u ticks", m->ticks, set->grace);
	else
		strbuf_addf(sb, "leaves it alone: %s", verdict_text(why));
}

static void process_command_line(const struct tui *t, const struct member *m, struct strbuf *sb)
{
	model_command(&t->model, sb, m->proc);
}

static void process_place_line(const struct tui *t, const struct member *m, struct strbuf *sb)
{
	const struct process *parent = snapshot_find(t->model.census->snapshot, m->proc->ppid);

	strbuf_addf(sb, "%d", (int)m->proc->ppid);
	if (parent) {
		strbuf_addch(sb, ' ');
		escape_append_as(sb, (struct bytes){ parent->comm, strlen(parent->comm) },
				 t->model.glyphs->utf8);
	}
	strbuf_addf(sb, "  group %d  session %d", (int)m->proc->pgid, (int)m->proc->sid);
}

static void process_marker_line(const struct tui *t, const struct member *m, struct strbuf *sb)
{
	const struct census *c = t->model.census;

	if (m->marker)
		escape_text(sb, m->marker);
	else if (m->inferred_from != CENSUS_NONE)
		strbuf_addf(sb, "none of its own; belongs to pid %d",
			    (int)c->members[m->inferred_from].proc->id.pid);
	else
		strbuf_addstr(sb, "none of its own");
}

static void process_exe_line(const struct tui *t, const struct member *m, struct strbuf *sb)
{
	const char *exe = m->proc->exe;

	if (exe)
		escape_append_as(sb, (struct bytes){ exe, strlen(exe) }, t->model.glyphs->utf8);
	else
		strbuf_addch(sb, '-');
}

static void process_totals_line(const struct tui *t, const struct member *m, struct strbuf *sb)
{
	char cpu[FORMAT_SIZE], rss[FORMAT_SIZE], age[FORMAT_SIZE];

	strbuf_addf(sb, "CPU %s%%  RSS %s  threads %u  age %s",
		    format_cpu(cpu, sizeof(cpu), m->cpu_pct),
		    format_kib(rss, sizeof(rss), m->proc->rss_kib), m->proc->threads,
		    format_age(age, sizeof(age), census_age_ms(t->model.census, m->proc)));
	for (size_t i = 0; m->ports_known && i < m->nr_ports; i++)
		strbuf_addf(sb, "%s%u", i ? " " : "  listens on ", (unsigned)m->ports[i]);
}

static const struct {
	const char *name;
	void (*say)(const struct tui *t, const struct member *m, struct strbuf *sb);
} process_lines[PROCESS_LINES] = {
	{ "State", process_state_line },     { "Sweep", process_sweep_line },
	{ "Command", process_command_line }, { "Program", process_exe_line },
	{ "Parent", process_place_line },    { "Marker", process_marker_line },
	{ "Totals", process_totals_line },
};

/* --- the pane ---------------------------------------------------------------------- */

static void draw_title(struct tui *t, int y, const struct row *row)
{
	_cleanup_strbuf_ struct strbuf title = STRBUF_INIT, name = STRBUF_INIT;
	const struct memory *g = model_row_group(&t->model, row);
	int room = t->screen.cols - 20;

	strbuf_addstr(&title, "Details: ");
	if (row->m)
		strbuf_addf(&title, "pid %d of ", (int)row->m->proc->id.pid);
	model_id(&name, g->inst->id, t->model.glyphs->utf8);
	text_tail(&title, name.buf, room > 4 ? (size_t)room : 4, t->model.glyphs);
	draw_rule(&t->screen, y, title.buf);
}

void view_details(struct tui *t, int y, int rows)
{
	const struct row *row = model_selected(&t->model);
	int end = y + rows;

	if (!row || rows < 1)
		return;
	draw_title(t, y++, row);
	for (int i = 0; row->m && i < PROCESS_LINES; i++, y++) {
		_cleanup_strbuf_ struct strbuf sb = STRBUF_INIT;

		process_lines[i].say(t, row->m, &sb);
		draw_line(t, y, end, process_lines[i].name, &sb);
	}
	for (int i = 0; !row->m && i < GROUP_LINES; i++, y++) {
		_cleanup_strbuf_ struct strbuf sb = STRBUF_INIT;

		group_lines[i].say(t, model_row_group(&t->model, row), &sb);
		draw_line(t, y, end, group_lines[i].name, &sb);
	}
	if (!row->m)
		draw_table(t, y, end, model_row_group(&t->model, row));
}
