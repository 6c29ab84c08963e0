"""A seal on this process: what the kernel keeps it from from now on, whatever runs in it.

A hand decodes what strangers send. If a file ever takes over its decoder, the seal is what it runs
into: it reads programs and what it was given, writes only what it was given, opens no connection,
and reaches no other process. Landlock does that on Linux from 5.13 on (connections from 6.7 on),
without any right; elsewhere there is no seal, and ``firsthand doctor`` says so.

https://docs.kernel.org/userspace-api/landlock.html
"""

from __future__ import annotations

import ctypes
import functools
import logging
import os
import resource
import struct
import sys
import sysconfig
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path

from service import logs

log = logging.getLogger(__name__)

_CREATE, _ADD, _RESTRICT = 444, 445, 446  # the system calls, the same on every processor
_VERSION = 1  # asks for it, as a flag of the first
_BENEATH = 1
_NO_NEW_PRIVILEGES = 38  # of prctl
_CAPABILITIES = 0x20080522  # the version of their form
_FILE_RIGHTS = 0b1111  # of root: to own, read, write and change files of others
# Rights to files, by bit: execute, write, read, list; remove folders, files; make devices, folders,
# files, sockets, pipes, block devices, links; move between folders; cut off; control devices.
_READ = 0b1101
_FILES = 0b1100_0000_0000_0111  # those that a file can have, and not only a folder
_ALL = {1: (1 << 13) - 1, 2: (1 << 14) - 1, 3: (1 << 15) - 1, 4: (1 << 15) - 1}
_EVERY = (1 << 16) - 1  # from version 5 on
_TCP = 0b11  # bind and connect
_OTHERS = 0b11  # abstract sockets of others, and signals to them
# Written to by everybody: nothing is kept there. The others are for Whisper on a graphics card.
_DEVICES = ("null", "nvidia*", "kfd", "dri")
# What programs and their libraries need. Nobody's home is in it.
_SYSTEM = (
    "/bin",
    "/dev",
    "/etc",
    "/lib",
    "/lib64",
    "/nix",
    "/opt",
    "/proc",
    "/sbin",
    "/sys",
    "/usr",
)


@dataclass(frozen=True, slots=True)
class Seal:
    """``reads`` are folders beside those of the system and of Python; ``None`` is every folder.

    ``writes`` can be read as well. ``connects``: connections to other machines are let out.
    """

    reads: tuple[Path, ...] | None
    writes: tuple[Path, ...] = ()
    connects: bool = False


def begin(line: Connection, log_as: logs.Log, seal: Seal) -> None:
    """What a hand does from its first moment on: whatever starts threads is imported under seal."""
    import ingest  # noqa: F401  # found from a folder that cannot be read under it
    import prompts  # noqa: F401

    logs.set_up(log_as)
    put_on(seal)
    if seal.writes:
        os.environ["SQLITE_TMPDIR"] = str(seal.writes[0])  # where it sorts what is large
    from service.handwork import serve

    serve(line, log_as)


@functools.cache
def version() -> int:
    """Of Landlock in this kernel; 0 where there is none, or it is switched off."""
    if sys.platform != "linux":
        return 0
    return max(
        0, int(_libc().syscall(_CREATE, None, ctypes.c_size_t(0), ctypes.c_uint32(_VERSION)))
    )


def put_on(seal: Seal) -> None:
    """Seal this process for good, all threads that it starts from now on among it.

    Raises ``OSError`` when the kernel has seals and refuses this one.
    """
    # What a process had in memory does not go to a disk when it dies.
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if not (known := version()):
        return
    if len(list(Path("/proc/self/task").iterdir())) > 1:
        log.warning("a process is sealed that has other threads already: they are not")
    every = _ALL.get(known, _EVERY)
    tcp = _TCP if known >= 4 and not seal.connects else 0
    asked = struct.pack("=QQQ", every, tcp, _OTHERS if known >= 6 else 0)
    size = 8 if known < 4 else 16 if known < 6 else 24
    rules = _done(_CREATE, asked[:size], ctypes.c_size_t(size), ctypes.c_uint32(0))
    try:
        reads = [Path("/")] if seal.reads is None else [*_programs(), *seal.reads]
        _allow(rules, reads, _READ)
        devices = (place for name in _DEVICES for place in Path("/dev").glob(name))
        _allow(rules, [*seal.writes, *devices], every)
        _give_up_rights()
        _done(_RESTRICT, ctypes.c_int(rules), ctypes.c_uint32(0))
    finally:
        os.close(rules)


def _give_up_rights() -> None:
    """For good, where root runs it: all but those to files that belong to others."""
    libc = _libc()
    who, rights = struct.pack("=Ii", _CAPABILITIES, 0), ctypes.create_string_buffer(24)
    if libc.capget(who, rights):
        raise OSError(ctypes.get_errno(), "the process cannot tell its rights")
    effective, permitted, *_ = struct.unpack("=6I", rights.raw)
    kept = struct.pack("=6I", effective & _FILE_RIGHTS, permitted & _FILE_RIGHTS, 0, 0, 0, 0)
    if libc.capset(who, kept) or libc.prctl(_NO_NEW_PRIVILEGES, 1, 0, 0, 0):
        raise OSError(ctypes.get_errno(), "the process cannot give up its rights")


def _programs() -> Iterable[Path]:
    """Where Python, its packages, this program and the system's libraries lie."""
    mine = Path(__file__).resolve().parent.parent
    told = {*sysconfig.get_paths().values(), sys.prefix, sys.base_prefix, *filter(None, sys.path)}
    yield from (mine / floor for floor in ("prompts", "ingest", "service"))
    # Where somebody happens to be when starting the program, anything lies.
    anywhere = {mine, Path.cwd().resolve()}
    yield from (Path(place) for place in (*_SYSTEM, *told) if Path(place).resolve() not in anywhere)


def _allow(rules: int, places: Iterable[Path], rights: int) -> None:
    for place in places:
        with suppress(FileNotFoundError):
            there = os.open(place, os.O_PATH | os.O_CLOEXEC)
            try:
                few = rights if place.is_dir() else rights & _FILES
                rule = struct.pack("=Qi", few, there)
                _done(_ADD, ctypes.c_int(rules), ctypes.c_int(_BENEATH), rule, ctypes.c_uint32(0))
            finally:
                os.close(there)


def _done(number: int, *given: object) -> int:
    result = int(_libc().syscall(number, *given))
    if result < 0:
        raise OSError(ctypes.get_errno(), f"the seal failed at the system call {number}")
    return result


@functools.cache
def _libc() -> ctypes.CDLL:
    libc = ctypes.CDLL(None, use_errno=True)
    libc.syscall.restype = ctypes.c_long
    return libc
