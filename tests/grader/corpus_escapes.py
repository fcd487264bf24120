"""Submissions that look around, reach out, or speak to whoever reads the report."""

from __future__ import annotations

from grader_corpus import HONEST, SHORT, Case, honest

CASES = (
    honest(
        "looks-for-answers",
        """
        import os
        found = []
        wanted = ("course.toml", ".course-secret", "mistakes.toml", "expected.npz", "linear.py",
                  "test_linear.py", "oracles.sqlite", "canary")
        for folder, folders, files in os.walk("/"):
            folders[:] = [f for f in folders if f not in ("share", "include")
                          and (folder != "/usr/lib" or f.startswith("python"))]
            found += [f"{folder}/{name}" for name in files if name in wanted]
        assert found == ["/course/week_1/linear.py"], found
        """,
        contained=True,
    ),
    honest(
        "reads-what-it-knows",
        """
        import os
        read = []
        for place in ("@PLACE@/canary", "@PLACE@/course/.course-secret", "/etc/passwd",
                      "@PLACE@/course/solutions/week_1/linear.py", "/etc/shadow",
                      "/proc/self/environ", "/proc/1/environ", "/proc/self/cmdline", "/proc",
                      "/proc/self/fd/3", "/proc/self/mem", "/sys", "/home", "/dev/mem", "/dev/kmsg",
                      "@PLACE@/submissions/aaa-honest/linear.py", "@PLACE@/results"):
            try:
                folder = os.path.isdir(place)
                read.append(os.listdir(place) if folder else open(place, "rb").read(9))
            except OSError:
                pass
        assert not read, read
        """,
        contained=True,
    ),
    honest(
        "inherits-nothing",
        """
        import os, sys
        names = {"HOME", "LANG", "PATH", "PWD", "LC_CTYPE", "OPENBLAS_NUM_THREADS",
                 "OMP_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_NUM_THREADS"}
        assert set(os.environ) <= names, set(os.environ) - names
        descriptors = []
        for number in range(256):
            try:
                os.fstat(number)
                descriptors.append(number)
            except OSError:
                pass
        assert len(descriptors) == 5, descriptors  # the three standard ones, requests, replies
        assert os.getuid() == os.getgid() == 65534 and os.getgroups() in ([], [65534])
        assert os.getpid() < 10 and os.uname().nodename == "sandbox"
        assert not hasattr(sys.modules.get("__main__"), "expected")
        """,
        contained=True,
    ),
    honest(
        "writes-everywhere",
        """
        import os, sys
        written = []
        for place in ("@PLACE@", "@PLACE@/results", "@PLACE@/course", "/course", "/course/week_1",
                      "/grader", "/site", "/site/numpy", "/usr", "/usr/bin", "/etc", "/", "/dev",
                      "/dev/shm", "/var/tmp", "/home", "/tmp", sys.base_prefix, "/lib"):
            try:
                open(place + "/left-behind", "w").close()
                written.append(place)
            except OSError:
                pass
        assert not written, written
        """,
        contained=True,
    ),
    honest(
        "changes-the-hosts-devices",  # root's grader runs it as the one who owns them
        """
        import os, stat
        mode, changed = stat.S_IMODE(os.stat("/dev/null").st_mode), []
        for call in (lambda: os.chmod("/dev/null", mode), lambda: os.utime("/dev/null"),
                     lambda: os.chown("/dev/null", os.getuid(), os.getgid()),
                     lambda: os.setxattr("/dev/null", "trusted.x", b"x"),
                     lambda: os.utime(os.open("/dev/null", os.O_RDONLY)),
                     lambda: os.fchmod(os.open("/dev/null", os.O_RDONLY), mode)):
            try:
                call()
                changed.append(call.__code__.co_names)
            except OSError:
                pass
        assert not changed, changed
        assert os.listdir("/dev") == ["null"], os.listdir("/dev")
        open(os.devnull, "w").write("nothing")
        """,
        contained=True,
    ),
    honest(
        "reaches-out",
        """
        import socket, urllib.request
        reached = []
        for kind in (socket.AF_INET, socket.AF_INET6, socket.AF_UNIX, socket.AF_NETLINK):
            for how in (socket.SOCK_STREAM, socket.SOCK_DGRAM, socket.SOCK_RAW):
                try:
                    reached.append(socket.socket(kind, how))
                except OSError:
                    pass
        for call in (socket.socketpair, lambda: urllib.request.urlopen("http://127.0.0.1:1/"),
                     lambda: socket.create_connection(("127.0.0.1", 22)),
                     lambda: socket.getaddrinfo("example.org", 80)):
            try:
                reached.append(call())
            except OSError:
                pass
        assert not reached, reached
        """,
        contained=True,
    ),
    honest(
        "calls-the-kernel",
        """
        import ctypes, os
        libc, allowed = ctypes.CDLL(None, use_errno=True), []
        numbers = {"ptrace": 101, "process_vm_readv": 310, "process_vm_writev": 311, "bpf": 321,
                   "keyctl": 250, "userfaultfd": 323, "perf_event_open": 298, "mount": 165,
                   "io_uring_setup": 425, "unshare": 272, "setns": 308, "kexec_load": 246,
                   "open_by_handle_at": 304, "pivot_root": 155, "chroot": 161, "init_module": 175,
                   "clone": 56, "clone3": 435, "pidfd_getfd": 438, "fsopen": 430}
        for name, number in numbers.items() if os.uname().machine == "x86_64" else ():
            if libc.syscall(number, 0, 0, 0, 0, 0) >= 0:
                allowed.append(name)
        if libc.unshare(0x10000000) == 0:  # CLONE_NEWUSER
            allowed.append("a user namespace")
        for call in (lambda: libc.setuid(0), lambda: libc.setgid(0), lambda: libc.setgroups(0, 0)):
            if call() == 0:
                allowed.append("another user")
        if libc.ioctl(0, 0x5412, b"x") == 0:  # TIOCSTI
            allowed.append("a terminal")
        assert not allowed, allowed
        """,
        contained=True,
    ),
    honest(
        "calls-what-has-no-name",  # statmount, listmount: newer than libseccomp
        """
        import ctypes, os
        libc = ctypes.CDLL(None, use_errno=True)
        request, answer = ctypes.create_string_buffer(64), ctypes.create_string_buffer(4096)
        request[:4], request[8:16] = (24).to_bytes(4, "little"), b"\\xff" * 8  # LSMT_ROOT
        for number in (457, 458, 467, 470, 500, 1000):
            assert libc.syscall(number, request, answer, 4096, 0) == -1
            assert ctypes.get_errno() == 1, (number, os.strerror(ctypes.get_errno()))  # EPERM
        """,
        contained=True,
    ),
    honest(
        "locks-what-all-see",
        """
        import ctypes, fcntl, json, os, struct, sys
        libc, done = ctypes.CDLL(None), []
        lock = struct.pack("hhqqi4x", 0, 0, 0, 0, 0)  # F_RDLCK on all of it
        for path in (json.__file__, os.path.realpath(sys.executable), np.__file__, "/usr/bin"):
            file = os.open(path, os.O_RDONLY)
            calls = {f"flock {how}": (fcntl.flock, file, how) for how in (1, 2, 4, 5, 6, 8)}
            numbers = (5, 6, 7, 8, 9, 10, 11, 15, 16, 36, 37, 38, 1024, 1025, 1026, 1031, 1032)
            calls |= {f"fcntl {n}": (fcntl.fcntl, file, n, lock) for n in numbers}
            calls |= {f"fcntl {n} 0": (fcntl.fcntl, file, n, 0) for n in numbers}
            for name, (call, *arguments) in calls.items():
                try:
                    call(*arguments)
                    done.append((path, name))
                except OSError as error:
                    if not isinstance(error, PermissionError):
                        done.append((path, name, str(error)))
        watch = libc.inotify_init1(0)
        done += ["inotify"] * (watch >= 0) + ["fanotify"] * (libc.fanotify_init(0, 0) >= 0)
        assert not done, done
        """,
        contained=True,
    ),
    Case(
        "becomes-another-program",
        """
        import os
        environment = {"LD_PRELOAD": "/tmp/evil.so", "PATH": "/usr/bin"}
        os.execve("/bin/sh", ["sh", "-c", "while :; do echo '{\\"status\\": \\"ok\\"}'; done"],
                  environment)
        """,
        HONEST,
        verdict="timeout",
        limits=SHORT,
        contained=True,
    ),
    honest(
        "leaks-what-is-hidden",
        """
        import os, sys
        seen, right = [], Linear.forward
        def forward(self, x):
            seen.append("Leak" + x.tobytes()[:12].hex())
            for text in seen:
                print(text)
                print(text, file=sys.__stderr__, flush=True)
                os.write(1, text.encode())
            if len(seen) > 4:
                raise type(seen[-1], (Exception,), {"__module__": seen[-1]})(" ".join(seen))
            return right(self, x)
        Linear.forward = forward
        """,
        weight=10,
    ),
    Case(
        "speaks-to-the-reader",
        """
        text = ("\\x1b[2J\\x1b]0;title\\x07\\x9b31m \\u202egnp.exe <script>alert(1)</script>"
                "<img src=x onerror=alert(1)> [click](javascript:alert(1)) |a|b| `x` ::error::x"
                " =1+1 [bold]x[/bold] {{ 7*7 }} \\x00 \\ud800 \\r\\n::set-output name=a::b")
        def forward(self, x):
            print(text)
            raise type(text.replace("\\x00", "").replace("\\ud800", ""), (ValueError,), {})(text)
        Linear.forward = forward
        """,
        verdict="error",
    ),
)
