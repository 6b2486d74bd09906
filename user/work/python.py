#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Workers as a Python program makes them: threading against multiprocessing.

Says what common/protocol.h describes, in the way of common/crew.h: workers are
created and wait at a gate; the measured part is from the gate's opening to the
last worker's end, and holds no import, no start and no end of a worker.

With work=signals there is no gate: each worker does as it is told through a
pipe of its own, and says what happened to it.
"""
import os
import resource
import select
import sys
import threading
import time

STEPS = 3000  # of arithmetic in a unit of work
ANSWER_STEPS = 100  # … on the answer of a blocking call
SERVICE_S = 0.01  # how long such a call takes
BLOCKED_PER_CPU = 4  # workers that do little but wait
ATTENDANTS = 3  # one is meant, two are not
ROUNDS = 5  # of signals in a trial
LIMIT_S = 5  # for what should come at once, and may not come
# Nobody sleeps longer at a time. A signal that comes just before a call blocks
# does not end it, nor does one to another thread: KeyboardInterrupt is raised
# when the call returns.
SLICE_MS = 10
NUMBER_MAX = 2**63 - 1

# Descriptors of the program itself. A child that is forked gets copies of them,
# and would keep pipes open whose closing means something.
program_only = []


# ---- the other side of user/worker.c ----

class Tool:
    def __init__(self, words):
        self.words = dict(word.split("=", 1) for word in words if "=" in word)
        self.report = 1
        self.control = None
        if "report" in self.words:
            self.report = self.own("report")
        if "control" in self.words:
            self.control = self.own("control")

    def own(self, name):
        fd = self.number(name, 0, 2**31 - 1)
        try:
            os.set_inheritable(fd, False)
        except OSError as error:
            self.die(f"argument {name}: {error.strerror}")
        program_only.append(fd)
        return fd

    def line(self, text):
        try:
            os.write(self.report, text[:500].replace("\n", " ").encode() + b"\n")
        except OSError:
            os._exit(1)

    def die(self, text):
        self.line("error " + text)
        for process in children():
            process.kill()
        sys.exit(1)  # and not at once: multiprocessing has a directory to remove

    def text(self, name, choices):
        text = self.words.get(name)
        if text is None:
            self.die(f"argument {name}=… is missing")
        if text not in choices:
            self.die(f"argument {name}: '{text}' is none of {', '.join(choices)}")
        return text

    def number(self, name, low, high):
        text = self.words.get(name)
        if text is None:
            self.die(f"argument {name}=… is missing")
        if not (text.isascii() and text.isdigit() and low <= int(text[:20]) <= high):
            self.die(f"argument {name}: '{text}' is not a number from {low} to {high}")
        return int(text)

    def answer(self):
        if self.control is not None and not os.read(self.control, 1):
            self.die("the tool is gone")

    def ready(self):
        self.line("ready")
        self.answer()

    def done(self):
        self.line("done")
        self.answer()

    def metric(self, name, numerator, denominator=1):
        if max(abs(numerator), denominator) > NUMBER_MAX:
            self.die(f"{name}: the figure is too large")
        self.line(f"metric {name} {numerator} {denominator}")

    def count(self, name, value):
        self.line(f"count {name} {value}")


def children():
    if "multiprocessing" not in sys.modules:
        return []
    return sys.modules["multiprocessing"].active_children()


# ---- arms: daemons, lest a program that fails waits for its workers ----

class End:
    """One end of a pipe: the same for threads and for every kind of process."""

    def __init__(self, fd):
        self.fd = fd

    def __getstate__(self):
        """To a process that does not inherit descriptors, it is handed over."""
        from multiprocessing import reduction
        return reduction.DupFd(self.fd)

    def __setstate__(self, handed_over):
        self.fd = handed_over.detach()

    def get(self):
        """One byte. A worker whose program is gone ends, too."""
        return os.read(self.fd, 1) or os._exit(1)

    def put(self, data):
        """Less than PIPE_BUF, so that it arrives in one piece."""
        os.write(self.fd, data)


def pipe(program_reads):
    """Returns the program's end and the workers' end."""
    read, write = os.pipe()
    mine, theirs = (read, write) if program_reads else (write, read)
    program_only.append(mine)
    return End(mine), End(theirs)


def in_child(function, *args):
    import signal
    for fd in program_only:
        os.close(fd)
    # Started from a script's background job or by nohup, it would be ignored.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    function(*args)


class Thread:
    method = "threading"

    def __init__(self, _context, function, args):
        self.thread = threading.Thread(target=function, args=args, daemon=True)
        self.thread.start()
        self.sentinel = None

    def interrupt(self):
        import signal
        signal.pthread_kill(self.thread.ident, signal.SIGINT)

    def terminated(self):
        """Whether terminate() ended it: there would have to be one."""
        if not hasattr(self.thread, "terminate"):
            return False
        self.thread.terminate()
        self.thread.join(LIMIT_S)
        return not self.thread.is_alive()

    def join(self):
        self.thread.join()
        return 0


class Process:
    def __init__(self, context, function, args):
        self.process = context.Process(target=in_child, args=(function, *args), daemon=True)
        self.process.start()
        self.sentinel = self.process.sentinel

    def interrupt(self):
        import signal
        os.kill(self.process.pid, signal.SIGINT)

    def terminated(self):
        import signal
        self.process.terminate()
        self.process.join(LIMIT_S)
        return self.process.exitcode == -signal.SIGTERM

    def join(self):
        self.process.join()
        return self.process.exitcode


def stop(helper):
    """… as far as this Python has it."""
    getattr(helper, "_stop", lambda: None)()


class Crew:
    def __init__(self, tool):
        self.tool = tool
        self.arm = tool.text("arm", ("process", "thread"))
        self.method = tool.text("start_method", ("fork", "spawn", "forkserver"))
        self.context = None
        self.directory = None
        if self.arm == "process":
            import multiprocessing
            self.context = multiprocessing.get_context(self.method)
        self.news, self.worker_news = pipe(program_reads=True)
        self.workers = []
        self.poll = select.poll()
        self.poll.register(self.news.fd, select.POLLIN)
        self.unread = b""

    def start(self, function, *args):
        kind = Process if self.arm == "process" else Thread
        try:
            worker = kind(self.context, function, args)
        except (OSError, RuntimeError) as error:
            self.tool.die(f"cannot create worker {len(self.workers) + 1}: {error}")
        self.workers.append(worker)
        if worker.sentinel is not None:
            self.poll.register(worker.sentinel, select.POLLIN)

    def see_end(self, sentinels):
        for worker in [w for w in self.workers if w.sentinel in sentinels]:
            status = worker.join()
            if status:
                self.tool.die(f"a worker ended early, status {status}")
            self.dismiss(worker)

    def dismiss(self, worker):
        self.workers.remove(worker)
        if worker.sentinel is not None:
            self.poll.unregister(worker.sentinel)

    def all_started(self):
        """The fork server is asked through a socket in a directory of its own, which
        Python removes at exit. Nobody will ask again: removed now, it is not left
        behind by a program that is killed."""
        if self.context and self.method == "forkserver":
            from multiprocessing import util
            self.directory = util.get_temp_dir()
            self.sockets = [os.path.join(self.directory, name)
                            for name in os.listdir(self.directory)]
            for socket in self.sockets:
                os.unlink(socket)
            os.rmdir(self.directory)

    def leave(self):
        """The helper processes of multiprocessing end with the program, but some
        time after it. There is no public way to wait for them: this is what
        Python's own tests do (multiprocessing.util._cleanup_tests)."""
        if self.directory:
            os.mkdir(self.directory, 0o700)
            for socket in self.sockets:
                os.mknod(socket)
            from multiprocessing import forkserver
            stop(forkserver._forkserver)
        if self.context and self.method != "fork":
            from multiprocessing import resource_tracker
            stop(resource_tracker._resource_tracker)

    def lines(self, n, wait_ms=None):
        """The next n lines of the workers; fewer if wait_ms pass in silence."""
        while self.unread.count(b"\n") < n:
            readable = [fd for fd, _ in self.poll.poll(wait_ms)]
            if not readable:
                n = self.unread.count(b"\n")
            elif self.news.fd in readable:
                self.unread += os.read(self.news.fd, 4096)
            else:
                self.see_end(readable)
        *lines, self.unread = self.unread.split(b"\n", n)
        for line in lines:
            if line.startswith(b"error "):
                self.tool.die("a worker: " + line[6:].decode(errors="replace"))
        return lines

    def join(self):
        for worker in self.workers:
            status = worker.join()
            if status:
                self.tool.die(f"a worker ended with status {status}")
        self.leave()


# ---- work=cpu, work=io ----

def compute(steps):
    """Nothing but the interpreter: a generator of pseudo-random numbers."""
    x = 1
    for _ in range(steps):
        x = (x * 1664525 + 1013904223) & 0xffffffff  # Numerical Recipes
    return x


def compute_only(units):
    x = 0
    for _ in range(units):
        x ^= compute(STEPS)
    return x


def wait_mostly(units):
    """Blocking calls, which let go of the interpreter lock, as all of Python's
    do. Their service time is the kernel's timer: a server would be a further
    task that wants a CPU."""
    x = 0
    for _ in range(units):
        time.sleep(SERVICE_S)
        x ^= compute(ANSWER_STEPS)
    return x


WORK = {"cpu": compute_only, "io": wait_mostly}


class Usage:
    """What the kernel counts for the calling task. Read at the very edges of an
    interval, understood later."""

    def __init__(self):
        try:
            self.schedstat = os.open("/proc/thread-self/schedstat", os.O_RDONLY)
        except OSError:
            self.schedstat = None  # a kernel without it

    def begin(self):
        """Both clocks next to each other, here and below: what lies between them
        cancels. Waits are read on the inside, to be no longer than the interval."""
        run, now = time.thread_time_ns(), time.monotonic_ns()
        return now, run, *self.read()

    def end(self):
        counts = self.read()
        run, now = time.thread_time_ns(), time.monotonic_ns()
        return now, run, *counts

    def read(self):
        usage = resource.getrusage(resource.RUSAGE_THREAD)
        waited = os.pread(self.schedstat, 100, 0) if self.schedstat is not None else b"0 -1"
        return usage.ru_nvcsw, usage.ru_nivcsw, waited

    @staticmethod
    def figures(reading):
        """… and ns runnable, -1 if not known, as the last."""
        return [*reading[:-1], int(reading[-1].split()[1])]


def run_worker(work, units, gate, release, news):
    try:
        usage = Usage()
        news.put(b"\n")
        gate.get()
        begin = usage.begin()
        result = WORK[work](units)
        end = usage.end()
        news.put(b"\n")
        release.get()
        figures = [result, *usage.figures(begin), *usage.figures(end)]
        news.put(" ".join(map(str, figures)).encode() + b"\n")
    except BaseException as error:
        news.put(f"error {error!r}"[:400].encode() + b"\n")


def report_figures(crew, figures, units):
    tool = crew.tool
    results = [f[0] for f in figures]
    begin = [f[1:6] for f in figures]
    end = [f[6:11] for f in figures]
    length = max(e[0] for e in end) - min(b[0] for b in begin)
    own, run, voluntary, involuntary, wait = (
        sum(e[i] - b[i] for b, e in zip(begin, end)) for i in range(5))

    if len(set(results)) != 1:
        tool.die("the workers computed different results")
    tool.count("interval_ns", length)
    tool.metric("throughput", units * len(figures) * 10**9, length)
    tool.count(f"{crew.arm}.tasks", len(figures))
    tool.count(f"{crew.arm}.switches_voluntary", voluntary)
    tool.count(f"{crew.arm}.switches_involuntary", involuntary)
    tool.count(f"{crew.arm}.run_ns", run)
    if begin[0][4] < 0:
        return
    tool.count(f"{crew.arm}.wait_ns", wait)
    tool.metric("on_cpu", run, own)
    tool.metric("runnable", wait, own)
    tool.metric("blocked", own - run - wait, own)


def measure_work(crew, work, units, n):
    gate, worker_gate = pipe(program_reads=False)
    release, worker_release = pipe(program_reads=False)

    for _ in range(n):
        crew.start(run_worker, work, units, worker_gate, worker_release, crew.worker_news)
    crew.all_started()
    crew.lines(n)
    crew.tool.ready()
    gate.put(b"g" * n)
    crew.lines(n)
    crew.tool.done()
    release.put(b"r" * n)
    figures = [[int(figure) for figure in line.split()] for line in crew.lines(n)]
    crew.join()
    report_figures(crew, figures, units)


# ---- work=signals ----

def attend(index, program, orders, news):
    """Does as it is told, and says so; says also if it is interrupted."""
    told = select.poll()
    told.register(orders.fd, select.POLLIN)
    while True:
        try:
            while True:
                while not told.poll(SLICE_MS):
                    pass
                order = orders.get()
                if order == b"e":
                    return
                if order == b"i":
                    import signal
                    os.kill(program, signal.SIGINT)
                else:
                    news.put(b"%d here\n" % index)
        except KeyboardInterrupt:
            news.put(b"%d interrupted\n" % index)


class Drill:
    """Worker 0 is meant by all signals but those to the program."""

    def __init__(self, crew):
        self.crew = crew
        self.orders = []
        self.interrupted = set()
        self.left = list(range(ATTENDANTS))
        for i in self.left:
            mine, theirs = pipe(program_reads=False)
            self.orders.append(mine)
            crew.start(attend, i, os.getpid(), theirs, crew.worker_news)
        crew.all_started()

    def hear(self, wait_ms):
        """Returns whether a worker said that it is here; None: nobody spoke."""
        lines = self.crew.lines(1, wait_ms)
        if not lines:
            return None
        index, word = lines[0].split()
        if word == b"interrupted":
            self.interrupted.add(int(index))
        return word == b"here"

    def all_here(self):
        """Whether all that are left go on."""
        for i in self.left:
            self.orders[i].put(b"h")
        missing = len(self.left)
        while missing:
            here = self.hear(LIMIT_S * 1000)
            if here is None:
                return False
            missing -= here
        return True

    def interrupt_program(self):
        """Whether it raised KeyboardInterrupt in the main thread only."""
        self.interrupted.clear()
        try:
            self.orders[0].put(b"i")
            limit = time.monotonic() + LIMIT_S
            while time.monotonic() < limit:
                time.sleep(SLICE_MS / 1000)
            return False
        except KeyboardInterrupt:
            pass
        return self.all_here() and not self.interrupted

    def interrupt_worker(self):
        """Whether it raised KeyboardInterrupt in worker 0 only."""
        self.interrupted.clear()
        only = True
        try:
            self.crew.workers[0].interrupt()
            limit = time.monotonic() + LIMIT_S
            while not self.interrupted and time.monotonic() < limit:
                self.hear(SLICE_MS)
        except KeyboardInterrupt:
            only = False
        return self.all_here() and only and self.interrupted == {0}

    def end_worker(self):
        """Whether terminate() ended worker 0 only."""
        self.interrupted.clear()
        worker = self.crew.workers[0]
        ended = worker.terminated()
        if ended:
            self.crew.dismiss(worker)
            self.left.remove(0)
        return self.all_here() and ended and not self.interrupted

    def end(self):
        for i in self.left:
            self.orders[i].put(b"e")
        self.crew.join()


def measure_signals(crew):
    import signal
    # Started from a script's background job or by nohup, it would be ignored.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    drill = Drill(crew)
    drill.all_here()
    main_only = one_interrupted = True
    crew.tool.ready()
    begin = time.monotonic_ns()
    for _ in range(ROUNDS):
        main_only &= drill.interrupt_program()
        one_interrupted &= drill.interrupt_worker()
    length = time.monotonic_ns() - begin
    one_ended = drill.end_worker()
    crew.tool.done()
    drill.end()
    crew.tool.count("interval_ns", length)
    crew.tool.metric("main_only", int(main_only))
    crew.tool.metric("one_interrupted", int(one_interrupted))
    crew.tool.metric("one_ended", int(one_ended))


def lock_is_on():
    """From 3.13 on there are builds without it, and it can be switched on there."""
    return sys._is_gil_enabled() if hasattr(sys, "_is_gil_enabled") else True


def main():
    tool = Tool(sys.argv[1:])
    try:
        crew = Crew(tool)
        work = tool.text("work", ("cpu", "io", "signals"))
        units = tool.number("iterations", 1, NUMBER_MAX)
        cpus = len(os.sched_getaffinity(0))
        if work == "cpu":
            measure_work(crew, work, units, max(cpus, 2))
        elif work == "io":
            measure_work(crew, work, units, BLOCKED_PER_CPU * cpus)
        else:
            measure_signals(crew)
        major, minor, micro = sys.version_info[:3]
        tool.count("python_version", major * 10000 + minor * 100 + micro)
        tool.count("interpreter_lock", int(lock_is_on()))
    except Exception as error:
        tool.die(repr(error))
    tool.line("end")


if __name__ == "__main__":
    main()
