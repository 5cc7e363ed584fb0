"""What a log says, checked. log.py CHECK FILE...: prints what is wrong and exits with 1."""
import re
import sys


def exec_lines(name):
    """(mark, mode, pc) of each block entered."""
    with open(name) as lines:
        for line in lines:
            if line.startswith("exec "):
                _, _, mark, mode, pc, _ = line.split()
                yield int(mark), mode, int(pc, 16)


def blocks(one_by_one, entered):
    """Each entry is what a run one by one has there; between two entries it goes straight on: a jump would have been
    an entry."""
    known = {mark: (mode, pc) for mark, mode, pc in exec_lines(one_by_one)}
    last, count = None, 0
    for mark, mode, pc in exec_lines(entered):
        if known.get(mark) != (mode, pc):
            return f"entered at {mark}: {mode} {pc:#x}, but one by one {known.get(mark)}"
        for n in range(last if last is not None else mark, mark - 1):
            if n in known and n + 1 in known and known[n + 1][1] - known[n][1] not in (2, 4):
                return f"a jump after {n} was no entry"
        last, count = mark, count + 1
    return None if 10 < count < len(known) else f"{count} entries among {len(known)} instructions"


def inside(log, *ranges):
    ranges = [tuple(int(end, 16) for end in text.split("..")) for text in ranges]
    count = 0
    with open(log) as lines:
        for line in lines:
            fields = line.split()
            if line.startswith(("exec ", "IN: ")):
                pc = int(fields[4 if line.startswith("exec") else 2], 16)
                if not any(first <= pc <= last for first, last in ranges):
                    return "not in the ranges: " + line
                count += 1
    return None if count else "nothing in the ranges"


def host_code(log, binary):
    """The sizes that are said are the bytes that are there; writes them to a file."""
    said, code = 0, bytearray()
    with open(log) as lines:
        for line in lines:
            if line.startswith("OUT: "):
                if len(code) != said:
                    return f"{len(code)} bytes where {said} were said, before {line}"
                said += int(re.match(r"OUT: \[size=(\d+)\]", line)[1])
            elif line.startswith("0x"):
                code += bytes.fromhex(line.split(":")[1])
    with open(binary, "wb") as file:
        file.write(code)
    return None if len(code) == said > 1000 else f"{len(code)} bytes where {said} were said"


def perf_map(name):
    """Pieces that do not overlap, named by guest address."""
    pieces = []
    with open(name) as lines:
        for line in lines:
            match = re.fullmatch(r"([0-9a-f]+) ([0-9a-f]+) (guest_[USM]_0x[0-9a-f]{16}|deja_entry_points)\n", line)
            if not match:
                return "a line of another kind: " + line
            pieces.append((int(match[1], 16), int(match[2], 16)))
    pieces.sort()
    for (start, size), (next_start, _) in zip(pieces, pieces[1:]):
        if start + size > next_start:
            return f"{start:#x} of {size} bytes overlaps {next_start:#x}"
    return None if len(pieces) > 10 else f"{len(pieces)} pieces"


wrong = {f.__name__: f for f in (blocks, inside, host_code, perf_map)}[sys.argv[1]](*sys.argv[2:])
if wrong:
    print(wrong)
sys.exit(wrong is not None)
