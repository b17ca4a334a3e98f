/* SPDX-License-Identifier: MIT */
#ifndef TUI_DECODE_H
#define TUI_DECODE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Turn the bytes that a terminal sends into keys. No curses, no clock, no file: it is
 * fed byte by byte with the time of each, so that a test can split a sequence anywhere.
 *
 * A sequence is read to its end before it is looked up, so one that is unknown, and
 * every reply of the terminal (OSC, DCS, APC, CSI), is swallowed whole. What stands
 * between the brackets of a paste comes marked as pasted. Alt+letter is K_ALT, never the
 * letter: Esc and a letter that come together cannot be told from it.
 */
enum {
	DECODE_SEQUENCE = 32, /* a longer one is swallowed */
	DECODE_KEYS = 64,
	DECODE_READY = 8, /* events that one byte can yield, at most */
	DECODE_ESCDELAY_MS = 100,
};

/* One key. Fields that do not fit are zero. */
struct key_event {
	int key;     /* a character or enum key */
	bool pasted; /* stood between the brackets of a paste */
	int y, x;    /* K_CLICK and wheel: where, from 0 */
};

enum decode_state {
	DECODE_GROUND,
	DECODE_ESC,	   /* ESC alone, so far */
	DECODE_CSI,	   /* ESC [ ... */
	DECODE_SS3,	   /* ESC O ... */
	DECODE_LINUX,	   /* ESC [ [: one byte follows */
	DECODE_X10,	   /* ESC [ M: three bytes follow */
	DECODE_STRING,	   /* OSC, DCS, APC, PM or SOS, up to BEL or ST */
	DECODE_STRING_ESC, /* in such a string, behind ESC */
	DECODE_PASTE,	   /* between the brackets */
};

struct decoder {
	bool utf8;	     /* bytes above 0x7f are UTF-8; else they are dropped */
	int64_t escdelay_ms; /* how long an unfinished sequence is waited for */
	/* What terminfo says of this terminal's keys. */
	struct {
		char bytes[16];
		int key;
	} known[DECODE_KEYS];
	size_t nr_known;

	enum decode_state state;
	unsigned char seq[DECODE_SEQUENCE]; /* behind ESC */
	size_t len;			    /* may count beyond the room */
	int64_t last_ms;		    /* when the last byte came */
	int64_t late_until_ms;		    /* until then the rest of a late sequence may come */
	bool late;			    /* ESC acted as a key already: swallow the rest */
	unsigned char text[4];		    /* an unfinished UTF-8 character */
	size_t text_len;
	size_t match; /* bytes of the paste's closing bracket seen so far */

	struct key_event ready[DECODE_READY];
	size_t nr_ready;
};

void decoder_init(struct decoder *d, bool utf8, int64_t escdelay_ms);

/* Learn that the terminal sends @bytes for @key. Only what begins with ESC is taken. */
void decoder_learn(struct decoder *d, const char *bytes, int key);

/* Take one byte. Call decoder_take() until it is false before the next one. */
void decoder_feed(struct decoder *d, unsigned char byte, int64_t now_ms);

/* Give up an overdue sequence: ESC alone becomes a key, any other is dropped. */
void decoder_expire(struct decoder *d, int64_t now_ms);

/* Take the next key. False: there is none. */
bool decoder_take(struct decoder *d, struct key_event *ret_event);

/* Return how long until decoder_expire() is due, ms; -1: no sequence is unfinished. */
int64_t decoder_wait_ms(const struct decoder *d, int64_t now_ms);

/* Forget an unfinished sequence; the brackets of a paste stay open. */
void decoder_reset(struct decoder *d);

#endif
