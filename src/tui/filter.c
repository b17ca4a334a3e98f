/* SPDX-License-Identifier: MIT */
#include "tui/filter.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/array.h"

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
static bool parse_tick(struct bytes word, unsigned *ret_ticks, unsigned *ret_grace)
{
	char *end;

	if (!isdigit((unsigned char)word.data[0]))
		return false;
	*ret_ticks = (unsigned)strtoul(word.data, &end, 10);
	if (*end != '/' || !isdigit((unsigned char)end[1]))
		return false;
	*ret_grace = (unsigned)strtoul(end + 1, &end, 10);
	return end == word.data + word.len;
}

static bool has_state(const struct filter_subject *s, struct bytes word)
{
	return (s->state && is_word(word, s->state)) || (s->kind && is_word(word, s->kind));
}

static bool word_matches(struct bytes word, const struct filter_subject *s)
{
	unsigned ticks, grace;

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
		return has_pid(s, (pid_t)strtol(word.data + 4, NULL, 10));
	return has_text(s, word);
}

bool filter_matches(const struct filter *f, const struct filter_subject *s)
{
	const char *at = f->text;

	for (;;) {
		struct bytes word;

		at += strspn(at, " ");
		word = (struct bytes){ .data = at, .len = strcspn(at, " ") };
		if (!word.len)
			return true;
		if (!word_matches(word, s))
			return false;
		at += word.len;
	}
}
