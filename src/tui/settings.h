/* SPDX-License-Identifier: MIT */
#ifndef TUI_SETTINGS_H
#define TUI_SETTINGS_H

#include <stdbool.h>
#include <stdint.h>

#include "tui/columns.h"

/* The [view] section of the configuration: how the view begins. */
struct view_settings {
	enum column_id sort; /* COLUMN_NR: in the default order */
	bool sort_descends;
	bool tree_open; /* groups are open at first */
	int64_t delay_ms;
	bool letters; /* letters instead of function keys in the footer */
	bool mouse;
};

#define VIEW_SETTINGS_INIT                                                                         \
	{                                                                                          \
		.sort = COLUMN_NR, .delay_ms = 2000, .mouse = true,                                \
	}

#endif
