"""Control groups: found where they are ours to make, joined by a worker, and removed after it.

The kernel's files are stood in for by a folder: few machines that run tests hand groups out.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from grader_inside import LIMITS

from autograder.sandbox import cgroup
from autograder.sandbox.cgroup import HEADROOM, Group, make, nearest
from autograder.sandbox.launch import sandboxed
from autograder.sandbox.process import Worker

OWN = "0::/user.slice/user@1000.service/app.slice/run.scope\n"
APP = "user.slice/user@1000.service/app.slice"


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A tree in which only app.slice hands out memory limits."""
    scope = tmp_path / APP / "run.scope"
    scope.mkdir(parents=True)
    for group in (tmp_path, *tmp_path.rglob("*")):
        (group / "cgroup.procs").touch()
        (group / "cgroup.subtree_control").write_text("cpu pids\n")
    (tmp_path / APP / "cgroup.subtree_control").write_text("cpu memory pids\n")
    return tmp_path


def mountinfo(top: Path, root: str = "/") -> str:
    other = "25 1 0:24 / /proc rw,nosuid - proc proc rw\n"
    return f"{other}30 24 0:26 {root} {top} rw,nosuid shared:4 - cgroup2 cgroup2 rw\n"


def test_nearest_group_that_hands_out_memory_limits_is_found(tree: Path) -> None:
    assert tree / APP == nearest(mountinfo(tree), OWN)


def test_group_may_be_seen_from_inside_of_a_container(tree: Path) -> None:
    assert tree / APP == nearest(mountinfo(tree, "/docker/7"), OWN.replace("::/", "::/docker/7/"))


def test_without_the_memory_controller_there_is_none(tree: Path) -> None:
    (tree / APP / "cgroup.subtree_control").write_text("cpu pids\n")
    assert nearest(mountinfo(tree), OWN) is None


@pytest.mark.parametrize("name", ["cgroup.procs", ""])
def test_group_of_somebody_else_is_not_used(
    tree: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    locked = tree / APP / name
    monkeypatch.setattr(os, "access", lambda path, _: Path(path) != locked)
    assert nearest(mountinfo(tree), OWN) is None


@pytest.mark.parametrize(
    ("mounts", "own"),
    [
        ("", OWN),
        ("30 24 0:26 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory\n", OWN),
        (mountinfo(Path("/sys/fs/cgroup")), "4:memory:/a\n"),
        (mountinfo(Path("/sys/fs/cgroup"), "/docker/7"), OWN),
    ],
)
def test_on_systems_with_another_tree_there_is_none(mounts: str, own: str) -> None:
    assert nearest(mounts, own) is None


@pytest.fixture
def written(tree: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """What is written to the files of groups, by their names; the groups lie in app.slice."""
    values: dict[str, str] = {}
    monkeypatch.setattr(cgroup, "parent", lambda: tree / APP)
    monkeypatch.setattr(cgroup, "put", lambda file, value: values.update({file.name: value}))
    return values


def refuse(name: str) -> Callable[[Path, str], None]:
    """A kernel that refuses to write to the file of this name."""

    def put(file: Path, _value: str) -> None:
        if file.name == name:
            raise PermissionError

    return put


def test_group_bounds_memory_beyond_what_the_address_space_allows(
    written: dict[str, str],
) -> None:
    group = make(1 << 30)
    assert group is not None
    assert group.folder.is_dir()
    limits = {"memory.max": str((1 << 30) + HEADROOM), "memory.swap.max": "0"}
    assert limits | {"memory.oom.group": "1"} == written
    group.remove()
    assert "1" == written["cgroup.kill"]
    assert not group.folder.exists()


def test_each_worker_has_a_group_of_its_own(written: dict[str, str]) -> None:
    one, other = make(1 << 30), make(1 << 30)
    assert one is not None
    assert other is not None
    assert one.folder != other.folder


def test_group_that_cannot_be_bounded_is_not_used(
    tree: Path, written: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cgroup, "put", refuse("memory.max"))
    assert make(1 << 30) is None
    assert [] == list((tree / APP).glob("autograder-*"))


def test_kernel_without_swap_is_no_reason_to_go_without(
    written: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cgroup, "put", refuse("memory.swap.max"))
    assert make(1 << 30) is not None


def test_no_group_where_none_may_be_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cgroup, "parent", lambda: tmp_path / "missing")
    assert make(1 << 30) is None
    monkeypatch.setattr(cgroup, "parent", lambda: None)
    assert make(1 << 30) is None


def test_files_of_a_group_are_never_made_by_us(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        cgroup.put(tmp_path / "memory.max", "1")
    (tmp_path / "memory.max").touch()
    cgroup.put(tmp_path / "memory.max", "1")
    assert "1" == (tmp_path / "memory.max").read_text()


def test_worker_joins_its_group_which_is_removed_after_it(
    tmp_path: Path, tree: Path, written: dict[str, str]
) -> None:
    worker = Worker(sandboxed(tmp_path, LIMITS))
    (folder,) = (tree / APP).glob("autograder-*")
    worker.wait_until_ready()
    assert f"{worker.process.pid}\n" == (folder / "cgroup.procs").read_text()
    (folder / "cgroup.procs").unlink()  # the kernel's own would not be in the way
    worker.close()
    assert not folder.exists()
    assert "1" == written["cgroup.kill"]


def test_group_that_stays_busy_does_not_hold_the_grader_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cgroup, "PATIENCE", 0.01)
    (tmp_path / "busy").mkdir()
    Group(tmp_path).remove()
    assert tmp_path.is_dir()


def test_groups_of_killed_graders_are_removed_and_those_of_living_ones_stay(tmp_path: Path) -> None:
    with subprocess.Popen(["true"]) as ended:
        pass
    names = [f"autograder-{ended.pid}-0", f"autograder-{os.getpid()}-1", "other"]
    for name in names:
        (tmp_path / name).mkdir()
    cgroup.sweep(tmp_path)
    assert set(names[1:]) == {path.name for path in tmp_path.iterdir()}
