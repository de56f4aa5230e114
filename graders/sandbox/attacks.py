"""The layers around a runner, each with submissions that try to break it.

Theory of operation
-------------------
An attack is a function body that runs in the sandbox as a submission would. Either it
must end in the way that is named, or it looks around and returns what is right to
return. Attacks on one layer form a group, which holds if every one of them fails.
Where each attack costs a container (see ``single_use``) only some of a group are made.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from graders.sandbox.attack import LIMITS, Attack, Layer, looks
from graders.sandbox.filter_attacks import FILTER_LAYERS
from graders.sandbox.session import Failure

_BRIEF = replace(LIMITS, wall_s=0.3)


def _fails(name: str, body: str, failure: Failure, *, brief: bool = False) -> Layer:
    limits = _BRIEF if brief else LIMITS
    return Layer(name, (Attack("", body, (failure,), limits),))


_NOBODY = """
import os
def sent(*arguments):
    try:
        os.kill(*arguments)
    except (ProcessLookupError, PermissionError):
        return False
    return True
def opened(path):
    try:
        os.close(os.open(path, os.O_RDONLY))
    except OSError:
        return False
    return True
others = {1, 2, 3, os.getppid()} - {0, os.getpid()}
tries = [opened(f'/proc/{pid}/{name}') for pid in others for name in ('mem', 'fd/3')]
return not any([sent(-1, 0), *tries, *[sent(pid, 0) for pid in others]])
"""
_SCRATCH = """
import errno, os
for folder in ('/tmp', '/dev/shm'):
    if os.listdir(folder):
        return False
    with open(folder + '/full', 'wb') as file:
        try:
            for _ in range(64):
                file.write(bytes(1 << 20))
                file.flush()
            return False
        except OSError as error:
            if error.errno not in (errno.ENOSPC, errno.EFBIG):
                return False
return True
"""
_READ_ONLY = """
import os
for folder in ('/', '/usr/lib', '/site', '/grader/runner', '/dev', '/proc', '/run'):
    try:
        open(folder + '/x', 'w')
        return False
    except OSError:
        pass
return True
"""
_CEILINGS = """
import mmap, os, resource
def refused(attempt, *arguments):
    try:
        attempt(*arguments)
    except (OSError, ValueError, RuntimeError):
        return True
    return False
def many_files():
    kept = [os.open('/dev/null', os.O_RDONLY) for _ in range(300)]
many = refused(many_files)
os.closerange(10, 256)
long = refused(os.truncate, os.open('/tmp/long', os.O_CREAT | os.O_RDWR), 1 << 30)
shared = refused(mmap.mmap, -1, 1 << 30)
higher = refused(resource.setrlimit, resource.RLIMIT_NOFILE, (4096, 4096))
core = resource.getrlimit(resource.RLIMIT_CORE) == (0, 0)
return many and long and shared and higher and core
"""
_THREADS = """
import threading, time
threading.stack_size(1 << 16)
try:
    for _ in range(2000):
        threading.Thread(target=time.sleep, args=(9,), daemon=True).start()
except RuntimeError:
    return True
"""
_PRIVILEGES = """
import ctypes, os
libc = ctypes.CDLL(None)
capabilities = (ctypes.c_uint32 * 6)()
libc.capget((ctypes.c_uint32 * 2)(0x20080522, 0), capabilities)
ids = {*os.getresuid(), *os.getresgid()}
no_new = libc.prctl(39, 0, 0, 0, 0)
return len(ids) == 1 and ids != {0} and not any(capabilities) and no_new == 1
"""
_BELONGINGS = """
import os
def opened(fd):
    try:
        os.fstat(fd)
    except OSError:
        return False
    return True
fds = [fd for fd in range(256) if opened(fd)]
return sorted(os.environ) == ['HOME', 'LANG'] and fds == [0, 1, 2, 3]
"""
_LANDLOCK = """
import sys
if not sys.modules['runner.landlock'].ABI:
    return True
try:
    open('/dev/zero', 'w')
except PermissionError:
    return True
"""
_HOST = (
    *("/etc/passwd", "/home", "/var/run/docker.sock", "/dev/mem", "/dev/kvm"),
    str(Path(__file__).resolve()),
)

LAYERS = (
    looks("answers a good submission", "return 6 * 7 == 42"),
    looks(
        "mounts: no files of the host or of this project",
        f"import os\nreturn not any(map(os.path.lexists, {_HOST}))",
    ),
    looks("mounts: everything but /tmp and /dev/shm is read-only", _READ_ONLY),
    looks("tmpfs: small, and empty for the next one", _SCRATCH, times=2),
    looks("processes: no others are reached", _NOBODY),
    looks("privileges: not root, no capabilities, none to regain", _PRIVILEGES),
    looks("descriptors and environment: nothing of ours", _BELONGINGS),
    looks("limits: files, their size, shared memory; none is raised", _CEILINGS),
    looks("limits: threads", _THREADS),
    _fails("limits: memory", "bytearray(1 << 30)", Failure.MEMORY),
    _fails("limits: output", "while True: print('x' * 999)", Failure.OUTPUT),
    _fails("limits: time", "while True: pass", Failure.TIME, brief=True),
    *FILTER_LAYERS,
    looks("Landlock, where the kernel has it", _LANDLOCK),
)
