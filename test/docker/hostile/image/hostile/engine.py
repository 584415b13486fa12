"""Ways to the container engine, which is root on the host, and to the other daemons of the host."""

import os
import socket

from .network import NO_WAY, connect
from .probe import ABSENT, Refused, probe


def dial(path):
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as dialing:
        dialing.connect(path)
        return f"connected to {path}"


def dial_any(paths):
    refusal = Refused("no paths")
    for path in paths:
        try:
            return dial(path)
        except OSError as error:
            refusal = error
            if error.errno not in (2, 13, 20):  # anything but absence tells more than it should
                break
    raise refusal


@probe("engine", "docker-socket", ABSENT)
def docker_socket(_):
    return dial_any(["/var/run/docker.sock", "/run/docker.sock", "/docker.sock", "/run/user/2000/docker.sock"])


@probe("engine", "docker-socket-as-configured", ABSENT)
def docker_socket_as_configured(targets):
    return dial(targets["enginePath"])


@probe("engine", "docker-socket-through-proc", ABSENT)
def docker_socket_through_proc(targets):
    return dial_any([f"/proc/{process}/root{targets['enginePath']}" for process in ("1", "self", targets["hostPid"])])


@probe("engine", "containerd-socket", ABSENT)
def containerd_socket(_):
    return dial_any(["/run/containerd/containerd.sock", "/var/run/docker/containerd/containerd.sock"])


@probe("engine", "podman-socket", ABSENT)
def podman_socket(_):
    return dial_any(["/run/podman/podman.sock", "/run/crio/crio.sock", "/run/user/0/podman/podman.sock"])


@probe("engine", "system-bus", ABSENT)
def system_bus(_):
    return dial_any(["/run/dbus/system_bus_socket", "/run/systemd/private", "/run/systemd/journal/socket"])


@probe("engine", "docker-tcp", NO_WAY)
def docker_tcp(targets):
    return connect(targets["gateway"], 2375)


@probe("engine", "sockets-of-the-host")
def sockets_of_the_host(_):
    with open("/proc/net/unix") as lines:
        paths = [line.split()[7] for line in lines if len(line.split()) > 7 and not line.startswith("Num")]
    if not paths:
        raise Refused("no named socket is visible")
    return " ".join(paths)


@probe("engine", "inherited-descriptors")
def inherited_descriptors(_):
    foreign = []
    for number in os.listdir("/proc/self/fd"):
        try:
            target = os.readlink(f"/proc/self/fd/{number}")
        except FileNotFoundError:  # the listing's own
            continue
        if not target.startswith(("pipe:", "/dev/null")):
            foreign.append(target)
    if not foreign:
        raise Refused("only pipes and /dev/null")
    return " ".join(foreign)
