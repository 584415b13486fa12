"""Ways to what is secret: the node's key, what the Agent has in its environment, the machine's own credentials. The
probes know a digest of what they look for, not the thing itself: they cannot find their own arguments."""

import hashlib
import os

from .network import NO_WAY, route
from .probe import ABSENT, Refused, probe


def is_key(content, targets):
    return hashlib.sha256(content).hexdigest() == targets["keySha256"]


@probe("keys", "key-by-path", ABSENT)
def key_by_path(targets):
    with open(targets["keyPath"], "rb") as file:
        return f"read {len(file.read())} bytes"


@probe("keys", "key-by-search")
def key_by_search(targets):
    looked = 0
    for directory, names, files in os.walk("/"):
        if directory == "/":
            names[:] = [name for name in names if name not in ("proc", "sys")]
        for name in files:
            path = os.path.join(directory, name)
            try:
                if not os.path.isfile(path) or os.path.getsize(path) != targets["keyBytes"]:
                    continue
                with open(path, "rb") as file:
                    looked += 1
                    if is_key(file.read(), targets):
                        return f"found at {path}"
            except OSError:
                continue
    raise Refused(f"none of {looked} files of its size")


@probe("keys", "data-directory", ABSENT)
def data_directory(targets):
    return " ".join(os.listdir(targets["dataDirectory"]))


def holds_secret(environ, targets):
    values = (entry.partition(b"=")[2] for entry in environ.split(b"\0"))
    return any(hashlib.sha256(value).hexdigest() == targets["environmentSha256"] for value in values)


@probe("keys", "own-environment")
def own_environment(targets):
    with open("/proc/self/environ", "rb") as file:
        if holds_secret(file.read(), targets):
            return "the Agent's variable"
    raise Refused("holds no variable of the Agent")


@probe("keys", "other-environments")
def other_environments(targets):
    looked = 0
    for process in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{process}/environ", "rb") as file:
                looked += 1
                if holds_secret(file.read(), targets):
                    return f"process {process} has the Agent's variable"
        except OSError:
            continue
    raise Refused(f"none of {looked} processes holds a variable of the Agent")


@probe("keys", "host-processes", ("ENOENT",))
def host_processes(targets):
    with open(f"/proc/{targets['hostPid']}/cmdline", "rb") as file:
        return file.read().decode()


@probe("keys", "host-shared-memory", ABSENT)
def host_shared_memory(targets):
    with open(f"/dev/shm/{targets['sharedMemoryName']}") as file:
        return file.read()


@probe("keys", "cloud-metadata", NO_WAY)
def cloud_metadata(_):
    return route("169.254.169.254")


@probe("keys", "mounted-credentials")
def mounted_credentials(_):
    places = ("/run/secrets", "/var/run/secrets", "/root/.docker", "/root/.aws", "/root/.ssh", "/root/.config")
    found = [place for place in places if os.path.isdir(place) and os.listdir(place)]
    if not found:
        raise Refused("there are none")
    return " ".join(found)


@probe("keys", "kernel-memory", ABSENT + ("EPERM",))
def kernel_memory(_):
    with open("/proc/kcore", "rb") as file:
        if file.read(64) == b"":
            raise Refused("masked: /proc/kcore is empty")
    return "read /proc/kcore"


@probe("keys", "kernel-keys", ABSENT)
def kernel_keys(_):
    with open("/proc/keys", "rb") as file:
        if file.read(64) == b"":
            raise Refused("masked: /proc/keys is empty")
    return "read /proc/keys"


@probe("keys", "firmware", ABSENT)
def firmware(_):
    found = os.listdir("/sys/firmware")
    if not found:
        raise Refused("masked: /sys/firmware is empty")
    return " ".join(found)
