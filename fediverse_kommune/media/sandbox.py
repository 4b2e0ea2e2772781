"""What a process that decodes media gives up before it reads a byte: memory, time, files, other programs, the network.

Decoders have memory bugs (rows F01 to F03). Here one can at most spoil the one file it is decoding: it sees the file, a
folder to write into and its own program, and nothing else of this machine. Four locks, so that none has to hold alone:
resource limits, a network namespace, Landlock (which files), seccomp (which calls).

Sources: linux/landlock.h, linux/seccomp.h, linux/filter.h, `man 7 landlock`, `man 2 seccomp`.
"""

import ctypes
import os
import platform
import resource
import struct
import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from msgspec import Struct

_CLONE_NEWUSER = 0x1000_0000
_CLONE_NEWNET = 0x4000_0000
_CLONE_THREAD = 0x0001_0000
_PR_SET_NO_NEW_PRIVS = 38
_PR_SET_SECCOMP = 22
_SECCOMP_MODE_FILTER = 2


class Allowance(Struct, frozen=True):
    """How much a process may use, in bytes and seconds; `programs`: whether it becomes another one, with threads."""

    memory_bytes: int
    cpu_seconds: int
    file_bytes: int
    files: int
    programs: bool = False


PICTURES = Allowance(memory_bytes=1_500_000_000, cpu_seconds=20, file_bytes=64_000_000, files=32)
"""A picture of 33 megapixels is decoded in some 400 MB."""

FILMS = Allowance(memory_bytes=4_000_000_000, cpu_seconds=3_600, file_bytes=1_000_000_000, files=64, programs=True)
"""Address space, of which a film in 4K touches a quarter."""


class Locks(Struct, frozen=True):
    """Which of the locks this system let us close."""

    offline: bool
    files: bool
    calls: bool

    @property
    def shut(self) -> bool:
        """True if neither the network nor anybody's files can be reached."""
        return (self.offline or self.calls) and self.files


def lock_down(allowance: Allowance, *, folder: Path, readable: Sequence[Path] = ()) -> Locks:
    """Give up what decoding does not need, for ever; return which locks closed.

    `folder` may be written to, `readable` read, beside Python and the system's libraries. Without the right to make a
    user namespace (some containers, our own unit of systemd) the calls are forbidden all the same.
    """
    for limit, value in (
        (resource.RLIMIT_AS, allowance.memory_bytes),
        (resource.RLIMIT_CPU, allowance.cpu_seconds),
        (resource.RLIMIT_FSIZE, allowance.file_bytes),
        (resource.RLIMIT_NOFILE, allowance.files),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(limit, (value, value))
    libc = ctypes.CDLL(None, use_errno=True)
    libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    offline = bool(libc.unshare(_CLONE_NEWUSER | _CLONE_NEWNET) == 0)
    if not allowance.programs:
        # After the namespaces, whose making counts as a process. From here on nothing can be started.
        resource.setrlimit(resource.RLIMIT_NPROC, (0, 0))
    os.umask(0o077)
    return Locks(offline, _confine(libc, folder, readable), _forbid_calls(libc))


# ------------------------------------------------------------------------------------------ which files

_LANDLOCK_CREATE_RULESET, _LANDLOCK_ADD_RULE, _LANDLOCK_RESTRICT_SELF = 444, 445, 446
_LANDLOCK_RULE_PATH_BENEATH = 1
_EXECUTE, _WRITE, _READ, _READ_FOLDER = 1 << 0, 1 << 1, 1 << 2, 1 << 3
_REMOVE_FOLDER, _REMOVE_FILE, _MAKE_FILE, _TRUNCATE = 1 << 4, 1 << 5, 1 << 8, 1 << 14
_FIRST_ABI = (1 << 13) - 1  # every right over files of ABI 1; later ones add to it
_RIGHTS_BY_ABI = {1: _FIRST_ABI, 2: (1 << 14) - 1}
_ALL_RIGHTS = (1 << 15) - 1
_LOOK = _EXECUTE | _READ | _READ_FOLDER
_SYSTEM = ("/usr", "/lib", "/lib64", "/etc/ld.so.cache", "/dev/urandom", "/sys/devices/system/cpu")
_INSTALLED = frozenset({"site-packages", "dist-packages"})
_OUR_CODE = Path(__file__).parent.parent


def _confine(libc: ctypes.CDLL, folder: Path, readable: Sequence[Path]) -> bool:
    """Let this process see only what it was given (Landlock, Linux 5.13); False where there is no such thing."""
    abi = libc.syscall(_LANDLOCK_CREATE_RULESET, None, 0, 1)
    if abi < 1:
        return False
    handled = _RIGHTS_BY_ABI.get(abi, _ALL_RIGHTS)
    attribute = ctypes.create_string_buffer(struct.pack("=Q", handled))
    ruleset = libc.syscall(_LANDLOCK_CREATE_RULESET, attribute, 8, 0)
    if ruleset < 0:
        return False
    # Not the whole of `sys.path`: in a checkout, the database and its key lie beside the packages.
    installed = [path for path in sys.path if Path(path).name in _INSTALLED]
    look = [*_SYSTEM, sys.prefix, sys.base_prefix, *installed, _OUR_CODE, _OUR_CODE.parent / "activitypub", *readable]
    for path in look:
        _allow(libc, ruleset, str(path), _LOOK & handled)
    _allow(libc, ruleset, "/dev/null", (_READ | _WRITE) & handled)
    work = _READ | _READ_FOLDER | _WRITE | _MAKE_FILE | _REMOVE_FILE | _TRUNCATE
    _allow(libc, ruleset, str(folder), work & handled)
    closed = libc.syscall(_LANDLOCK_RESTRICT_SELF, ruleset, 0) == 0
    os.close(ruleset)
    return bool(closed)


def _allow(libc: ctypes.CDLL, ruleset: int, path: str, rights: int) -> None:
    """Add a rule; what is not there needs none."""
    with suppress(OSError):
        file = os.open(path, os.O_PATH | os.O_CLOEXEC)
        try:
            if not Path(path).is_dir():
                rights &= _EXECUTE | _READ | _WRITE | _TRUNCATE
            rule = ctypes.create_string_buffer(struct.pack("=Qi", rights, file))
            libc.syscall(_LANDLOCK_ADD_RULE, ruleset, _LANDLOCK_RULE_PATH_BENEATH, rule, 0)
        finally:
            os.close(file)


# ------------------------------------------------------------------------------------------ which calls


class _Numbers(Struct, frozen=True):
    """The calls of one architecture that decoding never makes, and the two that start processes."""

    audit: int
    forbidden: tuple[int, ...]
    clone: int
    clone3: int = 435


# pidfd_send_signal, io_uring_setup and pidfd_open have the same numbers everywhere. The others, in this order:
# socket, socketpair, connect, bind; ptrace, process_vm_readv, process_vm_writev; unshare, setns, mount; kill, bpf,
# userfaultfd; on x86_64 also fork and vfork, which other architectures make of clone.
_EVERYWHERE = (424, 425, 434)
_ARCHITECTURES = {
    "x86_64": _Numbers(
        0xC000_003E, (41, 53, 42, 49, 101, 310, 311, 272, 308, 165, 62, 321, 323, 57, 58, *_EVERYWHERE), clone=56
    ),
    "aarch64": _Numbers(
        0xC000_00B7, (198, 199, 203, 200, 117, 270, 271, 97, 268, 40, 129, 280, 282, *_EVERYWHERE), clone=220
    ),
}
_LOAD, _EQUAL, _AT_LEAST, _ANY_BIT, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
_X32 = 0x4000_0000  # from here on the calls of x86_64 begin anew, under other numbers
_ALLOWED, _NOT_PERMITTED, _NO_SUCH_CALL, _KILL = 0x7FFF_0000, 0x0005_0001, 0x0005_0026, 0x8000_0000


def _forbid_calls(libc: ctypes.CDLL) -> bool:
    """Forbid sockets, other processes and a look into them (seccomp); False on processors without numbers here."""
    numbers = _ARCHITECTURES.get(platform.machine())
    if numbers is None:
        return False
    program = _filter(numbers)
    code = ctypes.create_string_buffer(program)
    header = ctypes.create_string_buffer(struct.pack("@HxxxxxxP", len(program) // 8, ctypes.addressof(code)))
    return bool(libc.prctl(_PR_SET_SECCOMP, _SECCOMP_MODE_FILTER, header, 0, 0) == 0)


def _filter(numbers: _Numbers) -> bytes:
    """Return the program that the kernel runs before each call: classic BPF over `struct seccomp_data`."""
    number, architecture, first_argument = 0, 4, 16
    calls: list[tuple[int, int, int, int]] = []
    for call in numbers.forbidden:
        calls += [(_EQUAL, 0, 1, call), (_RETURN, 0, 0, _NOT_PERMITTED)]
    return b"".join(
        struct.pack("=HBBI", *step)
        for step in (
            (_LOAD, 0, 0, architecture),
            (_EQUAL, 1, 0, numbers.audit),
            (_RETURN, 0, 0, _KILL),
            (_LOAD, 0, 0, number),
            (_AT_LEAST, 0, 1, _X32),
            (_RETURN, 0, 0, _NOT_PERMITTED),
            *calls,
            # The C library then makes its threads with `clone`, whose flags can be read here.
            (_EQUAL, 0, 1, numbers.clone3),
            (_RETURN, 0, 0, _NO_SUCH_CALL),
            (_EQUAL, 0, 3, numbers.clone),
            (_LOAD, 0, 0, first_argument),
            (_ANY_BIT, 1, 0, _CLONE_THREAD),
            (_RETURN, 0, 0, _NOT_PERMITTED),
            (_RETURN, 0, 0, _ALLOWED),
        )
    )
