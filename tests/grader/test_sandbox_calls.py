"""The system calls of a worker: what isn't on the list is refused, on each architecture."""

from __future__ import annotations

import fcntl
import platform
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pyseccomp
import pytest
from grader_inside import Call, inside

from autograder.sandbox import seccomp
from autograder.sandbox.launch import TMP_BYTES, TMP_FILES, sandboxed

ARCHITECTURES = {"x86_64": pyseccomp.Arch.X86_64, "aarch64": pyseccomp.Arch.AARCH64}
NEWEST = 1024  # no architecture numbers its calls beyond that

CALLS = """
    import ctypes, os
    libc = ctypes.CDLL(None, use_errno=True)
    EPERM = 1

    def carried_out(calls):
        "Those that are not refused: a number, and its arguments."
        return [call for call in calls if libc.syscall(*call) != -1 or ctypes.get_errno() != EPERM]

    def empty_files(place, most):
        for made in range(most):
            try:
                open(f"{place}/{made}", "w").close()
            except OSError:
                return made
        return most

    def bytes_written(place):
        written = 0
        for number in range(64):
            try:
                with open(f"{place}/full-{number}", "wb", buffering=0) as file:
                    written += sum(file.write(bytes(1 << 16)) for _ in range(16))
            except OSError:
                break
        return written

    def files_work(place):
        os.makedirs(f"{place}/a/b")
        open(f"{place}/a/b/one", "w").write("text")
        os.rename(f"{place}/a/b/one", f"{place}/two")
        os.replace(f"{place}/two", f"{place}/three")
        text = open(f"{place}/three").read()
        os.remove(f"{place}/three")
        os.removedirs(f"{place}/a/b")
        return text
"""


@pytest.fixture
def call(tmp_path: Path) -> Iterator[Call]:
    with inside(tmp_path / "root", CALLS) as call:
        yield call


@pytest.fixture
def notebook(tmp_path: Path) -> Iterator[Call]:
    """A worker with a package beside NumPy, as a notebook has."""
    with inside(tmp_path / "root", CALLS, partial(sandboxed, packages=("six.py",))) as call:
        yield call


def refused(writes: bool) -> list[list[int]]:
    """A call of each number that isn't on the list."""
    known = {number(name) for name in seccomp.allowed(writes)}
    if platform.machine() == "x86_64":
        known |= {335, 336}  # uretprobe, uprobe: the kernel itself kills whoever calls them
    return [[n, -1, 0, 0, 0, 0, 0] for n in range(NEWEST) if n not in known]


def number(name: str) -> int:
    return int(pyseccomp.resolve_syscall(pyseccomp.Arch.NATIVE, name))


@pytest.mark.parametrize("machine", ARCHITECTURES)
@pytest.mark.parametrize("writes", [False, True])
def test_every_name_on_the_list_is_known_on_each_architecture(machine: str, writes: bool) -> None:
    names = seccomp.allowed(writes, machine)
    assert len(names) == len(set(names))
    arch = ARCHITECTURES[machine]
    assert [] == [name for name in names if pyseccomp.resolve_syscall(arch, name) < 0]
    assert len(seccomp.program(writes, machine)) > 8 * len(names)


def test_programs_of_two_architectures_differ() -> None:
    assert seccomp.program(machine="x86_64") != seccomp.program(machine="aarch64")


def test_a_misspelt_name_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(seccomp, "ANYWHERE", (*seccomp.ANYWHERE, "opemat"))
    seccomp.program.cache_clear()
    with pytest.raises(RuntimeError, match=r"doesn't know opemat on"):
        seccomp.program()


def test_a_machine_without_a_list_has_no_sandbox() -> None:
    with pytest.raises(RuntimeError, match="no list of system calls for riscv64"):
        seccomp.program(machine="riscv64")


def test_whatever_is_not_on_the_list_is_refused(call: Call) -> None:
    calls = refused(writes=False)
    assert len(calls) > NEWEST - 80
    assert [] == call("carried_out", calls)


def test_a_notebook_may_only_make_and_remove_files_besides(notebook: Call) -> None:
    calls = refused(writes=True)
    assert len(calls) > NEWEST - 80
    assert [] == notebook("carried_out", calls)


@pytest.mark.parametrize(
    ("name", "place", "tried"),
    [
        ("fcntl", 1, (fcntl.F_SETFL, fcntl.F_SETLK, fcntl.F_GETLK, fcntl.F_OFD_SETLK, 1024, 1031)),
        ("ioctl", 1, (0x5412, 0x5414, 0x541B, 0x80045430, 0x5423)),
        ("madvise", 2, (3, 9, 12, 20, 21, 22, 25)),  # WILLNEED, MERGEABLE, COLD, PAGEOUT, ...
        ("futex", 1, (0, 1, 3, 4, 9, 10, 256)),  # WAIT, WAKE, ... that aren't private
        ("prlimit64", 0, (1, 2, -1)),
        ("tgkill", 2, (32, 34, 64)),
        ("mmap", 3, (0x40022,)),  # MAP_HUGETLB
        ("arch_prctl", 0, (0x1001, 0x1012, 0x1022)),
    ],
)
def test_some_calls_are_allowed_with_some_arguments_only(
    call: Call, name: str, place: int, tried: tuple[int, ...]
) -> None:
    calls = []
    for value in tried:
        arguments = [0, 0, 0, 0, 0, 0]
        arguments[place] = value
        calls.append([number(name), *arguments])
    assert [] == call("carried_out", calls)


def test_a_modules_worker_can_write_nowhere(call: Call) -> None:
    assert 0 == call("empty_files", "/tmp", 10)
    assert 0 == call("bytes_written", "/tmp")


def test_files_of_a_notebook_are_bounded_in_number(notebook: Call) -> None:
    assert TMP_FILES > notebook("empty_files", "/tmp", 4 * TMP_FILES) > TMP_FILES // 2


def test_files_of_a_notebook_are_bounded_in_bytes(notebook: Call) -> None:
    assert TMP_BYTES >= notebook("bytes_written", "/tmp") > TMP_BYTES // 2


def test_a_notebook_can_use_its_files(notebook: Call) -> None:
    assert "text" == notebook("files_work", "/tmp")


def test_machine_is_one_that_was_thought_of() -> None:
    assert platform.machine() in ARCHITECTURES
