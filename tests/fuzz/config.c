/* SPDX-License-Identifier: MIT */
/* The configuration file: read, printed and read again it is the same. */
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "cli/config.h"
#include "fuzz/fuzz.h"

static const struct options none;

/* Read @text as a file; its path says nothing of it. */
static int load(const char *text, size_t len, struct config *c, struct strbuf *error)
{
	_cleanup_close_ int fd = memfd_create("config", MFD_CLOEXEC);
	char path[32];

	MUST(fd >= 0 && write(fd, text, len) == (ssize_t)len);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	return config_load_file(path, &none, c, error);
}

static void check(const struct config *c)
{
	MUST(c->settings.interval_ms >= 1000 && c->settings.interval_ms <= 86400000);
	MUST(c->settings.grace >= 1 && c->settings.grace <= 10);
	MUST(c->settings.term_timeout_ms >= 0 && c->settings.spare_listeners_ms >= 0);
	for (size_t i = 0; i < c->policy->nr_apps; i++)
		MUST(c->policy->apps[i].name && c->policy->apps[i].name[0] &&
		     (c->policy->apps[i].markers.nr || c->policy->apps[i].stdio));
}

/* What counts, without the origins, which differ by line. */
static bool same(const struct config *a, const struct config *b)
{
	bool equal = a->settings.interval_ms == b->settings.interval_ms &&
		     a->settings.grace == b->settings.grace &&
		     a->settings.max_kill == b->settings.max_kill &&
		     a->settings.reap_detached == b->settings.reap_detached &&
		     a->settings.history == b->settings.history && a->view.sort == b->view.sort &&
		     a->view.tree_open == b->view.tree_open &&
		     a->view.delay_ms == b->view.delay_ms &&
		     a->policy->nr_apps == b->policy->nr_apps &&
		     a->policy->keep.nr == b->policy->keep.nr &&
		     a->policy->adopters.nr == b->policy->adopters.nr;

	for (size_t i = 0; equal && i < a->policy->nr_apps; i++)
		equal = strcmp(a->policy->apps[i].name, b->policy->apps[i].name) == 0 &&
			a->policy->apps[i].markers.nr == b->policy->apps[i].markers.nr &&
			a->policy->apps[i].filters.nr == b->policy->apps[i].filters.nr &&
			a->policy->apps[i].except.nr == b->policy->apps[i].except.nr &&
			a->policy->apps[i].data.nr == b->policy->apps[i].data.nr &&
			a->policy->apps[i].named.nr == b->policy->apps[i].named.nr &&
			a->policy->apps[i].owner == b->policy->apps[i].owner &&
			a->policy->apps[i].sweep == b->policy->apps[i].sweep &&
			a->policy->apps[i].no_inherit == b->policy->apps[i].no_inherit &&
			a->policy->apps[i].many_instances == b->policy->apps[i].many_instances &&
			a->policy->apps[i].desktops.nr == b->policy->apps[i].desktops.nr;
	for (size_t i = 0; equal && i < a->policy->keep.nr; i++)
		equal = strcmp(a->policy->keep.items[i], b->policy->keep.items[i]) == 0;
	return equal;
}

/* Plain text in short lines, no comments: what is printed with an origin behind it can be read again. */
static bool is_plain(const uint8_t *data, size_t size)
{
	size_t line = 0;

	for (size_t i = 0; i < size; i++) {
		line = data[i] == '\n' ? 0 : line + 1;
		if (line > 80 || data[i] >= 0x7f || data[i] == ';' ||
		    (data[i] < 0x20 && data[i] != '\n'))
			return false;
	}
	return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_strbuf_ struct strbuf error = STRBUF_INIT, printed = STRBUF_INIT,
				       why = STRBUF_INIT;
	struct config c = { 0 }, again = { 0 };
	int r = load((const char *)data, size, &c, &error);

	MUST((r == 0) == (error.len == 0));
	MUST(!memchr(error.buf, '\n', error.len) && !memchr(error.buf, '\033', error.len));
	if (r)
		return 0;
	check(&c);
	MUST(config_print(&printed, &c) == 0);
	if (is_plain(data, size)) {
		if (load(printed.buf, printed.len, &again, &why)) {
			fprintf(stderr, "%s\n--- as printed:\n%s\n", why.buf, printed.buf);
			abort();
		}
		MUST(same(&c, &again));
		config_release(&again);
	}
	config_release(&c);
	return 0;
}
