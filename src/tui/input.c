/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/array.h"
#include "base/parse.h"
#include "tui/state.h"
#include "tui/term.h"

/* The keys as terminfo names them. */
static const struct {
	const char *name;
	int key;
} capabilities[] = {
	{ "kcuu1", K_UP },     { "kcud1", K_DOWN }, { "kcub1", K_LEFT },    { "kcuf1", K_RIGHT },
	{ "kpp", K_PGUP },     { "knp", K_PGDN },   { "khome", K_HOME },    { "kend", K_END },
	{ "kfnd", K_HOME },    { "kslt", K_END },   { "kbs", K_BACKSPACE }, { "kdch1", K_DELETE },
	{ "kcbt", K_BACKTAB }, { "kent", K_ENTER }, { "kf1", K_F1 },	    { "kf2", K_F2 },
	{ "kf3", K_F3 },       { "kf4", K_F4 },	    { "kf5", K_F5 },	    { "kf6", K_F6 },
	{ "kf7", K_F7 },       { "kf8", K_F8 },	    { "kf9", K_F9 },	    { "kf10", K_F10 },
};

/* The variable where it is set and a number, as curses reads it, else our own. */
static int64_t escdelay_ms(void)
{
	const char *text = getenv("ESCDELAY");
	uint64_t ms;

	return text && parse_number(text, 30000, &ms) == 0 ? (int64_t)ms : DECODE_ESCDELAY_MS;
}

void input_open(struct tui *t)
{
	decoder_init(&t->decoder, t->model.glyphs->utf8, escdelay_ms());
	for (size_t i = 0; i < ARRAY_SIZE(capabilities); i++) {
		const char *bytes = term_capability(capabilities[i].name);

		if (bytes)
			decoder_learn(&t->decoder, bytes, capabilities[i].key);
	}
}

int input_read(struct tui *t)
{
	ssize_t n = read(STDIN_FILENO, t->bytes, sizeof(t->bytes));

	if (n < 0)
		return errno == EINTR || errno == EAGAIN ? 0 : -errno;
	t->nr_bytes = (size_t)n;
	return n ? (int)n : -EIO;
}

void input_flush(struct tui *t)
{
	term_flush_input();
	t->nr_bytes = 0;
	decoder_reset(&t->decoder);
}
