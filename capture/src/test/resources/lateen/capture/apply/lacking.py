# Runs a command on a kernel or a system that lacks something. Arguments: what, command.
# Kernel: system calls end as they do where the part is not built in (seccomp, which children inherit).
# Kernel: "stack" lowers how long arguments may be.
# System: "without:PATTERN" hides programs of /usr/sbin, in a mount namespace of its own.
import ctypes, os, platform, re, resource, struct, subprocess, sys

SOCKET, GETSOCKOPT = {"x86_64": (41, 55), "aarch64": (198, 209)}[platform.machine()]
AF_INET6, AF_NETLINK, NETLINK_NETFILTER = 10, 16, 12
ENOENT, EPROTONOSUPPORT, EAFNOSUPPORT = 2, 93, 97

# System call, {argument: value}, error number.
LACKS = {
    "ipv6": [(SOCKET, {0: AF_INET6}, EAFNOSUPPORT)],
    "nf_tables": [(SOCKET, {0: AF_NETLINK, 2: NETLINK_NETFILTER}, EPROTONOSUPPORT)],
    # IPT_SO_GET_INFO and IP6T_SO_GET_INFO: what a table holds.
    "tables": [(GETSOCKOPT, {1: 0, 2: 64}, ENOENT), (GETSOCKOPT, {1: 41, 2: 64}, ENOENT)],
    "ip6_tables": [(GETSOCKOPT, {1: 41, 2: 64}, ENOENT)],
    # IPT_SO_GET_REVISION_TARGET and IP6T_SO_GET_REVISION_TARGET: whether an extension is there.
    "targets": [(GETSOCKOPT, {1: 0, 2: 67}, ENOENT), (GETSOCKOPT, {1: 41, 2: 69}, ENOENT)],
}

def instruction(code, jt, jf, k):
    return struct.pack("HBBI", code, jt, jf, k)

def forbid(rules):
    program = b""
    for call, wanted, error in rules:
        program += instruction(0x20, 0, 0, 0)  # the system call's number
        checks = [(None, call)] + sorted(wanted.items())
        body = b""
        for place, (argument, value) in enumerate(checks):
            left = 2 * (len(checks) - place - 1) + 1
            if argument is not None:
                body += instruction(0x20, 0, 0, 16 + 8 * argument)
            body += instruction(0x15, 0, left, value)
        program += body + instruction(0x06, 0, 0, 0x00050000 | error)
    program += instruction(0x06, 0, 0, 0x7FFF0000)
    libc = ctypes.CDLL(None, use_errno=True)
    code = ctypes.create_string_buffer(program, len(program))
    filter_ = struct.pack("HxxxxxxQ", len(program) // 8, ctypes.addressof(code))
    assert libc.prctl(38, 1, 0, 0, 0) == 0
    assert libc.prctl(22, 2, ctypes.create_string_buffer(filter_, 16), 0, 0) == 0, ctypes.get_errno()

def hide(pattern):
    libc = ctypes.CDLL(None, use_errno=True)
    assert libc.unshare(0x00020000) == 0, ctypes.get_errno()
    subprocess.check_call(["mount", "--make-rprivate", "/"])
    # Seen in this namespace alone, so nothing is left.
    top = "/mnt"
    subprocess.check_call(["mount", "-t", "tmpfs", "none", top])
    os.mkdir(top + "/all")
    os.mkdir(top + "/some")
    subprocess.check_call(["mount", "--bind", "/usr/sbin", top + "/all"])
    for name in os.listdir(top + "/all"):
        if not re.fullmatch(pattern, name):
            os.symlink(top + "/all/" + name, top + "/some/" + name)
    subprocess.check_call(["mount", "--bind", top + "/some", "/usr/sbin"])

what = sys.argv[1]
if what == "stack":
    # Of 128 KiB a process may be given all; below that the limit does not go.
    resource.setrlimit(resource.RLIMIT_STACK, (512 << 10, 512 << 10))
elif what.startswith("without:"):
    hide(what[len("without:"):])
else:
    forbid(LACKS[what])
os.execvp(sys.argv[2], sys.argv[2:])
