/* SPDX-License-Identifier: MIT */
#ifndef DEMO_DEMO_H
#define DEMO_DEMO_H

#include "stray/policy.h"

/*
 * The demo fleet: two live desktops, their agents, and the agents of two desktops that
 * are gone, all harmless, so that every face can be tried without touching anything.
 *
 * It is private to one run: marker and desktop name end in the token of this
 * run, so a demo sees neither real agents nor another demo's. The fleet ends with
 * the calling process, however that ends: the caller alone holds the write
 * end of a pipe, the *lifeline*, and every process of the fleet waits for the
 * other end to hang up. One of them, the *guardian* (comm `demo-init`), is the
 * subreaper and the adopter of the rest; it also kills those that were stopped
 * (SIGSTOP), and removes the state directory.
 *
 * The processes are this very program, started again with a role in the
 * environment.
 */
struct demo;

/*
 * Run as a process of the fleet, if the environment names a role. main() must call it
 * first. Returns -1 if there is no role, else the exit status to end with.
 */
int demo_role_main(int argc, char **argv);

/*
 * Start a fleet, wait until all of it runs and the desktops that are to be gone
 * are gone, and make `demo` the only app of @policy (demo_policy()). Call it before any
 * thread is started. Returns 0 and *ret_demo, or -errno: then nothing of the fleet is
 * left and @policy is unchanged, or (-ENOMEM) has lost its apps.
 */
int demo_start(struct policy *policy, struct demo **ret_demo);

/*
 * Replace all apps of @policy by this fleet's `demo` and add its adopter; for a
 * policy that was read again. 0 or -ENOMEM.
 */
int demo_policy(const struct demo *demo, struct policy *policy);

/* The fleet's own state directory, 0700 and empty at first; lives as long as @demo. */
const char *demo_state_dir(const struct demo *demo);

/* End the fleet, wait until it is gone and its state directory removed, free @demo (NULL: fine). */
void demo_stop(struct demo *demo);

#endif
