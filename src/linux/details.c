/* SPDX-License-Identifier: MIT */
#include "linux/details.h"

#include <libproc2/pids.h>
#include <stdio.h>

enum { D_NICE, D_WCHAN, D_NR };

/* Names of functions begin with a letter or `_`; `-`, `0` and `?` stand for none. */
static bool is_name(const char *text)
{
	return text && ((text[0] >= 'a' && text[0] <= 'z') || (text[0] >= 'A' && text[0] <= 'Z') ||
			text[0] == '_');
}

bool details_of(pid_t pid, int *ret_nice, char *waits_in, size_t size)
{
	enum pids_item items[D_NR] = { [D_NICE] = PIDS_NICE, [D_WCHAN] = PIDS_WCHAN_NAME };
	unsigned id = (unsigned)pid;
	struct pids_info *info = NULL;
	struct pids_fetch *fetch;
	bool found;

	if (procps_pids_new(&info, items, D_NR) < 0)
		return false;
	fetch = procps_pids_select(info, &id, 1, PIDS_SELECT_PID);
	found = fetch && fetch->counts->total == 1;
	if (found) {
		/* From the stack directly: PIDS_VAL has four arguments up to 4.0.3, three later. */
		const struct pids_result *head = fetch->stacks[0]->head;
		const char *name = head[D_WCHAN].result.str;

		*ret_nice = head[D_NICE].result.s_int;
		snprintf(waits_in, size, "%s", is_name(name) ? name : "");
	}
	procps_pids_unref(&info);
	return found;
}
