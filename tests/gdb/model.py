#!/usr/bin/env python3
"""Goes on and back at random, and knows each time where it must come out.

    model.py DEJA PROGRAM [ROUNDS [SEED]]

First the whole history is stepped through, once, forwards: pc and registers at every mark, and which instruction
touches which bytes. From this plain list a few lines of Python tell what every s, bs, c and bc must answer, with any
breakpoints and watchpoints, from anywhere. The stub is asked the same. A watchpoint in the window, an address that each
address space has a page of its own at, means the space in which it was set; all other addresses mean memory. Then something is written at a few marks, and
the diverted history must be as orderly as the recorded one; and that one is found again when the writes are dropped. At last everything once more as LLDB expects it.
"""
import os
import random
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True

from packets import Wire, expect  # noqa: E402
from session import Stub  # noqa: E402

END, BEGIN, STEP = "T05replaylog:end;thread:01;", "T05replaylog:begin;thread:01;", "T05thread:01;"
NAMES = {0: "swbreak:;", 1: "hwbreak:;", 2: "watch:%x;", 3: "rwatch:%x;", 4: "awatch:%x;"}


WINDOW = range(0x40000000 - 0x100, 0x40001000)
WINDOW_WORD = 0x40000008


class History:
    """registers[mark]; spaces[mark]: satp, None where it is not in force; touched[(type, address, size)]: mark -> first
    watched byte, for a few ranges, in whatever address space."""

    def __init__(self, wire, noise):
        self.registers, self.spaces = [], []
        wire.monitor("seek start")
        while True:
            self.note(wire)
            if wire.ask(b"s") == END:
                break
        self.note(wire)
        self.end = len(self.registers) - 1
        self.pcs = [int.from_bytes(bytes.fromhex(all_of_them[-16:]), "little") for all_of_them in self.registers]
        self.touched = {}
        for watch in self.choose(noise):
            self.touched[watch] = self.hits(wire, watch)
            forget(wire)

    def note(self, wire):
        self.registers.append(wire.ask(b"g"))
        machine_mode, satp = wire.ask(b"p1041") == "03" + 14 * "0", wire.ask(b"p1c1")
        self.spaces.append(None if machine_mode or satp == 16 * "0" else satp)

    def choose(self, noise):
        """Ranges of any alignment around where the program has its stack and its data."""
        stack = [int.from_bytes(bytes.fromhex(all_of_them[32:48]), "little") for all_of_them in self.registers]
        data = max(self.pcs) & ~0xfff
        yield from ((2, WINDOW_WORD, 8), (4, WINDOW_WORD - 12, 16))
        for _ in range(12):
            near = noise.choice([noise.choice(stack), noise.choice(stack), data + 0x1000, 0x2004000, WINDOW_WORD])
            yield noise.choice((2, 3, 4)), near + noise.randrange(-16, 64), noise.choice((1, 2, 3, 8, 20, 300))

    def hits(self, wire, watch):
        """Set at the start, where nothing is translated, and put back again and again it means any address space."""
        found, packet = {}, b"%d,%x,%x" % watch
        wire.monitor("seek start")
        for mark in range(self.end):
            wire.ask(b"Z" + packet)
            stop = wire.ask(b"s")
            wire.ask(b"z" + packet)
            if "watch:" in stop:
                found[mark] = int(stop.split("watch:")[1].split(";")[0], 16)
                wire.ask(b"s")
        return found


class Model:
    """What must come of it: (stop reply, mark)."""

    def __init__(self, history, points, mark):
        """The points are set at `mark`."""
        self.history, self.space = history, history.spaces[mark]
        self.breaks = [point for point in points if point[0] < 2]
        self.watches = [point for point in points if point[0] >= 2]

    def broken(self, mark):
        for kind, address, _, condition in self.breaks:
            if address == self.history.pcs[mark] and (condition is None or self.holds(mark, *condition)):
                return f"T05{NAMES[kind]}thread:01;"
        return STEP

    def holds(self, mark, register, bit):
        digits = self.history.registers[mark][16 * register:16 * register + 16]
        return int.from_bytes(bytes.fromhex(digits), "little") >> bit & 1

    def touching(self, mark):
        """The reply when the instruction at this mark touches what is watched, else None."""
        hits = [(self.history.touched[watch[:3]][mark], watch[0]) for watch in self.watches
                if mark in self.history.touched[watch[:3]] and self.means(watch, mark)]
        if not hits:
            return None
        address, kind = min(hits)  # the first byte, and of several watchpoints there the first type
        return f"T05{NAMES[kind] % address}thread:01;"

    def means(self, watch, mark):
        return watch[1] not in WINDOW or self.space in (None, self.history.spaces[mark])

    def step(self, mark):
        if mark == self.history.end:
            return END, mark
        if self.touching(mark):
            return self.touching(mark), mark
        return END if mark + 1 == self.history.end else self.broken(mark + 1), mark + 1

    def step_back(self, mark):
        if mark == 0:
            return BEGIN, mark
        return (self.touching(mark - 1), mark) if self.touching(mark - 1) else (self.broken(mark - 1), mark - 1)

    def go(self, mark):
        while mark < self.history.end:
            if self.broken(mark) != STEP:
                return self.broken(mark), mark
            if self.touching(mark):
                return self.touching(mark), mark
            mark += 1
        return END, mark

    def go_back(self, mark):
        while mark > 0:
            if self.touching(mark - 1):
                return self.touching(mark - 1), mark
            mark -= 1
            if self.broken(mark) != STEP:
                return self.broken(mark), mark
        return BEGIN, mark


class ModelForLldb(Model):
    """Who has asked qHostInfo stops when the access lies behind, in the direction of travel."""

    def step(self, mark):
        return self.behind(Model.step(self, mark), 1)

    def step_back(self, mark):
        return self.behind(Model.step_back(self, mark), -1)

    def go(self, mark):
        return self.behind(Model.go(self, mark), 1)

    def go_back(self, mark):
        return self.behind(Model.go_back(self, mark), -1)

    @staticmethod
    def behind(answer, distance):
        reply, mark = answer
        return reply, mark + distance * ("watch:" in reply)


def choose_points(history, noise):
    """(type, address, size, condition); a condition is a bit of a register that must be set. A point is set once."""
    points = {(noise.randrange(2), noise.choice(history.pcs), 4): noise.choice(
        (None, (noise.choice((2, 8, 10, 14, 15)), noise.randrange(6)))) for _ in range(noise.randrange(4))}
    points.update({noise.choice(list(history.touched)): None for _ in range(noise.randrange(3))})
    return [(*point, points[point]) for point in sorted(points)]


def bytecode(condition):
    """reg, const8, rsh_unsigned, const8 1, bit_and, end"""
    if condition is None:
        return b""
    return b";Xa,2600%02x22%02x0b22010f27" % condition


def play(wire, history, noise, rounds, kind=Model):
    orders = ((b"s", kind.step), (b"bs", kind.step_back), (b"c", kind.go), (b"bc", kind.go_back))
    for _ in range(rounds):
        points = choose_points(history, noise)
        mark = noise.randrange(history.end + 1)
        model = kind(history, points, mark)
        wire.monitor(f"seek {mark}")
        for point in points:
            expect("Z", wire.ask(b"Z%d,%x,%x" % point[:3] + bytecode(point[3])), "OK")
        for _ in range(noise.randrange(1, 12)):
            packet, order = noise.choice(orders)
            said, wanted = wire.ask(packet), order(model, mark)
            what = f"{packet.decode()} at {mark} with {points}"
            expect(what, said, wanted[0])
            mark = wanted[1]
            expect("registers after " + what, wire.ask(b"g"), history.registers[mark])
        for point in points:
            wire.ask(b"z%d,%x,%x" % point[:3])
        forget(wire)


def forget(wire):
    """Going on without them, they are gone for good: set again, they mean what they mean then."""
    wire.monitor("seek start")
    wire.ask(b"bc")


def divert(wire, history, noise):
    """Writes to registers and memory that the program does not use. They stay part of the diverted history."""
    for mark in sorted(noise.sample(range(history.end), 3)):
        wire.monitor(f"seek {mark}")
        expect("P", wire.ask(b"P%x=%016x" % (noise.randrange(28, 32), noise.getrandbits(64))), "OK")
        expect("M", wire.ask(b"M80f%05x,4:%08x" % (noise.randrange(0xf0000), noise.getrandbits(32))), "OK")


def expect_lldb(wire):
    told = wire.ask(b"qHostInfo")
    if "watchpoint_exceptions_received:after;" not in told:
        expect("qHostInfo", told, "watchpoint_exceptions_received:after;")


def run(wire, noise, rounds):
    history = History(wire, noise)
    play(wire, history, noise, rounds)
    divert(wire, history, noise)
    other = History(wire, noise)
    expect("length of the diverted history", other.end, history.end)
    if other.registers == history.registers:
        expect("writing", "changed nothing", "changed something")
    play(wire, other, noise, rounds)
    wire.monitor("recording")
    play(wire, history, noise, rounds // 3)
    expect_lldb(wire)
    play(wire, history, noise, rounds // 3, ModelForLldb)
    return history


def main():
    deja, program = sys.argv[1:3]
    rounds = int(sys.argv[3]) if len(sys.argv) > 3 else 150
    noise = random.Random(int(sys.argv[4]) if len(sys.argv) > 4 else 1)
    with tempfile.TemporaryDirectory() as work:
        recording, path = os.path.join(work, "recording"), os.path.join(work, "gdb")
        subprocess.run([deja, "record", "-o", recording, "-bios", "none", "-m", "16M", "--snapshot-every", "500",
                        "-kernel", program], check=True, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                       stderr=subprocess.DEVNULL)
        stub = Stub(deja, recording, path, [])
        try:
            wire = Wire(path)
            history = run(wire, noise, rounds)
            wire.socket.close()
        finally:
            stub.end()
    touched = sum(map(len, history.touched.values()))
    print(f"{history.end} instructions, {touched} watched accesses, {rounds} rounds as foreseen")


if __name__ == "__main__":
    main()
