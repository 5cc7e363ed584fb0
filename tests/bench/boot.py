#!/usr/bin/env python3
"""What running, recording, replaying and going back cost on a boot of Debian, beside QEMU.

    tests/bench/boot.py --deja build/deja [--rounds 3] [--interp] [--json FILE]

The kernel and busybox are those of examples/fetch-debian.sh. In each round every way runs once, so that what else this
machine does falls on all of them; the figures are medians. deja's ways count instructions, so theirs are given as
millions a second; QEMU is compared by time, from power-on to power-off.
"""
import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time

import debian
import debugger
import measure

BACK_STEPS = 15  # places in the boot where a single step back is timed


def ways(deja, files, work, interp):
    """{name: command} of everything that is timed, in the order of a round."""
    recording, rr = f"{work}/boot.deja", f"shift=0,rrfile={work}/boot.qemu,rr="
    known = debian.engines(deja, files, recording)
    found = {"run": known["run"], "record": known["record"], "replay": [deja, "replay", recording]}
    if interp:
        found["run, interpreted"] = known["interp"]
        found["replay, interpreted"] = [deja, "replay", "--engine", "interp", recording]
    found["qemu"] = known["qemu"]
    found["qemu -icount"] = known["icount"]
    for way in ("record", "replay"):
        found[f"qemu rr={way}"] = known["qemu"] + ["-net", "none", "-icount", rr + way]
    return found


def step_back(deja, recording, work):
    """Milliseconds for seeks all over the boot, for one reverse-stepi after each, and seconds for a thousand in a row."""
    path = f"{work}/gdb"
    info = subprocess.run([deja, "info", "--json", recording], stdout=subprocess.PIPE, check=True).stdout
    end = json.loads(info)["instructions"]
    debug = subprocess.Popen([deja, "debug", recording, "--at", "start", "--gdb", f"unix:{path}"],
                             stderr=subprocess.DEVNULL)
    try:
        gdb, seeks, found = debugger.Gdb(path), [], []
        for i in range(BACK_STEPS):
            begin = time.perf_counter()
            gdb.monitor(f"seek {end * ((i * 7) % BACK_STEPS + 1) // (BACK_STEPS + 1)}")
            seeks.append((time.perf_counter() - begin) * 1000)
            begin = time.perf_counter()
            reply = gdb.ask("bs")
            found.append((time.perf_counter() - begin) * 1000)
            if not reply.startswith("T05"):
                raise measure.Failed(f"bs: {reply}")
        begin = time.perf_counter()
        for _ in range(1000):
            gdb.ask("bs")
        return seeks, found, time.perf_counter() - begin
    finally:
        debug.terminate()
        debug.wait()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--deja", default="build/deja")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--interp", action="store_true", help="the interpreter too")
    parser.add_argument("--json", metavar="FILE")
    options = parser.parse_args()
    deja = os.path.abspath(options.deja)
    with tempfile.TemporaryDirectory() as work:
        files = debian.boot_files(work, ["uname -a", "md5sum /bin/busybox"])
        times, instructions = {}, 0
        for _ in range(options.rounds):
            for name, command in ways(deja, files, work, options.interp).items():
                done = measure.run(command)
                instructions = done.instructions() or instructions
                times.setdefault(name, []).append(done.wall)
        size = os.path.getsize(f"{work}/boot.deja")
        seeks, single, thousand = step_back(deja, f"{work}/boot.deja", work)

    measure.describe(deja)
    run = statistics.median(times["run"])
    rows = []
    for name, seconds in times.items():
        median = statistics.median(seconds)
        speed = "" if name.startswith("qemu") else f"{instructions / median / 1e6:,.0f}"
        rows.append([name, f"{median:.2f}", f"{measure.spread(seconds) * 100:.0f} %", speed, f"{median / run:.2f}"])
    measure.print_table(["way", "seconds", "spread", "M instructions/s", "against run"], rows)
    print(f"the boot: {instructions:,} instructions; its recording: {size / 1e6:.0f} MB")
    print(f"a seek to anywhere: median {statistics.median(seeks):.0f} ms, at most {max(seeks):.0f} ms")
    print(f"one reverse-stepi after it: median {statistics.median(single):.1f} ms, at most {max(single):.1f} ms; "
          f"1,000 in a row: {thousand:.2f} s")
    if options.json:
        with open(options.json, "w") as file:
            json.dump({"instructions": instructions, "bytes": size, "seconds": times, "seek_ms": seeks, "reverse_stepi_ms": single,
                       "thousand_reverse_stepi_s": thousand}, file, indent=1)


if __name__ == "__main__":
    try:
        main()
    except measure.Failed as failure:
        sys.exit(f"boot.py: {failure}")
