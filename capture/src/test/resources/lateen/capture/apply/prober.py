# Sends what it is told, a line each, and prints where it landed. A line: PROTO UID GID MARK SOURCE SPORT DEST DPORT, "-" for none.
# The owner of a packet is whoever made the socket: effective ids are changed for that, and back.
import os, random, socket, struct, sys

# Seconds. Silence is believed when it comes twice: a busy machine can take longer than the first for an answer.
LIMITS = (0.4, 1.2)
LIMIT = LIMITS[0]

def family(address):
    return socket.AF_INET6 if ":" in address else socket.AF_INET

def opened(kind, uid, gid, mark, source, sport, dest):
    os.setegid(gid)
    os.seteuid(uid)
    try:
        sock = socket.socket(family(dest), kind)
    finally:
        os.seteuid(0)
        os.setegid(0)
    sock.settimeout(LIMIT)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if mark:
        sock.setsockopt(socket.SOL_SOCKET, 36, mark)
        sock.setsockopt(*((socket.SOL_IP, 19, 1) if family(dest) == socket.AF_INET else (41, 75, 1)))
    if source or sport:
        sock.bind((source or ("::" if ":" in dest else "0.0.0.0"), sport))
    return sock

def tcp(*owner, dest, dport):
    sock = opened(socket.SOCK_STREAM, *owner, dest)
    try:
        sock.connect((dest, dport))
        return sock.makefile().readline().strip() or "closed"
    finally:
        sock.close()

def udp(*owner, dest, dport):
    sock = opened(socket.SOCK_DGRAM, *owner, dest)
    try:
        sock.connect((dest, dport))
        sock.send(b"?")
        return sock.recv(200).decode().strip()
    finally:
        sock.close()

def checksum(data):
    total = sum(struct.unpack("!%dH" % (len(data) // 2), data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF

# A segment with nothing but FIN belongs to no connection; a stack that sees it at a closed port answers RST (RFC 9293, 3.10.7.1).
def fin(*owner, dest, dport):
    v6 = family(dest) == socket.AF_INET6
    finder = socket.socket(family(dest), socket.SOCK_DGRAM)
    finder.connect((dest, dport))
    source = finder.getsockname()[0]
    finder.close()
    sport = random.randrange(20000, 30000)
    raw = socket.socket(family(dest), socket.SOCK_RAW, socket.IPPROTO_TCP)
    raw.settimeout(LIMIT)
    segment = struct.pack("!HHIIBBHHH", sport, dport, 1, 0, 5 << 4, 1, 1024, 0, 0)
    ends = socket.inet_pton(family(dest), source) + socket.inet_pton(family(dest), dest)
    pseudo = ends + (struct.pack("!IHBB", 20, 0, 0, 6) if v6 else struct.pack("!BBH", 0, 6, 20))
    segment = segment[:16] + struct.pack("!H", checksum(pseudo + segment)) + segment[18:]
    try:
        raw.sendto(segment, (dest, 0))
        while True:
            answer = raw.recv(200)
            head = answer if v6 else answer[(answer[0] & 15) * 4:]
            if struct.unpack("!HH", head[:4]) == (dport, sport) and head[13] & 4:
                return "reset"
    finally:
        raw.close()

print("READY", flush=True)
for line in sys.stdin:
    proto, uid, gid, mark, source, sport, dest, dport = line.split()
    owner = (int(uid), int(gid), int(mark), "" if source == "-" else source, int(sport))
    landed = "drop"
    for LIMIT in LIMITS:
        try:
            landed = {"tcp": tcp, "udp": udp, "fin": fin}[proto](*owner, dest=dest, dport=int(dport))
            break
        except TimeoutError:
            pass
        except OSError as error:
            landed = f"error {error}"
            break
    print(landed, flush=True)
