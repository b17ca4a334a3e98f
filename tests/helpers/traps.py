# SPDX-License-Identifier: MIT
# Run a shell's script on a terminal of its own and end it: traps.py WAY PIDFILE SHELL SCRIPT...
# WAY: close (the window), TERM, HUP, INT (all three to the shell alone), key (^C). Waits
# until PIDFILE is there before, and for the shell after. Exit status: the shell's, 128+N.
import os
import pty
import signal
import sys
import time

way, ready, argv = sys.argv[1], sys.argv[2], sys.argv[3:]
pid, master = pty.fork()
if pid == 0:
    for signo in (signal.SIGINT, signal.SIGQUIT, signal.SIGHUP, signal.SIGTERM):
        signal.signal(signo, signal.SIG_DFL)
    os.execvp(argv[0], argv)
end = time.monotonic() + 60
while not os.path.exists(ready):
    if time.monotonic() > end:
        sys.exit(99)
    time.sleep(0.005)
if way == "close":
    os.close(master)
elif way == "key":
    os.write(master, b"\x03")
else:
    os.kill(pid, getattr(signal, "SIG" + way))
if way == "close":
    # What a terminal's own shell does besides: a second one to the job.
    try:
        os.kill(pid, signal.SIGHUP)
    except ProcessLookupError:
        pass
else:
    # Nothing that it prints may block it.
    os.set_blocking(master, False)
while True:
    done, status = os.waitpid(pid, os.WNOHANG)
    if done:
        break
    if way != "close":
        try:
            os.read(master, 65536)
        except OSError:
            pass
    if time.monotonic() > end:
        sys.exit(98)
    time.sleep(0.005)
sys.exit(os.waitstatus_to_exitcode(status) % 256 if status & 0x7f == 0 else 128 + (status & 0x7f))
