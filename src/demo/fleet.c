/* SPDX-License-Identifier: MIT */
#include "demo/fleet.h"

/*
 * Two ids are prefixes of the first desktop's: code that compares without regard to
 * where an identifier ends takes their orphans for owned.
 */
#define LIVE	  "demo.app.dev.tree-2"
#define LOST_TREE "demo.app.dev.tree"
#define LOST_DEV  "demo.app.dev"
#define RUNNER	  "demo.app.dev.runner" /* its parent lives and may be its owner */
#define RELEASE	  DEMO_DEFAULT

const struct demo_row demo_rows[] = {
	/* A desktop that names its id, three agents at work, and a job one of them put aside. */
	[0] = { DEMO_DESKTOP,
		DEMO_TOP,
		NULL,
		DEMO_IS_DESKTOP | DEMO_SESSION,
		9000,
		{ "--instance", LIVE } },
	[1] = { "goose", 0, LIVE, DEMO_GROUP, 5200, { "run", "--recipe", "review" } },
	[2] = { "node", 1, LIVE, 0, 7400, { "mcp-server.js" } },
	[3] = { "rg", 1, LIVE, 0, 300, { "--json", "needle" } },
	[4] = { "claude", 0, LIVE, DEMO_GROUP, 8100, { "--model", "demo" } },
	[5] = { "MainThread", 4, LIVE, 0, 3600, { "server.py" } },
	[6] = { "sh", 4, LIVE, DEMO_GONE, 0, { "-c", "make &" } },
	[7] = { "make", 6, LIVE, DEMO_SESSION, 900, { "-j2", "check" } },
	[8] = { "codex", 0, LIVE, DEMO_GROUP | DEMO_BUSY, 4100, { "exec" } },
	[9] = { "python3", 8, LIVE, 0, 2700, { "-m", "http" } },

	/* A release-like desktop: it names no id, so it owns the default one. */
	[10] = { DEMO_DESKTOP, DEMO_TOP, NULL, DEMO_IS_DESKTOP | DEMO_SESSION, 9400, { NULL } },
	[11] = { "goose", 10, RELEASE, DEMO_GROUP, 5000, { "acp" } },
	[12] = { "node", 11, RELEASE, DEMO_BUSY, 6800, { "mcp-server.js" } },
	[13] = { "claude", 10, RELEASE, DEMO_GROUP, 7900, { "--model", "demo" } },
	[14] = { "MainThread", 13, RELEASE, 0, 3500, { "server.py" } },
	[15] = { "bash", 13, RELEASE, DEMO_SESSION, 400, { "-l" } },

	/* Gone, with three agents left: one of them deaf, one with a worker that broke away. */
	[16] = { DEMO_DESKTOP,
		 DEMO_TOP,
		 NULL,
		 DEMO_IS_DESKTOP | DEMO_SESSION | DEMO_GONE,
		 0,
		 { "--instance", LOST_TREE } },
	[17] = { "goose", 16, LOST_TREE, DEMO_GROUP, 5100, { "run", "--recipe", "tests" } },
	[18] = { "node", 17, LOST_TREE, DEMO_SESSION, 7000, { "mcp-server.js" } },
	[19] = { "sh", 18, LOST_TREE, 0, 300, { "-c", "tail -f log" } },
	[20] = { "claude", 16, LOST_TREE, DEMO_GROUP | DEMO_DEAF, 8000, { "--model", "demo" } },
	[21] = { "MainThread", 20, LOST_TREE, DEMO_DEAF, 3400, { "server.py" } },
	[22] = { "codex", 16, LOST_TREE, DEMO_GROUP | DEMO_BUSY, 4000, { "exec" } },
	[23] = { "rg", 22, LOST_TREE, 0, 300, { "--json", "hay" } },

	/* Gone too. One of its agents asks to be kept, one has another parent that lives. */
	[24] = { DEMO_DESKTOP,
		 DEMO_TOP,
		 NULL,
		 DEMO_IS_DESKTOP | DEMO_SESSION | DEMO_GONE,
		 0,
		 { "--instance", LOST_DEV } },
	[25] = { "goose", 24, LOST_DEV, DEMO_GROUP, 5300, { "run", "--recipe", "docs" } },
	[26] = { "python3", 25, LOST_DEV, 0, 2900, { "tool.py" } },
	[27] = { "claude", 24, LOST_DEV, DEMO_GROUP | DEMO_KEEP, 7700, { "--model", "demo" } },
	[28] = { "node", 27, LOST_DEV, 0, 6500, { "notebook.js" } },
	[29] = { "build-runner", DEMO_TOP, NULL, DEMO_SESSION, 1200, { "--watch" } },
	[30] = { "codex", 29, RUNNER, 0, 3900, { "exec" } },
};

const size_t demo_nr_rows = sizeof(demo_rows) / sizeof(demo_rows[0]);

_Static_assert(sizeof(demo_rows) / sizeof(demo_rows[0]) < DEMO_MAX, "the fleet is too large");
