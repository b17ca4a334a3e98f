/* SPDX-License-Identifier: MIT */
#ifndef TESTS_FUZZ_FUZZ_H
#define TESTS_FUZZ_FUZZ_H

/*
 * A fuzz target is one file with LLVMFuzzerTestOneInput(). Linked with libFuzzer
 * it makes up its inputs; linked with replay.c it runs over its corpus, as part
 * of `make check`. A property that does not hold ends the program.
 *
 * There are 3 things to do for another target: its file here, its row in
 * FUZZ_LIBS of fuzz.mk, some inputs in corpus/NAME/.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "stray/process.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define MUST(holds)                                                                                \
	do {                                                                                       \
		if (!(holds)) {                                                                    \
			fprintf(stderr, "%s:%d: must hold: %s\n", __FILE__, __LINE__, #holds);     \
			abort();                                                                   \
		}                                                                                  \
	} while (0)

/* What is left of an input. */
struct input {
	const uint8_t *data;
	size_t size;
};

/* The next byte, 0 at the end. */
static inline uint8_t input_byte(struct input *in)
{
	if (!in->size)
		return 0;
	in->size--;
	return *in->data++;
}

/* Up to the next newline, which is taken away too, or all that is left. */
static inline struct bytes input_line(struct input *in)
{
	const uint8_t *end = in->size ? memchr(in->data, '\n', in->size) : NULL;
	size_t len = end ? (size_t)(end - in->data) : in->size;
	struct bytes line = { (const char *)in->data, len };

	in->data += len + (end != NULL);
	in->size -= len + (end != NULL);
	return line;
}

static inline struct bytes input_rest(const struct input *in)
{
	return (struct bytes){ (const char *)in->data, in->size };
}

/*
 * The same bytes on the heap, exactly as many, so that a sanitizer sees a step
 * too far; with @nul a NUL stands behind them.
 */
static inline char *exactly(struct bytes from, size_t nul)
{
	char *copy = malloc(from.len + nul);

	MUST(copy || !(from.len + nul));
	if (from.len)
		memcpy(copy, from.data, from.len);
	if (nul)
		copy[from.len] = '\0';
	return copy;
}

#endif
