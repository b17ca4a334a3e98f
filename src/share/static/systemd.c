/* SPDX-License-Identifier: MIT */
/*
 * For the static program alone: libproc2 asks libsystemd for the unit and session of a
 * process, and libsystemd comes as a shared library only. stray never wants these items,
 * so each call says what libsystemd says where systemd does not run: -ENODATA.
 */
#include <errno.h>
#include <sys/types.h>

#define STUB(name, type)                                                                           \
	int name(pid_t pid, type *ret);                                                            \
	int name(pid_t pid, type *ret)                                                             \
	{                                                                                          \
		(void)pid;                                                                         \
		(void)ret;                                                                         \
		return -ENODATA;                                                                   \
	}

STUB(sd_pid_get_machine_name, char *)
STUB(sd_pid_get_owner_uid, uid_t)
STUB(sd_pid_get_session, char *)
STUB(sd_pid_get_slice, char *)
STUB(sd_pid_get_unit, char *)
STUB(sd_pid_get_user_unit, char *)

int sd_session_get_seat(const char *session, char **ret_seat);
int sd_session_get_seat(const char *session, char **ret_seat)
{
	(void)session;
	(void)ret_seat;
	return -ENODATA;
}
