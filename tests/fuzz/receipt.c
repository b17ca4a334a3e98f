/* SPDX-License-Identifier: MIT */
/*
 * Receipts. The first line is the folder's template, the second the id, the third
 * what a receipt holds, the rest the desktop's environment.
 */
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/bytes.h"
#include "engine/receipts.h"
#include "fuzz/fuzz.h"

static char dir[] = "/tmp/stray-fuzz-XXXXXX", file[64];

static void remove_dir(void)
{
	unlink(file);
	rmdir(dir);
}

static void make_dir(void)
{
	if (file[0])
		return;
	MUST(mkdtemp(dir));
	snprintf(file, sizeof(file), "%s/a.pid", dir);
	atexit(remove_dir);
}

/* The folder: absolute, and an id is one component of it. */
static void check_folder(char *template, struct bytes id, struct bytes env)
{
	struct app app = { .receipts = template };
	_cleanup_free_ char *path = NULL, *expected = NULL;

	if (receipts_folder(&app, id, env, &path) == 0) {
		MUST(path && path[0] == '/');
		MUST(!strstr(template, "%i") ||
		     (id.len && !memchr(id.data, '/', id.len) && !bytes_is(id, "..")));
	} else {
		MUST(!path);
	}
	app.receipts = (char *)"/r/%i/x";
	free(path);
	path = NULL;
	if (receipts_folder(&app, id, env, &path) == 0) {
		MUST(asprintf(&expected, "/r/%.*s/x", (int)id.len, id.data) > 0);
		MUST(strcmp(path, expected) == 0);
	}
}

/* One file: a pid above 1 that stands in it, or nothing is known. */
static void check_file(const char *name, struct bytes held)
{
	struct process desktop = { .environ_read = READ_DONE };
	struct app app = { .receipts = dir };
	struct instance inst = { .app = &app, .uid = getuid() };
	struct receipts_cache cache = { 0 };
	struct snapshot *s = snapshot_new();
	_cleanup_free_ char *path = NULL;
	_cleanup_close_ int fd = -1;
	struct receipts r;
	char printed[16];

	MUST(s && asprintf(&path, "%s/%s", dir, name) > 0);
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	MUST(fd >= 0 && write(fd, held.data, held.len) == (ssize_t)held.len);
	r = receipts_read(&s->storage, &cache, &inst, &desktop, 0, NULL, NULL);
	MUST(r.state == RECEIPTS_FAILED || (r.state == RECEIPTS_READ && r.nr == 1));
	MUST(held.len || r.state == RECEIPTS_FAILED);
	if (r.state == RECEIPTS_READ) {
		snprintf(printed, sizeof(printed), "%d", (int)r.pids[0]);
		MUST(r.pids[0] > 1);
		MUST(memmem(held.data, held.len, printed, strlen(printed)));
	}
	MUST(unlink(path) == 0);
	receipts_cache_release(&cache);
	snapshot_unref(s);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input in = { data, size };
	char *template = exactly(input_line(&in), 1);
	struct bytes id = input_line(&in), held = input_line(&in), env = input_rest(&in);

	make_dir();
	id.data = exactly(id, 0);
	env.data = exactly(env, 0);
	check_folder(template, id, env);
	check_file("a.pid", held);
	check_file("a.json", held);
	free(template);
	free((char *)id.data);
	free((char *)env.data);
	return 0;
}
