/* SPDX-License-Identifier: MIT */
#ifndef STATIC_TERMINAL_H
#define STATIC_TERMINAL_H

/* A terminal that is built in: its name, and its entry as `infocmp -Q2` writes it. */
struct terminal {
	const char *name, *entry;
};

/* The last one has no name. */
extern const struct terminal terminals[];

#endif
