"""Ways to more privileges than the engine gave. Where a probe could do harm if it were allowed, its arguments are
invalid: the kernel checks the privilege first, so an answer other than "not permitted" already counts as success."""

import ctypes
import errno
import os
import signal
import struct
import subprocess
import time

from .kernel import CLONE_NEWNET, CLONE_NEWNS, CLONE_NEWPID, CLONE_NEWUSER, MS_BIND, MS_REMOUNT, call, mount
from .probe import Refused, probe

ABSENT = ("ENOENT", "ENXIO", "ENODEV", "EACCES", "EPERM")
UNKNOWN = ("EPERM", "EACCES", "ENOSYS")  # a system call the engine's filter, or the kernel, does not know
SOMEBODY = 12345


def permitted(name, *arguments):
    """The call got past the check of privileges, whatever came after."""
    try:
        call(name, *arguments)
        return f"{name} worked"
    except OSError as error:
        if error.errno in (errno.EPERM, errno.EACCES, errno.ENOSYS):
            raise
        return f"{name} was permitted and failed with {errno.errorcode[error.errno]}"


def scratch():
    path = f"/tmp/probe-{os.getpid()}"
    os.mkdir(path)
    return path


@probe("privileges", "become-another-user")
def become_another_user(_):
    os.setuid(SOMEBODY if os.getuid() == 0 else 0)
    return f"uid {os.getuid()}"


@probe("privileges", "become-another-group")
def become_another_group(_):
    os.setgid(SOMEBODY)
    return f"gid {os.getgid()}"


@probe("privileges", "choose-groups")
def choose_groups(_):
    os.setgroups([SOMEBODY])
    return f"groups {os.getgroups()}"


def user_after(program):
    told = subprocess.run([program, "-c", "import os; print(os.geteuid())"], capture_output=True, text=True, check=False)
    if told.stdout.strip() in ("", str(os.geteuid())):
        raise Refused(f"euid stays {os.geteuid()}")
    return f"euid {told.stdout.strip()}"


@probe("privileges", "setuid-program-of-root")
def setuid_program_of_root(_):
    if os.getuid() == 0:
        raise Refused("is root, which has nothing to gain from it")
    return user_after("/opt/hostile/as-root")


@probe("privileges", "setuid-program-of-another")
def setuid_program_of_another(_):
    return user_after("/opt/hostile/as-another")


@probe("privileges", "program-with-capabilities")
def program_with_capabilities(_):
    forge = "import socket; socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0); print('forges')"
    told = subprocess.run(["/opt/hostile/with-net-raw", "-c", forge], capture_output=True, text=True, check=False)
    if told.stdout.strip() != "forges":
        raise Refused("has no capability")
    return "a capability from a file"


@probe("privileges", "capabilities-held")
def capabilities_held(_):
    with open("/proc/self/status") as lines:
        held = {line.split(":")[0]: int(line.split()[1], 16) for line in lines if line.startswith("Cap")}
    if not any(held.values()):
        raise Refused("none in any set")
    return " ".join(f"{name} {bits:x}" for name, bits in held.items())


@probe("privileges", "take-capabilities")
def take_capabilities(_):
    header = ctypes.create_string_buffer(struct.pack("Ii", 0x20080522, 0))
    every = 0xFFFFFFFF
    call("capset", header, ctypes.create_string_buffer(struct.pack("6I", every, every, every, 0x1FF, 0x1FF, 0x1FF)))
    return "all capabilities"


@probe("privileges", "chroot")
def chroot(_):
    os.chroot("/tmp")
    return "a root of its own"


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


@probe("privileges", "make-block-device")
def make_block_device(_):
    os.mknod(f"{scratch()}/disk", 0o600 | 0o060000, os.makedev(254, 0))
    return "a disk's node"


@probe("privileges", "make-memory-device")
def make_memory_device(_):
    os.mknod(f"{scratch()}/mem", 0o600 | 0o020000, os.makedev(1, 1))
    return "a node of /dev/mem"


def open_any(paths):
    refusal = Refused("nothing to open")
    for path in paths:
        try:
            return f"opened {path} as {os.open(path, os.O_RDWR)}"
        except OSError as error:
            refusal = error
    raise refusal


@probe("privileges", "memory-devices", ABSENT)
def memory_devices(_):
    return open_any(["/dev/mem", "/dev/kmem", "/dev/port"])


@probe("privileges", "disks", ABSENT)
def disks(_):
    with open("/proc/partitions") as lines:
        names = [fields[3] for fields in map(str.split, lines) if len(fields) == 4 and fields[3] != "name"]
    return open_any([f"/dev/{name}" for name in [*names, "sda", "vda", "nvme0n1", "mapper/control"]])


@probe("privileges", "other-devices", ABSENT)
def other_devices(_):
    return open_any(["/dev/kvm", "/dev/fuse", "/dev/net/tun", "/dev/vhost-net", "/dev/kmsg", "/dev/uinput", "/dev/loop-control"])


@probe("privileges", "kernel-keyring")
def kernel_keyring(_):
    return f"keyring {call('keyctl', 0, -3, 1)}"


@probe("privileges", "add-key")
def add_key(_):
    return f"key {call('add_key', b'user', b'probe', b'x', 1, -3)}"


@probe("privileges", "request-key")
def request_key(_):
    return permitted("request_key", b"user", b"probe", None, 0)


@probe("privileges", "bpf")
def bpf(_):
    return permitted("bpf", 5, ctypes.create_string_buffer(128), 128)


@probe("privileges", "performance-counters")
def performance_counters(_):
    return permitted("perf_event_open", ctypes.create_string_buffer(128), 0, -1, -1, 0)


@probe("privileges", "userfaultfd")
def userfaultfd(_):
    return permitted("userfaultfd", 0)


@probe("privileges", "trace-host-process", ("ESRCH", "EPERM"))
def trace_host_process(targets):
    call("ptrace", 16, targets["hostPid"], 0, 0)
    return f"attached to {targets['hostPid']}"


@probe("privileges", "read-host-process", ("ESRCH", "EPERM"))
def read_host_process(targets):
    room = ctypes.create_string_buffer(8)
    vector = ctypes.create_string_buffer(struct.pack("QQ", ctypes.addressof(room), 8))
    call("process_vm_readv", targets["hostPid"], vector, 1, vector, 1, 0)
    return f"read {targets['hostPid']}"


@probe("privileges", "signal-host-process", ("ESRCH", "EPERM"))
def signal_host_process(targets):
    os.kill(targets["hostPid"], 0)
    return f"reaches {targets['hostPid']}"


@probe("privileges", "load-kernel")
def load_kernel(_):
    return permitted("kexec_load", 0, 0, None, 0xFFFF)


@probe("privileges", "load-module")
def load_module(_):
    return permitted("init_module", ctypes.create_string_buffer(1), 0, b"")


@probe("privileges", "load-module-from-file")
def load_module_from_file(_):
    return permitted("finit_module", -1, b"", 0)


@probe("privileges", "reboot")
def reboot(_):
    return permitted("reboot", 0, 0, 0, None)


@probe("privileges", "set-clock")
def set_clock(_):
    call("clock_settime", 0, ctypes.create_string_buffer(struct.pack("qq", *divmod(time.time_ns(), 10**9))))
    return "the clock was set"


@probe("privileges", "set-time-of-day")
def set_time_of_day(_):
    now = time.time_ns()
    call("settimeofday", ctypes.create_string_buffer(struct.pack("qq", now // 10**9, now % 10**9 // 1000)), None)
    return "the clock was set"


@probe("privileges", "set-host-name")
def set_host_name(_):
    call("sethostname", b"probe", 5)
    return os.uname().nodename


@probe("privileges", "set-domain-name")
def set_domain_name(_):
    call("setdomainname", b"probe", 5)
    return "domain name probe"


@probe("privileges", "swap-on")
def swap_on(_):
    return permitted("swapon", b"/nonexistent", 0)


@probe("privileges", "accounting")
def accounting(_):
    return permitted("acct", b"/nonexistent")


@probe("privileges", "disk-quota", UNKNOWN + ("ENOTBLK", "ENOENT"))
def disk_quota(_):
    call("quotactl", 0x800007 << 8, b"/dev/vda", 0, ctypes.create_string_buffer(256))
    return "reads quotas"


@probe("privileges", "kernel-log")
def kernel_log(_):
    room = ctypes.create_string_buffer(256)
    return f"{call('syslog', 3, room, 256)} bytes of the kernel's log"
