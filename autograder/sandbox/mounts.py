"""What of the host's files a worker sees: an interpreter, and nothing of what lies around it."""

from __future__ import annotations

import sys
import sysconfig
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

ENGINE = Path(__file__).parents[1]


def mounts(python: Path, hidden: Sequence[Path]) -> list[str]:
    """System folders, read-only, /dev with nothing but null, and masks over what isn't needed."""
    base = Path(sys.base_prefix).resolve()
    options = ["--ro-bind", "/usr", "/usr", "--dev-bind", "/dev/null", "/dev/null"]
    for name in ("/bin", "/lib", "/lib64", "/lib32"):
        if Path(name).is_symlink():
            options += ["--symlink", str(Path(name).readlink()), name]
        elif Path(name).is_dir():
            options += ["--ro-bind", name, name]
    options += ["--ro-bind-try", "/etc/ld.so.cache", "/etc/ld.so.cache"]
    visible = {Path("/usr")}
    for folder in {base, python.parent.parent}:
        if not folder.is_relative_to("/usr"):
            options += ["--ro-bind", str(folder), str(folder)]
            visible.add(folder)
    for folder in masked(base, tuple(hidden)):
        if any(folder.is_relative_to(other) for other in visible):
            options += ["--tmpfs", str(folder), "--remount-ro", str(folder)]
    return options


@lru_cache(maxsize=8)  # it looks around in the system's folders
def masked(base: Path, hidden: tuple[Path, ...]) -> list[Path]:
    """Folders with installed packages, the grader, and `hidden`: an empty one lies over each."""
    names = {"base": str(base), "platbase": str(base)}
    keys = ("purelib", "platlib")
    found = {Path(sysconfig.get_path(key, vars=v)) for key in keys for v in (names, None)}
    for pattern in ("lib*/python3*/*-packages", "local/lib*/python3*/*-packages"):
        found |= set(Path("/usr").glob(pattern))
    found |= {base / "envs", base / "pkgs"}  # conda's other environments
    found |= {ENGINE, *hidden}
    folders = {folder.resolve() for folder in found if folder.is_dir()}
    return sorted(folder for folder in folders if not folders & set(folder.parents))
