#!/usr/bin/env python3
"""How fast a kernel does for programs what it is asked for most: beside QEMU, on Debian's kernel.

    tests/bench/loops.py --deja build/deja [--rounds 5] [--scale 1.0] [--clock wall|cpu] [--json FILE]

The loops (loops.c) are run one after the other, as programs, in a boot of the kernel of examples/fetch-debian.sh. In
each round every engine boots once, so that what else this machine does falls on all of them. A loop's time is that
between its line `start` and its line `end`, stamped by the host (--clock cpu: processor time of all threads, for a
machine that has other work). Each must have done what it was asked for.

    --smoke    a few turns, by deja's two engines and by a replay of what was recorded: a test
"""
import argparse
import json
import os
import sys
import tempfile

import debian
import measure

here = os.path.dirname(os.path.abspath(__file__))
GUEST_GCC = ["riscv64-linux-gnu-gcc", "-Wall", "-Wextra", "-Werror", "-O2", "-static"]

# Turns: some seconds by the slowest engine; and for a test.
LOOPS = {
    "syscall": (4000000, 1000),
    "pipe": (100000, 50),
    "yield": (300000, 50),
    "fork": (1200, 3),
    "fault": (300000, 256),
    "mmap": (300000, 50),
}


def build(work, turns):
    """What is booted: every loop so often."""
    program = f"{work}/loops"
    measure.build([*GUEST_GCC, f"{here}/loops.c", "-o", program])
    return debian.boot_files(work, [f"loops {name} {count}" for name, count in turns.items()], [program])


def loop_seconds(run, turns, clock):
    """{loop: seconds by that clock} of one boot."""
    found = {}
    for name, count in turns.items():
        start, end = run.line(f"start {name}"), run.line(f"end {name} ")
        done = int(end.text.split()[2])
        if not count <= done < count + 256:  # a page at a time, and never less than a megabyte
            raise measure.Failed(f"{name}: {done} turns done, not {count}")
        found[name] = max(getattr(end, clock) - getattr(start, clock), 1e-6)
    return found


def run_all(commands, turns, rounds, clock):
    """{loop: {engine: [seconds]}}, one round after the other."""
    times = {name: {engine: [] for engine in commands} for name in turns}
    for i in range(rounds):
        for engine, command in commands.items():
            measure.progress(f"round {i + 1} of {rounds}: {engine}")
            for name, seconds in loop_seconds(measure.run(command), turns, clock).items():
                times[name][engine].append(seconds)
    measure.progress("")
    return times


def smoke(deja, work):
    turns = {name: few for name, (_, few) in LOOPS.items()}
    recording = f"{work}/loops.deja"
    known = debian.engines(deja, build(work, turns), recording)
    commands = {"record": known["record"], "replay": [deja, "replay", recording], "interp": known["interp"]}
    run_all(commands, turns, 1, "wall")
    print(f"{len(turns)} loops: recorded, replayed and interpreted to their ends")


def report(times, clock):
    measure.print_seconds(times)
    print()
    ours = "record" if "record" in next(iter(times.values())) else "run"
    pairs = {"icount/deja": ("icount", ours), "qemu/deja": ("qemu", ours), "record/run": ("record", "run")}
    ratio = measure.print_ratios(times, pairs, {"geometric mean": list(times)})
    return {"clock": clock, "seconds": times, "ratio": ratio}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--deja", default="build/deja")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--scale", type=float, default=1.0)
    parser.add_argument("--clock", choices=["wall", "cpu"], default="wall")
    parser.add_argument("--engines", default="record,run,icount,qemu", help="also: interp")
    parser.add_argument("--json", metavar="FILE")
    parser.add_argument("--smoke", action="store_true")
    options = parser.parse_args()
    deja = os.path.abspath(options.deja)
    with tempfile.TemporaryDirectory() as work:
        if options.smoke:
            smoke(deja, work)
            return
        measure.describe(deja)
        turns = {name: max(1, round(many * options.scale)) for name, (many, _) in LOOPS.items()}
        known = debian.engines(deja, build(work, turns), f"{work}/loops.deja")
        chosen = {name: known[name] for name in options.engines.split(",")}
        figures = report(run_all(chosen, turns, options.rounds, options.clock), options.clock)
    if options.json:
        with open(options.json, "w") as file:
            json.dump(figures, file, indent=1)


try:
    main()
except measure.Failed as failure:
    sys.exit(f"loops: {failure}")
