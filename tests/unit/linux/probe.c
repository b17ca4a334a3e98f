/* SPDX-License-Identifier: MIT */
#include "helpers/headless.h"

#include <netinet/in.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/un.h>

#include "linux/listeners.h"
#include "linux/probe.h"

static struct probe probe(pid_t pid)
{
	struct probe p = { .pid = pid };
	struct reader *reader = NULL;

	assert_int_equal(reader_new(10000, &reader), 0);
	assert_int_equal(probe_all(reader, &p, 1), 0);
	reader_free(reader);
	return p;
}

/* A socket that listens on the first free of the ports from @first to @last, or -1. */
static int listen_on(unsigned first, unsigned last, struct sockaddr_in *ret_addr)
{
	for (unsigned port = first; port <= last; port++) {
		struct sockaddr_in addr = { .sin_family = AF_INET,
					    .sin_port = htons((uint16_t)port),
					    .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
		int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

		if (bind(fd, (void *)&addr, sizeof(addr)) == 0 && listen(fd, 4) == 0) {
			*ret_addr = addr;
			return fd;
		}
		close(fd);
	}
	return -1;
}

static void the_thread_that_lives_is_asked(void **state)
{
	struct sockaddr_in addr;
	int server = listen_on(20000, 29999, &addr);
	struct child child = child_fork(child_headless, NULL);
	struct probe p = probe(child.pid);
	bool listens = false;

	(void)state;
	for (size_t i = 0; i < p.nr_ports; i++)
		listens = listens || p.ports[i] == ntohs(addr.sin_port);
	assert_true(listens);
	assert_false(p.failed);
	free(p.ports);
	child_end(&child);
	close(server);
}

/* Lives with these descriptors and no others. */
struct holds {
	int fds[3];
};

static void keep_only(const struct child_side *side, void *ctx)
{
	const struct holds *h = ctx;

	for (int fd = 3; fd < 100; fd++)
		if (fd != h->fds[0] && fd != h->fds[1] && fd != h->fds[2] && fd != side->ready &&
		    fd != side->lifeline)
			close(fd);
	child_ready(side);
	child_live(side);
}

static void a_client_of_x_over_tcp_has_a_window(void **state)
{
	struct sockaddr_in addr;
	int server = listen_on(X_PORT, X_PORT_LAST, &addr), client, accepted;
	struct child has, none, serves;
	struct probe p;

	(void)state;
	if (server < 0)
		skip();
	client = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	none = child_fork(keep_only, &(struct holds){ { server, -1, -1 } });
	p = probe(none.pid);
	assert_false(p.window || p.display || p.mount || p.failed);
	assert_int_equal(p.nr_ports, 1);
	free(p.ports);
	assert_int_equal(connect(client, (void *)&addr, sizeof(addr)), 0);
	accepted = accept4(server, NULL, NULL, SOCK_CLOEXEC);
	has = child_fork(keep_only, &(struct holds){ { client, -1, -1 } });
	serves = child_fork(keep_only, &(struct holds){ { accepted, -1, -1 } });
	p = probe(has.pid);
	assert_true(p.window);
	assert_false(p.display || p.failed);
	assert_int_equal(p.nr_ports, 0);
	/* A server counts while it has a client. */
	p = probe(serves.pid);
	assert_true(p.display);
	assert_false(p.window || p.failed);
	child_end(&has);
	child_end(&serves);
	child_end(&none);
	close(client);
	close(accepted);
	close(server);
}

/* Displays above 63 are found by the DISPLAY that the client was started with. */
static void a_display_with_a_host_part_names_the_port(void **state)
{
	struct sockaddr_in addr;
	int server = listen_on(6078, 6200, &addr), client, other;
	char display[64];
	char *const envs[][2] = { { display, NULL }, { (char *)"DISPLAY=:0", NULL } };

	(void)state;
	if (server < 0)
		skip();
	client = socket(AF_INET, SOCK_STREAM, 0);
	other = dup(client);
	assert_int_equal(connect(client, (void *)&addr, sizeof(addr)), 0);
	snprintf(display, sizeof(display), "DISPLAY=localhost:%d.0", ntohs(addr.sin_port) - X_PORT);
	for (size_t i = 0; i < 2; i++) {
		/* cat(1) inherits the connection. */
		struct child child = child_exec("client", envs[i]);
		struct probe p = probe(child.pid);

		assert_int_equal(p.window, i == 0);
		assert_false(p.failed);
		child_end(&child);
	}
	close(other);
	close(client);
	close(server);
}

static void knows_what_a_display_names(void **state)
{
	static const struct {
		const char *display;
		unsigned port;
	} cases[] = {
		{ "localhost:10.0", 6010 },
		{ "127.0.0.1:78", 6078 },
		{ "[::1]:2", 6002 },
		{ "host::0", 6000 },
		{ ":0", 0 },
		{ "unix:0", 0 },
		{ "/tmp/launch/x:0", 0 },
		{ "", 0 },
		{ "host", 0 },
		{ "host:", 0 },
		{ "host:x", 0 },
		{ "host:59535", 65535 },
		{ "host:59536", 0 },
		{ "host:99999999999", 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		assert_int_equal(listeners_display_port(cases[i].display), cases[i].port);
}

static void a_server_of_unix_sockets_counts_while_it_has_a_client(void **state)
{
	char dir[] = "/tmp/probe-XXXXXX";
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	int server = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0), client, accepted;
	struct child has, serves, idle;
	struct probe p;

	(void)state;
	assert_non_null(mkdtemp(dir));
	snprintf(addr.sun_path, sizeof(addr.sun_path), "%s/wayland-0", dir);
	assert_int_equal(bind(server, (void *)&addr, sizeof(addr)), 0);
	assert_int_equal(listen(server, 1), 0);
	idle = child_fork(keep_only, &(struct holds){ { server, -1, -1 } });
	client = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(connect(client, (void *)&addr, sizeof(addr)), 0);
	accepted = accept4(server, NULL, NULL, SOCK_CLOEXEC);
	has = child_fork(keep_only, &(struct holds){ { client, -1, -1 } });
	serves = child_fork(keep_only, &(struct holds){ { server, accepted, -1 } });
	p = probe(idle.pid);
	assert_false(p.window || p.display || p.failed);
	p = probe(serves.pid);
	assert_true(p.display);
	assert_false(p.window || p.failed);
	p = probe(has.pid);
	assert_true(p.window);
	assert_false(p.display || p.failed);
	/* When its last client has ended, it serves none. */
	child_end(&has);
	close(client);
	p = probe(serves.pid);
	assert_false(p.display || p.failed);
	child_end(&serves);
	child_end(&idle);
	close(accepted);
	close(server);
	unlink(addr.sun_path);
	rmdir(dir);
}

static void process_with_fuse_device_serves_a_mount(void **state)
{
	int fuse = open("/dev/fuse", O_RDWR | O_CLOEXEC), node;
	char dir[] = "/tmp/probe-XXXXXX", path[64];
	struct child child;
	struct probe p;

	(void)state;
	if (fuse < 0)
		skip();
	child = child_fork(keep_only, &(struct holds){ { fuse, -1, -1 } });
	p = probe(child.pid);
	assert_true(p.mount);
	assert_false(p.window || p.display || p.failed);
	child_end(&child);
	close(fuse);
	/* The same device under another path, as in a mount namespace; another device there. */
	assert_non_null(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/fuse", dir);
	for (unsigned minor = 229; minor < 231; minor++) {
		dev_t device = minor == 229 ? makedev(10, 229) : makedev(1, 3);

		if (mknod(path, S_IFCHR | 0600, device) < 0)
			break;
		node = open(path, O_RDWR | O_CLOEXEC);
		if (node >= 0) {
			child = child_fork(keep_only, &(struct holds){ { node, -1, -1 } });
			assert_int_equal(probe(child.pid).mount, minor == 229);
			child_end(&child);
			close(node);
		}
		unlink(path);
	}
	rmdir(dir);
}

static void what_has_ended_holds_nothing(void **state)
{
	struct child child = child_fork(child_plain, NULL);
	struct probe p;

	(void)state;
	child_make_zombie(&child);
	p = probe(child.pid);
	assert_false(p.window || p.display || p.mount || p.failed);
	child_end(&child);
	p = probe(child.pid);
	assert_false(p.window || p.display || p.mount || p.failed);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_thread_that_lives_is_asked),
		cmocka_unit_test(a_client_of_x_over_tcp_has_a_window),
		cmocka_unit_test(a_display_with_a_host_part_names_the_port),
		cmocka_unit_test(knows_what_a_display_names),
		cmocka_unit_test(a_server_of_unix_sockets_counts_while_it_has_a_client),
		cmocka_unit_test(process_with_fuse_device_serves_a_mount),
		cmocka_unit_test(what_has_ended_holds_nothing),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
