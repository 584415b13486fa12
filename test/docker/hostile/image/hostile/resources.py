"""Ways to take more than the share. Every attempt ends a little above the bound, so that it is harmless without one."""

import errno
import mmap
import os
import resource
import signal
import threading

from .probe import DENIED, Refused, probe

ABOVE_PROCESSES = 64
ABOVE_BYTES = 64 * 1024 * 1024


def reap(children):
    for child in children:
        os.kill(child, signal.SIGKILL)
    for child in children:
        os.waitpid(child, 0)


@probe("resources", "fork-bomb", ("EAGAIN",))
def fork_bomb(targets):
    children = []
    try:
        for _ in range(targets["pids"] + ABOVE_PROCESSES):
            child = os.fork()
            if child == 0:
                signal.pause()
            children.append(child)
        return f"{len(children)} processes"
    finally:
        reap(children)


@probe("resources", "thread-bomb")
def thread_bomb(targets):
    ending = threading.Event()
    threads = []
    try:
        for _ in range(targets["pids"] + ABOVE_PROCESSES):
            thread = threading.Thread(target=ending.wait)
            thread.start()
            threads.append(thread)
    except RuntimeError as error:
        raise Refused(f"{error}: {len(threads)} threads within {targets['pids']}") from error
    finally:
        ending.set()
    return f"{len(threads)} threads"


def touch(room, length):
    for page in range(0, length, mmap.PAGESIZE):
        room[page] = 1


@probe("resources", "memory-bomb", ("ENOMEM",), may_be_killed=True)
def memory_bomb(targets):
    with open("/proc/self/oom_score_adj", "w") as score:
        score.write("1000")
    length = targets["memoryBytes"] + ABOVE_BYTES
    touch(mmap.mmap(-1, length), length)
    return f"{length} bytes of memory"


@probe("resources", "descriptor-bomb", ("EMFILE",))
def descriptor_bomb(targets):
    for _ in range(targets["openFiles"] + 1):
        os.open("/dev/null", os.O_RDONLY)
    return f"more than {targets['openFiles']} descriptors"


@probe("resources", "raise-descriptor-limit")
def raise_descriptor_limit(_):
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard + 1))
    except ValueError as error:  # how Python tells of EPERM
        raise OSError(errno.EPERM, str(error)) from error
    return f"{hard + 1} descriptors"


@probe("resources", "survive-out-of-memory")
def survive_out_of_memory(_):
    with open("/proc/self/oom_score_adj", "w") as score:
        score.write("-1000")
    return "never killed for memory"


@probe("resources", "raise-memory-limit", DENIED + ("ENOENT",))
def raise_memory_limit(_):
    for path in ("/sys/fs/cgroup/memory/memory.limit_in_bytes", "/sys/fs/cgroup/memory.max"):
        if os.path.exists(path):
            os.close(os.open(path, os.O_WRONLY))
            return f"opened {path} for writing"
    raise OSError(errno.ENOENT, "no such limit")


@probe("resources", "raise-process-limit", DENIED + ("ENOENT",))
def raise_process_limit(_):
    for path in ("/sys/fs/cgroup/pids/pids.max", "/sys/fs/cgroup/pids.max"):
        if os.path.exists(path):
            os.close(os.open(path, os.O_WRONLY))
            return f"opened {path} for writing"
    raise OSError(errno.ENOENT, "no such limit")


@probe("resources", "leave-cgroup", DENIED + ("ENOENT",))
def leave_cgroup(_):
    for path in ("/sys/fs/cgroup/memory/cgroup.procs", "/sys/fs/cgroup/cgroup.procs"):
        if os.path.exists(path):
            os.close(os.open(path, os.O_WRONLY))
            return f"opened {path} for writing"
    raise OSError(errno.ENOENT, "no such group")


@probe("resources", "real-time-priority")
def real_time_priority(_):
    os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(1))
    return "runs before everything else"


@probe("resources", "higher-priority")
def higher_priority(_):
    os.nice(-5)
    return "runs before others"
