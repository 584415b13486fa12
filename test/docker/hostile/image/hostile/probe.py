"""What a probe is: one attempt that should be refused, and the ways in which it may be refused.

A probe returns evidence when it got what it wanted and raises OSError when the kernel said no. A "no" of another kind
than the expected ones is reported as broken: a misspelt system call is refused too, and proves nothing.
"""

import errno
import json
import os
import signal
import sys
from dataclasses import dataclass
from typing import Callable

DENIED = ("EPERM", "EACCES", "EROFS")
ABSENT = ("ENOENT", "EACCES", "ENOTDIR")
UNKNOWN = ("EPERM", "EACCES", "ENOSYS")  # a system call the engine's filter, or the kernel, does not know
SECONDS = 10


class Refused(Exception):
    """Refused without an errno, for instance because what was looked for is not there."""


@dataclass(frozen=True)
class Probe:
    name: str
    group: str
    attempt: Callable[[dict], str]
    refusals: tuple[str, ...]
    may_be_killed: bool


PROBES: list[Probe] = []


def probe(group, name, refusals=DENIED, may_be_killed=False):
    def register(attempt):
        PROBES.append(Probe(name, group, attempt, tuple(refusals), may_be_killed))
        return attempt

    return register


def scratch():
    """An empty directory where there may be one."""
    path = f"/tmp/probe-{os.getpid()}"
    os.mkdir(path)
    return path


def outcome(one, targets):
    try:
        return {"succeeded": True, "evidence": str(one.attempt(targets))[:200]}
    except Refused as refusal:
        return {"succeeded": False, "evidence": str(refusal)[:200]}
    except OSError as error:
        code = errno.errorcode.get(error.errno, "timeout" if isinstance(error, TimeoutError) else str(error))
        if code in one.refusals:
            return {"succeeded": False, "evidence": code}
        return {"succeeded": False, "evidence": f"{code}: {error}"[:200], "broken": True}
    except BaseException as error:  # a fault of the probe must never read as a refusal
        return {"succeeded": False, "evidence": repr(error)[:200], "broken": True}


def run(one, targets):
    """Each probe in a process of its own, so that what it changes about itself ends with it."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        signal.alarm(SECONDS)
        os.write(writing, json.dumps(outcome(one, targets)).encode())
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading, "rb") as pipe:
        told = pipe.read()
    _, status = os.waitpid(child, 0)
    if told:
        return json.loads(told)
    ending = signal.Signals(os.WTERMSIG(status)).name if os.WIFSIGNALED(status) else f"exit {status}"
    expected = one.may_be_killed and ending in ("SIGKILL", "SIGSYS")
    return {"succeeded": False, "evidence": f"killed by {ending}", "broken": not expected}


def run_all(targets):
    for one in PROBES:
        line = {"name": one.name, "group": one.group, "broken": False, **run(one, targets)}
        sys.stdout.write(json.dumps(line) + "\n")
        sys.stdout.flush()


def name_all(_):
    for one in PROBES:
        sys.stdout.write(one.name + "\n")
