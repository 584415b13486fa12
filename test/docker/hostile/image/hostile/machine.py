"""Ways to the machine itself: devices, the kernel's keys, modules and clock, processes of the host."""

import ctypes
import os
import struct
import time

from .kernel import call, permitted
from .probe import UNKNOWN, Refused, probe, scratch

NO_DEVICE = ("ENOENT", "ENXIO", "ENODEV", "EACCES", "EPERM")


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


@probe("privileges", "memory-devices", NO_DEVICE)
def memory_devices(_):
    return open_any(["/dev/mem", "/dev/kmem", "/dev/port"])


@probe("privileges", "disks", NO_DEVICE)
def disks(_):
    with open("/proc/partitions") as lines:
        names = [fields[3] for fields in map(str.split, lines) if len(fields) == 4 and fields[3] != "name"]
    return open_any([f"/dev/{name}" for name in [*names, "sda", "vda", "nvme0n1", "mapper/control"]])


@probe("privileges", "other-devices", NO_DEVICE)
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
