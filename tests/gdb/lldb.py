#!/usr/bin/env python3
"""Records calls.c and drives a real LLDB against `deja debug`: 21 is the first that goes back.

    lldb.py DEJA LLDB PROGRAM

Behind each command stand regular expressions, each of which must match somewhere in what LLDB says to it.
"""
import os
import re
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True

from session import fail  # noqa: E402

AHEAD, BACK = "process continue --forward", "process continue --reverse"
START, END = [r"stop reason = history boundary", r"0x0*1000\b"], [r"stop reason = history boundary", r"_start"]

# Of the program: a square, a sum of squares, a factorial; `result` is stored to at lines 34, 37 and 40.
STEPS = (
    ("register read pc priv", [r"pc = 0x0*1000\b", r"priv = 0x0*3\b"]),
    ("disassemble --count 2 --start-address `$pc`", [r"auipc +t0, 0x0"]),  # memory is read
    ("breakpoint set --name factorial", [r"where = \S+`factorial"]),
    (AHEAD, [r"stop reason = breakpoint 1\.1", r"factorial\(n=5\)"]),
    (AHEAD, [r"factorial\(n=4\)"]),
    ("thread backtrace", [r"frame #1: .*factorial\(n=5\)", r"frame #2: .*main at calls\.c:39"]),
    ("thread step-over", [r"stop reason = step over", r"calls\.c:23"]),
    ("thread step-inst", [r"stop reason = instruction step into"]),
    (BACK, [r"stop reason = breakpoint 1\.1", r"factorial\(n=4\)"]),
    (BACK, [r"factorial\(n=5\)"]),
    (BACK, START),
    (BACK, START),
    (AHEAD, [r"factorial\(n=5\)"]),
    ("breakpoint delete --force", []),
    ("breakpoint set --name square --condition 'x == 3'", [r"where = \S+`square"]),
    (BACK, [r"square\(x=3\)"]),
    (BACK, [r"square\(x=3\)", r"stop reason = breakpoint 2\.1"]),
    (BACK, START),
    ("breakpoint delete --force", []),
    (AHEAD, END),
    (AHEAD, END),
    # LLDB wants an access to lie behind it, whichever way it goes, and shows the values before and after.
    ("watchpoint set expression -w write -s 4 -- &result", [r"Watchpoint created"]),
    (BACK, [r"new value: (39|0x0*27)\b", r"calls\.c:40"]),
    (BACK, [r"new value: (9|0x0*9)\b", r"calls\.c:37"]),
    (BACK, [r"new value: (0|0x0*)\b", r"calls\.c:34"]),
    (BACK, START),
    (AHEAD, [r"old value: (0|0x0*)\b", r"new value: (9|0x0*9)\b", r"calls\.c:35"]),
    (AHEAD, [r"new value: (39|0x0*27)\b", r"calls\.c:38"]),
    (AHEAD, [r"new value: (159|0x0*9f)\b", r"calls\.c:41"]),
    (BACK, [r"old value: (159|0x0*9f)\b", r"new value: (39|0x0*27)\b", r"calls\.c:40"]),
    ("watchpoint delete --force", []),
    ("watchpoint set expression -w read -s 4 -- &writes", [r"Watchpoint created"]),
    (BACK, [r"stop reason = watchpoint 2", r"calls\.c:38"]),
    (BACK, START),
    (AHEAD, [r"stop reason = watchpoint 2", r"calls\.c:38"]),
    ("watchpoint delete --force", []),
    ("breakpoint set --hardware --name finish", [r"where = \S+`finish"]),
    (AHEAD, [r"stop reason = breakpoint 3\.1"]),
    ("thread step-out", [r"stop reason = step out", r"calls\.c:43"]),
    ("expression result + writes[1]", [r"= 161\b"]),
    ("process plugin packet monitor last-write 0x80001010 4", [r"4 bytes at 0x80001010: 0x27 -> 0x9f",
                                                               r"lldb looks again when it stops next"]),
    # What is changed makes another run of it.
    ("memory write --size 4 &result 5", []),
    ("expression result", [r"= 5\b"]),
    ("process plugin packet monitor when", [r", diverted"]),
    ("process plugin packet monitor recording", []),
    ("thread step-inst", []),
    ("process plugin packet monitor when", [r"pc 0x80000\w+\s"]),
    ("process detach", [r"detached"]),
)


def listen(deja, recording):
    """Port 0: whichever is free; standard error says which."""
    process = subprocess.Popen([deja, "debug", recording, "--at", "start", "--gdb", ":0"], stdin=subprocess.DEVNULL,
                               stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    line = next(line for line in process.stderr if "localhost:" in line)
    return process, int(line.split("localhost:")[1].split("'")[0])


def talk(lldb, program, port, work):
    """What it says to each command; before the first one, to those that lead there."""
    script = os.path.join(work, "commands")
    with open(script, "w") as file:
        file.write("settings set interpreter.stop-command-source-on-error false\n")
        file.write("settings set symbols.load-on-demand false\n")
        file.write(f"gdb-remote {port}\n")
        file.write("".join(command + "\n" for command, _ in STEPS))
    said = subprocess.run([lldb, "--no-lldbinit", "--batch", "-o", f"file {program}", "--source", script], cwd=work,
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                          errors="replace", timeout=100, check=False).stdout
    return said.split("(lldb) ")


def compare(said):
    at = 0
    for command, patterns in STEPS:
        while at < len(said) and not said[at].startswith(command):
            at += 1
        if at == len(said):
            fail(f"{command} was not reached: {said[-1]}")
        for pattern in patterns:
            if not re.search(pattern, said[at][len(command):]):
                fail(f"{command}: nothing like {pattern}:\n{said[at]}")
        at += 1
    for text in said:
        if re.search(r"unexpected response|unsupported|error:", text):
            fail(f"an error: {text}")


def main():
    deja, lldb, program = sys.argv[1:]
    with tempfile.TemporaryDirectory() as work:
        recording = os.path.join(work, "recording")
        subprocess.run([deja, "record", "-o", recording, "-bios", "none", "-m", "16M", "-kernel", program], check=True,
                       stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        process, port = listen(deja, recording)
        try:
            compare(talk(lldb, program, port, work))
        finally:
            process.terminate()
            process.communicate(timeout=60)


if __name__ == "__main__":
    main()
