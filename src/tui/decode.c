/* SPDX-License-Identifier: MIT */
#include "tui/decode.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/escape.h"
#include "tui/keymap.h"

enum {
	ESC = 033,
	STRING_MS = 500, /* an unfinished reply: longer than a key, it may be long */
	PASTE_MS = 5000, /* a closing bracket that never came */
	LATE_MS = 500,	 /* the rest of a sequence that took longer than ESCDELAY */
	WHEEL = 64,	 /* mouse: bit of the wheel */
	MOTION = 32,	 /* mouse: moved, not pressed */
	MODIFIERS = 4 | 8 | 16,
};

static const char paste_end[] = "\033[201~";

/* What most terminals send, behind ESC. What terminfo says goes before it. */
static const struct {
	const char *bytes;
	int key;
} common[] = {
	{ "[A", K_UP },
	{ "[B", K_DOWN },
	{ "[C", K_RIGHT },
	{ "[D", K_LEFT },
	{ "OA", K_UP },
	{ "OB", K_DOWN },
	{ "OC", K_RIGHT },
	{ "OD", K_LEFT },
	{ "[H", K_HOME },
	{ "[F", K_END },
	{ "OH", K_HOME },
	{ "OF", K_END },
	{ "[1~", K_HOME },
	{ "[4~", K_END },
	{ "[7~", K_HOME },
	{ "[8~", K_END },
	{ "[3~", K_DELETE },
	{ "[5~", K_PGUP },
	{ "[6~", K_PGDN },
	{ "[Z", K_BACKTAB },
	{ "OP", K_F1 },
	{ "OQ", K_F2 },
	{ "OR", K_F3 },
	{ "OS", K_F4 },
	{ "[11~", K_F1 },
	{ "[12~", K_F2 },
	{ "[13~", K_F3 },
	{ "[14~", K_F4 },
	{ "[15~", K_F5 },
	{ "[17~", K_F6 },
	{ "[18~", K_F7 },
	{ "[19~", K_F8 },
	{ "[20~", K_F9 },
	{ "[21~", K_F10 },
	{ "[[A", K_F1 },
	{ "[[B", K_F2 },
	{ "[[C", K_F3 },
	{ "[[D", K_F4 },
	{ "[[E", K_F5 },
	/* the numeric keypad in application mode */
	{ "OM", K_ENTER },
	{ "Ok", '+' },
	{ "Om", '-' },
	{ "Oj", '*' },
	{ "Oo", '/' },
	{ "Ol", ',' },
	{ "On", '.' },
	{ "OX", '=' },
	{ "Op", K_PAD },
	{ "Oq", K_PAD + 1 },
	{ "Or", K_PAD + 2 },
	{ "Os", K_PAD + 3 },
	{ "Ot", K_PAD + 4 },
	{ "Ou", K_PAD + 5 },
	{ "Ov", K_PAD + 6 },
	{ "Ow", K_PAD + 7 },
	{ "Ox", K_PAD + 8 },
	{ "Oy", K_PAD + 9 },
	{ "OI", K_TAB },
	{ "O ", K_SPACE },
};

void decoder_init(struct decoder *d, bool utf8, int64_t escdelay_ms)
{
	*d = (struct decoder){ .utf8 = utf8, .escdelay_ms = escdelay_ms };
}

void decoder_learn(struct decoder *d, const char *bytes, int key)
{
	if (bytes[0] != ESC || !bytes[1] || strlen(bytes) >= sizeof(d->known[0].bytes) ||
	    d->nr_known == DECODE_KEYS)
		return;
	snprintf(d->known[d->nr_known].bytes, sizeof(d->known[0].bytes), "%s", bytes + 1);
	d->known[d->nr_known++].key = key;
}

/* --- what is ready ------------------------------------------------------------------ */

static void emit_event(struct decoder *d, const struct key_event *event)
{
	if (d->nr_ready < DECODE_READY)
		d->ready[d->nr_ready++] = *event;
}

static void emit(struct decoder *d, int key)
{
	if (key != K_NONE)
		emit_event(d,
			   &(struct key_event){ .key = key, .pasted = d->state == DECODE_PASTE });
}

bool decoder_take(struct decoder *d, struct key_event *ret_event)
{
	if (!d->nr_ready)
		return false;
	*ret_event = d->ready[0];
	memmove(d->ready, d->ready + 1, --d->nr_ready * sizeof(d->ready[0]));
	return true;
}

/* --- characters --------------------------------------------------------------------- */

/* A byte of a character beyond ASCII. What is no UTF-8 is dropped. */
static void text_byte(struct decoder *d, unsigned char c)
{
	struct bytes text = { (const char *)d->text, 0 };
	unsigned code;
	size_t want;

	if (!d->utf8)
		return;
	if ((c & 0xc0) != 0x80)
		d->text_len = 0;
	else if (!d->text_len)
		return;
	d->text[d->text_len++] = c;
	want = d->text[0] >= 0xf0 ? 4 : d->text[0] >= 0xe0 ? 3 : d->text[0] >= 0xc0 ? 2 : 0;
	if (want && d->text_len < want)
		return;
	text.len = d->text_len;
	if (want && utf8_decode(text, &code) == want)
		emit(d, (int)code);
	d->text_len = 0;
}

static void character(struct decoder *d, unsigned char c)
{
	if (c >= 0x80) {
		text_byte(d, c);
		return;
	}
	d->text_len = 0;
	if (c == '\n')
		emit(d, K_ENTER);
	else if (c == 0x7f || c == 8)
		emit(d, K_BACKSPACE);
	else
		emit(d, c);
}

/* --- sequences ---------------------------------------------------------------------- */

static void begin(struct decoder *d, enum decode_state state)
{
	d->state = state;
	d->len = 0;
	d->text_len = 0;
}

static void ground(struct decoder *d)
{
	begin(d, DECODE_GROUND);
	d->late = false;
}

static void keep(struct decoder *d, unsigned char c)
{
	if (d->len < sizeof(d->seq))
		d->seq[d->len] = c;
	d->len++;
}

static bool is_seq(const struct decoder *d, const char *bytes)
{
	return strlen(bytes) == d->len && d->len <= sizeof(d->seq) &&
	       !memcmp(d->seq, bytes, d->len);
}

/* The key of what has been read, or K_NONE. */
static int look_up(const struct decoder *d)
{
	for (size_t i = 0; i < d->nr_known; i++)
		if (is_seq(d, d->known[i].bytes))
			return d->known[i].key;
	for (size_t i = 0; i < ARRAY_SIZE(common); i++)
		if (is_seq(d, common[i].bytes))
			return common[i].key;
	return K_NONE;
}

static void mouse(struct decoder *d, unsigned button, int x, int y)
{
	struct key_event event = { .x = x, .y = y };

	if (button & MOTION || x < 0 || y < 0)
		return;
	button &= ~(unsigned)MODIFIERS;
	if (button == WHEEL)
		event.key = K_WHEEL_UP;
	else if (button == WHEEL + 1)
		event.key = K_WHEEL_DOWN;
	else if (button == 0)
		event.key = K_CLICK;
	else
		return;
	emit_event(d, &event);
}

/* "[<0;12;7M": button, column, line. The release ends in m and says nothing. */
static void sgr_mouse(struct decoder *d)
{
	char text[DECODE_SEQUENCE + 1];
	unsigned button;
	int x, y;
	char end;

	if (d->len > sizeof(d->seq))
		return;
	memcpy(text, d->seq, d->len);
	text[d->len] = '\0';
	if (sscanf(text, "[<%4u;%6d;%6d%c", &button, &x, &y, &end) == 4 && end == 'M')
		mouse(d, button, x - 1, y - 1);
}

static void finish(struct decoder *d)
{
	bool late = d->late;

	if (is_seq(d, "[200~")) {
		ground(d);
		begin(d, DECODE_PASTE);
		d->match = 0;
		return;
	}
	if (!late && d->len > 2 && d->seq[0] == '[' && d->seq[1] == '<')
		sgr_mouse(d);
	else if (!late)
		emit(d, look_up(d));
	ground(d);
}

/* A byte of a control sequence: parameters, intermediate bytes, the final one. */
static void sequence_byte(struct decoder *d, unsigned char c)
{
	if (c == ESC) {
		ground(d);
		begin(d, DECODE_ESC);
		return;
	}
	/* A control character ends it: nothing that a terminal sends holds one. */
	if (c < ' ' || c >= 0x7f) {
		ground(d);
		character(d, c);
		return;
	}
	keep(d, c);
	if (d->state == DECODE_CSI && d->len == 2 && c == '[') {
		d->state = DECODE_LINUX;
		return;
	}
	if (d->state == DECODE_CSI && d->len == 2 && c == 'M' && look_up(d) == K_NONE) {
		d->state = DECODE_X10;
		return;
	}
	/* rxvt ends some keys in $ and the like: what is known is a key as it stands. */
	if (d->state == DECODE_LINUX || (c >= 0x40 && c <= 0x7e) ||
	    (d->len > 2 && look_up(d) != K_NONE))
		finish(d);
}

static void x10_byte(struct decoder *d, unsigned char c)
{
	keep(d, c);
	if (d->len < 5)
		return;
	if (!d->late)
		mouse(d, (unsigned)d->seq[2] - 32, (int)d->seq[3] - 33, (int)d->seq[4] - 33);
	ground(d);
}

static bool is_letter(unsigned char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c >= 0x80;
}

/* The byte behind ESC says what it begins. */
static void after_esc(struct decoder *d, unsigned char c)
{
	if (c == ESC) { /* Esc, and another sequence */
		emit(d, K_ESC);
		return;
	}
	keep(d, c);
	if (c == '[') {
		d->state = DECODE_CSI;
	} else if (c == 'O') {
		d->state = DECODE_SS3;
	} else if (c == ']' || c == 'P' || c == '_' || c == '^' || c == 'X') {
		d->state = DECODE_STRING;
	} else if (look_up(d) != K_NONE) {
		finish(d);
	} else if (is_letter(c) || c == '\\') {
		ground(d); /* Alt and a letter; or the end of a string that was given up */
		if (c != '\\')
			emit(d, K_ALT + (c < 0x80 ? c : 0));
	} else {
		ground(d);
		emit(d, K_ESC);
		character(d, c);
	}
}

static void paste_byte(struct decoder *d, unsigned char c)
{
	if (c == (unsigned char)paste_end[d->match]) {
		if (paste_end[++d->match])
			return;
		d->match = 0;
		ground(d);
		return;
	}
	/* What looked like the bracket was text; its ESC is none that may pass. */
	for (size_t i = 1; i < d->match && i < DECODE_READY; i++)
		character(d, (unsigned char)paste_end[i]);
	d->match = c == ESC ? 1 : 0;
	if (c != ESC)
		character(d, c);
}

void decoder_feed(struct decoder *d, unsigned char c, int64_t now_ms)
{
	decoder_expire(d, now_ms);
	d->last_ms = now_ms;
	switch (d->state) {
	case DECODE_GROUND:
		if (c == ESC) {
			begin(d, DECODE_ESC);
		} else if ((c == '[' || c == 'O') && now_ms < d->late_until_ms) {
			begin(d, c == '[' ? DECODE_CSI : DECODE_SS3);
			d->late = true;
			keep(d, c);
		} else {
			character(d, c);
		}
		d->late_until_ms = 0;
		break;
	case DECODE_ESC:
		after_esc(d, c);
		break;
	case DECODE_CSI:
	case DECODE_SS3:
	case DECODE_LINUX:
		sequence_byte(d, c);
		break;
	case DECODE_X10:
		x10_byte(d, c);
		break;
	case DECODE_STRING:
		if (c == ESC)
			d->state = DECODE_STRING_ESC;
		else if (c == 07 || c == 030 || c == 032)
			ground(d);
		break;
	case DECODE_STRING_ESC:
		begin(d, DECODE_ESC);
		if (c == '\\')
			ground(d);
		else
			after_esc(d, c);
		break;
	case DECODE_PASTE:
		paste_byte(d, c);
		break;
	}
}

/* --- time --------------------------------------------------------------------------- */

static int64_t patience_ms(const struct decoder *d)
{
	switch (d->state) {
	case DECODE_GROUND:
		return -1;
	case DECODE_STRING:
	case DECODE_STRING_ESC:
		return d->escdelay_ms > STRING_MS ? d->escdelay_ms : STRING_MS;
	case DECODE_PASTE:
		return PASTE_MS;
	default:
		return d->escdelay_ms;
	}
}

void decoder_expire(struct decoder *d, int64_t now_ms)
{
	int64_t patience = patience_ms(d);
	bool esc = d->state == DECODE_ESC;

	if (patience < 0 || now_ms - d->last_ms < patience)
		return;
	ground(d);
	if (!esc)
		return;
	emit(d, K_ESC);
	d->late_until_ms = now_ms + LATE_MS;
}

int64_t decoder_wait_ms(const struct decoder *d, int64_t now_ms)
{
	int64_t patience = patience_ms(d), left;

	if (patience < 0)
		return -1;
	left = d->last_ms + patience - now_ms;
	return left > 0 ? left : 0;
}

void decoder_reset(struct decoder *d)
{
	if (d->state != DECODE_PASTE)
		ground(d);
	d->nr_ready = 0;
}
