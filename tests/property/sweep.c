/* SPDX-License-Identifier: MIT */
/*
 * The engine against the oracle, over the lives of small random machines. Two
 * things must hold at every tick:
 *
 *	safety	 nothing gets a signal that the oracle would not end at that
 *		 very moment, or that was not an orphan on enough counted ticks
 *	progress what the oracle has called an orphan on enough counted ticks,
 *		 without anything changing, has been signalled
 *
 * STRAY_TICKS sets how many ticks, STRAY_SEED the first machine. A failure
 * prints the seed and the tick.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "property/forest.h"
#include "property/oracle.h"
#include "property/world.h"
#include "stray/engine.h"

enum { GRACE = 2, TICKS_PER_WORLD = 50, MEMORY = 512, BOXES = 64 };

/* What the model remembers of one membership: how often it was an orphan in a row. */
struct memory {
	struct identity id;
	size_t app;
	char value[32];
	unsigned count; /* ticks that the engine may have counted ... */
	unsigned sure;	/* ... and those that it must have */
	bool seen;
	bool inferred; /* on an earlier tick: the engine may remember it as a member */
	char generation[8];
	struct identity from;
};

/* The init of a sandbox that was seen below a process of an instance in our namespace. */
struct box {
	struct identity init;
	size_t app;
	char value[32];
};

struct model {
	struct memory memory[MEMORY];
	size_t nr;
	struct box boxes[BOXES];
	size_t nr_boxes;
	uint64_t seed;
	unsigned tick;
	char failure[200];
	struct snapshot *before; /* when the tick began */
	struct oracle oracle;	 /* of that */
};

static struct memory *recall(struct model *m, const struct process *p, size_t app, struct bytes id,
			     bool add)
{
	for (size_t i = 0; i < m->nr; i++)
		if (identity_equal(&m->memory[i].id, &p->id) && m->memory[i].app == app &&
		    strlen(m->memory[i].value) == id.len &&
		    !memcmp(m->memory[i].value, id.data, id.len))
			return &m->memory[i];
	if (!add || m->nr == MEMORY || id.len >= sizeof(m->memory[0].value))
		return NULL;
	m->memory[m->nr] = (struct memory){ .id = p->id, .app = app };
	memcpy(m->memory[m->nr].value, id.data, id.len);
	return &m->memory[m->nr++];
}

/* For the oracle: what was inferred or seen of it before, if the engine remembers at all. */
static void recall_facts(void *ctx, const struct process *p, struct fact *ret)
{
	static const char *const names[] = { "a", "b", "c", "d", "m", "n", "g" };
	struct model *m = ctx;

	for (size_t i = 0; i < m->nr_boxes; i++)
		if (identity_equal(&m->boxes[i].init, &p->id) && ret->nr_sandboxes < FACT_MEMORIES)
			ret->sandboxes[ret->nr_sandboxes++] = (struct fact_sandbox){
				.id = m->boxes[i].value,
				.app = names[m->boxes[i].app],
			};

	for (size_t i = 0; i < m->nr; i++)
		if (m->memory[i].inferred && identity_equal(&m->memory[i].id, &p->id) &&
		    ret->nr_remembered < FACT_MEMORIES)
			ret->remembered[ret->nr_remembered++] = (struct fact_memory){
				.id = m->memory[i].value,
				.app = names[m->memory[i].app],
				.generation = m->memory[i].generation,
				.from = m->memory[i].from,
			};
}

static void fail(struct model *m, const char *what, const struct being *b, int signo)
{
	if (!m->failure[0])
		snprintf(m->failure, sizeof(m->failure), "%s: pid %d (%s), signal %d", what,
			 (int)b->p.id.pid, b->comm, signo);
}

/* Was the process that this one goes with an orphan on enough counted ticks? */
static bool had_its_ticks(struct model *m, const struct oracle *o, size_t proc, size_t k)
{
	size_t app = o->sets[proc].item[k].app;
	struct bytes id = o->sets[proc].item[k].id;
	struct memory *memory;

	while (o->sets[proc].item[k].inferred && !o->sets[proc].item[k].remembered) {
		proc = o->sets[proc].item[k].from;
		for (k = 0; k < o->sets[proc].nr; k++)
			if (o->sets[proc].item[k].app == app &&
			    o->sets[proc].item[k].id.len == id.len &&
			    !memcmp(o->sets[proc].item[k].id.data, id.data, id.len))
				break;
	}
	memory = recall(m, &o->s->procs[proc], app, id, false);
	return memory && memory->count + 1 >= GRACE;
}

/*
 * Has every nested owner that the oracle, which knows no ticks, condemns surely had its ticks?
 * Until then it hosts and owns.
 */
static bool nested_had_ticks(struct model *m, const struct oracle *o)
{
	for (size_t i = 0; i < o->s->nr; i++)
		for (size_t k = 0; o->condemned[i] && k < o->sets[i].nr; k++) {
			struct memory *memory = recall(m, &o->s->procs[i], o->sets[i].item[k].app,
						       o->sets[i].item[k].id, false);

			if (!memory || memory->sure < GRACE)
				return false;
		}
	return true;
}

/*
 * Judged by the machine as it stood when the tick began: in a quiet one only the
 * engine changes it, and what it has ended takes along what was inferred from it.
 */
static void judge(void *ctx, struct world *w, struct being *b, int signo)
{
	struct model *m = ctx;
	size_t i = snapshot_index(m->before, b->p.id.pid);

	/* Whatever happens in between: never what adopts, or a desktop that is no agent's. */
	if (b->p.id.pid <= 3 || (!b->p.environ.len && b->first_parent == 2 &&
				 (!strcmp(b->comm, "desk") || !strcmp(b->comm, "bare-desk"))))
		fail(m, "a desktop or an adopter", b, signo);
	if (w->restless || b->from_victim || b->signalled)
		return;
	if (i == SIZE_MAX || !identity_equal(&m->before->procs[i].id, &b->p.id)) {
		fail(m, "not there when the tick began", b, signo);
		return;
	}
	if (nested_had_ticks(m, &m->oracle) && !oracle_may_end(&m->oracle, i))
		fail(m, "must not be ended", b, signo);
	for (size_t k = 0; k < m->oracle.sets[i].nr; k++)
		if (!oracle_not_asked(&m->oracle, i, &m->oracle.sets[i].item[k]) &&
		    !had_its_ticks(m, &m->oracle, i, k))
			fail(m, "signalled too early", b, signo);
}

static bool is_orphan(const struct oracle *o, size_t proc, size_t app, struct bytes id)
{
	return oracle_member(o, proc, app, id) && oracle_state(o, proc, app, id) == STATE_ORPHAN;
}

/*
 * The engine counts what it saw first, and hands on what it saw last: either may have
 * been an orphan. A look between two counted ticks adds nothing, but may end the row.
 */
static void count_tick(struct model *m, struct memory *memory, const struct oracle *last,
		       size_t proc, size_t k, bool counted)
{
	struct bytes id = last->sets[proc].item[k].id;
	size_t then = snapshot_index(m->before, memory->id.pid);
	bool before = then != SIZE_MAX && identity_equal(&m->before->procs[then].id, &memory->id) &&
		      is_orphan(&m->oracle, then, memory->app, id);
	bool after = is_orphan(last, proc, memory->app, id);

	memory->count = before || after ? memory->count + counted : 0;
	memory->sure = before && after ? memory->sure + counted : 0;
}

/* What @o infers on a counted tick, the engine may take for a member from now on. */
static void remember_inferred(struct model *m, const struct oracle *o)
{
	for (size_t i = 0; i < o->s->nr; i++)
		for (size_t k = 0; k < o->sets[i].nr; k++) {
			const struct oracle_item *item = &o->sets[i].item[k];
			struct memory *memory;
			struct bytes gen;

			if (!item->inferred || item->remembered || item->from == CENSUS_NONE)
				continue;
			memory = recall(m, &o->s->procs[i], item->app, item->id, true);
			if (!memory)
				continue;
			gen = oracle_generation(o, i, item->app, item->id);
			memory->inferred = true;
			memory->from = o->s->procs[item->from].id;
			snprintf(memory->generation, sizeof(memory->generation), "%.*s",
				 (int)gen.len, gen.data);
		}
}

static void add_box(struct model *m, const struct process *init, const struct oracle_item *item)
{
	struct box *box = &m->boxes[m->nr_boxes];

	for (size_t i = 0; i < m->nr_boxes; i++)
		if (identity_equal(&m->boxes[i].init, &init->id) && m->boxes[i].app == item->app &&
		    strlen(m->boxes[i].value) == item->id.len &&
		    !memcmp(m->boxes[i].value, item->id.data, item->id.len))
			return;
	if (m->nr_boxes == BOXES || item->id.len >= sizeof(box->value))
		abort();
	*box = (struct box){ .init = init->id, .app = item->app };
	memcpy(box->value, item->id.data, item->id.len);
	m->nr_boxes++;
}

/* Of which instances @o shows each sandbox to be a part. */
static void remember_sandboxes(struct model *m, const struct oracle *o)
{
	for (size_t i = 0; i < o->s->nr; i++) {
		const struct process *p = &o->s->procs[i];

		for (size_t up = i;
		     p->ns_pid == 1 && p->pid_ns != o->s->pid_ns && up != CENSUS_NONE;
		     up = oracle_parent(o, up))
			for (size_t k = 0; o->s->procs[up].pid_ns == o->s->pid_ns &&
					   o->s->procs[up].uid == p->uid && k < o->sets[up].nr;
			     k++)
				add_box(m, p, &o->sets[up].item[k]);
	}
}

static void forget_sandboxes(struct model *m, const struct snapshot *s)
{
	for (size_t i = 0; i < m->nr_boxes;) {
		const struct process *p = snapshot_find(s, m->boxes[i].init.pid);

		if (p && identity_equal(&p->id, &m->boxes[i].init))
			i++;
		else
			m->boxes[i] = m->boxes[--m->nr_boxes];
	}
}

/* Count what the engine saw, as it should. */
static void remember(struct model *m, struct world *w, const struct census *c, bool counted)
{
	struct oracle o;

	if (!c->snapshot->complete)
		return;
	/* The look that counts comes before it ends anything: what is inferred from a victim is
	 * remembered, what is inferred only after its end is not. */
	if (counted)
		remember_inferred(m, &m->oracle);
	remember_sandboxes(m, &m->oracle);
	oracle_init(&o, c->snapshot, &w->policy, &w->facts, NULL);
	remember_sandboxes(m, &o);
	for (size_t i = 0; i < m->nr; i++)
		m->memory[i].seen = false;
	for (size_t i = 0; i < c->snapshot->nr; i++)
		for (size_t k = 0; k < o.sets[i].nr; k++) {
			struct memory *memory =
				recall(m, &c->snapshot->procs[i], o.sets[i].item[k].app,
				       o.sets[i].item[k].id, true);

			if (!memory)
				continue;
			memory->seen = true;
			count_tick(m, memory, &o, i, k, counted);
		}
	for (size_t i = 0; i < m->nr;) {
		struct memory *memory = &m->memory[i];
		const struct process *p = snapshot_find(c->snapshot, memory->id.pid);

		/* "stays a member after that one has ended", wherever it was before */
		if (!memory->seen)
			memory->count = memory->sure = 0;
		if (memory->seen || (memory->inferred && p && identity_equal(&p->id, &memory->id)))
			i++;
		else
			*memory = m->memory[--m->nr];
	}
	forget_sandboxes(m, c->snapshot);
	oracle_release(&o);
}

/* A process of no app holds the id in its arguments: it may be starting the desktop. */
static bool has_launcher(const struct oracle *o, struct bytes id)
{
	for (size_t i = 0; i < o->s->nr; i++)
		if (id.len >= 6 && !o->sets[i].nr && !o->desktops[i] &&
		    o->s->procs[i].args.len >= id.len &&
		    memmem(o->s->procs[i].args.data, o->s->procs[i].args.len, id.data, id.len))
			return true;
	return false;
}

/* Is it by a marker, or remembered, and surely had its ticks? No launcher of its spares it. */
static bool had_sure_ticks(struct model *m, const struct oracle *o, size_t i)
{
	for (size_t k = 0; k < o->sets[i].nr; k++) {
		const struct oracle_item *item = &o->sets[i].item[k];
		const struct memory *memory =
			recall(m, &o->s->procs[i], item->app, item->id, false);

		if (!memory || item->inferred || memory->sure < GRACE || has_launcher(o, item->id))
			return false;
	}
	return true;
}

/* Might it be ended when the tick began, too? What that tick alone made so has the next. */
static bool was_ripe(const struct model *m, const struct process *p)
{
	size_t then = snapshot_index(m->before, p->id.pid);

	return then != SIZE_MAX && identity_equal(&m->before->procs[then].id, &p->id) &&
	       oracle_may_end(&m->oracle, then);
}

/* In a quiet machine nothing that has had its ticks is left after a counted tick. */
static void check_progress(struct model *m, struct world *w)
{
	struct snapshot *s = world_snapshot(w);
	struct oracle o;

	oracle_init(&o, s, &w->policy, &w->facts, NULL);
	for (size_t i = 0; i < s->nr; i++) {
		bool ripe = o.sets[i].nr > 0 && oracle_may_end(&o, i) && nested_had_ticks(m, &o) &&
			    had_sure_ticks(m, &o, i) && was_ripe(m, &s->procs[i]);

		for (size_t j = 0; ripe && j < s->nr; j++)
			ripe = !oracle_together(&o, i, j) || had_sure_ticks(m, &o, j);
		/* What a victim forked while it was ended may have changed whose all are. */
		for (size_t n = 0; n < WORLD_MAX; n++)
			ripe = ripe && !(w->beings[n].used && w->beings[n].from_victim);
		/* One that was signalled and is left was told as survived, and has its next tick. */
		if (ripe && !world_find(w, s->procs[i].id.pid)->signalled)
			fail(m, "an orphan was left", world_find(w, s->procs[i].id.pid), 0);
	}
	oracle_release(&o);
	snapshot_unref(s);
}

/* For whoever has to find out why: the machine as it stands. */
static void print_world(struct world *w)
{
	printf("# boottime %lld monotonic %lld restless %u\n", (long long)w->now.boottime_ms,
	       (long long)w->now.monotonic_ms, w->restless);
	for (size_t i = 0; i < WORLD_MAX; i++) {
		const struct being *b = &w->beings[i];

		if (b->used)
			printf("# pid %d uid %d ns %d start %llu ppid %d pgid %d sid %d %s arg '%s' env '%s'%s%s%s%s\n",
			       (int)b->p.id.pid, (int)b->p.uid, (int)b->p.pid_ns,
			       (unsigned long long)b->p.id.start_ticks, (int)b->p.ppid,
			       (int)b->p.pgid, (int)b->p.sid, b->comm,
			       b->p.args.len > strlen(b->args) + 1 ? b->args + strlen(b->args) + 1
								   : "",
			       b->p.environ.len ? b->env : "", b->parent_changed ? " moved" : "",
			       b->deaf ? " deaf" : "", b->signalled ? " signalled" : "",
			       b->from_victim ? " from a victim" : "");
	}
}

static void print_event(void *ctx, const struct event *event)
{
	(void)ctx;
	printf("# %s pid %d %s ticks %u outcome %d why %d %s%s\n", event_kind_name(event->kind),
	       (int)event->process.pid, event->name ? event->name : "", event->ticks,
	       event->outcome, event->why, event->text ? event->text : "",
	       event->summary ? event->summary->counted ? "counted" : "looked" : "");
}

static bool live_one(uint64_t seed, struct model *m)
{
	static struct world w;
	struct engine_options options = { .settings = engine_defaults,
					  .stop_fd = -1,
					  .scope = { .uid = 1000, .all_users = true } };
	struct engine *eng;

	world_init(&w, seed);
	memset(m, 0, sizeof(*m));
	m->seed = seed;
	w.judge = judge;
	w.recall = recall_facts;
	w.ctx = m;
	options.policy = &w.policy;
	if (getenv("STRAY_TRACE"))
		options.notify = print_event;
	if (engine_new(&options, &w.source, &w.reaper, &eng))
		abort();
	for (m->tick = 0; m->tick < TICKS_PER_WORLD && !m->failure[0]; m->tick++) {
		uint64_t luck = forest_random(&w.random) % 100;
		struct tick_summary summary;
		struct census *c = NULL;

		world_step(&w);
		world_pass(&w, luck < 15 ? 5000 : 60000,
			   luck > 95   ? 90000000
			   : luck > 85 ? 600000
				       : 0);
		for (size_t i = 0; luck > 95 && i < m->nr; i++)
			m->memory[i].count = m->memory[i].sure =
				0; /* more than a day: it starts again */
		w.incomplete = luck % 12 == 0;
		if (getenv("STRAY_TRACE"))
			print_world(&w);
		m->before = world_snapshot(&w);
		world_freeze(&w);
		oracle_init(&m->oracle, m->before, &w.policy, &w.facts_then, NULL);
		if (engine_tick(eng, TICK_COUNT | TICK_REAP, &c, &summary))
			abort();
		remember(m, &w, c, summary.counted);
		if (!w.restless && summary.counted && !w.incomplete)
			check_progress(m, &w);
		oracle_release(&m->oracle);
		snapshot_unref(m->before);
		census_unref(c);
		for (size_t i = 0; i < WORLD_MAX; i++)
			if (w.beings[i].used && w.beings[i].stopped)
				fail(m, "left frozen", &w.beings[i], 0);
	}
	if (m->failure[0])
		print_world(&w);
	engine_free(eng);
	world_release(&w);
	return !m->failure[0];
}

int main(void)
{
	const char *ticks = getenv("STRAY_TICKS"), *first = getenv("STRAY_SEED");
	uint64_t nr = (ticks ? strtoull(ticks, NULL, 10) : 20000) / TICKS_PER_WORLD;
	uint64_t seed = first ? strtoull(first, NULL, 10) : 1;
	static struct model m;

	printf("1..1\n");
	for (uint64_t i = 0; i < nr; i++) {
		if (live_one(seed + i, &m))
			continue;
		printf("# seed %llu, tick %u: %s\n", (unsigned long long)(seed + i), m.tick,
		       m.failure);
		printf("not ok 1 - the engine agrees with the oracle\n");
		return 1;
	}
	printf("ok 1 - the engine agrees with the oracle in %llu ticks of %llu machines from seed %llu\n",
	       (unsigned long long)(nr * TICKS_PER_WORLD), (unsigned long long)nr,
	       (unsigned long long)seed);
	return 0;
}
