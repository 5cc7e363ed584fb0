#!/usr/bin/env python3
"""Speaks to `deja debug` in packets, as no well-behaved debugger would.

    packets.py DEJA PROGRAM
"""
import os
import random
import socket
import stat
import subprocess
import sys
import tempfile
import time

sys.dont_write_bytecode = True

from session import Stub, fail  # noqa: E402


class Wire:
    def __init__(self, address):
        family = socket.AF_UNIX if isinstance(address, str) else socket.AF_INET
        self.socket = socket.socket(family, socket.SOCK_STREAM)
        self.socket.settimeout(60)
        self.socket.connect(address)
        self.bytes = b""
        self.ask(b"QStartNoAckMode")

    def send(self, payload):
        self.socket.sendall(b"$%s#%02x" % (payload, sum(payload) & 255))

    def receive(self):
        """The payload of the next packet, O packets passed over."""
        while True:
            begin, end = self.bytes.find(b"$"), self.bytes.find(b"#")
            if 0 <= begin < end and len(self.bytes) >= end + 3:
                payload, checksum = self.bytes[begin + 1:end], int(self.bytes[end + 1:end + 3], 16)
                self.bytes = self.bytes[end + 3:]
                if sum(payload) & 255 != checksum:
                    fail(f"a wrong checksum behind {payload}")
                if payload[:1] == b"O" and payload != b"OK":
                    continue
                return payload.decode("latin1")
            more = self.socket.recv(65536)
            if not more:
                fail("the stub hung up")
            self.bytes += more

    def ask(self, payload):
        self.send(payload)
        return self.receive()

    def monitor(self, line):
        return self.ask(b"qRcmd," + line.encode().hex().encode())

    def pc(self):
        return self.ask(b"p20")


def expect(what, got, wanted):
    if got != wanted:
        fail(f"{what}: {got!r} instead of {wanted!r}")


def burst(wire, rounds=1000):
    """A reverse line step is a burst of bs and g: a thousand of each in under a second."""
    wire.monitor("seek end")
    began = time.monotonic()
    for _ in range(rounds):
        wire.send(b"bs")
        wire.send(b"g")
    for _ in range(rounds):
        expect("bs in a burst", wire.receive(), "T05thread:01;")
        expect("length of g", len(wire.receive()), 33 * 16)
    return time.monotonic() - began


def one_by_one(wire, rounds=1000):
    wire.monitor("seek end")
    began = time.monotonic()
    for _ in range(rounds):
        expect("bs", wire.ask(b"bs"), "T05thread:01;")
        wire.ask(b"g")
    return time.monotonic() - began


def same_from_both_sides(wire):
    """A place has one stop reply and one set of registers, from wherever one comes."""
    for seek in ("1000", "end-1000", "end-123456"):
        wire.monitor("seek " + seek)
        forth = [(wire.ask(b"s"), wire.ask(b"g")) for _ in range(50)]
        back = [(wire.ask(b"bs"), wire.ask(b"g")) for _ in range(50)]
        for i in range(1, 50):
            expect("a step back to where a step had been", back[i - 1], forth[49 - i])
        pc = wire.pc()
        address = bytes.fromhex(pc)[::-1].hex().encode()
        wire.ask(b"Z0," + address + b",4")
        from_behind = wire.ask(b"c")
        wire.ask(b"s")
        expect("a breakpoint from the other side", wire.ask(b"bc"), from_behind)
        expect("its reply", from_behind, "T05swbreak:;thread:01;")
        wire.ask(b"z0," + address + b",4")


def ends(wire):
    for packet in (b"bc", b"bs", b"bc"):
        expect("the start of history", wire.ask(packet), "T05replaylog:begin;thread:01;")
    expect("turning round", wire.ask(b"s"), "T05thread:01;")
    for packet in (b"c", b"s", b"vCont;c", b"vCont;s:1"):
        expect("the end of history", wire.ask(packet), "T05replaylog:end;thread:01;")


def hostile(path, rounds=3000):
    """Noise, cut and garbled packets; whoever comes after finds a stub that works."""
    noise = random.Random(7)
    pieces = [b"$", b"#", b"}", b"\x03", b"+", b"-", b"m80000000,4", b"Z0,", b"vCont;", b"bs", b"s", b"qXfer:", b"G00",
              b"X80000000,4:", b"P20=", b"qRcmd,", b"ffffffffffffffff", b",", b";", b":", b"Hc-1"]
    for _ in range(10):
        wire = Wire(path)
        for _ in range(rounds // 10):
            text = b"".join(noise.choice(pieces) for _ in range(noise.randrange(6)))
            if noise.randrange(3):
                wire.send(text)
            else:
                wire.socket.sendall(text + noise.randbytes(noise.randrange(20)))
        wire.socket.close()
    wire = Wire(path)
    wire.monitor("recording")
    expect("qC after the noise", wire.ask(b"qC"), "QC01")
    return wire


def cut_off(path):
    """It goes away in the middle of a run: the run ends, the next one is served."""
    wire = Wire(path)
    wire.monitor("seek start")
    wire.send(b"Z2,1,1")
    wire.send(b"c")
    time.sleep(0.05)
    wire.socket.close()
    began = time.monotonic()
    wire = Wire(path)
    if time.monotonic() - began > 5:
        fail("the run went on without its debugger")
    return wire


def interrupt(wire):
    for resume in (b"c", b"vCont;r0,ffffffffffffffff:1"):
        interrupt_one(wire, resume)


def interrupt_one(wire, resume):
    wire.monitor("seek start")
    wire.send(resume)
    time.sleep(0.05)
    began = time.monotonic()
    wire.socket.sendall(b"\x03")
    expect("Ctrl-C", wire.receive(), "T02thread:01;")
    if time.monotonic() - began > 1:
        fail("Ctrl-C took more than a second")


def expect_silence(what, wire):
    """It is at it, and has not answered yet."""
    time.sleep(0.05)
    wire.socket.setblocking(False)
    try:
        fail(f"{what} has answered by itself: {wire.socket.recv(65536)}")
    except BlockingIOError:
        wire.socket.settimeout(60)


def interrupt_seek(path):
    """A diverted timeline has no end: what is sought there does not come. Ctrl-C, or hanging up, ends that."""
    for where in ("18446744073709551615", "9999999s"):
        wire = Wire(path)
        wire.monitor("seek start")
        expect("a diversion", wire.ask(b"P5=0100000000000000"), "OK")
        wire.send(b"qRcmd," + ("seek " + where).encode().hex().encode())
        expect_silence("seek " + where, wire)
        began = time.monotonic()
        wire.socket.sendall(b"\x03")
        wire.receive()
        wire.send(b"qRcmd," + b"seek 18446744073709551615".hex().encode())
        time.sleep(0.05)
        wire.socket.close()
        wire = Wire(path)
        if time.monotonic() - began > 5:
            fail("a seek went on without its debugger")
        wire.monitor("recording")
        wire.socket.close()


def interrupt_words(path):
    """Words that look at other marks, and come back: there too Ctrl-C breaks off what would not end, and they stand
    where they were called."""
    never, late = "18446744073709551615", "9999999s"
    for word in (f"writes 0x80000000 8 0 {late}", f"writes 0x80000000 8 0 {never}", f"calls 0x80000000 0 {late}",
                 f"calls 0x80000000 {late} {never}", f"diff 0 {never} 0x80000000", f"diff {late} 0 0x80000000 16"):
        wire = Wire(path)
        wire.monitor("seek 3000")
        pc = int.from_bytes(bytes.fromhex(wire.pc()), "little")
        expect("j .", wire.ask(b"M%x,2:01a0" % pc), "OK")
        before = wire.ask(b"g")
        wire.send(b"qRcmd," + word.encode().hex().encode())
        expect_silence(word, wire)
        began = time.monotonic()
        wire.socket.sendall(b"\x03")
        expect(word, wire.receive(), "OK")
        if time.monotonic() - began > 5:
            fail(f"{word} took more than five seconds to break off")
        expect(f"where {word} leaves the machine", wire.ask(b"g"), before)
        wire.monitor("recording")
        wire.socket.close()


# Whoever asks for one of these shall do without.
UNKNOWN = (b"vMustReplyEmpty", b"vFile:setfs:0", b"vFile:open:2f,0,0", b"vRun;", b"vAttach;1", b"vCtrlC", b"QNonStop:1",
           b"qXfer:threads:read::0,1000", b"qXfer:memory-map:read::0,1000", b"qXfer:auxv:read::0,1000", b"qTStatus",
           b"QThreadEvents:1", b"QCatchSyscalls:0", b"qL1200000000000000000", b"QPassSignals:", b"jThreadsInfo",
           b"QStartTracepoint", b"i", b"t80000000:0,0", b"\xff")


def crc(bytes_):
    """As gdb computes it: 0x04c11db7, most significant bit first, from all ones, not inverted."""
    value = 0xffffffff
    for byte in bytes_:
        value ^= byte << 24
        for _ in range(8):
            value = (value << 1 ^ (0x04c11db7 if value >> 31 else 0)) & 0xffffffff
    return value


def politeness(wire):
    """What a debugger may ask besides, in the order in which none of it hurts the next."""
    for packet in UNKNOWN:
        expect(packet.decode("latin1"), wire.ask(packet), "")
    expect("!", wire.ask(b"!"), "OK")
    wire.monitor("seek 5000")
    expect("threads", (wire.ask(b"qfThreadInfo"), wire.ask(b"qsThreadInfo")), ("m01", "l"))
    expect("extra", bytes.fromhex(wire.ask(b"qThreadExtraInfo,1")).decode(), "hart 0, M-mode")
    code = bytes.fromhex(wire.ask(b"m80000000,100"))
    expect("qCRC", wire.ask(b"qCRC:80000000,100"), "C%x" % crc(code))
    pattern = code[40:48]
    found = wire.ask(b"qSearch:memory:80000000;100;" + escaped(pattern))
    expect("qSearch", found, "1,%x" % (0x80000000 + code.find(pattern)))
    expect("qSearch for what is not there", wire.ask(b"qSearch:memory:80000000;100;nobody has written this"), "0")
    for resume in (b"vCont;s:1;c", b"vCont;S05:1;c:-1", b"vCont;s", b"s", b"S05"):
        expect(resume.decode(), wire.ask(resume), "T05thread:01;")
    expect("vCont;r", wire.ask(b"vCont;r0,0:1"), "T05thread:01;")
    expect("vCont;t", wire.ask(b"vCont;t"), "T00thread:01;")
    for malformed in (b"vCont;", b"vCont;x", b"vCont;r5", b"vCont;s:zz", b"vCont;c;;c"):
        expect(malformed.decode(), wire.ask(malformed), "E22")
    written = bytes(range(256))
    expect("X", wire.ask(b"X80800000,100:" + escaped(written)), "OK")
    expect("what X wrote", wire.ask(b"m80800000,100"), written.hex())
    wire.monitor("recording")
    expect("what was there", wire.ask(b"m80800000,100"), "00" * 256)
    expect("D", wire.ask(b"D"), "OK")
    wire.socket.close()


# How LLDB 21 begins, and what it goes without; None: some answer.
LLDB_BEGINS = (
    (b"qSupported:xmlRegisters=i386,arm,mips,arc;multiprocess+;fork-events+;vfork-events+;swbreak+;hwbreak+", None),
    (b"QThreadSuffixSupported", ""), (b"QListThreadsInStopReply", ""), (b"qHostInfo", None),
    (b"vCont?", "vCont;c;C;s;S;t;r"), (b"qVAttachOrWaitSupported", ""), (b"QEnableErrorStrings", ""),
    (b"qProcessInfo", ""), (b"qC", "QC01"), (b"?", "T05thread:01;"), (b"qXfer:features:read:target.xml:0,ffff", None),
    (b"qStructuredDataPlugins", ""), (b"jThreadsInfo", ""), (b"jThreadExtendedInfo:", ""), (b"qRegisterInfo0", ""),
    (b"qMemoryRegionInfo:80000000", ""), (b"qWatchpointSupportInfo:", ""), (b"qfThreadInfo", "m01"),
    (b"qsThreadInfo", "l"), (b"qGDBServerVersion", ""), (b"qShlibInfoAddr", ""),
)


def lldb(path):
    """What LLDB says to a bare machine, from its packet log: 21 reads memory as GDB 16 does, older ones do not."""
    wire = Wire(path)
    for packet, wanted in LLDB_BEGINS:
        got = wire.ask(packet)
        if wanted is not None:
            expect(packet.decode(), got, wanted)
    wire.monitor("seek 5000")
    code = bytes.fromhex(wire.ask(b"m80000000,40"))
    expect("x with a b", wire.ask(b"x80000000,40").encode("latin1"), b"b" + escaped(code))
    expect("x of what is not there", wire.ask(b"x0,200"), "E14")
    stack = int.from_bytes(bytes.fromhex(wire.ask(b"p2")), "little")
    watch = b",%x,%x" % (stack - 4096, 8192)
    expect("Z2", wire.ask(b"Z2" + watch), "OK")
    stops, places = [], []
    for packet in (b"vCont;c:1", b"bc", b"c"):
        stops.append(wire.ask(packet))
        places.append(wire.pc())
    if not all(stop.startswith("T05watch:") for stop in stops):
        fail(f"LLDB's watch: {stops}")
    expect("just after the access again", places[2], places[0])
    if places[1] == places[0]:
        fail("back at the access it is not undone")
    expect("z2", wire.ask(b"z2" + watch), "OK")
    expect("x, asked for as older ones do", wire.ask(b"x0,0"), "OK")
    expect("x without a b", wire.ask(b"x80000000,40").encode("latin1"), escaped(code))
    expect("D", wire.ask(b"D"), "OK")
    wire.socket.close()
    wire = Wire(path)
    expect("x for the next debugger", wire.ask(b"x80000000,40").encode("latin1"), b"b" + escaped(code))
    wire.socket.close()


def escaped(bytes_):
    return b"".join(b"}%c" % (byte ^ 0x20) if byte in b"#$}*" else b"%c" % byte for byte in bytes_)


def last_words(path):
    """vKill and k end the conversation, not the stub: the next debugger is served."""
    wire = Wire(path)
    expect("vKill", wire.ask(b"vKill;1"), "OK")
    wire.socket.close()
    wire = Wire(path)
    wire.send(b"k")
    wire.socket.close()


def talk(path):
    politeness(Wire(path))
    lldb(path)
    last_words(path)
    wire = Wire(path)
    ends(wire)
    same_from_both_sides(wire)
    seconds = min(burst(wire), burst(wire)), one_by_one(wire)
    print("1,000 x bs g: %.3f s in a burst, %.3f s one by one" % seconds)
    if seconds[0] > 1 and os.environ.get("DEJA_SLOW") != "1":  # a sanitizer may take its time
        fail("a thousand steps back took more than a second")
    interrupt(wire)
    wire.socket.close()
    cut_off(path).socket.close()
    interrupt_seek(path)
    interrupt_words(path)
    hostile(path).socket.close()


def unix_socket(deja, recording, work):
    path = os.path.join(work, "gdb")
    stub = Stub(deja, recording, path, [])
    try:
        expect("mode of the socket", stat.S_IMODE(os.stat(path).st_mode), 0o600)
        talk(path)
    finally:
        stub.end()
    expect("the socket at the end", os.path.exists(path), False)


def tcp_port(deja, recording):
    """Port 0: whichever is free; standard error says which."""
    process = subprocess.Popen([deja, "debug", recording, "--gdb", ":0"], stdin=subprocess.DEVNULL,
                               stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    try:
        line = next(line for line in process.stderr if "localhost:" in line)
        port = int(line.split("localhost:")[1].split("'")[0])
        expect("over TCP", Wire(("127.0.0.1", port)).ask(b"?"), "T05thread:01;")
    finally:
        process.terminate()
        process.communicate(timeout=60)
    expect("exit status after SIGTERM", process.returncode, 0)


def main():
    deja, program = sys.argv[1:]
    with tempfile.TemporaryDirectory() as work:
        recording = os.path.join(work, "recording")
        subprocess.run([deja, "record", "-o", recording, "-bios", "none", "-m", "16M", "-kernel", program], check=True,
                       stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        unix_socket(deja, recording, work)
        tcp_port(deja, recording)


if __name__ == "__main__":
    main()
