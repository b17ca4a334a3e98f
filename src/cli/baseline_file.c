/* SPDX-License-Identifier: MIT */
#include "cli/baseline_file.h"

#include <errno.h>
#include <jansson.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "base/escape.h"

/* A census of a million processes is smaller; a device would never end. */
#define BASELINE_MAX ((size_t)512 << 20)

#define SCHEMA	     "stray.census/1"

static void cleanup_json(json_t **json)
{
	json_decref(*json);
}

static int fail(struct strbuf *error, const char *name, const char *what)
{
	strbuf_addstr(error, "cannot use baseline '");
	escape_text(error, name);
	strbuf_addf(error, "': %s", what);
	return -EINVAL;
}

/* One entry of `processes`: 0, -EINVAL or -ENOMEM. */
static int add_process(struct baseline *b, json_t *process)
{
	json_t *pid = json_object_get(process, "pid");
	json_t *ticks = json_object_get(process, "start_ticks");

	if (!json_is_integer(pid) || json_integer_value(pid) <= 0 ||
	    json_integer_value(pid) > INT_MAX || !json_is_integer(ticks) ||
	    json_integer_value(ticks) < 0)
		return -EINVAL;
	return baseline_add(b, (pid_t)json_integer_value(pid), (uint64_t)json_integer_value(ticks));
}

static int add_instances(struct baseline *b, json_t *instances)
{
	json_t *instance, *process;
	size_t i, k;

	json_array_foreach(instances, i, instance)
	{
		json_t *processes = json_object_get(instance, "processes");

		if (!json_is_array(processes))
			return -EINVAL;
		json_array_foreach(processes, k, process)
		{
			int r = add_process(b, process);

			if (r < 0)
				return r;
		}
	}
	return 0;
}

int baseline_parse(const char *text, size_t len, const char *name, struct baseline *ret_baseline,
		   struct strbuf *error)
{
	__attribute__((cleanup(cleanup_json))) json_t *root = NULL;
	struct baseline b = BASELINE_INIT;
	const char *schema, *boot_id;
	json_error_t why;
	json_t *instances;
	int r;

	root = json_loadb(text, len, JSON_REJECT_DUPLICATES, &why);
	if (!root) {
		_cleanup_strbuf_ struct strbuf what = STRBUF_INIT;

		strbuf_addf(&what, "line %d: ", why.line);
		escape_text(&what, why.text);
		return fail(error, name, what.buf);
	}
	schema = json_string_value(json_object_get(root, "schema"));
	if (!schema || strcmp(schema, SCHEMA) != 0)
		return fail(error, name, "it is not the output of --list --json (" SCHEMA ")");
	boot_id = json_string_value(json_object_get(root, "boot_id"));
	instances = json_object_get(root, "instances");
	if (!boot_id || strlen(boot_id) >= sizeof(b.boot_id) || !json_is_array(instances))
		return fail(error, name, "no boot_id or no instances in it");
	memcpy(b.boot_id, boot_id, strlen(boot_id) + 1);
	r = add_instances(&b, instances);
	if (r < 0) {
		baseline_release(&b);
		if (r == -EINVAL)
			fail(error, name, "a process without pid or start_ticks in it");
		return r;
	}
	baseline_sort(&b);
	*ret_baseline = b;
	return 0;
}

static int read_all(FILE *file, struct strbuf *text)
{
	struct stat st;

	if (fstat(fileno(file), &st) < 0)
		return -errno;
	if (S_ISDIR(st.st_mode))
		return -EISDIR;
	while (!feof(file)) {
		if (!strbuf_reserve(text, 65536))
			return -ENOMEM;
		text->len += fread(text->buf + text->len, 1, 65536, file);
		text->buf[text->len] = '\0';
		if (ferror(file))
			return errno ? -errno : -EIO;
		if (text->len > BASELINE_MAX)
			return -EFBIG;
	}
	return 0;
}

int baseline_load(const char *path, struct baseline *ret_baseline, struct strbuf *error)
{
	_cleanup_strbuf_ struct strbuf text = STRBUF_INIT;
	_cleanup_fclose_ FILE *file = fopen(path, "re");
	int r = file ? read_all(file, &text) : -errno;

	if (r < 0) {
		strbuf_addstr(error, "cannot read baseline '");
		escape_text(error, path);
		strbuf_addf(error, "': %s", strerror(-r));
		return r;
	}
	return baseline_parse(text.buf, text.len, path, ret_baseline, error);
}
