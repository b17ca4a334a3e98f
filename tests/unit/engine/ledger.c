/* SPDX-License-Identifier: MIT */
/* The ledger: rows, merging, and the file's form. */
#include "engine/ledger_file.h"

#include <time.h>

#include "base/array.h"
#include "base/bytes.h"
#include "unit/engine/fake.h"

#define NOW 1000000

static const struct instance_key key_a = { "sprout", { "a", 1 }, 1000 };
static const struct instance_key key_b = { "sprout", { "b\xff %\n", 5 }, 1000 };
static const struct identity one = { 200, 7, 70 };

static int set_up(void **state)
{
	*state = fake_mkdir();
	return 0;
}

static int tear_down(void **state)
{
	static const char *const files[] = { LEDGER_NAME, LEDGER_BAD, "ledger.lock" };
	char *dir = *state;

	for (size_t i = 0; i < 3; i++) {
		char *path = fake_path(dir, files[i]);

		unlink(path);
		free(path);
	}
	assert_int_equal(rmdir(dir), 0);
	free(dir);
	return 0;
}

static const struct identity mother = { 42, 6, 0 };

static struct ledger_process *add(struct ledger *l, const struct identity *id, unsigned ticks,
				  int64_t since_ms, int64_t seen_ms)
{
	struct ledger_process *row = ledger_add(l, id, &key_a, &mother, seen_ms);

	assert_non_null(row);
	row->ticks = ticks;
	row->since_ms = since_ms;
	row->seen_ms = seen_ms;
	return row;
}

static void rows_are_by_identity_and_instance(void **state)
{
	const struct identity recycled = { 200, 7, 71 }, plain = { 200, 7, 0 };
	const struct identity later = { 200, 8, 0 }, before = { 100, 9, 0 };
	struct ledger l;

	(void)state;
	ledger_init(&l, FAKE_BOOT, 1);
	add(&l, &later, 1, 5, 10);
	add(&l, &one, 2, 5, 10);
	add(&l, &before, 3, 5, 10);
	assert_int_equal(l.nr_procs, 3);
	assert_int_equal(ledger_find(&l, &one, &key_a)->ticks, 2);
	assert_int_equal(ledger_find(&l, &plain, &key_a)->ticks, 2);
	assert_int_equal(ledger_find(&l, &later, &key_a)->ticks, 1);
	assert_int_equal(ledger_find(&l, &before, &key_a)->ticks, 3);
	assert_null(ledger_find(&l, &recycled, &key_a));
	assert_null(ledger_find(&l, &one, &key_b));
	assert_non_null(ledger_find_any(&l, &one));
	/* Adding what is there changes nothing. */
	assert_int_equal(ledger_add(&l, &one, &key_a, &one, 11)->parent.pid, 42);
	assert_int_equal(l.nr_procs, 3);
	ledger_release(&l);
}

static void the_file_gives_back_what_was_written(void **state)
{
	const struct identity by = { 300, 3, 0 }, init = { 1, 1, 0 }, nothing = { 0, 0, 0 };
	struct ledger l, back;
	struct ledger_process *row;
	struct ledger_owner *owner;
	struct ledger_stamp stamp;
	char *warning;
	bool changed;

	ledger_init(&l, FAKE_BOOT, 1);
	row = ledger_add(&l, &one, &key_b, &mother, 5);
	row->ticks = 2;
	row->since_ms = 6;
	row->exact = true;
	row->counted_monotonic_ms = 4;
	row->seen_ms = 9;
	assert_int_equal(ledger_set_inferred(row, &by, bytes_of("gen 1"), &changed), 0);
	assert_true(changed);
	assert_int_equal(ledger_set_inferred(row, &by, bytes_of("gen 1"), &changed), 0);
	assert_false(changed);
	owner = ledger_add_owner(&l, &key_b);
	owner->desktop = by;
	owner->gone_ms = 8;
	owner->seen_ms = 9;
	owner->receipts = strdup("/home/a b/%i");
	assert_int_equal(ledger_set_frozen(&l, &by, &one, 1), 0);
	ledger_add_sandbox(&l, &by, &key_b)->seen_ms = 9;
	assert_int_equal(ledger_add_group(&l, "/sys/fs/cgroup/stray-1", &by), 0);
	assert_int_equal(ledger_set_count(&l, "uid=1000 instance=*", 77), 0);
	assert_int_equal(ledger_save(&l, *state, &stamp), 0);
	assert_false(ledger_changed(&l, *state, &stamp));
	/* In a container pid 1 may be a member. */
	assert_non_null(ledger_add(&l, &init, &key_a, &nothing, 5));
	assert_int_equal(ledger_save(&l, *state, &stamp), 0);
	ledger_release(&l);

	ledger_init(&back, FAKE_BOOT, 1);
	assert_int_equal(ledger_load(&back, *state, NOW, true, NULL, &warning), 0);
	assert_null(warning);
	row = ledger_find(&back, &one, &key_b);
	assert_non_null(row);
	assert_int_equal(row->id.pidfd_ino, 70);
	assert_int_equal(row->parent.pid, 42);
	assert_int_equal(row->parent.start_ticks, 6);
	assert_int_equal(row->from.pid, 300);
	assert_string_equal(row->generation, "gen 1");
	assert_ptr_equal(ledger_find_inferred(&back, &one, 0), row);
	assert_non_null(ledger_find(&back, &init, &key_a));
	assert_null(ledger_find_inferred(&back, &init, 0));
	assert_int_equal(row->first_ms, 5);
	assert_int_equal(row->ticks, 2);
	assert_int_equal(row->since_ms, 6);
	assert_true(row->exact);
	assert_int_equal(row->counted_monotonic_ms, 4);
	assert_int_equal(row->seen_ms, 9);
	owner = ledger_find_owner(&back, &key_b);
	assert_non_null(owner);
	assert_int_equal(owner->desktop.pid, 300);
	assert_int_equal(owner->gone_ms, 8);
	assert_string_equal(owner->receipts, "/home/a b/%i");
	assert_int_equal(back.nr_frozen, 1);
	assert_int_equal(back.frozen[0].by.pid, 300);
	assert_int_equal(back.nr_sandboxes, 1);
	assert_int_equal(ledger_find_sandbox(&back, &by, &key_b)->seen_ms, 9);
	assert_null(ledger_find_sandbox(&back, &by, &key_a));
	assert_null(ledger_find_sandbox(&back, &one, &key_b));
	assert_int_equal(back.nr_groups, 1);
	assert_string_equal(back.groups[0].path, "/sys/fs/cgroup/stray-1");
	assert_int_equal(back.groups[0].by.pid, 300);
	assert_int_equal(ledger_last_count(&back, "uid=1000 instance=*"), 77);
	assert_int_equal(ledger_last_count(&back, "uid=1000"), -1);
	ledger_release(&back);
}

static void assert_set_aside(const char *dir, bool set_aside, const char *word)
{
	struct ledger l;
	char *warning = NULL;

	ledger_init(&l, FAKE_BOOT, 1);
	assert_int_equal(ledger_load(&l, dir, NOW, set_aside, NULL, &warning), 0);
	assert_non_null(warning);
	assert_non_null(strstr(warning, word));
	assert_int_equal(l.nr_procs + l.nr_owners + l.nr_frozen + l.nr_counts, 0);
	assert_int_equal(fake_exists(dir, LEDGER_NAME), !set_aside);
	assert_int_equal(fake_exists(dir, LEDGER_BAD), set_aside);
	ledger_release(&l);
	free(warning);
}

/* The text of a ledger with one row, written under @boot_id. */
static char *sample(const char *boot_id)
{
	struct ledger l;
	char *text;
	size_t len;

	ledger_init(&l, boot_id, 1);
	add(&l, &one, 1, 5, 10);
	assert_int_equal(ledger_encode(&l, &text, &len), 0);
	ledger_release(&l);
	return text;
}

static void replace(char *text, const char *what, const char *with)
{
	char *at = strstr(text, what);

	assert_non_null(at);
	assert_int_equal(strlen(what), strlen(with));
	memcpy(at, with, strlen(with));
}

static void what_is_no_ledger_is_set_aside(void **state)
{
	static const struct {
		const char *what, *with, *word;
	} cases[] = {
		{ "{", "[", "damaged" },
		{ "stray.ledger/2", "stray.ledger/9", "version" },
		{ "stray.ledger/2", "other.ledger/1", "damaged" },
		{ FAKE_BOOT, "99999999-2222-3333-4444-555555555555", "boot" },
		{ "\"pid_ns\":1", "\"pid_ns\":2", "namespace" },
		{ "\"ticks\":1", "\"ticks\":x", "damaged" },
		{ "\"ticks\":1", "\"tick2\":1", "damaged" },
		{ "\"pid\":200", "\"pid\":001", "damaged" },
		{ "\"pid\":200", "\"pid\":-20", "damaged" },
		{ "\"exact\":false", "\"exact\":12345", "damaged" },
		{ "\"since_ms\":5", "\"since_ms\":{", "damaged" },
		{ "\"instance\":\"a\"", "\"instance\":\"%\"", "damaged" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char *text = sample(FAKE_BOOT), *bad = fake_path(*state, LEDGER_BAD);

		replace(text, cases[i].what, cases[i].with);
		fake_write(*state, LEDGER_NAME, text);
		unlink(bad);
		assert_set_aside(*state, false, cases[i].word);
		assert_set_aside(*state, true, cases[i].word);
		free(text);
		free(bad);
	}
}

static void times_to_come_are_damage(void **state)
{
	struct ledger l;
	char *text, *warning;
	size_t len;

	ledger_init(&l, FAKE_BOOT, 1);
	add(&l, &one, 1, NOW + 1, NOW + 1);
	assert_int_equal(ledger_encode(&l, &text, &len), 0);
	fake_write(*state, LEDGER_NAME, text);
	ledger_release(&l);
	free(text);
	ledger_init(&l, FAKE_BOOT, 1);
	assert_int_equal(ledger_load(&l, *state, NOW, true, NULL, &warning), 0);
	assert_non_null(warning);
	assert_int_equal(l.nr_procs, 0);
	ledger_release(&l);
	free(warning);
}

static void a_link_is_set_aside_and_not_followed(void **state)
{
	char *target = fake_path(*state, "target"), *link = fake_path(*state, LEDGER_NAME);
	char *text = sample(FAKE_BOOT);

	fake_write(*state, "target", text);
	assert_int_equal(symlink(target, link), 0);
	assert_set_aside(*state, true, "link");
	assert_true(fake_exists(*state, "target"));
	assert_int_equal(unlink(target), 0);
	free(text);
	free(target);
	free(link);
}

static void no_file_is_no_trouble(void **state)
{
	struct ledger_stamp stamp = { 1, 2, 3, 4 };
	struct ledger l;
	char *warning;

	ledger_init(&l, FAKE_BOOT, 1);
	assert_int_equal(ledger_load(&l, *state, NOW, true, &stamp, &warning), 0);
	assert_null(warning);
	assert_int_equal(l.nr_procs, 0);
	assert_false(ledger_changed(&l, *state, &stamp));
	fake_write(*state, LEDGER_NAME, "{}");
	assert_true(ledger_changed(&l, *state, &stamp));
	ledger_release(&l);
}

static void a_planted_temporary_file_is_no_way_out(void **state)
{
	char *target = fake_path(*state, "target"), *link = fake_path(*state, LEDGER_NEW);
	struct ledger l;
	char *text;

	fake_write(*state, "target", "keep me");
	assert_int_equal(symlink(target, link), 0);
	ledger_init(&l, FAKE_BOOT, 1);
	assert_int_equal(ledger_save(&l, *state, NULL), 0);
	text = fake_slurp(*state, "target");
	assert_string_equal(text, "keep me");
	assert_int_equal(unlink(target), 0);
	assert_false(fake_exists(*state, LEDGER_NEW));
	ledger_release(&l);
	free(text);
	free(target);
	free(link);
}

static void the_file_is_private(void **state)
{
	char *path = fake_path(*state, LEDGER_NAME);
	mode_t old = umask(0);
	struct ledger l;
	struct stat st;

	ledger_init(&l, FAKE_BOOT, 1);
	assert_int_equal(ledger_save(&l, *state, NULL), 0);
	umask(old);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	ledger_release(&l);
	free(path);
}

static bool forget_all(const void *ctx, const struct ledger_process *row)
{
	(void)ctx;
	(void)row;
	return true;
}

static void merging_takes_the_later_count_and_the_longer_age(void **state)
{
	const struct identity two = { 201, 7, 0 }, self = { 100, 1, 0 }, by = { 99, 1, 0 };
	struct ledger mine, file;
	struct ledger_process *row;
	bool changed;

	(void)state;
	ledger_init(&mine, FAKE_BOOT, 1);
	ledger_init(&file, FAKE_BOOT, 1);
	row = add(&mine, &one, 1, 50, 100);
	row->exact = true;
	row = add(&file, &one, 3, 60, 200);
	row->parent.pid = 77;
	assert_int_equal(ledger_set_inferred(row, &by, bytes_of("g"), &changed), 0);
	row->first_ms = 30;
	add(&file, &two, 2, 60, 90);
	assert_int_equal(ledger_set_count(&mine, "s", 10), 0);
	assert_int_equal(ledger_set_count(&file, "s", 20), 0);
	assert_int_equal(ledger_set_frozen(&mine, &self, &one, 1), 0);
	assert_int_equal(ledger_set_frozen(&file, &by, &two, 1), 0);
	ledger_add_sandbox(&mine, &one, &key_a)->seen_ms = 20;
	ledger_add_sandbox(&file, &one, &key_a)->seen_ms = 10;
	ledger_add_sandbox(&file, &two, &key_a)->seen_ms = 10;
	/* The file knows best what others froze, and we what is ours. */
	assert_int_equal(ledger_add_group(&mine, "/mine", &self), 0);
	assert_int_equal(ledger_add_group(&mine, "/thawed-by-its-own", &by), 0);
	assert_int_equal(ledger_add_group(&file, "/other", &by), 0);
	assert_int_equal(ledger_add_group(&file, "/thawed-by-us", &self), 0);
	assert_int_equal(ledger_merge(&mine, &file, &self, NULL, NULL), 0);
	row = ledger_find(&mine, &one, &key_a);
	assert_int_equal(row->ticks, 3);
	assert_int_equal(row->since_ms, 50);
	assert_true(row->exact);
	assert_int_equal(row->parent.pid, 77);
	assert_int_equal(row->from.pid, 99);
	assert_string_equal(row->generation, "g");
	assert_int_equal(ledger_find(&mine, &two, &key_a)->ticks, 2);
	assert_int_equal(ledger_last_count(&mine, "s"), 20);
	assert_int_equal(mine.nr_frozen, 2);
	assert_int_equal(mine.nr_sandboxes, 2);
	assert_int_equal(ledger_find_sandbox(&mine, &one, &key_a)->seen_ms, 20);
	assert_int_equal(ledger_find_sandbox(&mine, &two, &key_a)->seen_ms, 10);
	assert_int_equal(mine.nr_groups, 2);
	assert_string_equal(mine.groups[0].path, "/mine");
	assert_string_equal(mine.groups[1].path, "/other");

	/* The earlier look says nothing about the count of the later one. */
	row = ledger_find(&mine, &one, &key_a);
	row->ticks = 0;
	row->since_ms = -1;
	row->seen_ms = 300;
	assert_int_equal(ledger_merge(&mine, &file, &self, NULL, NULL), 0);
	assert_int_equal(ledger_find(&mine, &one, &key_a)->ticks, 0);
	assert_int_equal(ledger_find(&mine, &one, &key_a)->since_ms, -1);
	ledger_release(&mine);
	ledger_init(&mine, FAKE_BOOT, 1);
	assert_int_equal(ledger_merge(&mine, &file, &self, forget_all, NULL), 0);
	assert_int_equal(mine.nr_procs, 0);
	ledger_release(&mine);
	ledger_release(&file);
}

static void each_boot_and_pid_namespace_has_a_file_of_its_own(void **state)
{
	static const struct {
		const char *boot_id;
		uint64_t pid_ns;
	} others[] = { { FAKE_BOOT, 2 }, { "99999999-2222-3333-4444-555555555555", 1 } };
	char *warning, name[LEDGER_NAME_SIZE];
	struct ledger l, other;

	ledger_init(&l, FAKE_BOOT, 1);
	add(&l, &one, 1, 5, 10);
	assert_int_equal(ledger_save(&l, *state, NULL), 0);
	for (size_t i = 0; i < ARRAY_SIZE(others); i++) {
		char *path;

		ledger_init(&other, others[i].boot_id, others[i].pid_ns);
		assert_int_equal(ledger_load(&other, *state, NOW, true, NULL, &warning), 0);
		assert_null(warning);
		assert_int_equal(other.nr_procs, 0);
		assert_int_equal(ledger_save(&other, *state, NULL), 0);
		ledger_name(&other, "", name);
		assert_true(fake_exists(*state, name));
		/* It goes once it is older than what a count is good for. */
		ledger_clean(&l, *state, (int64_t)time(NULL) * 1000);
		assert_true(fake_exists(*state, name));
		ledger_clean(&l, *state, (int64_t)time(NULL) * 1000 + LEDGER_STALE_MS + 5000);
		assert_false(fake_exists(*state, name));
		path = fake_path(*state, name);
		unlink(path);
		free(path);
		ledger_release(&other);
	}
	ledger_init(&other, FAKE_BOOT, 1);
	assert_int_equal(ledger_load(&other, *state, NOW, true, NULL, &warning), 0);
	assert_int_equal(other.nr_procs, 1);
	ledger_release(&other);
	ledger_release(&l);
}

static void a_process_is_forgotten_in_all_its_instances(void **state)
{
	const struct identity two = { 201, 7, 0 }, recycled = { 200, 7, 71 };
	struct ledger l;

	(void)state;
	ledger_init(&l, FAKE_BOOT, 1);
	assert_non_null(ledger_add(&l, &one, &key_a, &mother, 5));
	assert_non_null(ledger_add(&l, &one, &key_b, &mother, 5));
	assert_non_null(ledger_add(&l, &recycled, &key_a, &mother, 5));
	assert_non_null(ledger_add(&l, &two, &key_a, &mother, 5));
	assert_true(ledger_forget(&l, &one));
	assert_false(ledger_forget(&l, &one));
	assert_int_equal(l.nr_procs, 2);
	assert_non_null(ledger_find(&l, &recycled, &key_a));
	assert_non_null(ledger_find(&l, &two, &key_a));
	ledger_release(&l);
}

static void rows_unseen_for_a_day_expire(void **state)
{
	const struct identity two = { 201, 7, 0 };
	struct ledger l;

	(void)state;
	ledger_init(&l, FAKE_BOOT, 1);
	add(&l, &one, 1, 0, 0);
	add(&l, &two, 1, 0, 1);
	ledger_add_owner(&l, &key_a)->seen_ms = 0;
	ledger_expire(&l, LEDGER_STALE_MS + 1);
	assert_null(ledger_find(&l, &one, &key_a));
	assert_non_null(ledger_find(&l, &two, &key_a));
	assert_null(ledger_find_owner(&l, &key_a));
	ledger_release(&l);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(rows_are_by_identity_and_instance),
		TEST(the_file_gives_back_what_was_written),
		TEST(what_is_no_ledger_is_set_aside),
		TEST(times_to_come_are_damage),
		TEST(a_link_is_set_aside_and_not_followed),
		TEST(no_file_is_no_trouble),
		TEST(a_planted_temporary_file_is_no_way_out),
		TEST(the_file_is_private),
		TEST(merging_takes_the_later_count_and_the_longer_age),
		TEST(rows_unseen_for_a_day_expire),
		TEST(each_boot_and_pid_namespace_has_a_file_of_its_own),
		TEST(a_process_is_forgotten_in_all_its_instances),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
