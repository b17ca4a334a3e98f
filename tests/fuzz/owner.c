/* SPDX-License-Identifier: MIT */
/* The value of owner = pid: PID or PID:START, and nothing else. */
#include <inttypes.h>

#include "fuzz/fuzz.h"
#include "stray/policy.h"

/* @text without the zeros that it begins with; one digit stays. */
static const char *without_zeros(const char *text)
{
	while (text[0] == '0' && text[1] >= '0' && text[1] <= '9')
		text++;
	return text;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct bytes value = { exactly((struct bytes){ (const char *)data, size }, 0), size };
	char *text = exactly(value, 1), printed[64];
	uint64_t start = 1234567;
	pid_t pid = 1234567;
	int r = app_parse_owner(value, &pid, &start);

	if (r) {
		MUST(pid == 1234567 && start == 1234567);
	} else {
		char *colon = strchr(text, ':');

		MUST(strlen(text) == size && pid > 1);
		if (colon)
			*colon = '\0';
		/* Printed again it is what was read. */
		snprintf(printed, sizeof(printed), "%d", (int)pid);
		MUST(strcmp(printed, without_zeros(text)) == 0);
		snprintf(printed, sizeof(printed), "%" PRIu64, start);
		MUST(strcmp(printed, colon ? without_zeros(colon + 1) : "0") == 0);
	}
	free(text);
	free((char *)value.data);
	return 0;
}
