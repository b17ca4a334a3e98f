/* SPDX-License-Identifier: MIT */
/* Runs a fuzz target over files: those named, else those of its corpus. TAP. */
#include <dirent.h>
#include <errno.h>

#include "fuzz/fuzz.h"

static int feed(const char *path)
{
	FILE *f = fopen(path, "r");
	uint8_t *data = NULL;
	size_t size = 0, alloc = 0, n = 1;

	if (!f)
		return -errno;
	while (n) {
		if (size == alloc) {
			alloc = alloc ? 2 * alloc : 4096;
			data = realloc(data, alloc);
			MUST(data);
		}
		n = fread(data + size, 1, alloc - size, f);
		size += n;
	}
	fclose(f);
	/* As libFuzzer does: exactly as large, so that a sanitizer sees a step too far. */
	uint8_t *copy = malloc(size ? size : 1);
	MUST(copy);
	memcpy(copy, data, size);
	free(data);
	LLVMFuzzerTestOneInput(copy, size);
	free(copy);
	return 0;
}

static int no_hidden(const struct dirent *entry)
{
	return entry->d_name[0] != '.';
}

int main(int argc, char **argv)
{
	const char *slash = strrchr(argv[0], '/');
	char corpus[256];
	struct dirent **names = NULL;
	int nr = 0, failed = 0;

	/* The corpus is called as the program is. */
	snprintf(corpus, sizeof(corpus), "tests/fuzz/corpus/%s", slash ? slash + 1 : argv[0]);
	setvbuf(stdout, NULL, _IOLBF, 0);
	if (argc > 1) {
		printf("1..%d\n", argc - 1);
	} else {
		nr = scandir(corpus, &names, no_hidden, alphasort);
		if (nr <= 0) {
			printf("1..1\nnot ok 1 - no corpus in %s\n", corpus);
			return 1;
		}
		printf("1..%d\n", nr);
	}
	for (int i = 0; i < (argc > 1 ? argc - 1 : nr); i++) {
		char path[4096];
		int r;

		if (argc > 1)
			snprintf(path, sizeof(path), "%s", argv[i + 1]);
		else
			snprintf(path, sizeof(path), "%s/%s", corpus, names[i]->d_name);
		printf("# %s\n", path);
		r = feed(path);
		failed += r < 0;
		printf("%sok %d - %s\n", r < 0 ? "not " : "", i + 1, path);
	}
	for (int i = 0; i < nr; i++)
		free(names[i]);
	free(names);
	return failed != 0;
}
