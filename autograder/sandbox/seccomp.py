"""The system calls that a worker may not make, as a compiled filter for bubblewrap.

A deny list on top of namespaces: a worker is one process with one thread that reads a pipe,
computes and writes a pipe. Refusing `clone` is what contains a fork bomb when the grader runs
as root, for whom RLIMIT_NPROC does not bind.
"""

from __future__ import annotations

import errno
import tempfile
from functools import lru_cache

PROCESSES = ("fork", "vfork", "clone")
REFUSED = (
    # other processes' memory, and the kernel's interfaces with a history of escapes
    *("ptrace", "process_vm_readv", "process_vm_writev", "kcmp", "pidfd_getfd", "process_madvise"),
    *("bpf", "perf_event_open", "userfaultfd", "io_uring_setup", "io_uring_enter"),
    *("io_uring_register", "keyctl", "add_key", "request_key", "personality", "seccomp"),
    # namespaces and mounts
    *("unshare", "setns", "mount", "umount2", "pivot_root", "chroot", "open_tree", "move_mount"),
    *("fsopen", "fsconfig", "fsmount", "fspick", "mount_setattr", "name_to_handle_at"),
    *("open_by_handle_at", "kexec_load", "kexec_file_load", "init_module", "finit_module"),
    *("delete_module", "swapon", "swapoff", "reboot", "acct", "quotactl", "syslog"),
    # memory that RLIMIT_AS does not count, and every kind of socket
    *("memfd_create", "memfd_secret", "shmget", "shmat", "msgget", "semget", "mq_open"),
    *("socket", "socketpair", "vmsplice", "tee"),
)


@lru_cache(maxsize=1)
def program() -> bytes:
    """The filter as BPF, for `bwrap --seccomp FD`.

    Raises:
        ImportError: pyseccomp isn't installed.
        OSError: libseccomp isn't there.
    """
    import pyseccomp as seccomp  # loads libseccomp: only where a sandbox starts

    rules = seccomp.SyscallFilter(defaction=seccomp.ALLOW)
    for name in PROCESSES:
        rules.add_rule(seccomp.ERRNO(errno.EAGAIN), name)
    rules.add_rule(seccomp.ERRNO(errno.ENOSYS), "clone3")  # libc then tries clone
    for name in REFUSED:
        if seccomp.resolve_syscall(seccomp.Arch.NATIVE, name) >= 0:  # this kernel knows it
            rules.add_rule(seccomp.ERRNO(errno.EPERM), name)
    with tempfile.TemporaryFile() as file:
        rules.export_bpf(file)
        file.seek(0)
        return file.read()
