/* SPDX-License-Identifier: MIT */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/array.h"
#include "base/cleanup.h"
#include "base/escape.h"
#include "report/format.h"
#include "report/report.h"
#include "tui/state.h"

/* The lines of the pane before they are cut to it. */
struct line {
	const char *label; /* static; "": goes on, or a row of the table */
	char *text;
	enum role role;
};

struct pane {
	struct line *lines;
	size_t nr, alloc;
	size_t columns; /* for the text behind a label */
};

enum { LABEL_WIDTH = 12 };

static void pane_release(struct pane *p)
{
	for (size_t i = 0; i < p->nr; i++)
		free(p->lines[i].text);
	free(p->lines);
}

/* One line as it stands; without memory it is left out. */
static void add_line(struct pane *p, const char *label, enum role role, const char *text,
		     size_t len)
{
	struct line line = { .label = label, .role = role, .text = strndup(text, len) };

	if (!line.text || ARRAY_GROW(p->lines, p->nr, p->alloc))
		free(line.text);
	else
		p->lines[p->nr++] = line;
}

/* A text behind its label, in as many lines as it takes. */
static void add_text(struct pane *p, const char *label, const struct strbuf *text)
{
	const char *at = text->buf;
	size_t next;

	do {
		size_t len = text_break(at, p->columns ? p->columns : 1, &next);

		add_line(p, label, ROLE_NORMAL, at, len);
		label = "";
		at += next;
	} while (*at);
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
		report_doubt(sb, inst);
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
	if (*marker) {
		escape_text(sb, marker);
		strbuf_addf(sb, " in %zu of %zu; ", marked, inst->nr);
	} else {
		strbuf_addstr(sb, "no marker (app ");
		escape_text(sb, inst->app->name);
		strbuf_addstr(sb, "); ");
	}
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
	strbuf_addf(sb, ")  uid %lu ", (unsigned long)g->key.uid);
	escape_text(sb, model_user(&t->model, g->key.uid, name));
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

static void say_ports(const struct tui *t, const struct memory *g, struct strbuf *sb)
{
	const struct census *c = t->model.census;
	const char *between = "";

	for (size_t i = 0; i < g->inst->nr; i++) {
		const struct member *m = &c->members[g->inst->first + i];

		for (size_t k = 0; m->ports_known && k < m->nr_ports; k++) {
			strbuf_addf(sb, "%s%u (pid %d)", between, (unsigned)m->ports[k],
				    (int)m->proc->id.pid);
			between = ", ";
		}
	}
}

static double trend_at(const struct trend *t, int what, size_t i)
{
	return what == 0   ? (double)t->cpu_pct[i]
	       : what == 1 ? (double)t->rss_kib[i]
			   : (double)t->processes[i];
}

/* How it went lately: CPU of a core, memory and processes of their own most. */
static void say_trend(const struct tui *t, const struct memory *g, struct strbuf *sb)
{
	static const char *const names[] = { "CPU ", "  RSS ", "  processes " };

	for (int what = 0; what < 3; what++) {
		double most = what == 0 ? 100 : 0;

		for (size_t i = 0; i < g->trend.nr; i++)
			most = trend_at(&g->trend, what, i) > most ? trend_at(&g->trend, what, i)
								   : most;
		strbuf_addstr(sb, names[what]);
		for (size_t i = 0; i < g->trend.nr; i++)
			cell_trend(sb, trend_at(&g->trend, what, i), most, t->screen.glyphs);
	}
}

static void process_row(const struct tui *t, struct pane *p, const struct member *m)
{
	_cleanup_strbuf_ struct strbuf sb = STRBUF_INIT;
	char age[FORMAT_SIZE], cpu[FORMAT_SIZE], rss[FORMAT_SIZE];
	const struct process *proc = m->proc;

	strbuf_addf(&sb, "%7d%7d %c %6s %5s %5s ", (int)proc->id.pid, (int)proc->ppid,
		    proc->state ? proc->state : '?',
		    format_age(age, sizeof(age), census_age_ms(t->model.census, proc)),
		    format_cpu(cpu, sizeof(cpu), m->cpu_pct),
		    format_kib(rss, sizeof(rss), proc->rss_kib));
	model_command(&t->model, &sb, proc);
	add_line(p, NULL, ROLE_NORMAL, sb.buf, sb.len);
}

/* Where the group is open in the list, its processes stand there. */
static void add_table(const struct tui *t, struct pane *p, const struct memory *g)
{
	static const char heading[] = "    PID   PPID S    AGE  CPU%   RSS COMMAND";
	_cleanup_free_ struct row *rows = calloc(g->inst->nr + 1, sizeof(*rows));
	size_t nr = 0;

	if (g->expanded || g->hit || !rows || model_tree(&t->model, g, rows, &nr) < 0)
		return;
	add_line(p, NULL, ROLE_BOLD, heading, strlen(heading));
	for (size_t i = 0; i < nr; i++)
		process_row(t, p, rows[i].m);
}

static const struct {
	const char *name;
	void (*say)(const struct tui *t, const struct memory *g, struct strbuf *sb);
} group_lines[] = {
	{ "State", say_state },		{ "Owner", say_owner },	  { "Evidence", say_evidence },
	{ "Processes", say_processes }, { "Totals", say_totals }, { "Trend", say_trend },
	{ "Ports", say_ports },
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
	else if (m->remembered)
		strbuf_addstr(sb, "none of its own; remembered from an earlier tick");
	else if (c->instances[m->instance].app->stdio)
		strbuf_addstr(sb, "none; its client has died, its standard input and output are "
				  "closed at the other end");
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
	char cpu[FORMAT_SIZE], rss[FORMAT_SIZE], age[FORMAT_SIZE], waits_in[64];
	pid_t pid = m->proc->id.pid;
	int nice;

	strbuf_addf(sb, "CPU %s%%  RSS %s  threads %u  age %s",
		    format_cpu(cpu, sizeof(cpu), m->cpu_pct),
		    format_kib(rss, sizeof(rss), m->proc->rss_kib), m->proc->threads,
		    format_age(age, sizeof(age), census_age_ms(t->model.census, m->proc)));
	for (size_t i = 0; m->ports_known && i < m->nr_ports; i++)
		strbuf_addf(sb, "%s%u", i ? " " : "  listens on ", (unsigned)m->ports[i]);
	if (!t->options->details || !t->options->details(pid, &nice, waits_in, sizeof(waits_in)))
		return;
	strbuf_addf(sb, "  nice %d", nice);
	if (waits_in[0])
		strbuf_addf(sb, "  waits in %s", waits_in);
}

static void process_folder_line(const struct tui *t, const struct member *m, struct strbuf *sb)
{
	char folder[4096];

	if (!t->options->folder || !t->options->folder(m->proc->id.pid, folder, sizeof(folder))) {
		strbuf_addch(sb, '-');
		return;
	}
	escape_append_as(sb, (struct bytes){ folder, strlen(folder) }, t->model.glyphs->utf8);
}

static void process_start_line(const struct tui *t, const struct member *m, struct strbuf *sb)
{
	const struct snapshot *now = t->model.census->snapshot;
	int64_t age = census_age_ms(t->model.census, m->proc);
	time_t start = (time_t)((now->realtime_ms - age) / 1000);
	char text[64], ago[FORMAT_SIZE];
	struct tm tm;

	if (localtime_r(&start, &tm) && strftime(text, sizeof(text), "%Y-%m-%d %H:%M:%S", &tm))
		strbuf_addf(sb, "%s, %s ago", text, format_age(ago, sizeof(ago), age));
}

/* The numbers are those of Linux (admin-guide/devices.txt). */
static void process_terminal_line(const struct tui *t, const struct member *m, struct strbuf *sb)
{
	unsigned tty = (unsigned)m->proc->tty_nr, major = tty >> 8 & 0xfff;
	unsigned minor = (tty & 0xff) | (tty >> 12 & 0xfff00);

	(void)t;
	if (!tty)
		strbuf_addstr(sb, "none");
	else if (major >= 136 && major <= 143)
		strbuf_addf(sb, "pts/%u", (major - 136) * 256 + minor);
	else if (major == 4)
		strbuf_addf(sb, minor < 64 ? "tty%u" : "ttyS%u", minor < 64 ? minor : minor - 64);
	else
		strbuf_addf(sb, "device %u:%u", major, minor);
}

static const struct {
	const char *name;
	void (*say)(const struct tui *t, const struct member *m, struct strbuf *sb);
} process_lines[] = {
	{ "State", process_state_line },       { "Sweep", process_sweep_line },
	{ "Command", process_command_line },   { "Program", process_exe_line },
	{ "Folder", process_folder_line },     { "Started", process_start_line },
	{ "Terminal", process_terminal_line }, { "Parent", process_place_line },
	{ "Marker", process_marker_line },     { "Totals", process_totals_line },
};

/* --- the pane ---------------------------------------------------------------------- */

static void draw_title(struct tui *t, int y, const struct row *row)
{
	_cleanup_strbuf_ struct strbuf title = STRBUF_INIT, name = STRBUF_INIT;
	const struct memory *g = model_row_group(&t->model, row);
	int room = t->screen.cols - 36;

	strbuf_addstr(&title, "Details: ");
	if (row->m)
		strbuf_addf(&title, "pid %d of ", (int)row->m->proc->id.pid);
	model_id(&name, g->inst->id, t->model.glyphs->utf8);
	text_tail(&title, name.buf, room > 4 ? (size_t)room : 4, t->model.glyphs);
	draw_rule(&t->screen, y, title.buf);
}

/* Everything that there is to say of @row. */
static void fill(const struct tui *t, const struct row *row, struct pane *p)
{
	const struct memory *g = model_row_group(&t->model, row);

	p->columns = t->screen.cols > LABEL_WIDTH ? (size_t)(t->screen.cols - LABEL_WIDTH) : 1;
	for (size_t i = 0; row->m && i < ARRAY_SIZE(process_lines); i++) {
		_cleanup_strbuf_ struct strbuf sb = STRBUF_INIT;

		process_lines[i].say(t, row->m, &sb);
		add_text(p, process_lines[i].name, &sb);
	}
	for (size_t i = 0; !row->m && i < ARRAY_SIZE(group_lines); i++) {
		_cleanup_strbuf_ struct strbuf sb = STRBUF_INIT;

		group_lines[i].say(t, g, &sb);
		if (sb.len)
			add_text(p, group_lines[i].name, &sb);
	}
	if (!row->m)
		add_table(t, p, g);
}

int view_details_rows(const struct tui *t)
{
	_cleanup_(pane_release) struct pane p = { 0 };
	const struct row *row = model_selected(&t->model);

	if (!row)
		return 0;
	fill(t, row, &p);
	return 1 + (int)p.nr;
}

int view_details_room(int rows)
{
	int most = rows * 2 / 3;

	return most > 1 ? most : 0; /* a title alone says nothing */
}

static void draw_line(struct tui *t, int y, const struct line *line)
{
	struct screen *s = &t->screen;
	char head[16];

	if (!line->label) {
		draw_text(s, y, 0, s->cols, line->role, line->text);
		return;
	}
	snprintf(head, sizeof(head), " %-10s ", line->label);
	draw_text(s, y, 0, LABEL_WIDTH, ROLE_DIM, head);
	draw_text(s, y, LABEL_WIDTH, s->cols, line->role, line->text);
}

void view_details(struct tui *t, int y, int rows)
{
	_cleanup_(pane_release) struct pane p = { 0 };
	const struct row *row = model_selected(&t->model);
	size_t fit = rows > 1 ? (size_t)rows - 1 : 0;
	char range[64];

	if (!row || rows < 1)
		return;
	fill(t, row, &p);
	draw_title(t, y, row);
	t->details_more = p.nr > fit;
	if (t->details_offset + fit > p.nr)
		t->details_offset = p.nr > fit ? p.nr - fit : 0;
	if (t->details_more) {
		snprintf(range, sizeof(range), " PgDn %zu-%zu of %zu ", t->details_offset + 1,
			 t->details_offset + fit, p.nr);
		draw_right(&t->screen, y, 0, t->screen.cols - 2, ROLE_BOLD, range);
	}
	for (size_t i = 0; i < fit && t->details_offset + i < p.nr; i++)
		draw_line(t, y + 1 + (int)i, &p.lines[t->details_offset + i]);
}
