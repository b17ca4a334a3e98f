/* SPDX-License-Identifier: MIT */
#include "tui/filter.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/array.h"
#include "base/parse.h"

static int fold(char c)
{
	return c ? tolower((unsigned char)c) : ' ';
}

bool text_occurs(struct bytes haystack, struct bytes needle)
{
	if (!needle.len)
		return true;
	for (size_t i = 0; i + needle.len <= haystack.len; i++) {
		size_t n = 0;

		while (n < needle.len && fold(haystack.data[i + n]) == fold(needle.data[n]))
			n++;
		if (n == needle.len)
			return true;
	}
	return false;
}

static struct bytes of_text(const char *text)
{
	return (struct bytes){ .data = text, .len = strlen(text) };
}

bool process_holds(const struct process *proc, struct bytes needle)
{
	return text_occurs(proc->args, needle) || text_occurs(of_text(proc->comm), needle);
}

static bool has_pid(const struct filter_subject *s, pid_t pid)
{
	if (s->proc)
		return s->proc->id.pid == pid;
	if (s->owner_pid == pid)
		return true;
	for (size_t i = 0; i < s->inst->nr; i++)
		if (s->census->members[s->inst->first + i].proc->id.pid == pid)
			return true;
	return false;
}

static bool has_text(const struct filter_subject *s, struct bytes word)
{
	if (text_occurs(s->inst->id, word) || text_occurs(of_text(s->inst->app->name), word))
		return true;
	if (s->proc)
		return process_holds(s->proc, word);
	for (size_t i = 0; i < s->inst->nr; i++)
		if (process_holds(s->census->members[s->inst->first + i].proc, word))
			return true;
	return false;
}

static const struct {
	const char *word;
	enum owner_state owner;
} owner_words[] = {
	{ "alive", OWNER_ALIVE },
	{ "gone", OWNER_GONE },
	{ "unknown", OWNER_UNKNOWN },
	{ "unkn", OWNER_UNKNOWN },
};

static bool is_word(struct bytes word, const char *text)
{
	return strlen(text) == word.len && !strncasecmp(word.data, text, word.len);
}

/* "1/2": digits, a slash, digits. */
static bool parse_tick(struct bytes word, uint64_t *ret_ticks, uint64_t *ret_grace)
{
	size_t first = parse_digits(word.data, word.len, UINT32_MAX, ret_ticks), second;

	if (!first || first == word.len || word.data[first] != '/')
		return false;
	first++;
	second = parse_digits(word.data + first, word.len - first, UINT32_MAX, ret_grace);
	return second && first + second == word.len;
}

static bool has_state(const struct filter_subject *s, struct bytes word)
{
	return (s->state && is_word(word, s->state)) || (s->kind && is_word(word, s->kind));
}

/* "cpu>50", "rss<1.5G". A number without a unit is in percent, or in KiB. */
struct comparison {
	bool rss, less;
	double value;
};

static bool parse_comparison(struct bytes word, struct comparison *ret)
{
	static const char units[] = "KMGT";
	char text[32], *end;
	const char *unit;

	if (word.len < 5 || word.len >= sizeof(text) ||
	    (word.data[3] != '<' && word.data[3] != '>'))
		return false;
	memcpy(text, word.data, word.len);
	text[word.len] = '\0';
	ret->rss = !strncasecmp(text, "rss", 3);
	ret->less = text[3] == '<';
	if (!ret->rss && strncasecmp(text, "cpu", 3) != 0)
		return false;
	ret->value = strtod(text + 4, &end);
	if (end == text + 4)
		return false;
	unit = ret->rss && *end ? strchr(units, toupper((unsigned char)*end)) : NULL;
	for (const char *u = units; unit && u < unit; u++)
		ret->value *= 1024;
	return !end[unit != NULL];
}

static bool compares(const struct comparison *c, const struct filter_subject *s)
{
	double is = c->rss ? (double)s->rss_kib : s->cpu_pct;

	return c->less ? is < c->value : is > c->value;
}

static bool word_matches(struct bytes word, const struct filter_subject *s)
{
	struct comparison comparison;
	uint64_t ticks, grace, pid;

	if (has_state(s, word))
		return true;
	for (size_t i = 0; i < ARRAY_SIZE(owner_words); i++)
		if (is_word(word, owner_words[i].word))
			return s->inst->owner == owner_words[i].owner;
	if (parse_tick(word, &ticks, &grace))
		return s->ticks == ticks && s->grace == grace;
	if (word.len > 5 && !strncasecmp(word.data, "user:", 5))
		return is_word((struct bytes){ word.data + 5, word.len - 5 }, s->user);
	if (word.len > 4 && !strncasecmp(word.data, "pid:", 4))
		return parse_digits(word.data + 4, word.len - 4, INT32_MAX, &pid) &&
		       has_pid(s, (pid_t)pid);
	if (parse_comparison(word, &comparison))
		return compares(&comparison, s);
	return has_text(s, word);
}

/* The next word at *@at, without its `!`; empty: none is left. */
static struct bytes next_word(const char **at, bool *ret_not)
{
	struct bytes word;

	*at += strspn(*at, " ");
	word = (struct bytes){ .data = *at, .len = strcspn(*at, " ") };
	*at += word.len;
	*ret_not = word.len > 1 && word.data[0] == '!';
	if (*ret_not)
		word = (struct bytes){ word.data + 1, word.len - 1 };
	return word;
}

bool filter_matches(const struct filter *f, const struct filter_subject *s)
{
	const char *at = f->text;

	for (;;) {
		bool not ;
		struct bytes word = next_word(&at, &not );

		if (!word.len)
			return true;
		if (word_matches(word, s) == not )
			return false;
	}
}

/* Does @word speak of a process and not of the group as a whole? */
static bool is_inside(struct bytes word, const struct filter_subject *s, const struct process *proc)
{
	struct filter_subject one = *s, none = *s;
	struct process nameless = { .id = { .pid = -1 }, .comm = "" };

	one.proc = proc;
	none.proc = &nameless;
	return word_matches(word, &one) && !word_matches(word, &none);
}

bool filter_hits(const struct filter *f, const struct filter_subject *s, const struct process *proc)
{
	const char *at = f->text;

	for (;;) {
		bool not ;
		struct bytes word = next_word(&at, &not );

		if (!word.len)
			return false;
		if (!not &&is_inside(word, s, proc))
			return true;
	}
}
