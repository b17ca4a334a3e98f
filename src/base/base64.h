/* SPDX-License-Identifier: MIT */
#ifndef BASE_BASE64_H
#define BASE_BASE64_H

#include "base/strbuf.h"

/* Append @len bytes of @data in base64 (RFC 4648), padded. */
void base64_append(struct strbuf *sb, const void *data, size_t len);

#endif
