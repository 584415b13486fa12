"""Ways through what the host shares: the model, which is read-only, and the directory of the engine's socket."""

import ctypes
import os
import struct

from .files import may_open, write
from .kernel import call
from .probe import ABSENT, probe

SOCKETS = "/run/engine"


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
