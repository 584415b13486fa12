"""Ways out through the network. Addresses beyond this machine are never sent to: connecting a UDP socket asks the
kernel for a route and sends nothing, so the attempt is harmless even where it succeeds."""

import fcntl
import os
import socket
import struct

from .probe import Refused, probe

NO_WAY = ("ENETUNREACH", "EHOSTUNREACH")
NO_WAY_6 = NO_WAY + ("EADDRNOTAVAIL", "EAFNOSUPPORT")
SECONDS = 1


def route(address, family=socket.AF_INET):
    with socket.socket(family, socket.SOCK_DGRAM) as asking:
        asking.connect((address, 80))
        return f"route to {address} from {asking.getsockname()[0]}"


def connect(address, port, family=socket.AF_INET):
    with socket.socket(family, socket.SOCK_STREAM) as dialing:
        dialing.settimeout(SECONDS)
        dialing.connect((address, port))
        return f"{address}:{port} said {dialing.recv(64)!r}"


def send(address, port, payload, *options):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sending:
        sending.settimeout(SECONDS)
        for option in options:
            sending.setsockopt(*option, 1)
        sending.sendto(payload, (address, port))
        return sending, f"sent to {address}:{port}"


@probe("network", "internet-route", NO_WAY)
def internet_route(_):
    return route("198.51.100.1")  # RFC 5737


@probe("network", "internet-route-ipv6", NO_WAY_6)
def internet_route_ipv6(_):
    return route("2001:db8::1", socket.AF_INET6)  # RFC 3849


@probe("network", "local-network-route", NO_WAY)
def local_network_route(_):
    return route("192.168.0.1")


@probe("network", "resolver-route", NO_WAY)
def resolver_route(_):
    with open("/etc/resolv.conf") as lines:
        servers = [line.split()[1] for line in lines if line.startswith("nameserver")]
    return " ".join(route(server, socket.AF_INET6 if ":" in server else socket.AF_INET) for server in servers or ["198.51.100.53"])


@probe("network", "name-lookup", NO_WAY)
def name_lookup(targets):
    question = struct.pack(">HHHHHH", 0x7E57, 0x0100, 1, 0, 0, 0) + b"\x05probe\x07invalid\0" + struct.pack(">HH", 1, 1)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asking:
        asking.settimeout(SECONDS)
        asking.sendto(question, (targets["gateway"], targets["resolverPort"]))
        return f"answer of {len(asking.recv(512))} bytes"


@probe("network", "host-gateway", NO_WAY)
def host_gateway(targets):
    return connect(targets["gateway"], targets["hostPort"])


@probe("network", "host-addresses", NO_WAY)
def host_addresses(targets):
    return " ".join(connect(address, targets["hostPort"]) for address in targets["hostAddresses"])


@probe("network", "host-loopback", ("ECONNREFUSED",))
def host_loopback(targets):
    return connect("127.0.0.1", targets["hostPort"])


@probe("network", "host-loopback-ipv6", NO_WAY_6 + ("ECONNREFUSED",))
def host_loopback_ipv6(targets):
    return connect("::1", targets["hostPort"], socket.AF_INET6)


@probe("network", "neighbour-container", NO_WAY)
def neighbour_container(targets):
    return connect(targets["neighbourAddress"], targets["neighbourPort"])


@probe("network", "ping-gateway", NO_WAY + ("EPERM", "EACCES"))
def ping_gateway(targets):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM, socket.IPPROTO_ICMP) as pinging:
        pinging.settimeout(SECONDS)
        pinging.sendto(struct.pack(">BBHHH", 8, 0, 0, 0, 1) + b"probe", (targets["gateway"], 0))
        return f"answer of {len(pinging.recv(512))} bytes"


@probe("network", "broadcast", NO_WAY)
def broadcast(_):
    return send("255.255.255.255", 9, b"probe", (socket.SOL_SOCKET, socket.SO_BROADCAST))[1]


@probe("network", "multicast", NO_WAY)
def multicast(_):
    return send("224.0.0.251", 9, b"probe")[1]


@probe("network", "packet-socket")
def packet_socket(_):
    with socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0):
        return "may listen to all frames"


@probe("network", "raw-socket")
def raw_socket(_):
    with socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP):
        return "may forge packets"


IFF_UP = 1
SIOCGIFFLAGS = 0x8913


@probe("network", "interfaces")
def interfaces(_):
    up = []
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asking:
        for _, name in socket.if_nameindex():
            answer = fcntl.ioctl(asking, SIOCGIFFLAGS, struct.pack("16sH14x", name.encode(), 0))
            if struct.unpack_from("H", answer, 16)[0] & IFF_UP and name != "lo":
                up.append(name)
    if not up:
        raise Refused("only lo is up")
    return " ".join(up)


RTM_NEWLINK, RTM_NEWADDR, RTM_NEWROUTE = 16, 20, 24
NLM_F_REQUEST, NLM_F_ACK, NLM_F_CREATE = 1, 4, 0x400


def netlink(kind, body):
    header = struct.pack("IHHII", 16 + len(body), kind, NLM_F_REQUEST | NLM_F_ACK | NLM_F_CREATE, 1, 0)
    with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, socket.NETLINK_ROUTE) as talking:
        talking.settimeout(SECONDS)
        talking.send(header + body)
        code = -struct.unpack_from("i", talking.recv(4096), 16)[0]
    if code:
        raise OSError(code, os.strerror(code))


def attribute(kind, value):
    padding = -len(value) % 4
    return struct.pack("HH", 4 + len(value), kind) + value + bytes(padding)


@probe("network", "add-address")
def add_address(_):
    address = socket.inet_aton("198.51.100.7")
    netlink(RTM_NEWADDR, struct.pack("BBBBI", socket.AF_INET, 32, 0, 0, 1) + attribute(1, address) + attribute(2, address))
    return "198.51.100.7 on lo"


@probe("network", "add-route")
def add_route(_):
    body = struct.pack("BBBBBBBBI", socket.AF_INET, 32, 0, 0, 254, 4, 0, 1, 0)
    netlink(RTM_NEWROUTE, body + attribute(1, socket.inet_aton("198.51.100.8")) + attribute(4, struct.pack("I", 1)))
    return "route to 198.51.100.8 through lo"


@probe("network", "add-interface")
def add_interface(_):
    kind = attribute(18, attribute(1, b"dummy"))  # IFLA_LINKINFO, IFLA_INFO_KIND
    netlink(RTM_NEWLINK, struct.pack("BBHiII", 0, 0, 0, 0, 0, 0) + attribute(3, b"probe0\0") + kind)
    return "interface probe0"


@probe("network", "host-abstract-socket", ("ECONNREFUSED",))
def host_abstract_socket(targets):
    name = b"\0" + targets["abstractSocket"].encode()
    # Node pads the name with zeros to its full length.
    padded = name.ljust(108, b"\0")
    for candidate in (padded, padded[:107], name):
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as dialing:
            try:
                dialing.connect(candidate)
                return f"said {dialing.recv(64)!r}"
            except ConnectionRefusedError:
                if candidate == name:
                    raise
