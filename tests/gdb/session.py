#!/usr/bin/env python3
"""Records a program, drives the real gdb against `deja debug`, and compares what gdb says.

    session.py DEJA GDB PROGRAM SCRIPT [--bless]

SCRIPT is a gdb script. Behind each command stands what it must print, line by line:

    next
    #> 36	    int b = sum_of_squares(4);
    #~ regular expression for a whole line

gdb's empty lines are passed over, a command that fails does not end the script, and gdb's working directory is one of
its own in which the stub listens at ./gdb. Options for this harness, at the top of the script:

    # record: OPTIONS      for deja record
    # debug: OPTIONS       for deja debug
    # status: N            of the recorded run (0)
    # console: TEXT        what deja debug must print on its standard output (nothing)
    # words: yes           with deja.gdb, as deja debug starts gdb

--bless writes what gdb says into the script. Read it before you believe it.
"""
import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import time

SECONDS = 100
BLOCKS = ("python", "while ", "if ", "define ", "commands", "document ")
NOISE = ("[Inferior 1 (Remote target) detached]", "Backward execution from here not possible.",
         "Following forward execution will be added to history.")

# What newer gdbs say in other words (16), and what the scripts expect.
SYNONYMS = {"Reached end of recorded history; stopping.": "No more reverse-execution history."}


def fail(text):
    print("FAILED: " + text)
    sys.exit(1)


class Script:
    """Lines as they stand, and steps: [command, expected lines, number of the line behind the command]."""

    def __init__(self, path):
        self.options = {"record": "", "debug": "", "status": "0", "console": "", "words": ""}
        self.steps, self.depth = [], 0
        with open(path) as file:
            self.lines = file.read().split("\n")
        for number, line in enumerate(self.lines):
            self.read(line, number)

    def read(self, line, number):
        option = re.match(r"# (record|debug|status|console|words): (.*)", line)
        if option:
            self.options[option[1]] = option[2]
        elif line.startswith(("#> ", "#~ ")):
            self.steps[-1][1].append((line[1], line[3:]))
        elif self.depth:
            self.steps[-1][0] += "\n" + line
            self.steps[-1][2] = number + 1
            self.depth += line.strip().startswith(BLOCKS) - (line.strip() == "end")
        elif line.strip() and not line.startswith("#"):
            self.steps.append([line, [], number + 1])
            self.depth = int((line.strip() + " ").startswith(BLOCKS))

    def bless(self, path, said):
        lines, begin = [], 0
        for (_, expected, behind), output in zip(self.steps, said):
            lines += self.lines[begin:behind] + [blessed(line) for line in output]
            begin = behind + len(expected)
        with open(path, "w") as file:
            file.write("\n".join(lines + self.lines[begin:]).rstrip() + "\n")


# What is the compiler's business (addresses, offsets into functions, marks), and the pattern that stands for it.
VARYING = {r"0x[0-9a-f]{4,}": "0x[0-9a-f]+", r"\+[0-9]+>": r"\+[0-9]+>", r"\+ [0-9]+ in ": r"\+ [0-9]+ in ",
           r"^[0-9,]+ instructions, [0-9.]+ s": "[0-9,]+ instructions, [0-9.]+ s",
           r"written at [0-9,]+": "written at [0-9,]+", r"from 0 to [0-9,]+": "from 0 to [0-9,]+",
           r"at [0-9,]+ \([0-9.]+ s\)": r"at [0-9,]+ \([0-9.]+ s\)", r"^ +[0-9,]+  [0-9.]+ s": " +[0-9,]+  [0-9.]+ s",
           r"^ +[0-9,]+  ": " +[0-9,]+  ", r"[0-9,]+ instructions? (ago|ahead)": "[0-9,]+ instructions? (ago|ahead)",
           r"^(deja: \w+ is) [0-9,]+": r"deja: \w+ is [0-9,]+", r"first at [0-9,]+": "first at [0-9,]+",
           r"(there may be more: .*) [0-9,]+$": "there may be more: .* [0-9,]+"}


def blessed(line):
    pattern, end = "", 0
    for found in re.finditer("|".join(VARYING), line):
        pattern += escaped(line[end:found.start()])
        pattern += next(VARYING[varying] for varying in VARYING if re.fullmatch(varying, found[0]))
        end = found.end()
    return "#~ " + pattern + escaped(line[end:]) if end else "#> " + line


def escaped(text):
    return re.sub(r"([][.*+?(){}|^$\\])", r"\\\1", text)


def record(deja, program, path, script):
    command = [deja, "record", "-o", path, "-bios", "none", "-m", "16M", "--seed", "1", "--epoch", "1700000000",
               "--pace", "fast", *script.options["record"].split(), "-kernel", program]
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=SECONDS)
    if done.returncode != int(script.options["status"]):
        fail(f"{' '.join(command)}: exit status {done.returncode}\n{done.stderr}")


def said(file):
    file.seek(0)
    return file.read().decode(errors="replace")


class Stub:
    """deja debug, listening at `socket`."""

    def __init__(self, deja, recording, socket, options):
        self.out, self.err = tempfile.TemporaryFile(), tempfile.TemporaryFile()  # a pipe could fill up
        self.process = subprocess.Popen([deja, "debug", recording, "--gdb", "unix:" + socket, *options],
                                        stdin=subprocess.DEVNULL, stdout=self.out, stderr=self.err)
        until = time.monotonic() + SECONDS
        while not os.path.exists(socket):
            if self.process.poll() is not None or time.monotonic() > until:
                fail("deja debug did not listen: " + said(self.err))
            time.sleep(0.01)

    def end(self):
        """What it printed on its standard output."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(timeout=SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            fail("deja debug did not end")
        if self.process.returncode != 0:
            fail(f"deja debug: exit status {self.process.returncode}\n{said(self.err)}")
        return said(self.out)


def run_gdb(gdb, program, work, script, folder):
    """For each command the lines that gdb printed."""
    settings = ["set pagination off", "set confirm off", "set width 0", "set height 0", "set style enabled off",
                "set debuginfod enabled off", f"directory {folder}/guest", f"file {program}", "target remote ./gdb"]
    if script.options["words"]:
        settings.insert(-1, f"source {folder}/../../cli/deja.gdb")
    command = [gdb, "-nx", "-q", "-batch"]
    for setting in settings:
        command += ["-ex", setting]
    command += ["-x", f"{folder}/driver.py"]
    commands = os.path.join(work, "commands")
    with open(commands, "w") as file:
        json.dump([step[0] for step in script.steps], file)
    environment = {**os.environ, "LC_ALL": "C", "TERM": "dumb", "DEJA_COMMANDS": commands}
    try:
        done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              text=True, timeout=SECONDS, env=environment, cwd=work)
    except subprocess.TimeoutExpired as late:
        fail("gdb did not end; it said\n" + (late.output or b"").decode())
    parts = done.stdout.split("\n-- command\n")
    if len(parts) != len(script.steps) + 1:
        fail(f"gdb did not get through its {len(script.steps)} commands\n" + done.stdout)
    return [[SYNONYMS.get(line, line) for line in part.split("\n") if line.strip() and line not in NOISE]
            for part in parts[1:]]


def as_expected(expected, output):
    def equal(kind, wanted, line):
        return re.fullmatch(wanted, line) if kind == "~" else wanted.rstrip() == line.rstrip()

    return len(expected) == len(output) and all(equal(*wanted, line) for wanted, line in zip(expected, output))


def compare(script, said):
    bad = [i for i, step in enumerate(script.steps) if not as_expected(step[1], said[i])]
    if not bad:
        return
    for i in range(bad[0] + 1):
        print(script.steps[i][0], *said[i], sep="\n    ")
    fail("\n".join(["instead of"] + ["    #%s %s" % wanted for wanted in script.steps[bad[0]][1]] +
                   [f"and {len(bad) - 1} commands later on print something else too"]))


def main():
    deja, gdb, program, path = sys.argv[1:5]
    script, folder = Script(path), os.path.dirname(os.path.abspath(path))
    with tempfile.TemporaryDirectory() as work:
        recording = os.path.join(work, "recording")
        record(deja, program, recording, script)
        stub = Stub(deja, recording, os.path.join(work, "gdb"), script.options["debug"].split())
        try:
            said = run_gdb(gdb, os.path.abspath(program), work, script, folder)
        finally:
            console = stub.end()
    if len(sys.argv) > 5:
        script.bless(path, said)
    else:
        compare(script, said)
    if console.strip() != script.options["console"]:
        fail(f"deja debug printed {console!r}")
    print(f"{len(script.steps)} commands as expected")


if __name__ == "__main__":
    main()
