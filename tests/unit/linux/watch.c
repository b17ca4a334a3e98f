/* SPDX-License-Identifier: MIT */
#include "helpers/child.h"

#include <poll.h>

#include "linux/procfs.h"
#include "linux/watch.h"

static struct identity identity_of(const struct child *child)
{
	struct identity id = { .pid = child->pid };
	int fd = pidfd_of(child->pid);
	struct facts f;

	assert_int_equal(procfs_stat_pid(child->pid, &f), 0);
	id.start_ticks = f.start_ticks;
	id.pidfd_ino = pidfd_ino(fd);
	close(fd);
	return id;
}

static bool is_readable(const struct watch *w)
{
	struct pollfd p = { .fd = w->epoll_fd, .events = POLLIN };

	return poll(&p, 1, 0) == 1;
}

static void tells_which_watched_process_ended(void **state)
{
	struct child a = child_fork(child_plain, NULL), b = child_fork(child_plain, NULL);
	struct identity ids[] = { identity_of(&a), identity_of(&b) };
	struct watch w;

	(void)state;
	watch_init(&w);
	assert_int_equal(watch_set(&w, ids, 2), 0);
	assert_int_equal(w.nr, 2);
	assert_false(is_readable(&w));
	child_make_zombie(&a);
	assert_true(is_readable(&w));
	assert_true(watch_ended(&w, &ids[0]));
	assert_false(watch_ended(&w, &ids[1]));
	/* Taken out it is not heard of any more; the other stays watched. */
	assert_int_equal(watch_set(&w, &ids[1], 1), 0);
	assert_false(is_readable(&w));
	assert_false(watch_ended(&w, &ids[0]));
	child_make_zombie(&b);
	assert_true(is_readable(&w));
	/* Kept, it is still known to have ended, even when its pid is free. */
	assert_int_equal(watch_set(&w, &ids[1], 1), 0);
	child_end(&b);
	assert_true(watch_ended(&w, &ids[1]));
	watch_release(&w);
	child_end(&a);
}

static void leaves_out_other_process_with_the_pid(void **state)
{
	struct child a = child_fork(child_plain, NULL), gone = child_fork(child_plain, NULL);
	struct identity ids[] = { identity_of(&a), identity_of(&gone), { .pid = 0 } };
	struct watch w;

	(void)state;
	child_end(&gone);
	watch_init(&w);
	ids[0].start_ticks++;
	assert_int_equal(watch_set(&w, ids, 3), 0);
	assert_int_equal(w.nr, 0);
	ids[0].start_ticks--;
	if (ids[0].pidfd_ino) {
		ids[0].pidfd_ino++;
		assert_int_equal(watch_set(&w, ids, 3), 0);
		assert_int_equal(w.nr, 0);
		ids[0].pidfd_ino--;
	}
	assert_int_equal(watch_set(&w, (struct identity[]){ ids[0], ids[0] }, 2), 0);
	assert_int_equal(w.nr, 1);
	watch_release(&w);
	child_end(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tells_which_watched_process_ended),
		cmocka_unit_test(leaves_out_other_process_with_the_pid),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
