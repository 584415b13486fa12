"""Ways to another view of the machine: mounts and namespaces."""

import ctypes
import os
import signal
import struct

from .kernel import CLONE_NEWNET, CLONE_NEWNS, CLONE_NEWPID, CLONE_NEWUSER, MS_BIND, MS_REMOUNT, call, mount, permitted
from .probe import UNKNOWN, probe, scratch


@probe("privileges", "mount-tmpfs")
def mount_tmpfs(_):
    return mount("none", scratch(), "tmpfs")


@probe("privileges", "mount-proc")
def mount_proc(_):
    return mount("proc", scratch(), "proc")


@probe("privileges", "mount-cgroup")
def mount_cgroup(_):
    return mount("none", scratch(), "cgroup", 0, "memory")


@probe("privileges", "mount-bind")
def mount_bind(_):
    return mount("/", scratch(), "", MS_BIND)


@probe("privileges", "mount-host-disk")
def mount_host_disk(_):
    with open("/proc/partitions") as lines:
        names = [line.split()[3] for line in lines if line[:1] == " "] or ["sda"]
    return mount(f"/dev/{names[0]}", scratch(), "ext4")


@probe("privileges", "remount-root-writable")
def remount_root_writable(_):
    return mount("none", "/", "", MS_REMOUNT | MS_BIND)


@probe("privileges", "remount-model-writable")
def remount_model_writable(_):
    return mount("none", "/models/0", "", MS_REMOUNT | MS_BIND)


@probe("privileges", "remount-proc-sys-writable")
def remount_proc_sys_writable(_):
    return mount("none", "/proc/sys", "", MS_REMOUNT | MS_BIND)


@probe("privileges", "unmount-mask")
def unmount_mask(_):
    call("umount2", b"/proc/kcore", 2)
    return "/proc/kcore is open"


@probe("privileges", "pivot-root")
def pivot_root(_):
    return permitted("pivot_root", b"/tmp", b"/tmp")


@probe("privileges", "new-mount-api", UNKNOWN)
def new_mount_api(_):
    return permitted("fsopen", b"tmpfs", 0)


@probe("privileges", "clone-mount-tree", UNKNOWN)
def clone_mount_tree(_):
    return permitted("open_tree", -100, b"/", 1)


@probe("privileges", "mount-attributes", UNKNOWN)
def mount_attributes(_):
    return permitted("mount_setattr", -100, b"/", 0, ctypes.create_string_buffer(32), 32)


@probe("privileges", "new-user-namespace")
def new_user_namespace(_):
    call("unshare", CLONE_NEWUSER)
    return "all capabilities in a user namespace"


@probe("privileges", "new-mount-namespace")
def new_mount_namespace(_):
    call("unshare", CLONE_NEWNS)
    return "a mount namespace"


@probe("privileges", "new-network-namespace")
def new_network_namespace(_):
    call("unshare", CLONE_NEWNET)
    return "a network namespace"


@probe("privileges", "new-process-namespace")
def new_process_namespace(_):
    call("unshare", CLONE_NEWPID)
    return "a process namespace"


@probe("privileges", "clone3-user-namespace", UNKNOWN)
def clone3_user_namespace(_):
    child = call("clone3", ctypes.create_string_buffer(struct.pack("8Q", CLONE_NEWUSER, 0, 0, 0, signal.SIGCHLD, 0, 0, 0)), 64)
    if child == 0:
        os._exit(0)
    return "a process in a user namespace"


def enter(kind):
    descriptor = os.open(f"/proc/1/ns/{kind}", os.O_RDONLY)
    call("setns", descriptor, 0)
    return f"entered the {kind} namespace of process 1"


@probe("privileges", "enter-network-namespace")
def enter_network_namespace(_):
    return enter("net")


@probe("privileges", "enter-mount-namespace")
def enter_mount_namespace(_):
    return enter("mnt")


@probe("privileges", "enter-namespace-of-the-host", ("ENOENT",))
def enter_namespace_of_the_host(targets):
    return str(os.open(f"/proc/{targets['hostPid']}/ns/net", os.O_RDONLY))
