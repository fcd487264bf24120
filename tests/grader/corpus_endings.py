"""Submissions that end early, or hang, or go on where they should have ended."""

from __future__ import annotations

from dataclasses import replace

from grader_corpus import GENEROUS, HONEST, SHORT, Case, honest

CASES = (
    Case("sys-exit", "import sys; sys.exit(0)", HONEST, 0, "error", "SystemExit"),
    Case("os-exit", "import os; os._exit(0)", HONEST, 0, "crashed", "with status 0"),
    Case(
        "pytest-skip",
        "import pytest; pytest.skip('not today', allow_module_level=True)",
        HONEST,
        verdict="error",
        says="No module named 'pytest'",
    ),
    Case("keyboard-interrupt", "raise KeyboardInterrupt", HONEST, 0, "error", "KeyboardInterrupt"),
    Case(
        "skip-by-name",  # named like pytest's own
        """
        class Skipped(BaseException):
            pass
        raise Skipped("passed")
        """,
        verdict="error",
    ),
    Case("endless-import", "while True: pass", HONEST, 0, "timeout", limits=SHORT),
    Case(
        "endless-loop",
        """
        import signal
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        def forward(self, x):
            while True:
                pass
        Linear.forward = forward
        """,
        verdict="timeout",
        limits=SHORT,
        contained=True,
    ),
    Case(
        "endless-output",
        """
        import sys
        def forward(self, x):
            while True:
                print("x" * 1000)
                sys.__stderr__.write("y" * 1000)
                sys.__stdout__.write("z" * 1000)
        Linear.forward = forward
        """,
        verdict="timeout",
        limits=SHORT,
    ),
    Case(
        "endless-message",
        """
        class Endless(Exception):
            def __str__(self):
                while True:
                    pass
        def forward(self, x):
            raise Endless
        Linear.forward = forward
        """,
        verdict="timeout",
        limits=SHORT,
    ),
    honest(
        "hangs-when-hidden",  # the public checks call forward four times
        """
        import time
        calls, right = 0, Linear.forward
        def forward(self, x):
            global calls
            calls += 1
            if calls > 4:
                time.sleep(3600)
            return right(self, x)
        Linear.forward = forward
        """,
        weight=19,  # each new process counts anew
        limits=replace(GENEROUS, check_seconds=3.0),
    ),
    honest(
        "kills-all-around",
        """
        import os, signal
        reached = []
        for number in (os.getppid(), 1, 0, -1, os.getpid()):
            try:
                os.kill(number, signal.SIGKILL)
                reached.append(number)
            except OSError:
                pass
        assert not reached, reached
        """,
        contained=True,
    ),
    Case(
        "kills-itself",
        "import signal; signal.raise_signal(signal.SIGKILL)",
        HONEST,
        verdict="crashed",
        says="SIGKILL",
    ),
    Case(
        "closes-everything",
        "import os; os.closerange(0, 1000)",
        HONEST,
        verdict="crashed",
    ),
    honest(
        "writes-late",
        """
        import atexit, signal, threading, time
        def late(*_):
            for place in ("@PLACE@/results/late.json", "@PLACE@/late", "/tmp/late", "late"):
                try:
                    open(place, "w").write("late")
                except OSError:
                    pass
        atexit.register(late)
        signal.signal(signal.SIGALRM, late)
        signal.setitimer(signal.ITIMER_REAL, 0.02, 0.02)
        try:
            threading.Thread(target=lambda: (time.sleep(3), late()), daemon=False).start()
        except RuntimeError:
            pass
        """,
    ),
)
