# SPDX-License-Identifier: MIT
"""The machine that an agent program is tried on: its processes, a terminal, and stray."""
import ctypes
import fcntl
import json
import os
import pty
import re
import select
import shutil
import struct
import subprocess
import termios
import time

from programs import HOME, MACHINE, search_path

HERE = os.path.dirname(os.path.abspath(__file__))
# Where all is found: the checkout may stand below a folder that is hidden (/tmp).
STRAY, TESTS = MACHINE + "/stray", MACHINE + "/tests"
PATIENCE = 120  # seconds for a program to come up, on a machine that is busy


# --- processes, as /proc has them ------------------------------------------------------------

def read(path):
    try:
        with open(path, "rb") as file:
            return file.read().decode("utf8", "replace")
    except OSError:
        return ""


def peers():
    """Of each unix socket by its inode the inode of its peer; 0: that one is closed."""
    table = {}
    for line in subprocess.run(["ss", "-xanH"], capture_output=True, text=True,
                               check=True).stdout.splitlines():
        words = line.split()
        if len(words) > 7:
            table[words[5]] = words[7]
    return table


def hung_up(pid, fd, table):
    path = "/proc/%d/fd/%d" % (pid, fd)
    try:
        link = os.readlink(path)
        if link.startswith("socket:["):
            return table.get(link[8:-1]) == "0"
        if not link.startswith("pipe:["):
            return False
        mode = (os.O_WRONLY if fd else os.O_RDONLY) | os.O_NONBLOCK
        file = os.open(path, mode)
    except OSError as error:
        return error.errno == 6  # a pipe without a reader cannot be opened for writing
    poll = select.poll()
    poll.register(file, select.POLLOUT if fd else select.POLLIN)
    event = poll.poll(0)
    os.close(file)
    return bool(event and event[0][1] & (select.POLLERR if fd else select.POLLHUP))


class Process:
    def __init__(self, pid, stat, table):
        self.pid, self.comm = pid, stat[stat.index("(") + 1:stat.rindex(")")]
        fields = stat[stat.rindex(")") + 2:].split()
        self.ppid, self.sid, self.start = int(fields[1]), int(fields[3]), int(fields[19])
        self.words = read("/proc/%d/cmdline" % pid).rstrip("\0").replace("\0", " ")
        self.nested = "\0NESTED=1\0" in "\0" + read("/proc/%d/environ" % pid)
        self.dead_server = (self.sid != pid and hung_up(pid, 0, table)
                            and hung_up(pid, 1, table))

    @property
    def key(self):
        return self.pid, self.start

    def __str__(self):
        return "pid %d of %d, session %d%s: %s" % (
            self.pid, self.ppid, self.sid, ", hung up" if self.dead_server else "",
            self.words or self.comm)


def processes():
    table, found = peers(), []
    for name in os.listdir("/proc"):
        stat = read("/proc/%s/stat" % name) if name.isdigit() and name != "1" else ""
        if stat and stat[stat.rindex(")") + 2] not in "ZX":
            found.append(Process(int(name), stat, table))
    return [p for p in found if p.comm not in ("ss", "stray")]


def below(found, pid):
    """That process, and all that descends from it."""
    pids, more = {pid}, True
    while more:
        more = {p.pid for p in found if p.ppid in pids} - pids
        pids |= more
    return [p for p in found if p.pid in pids]


def describe(found):
    return "\n".join(str(p) for p in found)


def collect():
    """Wait for what pid 1 has adopted and that has ended."""
    try:
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
    except ChildProcessError:
        pass


# --- files and folders -----------------------------------------------------------------------

def run(*words):
    subprocess.run(words, check=True, stdin=subprocess.DEVNULL)


def write(path, content):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w") as file:
        file.write(content if isinstance(content, str) else json.dumps(content))


def mount_all():
    """A folder of memory with what is needed at MACHINE, and a /tmp of its own."""
    folder = os.environ["AGENTS"] + "/machine"
    os.makedirs(folder, exist_ok=True)
    run("mount", "-t", "tmpfs", "tmpfs", folder)
    os.mkdir(folder + "/agents")
    run("mount", "--bind", os.environ["AGENTS"], folder + "/agents")
    shutil.copy(os.environ["STRAY"], folder + "/stray")
    shutil.copytree(HERE, folder + "/tests")
    run("mount", "--rbind", folder, MACHINE)
    run("mount", "-t", "tmpfs", "tmpfs", "/tmp")


def prepare(program, commands):
    """A home of its own, a project with a server that npx finds, and the model."""
    ctypes.CDLL(None).prctl(15, b"init", 0, 0, 0)
    run("ip", "link", "set", "lo", "up")
    mount_all()
    bin_folder = HOME + "/proj/node_modules/.bin"
    package = HOME + "/proj/node_modules/deaf-server"
    os.makedirs(bin_folder)
    os.makedirs(package)
    write(package + "/package.json",
          {"name": "deaf-server", "version": "1.0.0", "bin": {"deaf-server": "server.js"}})
    shutil.copy(TESTS + "/server.js", package)
    os.chmod(package + "/server.js", 0o755)
    os.symlink("../deaf-server/server.js", bin_folder + "/deaf-server")
    write(HOME + "/proj/package.json",
          {"name": "proj", "version": "1.0.0", "dependencies": {"deaf-server": "1.0.0"}})
    shutil.copy(TESTS + "/server.py", HOME)
    shutil.copy("/usr/bin/sleep", HOME + "/proj/foreground")
    os.makedirs(HOME + "/.run", mode=0o700)
    for name, content in program["files"].items():
        write(HOME + "/" + name, content)
    write(HOME + "/commands.json", commands)
    clean = ["/usr/bin/env", "-i", "PATH=/usr/bin:/bin"]
    for words in (["python3", TESTS + "/model.py", "8099", HOME + "/commands.json"],
                  ["sleep", "7777"]):
        subprocess.Popen(clean + words, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                         stderr=subprocess.DEVNULL, start_new_session=True)


class Terminal:
    """A shell on a terminal that answers what programs ask of one."""

    ANSWERS = {b"\x1b[6n": b"\x1b[1;1R", b"\x1b[c": b"\x1b[?62;22c",
               b"\x1b[0c": b"\x1b[?62;22c", b"\x1b]11;?": b"\x1b]11;rgb:0000/0000/0000\x07",
               b"\x1b]10;?": b"\x1b]10;rgb:ffff/ffff/ffff\x07"}

    def __init__(self, name, program):
        environment = {
            "PATH": search_path(name), "HOME": HOME,
            "XDG_CONFIG_HOME": HOME + "/.config", "XDG_DATA_HOME": HOME + "/.local/share",
            "XDG_STATE_HOME": HOME + "/.local/state", "XDG_CACHE_HOME": HOME + "/.cache",
            "XDG_RUNTIME_DIR": HOME + "/.run", "TERM": "xterm-256color", "LANG": "C.UTF-8",
            "SHELL": "/bin/bash", "USER": "user", **program["env"]}
        self.seen = b""
        self.shell, self.fd = pty.fork()
        if self.shell == 0:
            os.chdir(HOME + "/proj")
            os.execve("/bin/bash", ["bash", "--norc", "--noprofile", "-i"], environment)
        fcntl.ioctl(self.fd, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 120, 0, 0))

    def type(self, text):
        os.write(self.fd, text.encode())

    def serve(self, seconds):
        """Be a terminal, and an init, for so long."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            collect()
            if not select.select([self.fd], [], [], 0.1)[0]:
                continue
            data = os.read(self.fd, 65536)
            self.seen = (self.seen + data)[-20000:]
            for question, answer in self.ANSWERS.items():
                if question in data:
                    os.write(self.fd, answer)

    def wait_for(self, holds, patience=PATIENCE):
        end = time.monotonic() + patience
        while not holds():
            if time.monotonic() > end:
                return False
            self.serve(0.3)
        return True

    def text(self):
        plain = re.sub(rb"\x1b(\[[0-9;?<>=]*[a-zA-Z]|\][^\x07\x1b]*(\x07|\x1b\\)|[()=>][0B]?)",
                       b" ", self.seen)
        return plain.decode("utf8", "replace")[-2000:]


# --- stray -----------------------------------------------------------------------------------

STATE = "/tmp/stray"
CLEAN = {"PATH": "/usr/bin:/bin", "HOME": STATE, "LANG": "C.UTF-8", "STRAY_STATE_DIR": STATE}
SWEEP_STDIO = "/tmp/stdio.conf"
TICKS = 50


def forget():
    """From here on stray knows of nothing that was."""
    shutil.rmtree(STATE, ignore_errors=True)
    os.makedirs(STATE, mode=0o700)
    write(SWEEP_STDIO, "[app stdio]\nsweep = yes\n")


def stray(*words):
    ran = subprocess.run([STRAY, *words], capture_output=True, text=True, check=False,
                         stdin=subprocess.DEVNULL, env=CLEAN, timeout=PATIENCE)
    return ran.stdout, ran.stderr


def sweep_once(*options):
    """One tick that ends at first sight."""
    forget()
    return stray("--sweep", "--once", "--grace", "1", "--term-timeout", "1s", *options)


class Sweep:
    """An armed sweep in the background: a tick a second, at first sight, `stdio` as well."""

    def __init__(self):
        forget()
        self.log = open("/tmp/sweep.json", "w+")
        self.stray = subprocess.Popen(
            [STRAY, "--sweep", "--json", "--interval", "1s", "--grace", "1",
             "--term-timeout", "1s", "--config", SWEEP_STDIO],
            stdin=subprocess.DEVNULL, stdout=self.log, stderr=subprocess.STDOUT, env=CLEAN)

    def events(self, kind):
        lines = read("/tmp/sweep.json").splitlines()
        return [e for e in map(json.loads, filter(None, lines)) if e["event"] == kind]

    def ticks(self):
        return len(self.events("tick"))

    def ended(self):
        return {(e["pid"], e["start_ticks"]): e for e in self.events("reaped")}

    def stop(self):
        self.stray.terminate()
        self.stray.wait()
        return self.ended()
