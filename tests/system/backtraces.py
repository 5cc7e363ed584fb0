#!/usr/bin/env python3
"""Whether gdb's backtraces, and those of guest-bt, are of the same frames. On stdin: `gdb`, what bt prints, `deja`, what
guest-bt prints, `end`, and so on. A trap's frame is a signal handler's for gdb; where it comes to the program, guest-bt ends."""
import re
import sys

FRAME = re.compile(r"#\d+ +(0x[0-9a-f]+ in (\S+)|<signal handler called>|\S+ \()")


def frames(text):
    found = []
    for match in map(FRAME.match, text.splitlines()):
        if not match:
            continue
        if match[1].startswith("<") or (match[2] or "").startswith(("handle_exception", "ret_from_exception")):
            found.append("trap")
        elif not match[1].startswith("0xffffffff"):
            break
        else:
            found.append(match[1].split()[0])
    return found


places = re.findall(r"^gdb\n(.*?)^deja\n(.*?)^end\n", sys.stdin.read(), re.M | re.S)
pairs = [(frames(gdb), frames(deja)) for gdb, deja in places]
pairs = [(gdb, deja) for gdb, deja in pairs if deja]
for gdb, deja in pairs:
    if gdb != deja:
        sys.exit(f"gdb:  {' '.join(gdb)}\ndeja: {' '.join(deja)}")
traps = sum("trap" in gdb for gdb, _ in pairs)
twice = sum(gdb.count("trap") > 1 for gdb, _ in pairs)
if len(pairs) < 15 or traps < 8 or twice < 1:
    sys.exit(f"only {len(pairs)} of {len(places)} places are in the kernel, {traps} of them in a trap, {twice} in two")
print(f"{len(pairs)} backtraces, {traps} of them through traps")
