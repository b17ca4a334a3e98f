/* SPDX-License-Identifier: MIT */
#include "helpers/child.h"

#include <sched.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include "linux/windows.h"

static void knows_the_names_of_servers(void **state)
{
	static const struct {
		const char *name;
		size_t len;
		bool server;
	} names[] = {
#define NAME(text, yes) { text, sizeof(text) - 1, yes }
		NAME("/tmp/.X11-unix/X0", true),
		NAME("\0/tmp/.X11-unix/X12", true),
		NAME("/run/user/1000/wayland-0", true),
		NAME("/run/user/1000/wayland-0\0", true),
		NAME("wayland-1", true),
		NAME("/run/user/1000/bus", false),
		NAME("/run/wayland-x/bus", false),
		NAME("/tmp/.X11-unix", false),
		NAME("/tmp/x\0/tmp/.X11-unix/X0", false),
		NAME("", false),
		NAME("\0", false),
		NAME("wayland", false),
	};

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		assert_int_equal(windows_is_server_name(names[i].name, names[i].len),
				 names[i].server);
}

struct server {
	char dir[32];
	struct sockaddr_un addr;
	int fd;
};

static void serve(struct server *s, const char *name)
{
	snprintf(s->dir, sizeof(s->dir), "/tmp/windows-XXXXXX");
	assert_non_null(mkdtemp(s->dir));
	s->addr = (struct sockaddr_un){ .sun_family = AF_UNIX };
	snprintf(s->addr.sun_path, sizeof(s->addr.sun_path), "%s/%s", s->dir, name);
	s->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(bind(s->fd, (void *)&s->addr, sizeof(s->addr)), 0);
	assert_int_equal(listen(s->fd, 4), 0);
}

static void stop(struct server *s)
{
	close(s->fd);
	unlink(s->addr.sun_path);
	rmdir(s->dir);
}

static void be_client(const struct child_side *side, void *ctx)
{
	const struct server *s = ctx;
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	if (connect(fd, (const void *)&s->addr, sizeof(s->addr)) < 0)
		_exit(91);
	close(s->fd);
	child_ready(side);
	child_live(side);
}

static bool is_window(pid_t pid)
{
	bool window = false;
	struct windows w;

	assert_int_equal(windows_init(&w), 0);
	assert_int_equal(w.error, 0);
	assert_int_equal(windows_of(&w, pid, &window), 0);
	windows_release(&w);
	return window;
}

static void tells_clients_from_others(void **state)
{
	struct server display, other;
	struct child window, client, none = child_fork(child_plain, NULL);
	int accepted, accepted_other;
	struct windows w;
	bool unused;

	(void)state;
	serve(&display, "wayland-7");
	serve(&other, "bus");
	window = child_fork(be_client, &display);
	client = child_fork(be_client, &other);
	accepted = accept4(display.fd, NULL, NULL, SOCK_CLOEXEC);
	accepted_other = accept4(other.fd, NULL, NULL, SOCK_CLOEXEC);
	assert_true(accepted >= 0 && accepted_other >= 0);
	assert_true(is_window(window.pid));
	assert_false(is_window(client.pid));
	assert_false(is_window(none.pid));
	assert_false(is_window(getpid())); /* the server is no client */
	child_end(&window);
	assert_int_equal(windows_init(&w), 0);
	assert_int_equal(windows_of(&w, window.pid, &unused), -ESRCH);
	windows_release(&w);
	close(accepted);
	close(accepted_other);
	stop(&display);
	stop(&other);
	child_end(&client);
	child_end(&none);
}

/* A client in another network namespace, which unix_diag does not tell of. */
static void be_client_elsewhere(const struct child_side *side, void *ctx)
{
	if (unshare(CLONE_NEWNET) < 0)
		_exit(90);
	be_client(side, ctx);
}

static void does_not_guess_in_other_namespaces(void **state)
{
	struct server display, other;
	struct child window, client;
	bool is = false;
	struct windows w;

	(void)state;
	if (geteuid() != 0)
		skip();
	serve(&display, "wayland-8");
	serve(&other, "bus");
	window = child_fork(be_client_elsewhere, &display);
	client = child_fork(be_client_elsewhere, &other);
	assert_int_equal(windows_init(&w), 0);
	assert_int_equal(windows_of(&w, window.pid, &is), -EOPNOTSUPP);
	assert_int_equal(windows_of(&w, client.pid, &is), 0);
	assert_false(is);
	windows_release(&w);
	stop(&display);
	stop(&other);
	child_end(&window);
	child_end(&client);
}

static void without_an_answer_only_the_innocent_are_clear(void **state)
{
	struct windows w = { .error = -ENOENT };
	struct child none = child_fork(child_plain, NULL), client;
	struct server display;
	bool is = true;

	(void)state;
	serve(&display, "wayland-9");
	client = child_fork(be_client, &display);
	assert_int_equal(windows_of(&w, client.pid, &is), -EOPNOTSUPP);
	child_end(&client);
	assert_int_equal(windows_of(&w, none.pid, &is), 0);
	assert_false(is);
	stop(&display);
	child_end(&none);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(knows_the_names_of_servers),
		cmocka_unit_test(tells_clients_from_others),
		cmocka_unit_test(does_not_guess_in_other_namespaces),
		cmocka_unit_test(without_an_answer_only_the_innocent_are_clear),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
