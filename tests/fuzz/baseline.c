/* SPDX-License-Identifier: MIT */
/* The JSON of an earlier census, as --baseline reads it. */
#include "base/cleanup.h"
#include "cli/baseline_file.h"
#include "fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = exactly((struct bytes){ (const char *)data, size }, 0);
	_cleanup_strbuf_ struct strbuf error = STRBUF_INIT;
	struct baseline b = BASELINE_INIT;
	int r = baseline_parse(text, size, "name", &b, &error);

	MUST((r == 0) == (error.len == 0));
	MUST(!memchr(error.buf, '\n', error.len) && !memchr(error.buf, '\033', error.len));
	for (size_t i = 0; r == 0 && i < b.nr; i++) {
		struct identity other = b.ids[i];

		MUST(other.pid > 0 && baseline_has(&b, b.boot_id, &other));
		MUST(!baseline_has(&b, "another", &other));
		other.pidfd_ino = 5;
		MUST(baseline_has(&b, b.boot_id, &other));
	}
	if (r == 0)
		baseline_release(&b);
	free(text);
	return 0;
}
