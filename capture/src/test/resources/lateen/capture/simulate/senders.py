# Reads packets, a line each, up to a line "GO SECONDS", sends them all at once and prints for each how that ended, then "DONE".
# A line: TOKEN PROTO UID GID MARK SOURCE SPORT DEST DPORT. An answer: TOKEN sent, refused, silent or error.
import os, select, socket, struct, sys, time

def opened(proto, uid, gid, mark, source, sport, dest, dport):
    family = socket.AF_INET6 if ":" in dest else socket.AF_INET
    os.setegid(gid)
    os.seteuid(uid)
    try:
        sock = socket.socket(family, socket.SOCK_STREAM if proto == "tcp" else socket.SOCK_DGRAM)
    finally:
        os.seteuid(0)
        os.setegid(0)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    sock.setblocking(False)
    if mark:
        sock.setsockopt(socket.SOL_SOCKET, 36, mark)
    sock.bind((source, sport))
    return sock

def start(token, sock, proto, dest, dport):
    try:
        sock.connect((dest, dport))
    except BlockingIOError:
        pass
    if proto == "udp":
        try:
            sock.send(token.encode())
        except OSError as error:
            # Dropped on its way out, by a rule (1, 13) or for want of a route (22); whether it was refused is told after this.
            if error.errno not in (1, 13, 22):
                raise

def step(token, sock, proto):
    error = sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
    if error:
        return "refused" if error in (111, 13, 113, 101, 92, 104) else "error %d" % error
    if proto == "tcp":
        sock.send(token.encode() + b"\n")
        # Gone without a trace when closed: no port stays taken.
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        return "sent"
    return None

def send(lines, limit):
    poll = select.epoll()
    open_, done = {}, {}
    for line in lines:
        token, proto, uid, gid, mark, source, sport, dest, dport = line.split()
        try:
            sock = opened(proto, int(uid), int(gid), int(mark), source, int(sport), dest, int(dport))
            open_[sock.fileno()] = (token, sock, proto)
            start(token, sock, proto, dest, int(dport))
            poll.register(sock, select.EPOLLOUT if proto == "tcp" else select.EPOLLERR)
        except ConnectionRefusedError:
            done[token] = "refused"
        except OSError as error:
            done[token] = "refused" if error.errno in (13, 101, 113) else "error %s" % error
    end = time.monotonic() + limit
    # Of udp nothing is heard unless it is refused.
    quiet = time.monotonic() + min(0.15, limit)
    while time.monotonic() < end:
        tcp = any(p == "tcp" and t not in done for t, _, p in open_.values())
        if not tcp and time.monotonic() > quiet:
            break
        for number, _ in poll.poll(0.02):
            token, sock, proto = open_[number]
            result = step(token, sock, proto)
            poll.unregister(sock)
            if result:
                done[token] = result
    for token, sock, proto in open_.values():
        print(token, done.get(token, "silent"), flush=False)
    for token in done:
        if token not in {t for t, _, _ in open_.values()}:
            print(token, done[token])
    print("DONE", flush=True)
    # What was sent is read by the other side before the connection is reset.
    time.sleep(0.05)
    for _, sock, _ in open_.values():
        sock.close()

print("READY", flush=True)
batch = []
for line in sys.stdin:
    if line.startswith("GO "):
        send(batch, float(line[3:]))
        batch = []
    else:
        batch.append(line)
