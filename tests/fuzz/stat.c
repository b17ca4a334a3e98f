/* A stat file and a status file of /proc: the names in them are anybody's. */
#include "fuzz/fuzz.h"
#include "linux/procfs.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct bytes all = { (const char *)data, size };
	char *exact = exactly(all, 0), *text = exactly(all, 1);
	struct facts facts = { .pid = -77 };
	struct status status = { .tracer = -77 };

	if (procfs_parse_stat(exact, size, &facts) == 0) {
		MUST(memchr(facts.comm, '\0', sizeof(facts.comm)));
		MUST(facts.pid >= 0 && facts.ppid >= 0);
		/* What stands behind the name is read from behind the last bracket. */
		char *last = memrchr(exact, ')', size);
		MUST(last && last + 2 < exact + size && facts.state == last[2]);
	} else {
		MUST(facts.pid == -77);
	}
	if (procfs_parse_status(text, &status) < 0)
		MUST(status.tracer == -77);
	free(exact);
	free(text);
	return 0;
}
