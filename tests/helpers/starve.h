/* SPDX-License-Identifier: MIT */
#ifndef TESTS_HELPERS_STARVE_H
#define TESTS_HELPERS_STARVE_H

/*
 * Memory that runs out, at every place in turn: the n-th allocation fails, once
 * or with all that follow. For one file of a program; main() asks
 * starve_is_possible() first, because sanitizers and valgrind put an allocator
 * of their own before this one.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define SANITIZED
#endif
#endif
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SANITIZED
#endif

/* volatile: compilers know what malloc(3) touches, and this is not among it. */
static volatile struct {
	bool counting, armed, forever, failed;
	unsigned countdown;
	long live;
} heap;

#ifndef SANITIZED
/* The names under which glibc gives its own allocator to one that stands before it. */
void *__libc_malloc(size_t size);
void *__libc_calloc(size_t nr, size_t size);
void *__libc_realloc(void *p, size_t size);
void __libc_free(void *p);

static bool fails(void)
{
	if (!heap.armed)
		return false;
	if (heap.failed)
		return heap.forever;
	if (heap.countdown--)
		return false;
	heap.failed = true;
	return true;
}

static void *count(void *p)
{
	heap.live += heap.counting && p;
	return p;
}

void *malloc(size_t size)
{
	return fails() ? NULL : count(__libc_malloc(size));
}

void *calloc(size_t nr, size_t size)
{
	return fails() ? NULL : count(__libc_calloc(nr, size));
}

void *realloc(void *p, size_t size)
{
	if (fails())
		return NULL;
	return p ? __libc_realloc(p, size) : count(__libc_malloc(size));
}

void free(void *p)
{
	heap.live -= heap.counting && p;
	__libc_free(p);
}

/* glibc's asks for memory and does without if there is none, which would hide the rest. */
void qsort(void *base, size_t nr, size_t size, int (*compare)(const void *, const void *))
{
	char *at = base, tmp[512];

	for (size_t i = 1; i < nr; i++)
		for (size_t k = i; k > 0 && compare(at + (k - 1) * size, at + k * size) > 0; k--) {
			memcpy(tmp, at + k * size, size);
			memcpy(at + k * size, at + (k - 1) * size, size);
			memcpy(at + (k - 1) * size, tmp, size);
		}
}
#endif

/* From here on the allocation after @nr others fails; @forever: and every later one. */
static inline void starve_begin(unsigned nr, bool forever)
{
	heap.failed = false;
	heap.forever = forever;
	heap.countdown = nr;
	heap.live = 0;
	heap.counting = heap.armed = true;
}

/*
 * What is allocated from here to starve_go_on() does not fail, nor is it one of
 * the @nr; it does count as allocated. Returns what starve_go_on() wants.
 */
static inline bool starve_pause(void)
{
	bool armed = heap.armed;

	heap.armed = false;
	return armed;
}

static inline void starve_go_on(bool armed)
{
	heap.armed = armed;
}

/* Did one fail? *ret_live: how much was allocated since the begin and not freed. */
static inline bool starve_end(long *ret_live)
{
	heap.counting = heap.armed = false;
	*ret_live = heap.live;
	return heap.failed;
}

static inline bool starve_is_possible(void)
{
	char *volatile p;
	long live;

	starve_begin(1, false);
	p = malloc(1);
	live = heap.live;
	free(p);
	starve_end(&(long){ 0 });
	return live == 1;
}

#endif
