/* SPDX-License-Identifier: MIT */
#ifndef CORE_IDENTIFIER_H
#define CORE_IDENTIFIER_H

#include "stray/process.h"

/* Is it one of [A-Za-z0-9._-]? */
bool identifier_byte(char c);

/*
 * Does @text hold @id with an identifier boundary on both sides? An identifier
 * byte is [A-Za-z0-9._-]; one of them directly before or behind makes it a
 * longer name, which is another id: `app` is not in `app.dev`. An empty
 * @id is nowhere.
 */
bool identifier_in(struct bytes text, struct bytes id);

#endif
