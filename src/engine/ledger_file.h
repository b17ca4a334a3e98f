/* SPDX-License-Identifier: MIT */
#ifndef ENGINE_LEDGER_FILE_H
#define ENGINE_LEDGER_FILE_H

#include "engine/ledger.h"

/* Room for the name of a ledger's file, with ".bad" or ".new" behind it. */
enum { LEDGER_NAME_SIZE = 64 };

/*
 * The name of the file of @l: there is one for each boot and pid namespace, so that
 * what runs in a sandbox, or on another machine that has the folder too, does not undo
 * what is counted here.
 */
void ledger_name(const struct ledger *l, const char *suffix, char name[LEDGER_NAME_SIZE]);

/* Which state of the file was read or written last; all zero: none. */
struct ledger_stamp {
	uint64_t dev, ino;
	int64_t size, mtime_ns;
};

/*
 * Read the file of @l in DIR into @l, which ledger_init() has just emptied with the
 * boot id of now. No file: 0, @l stays empty. A file that is damaged, of
 * another boot, of a later version, a link or another user's: 0 as well, @l
 * stays empty and *ret_warning says what is wrong (heap, escaped); with
 * @set_aside it is renamed, with ".bad" behind. *ret_warning is NULL otherwise.
 * @now_ms: CLOCK_BOOTTIME; times beyond it are damage. *ret_stamp may be NULL.
 * -ENOMEM, or -errno where the folder cannot be used.
 */
int ledger_load(struct ledger *l, const char *dir, int64_t now_ms, bool set_aside,
		struct ledger_stamp *ret_stamp, char **ret_warning);

/*
 * Write @l to its file in DIR, whole: a temporary file, fsync, rename. The
 * caller holds the file's lock (ledger_lock). 0 or -errno.
 */
int ledger_save(const struct ledger *l, const char *dir, struct ledger_stamp *ret_stamp);

/* Has the file changed since @stamp? False where it cannot be told. */
bool ledger_changed(const struct ledger *l, const char *dir, const struct ledger_stamp *stamp);

/* Remove files of other boots and namespaces that are older than LEDGER_STALE_MS. */
void ledger_clean(const struct ledger *l, const char *dir, int64_t realtime_ms);

/* Keep other writers out while it is read, merged and written: a descriptor or -errno. */
int ledger_lock(const char *dir);

/* The JSON text of @l (heap, *ret_len bytes), and back: 0, -EBADMSG, -ENOMEM. For tests, too. */
int ledger_encode(const struct ledger *l, char **ret_text, size_t *ret_len);
int ledger_decode(struct ledger *l, const char *text, size_t len, int64_t now_ms,
		  const char **ret_why);

#endif
