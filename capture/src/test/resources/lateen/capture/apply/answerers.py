# Answers, as a user, at tcp ports, both families, and at udp ADDRESS|PORT: which port took the call, and where it was meant to go.
import os, socket, struct, sys, threading

def original(conn, family):
    try:
        if family == socket.AF_INET:
            raw = conn.getsockopt(socket.SOL_IP, 80, 16)
            return socket.inet_ntop(family, raw[4:8]), struct.unpack("!H", raw[2:4])[0]
        raw = conn.getsockopt(41, 80, 28)
        return socket.inet_ntop(family, raw[8:24]), struct.unpack("!H", raw[2:4])[0]
    except OSError:
        return conn.getsockname()[:2]

def streams(sock, family, port):
    while True:
        conn, peer = sock.accept()
        try:
            # A transparent listener's connections keep the port that the caller asked for.
            how = "" if conn.getsockname()[1] == port else "t"
            address, asked = original(conn, family)
            conn.sendall(f"{port}{how} {address}|{asked} {peer[0]}\n".encode())
        except OSError:
            pass
        conn.close()

def queries(sock, port):
    while True:
        _, peer = sock.recvfrom(200)
        sock.sendto(str(port).encode(), peer)

def bound(family, kind, address, port):
    os.setegid(int(sys.argv[1]))
    os.seteuid(int(sys.argv[1]))
    sock = socket.socket(family, kind)
    os.seteuid(0)
    os.setegid(0)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if family == socket.AF_INET6:
        sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
    if port in (15006, 16006):
        sock.setsockopt(*((socket.SOL_IP, 19, 1) if family == socket.AF_INET else (41, 75, 1)))
    sock.bind((address, port))
    return sock

for spec in sys.argv[2:]:
    if "|" in spec:
        address, port = spec.split("|")
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        sock = bound(family, socket.SOCK_DGRAM, address, int(port))
        threading.Thread(target=queries, args=(sock, int(port)), daemon=True).start()
        continue
    for family, address in ((socket.AF_INET, "0.0.0.0"), (socket.AF_INET6, "::")):
        sock = bound(family, socket.SOCK_STREAM, address, int(spec))
        sock.listen(64)
        threading.Thread(target=streams, args=(sock, family, int(spec)), daemon=True).start()
print("READY", flush=True)
sys.stdin.read()
