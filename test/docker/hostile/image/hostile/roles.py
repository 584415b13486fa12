"""Roles other than probing: most stay until the container is removed, for a test to look at the host meanwhile."""

import ctypes
import os
import shutil
import signal
import socket
import subprocess
import sys

AT_FDCWD, RENAME_EXCHANGE = -100, 2


def say(line):
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def bomb(_):
    """Every process forks until it is refused, and stays."""
    first = os.getpid()
    while True:
        try:
            os.fork()
        except OSError as error:
            break_off = error.strerror
            break
    if os.getpid() == first:
        say(f"refused: {break_off}")
    signal.pause()


def serve(targets):
    """Somebody else's container: it answers whoever reaches it."""
    with socket.create_server(("0.0.0.0", targets["port"])) as server:
        say("serving")
        while True:
            client, _ = server.accept()
            client.sendall(b"neighbour")
            client.close()


def plant(targets):
    """Puts a link to a socket of the host where the engine's socket should be."""
    os.symlink(targets["decoy"], "/run/engine/engine.sock")
    say("planted")
    signal.pause()


def swap(targets):
    """A true socket and a link to the host's change places as fast as they can."""
    os.chdir("/run/engine")
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as server:
        server.bind("engine.sock")
        server.listen(128)
        os.chmod("engine.sock", 0o777)
        os.symlink(targets["decoy"], "other.sock")
        say("swapping")
        libc = ctypes.CDLL(None, use_errno=True)
        if os.fork() == 0:
            while True:
                libc.renameat2(AT_FDCWD, b"engine.sock", AT_FDCWD, b"other.sock", RENAME_EXCHANGE)
        while True:
            client, _ = server.accept()
            client.recv(4096)
            client.sendall(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n")
            client.close()


def fill(_):
    """Writes to the socket's directory until it is refused; tells bytes, then files, then whether a program runs."""
    os.chdir("/run/engine")
    try:
        shutil.copy("/bin/true", "program")
        subprocess.run(["./program"], check=True)
        ran = "ran"
    except OSError as error:
        ran = error.strerror
    os.unlink("program")
    written = 0
    with open("large", "wb", buffering=0) as file:
        try:
            for _ in range(64 * 256):
                written += file.write(bytes(4096))
        except OSError:
            pass
    os.truncate("large", 0)
    count = 0
    try:
        for count in range(4096):
            open(f"small-{count}", "wb").close()
    except OSError:
        pass
    say(f"{written}\n{count}\n{ran}")
