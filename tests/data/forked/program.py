"""The program `byoaws`, forked in `server.py`, where everything has been imported: hands over all that it was given."""

import json
import os
import socket
import sys

SOCKET = "PUT IN"

with socket.socket(socket.AF_UNIX) as door:
    door.connect(SOCKET)
    wish = {"main": "byoaws", "arguments": sys.argv[1:], "cwd": os.getcwd(), "env": dict(os.environ)}
    socket.send_fds(door, [b" "], [1, 2])
    door.sendall(json.dumps({**wish, "warnings": "error", "limits": {}, "tell": False}).encode())
    door.shutdown(socket.SHUT_WR)
    sys.exit(json.loads(door.recv(1_000))[0])
