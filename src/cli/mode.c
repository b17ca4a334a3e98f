/* SPDX-License-Identifier: MIT */
#include "cli/mode.h"

const struct mode modes[MODE_NR] = {
	[MODE_VIEW] = { .run = mode_view },
	[MODE_LIST] = { .run = mode_list },
	[MODE_SWEEP] = { .run = mode_sweep, .signals = true },
	[MODE_CHECK] = { .run = mode_check, .signals = true },
	[MODE_REAP] = { .run = mode_reap, .signals = true },
	[MODE_RUN] = { .run = mode_run, .signals = true },
	[MODE_EXPLAIN] = { .run = mode_explain },
	[MODE_HISTORY] = { .run = mode_history },
	[MODE_PRINT_CONFIG] = { .run = mode_print_config },
	[MODE_VERSION] = { .run = mode_version, .bare = true },
	[MODE_HELP] = { .run = mode_help, .bare = true },
};
