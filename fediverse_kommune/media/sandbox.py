"""What the child that decodes pictures gives up before it reads one: memory, time, files, other programs, the network.

Decoders have memory bugs (rows F01 to F03). Here one can at most spoil the one picture it is decoding.
"""

import ctypes
import os
import resource

MEMORY_BYTES = 1_500_000_000  # of address space: a picture of 33 megapixels is decoded in some 400 MB
CPU_SECONDS = 20
FILE_BYTES = 64_000_000  # the largest file that can be written
FILES = 32

# linux/sched.h and linux/prctl.h
_CLONE_NEWUSER = 0x1000_0000
_CLONE_NEWNET = 0x4000_0000
_PR_SET_NO_NEW_PRIVS = 38


def lock_down() -> bool:
    """Give up what decoding does not need; return whether the network is gone, too.

    Without the right to make a user namespace (some containers) it is not, and the unit file of the service has to
    forbid it: `deploy/systemd` does.
    """
    for limit, value in (
        (resource.RLIMIT_AS, MEMORY_BYTES),
        (resource.RLIMIT_CPU, CPU_SECONDS),
        (resource.RLIMIT_FSIZE, FILE_BYTES),
        (resource.RLIMIT_NOFILE, FILES),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(limit, (value, value))
    libc = ctypes.CDLL(None, use_errno=True)
    libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    offline = bool(libc.unshare(_CLONE_NEWUSER | _CLONE_NEWNET) == 0)
    # After the namespaces, whose making counts as a process. From here on nothing can be started.
    resource.setrlimit(resource.RLIMIT_NPROC, (0, 0))
    os.umask(0o077)
    return offline
