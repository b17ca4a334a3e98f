/* SPDX-License-Identifier: MIT */
/* Section 1 of the specification: markers, desktops by name, and what a value names. */
#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "property/oracle.h"

bool oracle_same(struct bytes a, struct bytes b)
{
	return a.len == b.len && (a.len == 0 || !memcmp(a.data, b.data, a.len));
}

struct bytes oracle_text(const char *s)
{
	return (struct bytes){ s, strlen(s) };
}

size_t oracle_find(const struct oracle *o, pid_t pid)
{
	for (size_t i = 0; i < o->s->nr; i++)
		if (o->s->procs[i].id.pid == pid)
			return i;
	return CENSUS_NONE;
}

size_t oracle_parent(const struct oracle *o, size_t i)
{
	if (o->s->procs[i].ppid == 0 || o->s->procs[i].ppid == o->s->procs[i].id.pid)
		return CENSUS_NONE;
	return oracle_find(o, o->s->procs[i].ppid);
}

bool oracle_is_ancestor(const struct oracle *o, size_t above, size_t i)
{
	for (size_t p = oracle_parent(o, i); p != CENSUS_NONE; p = oracle_parent(o, p))
		if (p == above)
			return true;
	return false;
}

struct fact oracle_fact(const struct oracle *o, size_t i)
{
	return o->facts->of(o->facts, &o->s->procs[i]);
}

/* "`NAME=value`; the value byte for byte, the first entry counts" */
bool oracle_variable(struct bytes env, const char *name, struct bytes *ret)
{
	size_t at = 0, n = strlen(name);

	while (at < env.len) {
		size_t end = at;

		while (end < env.len && env.data[end])
			end++;
		if (end - at > n && !memcmp(env.data + at, name, n) && env.data[at + n] == '=') {
			*ret = (struct bytes){ env.data + at + n + 1, end - at - n - 1 };
			return true;
		}
		at = end + 1;
	}
	return false;
}

static bool identifier_byte(char c)
{
	return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
	       c == '.' || c == '_' || c == '-';
}

/* "with an identifier boundary on both sides (an identifier byte is `[A-Za-z0-9._-]`)" */
bool oracle_bounded(struct bytes hay, struct bytes id)
{
	for (size_t i = 0; id.len && i + id.len <= hay.len; i++)
		if (!memcmp(hay.data + i, id.data, id.len) &&
		    (i == 0 || !identifier_byte(hay.data[i - 1])) &&
		    (i + id.len == hay.len || !identifier_byte(hay.data[i + id.len])))
			return true;
	return false;
}

bool oracle_glob(const char *pattern, struct bytes text)
{
	char buf[256];

	if (text.len >= sizeof(buf) || memchr(text.data, 0, text.len))
		return false;
	memcpy(buf, text.data, text.len);
	buf[text.len] = 0;
	return !fnmatch(pattern, buf, 0);
}

static bool one_of(const struct strings *globs, struct bytes text)
{
	for (size_t i = 0; i < globs->nr; i++)
		if (oracle_glob(globs->items[i], text))
			return true;
	return false;
}

/* "`NAME=GLOB`: only values that match name an instance" */
static bool of_the_kind(const struct app *a, size_t m, struct bytes value)
{
	const char *name = a->markers.items[m];
	bool filtered = false;

	for (size_t f = 0; f < a->filters.nr; f++) {
		const char *filter = a->filters.items[f];

		if (strncmp(filter, name, strlen(name)) || filter[strlen(name)] != '=')
			continue;
		if (oracle_glob(filter + strlen(name) + 1, value))
			return true;
		filtered = true;
	}
	return !filtered;
}

static bool raw_value(const struct oracle *o, size_t i, size_t app, size_t m, struct bytes *ret)
{
	return oracle_variable(o->s->procs[i].environ, o->policy->apps[app].markers.items[m], ret);
}

/*
 * "*managed process*: one whose environment holds a marker of a known app"; "an
 * empty value and one that the profile excepts name nobody"
 */
bool oracle_marker(const struct oracle *o, size_t i, size_t app, size_t m, struct bytes *ret)
{
	const struct app *a = &o->policy->apps[app];

	return raw_value(o, i, app, m, ret) && ret->len && of_the_kind(a, m, *ret) &&
	       !one_of(&a->except, *ret);
}

/* "such a process [is] neither inferred nor remembered for that app" */
bool oracle_excused(const struct oracle *o, size_t i, size_t app)
{
	const struct app *a = &o->policy->apps[app];
	struct bytes value;
	bool excused = false;

	for (size_t m = 0; m < a->markers.nr; m++) {
		if (oracle_marker(o, i, app, m, &value))
			return false;
		if (raw_value(o, i, app, m, &value) && (!value.len || one_of(&a->except, value)))
			excused = true;
	}
	return excused;
}

bool oracle_carries(const struct oracle *o, size_t i, size_t app, struct bytes id)
{
	struct bytes value;

	for (size_t m = 0; m < o->policy->apps[app].markers.nr; m++)
		if (oracle_marker(o, i, app, m, &value) && oracle_same(value, id))
			return true;
	return false;
}

bool oracle_marked(const struct oracle *o, size_t i)
{
	struct bytes value;

	for (size_t a = 0; a < o->policy->nr_apps; a++)
		for (size_t m = 0; m < o->policy->apps[a].markers.nr; m++)
			if (oracle_marker(o, i, a, m, &value))
				return true;
	return false;
}

static struct bytes base_name(struct bytes path)
{
	for (size_t i = path.len; i > 0; i--)
		if (path.data[i - 1] == '/')
			return (struct bytes){ path.data + i, path.len - i };
	return path;
}

static struct bytes without(struct bytes text, const char *end)
{
	size_t n = strlen(end);

	if (text.len > n && !memcmp(text.data + text.len - n, end, n))
		text.len -= n;
	return text;
}

/* Word @n of the arguments; false: there are not as many. */
static bool word(struct bytes args, size_t n, struct bytes *ret)
{
	for (size_t at = 0; at < args.len; n--) {
		size_t len = strnlen(args.data + at, args.len - at);

		*ret = (struct bytes){ args.data + at, len };
		if (n == 0)
			return true;
		at += len + 1;
	}
	return false;
}

/* "Where that program is an interpreter (node, nodejs, bun, deno, python*, ruby, perl, java)" */
static bool interpreter(struct bytes name)
{
	static const char *const known[] = { "node",	"nodejs", "bun",  "deno",
					     "python*", "ruby",	  "perl", "java" };

	for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++)
		if (oracle_glob(known[i], name))
			return true;
	return false;
}

/*
 * "the base name of its script counts as well (first argument that is no option,
 * after `-m` the module, after `-jar` the file; without `.js .mjs .cjs .py .rb .pl
 * .jar`)"
 */
static bool script(const struct process *p, struct bytes *ret)
{
	static const char *const ends[] = { ".js", ".mjs", ".cjs", ".py", ".rb", ".pl", ".jar" };
	struct bytes arg;

	for (size_t n = 1; word(p->args, n, &arg); n++) {
		bool named = oracle_same(arg, oracle_text("-m")) ||
			     oracle_same(arg, oracle_text("-jar"));

		if (named && !word(p->args, n + 1, &arg))
			return false;
		if (!named && arg.len && arg.data[0] == '-')
			continue;
		*ret = base_name(arg);
		for (size_t e = 0; e < sizeof(ends) / sizeof(*ends); e++) {
			struct bytes shorter = without(*ret, ends[e]);

			if (shorter.len != ret->len) {
				*ret = shorter;
				break;
			}
		}
		return ret->len > 0;
	}
	return false;
}

/*
 * "*desktop*: a live process of an app, by `comm`, the base name of `exe` (a
 * trailing ` (deleted)` ignored) or of `argv[0]`; a `comm` of 15 bytes is cut and
 * counts only with one of the others"; "globs of a whole path begin with `/` or
 * `*\/`"
 */
bool oracle_named_desktop(const struct app *a, const struct process *p)
{
	struct bytes exe = without(oracle_text(p->exe ? p->exe : ""), " (deleted)");
	struct bytes arg0 = { "", 0 }, comm = oracle_text(p->comm), names[4];
	size_t nr = 0;

	word(p->args, 0, &arg0);
	names[nr++] = base_name(exe);
	names[nr++] = base_name(arg0);
	if (comm.len < 15)
		names[nr++] = comm;
	for (size_t n = 0, named = nr; n < named; n++)
		if (nr == named && interpreter(names[n]) && script(p, &names[nr]))
			nr++;
	for (size_t d = 0; d < a->desktops.nr; d++) {
		const char *pattern = a->desktops.items[d];

		if ((pattern[0] == '/' || !strncmp(pattern, "*/", 2)) && oracle_glob(pattern, exe))
			return true;
		for (size_t n = 0; n < nr; n++)
			if (names[n].len && oracle_same(names[n], oracle_text(pattern)))
				return true;
	}
	return false;
}

static bool digits(struct bytes v)
{
	for (size_t i = 0; i < v.len; i++)
		if (v.data[i] < '0' || v.data[i] > '9')
			return false;
	return v.len > 0 && v.len <= 10;
}

static uint64_t number(struct bytes v)
{
	uint64_t n = 0;

	for (size_t i = 0; i < v.len; i++)
		n = n * 10 + (uint64_t)(v.data[i] - '0');
	return n;
}

/*
 * "`pid`, `pid:start ticks`, or a path whose last component is digits alone, or
 * digits, a dot and an extension without digits, as in `/run/user/1000/x/52.sock`;
 * anything else is UNKNOWN"
 */
bool oracle_value(struct bytes value, pid_t *ret_pid, uint64_t *ret_start_ticks)
{
	const char *colon = memchr(value.data, ':', value.len), *dot;
	struct bytes last = base_name(value), first = value;

	*ret_start_ticks = 0;
	if (last.len != value.len) { /* a path */
		dot = memchr(last.data, '.', last.len);
		first = last;
		if (dot) {
			first.len = (size_t)(dot - last.data);
			if (first.len + 1 == last.len)
				return false;
			for (size_t i = first.len + 1; i < last.len; i++)
				if (last.data[i] >= '0' && last.data[i] <= '9')
					return false;
		}
	} else if (colon) {
		struct bytes after = { colon + 1, (size_t)(value.data + value.len - colon - 1) };

		first.len = (size_t)(colon - value.data);
		if (!digits(after))
			return false;
		*ret_start_ticks = number(after);
	}
	if (!digits(first) || number(first) < 2)
		return false;
	*ret_pid = (pid_t)number(first);
	return true;
}

/* "a value that our pid 1 or a root with ppid 0 carries: it was stamped outside" */
bool oracle_outside(const struct oracle *o, size_t app, struct bytes value)
{
	for (size_t i = 0; i < o->s->nr; i++)
		if (o->s->procs[i].ppid == 0 && oracle_carries(o, i, app, value))
			return true;
	return false;
}

/* "and the pid [...] lives and is not younger than the process that carries the marker" */
bool oracle_value_names(const struct oracle *o, size_t carrier, size_t app, size_t i)
{
	const struct app *a = &o->policy->apps[app];
	const struct process *c = &o->s->procs[carrier], *p = &o->s->procs[i];
	struct bytes value;
	uint64_t start;
	pid_t pid;

	if (a->owner != APP_OWNER_PID || c->dead || p->dead || c->kernel_thread ||
	    c->pid_ns != o->s->pid_ns)
		return false;
	for (size_t m = 0; m < a->markers.nr; m++)
		if (oracle_marker(o, carrier, app, m, &value) && !oracle_outside(o, app, value) &&
		    oracle_value(value, &pid, &start) && pid == p->id.pid &&
		    (!start || start == p->id.start_ticks) &&
		    p->id.start_ticks <= c->id.start_ticks)
			return true;
	return false;
}

bool oracle_desktop_of(const struct oracle *o, size_t i, size_t app)
{
	return o->desktops[i] >> app & 1;
}

bool oracle_desktop(const struct oracle *o, size_t i)
{
	return o->desktops[i] != 0;
}

/* "stray itself and its ancestors" */
bool oracle_self(const struct oracle *o, size_t i)
{
	size_t self = o->s->self ? oracle_find(o, o->s->self) : CENSUS_NONE;

	return self != CENSUS_NONE && (self == i || oracle_is_ancestor(o, i, self));
}
