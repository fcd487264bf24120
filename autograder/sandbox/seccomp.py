"""The system calls that a worker may make, as a compiled filter for bubblewrap.

A list of what is allowed, on top of namespaces: a worker is one process with one thread that
reads a pipe, computes, and writes a pipe. Whatever isn't here is refused with EPERM, calls that
are newer than this list or than libseccomp among them. The list is what CPython, NumPy, OpenBLAS
and matplotlib were seen to need, and what tells a process of itself alone. Nothing of it reaches
another process: two workers see the same files, so no lock, lease, watch or shared futex is on it.
"""

from __future__ import annotations

import errno
import platform
import tempfile
from functools import lru_cache

ANYWHERE = (
    *("read", "readv", "pread64", "write", "writev", "lseek", "close", "dup", "dup3"),
    *("fstat", "newfstatat", "statx", "faccessat", "faccessat2", "readlinkat"),
    *("openat", "getdents64", "getcwd", "chdir"),
    *("brk", "munmap", "mprotect", "mremap"),
    *("rt_sigaction", "rt_sigprocmask", "rt_sigreturn", "sigaltstack", "restart_syscall"),
    *("setitimer", "getitimer"),
    *("clock_gettime", "clock_getres", "clock_nanosleep", "nanosleep", "gettimeofday"),
    *("getpid", "getppid", "gettid", "getuid", "geteuid", "getgid", "getegid", "getgroups"),
    *("uname", "getrandom", "sched_getaffinity", "sched_yield"),
    *("set_tid_address", "set_robust_list", "rseq"),
    "execve",  # bubblewrap starts the interpreter when the filter is already there
    *("wait4", "exit", "exit_group"),  # wait4: for bubblewrap's own process 1
)
# The older names of calls above, which libc prefers where there are any.
ONLY_ON = {"x86_64": ("access", "readlink", "dup2"), "aarch64": ()}
# For a worker with a /tmp that can be written to.
FILES = ("mkdirat", "unlinkat", "renameat", "renameat2")
FILES_ONLY_ON = {"x86_64": ("mkdir", "rmdir", "unlink", "rename"), "aarch64": ()}

# Allowed only if one argument has one of these values under a mask: call -> (place, mask, values).
TCGETS, FIONCLEX, FIOCLEX = 0x5401, 0x5450, 0x5451
F_DUPFD, F_GETFD, F_SETFD, F_GETFL, F_DUPFD_CLOEXEC = 0, 1, 2, 3, 1030
MADV_DONTNEED, MADV_FREE, MADV_HUGEPAGE, MADV_NOHUGEPAGE = 4, 8, 14, 15
FUTEX_PRIVATE_FLAG = 128
ARCH_SET_FS = 0x1002
MAP_HUGETLB = 0x40000
ALL = (1 << 64) - 1
IF = {
    "ioctl": (1, ALL, (TCGETS, FIONCLEX, FIOCLEX)),
    "fcntl": (1, ALL, (F_DUPFD, F_GETFD, F_SETFD, F_GETFL, F_DUPFD_CLOEXEC)),
    "madvise": (2, ALL, (MADV_DONTNEED, MADV_FREE, MADV_HUGEPAGE, MADV_NOHUGEPAGE)),
    "prlimit64": (0, ALL, (0,)),  # its own limits
    # Real-time signals queue up, and all workers of a user share the room for them.
    "tgkill": (2, ALL - 31, (0,)),
    "mmap": (3, MAP_HUGETLB, (0,)),  # huge pages are in one pool for the whole machine
    # A futex that isn't private is one with that of any process which maps the same file.
    "futex": (1, FUTEX_PRIVATE_FLAG, (FUTEX_PRIVATE_FLAG,)),
}
IF_ON = {"x86_64": {"arch_prctl": (0, ALL, (ARCH_SET_FS,))}, "aarch64": {}}


def allowed(writes: bool = False, machine: str = platform.machine()) -> list[str]:
    """The names of the calls that are allowed, some of them with certain arguments only."""
    names = [*ANYWHERE, *ONLY_ON[machine], *IF, *IF_ON[machine]]
    return sorted([*names, *FILES, *FILES_ONLY_ON[machine]] if writes else names)


@lru_cache
def program(writes: bool = False, machine: str = platform.machine()) -> bytes:
    """The filter as BPF, for `bwrap --seccomp FD`.

    Args:
        writes: with what creates, renames and removes files.
        machine: as `uname -m` calls it.
    Raises:
        ImportError: pyseccomp isn't installed.
        OSError: libseccomp isn't there.
        RuntimeError: there is no list for this machine, or libseccomp doesn't know a call on it.
    """
    import pyseccomp as seccomp  # loads libseccomp: only where a sandbox starts

    if machine not in ONLY_ON:
        raise RuntimeError(f"there is no list of system calls for {machine}")
    arch = {"x86_64": seccomp.Arch.X86_64, "aarch64": seccomp.Arch.AARCH64}[machine]
    names = allowed(writes, machine)
    if unknown := [name for name in names if seccomp.resolve_syscall(arch, name) < 0]:
        raise RuntimeError(f"libseccomp doesn't know {', '.join(unknown)} on {machine}")
    rules = seccomp.SyscallFilter(defaction=seccomp.ERRNO(errno.EPERM))
    if machine != platform.machine():
        rules.add_arch(arch)
        rules.remove_arch(seccomp.Arch.NATIVE)
    conditions = IF | IF_ON[machine]
    for name in names:
        if name not in conditions:
            rules.add_rule(seccomp.ALLOW, name)
            continue
        place, mask, values = conditions[name]
        for value in values:
            equal = seccomp.Arg(place, seccomp.MASKED_EQ, mask, value)
            rules.add_rule(seccomp.ALLOW, name, equal)
    with tempfile.TemporaryFile() as file:
        rules.export_bpf(file)
        file.seek(0)
        return file.read()
