# Becomes the given user and group, calls each ADDRESS|PORT|SOURCE, and prints what the other side said, a line each.
import os, socket, sys

os.setgroups([])
os.setresgid(*[int(sys.argv[2])] * 3)
os.setresuid(*[int(sys.argv[1])] * 3)
for target in sys.argv[3:]:
    address, port, source = target.split("|")
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    sock = socket.socket(family, socket.SOCK_STREAM)
    sock.settimeout(3)
    try:
        if source:
            sock.bind((source, 0))
        sock.connect((address, int(port)))
        print(sock.makefile().readline().strip() or "closed")
    except OSError as error:
        print("error", error)
    sock.close()
