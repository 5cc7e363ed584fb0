#!/usr/bin/env python3
"""How fast deja runs computations, beside QEMU and beside the same C compiled for this machine.

    tests/bench/kernels.py --deja build/deja [--rounds 5] [--scale 1.0] [--clock wall|cpu] [--json FILE] [KERNEL...]

Each kernel (kernels/kernels.def) is built twice by gcc -O2: for the bare machine, running in S-mode under Sv39 with 4 KiB
pages, and for the host. In each round every engine runs each kernel once, in one order and then in the other, so that
what else this machine does, and what a run leaves behind for the next, falls on all of them. Only the kernel's work
counts: from its line `start` to its line `end`, stamped by the host (--clock cpu: processor time, less what an empty
kernel takes; for a machine that has other work). All must compute the same.

    --smoke    the smallest size, deja's two engines and the host, checksums only: a test of the translator
"""
import argparse
import json
import os
import re
import statistics
import sys
import tempfile

import measure

here = os.path.dirname(os.path.abspath(__file__))
GUEST_GCC = "riscv64-linux-gnu-gcc"
WARNINGS = ["-Wall", "-Wextra", "-Werror"]
GUEST_FLAGS = WARNINGS + ["-O2", "-march=rv64gc", "-mabi=lp64d", "-mcmodel=medany", "-fno-pic", "-fno-pie"]
# A memset() whose loop became a call of memset() would not end.
RUNTIME_FLAGS = ["-ffreestanding", "-fno-tree-loop-distribute-patterns"]
LINK_FLAGS = ["-static", "-nostdlib", "-Wl,--build-id=none,--no-warn-rwx-segments"]
MACHINE = ["-M", "virt", "-m", "128M", "-bios", "none", "-nographic", "-kernel"]


class Kernel:
    def __init__(self, name, kind, rounds, smoke, text):
        self.name, self.kind, self.rounds, self.smoke, self.text = name, kind, int(rounds), int(smoke), text


def read_kernels():
    with open(f"{here}/kernels/kernels.def") as file:
        rows = re.findall(r'^KERNEL\((\w+), *(\w+), *(\d+), *(\d+), *"(.*)"\)$', file.read(), re.M)
    return [Kernel(*row) for row in rows]


# ---- building --------------------------------------------------------------------------------------------------


def build_guest(name, rounds, directory):
    """The kernel for the bare machine; returns the program."""
    program, parts = f"{directory}/{name}.elf", []
    for source, flags in ((f"kernels/{name}.c", []), ("runtime/guest.c", RUNTIME_FLAGS), ("runtime/start.S", [])):
        parts.append(f"{directory}/{name}_{os.path.basename(source)}.o")
        measure.build([GUEST_GCC, *GUEST_FLAGS, *flags, f"-DROUNDS={rounds}", "-c", f"{here}/{source}", "-o", parts[-1]])
    measure.build([GUEST_GCC, *LINK_FLAGS, "-T", f"{here}/runtime/link.ld", *parts, "-o", program])
    return program


def build_native(name, rounds, directory):
    program = f"{directory}/{name}"
    measure.build(["gcc", *WARNINGS, "-O2", f"-DROUNDS={rounds}", f"{here}/runtime/native.c", f"{here}/kernels/{name}.c",
                   "-o", program, "-lm"])
    return program


# ---- running ---------------------------------------------------------------------------------------------------


def engines(deja, directory, uncounted=None):
    """Name -> the command that runs a guest program, or a native one."""
    qemu = ["qemu-system-riscv64", *MACHINE]
    recording = ["-o", f"{directory}/kernel.deja", "--force"]
    return {
        "record": lambda guest, native: [deja, "record", *recording, *MACHINE, guest],
        "run": lambda guest, native: [deja, "run", *MACHINE, guest],
        "icount": lambda guest, native: [*qemu, guest, "-icount", "shift=0,sleep=off"],
        "qemu": lambda guest, native: [*qemu, guest],
        "native": lambda guest, native: [native],
        "interp": lambda guest, native: [deja, "run", "--engine", "interp", *MACHINE, guest],
        "uncounted": lambda guest, native: [uncounted, "run", *MACHINE, guest],
    }


class Sample:
    """One run of one kernel: its sums, and its time by both clocks."""

    def __init__(self, command):
        run = measure.run(command)
        start, end = run.line("start"), run.line("end ")
        self.portable, self.exact = end.text.split()[1:3]
        self.wall = end.wall - start.wall
        self.cpu = run.cpu  # from its very beginning to its very end: less a Sample of the empty kernel
        self.instructions = run.instructions()


def check_sums(kernel, engine, sample, first):
    """The host need not contract a * b + c as the guest does, but all engines run the guest's instructions."""
    wrong = sample.portable != first.portable or engine != "native" and sample.exact != first.exact
    if wrong:
        raise measure.Failed(f"{kernel}: {engine} computed {sample.portable} {sample.exact}, "
                             f"not {first.portable} {first.exact}")


def run_all(programs, commands, rounds):
    """{kernel: {engine: [Sample]}}, one round after the other."""
    samples = {name: {engine: [] for engine in commands} for name in programs}
    first = {}
    for i in range(rounds):
        for name, (guest, native) in programs.items():
            for engine in list(commands)[:: -1 if i % 2 else 1]:
                measure.progress(f"round {i + 1} of {rounds}: {name} by {engine}")
                sample = Sample(commands[engine](guest, native))
                samples[name][engine].append(sample)
                check_sums(name, engine, sample, first.setdefault(name, sample))
    measure.progress("")
    return samples


# ---- reporting -------------------------------------------------------------------------------------------------


def seconds(samples, clock):
    """{kernel: {engine: [seconds]}} without what starting and stopping cost."""
    idle = {engine: statistics.median(sample.cpu for sample in runs) for engine, runs in samples["empty"].items()}

    def of(sample, engine):
        return max(sample.wall if clock == "wall" else sample.cpu - idle[engine], 1e-6)

    return {name: {engine: [of(sample, engine) for sample in runs] for engine, runs in by.items()}
            for name, by in samples.items() if name != "empty"}


def report(kernels, samples, clock):
    """Prints the two tables; returns the figures."""
    times = seconds(samples, clock)
    kinds = {kernel.name: kernel.kind for kernel in kernels}
    counts = {name: next((runs[0].instructions for runs in samples[name].values() if runs[0].instructions), None)
              for name in times}
    measure.print_seconds(times, ("Minstr", {name: f"{count / 1e6:.0f}" for name, count in counts.items() if count}))
    print()
    ours = "record" if "record" in next(iter(times.values())) else "run"
    pairs = {"deja/native": (ours, "native"), "icount/deja": ("icount", ours), "qemu/deja": ("qemu", ours),
             "record/run": ("record", "run"), "interp/run": ("interp", "run"),
             "run/uncounted": ("run", "uncounted")}
    groups = {"geometric mean": list(times), "  of the FP ones": [name for name in times if kinds[name] == "FP"]}
    ratio = measure.print_ratios(times, pairs, groups)
    return {"clock": clock, "seconds": times, "ratio": ratio}


# ---- commands --------------------------------------------------------------------------------------------------


def build_all(kernels, rounds_of, directory):
    programs = {"empty": (build_guest("empty", 0, directory), build_native("empty", 0, directory))}
    for kernel in kernels:
        rounds = rounds_of(kernel)
        programs[kernel.name] = build_guest(kernel.name, rounds, directory), build_native(kernel.name, rounds, directory)
    return programs


def smoke(kernels, deja, directory):
    programs = build_all(kernels, lambda kernel: kernel.smoke, directory)
    chosen = {name: command for name, command in engines(deja, directory).items() if name in ("run", "interp", "native")}
    run_all(programs, chosen, 1)
    print(f"{len(programs)} kernels: translated, interpreted and native agree")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--deja", required=True)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--scale", type=float, default=1.0)
    parser.add_argument("--clock", choices=["wall", "cpu"], default="wall")
    parser.add_argument("--engines", default="record,run,icount,qemu,native", help="also: interp, uncounted")
    parser.add_argument("--uncounted", help="a deja built with -DDEJA_UNCOUNTED=ON, for the engine of that name")
    parser.add_argument("--json")
    parser.add_argument("--keep", help="a directory for the programs, which are otherwise removed")
    parser.add_argument("--smoke", action="store_true")
    parser.add_argument("kernel", nargs="*")
    arguments = parser.parse_args()
    kernels = [k for k in read_kernels() if not arguments.kernel or k.name in arguments.kernel]
    with tempfile.TemporaryDirectory() as directory:
        if arguments.keep:
            directory = arguments.keep
            os.makedirs(directory, exist_ok=True)
        if arguments.smoke:
            smoke(kernels, arguments.deja, directory)
            return
        measure.describe(arguments.deja)
        programs = build_all(kernels, lambda kernel: max(1, round(kernel.rounds * arguments.scale)), directory)
        known = engines(arguments.deja, directory, arguments.uncounted)
        chosen = {name: known[name] for name in arguments.engines.split(",")}
        figures = report(kernels, run_all(programs, chosen, arguments.rounds), arguments.clock)
        if arguments.json:
            with open(arguments.json, "w") as file:
                json.dump(figures, file, indent=1)


try:
    main()
except measure.Failed as failure:
    sys.exit(f"kernels: {failure}")
