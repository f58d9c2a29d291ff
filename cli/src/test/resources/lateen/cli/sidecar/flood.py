"""Clients that do harm. flood.py idle|heads PORT COUNT: says a line when all is sent, ends with its input."""
import resource
import socket
import sys
import time

kind, port, count = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
idle = b"GET /ok HTTP/1.1\r\nhost: a\r\n\r\n"
# 58 of the 60 KiB that a head may have, and no end.
heads = b"GET /ok HTTP/1.1\r\nhost: a\r\n" + b"".join(b"x-%d: %s\r\n" % (i, b"v" * 1150) for i in range(51))
open_ = []
for i in range(count):
    s = socket.create_connection(("127.0.0.1", port))
    s.setblocking(False)
    open_.append([s, idle if kind == "idle" else heads])
until = time.time() + 20
while any(left for _, left in open_) and time.time() < until:
    for each in open_:
        if each[1]:
            try:
                each[1] = each[1][each[0].send(each[1]):]
            except BlockingIOError:
                pass
            except OSError:
                each[1] = b""
print("sent", flush=True)
sys.stdin.readline()
seen = {}
for s, _ in open_:
    try:
        answer = s.recv(12).decode() or "closed"
    except BlockingIOError:
        answer = "waiting"
    except OSError:
        answer = "closed"
    seen[answer] = seen.get(answer, 0) + 1
print(seen, flush=True)
