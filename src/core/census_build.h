/* SPDX-License-Identifier: MIT */
#ifndef CORE_CENSUS_BUILD_H
#define CORE_CENSUS_BUILD_H

#include "stray/census.h"

/*
 * What the steps of census_build() share: nodes, then desktops, members, roots, owners
 * (evidence, then doubt), states, each in its own file, in this order.
 */

/* A live desktop of one app; a process may be a desktop of several. */
struct desktop {
	size_t proc;		  /* index in the snapshot */
	size_t app;		  /* index in the policy */
	size_t kind;		  /* index in census_build.kinds */
	size_t next, next_silent; /* the next of its kind (struct desktop_kind) */
	bool by_name;		  /* else only because a marker's value names it (owner = pid) */
	bool stamped;		  /* it carries a marker of this very app */
	bool at_work;		  /* ... and names no other instance: it makes no owner ALIVE */
	unsigned names;		  /* OWNS_*: how it names instances, all together */
};

/*
 * The desktops of one app and user, and what their instances ask of all of them: summed up
 * once, so that not each instance goes through each desktop. CENSUS_NONE ends a chain.
 */
struct desktop_kind {
	size_t app;
	uid_t uid;
	size_t first;	   /* chain of all, in their order: desktop.next */
	size_t unreadable; /* the first with its name of which something was refused */
	size_t silent;	   /* chain of those with its name that name none: desktop.next_silent */
	bool unstamped, unstamped_childless; /* is any no agent's; ... and has no agent below? */
};

/* What one desktop has to do with one instance of its app and user. */
struct claim {
	size_t instance, desktop; /* indices in census.instances, census_build.desktops */
	unsigned ways;		  /* OWNS_* */
};

/* What the steps know of an instance beside what the census tells. */
struct instance_notes {
	size_t first, nr;	       /* its claims */
	size_t other_user;	       /* a desktop of another user that names it, or CENSUS_NONE */
	size_t files_failed;	       /* a desktop with files that cannot be read; CENSUS_NONE */
	const struct process *outside; /* carries a value that was stamped outside, or NULL */
	size_t launcher; /* process that holds the id in its arguments, or CENSUS_NONE */
	bool ask_files;
};

/* Whether a root has lost its parent, and what says so. */
struct parting {
	bool asked, lost;
	enum state_reason reason;
	const struct process *because;
	const char *unit; /* BECAUSE_SERVICE: its name, NULL: not known */
};

/* What a desktop has to do with an instance: why it counts as its owner. */
enum {
	OWNS_BY_VALUE = 1,
	OWNS_BY_DESCENT = 2,
	OWNS_BY_ARGUMENTS = 4,
	OWNS_BY_ENVIRONMENT = 8,
	OWNS_BY_DEFAULT = 16,
	OWNS_BY_FILES = 32,
	OWNS_BY_CARRIER = 64,
	NAMES = OWNS_BY_VALUE | OWNS_BY_CARRIER | OWNS_BY_DESCENT | OWNS_BY_ARGUMENTS |
		OWNS_BY_ENVIRONMENT | OWNS_BY_FILES,
};

struct census_build {
	const struct census_input *input;
	const struct snapshot *s;
	const struct policy *policy;
	struct census *c;

	struct desktop *desktops; /* ordered by process */
	size_t nr_desktops, alloc_desktops;
	struct desktop_kind *kinds;
	size_t nr_kinds, alloc_kinds;
	struct claim *claims; /* ordered by instance, then desktop; each pair once */
	size_t nr_claims, alloc_claims;
	struct instance_notes *notes; /* [instance] */

	size_t *top_down;	  /* processes, each behind its parent */
	size_t *roots;		  /* [process]: topmost of its chain of managed ancestors */
	size_t *oldest_child;	  /* [process]: its oldest living child, or CENSUS_NONE */
	struct parting *partings; /* [process], filled for roots when they are asked for */
	size_t *cut;		  /* processes that could not be read, with a cut name */
	size_t nr_cut, alloc_cut;
	struct bytes *outside; /* values of owner = pid that were stamped outside */
	size_t nr_outside, alloc_outside;

	size_t alloc_members, alloc_instances;
	/* Open addressing over the keys of c->instances: index + 1, 0 for a free slot. */
	size_t *slots;
	size_t nr_slots; /* a power of two */
	/*
	 * [process * number of apps + app]: it, or an ancestor of it, carries a marker of
	 * the app with a value that names no instance. NULL: none does.
	 */
	bool *exempt;
};

/* Is this process of a user that the census is about? */
static inline bool build_in_scope(const struct census_build *b, const struct process *proc)
{
	return b->input->all_users || proc->uid == b->input->uid;
}

/*
 * The marker's value of @app that @proc carries in the variable @marker: the
 * first entry of the name. False if there is none, or it names no instance.
 */
bool build_marker(const struct app *app, size_t marker, const struct process *proc,
		  struct bytes *ret_value);

/* Does @proc carry the marker of that instance? */
bool build_carries(const struct app *app, struct bytes id, const struct process *proc);

/*
 * For an app with owner = pid: the live process that @value, carried by @carrier,
 * names, of any user: not younger than the carrier, and started when the value says. It
 * may be the carrier itself (a script exports $$ and becomes the program). NULL: none.
 */
const struct process *build_value_owner(const struct snapshot *s, struct bytes value,
					const struct process *carrier);

/* Is @proc in our pid namespace? Where that could not be looked up, its pid in its own tells. */
static inline bool build_is_ours(const struct snapshot *s, const struct process *proc)
{
	if (proc->pid_ns && s->pid_ns)
		return proc->pid_ns == s->pid_ns;
	return proc->ns_pid == proc->id.pid;
}

/*
 * owner = pid: does the value that @carrier carries mean a pid of our namespace? Not where
 * the carrier is in another one, nor where pid 1 or a root with ppid 0 carries it: then it
 * was stamped outside.
 */
bool build_value_means_ours(const struct census_build *b, struct bytes value,
			    const struct process *carrier);

/* The index in desktops of @proc as a desktop of @app, or CENSUS_NONE. */
size_t build_find_desktop(const struct census_build *b, size_t proc, size_t app);

/* Note that a desktop owns an instance in one of the ways. 0 or -ENOMEM. */
int build_claim(struct census_build *b, size_t instance, size_t desktop, unsigned way);

/* Sort the desktops by app and user. 0 or -ENOMEM. */
int build_kinds(struct census_build *b);

/* Sum up what is known of the desktops of each kind by now. */
void build_sum_up_kinds(struct census_build *b);

/* The desktops of the instance's app and user, or NULL: there are none. */
const struct desktop_kind *build_kind(const struct census_build *b, const struct instance *inst);

/* Has the root lost its parent? Asked once for each. */
const struct parting *build_parting(const struct census_build *b, const struct process *root);

/* Did systemd start that managed process as a service, or could that not be found out? */
bool build_is_service(const struct census_build *b, size_t proc);

/* The first doubt about an owner that is not proven ALIVE, written into @inst; else GONE. */
void build_doubt(const struct census_build *b, struct instance *inst);

/* The ids of all instances, to be freed. NULL: out of memory. */
struct bytes *build_ids(const struct census *c);

/* The launchers of all instances, into their notes. 0 or -ENOMEM. */
int build_launchers(struct census_build *b);

/* Is @proc a live desktop of the app? */
bool build_is_desktop_of(const struct census_build *b, size_t proc, size_t app);

/* Nearest live desktop of @app above @proc, or CENSUS_NONE. */
size_t build_desktop_above(const struct census_build *b, size_t proc, size_t app);

/* The index in the snapshot of the process with that pid, or CENSUS_NONE. */
size_t build_index(const struct census_build *b, pid_t pid);

/* May it be a member of any instance: alive, no kernel thread, of a user in scope? */
bool build_can_be_managed(const struct census_build *b, const struct process *proc);

/* The instance, added if it is new; CENSUS_NONE: out of memory. The bytes of @id must stay. */
size_t build_instance(struct census_build *b, const struct app *app, uid_t uid, struct bytes id);

/* The membership of a process in an instance, or CENSUS_NONE. */
size_t build_membership(const struct census *c, size_t proc, size_t instance);

/* Add a member that is @like; CENSUS_NONE as @instance is out of memory. 0 or -ENOMEM. */
int build_member(struct census_build *b, size_t proc, size_t instance, const struct member *like);

/*
 * Add the members that carry no marker: inferred, remembered, and dead stdio servers.
 * @marked: per process, whether it carries a marker that names an instance. 0 or -ENOMEM.
 */
int build_inferred(struct census_build *b, const bool *marked);

/* Does it belong to the app `stdio` (spec: a dead stdio server)? Asked where it is no member. */
bool build_is_dead_server(const struct census_build *b, size_t proc);

/* The id of its instance: the name of its program or script. 0 or -ENOMEM. */
int build_server_id(struct census_build *b, const struct process *proc, struct bytes *ret);

/* The steps. 0 or -ENOMEM; build_members() also -EINVAL: no app for the wrapper. */
int build_nodes(struct census_build *b);
int build_outside(struct census_build *b); /* values of owner = pid stamped outside */
int build_desktops(struct census_build *b);
int build_members(struct census_build *b);
int build_partings(struct census_build *b); /* room for what build_parting() finds */
int build_roots(struct census_build *b);
int build_evidence(struct census_build *b); /* rules 1 to 5: claims and notes */
int build_owners(struct census_build *b);
int build_states(struct census_build *b);
int build_sandboxes(struct census_build *b);
void build_keeps(struct census_build *b);

#endif
