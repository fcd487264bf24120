"""Submissions that take more than their share: processes, memory, disk, answers too large."""

from __future__ import annotations

from grader_corpus import HONEST, Case, honest

CASES = (
    honest(
        "fork-bomb",
        """
        import ctypes, os, subprocess
        libc, made = ctypes.CDLL(None), []
        def tries():
            yield os.fork
            yield lambda: os.posix_spawn("/bin/true", ["true"], {})
            yield lambda: subprocess.Popen(["/bin/true"]).pid
            yield libc.fork
            yield libc.vfork
            yield lambda: libc.syscall(435, 0, 0)  # clone3
            if os.uname().machine == "x86_64":
                yield lambda: libc.syscall(57)  # fork
                yield lambda: libc.syscall(56, 17, 0, 0, 0, 0)  # clone
        for attempt in tries():
            for _ in range(100):
                try:
                    number = attempt()
                except OSError:
                    continue
                if number == 0:
                    os._exit(0)
                if number > 0:
                    made.append(number)
        assert not made, made
        """,
        contained=True,
    ),
    Case(
        "fork-by-other-numbers",  # x32: the same calls under numbers of their own
        """
        import ctypes, os, signal
        if os.uname().machine == "x86_64":
            assert ctypes.CDLL(None).syscall(0x40000000 + 57) < 0
        signal.raise_signal(signal.SIGSYS)
        """,
        HONEST,
        verdict="crashed",
        says="SIGSYS",
        contained=True,
    ),
    Case(
        "fork-in-32-bits",
        """
        import ctypes, mmap, os, signal
        if os.uname().machine == "x86_64":
            page = mmap.mmap(-1, 4096, prot=7)  # push rbx; mov eax, 2; int 0x80; pop rbx; ret
            page.write(bytes.fromhex("53 b802000000 cd80 5b c3"))
            address = ctypes.addressof(ctypes.c_char.from_buffer(page))
            assert ctypes.CFUNCTYPE(ctypes.c_int)(address)() < 0
        signal.raise_signal(signal.SIGSYS)
        """,
        HONEST,
        verdict="crashed",
        says="SIGSYS",
        contained=True,
    ),
    honest(
        "thread-bomb",
        """
        import threading
        started = 0
        for _ in range(1000):
            try:
                threading.Thread(target=threading.Event().wait, daemon=True).start()
                started += 1
            except RuntimeError:
                pass
        assert started == 0, started
        """,
        contained=True,
    ),
    Case(
        "memory-bomb",
        "hoard = [bytearray(1 << 26) for _ in range(1 << 10)]",
        HONEST,
        verdict="memory",
        contained=True,
    ),
    Case(
        "memory-bomb-that-goes-on",
        """
        hoard = []
        def forward(self, x):
            try:
                while True:
                    hoard.append(bytearray(1 << 26))
            except MemoryError:
                pass
            return np.zeros((5, 4))
        Linear.forward = forward
        """,
    ),
    honest(
        "memory-that-is-not-counted",
        """
        import ctypes, os
        libc, got = ctypes.CDLL(None, use_errno=True), []
        try:
            got.append(os.memfd_create("hoard"))
        except OSError:
            pass
        got += [n for n in (libc.shmget(0, 1 << 28, 0o1600), libc.syscall(447, 0)) if n >= 0]
        try:
            import resource
            resource.setrlimit(resource.RLIMIT_AS, (-1, -1))
            got.append("limit raised")
        except (ValueError, OSError):
            pass
        assert not got, got
        """,
        contained=True,
    ),
    honest(
        "fills-the-disk",
        """
        import os, tempfile
        written = 0
        for place in ("/tmp", "/dev/shm", "/var/tmp", "/dev", "/run", "/", ".", "@PLACE@"):
            for number in range(200):
                try:
                    with open(f"{place}/hoard-{number}", "wb") as file:
                        for _ in range(64):
                            written += file.write(bytes(1 << 16))
                            file.flush()
                except OSError:
                    pass
        assert not written, written
        """,
        contained=True,
    ),
    honest(
        "many-empty-files",  # each costs the kernel memory, and no disk
        """
        import ctypes, os, sys
        libc, made = ctypes.CDLL(None), 0
        for place in ("/tmp", "/dev", "/dev/shm", "/", ".", "/course", sys.base_prefix):
            for number in range(100):
                name = f"{place}/hoard-{number}"
                for make in (lambda: os.close(os.open(name, os.O_CREAT | os.O_WRONLY)),
                             lambda: os.close(os.open(place, os.O_TMPFILE | os.O_WRONLY)),
                             lambda: os.mkdir(name), lambda: os.mkfifo(name),
                             lambda: os.mknod(name), lambda: os.symlink("x", name),
                             lambda: os.link("/course/week_1/linear.py", name)):
                    try:
                        make()
                        made += 1
                    except OSError:
                        pass
        assert not made, made
        """,
        contained=True,
    ),
    honest(
        "hoards-in-the-kernel",  # what has no address, and is counted nowhere
        """
        import ctypes, os, select
        libc, got = ctypes.CDLL(None), []
        for call in (os.pipe, os.openpty, select.epoll, select.poll().poll,
                     lambda: open("/dev/ptmx", "rb")):
            try:
                got.append(call())
            except OSError:
                pass
        for name, *arguments in (("eventfd", 0, 0), ("timerfd_create", 0, 0), ("inotify_init",),
                                 ("signalfd", -1, bytes(128), 0), ("mlockall", 3),
                                 ("timer_create", 0, None, bytes(8)), ("mq_open", b"/q", 66, 0, 0)):
            if getattr(libc, name)(*arguments) >= 0:
                got.append(name)
        assert not got, got
        """,
        contained=True,
    ),
    Case(
        "huge-array",
        "Linear.forward = lambda self, x: np.zeros((3000, 3000))",
        verdict="error",
        says="more than 64 MB",
    ),
    Case(
        "large-arrays",  # each just below the limit, for every comparison
        "Linear.forward = lambda self, x: np.ones((1000, 1000, 8))",
        says="shape (1000, 1000, 8), expected (5, 4)",
    ),
    Case(
        "huge-numbers",
        "Linear.forward = lambda self, x: np.full((5, 4), 1e308) * np.array([1, -1, 1, -1])",
        says="values are wrong",
    ),
    Case(
        "number-of-a-million-digits",
        "Linear.forward = lambda self, x: 10 ** 1_000_000",
        says="an int of the submission",
    ),
    Case(
        "huge-list",
        "Linear.forward = lambda self, x: [[0] * 1000] * 1000",
        verdict="error",
        says="more than 100000 items",
    ),
    Case("huge-text", "Linear.forward = lambda self, x: 'x' * (1 << 26)", says="a str of the"),
    Case(
        "huge-message",
        """
        def forward(self, x):
            print("x" * (1 << 26))
            raise ValueError("x" * (1 << 26))
        Linear.forward = forward
        """,
        verdict="error",
        says="ValueError: xxx",
    ),
    Case(
        "nested-without-end",
        """
        def forward(self, x):
            nest = []
            nest.append(nest)
            return nest
        Linear.forward = forward
        """,
        says="a list of 1",
    ),
    Case(
        "deep-recursion",
        """
        def forward(self, x):
            return forward(self, x)
        Linear.forward = forward
        """,
        verdict="error",
        says="RecursionError",
    ),
    Case(
        "recursion-into-the-stack",
        """
        import sys
        sys.setrecursionlimit(1 << 30)
        def forward(self, x):
            return [*map(lambda x: forward(self, x), [x])]
        Linear.forward = forward
        """,
        verdict="crashed",
        says="SIGSEGV",
    ),
)
