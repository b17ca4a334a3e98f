/* Nobody is ended who is not confirmed. */
#include "unit/engine/sweep_fixture.h"

static void blind_on_second_scan(struct fake *f)
{
	if (f->scans == 2)
		f->blind = 1;
}

static void confirmation_must_be_complete(void **state)
{
	struct ctx *t = *state;

	fake_agent(t->f, 200, 1, ID);
	begin(t);
	sweep_after(t, 0);
	t->f->scans = 0;
	t->f->on_scan = blind_on_second_scan;
	sweep_after(t, INTERVAL);
	assert_int_equal(t->f->scans, 2);
	assert_int_equal(t->f->signals, 0);
	assert_non_null(fake_find(t->f, 200));
	assert_non_null(strstr(t->f->warnings, "could not all be looked at"));
}

static void close_window_on_second_scan(struct fake *f)
{
	if (f->scans == 2)
		fake_find(f, 200)->window = false;
}

static void confirmation_condemns_nobody_new(void **state)
{
	struct ctx *t = *state;

	fake_agent(t->f, 200, 1, ID)->window = true;
	fake_agent(t->f, 201, 1, ID);
	begin(t);
	sweep_after(t, 0);
	t->f->scans = 0;
	t->f->on_scan = close_window_on_second_scan;
	sweep_after(t, INTERVAL);
	assert_null(fake_find(t->f, 201));
	assert_non_null(fake_find(t->f, 200));
}

static void confirmation_reads_everything_again(void **state)
{
	struct ctx *t = *state;

	fake_agent(t->f, 200, 1, ID);
	begin(t);
	sweep_after(t, 0);
	assert_int_equal(t->f->full_scans, 0);
	t->f->scans = 0;
	sweep_after(t, INTERVAL);
	/* Not the first look, nor those that show that nobody is left. */
	assert_int_equal(t->f->full_scans, 1);
}

static void desktop_on_second_scan(struct fake *f)
{
	if (f->scans == 2)
		fake_env(fake_desktop(f, 300, ID), "HOME=/nonexistent/home");
}

static void owner_that_comes_up_before_the_signal_saves_all(void **state)
{
	struct ctx *t = *state;

	/* Older than the desktop that comes up, so that its state stays that of an orphan. */
	fake_agent(t->f, 200, 1, ID);
	begin(t);
	sweep_after(t, 0);
	t->f->scans = 0;
	t->f->on_scan = desktop_on_second_scan;
	sweep_after(t, INTERVAL);
	assert_int_equal(t->f->signals, 0);
	assert_int_equal(t->sum.condemned, 0);
	assert_int_equal(look_at(t, 200).ticks, 2);
}

static void launcher_on_second_scan(struct fake *f)
{
	if (f->scans == 2)
		fake_arg(fake_add(f, 400, 1, "just"), ID);
}

static void launcher_at_confirmation_saves_all(void **state)
{
	struct ctx *t = *state;

	fake_agent(t->f, 200, 1, ID);
	begin(t);
	sweep_after(t, 0);
	t->f->scans = 0;
	t->f->on_scan = launcher_on_second_scan;
	sweep_after(t, INTERVAL);
	assert_int_equal(t->f->signals, 0);
	assert_non_null(fake_find(t->f, 200));
}

static void max_kill_refuses_the_tick(void **state)
{
	struct ctx *t = *state;

	t->options.settings.max_kill = 2;
	for (pid_t pid = 200; pid < 203; pid++)
		fake_agent(t->f, pid, 1, ID);
	begin(t);
	sweep_after(t, 0);
	sweep_after(t, INTERVAL);
	assert_int_equal(t->f->signals, 0);
	assert_int_equal(t->f->events[EVENT_WARNING], 1);
	fake_end(t->f, fake_find(t->f, 202));
	sweep_after(t, INTERVAL);
	assert_null(fake_find(t->f, 200));
	assert_null(fake_find(t->f, 201));
}

static void max_kill_is_for_the_whole_tick(void **state)
{
	struct ctx *t = *state;

	t->options.settings.max_kill = 1;
	fake_agent(t->f, 200, 1, ID);
	fake_agent(t->f, 201, 1, "other");
	begin(t);
	sweep_after(t, 0);
	sweep_after(t, INTERVAL);
	assert_int_equal(t->f->signals, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(confirmation_must_be_complete),
		TEST(confirmation_condemns_nobody_new),
		TEST(confirmation_reads_everything_again),
		TEST(owner_that_comes_up_before_the_signal_saves_all),
		TEST(launcher_at_confirmation_saves_all),
		TEST(max_kill_refuses_the_tick),
		TEST(max_kill_is_for_the_whole_tick),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
