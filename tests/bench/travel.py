#!/usr/bin/env python3
"""What going back costs: on a recording of Debian's boot, and on one ten times longer.

    tests/bench/travel.py --deja build/deja [--work DIR] [--phases 8] [--only ROW] [--json FILE]

The longer one boots too, and then runs worker.c for so many billion instructions. Every figure is what a debugger waits
for at its end of the protocol, in milliseconds, and beside it what `deja debug` has computed for it, in milliseconds of
processor time: on a busy machine that is the one to look at. What goes through the recording behind the debugger's back
(replay/tracks.h) is waited for, but for the rows that say "just opened", and does not count as processor time. With --work the recordings are kept there, and found again.
"""
import argparse
import json
import os
import random
import re
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time

import debian
import debugger
import measure

here = os.path.dirname(os.path.abspath(__file__))
COMMANDS = ["uname -a", "md5sum /bin/busybox"]
PLACES = 25       # random marks that are sought
STEPS = 20        # steps back from each
MILLION = 10**6


class Waited:
    """Samples of what requests took: wall and processor time, in milliseconds."""

    def __init__(self):
        self.wall, self.cpu = [], []

    def add(self, wall, cpu):
        self.wall.append(wall)
        self.cpu.append(cpu)


class Session:
    """A `deja debug` and a debugger at it."""

    def __init__(self, deja, recording, work, at="end"):
        path = f"{work}/gdb"
        begin = time.perf_counter()
        self.process = subprocess.Popen([deja, "debug", recording, "--at", at, "--gdb", f"unix:{path}"],
                                        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.gdb = debugger.Gdb(path)
        self.gdb.ask("?")
        self.opening = ((time.perf_counter() - begin) * 1000, self.cpu())

    def __enter__(self):
        return self

    def __exit__(self, *ignored):
        self.process.terminate()
        self.process.wait()

    def cpu(self):
        """Of the thread that serves the debugger."""
        pid = self.process.pid
        with open(f"/proc/{pid}/task/{pid}/schedstat") as file:
            return int(file.read().split()[0]) / 1e6

    def settled(self):
        """Waits until all is known that will be; how long that took, in milliseconds since it was asked."""
        begin = time.perf_counter()
        while "going on" in self.gdb.monitor("info"):
            time.sleep(0.02)
        return (time.perf_counter() - begin) * 1000

    def timed(self, waited, action, *arguments):
        before, begin = self.cpu(), time.perf_counter()
        result = action(*arguments)
        waited.add((time.perf_counter() - begin) * 1000, self.cpu() - before)
        return result


class Film:
    """A recording, and what there is in it to go back to."""

    def __init__(self, deja, path):
        self.deja, self.path = deja, path
        info = json.loads(subprocess.run([deja, "info", "--json", path], stdout=subprocess.PIPE, check=True).stdout)
        self.end = info["instructions"]
        with sqlite3.connect(f"file:{path}?mode=ro", uri=True) as file:
            self.lines = file.execute("select icount, text from console").fetchall()
            images = file.execute("select sum(length(packed)) from chunk").fetchone()[0]
            self.size = os.path.getsize(path) - images

    def symbol(self, wanted):
        """The address of one of the kernel's symbols."""
        listed = subprocess.run([self.deja, "symbols", self.path], stdout=subprocess.PIPE, text=True, check=True).stdout
        for address, _, name in (line.split()[:3] for line in listed.splitlines()):
            if name == wanted:
                return int(address, 16)
        raise measure.Failed(f"the kernel has no {wanted}")

    def line(self, start):
        for icount, text in self.lines:
            if text.startswith(start):
                return icount
        return None


def record(deja, path, work, commands, extra=()):
    if not os.path.exists(path):
        files = debian.boot_files(work, commands, extra)
        measure.run([deja, "record", "--force", "-o", path] + files + debian.CHOICES, limit_s=3600)
    return Film(deja, path)


def build_worker(work):
    path = f"{work}/worker"
    measure.build(["riscv64-linux-gnu-gcc", "-O1", "-g", "-static", "-no-pie", f"{here}/worker.c", "-o", path])
    symbols = subprocess.run(["riscv64-linux-gnu-nm", path], stdout=subprocess.PIPE, text=True, check=True).stdout
    return path, {name: int(address, 16) for address, _, name in (line.split() for line in symbols.splitlines() if
                                                                  len(line.split()) == 3)}


# ---- what is measured ------------------------------------------------------------------------------------------


def steps_and_seeks(film, session):
    """Seeks all over the recording, the first step back after each, and those that follow."""
    gdb, choose = session.gdb, random.Random(1)
    seek, first, later = Waited(), Waited(), Waited()
    for _ in range(PLACES):
        session.timed(seek, gdb.seek, choose.randrange(film.end // 100, film.end))
        session.timed(first, gdb.stopped, "bs")
        for _ in range(STEPS):
            session.timed(later, gdb.stopped, "bs")
    return {"seek": seek, "first step": first, "step": later}


def go_back(session, waited, point, expect):
    """From where one is to the last hit of a point; the distance."""
    gdb = session.gdb
    begin = gdb.mark()
    gdb.ask("Z" + point)
    reply = session.timed(waited, gdb.stopped, "bc")
    gdb.ask("z" + point.split(";")[0])
    if expect not in reply:
        raise measure.Failed(f"{point} backwards: {reply}")
    return begin - gdb.mark()


def walk_over(session, entry):
    """What reverse-next over a call does, packet by packet: one is behind the call, it ends at the function's entry."""
    gdb = session.gdb
    gdb.stopped("bs")
    gdb.ask(f"Z0,{entry:x},2")
    gdb.stopped("bc")
    gdb.ask(f"z0,{entry:x},2")
    gdb.stopped("bs")


def early_places(film, session):
    """Addresses of code that has run and of words that were written early in a boot."""
    gdb, codes, words = session.gdb, [], []
    for part in range(3, 15):
        gdb.seek(film.end * part // 100)
        codes.append(gdb.register(32))
        base = gdb.register(3) & ~7
        gdb.ask(f"Z2,{base - 2048:x},1000")
        hit = re.search(r"watch:([0-9a-f]+)", gdb.ask("c"))
        gdb.ask(f"z2,{base - 2048:x},1000")
        if hit:
            words.append(int(hit[1], 16))
    gdb.seek("end")
    return sorted(set(codes)), sorted(set(words))


def farthest(session, places, point):
    """Of several places the one that one has to go back farthest for, and what that takes."""
    best = (0, None)
    for place in places:
        waited = Waited()
        session.gdb.seek("end")
        session.gdb.ask("Z" + point.format(place))
        reply = session.timed(waited, session.gdb.stopped, "bc")
        session.gdb.ask("z" + point.format(place))
        distance = session.gdb.mark()
        if "replaylog" not in reply and (best[1] is None or distance < best[0]):
            best = (distance, waited)
    return best[1]


def long_calls(film, session):
    """From some places, breakpoints that were hit last about a million instructions before: as good as functions."""
    gdb, waited, choose = session.gdb, Waited(), random.Random(2)
    while len(waited.wall) < 3:
        mark = choose.randrange(film.end // 10, film.end)
        gdb.seek(mark - choose.randrange(800000, 1200000))
        entry = gdb.register(32)
        gdb.seek(mark)
        gdb.ask(f"Z0,{entry:x},2")
        reply = gdb.ask("bc")
        gdb.ask(f"z0,{entry:x},2")
        if "swbreak" not in reply or not 500000 < mark - gdb.mark() < 2000000:
            continue
        gdb.seek(mark)
        session.timed(waited, walk_over, session, entry)
    return waited


def boot_rows(film, session):
    """On the boot alone, with the kernel's own words and code. What is never written is a word of its read-only data,
    which is loaded with the image."""
    codes, words = early_places(film, session)
    rows = {"watch, written once": farthest(session, words, "2,{:x},8"),
            "break, hit once": farthest(session, codes, "0,{:x},2"),
            "call of a million": long_calls(film, session)}
    never = Waited()
    session.gdb.seek("end")
    go_back(session, never, f"2,{film.symbol('linux_proc_banner'):x},8", "replaylog:begin")
    rows["watch, never written"] = never
    return rows


FALSE_CONDITION = "26000a" "2499999999" "13" "27"  # a0 == 0x99999999


def stand_at_end(film, session, names):
    """In the worker, just before it ends."""
    gdb = session.gdb
    gdb.seek(film.line("worker: ends"))
    gdb.ask(f"Z0,{names['done']:x},2")
    reply = gdb.stopped("c")
    gdb.ask(f"z0,{names['done']:x},2")
    if "swbreak" not in reply:
        raise measure.Failed(f"the worker's end is not found: {reply}")
    return gdb.mark()


def long_rows(film, session, names, only):
    """In the worker's program, from its end."""
    gdb = session.gdb
    end = stand_at_end(film, session, names)
    points = {"watch, written once": (f"2,{names['word_last']:x},8", "watch:"),
              "watch, written once, farther": (f"2,{names['word_first']:x},8", "watch:"),
              "watch, never written": (f"2,{names['word_never']:x},8", "replaylog:begin"),
              "watch, alone in its page, written once": (f"2,{names['alone_last']:x},8", "watch:"),
              "watch, alone in its page, never written": (f"2,{names['alone_never']:x},8", "replaylog:begin"),
              "break, alone in its page, hit once": (f"0,{names['rare_alone']:x},2", "swbreak"),
              "break, hit once": (f"0,{names['rare_last']:x},2", "swbreak"),
              "break, hit once, farther": (f"0,{names['rare_first']:x},2", "swbreak")}
    if "ConditionalBreakpoints+" in gdb.features:
        size = len(FALSE_CONDITION) // 2
        points["break, a million false hits"] = (f"0,{names['often']:x},2;X{size:x},{FALSE_CONDITION}", "replaylog:begin")
    rows = {}
    for name, (point, expect) in points.items():
        if only and only not in name:
            continue
        gdb.seek(end)
        if "false" in name:  # only so far that it is hit a million times
            gdb.ask(f"Z0,{names['rare_last']:x},2")
            expect = "swbreak"
        rows[name] = Waited()
        distance = go_back(session, rows[name], point, expect)
        if "false" in name:
            gdb.ask(f"z0,{names['rare_last']:x},2")
        print(f"  {name}: {distance:,} instructions back, {rows[name].wall[0]:,.0f} ms", file=sys.stderr)
    if not only or only in "call of a million":
        rows["call of a million"] = Waited()
        for _ in range(3):
            gdb.seek(film.line("worker: ends"))
            session.timed(rows["call of a million"], walk_over, session, names["million"])
    return rows


def watch_forwards(film, session, names):
    """Going on through a stretch with a watchpoint on the busiest page of the stack, against without."""
    gdb, stretch = session.gdb, 200 * MILLION
    end = stand_at_end(film, session, names)
    gdb.seek(end - stretch - 20 * MILLION)
    stack = gdb.register(2) & ~0xfff
    found = {}
    for name, point in (("without", None), ("with", f"2,{stack:x},8")):
        waited = Waited()
        for _ in range(3):
            gdb.seek(end - stretch)
            gdb.ask(f"Z0,{names['done']:x},2")
            if point:
                gdb.ask("Z" + point)
            session.timed(waited, gdb.stopped, "c")
            gdb.ask(f"z0,{names['done']:x},2")
            if point:
                gdb.ask("z" + point)
        found[name] = waited
    return found


def interrupt(film, session):
    """How long it takes until a search that finds nothing is broken off."""
    gdb, waited = session.gdb, Waited()
    for _ in range(5):
        gdb.seek("end")
        gdb.ask("Z0,2,2")
        gdb.ask("Z4,2,8")
        gdb.send("bc")
        time.sleep(0.02)
        session.timed(waited, lambda: (gdb.interrupt(), gdb.answer()))
        gdb.ask("z0,2,2")
        gdb.ask("z4,2,8")
    return waited


def just_opened(deja, film, work, names):
    """Some of the long searches, each by a debugger that has just come."""
    points = {"watch, written once": (f"2,{names['word_last']:x},8", "watch:"),
              "watch, never written": (f"2,{names['word_never']:x},8", "replaylog:begin"),
              "break, hit once": (f"0,{names['rare_last']:x},2", "swbreak")}
    rows = {}
    for name, (point, expect) in points.items():
        rows[f"{name}, just opened"] = Waited()
        for _ in range(3):
            with Session(deja, film.path, work) as session:
                stand_at_end(film, session, names)
                go_back(session, rows[f"{name}, just opened"], point, expect)
    return rows


# ---- the table -------------------------------------------------------------------------------------------------

TARGETS = [  # row, what of its samples, target in ms
    ("step", "median", 2), ("step", "p99", 20),
    ("first step", "median", 30), ("first step", "p99", 150), ("seek", "median", 30), ("seek", "p99", 150),
    ("call of a million", "max", 300),
    ("watch, written once", "max", 200), ("watch, written once, farther", "max", 0), ("watch, never written", "max", 100),
    ("watch, alone in its page, written once", "max", 200), ("watch, alone in its page, never written", "max", 100),
    ("break, alone in its page, hit once", "max", 300),
    ("break, hit once", "max", 300), ("break, hit once, farther", "max", 0),
    ("break, a million false hits", "max", 3000),
    ("watch, written once, just opened", "median", 0), ("watch, never written, just opened", "median", 0),
    ("break, hit once, just opened", "median", 0), ("all is known", "max", 0),
    ("open at the end", "median", 200), ("open with a gdb of its own", "median", 0), ("Ctrl-C", "max", 0),
]

STATISTICS = {"median": statistics.median, "max": max,
              "p99": lambda samples: sorted(samples)[min(len(samples) - 1, len(samples) * 99 // 100)]}


def cell(waited, statistic):
    if waited is None or not waited.wall:
        return "-"
    return f"{STATISTICS[statistic](waited.wall):,.1f} ({STATISTICS[statistic](waited.cpu):,.1f})"


def print_rows(films):
    heads = ["ms (of processor time)", "target"] + [name for name, _, _ in films]
    lines = [[f"{row}, {statistic}", f"{target}" if target else ""] + [cell(found.get(row), statistic) for _, _, found in films]
             for row, statistic, target in TARGETS]
    slower = ["continue with a watch on the stack, times without", "3"]
    size = ["MB per 1,000 M instructions beyond the images", "25"]
    for _, film, rows in films:
        both = rows.get("with"), rows.get("without")
        slower.append(f"{statistics.median(both[0].wall) / statistics.median(both[1].wall):.1f}" if all(both) else "-")
        size.append(f"{film.size / film.end * 1000:.1f}")
    measure.print_table(heads, lines + [slower, size])


def open_with_gdb(deja, film):
    """From the command to a gdb that has said where it stands, and has left again: most of it is gdb's own."""
    waited = Waited()
    for _ in range(3):
        done = measure.run([deja, "debug", film.path, "--", "-batch", "-ex", "print $pc"])
        if not any(line.text.startswith("$1 = ") for line in done.lines):
            raise measure.Failed(f"gdb says: {[line.text for line in done.lines][-5:]} {done.errors[-500:]}")
        waited.add(done.wall * 1000, done.cpu * 1000)
    return waited


def measure_film(deja, film, work, names, only):
    rows = {"open at the end": Waited()}
    for _ in range(5):
        with Session(deja, film.path, work) as session:
            rows["open at the end"].add(*session.opening)
    if not only:
        rows["open with a gdb of its own"] = open_with_gdb(deja, film)
    with Session(deja, film.path, work) as session:
        rows["all is known"] = Waited()
        rows["all is known"].add(session.settled(), 0)
        rows.update(long_rows(film, session, names, only) if names else boot_rows(film, session))
    if only:
        return rows
    if names:
        rows.update(just_opened(deja, film, work, names))
    with Session(deja, film.path, work) as session:
        session.settled()
        rows.update(steps_and_seeks(film, session))
        rows["Ctrl-C"] = interrupt(film, session)
    if names:
        with Session(deja, film.path, work) as session:
            session.settled()
            rows.update(watch_forwards(film, session, names))
    return rows


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--deja", default="build/deja")
    parser.add_argument("--work", metavar="DIR")
    parser.add_argument("--phases", type=int, default=8, help="how long the long one is, in billions of instructions")
    parser.add_argument("--only", metavar="ROW", help="of the long one, the searches whose names hold this")
    parser.add_argument("--json", metavar="FILE")
    options = parser.parse_args()
    deja = os.path.abspath(options.deja)
    with tempfile.TemporaryDirectory() as scratch:
        work = os.path.abspath(options.work) if options.work else scratch
        os.makedirs(work, exist_ok=True)
        worker, names = build_worker(work)
        films = []
        if not options.only:
            films.append(("the boot", record(deja, f"{work}/boot.deja", work, COMMANDS), None))
        long = record(deja, f"{work}/long.deja", work, COMMANDS + [f"worker {options.phases}"], [worker])
        films.append(("long", long, names))
        measure.describe(deja)
        for name, film, _ in films:
            print(f"{name}: {film.end:,} instructions, {film.size / 1e6:.1f} MB beside the images")
        done = [(name, film, measure_film(deja, film, scratch, names, options.only)) for name, film, names in films]
    print_rows(done)
    if options.json:
        with open(options.json, "w") as file:
            json.dump({name: {row: [waited.wall, waited.cpu] for row, waited in rows.items() if waited}
                       for name, _, rows in done}, file, indent=1)


if __name__ == "__main__":
    try:
        main()
    except measure.Failed as failure:
        sys.exit(f"travel.py: {failure}")
