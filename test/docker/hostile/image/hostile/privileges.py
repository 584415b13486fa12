"""Ways to rights that the engine did not give: users, groups, capabilities."""

import ctypes
import os
import struct
import subprocess

from .kernel import call
from .probe import Refused, probe

SOMEBODY = 12345


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
