/* SPDX-License-Identifier: MIT */
#include "linux/unixdiag.h"

#include <errno.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <linux/sock_diag.h>
#include <linux/unix_diag.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/cleanup.h"

enum { BUFFER = 64 * 1024 };

/* What UNIX_DIAG_SHUTDOWN tells (net/sock.h). */
enum { RCV_SHUTDOWN = 1, SEND_SHUTDOWN = 2 };

/* Ask for all (@ino 0), or for one. 0 or -errno. */
static int send_request(int fd, uint64_t ino)
{
	const struct {
		struct nlmsghdr header;
		struct unix_diag_req body;
	} request = {
		.header = {
			.nlmsg_len = sizeof(request),
			.nlmsg_type = SOCK_DIAG_BY_FAMILY,
			.nlmsg_flags = NLM_F_REQUEST | (ino ? 0 : NLM_F_DUMP),
		},
		.body = {
			.sdiag_family = AF_UNIX,
			.udiag_states = 1U << TCP_ESTABLISHED | 1U << TCP_LISTEN,
			.udiag_ino = (uint32_t)ino,
			.udiag_show = UDIAG_SHOW_NAME | UDIAG_SHOW_PEER,
			.udiag_cookie = { (uint32_t)-1, (uint32_t)-1 },
		},
	};

	return send(fd, &request, sizeof(request), 0) < 0 ? -errno : 0;
}

/* 0 or -EPROTO. */
static int parse(const struct nlmsghdr *h, struct unixdiag_socket *ret_sock)
{
	const struct unix_diag_msg *msg = NLMSG_DATA(h);
	const struct rtattr *attr = (const void *)(msg + 1);
	struct unixdiag_socket s = { 0 };
	size_t len;

	if (h->nlmsg_len < NLMSG_LENGTH(sizeof(*msg)))
		return -EPROTO;
	s.ino = msg->udiag_ino;
	s.type = msg->udiag_type;
	s.state = msg->udiag_state;
	len = h->nlmsg_len - NLMSG_LENGTH(sizeof(*msg));
	for (; RTA_OK(attr, len); attr = RTA_NEXT(attr, len)) {
		size_t size = RTA_PAYLOAD(attr);
		uint32_t peer;

		if (attr->rta_type == UNIX_DIAG_PEER && size >= sizeof(peer)) {
			memcpy(&peer, RTA_DATA(attr), sizeof(peer));
			s.has_peer = true;
			s.peer = peer;
		} else if (attr->rta_type == UNIX_DIAG_SHUTDOWN && size >= 1) {
			s.shutdown = *(const uint8_t *)RTA_DATA(attr);
		} else if (attr->rta_type == UNIX_DIAG_NAME) {
			s.name = RTA_DATA(attr);
			s.name_len = size;
		}
	}
	*ret_sock = s;
	return 0;
}

/* All messages of one datagram. 1: that was the last, 0: more to come, else as @each. */
static int take_datagram(const char *buf, size_t len, bool dump,
			 int (*each)(void *ctx, const struct unixdiag_socket *sock), void *ctx)
{
	const struct nlmsghdr *h = (const void *)buf;

	for (; NLMSG_OK(h, len); h = NLMSG_NEXT(h, len)) {
		struct unixdiag_socket sock;
		int r = 0;

		if (h->nlmsg_type == NLMSG_DONE)
			return 1;
		if (h->nlmsg_type == NLMSG_ERROR) {
			const struct nlmsgerr *e = NLMSG_DATA(h);

			return h->nlmsg_len >= NLMSG_LENGTH(sizeof(*e)) && e->error ? e->error
										    : -EPROTO;
		}
		if (h->nlmsg_flags & NLM_F_DUMP_INTR)
			return -EAGAIN;
		if (h->nlmsg_type == SOCK_DIAG_BY_FAMILY)
			r = parse(h, &sock);
		if (h->nlmsg_type == SOCK_DIAG_BY_FAMILY && r == 0)
			r = each(ctx, &sock);
		if (r)
			return r;
		if (!dump && h->nlmsg_type == SOCK_DIAG_BY_FAMILY)
			return 1;
	}
	return 0;
}

static int ask(uint64_t ino, int (*each)(void *ctx, const struct unixdiag_socket *sock), void *ctx)
{
	_cleanup_close_ int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_SOCK_DIAG);
	_cleanup_free_ char *buf = malloc(BUFFER);
	int r;

	if (!buf)
		return -ENOMEM;
	if (fd < 0)
		return -errno;
	r = send_request(fd, ino);
	while (r == 0) {
		ssize_t n = recv(fd, buf, BUFFER, 0);

		if (n < 0 && errno == EINTR)
			continue;
		r = n < 0    ? -errno
		    : n == 0 ? -EPROTO
			     : take_datagram(buf, (size_t)n, ino == 0, each, ctx);
	}
	return r < 0 ? r : 0;
}

int unixdiag_each(int (*each)(void *ctx, const struct unixdiag_socket *sock), void *ctx)
{
	return ask(0, each, ctx);
}

static int take_one(void *ctx, const struct unixdiag_socket *sock)
{
	struct unixdiag_socket *found = ctx;

	*found = *sock;
	found->name = NULL; /* it stands in the buffer */
	found->name_len = 0;
	return 0;
}

int unixdiag_find(uint64_t ino, struct unixdiag_socket *ret_sock)
{
	struct unixdiag_socket found = { 0 };
	/* The kernel keeps 32 bits of it here, and 0 would mean all. */
	int r = ino && ino == (uint32_t)ino ? ask(ino, take_one, &found) : -ENOENT;

	if (r < 0)
		return r;
	if (found.ino != ino)
		return -ENOENT;
	*ret_sock = found;
	return 0;
}

enum answer unixdiag_hung_up(uint64_t ino)
{
	struct unixdiag_socket sock;

	/* Of another family, or in another network namespace: it is not told of. */
	if (unixdiag_find(ino, &sock) < 0)
		return ANSWER_UNKNOWN;
	if (sock.type != SOCK_STREAM || sock.state != TCP_ESTABLISHED || sock.peer)
		return ANSWER_NO;
	/* A peer that waits to be accepted has no inode either; one that closed shuts both ways. */
	return sock.shutdown == (RCV_SHUTDOWN | SEND_SHUTDOWN) ? ANSWER_YES : ANSWER_NO;
}
