/* SPDX-License-Identifier: MIT */
#ifndef TESTS_UNIT_REPORT_FIXTURE_H
#define TESTS_UNIT_REPORT_FIXTURE_H

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>

#include "base/strbuf.h"
#include "report/report.h"
#include "stray/census.h"

/*
 * A small hand-made world, the same for every form: a desktop with an agent and
 * its worker, an orphan with a hostile instance and a hostile name, and the
 * inferred process below it.
 *
 *	   1 systemd
 *	   ├─ 900 stray
 *	   ├─ 4242 sprout-desktop  names xyz.block.sprout.app.dev
 *	   │  └─ 4300 goose        its agent
 *	   │     └─ 4301 node      its worker
 *	   └─ 5000 HOSTILE_NAME    of HOSTILE_ID: owner gone
 *	      └─ 5001 sh           inferred
 */
#define GOOD_ID		   "xyz.block.sprout.app.dev"
#define HOSTILE_ID	   "a\033[2Jb\n<&\"%,:\xff\xe2\x80\xae"
#define HOSTILE_ID_SHOWN   "a\\x1b[2Jb\\x0a<&\"%,:\\xff\\xe2\\x80\\xae"
#define HOSTILE_NAME	   "ev\ril::]]>\x9b"
#define HOSTILE_NAME_SHOWN "ev\\x0dil::]]>\\x9b"
#define SECRET		   "--token=hunter2"

struct world {
	struct policy policy;
	struct census *census;
};

static const struct report_options plain_options = { .utf8 = true };

static inline struct process world_process(pid_t pid, pid_t ppid, const char *comm)
{
	return (struct process){
		.id = { .pid = pid, .start_ticks = 99900000u + (unsigned)pid },
		.ppid = ppid,
		.pgid = pid,
		.sid = pid,
		.tpgid = -1,
		.uid = 1000,
		.state = 'S',
		.pid_ns = 4026531836,
		.ns_pid = pid,
		.rss_kib = 40120,
		.threads = 1,
		.comm = comm,
		.environ_read = READ_DONE,
		.args_read = READ_DONE,
		.args = { comm, strlen(comm) + 1 },
	};
}

static inline void world_put(struct snapshot *s, struct process proc, const char *environ,
			     size_t len)
{
	proc.environ = (struct bytes){ environ, len };
	assert_int_equal(snapshot_add(s, &proc, NULL), 0);
}

#define MARK(id) "SPROUT_MANAGED_AGENT=" id, sizeof("SPROUT_MANAGED_AGENT=" id)

static inline struct snapshot *world_snapshot(void)
{
	static const char args[] = "sprout-desktop\0--config\0{\"identifier\":\"" GOOD_ID "\"}";
	struct snapshot *s = snapshot_new();
	struct process p;

	assert_non_null(s);
	memcpy(s->boot_id, "11111111-2222-3333-4444-555555555555", BOOT_ID_SIZE);
	memcpy(s->host, "devbox", sizeof("devbox"));
	s->boottime_ms = 1000000000;
	s->monotonic_ms = 1000000000;
	s->realtime_ms = 1795460400000; /* 2026-11-23T19:00:00Z */
	s->took_us = 4149;
	s->ticks_per_second = 100;
	s->complete = s->full = true;
	s->scanned = 412;
	s->unreadable = 3;
	s->self = 900;
	s->pid_ns = 4026531836;

	p = world_process(1, 0, "systemd");
	p.uid = 0;
	world_put(s, p, "", 0);
	world_put(s, world_process(900, 1, "stray"), "", 0);
	p = world_process(4242, 1, "sprout-desktop");
	p.args = (struct bytes){ args, sizeof(args) };
	world_put(s, p, "", 0);
	p = world_process(4300, 4242, "goose");
	p.args = (struct bytes){ "goose\0" SECRET, sizeof("goose\0" SECRET) };
	world_put(s, p, MARK(GOOD_ID));
	world_put(s, world_process(4301, 4300, "node"), MARK(GOOD_ID));
	world_put(s, world_process(5000, 1, HOSTILE_NAME), MARK(HOSTILE_ID));
	world_put(s, world_process(5001, 5000, "sh"), "", 0);
	return s;
}

/* Compute the census of @s and drop the reference to it. */
static inline void world_init_from(struct world *w, struct snapshot *s)
{
	struct census_input input = { .snapshot = s, .policy = &w->policy, .uid = 1000 };

	assert_int_equal(policy_init(&w->policy), 0);
	snapshot_seal(s);
	assert_int_equal(census_build(&input, &w->census), 0);
	snapshot_unref(s);
}

static inline void world_init(struct world *w)
{
	world_init_from(w, world_snapshot());
}

static inline void world_release(struct world *w)
{
	census_unref(w->census);
	policy_release(&w->policy);
}

/* The only member of that process; the test may fill in what the engine would. */
static inline struct member *world_member(struct world *w, pid_t pid)
{
	for (size_t i = 0; i < w->census->nr_members; i++)
		if (w->census->members[i].proc->id.pid == pid)
			return &w->census->members[i];
	fail_msg("pid %d is not managed", (int)pid);
	return NULL;
}

/* The orphan has been one for 12 minutes at least, seen on one tick. */
static inline void world_remember(struct world *w, bool exact)
{
	struct member *m = world_member(w, 5000);

	m->ticks = 1;
	m->orphan_since_ms = w->census->snapshot->boottime_ms - 12 * 60 * 1000;
	m->orphan_exact = exact;
}

/* No byte that drives a terminal, none of the hostile sequences as they came. */
static inline void assert_harmless(const struct strbuf *sb)
{
	for (size_t i = 0; i < sb->len; i++) {
		unsigned char c = (unsigned char)sb->buf[i];

		if ((c < 0x20 && c != '\n') || c == 0x7f)
			fail_msg("byte 0x%02x at %zu of: %s", c, i, sb->buf);
	}
	assert_null(memchr(sb->buf, 0, sb->len));
	assert_null(strstr(sb->buf, "\xff"));
	assert_null(strstr(sb->buf, "\xe2\x80\xae"));
	assert_null(strstr(sb->buf, "]]>\x9b"));
}

static inline void assert_has(const struct strbuf *sb, const char *text)
{
	if (!strstr(sb->buf, text))
		fail_msg("'%s' is not in: %s", text, sb->buf);
}

static inline void assert_has_not(const struct strbuf *sb, const char *text)
{
	if (strstr(sb->buf, text))
		fail_msg("'%s' is in: %s", text, sb->buf);
}

/* The one object of one line. */
static inline json_t *parse_line(const struct strbuf *sb)
{
	json_error_t error;
	json_t *object = json_loadb(sb->buf, sb->len, JSON_REJECT_DUPLICATES, &error);

	if (!object)
		fail_msg("%s in: %s", error.text, sb->buf);
	assert_int_equal(sb->buf[sb->len - 1], '\n');
	assert_ptr_equal(strchr(sb->buf, '\n'), sb->buf + sb->len - 1);
	return object;
}

/* The keys of @object are these, in this order; ended by NULL. */
static inline void assert_keys(json_t *object, const char *const *keys)
{
	void *at = json_object_iter(object);

	for (; *keys; keys++, at = json_object_iter_next(object, at)) {
		assert_non_null(at);
		assert_string_equal(json_object_iter_key(at), *keys);
	}
	assert_null(at);
}

#define KEYS(...) ((const char *const[]){ __VA_ARGS__, NULL })

static inline void assert_text(json_t *object, const char *key, const char *text)
{
	const char *value = json_string_value(json_object_get(object, key));

	assert_non_null(value);
	assert_string_equal(value, text);
}

static inline void assert_null_key(json_t *object, const char *key)
{
	assert_true(json_is_null(json_object_get(object, key)));
}

#endif
