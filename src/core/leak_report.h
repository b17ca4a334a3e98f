/* SPDX-License-Identifier: MIT */
#ifndef CORE_LEAK_REPORT_H
#define CORE_LEAK_REPORT_H

#include "stray/census.h"

/*
 * What --check found. The face fills it, every format writes it. It holds a
 * reference to the census of the last scan, which the rows point into; a
 * process is one row even if several instances claim it.
 */

enum leak_kind {
	LEAK_LEFT,     /* a leak */
	LEAK_UNKNOWN,  /* the owner or the state is unknown: perhaps a leak */
	LEAK_KEPT,     /* would be a leak, but is kept: listed only */
	LEAK_FORGIVEN, /* in the baseline: listed only */
	LEAK_NR
};

/* A recorded parent of a process, or of another ancestor. */
struct leak_ancestor {
	struct identity id;
	char name[16]; /* comm, not escaped */
};

enum { LEAK_ANCESTORS_MAX = 8 };

struct leak {
	enum leak_kind kind;
	const struct member *member; /* in the census; process, instance and state */
	/*
	 * The reason why the sweep would keep it, WHY_MAY_END: none. With
	 * --check -- CMD a leak may have one too.
	 */
	enum verdict_why kept;

	/*
	 * Its parent when it was started, the parent of that one, and so on, as far as they
	 * were seen; they may have ended. An adopter is not recorded here.
	 */
	struct leak_ancestor ancestors[LEAK_ANCESTORS_MAX];
	size_t nr_ancestors;

	/* Paths that it has open below the working tree, not escaped; heap, owned. */
	char **files;
	size_t nr_files, alloc_files;
	size_t more_files; /* further ones, counted only */
	bool files_known;

	/* TCP and UDP ports it listens on; heap, owned. */
	uint16_t *ports;
	size_t nr_ports;
	bool ports_known;
};

/* All zero is an empty report without a census; the formats want one with a census. */
struct leak_report {
	struct census *census; /* one reference, or NULL */
	struct leak *rows;
	size_t nr, alloc;
	size_t count[LEAK_NR];
	int64_t waited_ms; /* from the first scan to the last */

	/* --check -- CMD; NULL: without a command. */
	const char *command; /* CMD's name, without its arguments; borrowed, not escaped */
	int command_status;  /* as a shell would say: 128+N for a signal; -1: not known */
	bool killing;	     /* --kill: the leaks are ended after this report */
};

/* Begin (again) with @census: drop all rows, take a reference to it. */
void leak_report_begin(struct leak_report *report, struct census *census);

/*
 * Add a row for @member and count it. *ret_row (may be NULL) is good until the
 * next add. Returns 0, -EEXIST (its process has a row; *ret_row is that one) or
 * -ENOMEM. The ports known of the member are copied; its live parents that did not
 * adopt it are recorded.
 */
int leak_report_add(struct leak_report *report, const struct member *member, enum leak_kind kind,
		    enum verdict_why kept, struct leak **ret_row);

/* Record the next ancestor; beyond LEAK_ANCESTORS_MAX they are left out. */
void leak_add_ancestor(struct leak *row, const struct identity *id, const char *name);

/* Record an open file; beyond the first 16 they are counted only. Returns 0 or -ENOMEM. */
int leak_add_file(struct leak *row, const char *path);

/* Record the ports, replacing those known. Returns 0 or -ENOMEM. */
int leak_set_ports(struct leak *row, const uint16_t *ports, size_t nr);

void leak_report_release(struct leak_report *report);

/*
 * Return the exit status for the report: 1 leaks, 3 unknown ones or an incomplete scan,
 * else 0. The caller combines it with CMD's status.
 */
int leak_report_status(const struct leak_report *report);

/* For the formats: the instance of a row, and its present parent or NULL. */
const struct instance *leak_instance(const struct leak_report *report, const struct leak *row);
const struct process *leak_parent(const struct leak_report *report, const struct leak *row);

/* "leak" "unknown" "kept" "forgiven" */
const char *leak_kind_name(enum leak_kind kind);

#endif
