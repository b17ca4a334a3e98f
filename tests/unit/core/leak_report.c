/* SPDX-License-Identifier: MIT */
#include <errno.h>

#include "core/leak_report.h"
#include "helpers/table.h"

/* An orphan with a process that it started, and an agent at work with its worker. */
static void make_world(struct table *t)
{
	TABLE(t, { 4242, 1, "bare-desk" }, { 4300, 4242, "goose", "BARE_AGENT=b" },
	      { 4301, 4300, "node" }, { 5000, 1, "goose", "BARE_AGENT=a" }, { 5001, 5000, "sh" });
	table_census(t);
}

static struct member *world_member(struct table *t, pid_t pid)
{
	struct member *m = table_member(t, pid, NULL);

	assert_non_null(m);
	return m;
}

static void rows_are_counted_once_per_process(void **state)
{
	struct leak_report r = { 0 };
	struct leak *row, *again;
	struct table w;

	(void)state;
	make_world(&w);
	leak_report_begin(&r, w.c);
	assert_int_equal(leak_report_add(&r, world_member(&w, 5000), LEAK_LEFT, WHY_MAY_END, &row),
			 0);
	assert_ptr_equal(row->member, world_member(&w, 5000));
	assert_int_equal(
		leak_report_add(&r, world_member(&w, 5000), LEAK_KEPT, WHY_OPT_OUT, &again),
		-EEXIST);
	assert_ptr_equal(again, row);
	assert_int_equal(r.count[LEAK_LEFT], 1);
	assert_int_equal(r.count[LEAK_KEPT], 0);
	assert_int_equal(r.nr, 1);
	/* The same picture again: the rows are gone, the census is not. */
	leak_report_begin(&r, w.c);
	assert_int_equal(r.nr, 0);
	assert_int_equal(r.count[LEAK_LEFT], 0);
	assert_ptr_equal(r.census, w.c);
	leak_report_release(&r);
	assert_null(r.census);
	table_release(&w);
}

static void rows_outlive_what_they_were_filled_from(void **state)
{
	struct leak_report r = { 0 };
	uint16_t ports[] = { 80, 81 };
	char path[] = "/repo/a";
	struct leak *row;
	struct table w;

	(void)state;
	make_world(&w);
	world_member(&w, 5000)->ports = ports;
	world_member(&w, 5000)->nr_ports = 2;
	world_member(&w, 5000)->ports_known = true;
	leak_report_begin(&r, w.c);
	census_unref(w.c);
	w.c = r.census;
	assert_int_equal(leak_report_add(&r, world_member(&w, 5000), LEAK_LEFT, WHY_MAY_END, &row),
			 0);
	w.c = NULL;
	for (int i = 0; i < 20; i++)
		assert_int_equal(leak_add_file(row, path), 0);
	ports[0] = 1;
	path[0] = 'x';
	assert_int_equal(row->ports[0], 80);
	assert_string_equal(row->files[0], "/repo/a");
	assert_int_equal(row->nr_files, 16);
	assert_int_equal(row->more_files, 4);
	assert_int_equal(leak_set_ports(row, NULL, 0), 0);
	assert_true(row->ports_known);
	assert_int_equal(row->nr_ports, 0);
	assert_string_equal(leak_parent(&r, row)->comm, "systemd");
	leak_report_release(&r);
	table_release(&w);
}

static void ancestors_have_their_bounds(void **state)
{
	struct leak_report r = { 0 };
	struct identity id = { .pid = 7, .start_ticks = 70 };
	struct leak *row;
	struct table w;

	(void)state;
	make_world(&w);
	leak_report_begin(&r, w.c);
	assert_int_equal(leak_report_add(&r, world_member(&w, 5000), LEAK_LEFT, WHY_MAY_END, &row),
			 0);
	for (id.pid = 7; id.pid < 20; id.pid++)
		leak_add_ancestor(row, &id, "a name that is longer than a comm");
	assert_int_equal(row->nr_ancestors, LEAK_ANCESTORS_MAX);
	assert_int_equal(row->ancestors[0].id.pid, 7);
	assert_string_equal(row->ancestors[LEAK_ANCESTORS_MAX - 1].name, "a name that is ");
	leak_report_release(&r);
	table_release(&w);
}

static void the_status_is_leaks_before_doubt(void **state)
{
	struct leak_report r = { 0 };
	struct table w;

	(void)state;
	make_world(&w);
	leak_report_begin(&r, w.c);
	assert_int_equal(leak_report_status(&r), 0);
	leak_report_add(&r, world_member(&w, 5001), LEAK_KEPT, WHY_OPT_OUT, NULL);
	leak_report_add(&r, world_member(&w, 4301), LEAK_FORGIVEN, WHY_MAY_END, NULL);
	assert_int_equal(leak_report_status(&r), 0);
	w.s->complete = false;
	assert_int_equal(leak_report_status(&r), 3);
	w.s->complete = true;
	leak_report_add(&r, world_member(&w, 4300), LEAK_UNKNOWN, WHY_MAY_END, NULL);
	assert_int_equal(leak_report_status(&r), 3);
	leak_report_add(&r, world_member(&w, 5000), LEAK_LEFT, WHY_MAY_END, NULL);
	assert_int_equal(leak_report_status(&r), 1);
	leak_report_release(&r);
	table_release(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rows_are_counted_once_per_process),
		cmocka_unit_test(rows_outlive_what_they_were_filled_from),
		cmocka_unit_test(ancestors_have_their_bounds),
		cmocka_unit_test(the_status_is_leaks_before_doubt),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
