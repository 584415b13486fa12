"""Ways to write where nothing may be written, and to read what is the host's."""

import ctypes
import mmap
import os
import shutil
import struct
import subprocess

from .kernel import call
from .probe import Refused, probe

ABSENT = ("ENOENT", "EACCES", "ENOTDIR")
KERNEL_FILE = ABSENT + ("EROFS", "EPERM")  # not every kernel has each
SOCKETS = "/run/engine"


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


@probe("files", "write-model-directory")
def write_model_directory(_):
    return write("/models/0/probe")


@probe("files", "write-model-file")
def write_model_file(targets):
    return may_open(targets["modelFile"])


@probe("files", "write-model-through-descriptor")
def write_model_through_descriptor(targets):
    descriptor = os.open(targets["modelFile"], os.O_RDONLY)
    return may_open(f"/proc/self/fd/{descriptor}")


@probe("files", "chmod-model-file")
def chmod_model_file(targets):
    os.chmod(targets["modelFile"], 0o666)
    return "its mode is changed"


@probe("files", "date-model-file")
def date_model_file(targets):
    os.utime(targets["modelFile"], (0, 0))
    return "its date is changed"


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


@probe("files", "host-files-through-proc", ABSENT)
def host_files_through_proc(targets):
    for process in (1, targets["hostPid"]):
        path = f"/proc/{process}/root{targets['keyPath']}"
        if os.path.exists(path):
            return open(path).read()
    raise OSError(2, "no such file")


@probe("files", "above-the-socket-directory", ABSENT)
def above_the_socket_directory(targets):
    os.chdir(SOCKETS)
    descriptor = os.open("..", os.O_RDONLY)
    os.fchdir(descriptor)
    return open(targets["keyFromSockets"].removeprefix("../")).read()


@probe("files", "link-out-of-the-socket-directory", ABSENT)
def link_out_of_the_socket_directory(targets):
    link = f"{SOCKETS}/probe-link"
    os.symlink(targets["keyPath"], link)
    try:
        return open(link).read()
    finally:
        os.unlink(link)


@probe("files", "hard-link-of-a-program", ("EXDEV",))
def hard_link_of_a_program(_):
    os.link("/opt/hostile/as-root", f"{SOCKETS}/probe-program")
    return "a program of root in the host's directory"


@probe("files", "hard-link-of-a-model", ("EXDEV",))
def hard_link_of_a_model(targets):
    os.link(targets["modelFile"], f"{SOCKETS}/probe-model")
    return "the model under a writable name"


@probe("files", "move-model-file", ("EXDEV", "EROFS"))
def move_model_file(targets):
    os.rename(targets["modelFile"], f"{SOCKETS}/probe-model")
    return "the model moved"


@probe("files", "delete-model-file")
def delete_model_file(targets):
    os.unlink(targets["modelFile"])
    return "the model is gone"


@probe("files", "open-by-handle")
def open_by_handle(_):
    directory = os.open(SOCKETS, os.O_RDONLY)
    handle = ctypes.create_string_buffer(struct.pack("IiQ", 8, 1, 2))  # inode 2: the root of ext4
    return f"descriptor {call('open_by_handle_at', directory, handle, os.O_RDONLY)} of the host's root"


@probe("files", "device-in-the-socket-directory")
def device_in_the_socket_directory(_):
    os.mknod(f"{SOCKETS}/probe-disk", 0o600 | 0o060000, os.makedev(254, 0))
    os.unlink(f"{SOCKETS}/probe-disk")
    return "a disk's node in the host's directory"


@probe("files", "give-away-in-the-socket-directory")
def give_away_in_the_socket_directory(_):
    path = f"{SOCKETS}/probe-gift"
    write(path)
    try:
        os.chown(path, 12345, 12345)
    finally:
        os.unlink(path)
    return "a file of another user in the host's directory"


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
