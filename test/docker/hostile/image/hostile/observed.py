"""What a sealed container can do and the seal does not claim to stop: told in the documentation, counted nowhere."""

import ctypes
import os
import signal
import socket

from .kernel import call
from .probe import probe

SOCKETS = "/run/engine"
UNKNOWN = ("EPERM", "EACCES", "ENOSYS", "EAFNOSUPPORT", "ENODEV")
MIB = 1024 * 1024


@probe("observed", "trace-own-processes", UNKNOWN)
def trace_own_processes(_):
    child = os.fork()
    if child == 0:
        signal.pause()
    try:
        call("ptrace", 16, child, 0, 0)
        os.waitpid(child, 0)
        return "a process of the same container"
    finally:
        os.kill(child, 9)


@probe("observed", "io-uring", UNKNOWN)
def io_uring(_):
    return f"ring {call('io_uring_setup', 1, ctypes.create_string_buffer(120))}"


@probe("observed", "vsock-socket", UNKNOWN)
def vsock_socket(_):
    with socket.socket(socket.AF_VSOCK, socket.SOCK_STREAM):
        return "may be made; it belongs to no network namespace"


@probe("observed", "kernel-crypto-socket", UNKNOWN)
def kernel_crypto_socket(_):
    with socket.socket(socket.AF_ALG, socket.SOCK_SEQPACKET, 0):
        return "may be made"


@probe("observed", "write-dev", UNKNOWN)
def write_dev(_):
    with open("/dev/probe", "wb") as file:
        file.write(bytes(MIB))
    os.unlink("/dev/probe")
    return "1 MiB on the container's own /dev"


@probe("observed", "fill-socket-directory", UNKNOWN + ("ENOSPC", "EDQUOT"))
def fill_socket_directory(_):
    path = f"{SOCKETS}/probe-fill"
    try:
        with open(path, "wb") as file:
            for _ in range(32):
                file.write(bytes(MIB))
    finally:
        os.unlink(path)
    return "32 MiB in the host's directory"


@probe("observed", "setuid-file-in-socket-directory", UNKNOWN)
def setuid_file_in_socket_directory(_):
    path = f"{SOCKETS}/probe-setuid"
    try:
        with open(path, "wb") as file:
            file.write(b"#!")
        os.chmod(path, 0o4755)
        return f"mode {os.stat(path).st_mode:o} of uid {os.stat(path).st_uid}"
    finally:
        os.unlink(path)


@probe("observed", "host-paths-of-mounts", UNKNOWN)
def host_paths_of_mounts(_):
    with open("/proc/self/mountinfo") as lines:
        return next(line.split()[3] for line in lines if line.split()[4] == SOCKETS)
