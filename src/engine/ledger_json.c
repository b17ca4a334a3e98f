/* SPDX-License-Identifier: MIT */
#include "engine/ledger_file.h"

#include <errno.h>
#include <jansson.h>
#include <limits.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/strbuf.h"

/*
 * The form of the file. Ids and paths are bytes that need not be UTF-8, so they
 * are written in ASCII with %HH for everything else and for the percent sign.
 */
#define SCHEMA	      "stray.ledger/2"
#define SCHEMA_FAMILY "stray.ledger/"

/* What is more is no count that a sweep could have reached: damage. */
enum { TICKS_MAX = 1000000 };

/* --- encoding rows --------------------------------------------------------------- */

static json_t *bytes_to_json(const char *data, size_t len)
{
	struct strbuf sb = STRBUF_INIT;
	char *text;
	json_t *value;

	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)data[i];

		if (c > 0x20 && c < 0x7f && c != '%')
			strbuf_addch(&sb, (char)c);
		else
			strbuf_addf(&sb, "%%%02X", c);
	}
	text = strbuf_detach(&sb);
	value = text ? json_string(text) : NULL;
	free(text);
	return value;
}

static json_t *text_to_json(const char *text)
{
	return text ? bytes_to_json(text, strlen(text)) : json_null();
}

static json_t *identity_to_json(const struct identity *id)
{
	return json_pack("{s:I, s:I, s:I}", "pid", (json_int_t)id->pid, "start_ticks",
			 (json_int_t)id->start_ticks, "pidfd_ino", (json_int_t)id->pidfd_ino);
}

static json_t *process_to_json(const struct ledger *l, size_t i)
{
	const struct ledger_process *row = &l->procs[i];

	return json_pack("{s:o, s:o, s:o, s:I, s:o, s:I, s:I, s:I, s:b, s:I, s:I, s:o, s:o}",
			 "process", identity_to_json(&row->id), "app", text_to_json(row->key.app),
			 "instance", bytes_to_json(row->key.id.data, row->key.id.len), "uid",
			 (json_int_t)row->key.uid, "parent", identity_to_json(&row->parent),
			 "first_ms", (json_int_t)row->first_ms, "ticks", (json_int_t)row->ticks,
			 "since_ms", (json_int_t)row->since_ms, "exact", (int)row->exact,
			 "counted_monotonic_ms", (json_int_t)row->counted_monotonic_ms, "seen_ms",
			 (json_int_t)row->seen_ms, "from",
			 identity_is_set(&row->from) ? identity_to_json(&row->from) : json_null(),
			 "generation", text_to_json(row->generation));
}

static json_t *owner_to_json(const struct ledger *l, size_t i)
{
	const struct ledger_owner *row = &l->owners[i];

	return json_pack("{s:o, s:o, s:o, s:I, s:I, s:o, s:I}", "desktop",
			 identity_to_json(&row->desktop), "app", text_to_json(row->key.app),
			 "instance", bytes_to_json(row->key.id.data, row->key.id.len), "uid",
			 (json_int_t)row->key.uid, "gone_ms", (json_int_t)row->gone_ms, "receipts",
			 text_to_json(row->receipts), "seen_ms", (json_int_t)row->seen_ms);
}

static json_t *sandbox_to_json(const struct ledger *l, size_t i)
{
	const struct ledger_sandbox *row = &l->sandboxes[i];

	return json_pack("{s:o, s:o, s:o, s:I, s:I}", "init", identity_to_json(&row->init), "app",
			 text_to_json(row->key.app), "instance",
			 bytes_to_json(row->key.id.data, row->key.id.len), "uid",
			 (json_int_t)row->key.uid, "seen_ms", (json_int_t)row->seen_ms);
}

static json_t *frozen_to_json(const struct ledger *l, size_t i)
{
	const struct ledger_frozen *row = &l->frozen[i];

	return json_pack("{s:o, s:o}", "process", identity_to_json(&row->id), "by",
			 identity_to_json(&row->by));
}

static json_t *group_to_json(const struct ledger *l, size_t i)
{
	const struct ledger_group *row = &l->groups[i];

	return json_pack("{s:o, s:o}", "path", text_to_json(row->path), "by",
			 identity_to_json(&row->by));
}

static json_t *count_to_json(const struct ledger *l, size_t i)
{
	const struct ledger_count *row = &l->counts[i];

	return json_pack("{s:o, s:I}", "scope", text_to_json(row->scope), "monotonic_ms",
			 (json_int_t)row->monotonic_ms);
}

/* --- decoding: whatever is not exactly as written above is damage ------------ */

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

static int bytes_from_json(const json_t *value, char **ret_data, size_t *ret_len)
{
	const char *text = json_string_value(value);
	size_t len, n = 0;
	char *data;

	if (!text)
		return -EBADMSG;
	len = strlen(text);
	data = malloc(len + 1);
	if (!data)
		return -ENOMEM;
	for (size_t i = 0; i < len; i++) {
		int high, low;

		if (text[i] != '%') {
			data[n++] = text[i];
			continue;
		}
		high = hex_digit(text[i + 1]);
		low = high < 0 ? -1 : hex_digit(text[i + 2]);
		if (low < 0 || high * 16 + low == 0) {
			free(data);
			return -EBADMSG;
		}
		data[n++] = (char)(high * 16 + low);
		i += 2;
	}
	data[n] = '\0';
	*ret_data = data;
	*ret_len = n;
	return 0;
}

static int integer_from_json(const json_t *object, const char *key, int64_t min, int64_t max,
			     int64_t *ret)
{
	const json_t *value = json_object_get(object, key);
	int64_t n;

	if (!json_is_integer(value))
		return -EBADMSG;
	n = json_integer_value(value);
	if (n < min || n > max)
		return -EBADMSG;
	*ret = n;
	return 0;
}

static int identity_from_json(const json_t *object, pid_t min, struct identity *ret_id)
{
	int64_t pid, start, ino;

	if (integer_from_json(object, "pid", min, INT_MAX, &pid) < 0 ||
	    integer_from_json(object, "start_ticks", 0, INT64_MAX, &start) < 0 ||
	    integer_from_json(object, "pidfd_ino", INT64_MIN, INT64_MAX, &ino) < 0)
		return -EBADMSG;
	*ret_id = (struct identity){ (pid_t)pid, (uint64_t)start, (uint64_t)ino };
	return 0;
}

/* The strings of a key, on the heap. */
struct decoded_key {
	char *app, *instance;
	size_t app_len, len;
	int64_t uid;
};

static void key_release(struct decoded_key *key)
{
	free(key->app);
	free(key->instance);
}

static int key_from_json(const json_t *object, struct decoded_key *key)
{
	int r = integer_from_json(object, "uid", 0, UINT32_MAX, &key->uid);

	if (r == 0)
		r = bytes_from_json(json_object_get(object, "app"), &key->app, &key->app_len);
	if (r == 0)
		r = bytes_from_json(json_object_get(object, "instance"), &key->instance, &key->len);
	return r == 0 && (!key->app_len || !key->len) ? -EBADMSG : r;
}

static struct instance_key key_of(const struct decoded_key *key)
{
	return (struct instance_key){ key->app, { key->instance, key->len }, (uid_t)key->uid };
}

static int process_fields(const json_t *object, int64_t now_ms, struct ledger_process *row)
{
	const json_t *exact = json_object_get(object, "exact");
	const json_t *from = json_object_get(object, "from");
	const json_t *generation = json_object_get(object, "generation");
	int64_t ticks;
	size_t len;

	if (identity_from_json(json_object_get(object, "process"), 1, &row->id) < 0 ||
	    identity_from_json(json_object_get(object, "parent"), 0, &row->parent) < 0 ||
	    (!json_is_null(from) && identity_from_json(from, 1, &row->from) < 0) ||
	    integer_from_json(object, "first_ms", 0, now_ms, &row->first_ms) < 0 ||
	    integer_from_json(object, "ticks", 0, TICKS_MAX, &ticks) < 0 ||
	    integer_from_json(object, "since_ms", -1, now_ms, &row->since_ms) < 0 ||
	    integer_from_json(object, "counted_monotonic_ms", -1, now_ms,
			      &row->counted_monotonic_ms) < 0 ||
	    integer_from_json(object, "seen_ms", 0, now_ms, &row->seen_ms) < 0 ||
	    !json_is_boolean(exact))
		return -EBADMSG;
	/* A count without a beginning was never written. */
	if (ticks > 0 && row->since_ms < 0)
		return -EBADMSG;
	row->ticks = (unsigned)ticks;
	row->exact = json_is_true(exact);
	return json_is_null(generation) ? 0 : bytes_from_json(generation, &row->generation, &len);
}

static int decode_process(struct ledger *l, const json_t *object, int64_t now_ms)
{
	struct decoded_key key = { 0 };
	struct ledger_process read = { 0 };
	int r = key_from_json(object, &key);

	if (r == 0)
		r = process_fields(object, now_ms, &read);
	if (r == 0) {
		struct instance_key at = key_of(&key);
		struct ledger_process *row;

		row = ledger_add(l, &read.id, &at, &read.parent, read.first_ms);
		if (row) {
			row->from = read.from;
			free(row->generation);
			row->generation = read.generation;
			read.generation = NULL;
			row->ticks = read.ticks;
			row->since_ms = read.since_ms;
			row->exact = read.exact;
			row->counted_monotonic_ms = read.counted_monotonic_ms;
			row->seen_ms = read.seen_ms;
		}
		r = row ? 0 : -ENOMEM;
	}
	free(read.generation);
	key_release(&key);
	return r;
}

static int decode_owner(struct ledger *l, const json_t *object, int64_t now_ms)
{
	const json_t *folder = json_object_get(object, "receipts");
	struct decoded_key key = { 0 };
	struct ledger_owner read = { 0 };
	size_t len;
	int r = key_from_json(object, &key);

	if (r == 0 &&
	    (identity_from_json(json_object_get(object, "desktop"), 0, &read.desktop) < 0 ||
	     integer_from_json(object, "gone_ms", -1, now_ms, &read.gone_ms) < 0 ||
	     integer_from_json(object, "seen_ms", 0, now_ms, &read.seen_ms) < 0))
		r = -EBADMSG;
	if (r == 0 && !json_is_null(folder))
		r = bytes_from_json(folder, &read.receipts, &len);
	if (r == 0) {
		struct instance_key at = key_of(&key);
		struct ledger_owner *row = ledger_add_owner(l, &at);

		if (row) {
			row->desktop = read.desktop;
			row->gone_ms = read.gone_ms;
			row->seen_ms = read.seen_ms;
			free(row->receipts);
			row->receipts = read.receipts;
			read.receipts = NULL;
		}
		r = row ? 0 : -ENOMEM;
	}
	free(read.receipts);
	key_release(&key);
	return r;
}

static int decode_sandbox(struct ledger *l, const json_t *object, int64_t now_ms)
{
	struct decoded_key key = { 0 };
	struct identity init;
	int64_t seen_ms;
	int r = key_from_json(object, &key);

	if (r == 0 && (identity_from_json(json_object_get(object, "init"), 1, &init) < 0 ||
		       integer_from_json(object, "seen_ms", 0, now_ms, &seen_ms) < 0))
		r = -EBADMSG;
	if (r == 0) {
		struct instance_key at = key_of(&key);
		struct ledger_sandbox *row = ledger_add_sandbox(l, &init, &at);

		if (row)
			row->seen_ms = seen_ms;
		r = row ? 0 : -ENOMEM;
	}
	key_release(&key);
	return r;
}

static int decode_frozen(struct ledger *l, const json_t *object, int64_t now_ms)
{
	struct identity id, by;
	int r;

	(void)now_ms;
	if (identity_from_json(json_object_get(object, "process"), 1, &id) < 0 ||
	    identity_from_json(json_object_get(object, "by"), 0, &by) < 0)
		return -EBADMSG;
	for (size_t i = 0; i < l->nr_frozen; i++) {
		if (identity_equal(&l->frozen[i].id, &id))
			return 0;
	}
	/* Each row keeps its own freezer, so they are added and not set. */
	r = ledger_add_frozen(l, &(struct ledger_frozen){ id, by });
	return r;
}

static int decode_group(struct ledger *l, const json_t *object, int64_t now_ms)
{
	struct identity by;
	char *path = NULL;
	size_t len;
	int r = identity_from_json(json_object_get(object, "by"), 0, &by);

	(void)now_ms;
	if (r == 0)
		r = bytes_from_json(json_object_get(object, "path"), &path, &len);
	if (r == 0)
		r = len ? ledger_add_group(l, path, &by) : -EBADMSG;
	free(path);
	return r;
}

static int decode_count(struct ledger *l, const json_t *object, int64_t now_ms)
{
	char *scope = NULL;
	int64_t monotonic;
	size_t len;
	int r = integer_from_json(object, "monotonic_ms", 0, now_ms, &monotonic);

	if (r == 0)
		r = bytes_from_json(json_object_get(object, "scope"), &scope, &len);
	if (r == 0)
		r = ledger_set_count(l, scope, monotonic);
	free(scope);
	return r;
}

/* --- the tables of the file ---------------------------------------------------- */

static const struct {
	const char *key;
	size_t nr; /* where a ledger holds the number of its rows */
	json_t *(*encode)(const struct ledger *l, size_t i);
	int (*decode)(struct ledger *l, const json_t *object, int64_t now_ms);
	bool optional; /* files of earlier versions do not have it */
} tables[] = {
	{ "processes", offsetof(struct ledger, nr_procs), process_to_json, decode_process, false },
	{ "owners", offsetof(struct ledger, nr_owners), owner_to_json, decode_owner, false },
	{ "sandboxes", offsetof(struct ledger, nr_sandboxes), sandbox_to_json, decode_sandbox,
	  true },
	{ "frozen", offsetof(struct ledger, nr_frozen), frozen_to_json, decode_frozen, false },
	{ "groups", offsetof(struct ledger, nr_groups), group_to_json, decode_group, true },
	{ "counts", offsetof(struct ledger, nr_counts), count_to_json, decode_count, false },
};

/* All rows of a table. NULL: out of memory. */
static json_t *encode_table(const struct ledger *l, size_t table)
{
	size_t nr = *(const size_t *)((const char *)l + tables[table].nr);
	json_t *array = json_array();

	/* A row that could not be made is NULL, which json_array_append_new() refuses. */
	for (size_t i = 0; array && i < nr; i++)
		if (json_array_append_new(array, tables[table].encode(l, i)) < 0) {
			json_decref(array);
			return NULL;
		}
	return array;
}

int ledger_encode(const struct ledger *l, char **ret_text, size_t *ret_len)
{
	json_t *root = json_pack("{s:s, s:s, s:I}", "schema", SCHEMA, "boot_id", l->boot_id,
				 "pid_ns", (json_int_t)l->pid_ns);
	char *text = NULL;
	bool good = root;

	for (size_t t = 0; good && t < ARRAY_SIZE(tables); t++)
		good = json_object_set_new(root, tables[t].key, encode_table(l, t)) == 0;
	if (good)
		text = json_dumps(root, JSON_COMPACT);
	json_decref(root);
	if (!text)
		return -ENOMEM;
	*ret_text = text;
	*ret_len = strlen(text);
	return 0;
}

static int decode_tables(struct ledger *l, const json_t *root, int64_t now_ms, const char **ret_why)
{
	for (size_t t = 0; t < ARRAY_SIZE(tables); t++) {
		const json_t *array = json_object_get(root, tables[t].key);
		int r = json_is_array(array) || (!array && tables[t].optional) ? 0 : -EBADMSG;

		for (size_t i = 0; r == 0 && i < json_array_size(array); i++)
			r = tables[t].decode(l, json_array_get(array, i), now_ms);
		if (r < 0) {
			*ret_why = "damaged";
			return r;
		}
	}
	return 0;
}

int ledger_decode(struct ledger *l, const char *text, size_t len, int64_t now_ms,
		  const char **ret_why)
{
	json_t *root = json_loadb(text, len, JSON_REJECT_DUPLICATES, NULL);
	const char *schema = json_string_value(json_object_get(root, "schema"));
	const char *boot_id = json_string_value(json_object_get(root, "boot_id"));
	char own_boot[BOOT_ID_SIZE];
	uint64_t own_ns = l->pid_ns;
	int64_t pid_ns = 0;
	int r = -EBADMSG;

	memcpy(own_boot, l->boot_id, sizeof(own_boot));
	*ret_why = "damaged";
	if (schema && strcmp(schema, SCHEMA) != 0 &&
	    strncmp(schema, SCHEMA_FAMILY, strlen(SCHEMA_FAMILY)) == 0)
		*ret_why = "written by another version";
	else if (schema && strcmp(schema, SCHEMA) == 0 && boot_id && strcmp(boot_id, own_boot) != 0)
		*ret_why = "from another boot";
	else if (boot_id && integer_from_json(root, "pid_ns", 0, INT64_MAX, &pid_ns) == 0 &&
		 (uint64_t)pid_ns != own_ns)
		*ret_why = "from another pid namespace";
	else if (schema && strcmp(schema, SCHEMA) == 0 && boot_id)
		r = decode_tables(l, root, now_ms, ret_why);
	json_decref(root);
	if (r < 0) {
		ledger_release(l);
		ledger_init(l, own_boot, own_ns);
	}
	return r;
}
