"""Running programs and stamping what they say: shared by the benchmarks beside this file.

All stamps are the host's. A line is stamped when it arrives here, so that what starting and stopping cost is outside.
"""
import glob
import math
import os
import re
import resource
import statistics
import subprocess
import sys
import tempfile
import threading
import time


class Failed(Exception):
    """A benchmark that did not do what it should: its figures would be worthless."""


class Line:
    def __init__(self, text, wall, cpu):
        self.text, self.wall, self.cpu = text, wall, cpu


class Run:
    """What a program printed, line by line, and what it cost as a whole."""

    def __init__(self, lines, wall, cpu, errors):
        self.lines, self.wall, self.cpu, self.errors = lines, wall, cpu, errors

    def line(self, start):
        """The first line that begins so."""
        for line in self.lines:
            if line.text.startswith(start):
                return line
        raise Failed(f"no line {start!r}; it said: {[line.text for line in self.lines][-5:]} {self.errors[-500:]}")

    def instructions(self):
        """How many of the guest's instructions deja counted; None: another program."""
        said = re.search(r"deja: ([\d,]+) instructions", self.errors)
        return int(said[1].replace(",", "")) if said else None


def cpu_now(pid):
    """Processor time of all living threads of a process so far, in seconds."""
    total = 0
    for path in glob.glob(f"/proc/{pid}/task/*/schedstat"):
        try:
            with open(path) as file:
                total += int(file.read().split()[0])
        except (OSError, ValueError, IndexError):
            pass  # it has just ended
    return total / 1e9


def stamp_lines(process):
    lines, rest = [], b""
    while True:
        piece = os.read(process.stdout.fileno(), 65536)
        wall, cpu = time.perf_counter(), cpu_now(process.pid)
        if not piece:
            return lines
        *whole, rest = (rest + piece).split(b"\n")
        lines += [Line(text.rstrip(b"\r").decode(errors="replace"), wall, cpu) for text in whole]


def run(command, limit_s=600):
    """Runs a program that reads nothing to its end; it must succeed, and within limit_s."""
    begin, before = time.perf_counter(), resource.getrusage(resource.RUSAGE_CHILDREN)
    with tempfile.TemporaryFile() as errors:
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=errors)
        watchdog = threading.Timer(limit_s, process.kill)
        watchdog.start()
        try:
            lines = stamp_lines(process)
        finally:
            if sys.exc_info()[0]:
                process.kill()
            status = process.wait()
            watchdog.cancel()
        errors.seek(0)
        said = errors.read().decode(errors="replace")
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    if status != 0:
        last = [line.text for line in lines[-5:]]
        raise Failed(f"status {status} from {' '.join(command)}: {last} {said[-500:]}")
    return Run(lines, time.perf_counter() - begin, cpu, said)


def build(command):
    """Runs a compiler; what it complains about is shown."""
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if done.returncode != 0:
        raise Failed(f"{' '.join(command)}: {done.stdout}")


# ---- figures ---------------------------------------------------------------------------------------------------


def geometric_mean(values):
    return math.exp(statistics.fmean(math.log(value) for value in values))


def spread(values):
    """How far the samples lie apart, relative to their median."""
    return (max(values) - min(values)) / statistics.median(values)


def medians(times):
    """{row: {column: [seconds]}} as {row: {column: median}}."""
    return {row: {column: statistics.median(samples) for column, samples in by.items()} for row, by in times.items()}


def print_seconds(times, notes=None):
    """{row: {column: [seconds]}} as medians and half the spread; a note (head, {row: text}) comes first."""
    head, texts = notes or (None, {})
    columns = list(next(iter(times.values())))
    rows = [[row, *([texts.get(row, "")] if notes else []),
             *(f"{statistics.median(by[column]):.3f} ±{spread(by[column]) * 50:.0f}%" for column in columns)]
            for row, by in times.items()]
    print_table(["seconds", *([head] if notes else []), *columns], rows)


def print_ratios(times, pairs, groups):
    """Ratios of medians: pairs are {head: (column, column)}, of which those are shown whose columns there are; groups
    {title: rows} are rows of geometric means. Returns {row: {head: ratio}}."""
    median = medians(times)
    columns = next(iter(times.values()))
    shown = {head: pair for head, pair in pairs.items() if all(column in columns for column in pair)}
    ratio = {row: {head: by[a] / by[b] for head, (a, b) in shown.items()} for row, by in median.items()}
    rows = [[row, *(f"{ratio[row][head]:.2f}" for head in shown)] for row in ratio]
    for title, group in groups.items():
        if group:
            rows.append([title, *(f"{geometric_mean([ratio[row][head] for row in group]):.2f}" for head in shown)])
    print_table(["ratio", *shown], rows)
    return ratio


def progress(text):
    if sys.stderr.isatty():
        print(f"\r{text:70}\r", end="", file=sys.stderr, flush=True)


def print_table(heads, rows):
    """Rows of texts; the first column to the left, the others to the right."""
    widths = [max(len(row[i]) for row in [heads] + rows) for i in range(len(heads))]
    for row in [heads, ["-" * width for width in widths]] + rows:
        cells = [cell.rjust(width) if i else cell.ljust(width) for i, (cell, width) in enumerate(zip(row, widths))]
        print("| " + " | ".join(cells) + " |")


# ---- the machine and what is compared --------------------------------------------------------------------------


def first_line(command):
    try:
        return subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True).stdout.split("\n")[0]
    except OSError:
        return "none"


def describe(deja):
    """What the figures depend on."""
    with open("/proc/cpuinfo") as file:
        model = re.search(r"model name\s*:\s*(.*)", file.read())
    print(f"{time.strftime('%Y-%m-%d', time.gmtime())}, {model[1] if model else 'unknown CPU'}, {os.cpu_count()} CPUs, "
          f"load {os.getloadavg()[0]:.1f}")
    for command in ([deja, "--version"], ["qemu-system-riscv64", "--version"], ["gcc", "--version"],
                    ["riscv64-linux-gnu-gcc", "--version"]):
        print("  " + first_line(command))
