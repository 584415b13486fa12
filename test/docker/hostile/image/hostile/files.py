"""Ways to write where nothing may be written, to run what was written, and to write too much."""

import mmap
import os
import shutil
import subprocess

from .probe import ABSENT, Refused, probe

KERNEL_FILE = ABSENT + ("EROFS", "EPERM")  # not every kernel has each


def write(path):
    with open(path, "w") as file:
        file.write("probe")
    return f"wrote {path}"


def may_open(path):
    """Opens for writing and writes nothing: what the kernel would do with it is not for a test to try."""
    os.close(os.open(path, os.O_WRONLY))
    return f"opened {path} for writing"


@probe("files", "write-root")
def write_root(_):
    return write("/probe")


@probe("files", "write-etc")
def write_etc(_):
    return write("/etc/probe")


@probe("files", "write-program")
def write_program(_):
    return may_open("/bin/ls")


@probe("files", "write-home")
def write_home(_):
    return write("/root/probe")


@probe("files", "write-kernel-settings")
def write_kernel_settings(_):
    return may_open("/proc/sys/vm/drop_caches")


@probe("files", "write-core-pattern")
def write_core_pattern(_):
    return may_open("/proc/sys/kernel/core_pattern")


@probe("files", "write-modprobe-path", KERNEL_FILE)
def write_modprobe_path(_):
    return may_open("/proc/sys/kernel/modprobe")


@probe("files", "write-sysrq-trigger", KERNEL_FILE)
def write_sysrq_trigger(_):
    return may_open("/proc/sysrq-trigger")


@probe("files", "write-uevent-helper", KERNEL_FILE)
def write_uevent_helper(_):
    return may_open("/sys/kernel/uevent_helper")


@probe("files", "write-sys", KERNEL_FILE)
def write_sys(_):
    return may_open("/sys/kernel/mm/transparent_hugepage/enabled")


@probe("files", "write-release-agent", KERNEL_FILE)
def write_release_agent(_):
    return may_open("/sys/fs/cgroup/memory/release_agent")


def program_on(place):
    path = f"{place}/probe-{os.getpid()}"
    shutil.copy("/bin/true", path)
    try:
        subprocess.run([path], check=True)
    finally:
        os.unlink(path)
    return f"ran a program on {place}"


@probe("files", "run-from-shared-memory")
def run_from_shared_memory(_):
    return program_on("/dev/shm")


@probe("files", "run-from-tmpfs")
def run_from_tmpfs(targets):
    return program_on(targets["noexec"])


@probe("files", "map-code-from-tmpfs")
def map_code_from_tmpfs(targets):
    path = f"{targets['noexec']}/probe-{os.getpid()}"
    shutil.copy("/bin/true", path)
    try:
        with open(path, "rb") as file:
            mmap.mmap(file.fileno(), 4096, mmap.MAP_PRIVATE, mmap.PROT_READ | mmap.PROT_EXEC)
    finally:
        os.unlink(path)
    return "mapped code"


def fill(place, limit):
    path = f"{place}/probe-{os.getpid()}"
    block = bytes(1024 * 1024)
    try:
        with open(path, "wb", buffering=0) as file:
            for _ in range(0, limit + len(block), len(block)):
                if file.write(block) < len(block):
                    raise Refused(f"full within {limit} bytes")
    finally:
        os.unlink(path)
    return f"wrote more than {limit} bytes"


@probe("files", "overfill-tmpfs", ("ENOSPC",))
def overfill_tmpfs(targets):
    return fill(targets["noexec"], targets["noexecBytes"])


@probe("files", "overfill-shared-memory", ("ENOSPC",))
def overfill_shared_memory(targets):
    return fill("/dev/shm", targets["sharedMemoryBytes"])
