/* SPDX-License-Identifier: MIT */
/* Rules that hold twice over elsewhere: each one taken by itself. */
#include <sys/socket.h>
#include <sys/un.h>

#include "engine/ledger_file.h"
#include "engine/receipts.h"
#include "unit/engine/engine_fixture.h"

#define NOW 1000000

static void incomplete_scan_condemns_none(void **state)
{
	struct ctx *t = *state;

	/* The owner lives, so an incomplete scan does not make it unknown. */
	fake_agent(t->f, 200, 1, ID);
	fake_pass(t->f, 1000);
	fake_env(fake_desktop(t->f, 300, ID), "HOME=/nonexistent/home");
	t->options.settings.grace = 1;
	begin(t);
	tick(t, TICK_COUNT);
	assert_true(look_at(t, 200).condemned);
	t->f->blind = 1;
	assert_false(look_at(t, 200).condemned);
	assert_true(look_at(t, 200).condemned);
}

static void every_membership_is_condemned_or_none(void **state)
{
	struct ctx *t = *state;
	struct fake_proc *p;

	/* Below an orphan of "a", in the group of one of "b" that has a window. */
	fake_agent(t->f, 200, 1, "a");
	fake_agent(t->f, 210, 1, "b")->window = true;
	p = fake_add(t->f, 250, 200, "helper");
	p->pgid = 210;
	t->options.settings.grace = 1;
	begin(t);
	tick(t, TICK_COUNT);
	assert_true(look_at(t, 200).condemned);
	assert_false(look_at(t, 210).condemned);
	assert_false(look_at(t, 250).condemned);
}

static void process_without_verified_identity_is_not_counted(void **state)
{
	struct ctx *t = *state;

	fake_agent(t->f, 200, 1, ID);
	begin(t);
	t->f->open_error = -EMFILE;
	sweep_after(t, INTERVAL);
	assert_int_equal(look_at(t, 200).ticks, 0);
	t->f->open_error = 0;
	sweep_after(t, INTERVAL);
	assert_int_equal(look_at(t, 200).ticks, 1);
}

static void an_owner_that_was_not_watched_was_not_seen_to_go(void **state)
{
	struct ctx *t = *state;
	struct member m;

	fake_env(fake_desktop(t->f, 300, ID), "HOME=/nonexistent/home");
	fake_agent(t->f, 200, 300, ID);
	begin(t);
	sweep_after(t, 0);
	t->f->nr_watched = 0;
	fake_end(t->f, fake_find(t->f, 300));
	fake_pass(t->f, 5000);
	m = look_at(t, 200);
	assert_false(m.orphan_exact);
	assert_int_equal(m.orphan_since_ms, t->f->boottime_ms);
}

static void the_ledger_goes_by_user(void **state)
{
	const struct identity one = { 200, 7, 70 };
	const struct instance_key key = { "sprout", { "a", 1 }, 1000 };
	struct instance_key other = key;
	struct ledger l;

	(void)state;
	other.uid = 1001;
	ledger_init(&l, FAKE_BOOT, 1);
	assert_non_null(ledger_add(&l, &one, &key, &one, 5));
	assert_non_null(ledger_find(&l, &one, &key));
	assert_null(ledger_find(&l, &one, &other));
	assert_non_null(ledger_add_owner(&l, &key));
	assert_null(ledger_find_owner(&l, &other));
	ledger_release(&l);
}

static void a_ledger_that_others_can_write_is_set_aside(void **state)
{
	static const char *const files[] = { LEDGER_NAME, LEDGER_BAD };
	char *dir = fake_mkdir(), *path = fake_path(dir, LEDGER_NAME), *warning;
	struct ledger l;

	(void)state;
	ledger_init(&l, FAKE_BOOT, 1);
	assert_int_equal(ledger_save(&l, dir, NULL), 0);
	assert_int_equal(ledger_load(&l, dir, NOW, true, NULL, &warning), 0);
	assert_null(warning);
	assert_int_equal(chmod(path, 0620), 0);
	assert_int_equal(ledger_load(&l, dir, NOW, true, NULL, &warning), 0);
	assert_non_null(warning);
	free(warning);
	free(path);
	ledger_release(&l);
	for (size_t i = 0; i < 2; i++) {
		path = fake_path(dir, files[i]);
		unlink(path);
		free(path);
	}
	assert_int_equal(rmdir(dir), 0);
	free(dir);
}

#define PROCESS(pid, ticks, since)                                                                 \
	"{\"process\":{\"pid\":" pid ",\"start_ticks\":8,\"pidfd_ino\":9},\"app\":\"sprout\","     \
	"\"instance\":\"a\",\"uid\":1000,\"parent\":{\"pid\":1,\"start_ticks\":0,"                 \
	"\"pidfd_ino\":0},\"from\":null,\"generation\":null,\"first_ms\":5,"                       \
	"\"ticks\":" ticks ",\"since_ms\":" since ",\"exact\":true,"                               \
	"\"counted_monotonic_ms\":6,\"seen_ms\":9}"
#define LEDGER(processes)                                                                          \
	"{\"schema\":\"stray.ledger/2\",\"boot_id\":\"" FAKE_BOOT "\",\"pid_ns\":1,\"counts\":[]," \
	"\"owners\":[],\"frozen\":[],\"processes\":[" processes "]}"

static int decode(struct ledger *l, const char *text)
{
	const char *why = NULL;

	ledger_init(l, FAKE_BOOT, 1);
	return ledger_decode(l, text, strlen(text), NOW, &why);
}

static void a_count_without_a_beginning_is_damage(void **state)
{
	struct ledger l;

	(void)state;
	assert_int_equal(decode(&l, LEDGER(PROCESS("43", "2", "6"))), 0);
	assert_int_equal(l.nr_procs, 1);
	ledger_release(&l);
	assert_int_equal(decode(&l, LEDGER(PROCESS("43", "2", "-1"))), -EBADMSG);
	ledger_release(&l);
}

static void damage_leaves_nothing_of_what_stood_before_it(void **state)
{
	struct ledger l;

	(void)state;
	assert_int_equal(decode(&l, LEDGER(PROCESS("43", "2", "6") "," PROCESS("0", "2", "6"))),
			 -EBADMSG);
	assert_int_equal(l.nr_procs, 0);
	assert_string_equal(l.boot_id, FAKE_BOOT);
	ledger_release(&l);
}

static void a_receipt_that_cannot_be_opened_leaves_all_unread(void **state)
{
	char *dir = fake_mkdir(), *path = fake_path(dir, "a.pid");
	const struct process desktop = { .environ_read = READ_DONE };
	struct app app = { .receipts = dir };
	struct instance inst = { .app = &app, .uid = geteuid() };
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	struct receipts_cache cache = { 0 };
	struct snapshot *s = snapshot_new();
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	(void)state;
	assert_int_equal(receipts_read(&s->storage, &cache, &inst, &desktop, 0, NULL, NULL).state,
			 RECEIPTS_READ);
	/* Not for want of rights, which root has. */
	assert_true(strlen(path) < sizeof(address.sun_path));
	memcpy(address.sun_path, path, strlen(path) + 1);
	assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	assert_int_equal(receipts_read(&s->storage, &cache, &inst, &desktop, 0, NULL, NULL).state,
			 RECEIPTS_FAILED);
	close(fd);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(rmdir(dir), 0);
	receipts_cache_release(&cache);
	snapshot_unref(s);
	free(path);
	free(dir);
}

static void without_the_environment_no_fixed_folder_is_believed_either(void **state)
{
	char *dir = fake_mkdir();
	struct process desktop = { .environ_read = READ_REFUSED };
	struct app app = { .receipts = dir };
	struct instance inst = { .app = &app, .uid = geteuid() };
	struct receipts_cache cache = { 0 };
	struct snapshot *s = snapshot_new();

	(void)state;
	assert_int_equal(receipts_read(&s->storage, &cache, &inst, &desktop, 0, NULL, NULL).state,
			 RECEIPTS_FAILED);
	desktop.environ_read = READ_DONE;
	assert_int_equal(receipts_read(&s->storage, &cache, &inst, &desktop, 0, NULL, NULL).state,
			 RECEIPTS_READ);
	assert_int_equal(rmdir(dir), 0);
	receipts_cache_release(&cache);
	snapshot_unref(s);
	free(dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(incomplete_scan_condemns_none),
		TEST(every_membership_is_condemned_or_none),
		TEST(process_without_verified_identity_is_not_counted),
		TEST(an_owner_that_was_not_watched_was_not_seen_to_go),
		cmocka_unit_test(the_ledger_goes_by_user),
		cmocka_unit_test(a_ledger_that_others_can_write_is_set_aside),
		cmocka_unit_test(a_count_without_a_beginning_is_damage),
		cmocka_unit_test(damage_leaves_nothing_of_what_stood_before_it),
		cmocka_unit_test(a_receipt_that_cannot_be_opened_leaves_all_unread),
		cmocka_unit_test(without_the_environment_no_fixed_folder_is_believed_either),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
