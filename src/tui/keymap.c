/* SPDX-License-Identifier: MIT */
#include "tui/keymap.h"

#include <string.h>

#include "base/array.h"
#include "base/escape.h"

/* Columns of the help, counted from the dialog's left edge. */
enum { HELP_KEYS = 7, HELP_SECOND = 36 };

/* The lines of the help that keys stand in. */
enum {
	L_MOVE,
	L_EXPAND,
	L_TAG,
	L_LOOK,
	L_FIND,
	L_LIST,
	L_SORT,
	L_REAP,
	L_SWEEP,
	L_OTHER,
	L_END,
	L_NR
};

static const char *const sections[L_NR] = {
	[L_MOVE] = "MOVE",
	[L_LOOK] = "LOOK",
	[L_REAP] = "ACT",
	[L_OTHER] = "OTHER",
};

const struct binding bindings[] = {
	{ .action = ACTION_HELP,
	  .keys = { K_F1, '?', 'h' },
	  .footer = "F1",
	  .letter = "?",
	  .label = "Help",
	  .rank = 1,
	  .line = L_OTHER,
	  .column = HELP_KEYS,
	  .help_keys = "? h F1",
	  .help = "help" },
	{ .action = ACTION_DETAILS,
	  .keys = { K_F2, K_ENTER, 'i' },
	  .footer = "F2",
	  .letter = "i",
	  .label = "Detail",
	  .rank = 4,
	  .line = L_LOOK,
	  .column = HELP_KEYS,
	  .help_keys = "Enter i F2",
	  .help = "details" },
	{ .action = ACTION_SEARCH,
	  .keys = { K_F3, '/' },
	  .footer = "F3",
	  .letter = "/",
	  .label = "Search",
	  .rank = 5,
	  .line = L_FIND,
	  .column = HELP_KEYS,
	  .help_keys = "/ F3",
	  .help = "search, n N next" },
	{ .action = ACTION_NEXT, .keys = { 'n' } },
	{ .action = ACTION_PREVIOUS, .keys = { 'N' } },
	{ .action = ACTION_FILTER,
	  .keys = { K_F4, '\\' },
	  .footer = "F4",
	  .letter = "\\",
	  .label = "Filter",
	  .label_on = "FILTER",
	  .rank = 2,
	  .line = L_FIND,
	  .column = HELP_SECOND,
	  .help_keys = "\\ F4",
	  .help = "filter !word cpu>50 rss>1G" },
	{ .action = ACTION_TREE,
	  .keys = { K_F5, 't' },
	  .footer = "F5",
	  .letter = "t",
	  .label = "Tree",
	  .label_on = "TREE",
	  .rank = 4,
	  .line = L_EXPAND,
	  .column = HELP_SECOND,
	  .help_keys = "t F5",
	  .help = "expand or collapse all" },
	{ .action = ACTION_SORT,
	  .keys = { K_F6, 's' },
	  .footer = "F6",
	  .letter = "s",
	  .label = "Sort",
	  .rank = 5,
	  .line = L_SORT,
	  .column = HELP_KEYS,
	  .help_keys = "s F6 < >",
	  .help = "sort" },
	{ .action = ACTION_SORT_LEFT, .keys = { '<' } },
	{ .action = ACTION_SORT_RIGHT, .keys = { '>' } },
	{ .action = ACTION_INVERT,
	  .keys = { 'I' },
	  .line = L_SORT,
	  .column = 26,
	  .help_keys = "I",
	  .help = "invert" },
	{ .action = ACTION_SWEEP,
	  .keys = { K_F7, 'S' },
	  .footer = "F7",
	  .letter = "S",
	  .label = "Sweep",
	  .rank = 3,
	  .line = L_SWEEP,
	  .column = HELP_KEYS,
	  .help_keys = "S F7",
	  .help = "arm / disarm background sweep (arming asks first)" },
	{ .action = ACTION_LOG,
	  .keys = { K_F8, 'l' },
	  .footer = "F8",
	  .letter = "l",
	  .label = "Log",
	  .rank = 4,
	  .line = L_LOOK,
	  .column = HELP_SECOND,
	  .help_keys = "l F8",
	  .help = "event log, w writes it" },
	{ .action = ACTION_REAP,
	  .keys = { K_F9, 'k', K_DELETE },
	  .footer = "F9",
	  .letter = "k",
	  .label = "Reap",
	  .rank = 1,
	  .line = L_REAP,
	  .column = HELP_KEYS,
	  .help_keys = "k F9",
	  .help = "reap selected or tagged groups (asks first)" },
	{ .action = ACTION_QUIT,
	  .keys = { K_F10, 'q', K_CTRL('c') },
	  .footer = "F10",
	  .letter = "q",
	  .label = "Quit",
	  .rank = 3,
	  .line = L_END,
	  .column = 24,
	  .help_keys = "q F10 Ctrl-C",
	  .help = "quit" },

	{ .action = ACTION_UP,
	  .keys = { K_UP, K_WHEEL_UP, K_CTRL('p') },
	  .line = L_MOVE,
	  .column = HELP_KEYS,
	  .help_keys = "Up Down PgUp PgDn Home End",
	  .help = "   list, wheel scrolls" },
	{ .action = ACTION_DOWN, .keys = { K_DOWN, K_WHEEL_DOWN, K_CTRL('n'), 'j' } },
	{ .action = ACTION_PAGE_UP, .keys = { K_PGUP } },
	{ .action = ACTION_PAGE_DOWN, .keys = { K_PGDN } },
	{ .action = ACTION_FIRST, .keys = { K_HOME } },
	{ .action = ACTION_LAST, .keys = { K_END } },
	{ .action = ACTION_RIGHT,
	  .keys = { K_RIGHT, '+' },
	  .line = L_EXPAND,
	  .column = HELP_KEYS,
	  .help_keys = "Right + Left -",
	  .help = " open, close" },
	{ .action = ACTION_LEFT, .keys = { K_LEFT, '-' } },
	{ .action = ACTION_TAG,
	  .keys = { K_SPACE },
	  .line = L_TAG,
	  .column = HELP_KEYS,
	  .help_keys = "Space",
	  .help = "tag, move down" },
	{ .action = ACTION_UNTAG,
	  .keys = { 'U' },
	  .line = L_TAG,
	  .column = 62,
	  .help_keys = "U",
	  .help = "untag" },
	{ .action = ACTION_TAG_SHOWN,
	  .keys = { 'T' },
	  .line = L_TAG,
	  .column = 30,
	  .help_keys = "T",
	  .help = "all shown" },
	{ .action = ACTION_TAG_REAPABLE,
	  .keys = { '!' },
	  .line = L_TAG,
	  .column = 44,
	  .help_keys = "!",
	  .help = "all reapable" },
	{ .action = ACTION_FLAT,
	  .keys = { 'f' },
	  .line = L_LIST,
	  .column = HELP_KEYS,
	  .help_keys = "f",
	  .help = "flat list of processes" },
	{ .action = ACTION_ARGUMENTS,
	  .keys = { 'a' },
	  .line = L_LIST,
	  .column = HELP_SECOND,
	  .help_keys = "a",
	  .help = "arguments" },
	{ .action = ACTION_COPY,
	  .keys = { 'c' },
	  .line = L_LIST,
	  .column = 54,
	  .help_keys = "c",
	  .help = "copy pid or id" },
	{ .action = ACTION_FOLLOW,
	  .keys = { 'F' },
	  .line = L_SORT,
	  .column = HELP_SECOND,
	  .help_keys = "F",
	  .help = "follow" },
	{ .action = ACTION_PAUSE,
	  .keys = { 'Z' },
	  .line = L_SORT,
	  .column = 54,
	  .help_keys = "Z",
	  .help = "pause" },
	{ .action = ACTION_MOUSE,
	  .keys = { 'm' },
	  .line = L_OTHER,
	  .column = 21,
	  .help_keys = "m",
	  .help = "mouse off, to select text" },
	{ .action = ACTION_REDRAW,
	  .keys = { K_CTRL('l') },
	  .line = L_OTHER,
	  .column = 54,
	  .help_keys = "Ctrl-L",
	  .help = "redraw" },
	{ .action = ACTION_SUSPEND,
	  .keys = { K_CTRL('z') },
	  .line = L_END,
	  .column = HELP_KEYS,
	  .help_keys = "Ctrl-Z",
	  .help = "suspend" },
	{ .action = ACTION_ESCAPE, .keys = { K_ESC } },
};
const size_t nr_bindings = ARRAY_SIZE(bindings);

/* What the marks and columns mean; stands below the keys. */
static const char *const legend[] = {
	"MARKS  !  reapable (2/2): a sweep would end it",
	"       ?  in grace (1/2): its owner is gone, but not for long enough",
	"       *  tagged: F9 means these, also where the filter hides them",
	"       >  found by the filter",
	"       k d u  in front of a process: kept, detached, unknown",
	"OWNER  alive PID: its desktop runs   GONE PID: it is gone, or another",
	"TICK   consecutive ticks seen without owner (2/2 = eligible)",
	"AGE    group: time since owner vanished; process: time since start",
	"CPU%   100 = one core   RSS  resident; in sums shared pages count again",
	"Colour is never the only signal. NO_COLOR=1 or --no-color: none.",
};

const struct footer_item footer_filter[] = {
	{ "Enter", "Keep", K_ENTER, 1 },
	{ "Esc", "Clear", K_ESC, 1 },
	{ NULL, NULL, 0, 0 },
};
const struct footer_item footer_search[] = {
	{ "Enter", "Keep", K_ENTER, 1 },
	{ "Esc", "Back", K_ESC, 1 },
	{ NULL, NULL, 0, 0 },
};
const struct footer_item footer_write[] = {
	{ "Enter", "Write", K_ENTER, 1 },
	{ "Esc", "Cancel", K_ESC, 1 },
	{ NULL, NULL, 0, 0 },
};
const struct footer_item footer_log[] = {
	{ "Esc", "Back", K_ESC, 1 },   { "/", "Search", '/', 3 }, { "End", "Follow", K_END, 2 },
	{ "w", "Write file", 'w', 4 }, { NULL, NULL, 0, 0 },
};

enum action keymap_action(int key)
{
	for (size_t i = 0; key != K_NONE && i < nr_bindings; i++)
		for (size_t k = 0; k < BINDING_KEYS && bindings[i].keys[k]; k++)
			if (bindings[i].keys[k] == key)
				return bindings[i].action;
	return ACTION_NONE;
}

static void footer_entry(const struct binding *b, const struct footer_state *state,
			 struct footer_item *ret_item)
{
	bool on = (b->action == ACTION_FILTER && state->filtered) ||
		  (b->action == ACTION_TREE && state->tree);

	*ret_item = (struct footer_item){
		.key = state->letters ? b->letter : b->footer,
		.label = b->action == ACTION_REAP && state->reap ? state->reap
			 : on && b->label_on			 ? b->label_on
								 : b->label,
		.code = b->keys[0],
		.rank = b->rank,
	};
}

size_t keymap_footer(int width, const struct footer_state *state,
		     struct footer_item items[MAX_FOOTER])
{
	bool taken[ARRAY_SIZE(bindings)] = { false };
	int used = -1; /* no blank in front of the first one */
	size_t nr = 0;

	for (int rank = 1; rank <= 5; rank++)
		for (size_t i = 0; i < nr_bindings; i++) {
			struct footer_item item;
			int len;

			if (bindings[i].rank != rank)
				continue;
			footer_entry(&bindings[i], state, &item);
			len = (int)(strlen(item.key) + strlen(item.label)) + 1;
			if (used + len > width)
				continue;
			used += len;
			taken[i] = true;
		}
	for (size_t i = 0; i < nr_bindings && nr < MAX_FOOTER; i++)
		if (taken[i])
			footer_entry(&bindings[i], state, &items[nr++]);
	return nr;
}

size_t keymap_help_lines(void)
{
	return L_NR + ARRAY_SIZE(legend);
}

/* The next binding of that line to the right of @column, or NULL. */
static const struct binding *help_entry(size_t line, int column)
{
	const struct binding *best = NULL;

	for (size_t i = 0; i < nr_bindings; i++) {
		const struct binding *b = &bindings[i];

		if (!b->help || (size_t)b->line != line || b->column <= column)
			continue;
		if (!best || b->column < best->column)
			best = b;
	}
	return best;
}

void keymap_help_line(struct strbuf *sb, size_t line)
{
	const struct binding *b;
	size_t start = sb->len, keys;

	if (line >= L_NR) {
		if (line - L_NR < ARRAY_SIZE(legend))
			strbuf_addstr(sb, legend[line - L_NR]);
		return;
	}
	if (sections[line])
		strbuf_addstr(sb, sections[line]);
	for (b = help_entry(line, 0); b; b = help_entry(line, b->column)) {
		while (sb->len - start < (size_t)b->column && !sb->failed)
			strbuf_addch(sb, ' ');
		keys = strlen(b->help_keys);
		strbuf_addstr(sb, b->help_keys);
		strbuf_addchars(sb, ' ', keys > 1 && keys < 7 ? 7 - keys : 2);
		strbuf_addstr(sb, b->help);
	}
}
