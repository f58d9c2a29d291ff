# Listens on the given ports, both families, and tells each caller which port took the call and where it was meant to go.
import socket, struct, sys, threading

def original(conn, family):
    try:
        if family == socket.AF_INET:
            raw = conn.getsockopt(socket.SOL_IP, 80, 16)
            return socket.inet_ntop(family, raw[4:8]) + "|" + str(struct.unpack("!H", raw[2:4])[0])
        raw = conn.getsockopt(41, 80, 28)
        return socket.inet_ntop(family, raw[8:24]) + "|" + str(struct.unpack("!H", raw[2:4])[0])
    except OSError:
        name = conn.getsockname()
        return name[0] + "|" + str(name[1])

def serve(sock, family, port):
    while True:
        conn, peer = sock.accept()
        try:
            conn.sendall(f"{port} {original(conn, family)} {peer[0]}\n".encode())
        except OSError:
            pass
        conn.close()

transparent = sys.argv[1] == "transparent"
for port in map(int, sys.argv[2:]):
    for family in (socket.AF_INET, socket.AF_INET6):
        sock = socket.socket(family, socket.SOCK_STREAM)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        if transparent and port == 15006:
            sock.setsockopt(*((socket.SOL_IP, 19, 1) if family == socket.AF_INET else (41, 75, 1)))
        sock.bind(("0.0.0.0" if family == socket.AF_INET else "::", port))
        sock.listen(64)
        threading.Thread(target=serve, args=(sock, family, port), daemon=True).start()
print("READY", flush=True)
sys.stdin.read()
