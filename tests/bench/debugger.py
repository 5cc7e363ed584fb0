"""As much of gdb's side of the remote protocol as the benchmarks beside this file need."""
import re
import socket
import time

import measure


class Gdb:
    def __init__(self, path):
        self.socket = socket.socket(socket.AF_UNIX)
        for _ in range(10000):
            if self.socket.connect_ex(path) == 0:
                break
            time.sleep(0.002)
        self.buffer = b""
        self.features = self.ask("qSupported:swbreak+;hwbreak+")

    def send(self, text):
        packet = text.encode()
        self.socket.sendall(b"$%s#%02x" % (packet, sum(packet) & 255))

    def ask(self, text):
        self.send(text)
        return self.answer()

    def answer(self):
        while True:
            whole = re.search(rb"\$([^#]*)#..", self.buffer)
            if whole:
                self.buffer = self.buffer[whole.end():]
                self.socket.sendall(b"+")
                return whole[1].decode(errors="replace")
            piece = self.socket.recv(65536)
            if not piece:
                raise measure.Failed("deja debug hung up")
            self.buffer += piece

    def interrupt(self):
        self.socket.sendall(b"\x03")

    def monitor(self, text):
        """What a monitor command says."""
        said, reply = "", self.ask("qRcmd," + text.encode().hex())
        while reply.startswith("O") and reply != "OK":
            said += bytes.fromhex(reply[1:]).decode(errors="replace")
            reply = self.answer()
        if reply.startswith("E"):
            raise measure.Failed(f"monitor {text}: {reply}")
        return said + ("" if reply == "OK" else bytes.fromhex(reply).decode(errors="replace"))

    def stopped(self, text):
        """Resumes; the stop reply, which is an ordinary one."""
        reply = self.ask(text)
        while reply.startswith("O"):
            reply = self.answer()
        if not reply.startswith("T05"):
            raise measure.Failed(f"{text}: {reply}")
        return reply

    def mark(self):
        return int(re.search(r"[\d,]+", self.monitor("when"))[0].replace(",", ""))

    def seek(self, mark):
        self.monitor(f"seek {mark}")

    def register(self, number):
        return int.from_bytes(bytes.fromhex(self.ask(f"p{number:x}")), "little")
