/* SPDX-License-Identifier: MIT */
#ifndef STRAY_CENSUS_H
#define STRAY_CENSUS_H

#include "stray/policy.h"
#include "stray/instance.h"
#include "stray/snapshot.h"

/*
 * Which processes are managed, by which instance, and whether its owner is alive:
 * computed from one snapshot and the policy. Evidence that costs system calls comes
 * through the hooks of struct census_input.
 *
 * Words: a *member* is one process seen as belonging to one instance; a process
 * that carries markers of several instances is a member of each. Members of an
 * instance stand beside each other in census.members, ordered by pid.
 */
#define CENSUS_NONE ((size_t)-1)

enum owner_state {
	OWNER_UNKNOWN, /* zero: an instance that was not filled in is never swept */
	OWNER_ALIVE,
	OWNER_GONE,
};

enum owner_evidence {
	EVIDENCE_NONE,
	EVIDENCE_VALUE,	      /* owner = pid, and that pid lives */
	EVIDENCE_DESCENT,     /* an agent descends from the desktop */
	EVIDENCE_ARGUMENTS,   /* the desktop's arguments hold the id */
	EVIDENCE_ENVIRONMENT, /* its environment does */
	EVIDENCE_FILES,	      /* it holds a file below the app's data folder for the id */
	EVIDENCE_DEFAULT,     /* it names none, and the id is the app's default */
	EVIDENCE_CARRIER,     /* owner = carrier: a desktop carries the instance itself */
	EVIDENCE_HUNG_UP,     /* GONE: both ends of standard input and output are closed */
};

/* Why an owner is unknown. */
enum owner_doubt {
	DOUBT_NONE,
	DOUBT_INCOMPLETE, /* the scan was not complete */
	DOUBT_VALUE,	  /* owner = pid, and the value is no pid */
	DOUBT_UNREADABLE, /* a desktop's arguments or environment are refused */
	DOUBT_NAMELESS,	  /* a desktop names no instance, the app has no default */
	DOUBT_LAUNCHER,	  /* at confirm: an unmanaged process holds the id in its arguments */
	DOUBT_OTHER_USER, /* a desktop of another user names the id */
	DOUBT_PARENT,	  /* a root has a live parent, which may be the owner */
	DOUBT_SERVICE,	  /* systemd started a root as a service (instance.unit) */
	DOUBT_AT_WORK,	  /* a desktop's program at an agent's work (spec: makes no owner alive) */
	DOUBT_HIDDEN,	  /* /proc hides processes of ours (hidepid=2) */
	DOUBT_CONTAINER,  /* owner = pid: the carrier is in another pid namespace */
	DOUBT_FILES,	  /* whether a desktop holds files of the id could not be found out */
};

enum member_role { ROLE_AGENT, ROLE_WORKER };

enum member_state { STATE_UNKNOWN, STATE_OWNED, STATE_DETACHED, STATE_ORPHAN };

/* What decided a member's state; for people and for tests. */
enum state_reason {
	BECAUSE_OWNER_UNKNOWN,
	BECAUSE_PARENT_LIVES, /* unknown: the root's parent is neither adopter nor foreign session */
	BECAUSE_ROOT_IS_INIT,	 /* unknown: the root is pid 1 */
	BECAUSE_RECEIPTS_UNREAD, /* unknown: a live owner's receipts could not be looked up */
	BECAUSE_DESCENT,	 /* owned: a live desktop of the app is an ancestor */
	BECAUSE_RECEIPT,	 /* owned: it stands in the receipts */
	BECAUSE_YOUNGER,	 /* detached: younger than a live desktop */
	BECAUSE_ADOPTER,	 /* orphan: the root's parent is pid 1 or an adopter */
	BECAUSE_SESSION,	 /* orphan: the root's parent is in another session */
	BECAUSE_PARENT_CHANGED,	 /* orphan: the root's parent was seen to change */
	BECAUSE_GENERATION,	 /* detached: of the same generation as an owned process */
	BECAUSE_SERVICE,	 /* unknown: systemd started the root, so it has lost no parent */
	BECAUSE_AT_WORK,	 /* unknown: a desktop's program that carries its app's marker */
};

/* The predicate's answers, in the order in which they are asked (verdict.h). */
enum verdict_why {
	WHY_MAY_END,
	/* never */
	WHY_SELF, /* stray itself or an ancestor of it */
	WHY_INIT, /* pid 1 */
	WHY_KERNEL,
	WHY_DESKTOP,
	WHY_OWNED, /* descends from a live desktop */
	WHY_OTHER_USER,
	WHY_CONTAINER, /* in another pid namespace */
	/* kept: not by the sweep, --reap or a group; can be picked by itself */
	WHY_OPT_OUT, /* STRAY_KEEP */
	WHY_KEEP_LIST,
	WHY_SERVICE,  /* systemd started it */
	WHY_TERMINAL, /* foreground of a terminal, and its session leader is not managed */
	WHY_HOST,     /* a live desktop descends from it */
	WHY_TRACED,
	/* kept by the unattended sweep only */
	WHY_WINDOW,
	WHY_LISTENER,
	WHY_MOUNT,     /* it holds /dev/fuse open */
	WHY_LOOK_ONLY, /* its app has sweep = no */
	WHY_CONNECTED, /* its app has sweep = stdio, and it is no dead stdio server */
	/* what the instance's owner and the member's state say */
	WHY_NOT_MANAGED,
	WHY_OWNER_ALIVE, /* owned through a receipt */
	WHY_DETACHED,
	WHY_UNKNOWN,
	WHY_TICKS, /* an orphan, but not yet on enough ticks */
	WHY_NR
};

enum receipts_state {
	RECEIPTS_NONE, /* the app writes none, or the folder is not there yet */
	RECEIPTS_READ,
	RECEIPTS_FAILED, /* could not be looked up or read: proves nothing */
};

/*
 * The processes that an instance's receipts name. The numbers live as long as the census
 * and are in order, each once.
 */
struct receipts {
	enum receipts_state state;
	const pid_t *pids;
	size_t nr;
	/* Their process groups, and the numbers themselves; filled by the census. */
	const pid_t *pgids;
	size_t nr_pgids;
};

struct instance {
	struct bytes id; /* the marker's value, in the snapshot's storage */
	const struct app *app;
	uid_t uid;

	enum owner_state owner;
	enum owner_evidence evidence;
	enum owner_doubt doubt;
	/* ALIVE: the desktop. UNKNOWN: the process that makes it so, or NULL. GONE: NULL. */
	const struct process *desktop;
	const char *unit; /* DOUBT_SERVICE: the service's name; NULL: not known */
	/* GONE: the owner that the engine saw last; pid 0: it never saw one. */
	struct identity former;
	int64_t former_gone_ms; /* CLOCK_BOOTTIME when it was seen gone; -1: not known */

	struct receipts receipts;
	size_t first, nr;   /* its members */
	const char *cgroup; /* of the first one that lives, if looked up; NULL: not known */

	/* sums over the members */
	size_t agents, workers, owned, detached, orphans, unknown;
	uint64_t rss_kib;
	double cpu_pct; /* NAN: no rate yet */
};

/* The key of an instance; it borrows the id, and the app's name. */
static inline struct instance_key instance_key_of(const struct instance *inst)
{
	return (struct instance_key){ inst->app->name, inst->id, inst->uid };
}

struct member {
	size_t instance; /* index in census.instances */
	const struct process *proc;
	bool inferred;	      /* no marker of its own */
	bool remembered;      /* inferred on an earlier tick, from what has ended since */
	size_t inferred_from; /* member; CENSUS_NONE: by the wrapper, remembered, or a dead server */
	size_t parent;	      /* member of the same instance that is its parent, or CENSUS_NONE */
	const struct process *root; /* topmost of its chain of managed ancestors, itself perhaps */
	const char *marker;	    /* name of the variable (policy's), NULL if inferred */
	enum member_role role;
	enum member_state state;
	enum state_reason reason;
	const struct process *because; /* the process the reason speaks of, or NULL */
	const char *unit;	       /* BECAUSE_SERVICE: the service's name; NULL: not known */
	/*
	 * The value of its app's `generation`, or that of the process it was inferred from
	 * (build_members() sets it for what is remembered); empty: none.
	 */
	struct bytes generation;
	/*
	 * The first of self, container and the kept reasons that holds, which is
	 * what verdict_kept_name() has words for; WHY_MAY_END if none.
	 */
	enum verdict_why kept;
	/* The process that @kept is about where that is another, in the same sandbox; or NULL. */
	const struct process *kept_with;

	/* Filled by the engine from what it remembers; zero, -1 and NAN without it. */
	unsigned ticks;		 /* consecutive counted ticks as an orphan (or detached) */
	int64_t orphan_since_ms; /* CLOCK_BOOTTIME; -1: not an orphan, or nothing remembered */
	bool orphan_exact;	 /* the owner was seen to go; else a lower bound of the age */
	bool condemned;		 /* a sweep that reaps now would end it */
	bool due;		 /* the next counted tick would, if nothing changed (TICK_AHEAD) */
	double cpu_pct;		 /* 100 = one core; NAN on the first sample */
	const uint16_t *ports;	 /* it listens on, if looked up */
	size_t nr_ports;
	bool ports_known;
};

/* Per process of the snapshot, in the same order: what the tree says about it. */
struct census_node {
	size_t parent;	      /* index of the parent in the snapshot, or CENSUS_NONE */
	size_t depth;	      /* number of ancestors in the snapshot */
	size_t desktop_above; /* nearest ancestor that is a live desktop of any app, or CENSUS_NONE */
	bool desktop;	      /* a live desktop of some app */
	bool managed;	      /* has a membership */
	bool self;	      /* stray or an ancestor of it */
	bool host;	      /* a live desktop descends from it */
	size_t first_membership; /* chain through census.next_membership, or CENSUS_NONE */
	bool service;		 /* managed, and systemd started it as a service */
	enum answer hung_up;	 /* both ends closed: asked of orphans with sweep = stdio */
	unsigned kept_for; /* 1 << enum verdict_why: all that keeps it or a managed one above it */
};

/* A pid namespace other than ours in which managed processes are. */
struct sandbox {
	uint64_t pid_ns;
	unsigned levels; /* pid namespaces from ours to this one; 0: not known */
	size_t init;  /* its pid 1: when that ends, the kernel kills all inside; or CENSUS_NONE */
	size_t outer; /* sandbox that this one is inside of, or CENSUS_NONE */
	/* Live processes inside, in nested ones too, ascending; the init is one. */
	size_t *inside;
	size_t nr_inside;
	/*
	 * Processes with which its init may end: its parent (PR_SET_PDEATHSIG), and above a
	 * launcher that ends with its own parent that one, too.
	 */
	size_t *launchers;
	size_t nr_launchers;
	/*
	 * Instances that it is part of: a managed process of them, in our namespace, is an
	 * ancestor of its init, or was when it was last seen.
	 */
	size_t *owners;
	size_t nr_owners;
	bool wrapped; /* its init descends from the wrapper that stray is: part of all */
};

/* Is the process with that index inside? */
bool sandbox_has(const struct sandbox *box, size_t proc);

/* May its init end with that process? */
bool sandbox_ends_with(const struct sandbox *box, size_t proc);

/* A live desktop of one app; a process may be a desktop of several. */
struct census_desktop {
	size_t proc; /* index in the snapshot */
	const struct app *app;
};

/* Immutable once the engine hands it on; reference counted (atomically). */
struct census {
	struct snapshot *snapshot; /* one reference */
	struct arena storage;	   /* what is found out for it lies here */
	const struct policy *policy;
	struct census_node *nodes;	 /* snapshot->nr of them */
	struct census_desktop *desktops; /* ordered by process; in storage */
	size_t nr_desktops;
	struct instance *instances; /* ordered by instance_key_compare() */
	size_t nr_instances;
	struct member *members;
	size_t nr_members;
	size_t *next_membership;   /* per member: the same process's next one, or CENSUS_NONE */
	size_t agents;		   /* processes with the role of agent, each counted once */
	struct sandbox *sandboxes; /* ordered by pid_ns */
	size_t nr_sandboxes;
	bool nested; /* a live desktop is managed itself */
	unsigned refs;
};

/* What the ledger holds of a process that was inferred on an earlier counted tick. */
struct remembered {
	struct instance_key key; /* of the instance */
	struct identity from;	 /* the process it was inferred from */
	struct bytes generation; /* that one's generation; empty: none */
};

struct census_input {
	struct snapshot *snapshot;   /* sealed; the census takes a reference */
	const struct policy *policy; /* the census takes a reference */
	uid_t uid;		     /* processes of this user ... */
	bool all_users;		     /* ... or of all users */

	/*
	 * The receipts of @inst's live owner @desktop, in @c.storage; NULL: none exist. Called
	 * for each live desktop of an instance.
	 */
	struct receipts (*receipts)(void *ctx, struct census *c, const struct instance *inst,
				    const struct process *desktop);
	/* Was the parent of this process seen to change since it was first seen? NULL: no. */
	bool (*parent_changed)(void *ctx, const struct process *proc);
	/*
	 * Evidence that costs system calls: each is asked only where nothing cheaper
	 * decides, and is NULL where the source has none of it (then it is ANSWER_NO).
	 *
	 * Does one of @procs have an open file, a mapping or its working directory below
	 * a data folder of @inst->app for @inst->id? The folders are looked up with the
	 * environment of @desktop.
	 */
	enum answer (*files)(void *ctx, const struct process *desktop,
			     const struct process *const *procs, size_t nr,
			     const struct instance *inst);
	/*
	 * Is @proc the oldest process of the control group of a systemd service (named
	 * *.service, not app-*)? *ret_unit is its name, in @storage.
	 */
	enum answer (*service)(void *ctx, struct arena *storage, const struct process *proc,
			       const char **ret_unit);
	/* Are both its standard input and output a pipe or socket with its other end closed? */
	enum answer (*hung_up)(void *ctx, const struct process *proc);
	/* Has it a window, does it listen on a port, or does it hold /dev/fuse open? */
	enum answer (*holds)(void *ctx, const struct process *proc);
	/*
	 * Has the process that had this pid ended, as the engine saw it, or as
	 * pidfd_open(2) says? For an owner = pid value where /proc hides processes.
	 */
	enum answer (*ended)(void *ctx, pid_t pid);
	/* Did the engine see the instance's last owner end? NULL: no. */
	bool (*seen_gone)(void *ctx, const struct instance *inst);
	/*
	 * Is @proc a member that was inferred on an earlier counted tick? Then of which
	 * instance, and of which generation: what is kept of *ret has to be copied, since
	 * its bytes live during census_build() only. It may have been one of several:
	 * @nth counts them from 0, and false says that there are no more. NULL: nothing
	 * is remembered.
	 */
	bool (*remembered)(void *ctx, const struct process *proc, size_t nth,
			   struct remembered *ret);
	/*
	 * Was this init of a pid namespace seen below a managed process of @inst that was in
	 * our namespace? NULL: no.
	 */
	bool (*sandboxed)(void *ctx, const struct process *init, const struct instance *inst);
	void *ctx;

	/*
	 * For --run and --check -- CMD: everything that descends from @wrapper
	 * belongs to the instance @wrapper_id of the app `stray`. 0: none.
	 */
	pid_t wrapper;
	struct bytes wrapper_id;
	/*
	 * The wrapper had children before it started its command. A process that it
	 * adopts may be a descendant of theirs, so only what carries the stamp belongs
	 * to the instance, and what descends from that.
	 */
	bool wrapper_shared;

	/* At confirm time: look for launchers that hold an id in their arguments. */
	bool confirm;
	/* For --reap, which runs in a trap: a parent that stray runs in casts no doubt. */
	bool reap;
};

/* Compute the census. 0 and *ret_census (one reference), or -ENOMEM. */
int census_build(const struct census_input *input, struct census **ret_census);

/* Take one more reference. Any thread. */
struct census *census_ref(struct census *c);
void census_unref(struct census *c); /* NULL is fine */

/* The instance with that key, of any app if its app is NULL; or NULL. */
const struct instance *census_find_instance(const struct census *c, const struct instance_key *key);

/* Is that process a live desktop of @app, by its name or since a marker's value names it? */
bool census_is_desktop_of(const struct census *c, size_t proc, const struct app *app);

/* The sandbox with that pid namespace, or NULL. */
const struct sandbox *census_find_sandbox(const struct census *c, uint64_t pid_ns);

/* The indices of all processes, each behind its parent; to be freed. NULL: out of memory. */
size_t *census_top_down(const struct census *c);

/* The first membership of that process, or NULL; then the next one of the same process. */
const struct member *census_find_member(const struct census *c, pid_t pid);
const struct member *census_next_membership(const struct census *c, const struct member *m);

/* Does @ancestor stand above @proc (not: the same)? Both are of the census's snapshot. */
bool census_descends(const struct census *c, const struct process *proc,
		     const struct process *ancestor);

/*
 * A live process that is neither managed, nor a desktop, nor above us, and holds
 * the id of @inst in its arguments: it may be about to start the desktop again,
 * so at confirm time the owner is UNKNOWN while it lives. Not asked of ids that are a
 * pid, all digits, or shorter than six bytes. NULL: there is none.
 */
const struct process *census_find_launcher(const struct census *c, const struct instance *inst);

/* Age of a process and of an orphan in ms at the snapshot's time; the second -1 if none. */
int64_t census_age_ms(const struct census *c, const struct process *proc);
int64_t census_orphan_age_ms(const struct census *c, const struct member *m);

/* The words of the JSON form: "alive", "descent", "agent", "owned", ... */
const char *owner_state_name(enum owner_state state);
const char *owner_evidence_name(enum owner_evidence evidence);
const char *member_role_name(enum member_role role);
const char *member_state_name(enum member_state state);

#endif
