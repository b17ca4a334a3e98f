# SPDX-License-Identifier: MIT
"""One agent program at work, and what stray says and does of what it leaves.

scene.py NAME SCENE: pid 1 of private pid, mount and net namespaces, as root of them.
Prints TAP. AGENTS names the folder where the programs are installed, STRAY the program
under test. The scenes are named by what is killed:

    owner       servers that have lost their client are ended, as its app's or, where they
                carry nothing, as `stdio`'s; its jobs, the model and the shell are not
    launcher    the session lives on, and nothing is ended
    nested      the outer one, which started one more of the same: that one lives on
    background  the session of a daemon, which starts it again
    daemon      first what shows it on the terminal, beside which nothing is ended; then it

Beside each live session an armed sweep ticks 50 times, once a second.
"""
import json
import os
import signal
import sys
import time

from machine import (PATIENCE, SWEEP_STDIO, TICKS, Sweep, Terminal, below, describe, prepare,
                     processes, stray, sweep_once)
from programs import PROGRAMS, SCENES, jobs

NAME, SCENE = sys.argv[1:]
PROGRAM = {**PROGRAMS[NAME], **SCENES[NAME][SCENE]}
SESSIONS = 2 if SCENE == "nested" else 1
tests = failed = 0


def result(good, name, *why):
    global tests, failed
    tests += 1
    failed += not good
    print("%s %d - %s, %s: %s" % ("ok" if good else "not ok", tests, NAME, SCENE, name))
    for line in why if not good else ():
        print("\n".join("# " + text for text in str(line).splitlines()[:40]))
    sys.stdout.flush()


def done():
    print("1..%d" % tests, flush=True)
    sys.exit(failed != 0)


# --- which is which -----------------------------------------------------------------------------

def is_deaf(process):
    return "--deaf" in process.words


def owners(found):
    """The clients of the servers: the parents of those that run below no npx."""
    parents = {p.ppid for p in found if "server.py --deaf" in p.words}
    return [p for p in found if p.pid in parents]


def owner_now(found):
    """The owner that is killed: of two the outer one."""
    return next(p for p in owners(found) if not p.nested)


def launcher_of(found, owner, shell):
    """The topmost process below the user's shell that has the owner below it."""
    by_pid = {p.pid: p for p in found}
    while owner.ppid in by_pid and owner.ppid != shell:
        owner = by_pid[owner.ppid]
    return owner


def is_at_work():
    found = processes()
    return (sum(p.comm == "foreground" for p in found) >= SESSIONS
            and sum(is_deaf(p) for p in found) >= 3 * SESSIONS
            and len(owners(found)) >= SESSIONS)


def members(app):
    out, err = stray("--list", "--json")
    try:
        return {p["pid"]: (p["state"], i["owner"]["state"])
                for i in json.loads(out)["instances"] if i["app"] == app
                for p in i["processes"]}
    except (ValueError, KeyError):
        result(False, "--list --json is understood", out, err)
        done()


# --- what must be ----------------------------------------------------------------------------

def is_left(found, process):
    return any(p.key == process.key for p in found)


def start(terminal):
    typed = time.monotonic()
    terminal.serve(1)
    terminal.type(PROGRAM["command"] + "\n")

    def ready():
        nonlocal typed
        if "keys" in PROGRAM and time.monotonic() - typed > 8:
            terminal.type(PROGRAM["keys"])
            typed = time.monotonic()
        return is_at_work()

    came_up = terminal.wait_for(ready)
    result(came_up, "it starts its servers and a tool", describe(processes()), terminal.text())
    if not came_up:
        done()
    terminal.serve(3)
    return processes()


def tick_beside(terminal, sweep, nr):
    goal = sweep.ticks() + nr
    terminal.wait_for(lambda: sweep.ticks() >= goal, PATIENCE + 2 * nr)
    return sweep.ticks() >= goal


def kill(terminal, process):
    os.kill(process.pid, signal.SIGKILL)
    terminal.wait_for(lambda: not is_left(processes(), process))


def check_owner(terminal, before):
    sweep = Sweep()
    ticked = tick_beside(terminal, sweep, TICKS)
    ended = sweep.stop()
    result(ticked and not ended, "beside a live session %d ticks end nothing" % TICKS,
           sweep.ticks(), ended)
    result(is_at_work(), "and it is at work still", describe(processes()))
    kill(terminal, owner_now(processes()))
    terminal.serve(3)
    check_left(processes())


def check_left(found):
    """Its owner has been killed: what is a member, and what one tick ends."""
    dead = [p for p in found if p.dead_server]
    others = [p for p in found if not p.dead_server]
    result(sum(is_deaf(p) for p in dead) >= 2, "its deaf servers are hung up, by both ends",
           describe(found))
    known = members(PROGRAM["app"])
    wrong = [p for p in dead if known.get(p.pid) != ("orphan", "gone")]
    result(not wrong, "each is an orphan of %s, its owner gone" % PROGRAM["app"],
           describe(wrong), known)
    if PROGRAM["app"] == "stdio":
        said = sweep_once()
        now = processes()
        result(all(is_left(now, p) for p in dead), "as shipped it is shown and not swept", *said)
        said = sweep_once("--config", SWEEP_STDIO)
    else:
        said = sweep_once()
    now = processes()
    left = [p for p in dead if is_left(now, p)]
    result(not left, "the sweep ends all of them", describe(left), *said)
    ended = [p for p in others if not is_left(now, p)]
    result(not ended, "and nothing else", describe(ended), *said)


def check_survivors(sweep, survivors):
    """None of @survivors was ended by the sweep, and no dead server is left."""
    ended = sweep.stop()
    wrong = [p for p in survivors if p.key in ended]
    result(not wrong, "the sweep ends nothing that lives on", describe(wrong), ended)
    dead = [p for p in processes() if p.dead_server]
    result(not dead, "and leaves no server without a client", describe(dead), ended)
    return ended


def check_launcher(terminal, before):
    sweep = Sweep()
    owner = owner_now(before)
    launcher = launcher_of(before, owner, terminal.shell)
    result(launcher.pid != owner.pid, "it has a launcher", describe(before))
    kill(terminal, launcher)
    result(tick_beside(terminal, sweep, TICKS), "%d ticks go by" % TICKS)
    ended = check_survivors(sweep, before)
    result(not ended and is_left(processes(), owner) and is_at_work(),
           "its session is at work without it", ended, describe(processes()))


def check_nested(terminal, before):
    sweep = Sweep()
    result(tick_beside(terminal, sweep, TICKS) and not sweep.ended(),
           "beside both sessions %d ticks end nothing" % TICKS, sweep.ended())
    found = processes()
    outer, inner = owner_now(found), next(p for p in owners(found) if p.nested)
    lost = [p for p in below(found, outer.pid) if is_deaf(p) and not p.nested]
    kill(terminal, outer)
    result(tick_beside(terminal, sweep, TICKS), "%d ticks go by without the outer one" % TICKS)
    ended = check_survivors(sweep, below(found, inner.pid) + [p for p in found if not is_deaf(p)])
    result(all(not is_left(processes(), p) for p in lost), "the outer one's servers are gone",
           describe(processes()), ended)
    now = processes()
    result(is_left(now, inner) and any(is_deaf(p) for p in below(now, inner.pid)),
           "the nested one is at work still", describe(now))


def check_background(terminal, before):
    sweep = Sweep()
    result(tick_beside(terminal, sweep, TICKS) and not sweep.ended(),
           "beside it %d ticks end nothing" % TICKS, sweep.ended())
    owner = owner_now(processes())
    kill(terminal, owner)

    def restarted():
        now = owners(processes())
        return now and owner.key not in [p.key for p in now]

    result(terminal.wait_for(restarted), "its daemon starts it again", describe(processes()))
    again = processes()
    result(tick_beside(terminal, sweep, TICKS), "%d ticks go by beside that" % TICKS)
    lost = below(before, owner.pid)
    ended = check_survivors(sweep, again + [p for p in before if p not in lost])
    result(is_left(processes(), owner_now(again)), "the new session is there still",
           describe(processes()), ended)


def check_daemon(terminal, before):
    sweep = Sweep()
    daemon = owner_now(before)
    result(daemon.sid == daemon.pid, "the owner of its servers is a daemon", describe(before))
    for process in below(before, terminal.shell):
        if process.sid == terminal.shell and process.pid != terminal.shell:
            kill(terminal, process)
    result(tick_beside(terminal, sweep, TICKS), "%d ticks go by beside the daemon" % TICKS)
    ended = check_survivors(sweep, before)
    result(not ended and is_at_work(), "it is at work still", ended, describe(processes()))
    kill(terminal, daemon)
    terminal.serve(3)
    check_left(processes())


CHECKS = {"owner": check_owner, "launcher": check_launcher, "nested": check_nested,
          "background": check_background, "daemon": check_daemon}


def main():
    prepare(PROGRAM, jobs(NAME, PROGRAM, SCENE))
    terminal = Terminal(NAME, PROGRAM)
    CHECKS[SCENE](terminal, start(terminal))
    done()


main()
