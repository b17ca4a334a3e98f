/* SPDX-License-Identifier: MIT */
/* The ledger's JSON: whatever is accepted is in bounds, and comes back as it was written. */
#include "engine/ledger_file.h"
#include "fuzz/fuzz.h"

#define BOOT "11111111-2222-3333-4444-555555555555"

enum { NOW_MS = 1000000 };

static void check(const struct ledger *l)
{
	for (size_t i = 0; i < l->nr_procs; i++) {
		const struct ledger_process *row = &l->procs[i];

		MUST(row->id.pid > 0 && row->key.app && row->key.app[0] && row->key.id.len);
		MUST(row->since_ms <= NOW_MS && row->seen_ms <= NOW_MS && row->first_ms <= NOW_MS);
		MUST(!row->ticks || row->since_ms >= 0);
		MUST(!i || l->procs[i - 1].id.pid <= row->id.pid);
		MUST(strlen(row->key.id.data) == row->key.id.len);
	}
	for (size_t i = 0; i < l->nr_frozen; i++)
		MUST(l->frozen[i].id.pid > 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = exactly((struct bytes){ (const char *)data, size }, 0), *once, *twice;
	const char *why = NULL;
	size_t once_len, twice_len;
	struct ledger l, again;

	ledger_init(&l, BOOT, 1);
	if (ledger_decode(&l, text, size, NOW_MS, &why) < 0) {
		MUST(why && !l.nr_procs && !l.nr_owners && !l.nr_frozen && !l.nr_counts);
		MUST(strcmp(l.boot_id, BOOT) == 0);
	}
	check(&l);
	MUST(ledger_encode(&l, &once, &once_len) == 0);
	ledger_init(&again, BOOT, 1);
	MUST(ledger_decode(&again, once, once_len, NOW_MS, &why) == 0);
	MUST(again.nr_procs == l.nr_procs && again.nr_owners == l.nr_owners);
	MUST(ledger_encode(&again, &twice, &twice_len) == 0);
	MUST(once_len == twice_len && memcmp(once, twice, once_len) == 0);
	ledger_release(&again);
	ledger_release(&l);
	free(once);
	free(twice);
	free(text);
	return 0;
}
