# Takes tcp connections and udp datagrams at all addresses, both families, and prints for each that brings a token:
# TOKEN NAMESPACE ADDRESS|PORT SOCKETPORT. A connection is then closed. Arguments: namespace, transparent ports, ports.
import select, socket, sys

name = sys.argv[1]
transparent = set(map(int, filter(None, sys.argv[2].split(","))))
poll = select.epoll()
sockets, waiting = {}, {}

def make(family, kind, port):
    sock = socket.socket(family, kind)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if family == socket.AF_INET6:
        sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
    if kind == socket.SOCK_DGRAM:
        # The address of each datagram is told beside it.
        sock.setsockopt(*((socket.IPPROTO_IPV6, 49, 1) if family == socket.AF_INET6 else (socket.IPPROTO_IP, 8, 1)))
    elif port in transparent:
        sock.setsockopt(*((41, 75, 1) if family == socket.AF_INET6 else (socket.SOL_IP, 19, 1)))
    sock.bind(("::" if family == socket.AF_INET6 else "0.0.0.0", port))
    if kind == socket.SOCK_STREAM:
        sock.listen(128)
    sock.setblocking(False)
    poll.register(sock, select.EPOLLIN)
    sockets[sock.fileno()] = (sock, family, kind, port)

def tell(token, address, port, at):
    print(token, name, f"{address}|{port}", at, flush=True)

for port in map(int, sys.argv[3:]):
    for family in (socket.AF_INET, socket.AF_INET6):
        for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM):
            make(family, kind, port)
poll.register(0, select.EPOLLIN)
print("READY", flush=True)
while True:
    for number, _ in poll.poll():
        if number == 0:
            if not sys.stdin.read(1):
                sys.exit()
        elif number in sockets:
            sock, family, kind, port = sockets[number]
            try:
                if kind == socket.SOCK_STREAM:
                    conn, _ = sock.accept()
                    conn.setblocking(False)
                    poll.register(conn, select.EPOLLIN)
                    waiting[conn.fileno()] = (conn, port)
                else:
                    data, extra, _, _ = sock.recvmsg(100, 200)
                    for _, _, body in extra:
                        raw = body[8:12] if family == socket.AF_INET else body[:16]
                        tell(data.decode(), socket.inet_ntop(family, raw), port, port)
            except OSError:
                pass
        elif number in waiting:
            conn, port = waiting.pop(number)
            poll.unregister(conn)
            try:
                token = conn.recv(100).decode().strip()
                if token:
                    tell(token, *conn.getsockname()[:2], port)
                    conn.sendall(b".")
            except OSError:
                pass
            conn.close()
