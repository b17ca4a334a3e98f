/* SPDX-License-Identifier: MIT */
/* A stat file and a status file of /proc: the names in them are anybody's. */
#include "fuzz/fuzz.h"
#include "linux/procfs.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	/* Both take a NUL behind the last byte, as what reads the files puts there. */
	char *text = exactly((struct bytes){ (const char *)data, size }, 1);
	struct facts facts = { .pid = -77 };
	struct status status = { .tracer = -77 };

	if (procfs_parse_stat(text, size, &facts) == 0) {
		MUST(memchr(facts.comm, '\0', sizeof(facts.comm)));
		/* What stands behind the name is read from behind the last bracket. */
		char *last = memrchr(text, ')', size);
		MUST(last && last + 2 < text + size && facts.state == last[2]);
	} else {
		MUST(facts.pid == -77);
	}
	if (procfs_parse_status(text, &status) < 0)
		MUST(status.tracer == -77);
	free(text);
	return 0;
}
