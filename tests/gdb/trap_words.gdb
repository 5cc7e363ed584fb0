# deja's words where traps and a wfi are in between, with lists that are too long, and at a place that is reached often.
# words: yes
last-write ticks
#~ deja: 8 bytes at 0x[0-9a-f]+: 0x5 -> 0x6 at [0-9,]+ \([0-9.]+ s\), by pc 0x[0-9a-f]+, [0-9,]+ instructions? (ago|ahead)
#> #0  on_timer () at trap.c:21
#> 21	    *mtimecmp = *mtime + 10;
bt 1
#> #0  on_timer () at trap.c:21
last-write ticks
#~ deja: 8 bytes at 0x[0-9a-f]+: 0x4 -> 0x5 at [0-9,]+ \([0-9.]+ s\), by pc 0x[0-9a-f]+, [0-9,]+ instructions? (ago|ahead)
#> #0  on_timer () at trap.c:21
#> 21	    *mtimecmp = *mtime + 10;
back
#~ [0-9,]+ instructions, [0-9.]+ s, hart 0, M-mode, pc 0x[0-9a-f]+
#> #0  on_timer () at trap.c:21
#> 21	    *mtimecmp = *mtime + 10;
last-write ticks == 2
#~ deja: 8 bytes at 0x[0-9a-f]+: 0x1 -> 0x2 at [0-9,]+ \([0-9.]+ s\), by pc 0x[0-9a-f]+, [0-9,]+ instructions? (ago|ahead)
#> #0  on_timer () at trap.c:21
#> 21	    *mtimecmp = *mtime + 10;
next-write ticks
#~ deja: 8 bytes at 0x[0-9a-f]+: 0x2 -> 0x3 at [0-9,]+ \([0-9.]+ s\), by pc 0x[0-9a-f]+, [0-9,]+ instructions? (ago|ahead)
#> #0  on_timer () at trap.c:21
#> 21	    *mtimecmp = *mtime + 10;
last-write ecalls
#~ deja: 8 bytes at 0x[0-9a-f]+: 0x0 -> 0x1 at [0-9,]+ \([0-9.]+ s\), by pc 0x[0-9a-f]+, [0-9,]+ instructions? (ago|ahead)
#> #0  on_ecall () at trap.c:27
#> 27	    CSR_WRITE(mepc, CSR_READ(mepc) + 4);
next-write ecalls
#~ deja: 0x[0-9a-f]+ is not changed any more
#> #0  on_ecall () at trap.c:27
#> 27	    CSR_WRITE(mepc, CSR_READ(mepc) + 4);
seek end
#~ [0-9,]+ instructions, [0-9.]+ s, hart 0, M-mode, pc 0x[0-9a-f]+
#> #0  _start () at start.S:19
#> 19	2:  j       2b
writes turns
#~  +[0-9,]+  [0-9.]+ s  pc 0x[0-9a-f]+  0x[0-9a-f]+: 0x65 -> 0x66
#~  +[0-9,]+  [0-9.]+ s  pc 0x[0-9a-f]+  0x[0-9a-f]+: 0x64 -> 0x65
#~  +[0-9,]+  [0-9.]+ s  pc 0x[0-9a-f]+  0x[0-9a-f]+: 0x63 -> 0x64
#~  +[0-9,]+  [0-9.]+ s  pc 0x[0-9a-f]+  0x[0-9a-f]+: 0x62 -> 0x63
#~  +[0-9,]+  [0-9.]+ s  pc 0x[0-9a-f]+  0x[0-9a-f]+: 0x61 -> 0x62
#~  +[0-9,]+  [0-9.]+ s  pc 0x[0-9a-f]+  0x[0-9a-f]+: 0x60 -> 0x61
#~  +[0-9,]+  [0-9.]+ s  pc 0x[0-9a-f]+  0x[0-9a-f]+: 0x5f -> 0x60
#~  +[0-9,]+  [0-9.]+ s  pc 0x[0-9a-f]+  0x[0-9a-f]+: 0x5e -> 0x5f
#~  +[0-9,]+  [0-9.]+ s  pc 0x[0-9a-f]+  0x[0-9a-f]+: 0x5d -> 0x5e
#~  +[0-9,]+  [0-9.]+ s  pc 0x[0-9a-f]+  0x[0-9a-f]+: 0x5c -> 0x5d
#~  +[0-9,]+  [0-9.]+ s  pc 0x[0-9a-f]+  0x[0-9a-f]+: 0x5b -> 0x5c
#~  +[0-9,]+  [0-9.]+ s  pc 0x[0-9a-f]+  0x[0-9a-f]+: 0x5a -> 0x5b
#~  +[0-9,]+  [0-9.]+ s  pc 0x[0-9a-f]+  0x[0-9a-f]+: 0x59 -> 0x5a
#~  +[0-9,]+  [0-9.]+ s  pc 0x[0-9a-f]+  0x[0-9a-f]+: 0x58 -> 0x59
#~  +[0-9,]+  [0-9.]+ s  pc 0x[0-9a-f]+  0x[0-9a-f]+: 0x57 -> 0x58
#~  +[0-9,]+  [0-9.]+ s  pc 0x[0-9a-f]+  0x[0-9a-f]+: 0x56 -> 0x57
#~  +[0-9,]+  [0-9.]+ s  pc 0x[0-9a-f]+  0x[0-9a-f]+: 0x55 -> 0x56
#~  +[0-9,]+  [0-9.]+ s  pc 0x[0-9a-f]+  0x[0-9a-f]+: 0x54 -> 0x55
#~  +[0-9,]+  [0-9.]+ s  pc 0x[0-9a-f]+  0x[0-9a-f]+: 0x53 -> 0x54
#~  +[0-9,]+  [0-9.]+ s  pc 0x[0-9a-f]+  0x[0-9a-f]+: 0x52 -> 0x53
#~ deja: there may be more: .* [0-9,]+
writes turns 4 start 500
#~  +[0-9,]+  [0-9.]+ s  pc 0x[0-9a-f]+  0x[0-9a-f]+: 0x1c -> 0x1d
#~  +[0-9,]+  [0-9.]+ s  pc 0x[0-9a-f]+  0x[0-9a-f]+: 0x1b -> 0x1c
#~  +[0-9,]+  [0-9.]+ s  pc 0x[0-9a-f]+  0x[0-9a-f]+: 0x1a -> 0x1b
#~  +[0-9,]+  [0-9.]+ s  pc 0x[0-9a-f]+  0x[0-9a-f]+: 0x19 -> 0x1a
#~  +[0-9,]+  [0-9.]+ s  pc 0x[0-9a-f]+  0x[0-9a-f]+: 0x18 -> 0x19
#~  +[0-9,]+  [0-9.]+ s  pc 0x[0-9a-f]+  0x[0-9a-f]+: 0x17 -> 0x18
#~  +[0-9,]+  [0-9.]+ s  pc 0x[0-9a-f]+  0x[0-9a-f]+: 0x16 -> 0x17
#~  +[0-9,]+  [0-9.]+ s  pc 0x[0-9a-f]+  0x[0-9a-f]+: 0x15 -> 0x16
#~  +[0-9,]+  [0-9.]+ s  pc 0x[0-9a-f]+  0x[0-9a-f]+: 0x14 -> 0x15
#~  +[0-9,]+  [0-9.]+ s  pc 0x[0-9a-f]+  0x[0-9a-f]+: 0x13 -> 0x14
#~  +[0-9,]+  [0-9.]+ s  pc 0x[0-9a-f]+  0x[0-9a-f]+: 0x12 -> 0x13
#~  +[0-9,]+  [0-9.]+ s  pc 0x[0-9a-f]+  0x[0-9a-f]+: 0x11 -> 0x12
#~  +[0-9,]+  [0-9.]+ s  pc 0x[0-9a-f]+  0x[0-9a-f]+: 0x10 -> 0x11
#~  +[0-9,]+  [0-9.]+ s  pc 0x[0-9a-f]+  0x[0-9a-f]+: 0xf -> 0x10
#~  +[0-9,]+  [0-9.]+ s  pc 0x[0-9a-f]+  0x[0-9a-f]+: 0xe -> 0xf
#~  +[0-9,]+  [0-9.]+ s  pc 0x[0-9a-f]+  0x[0-9a-f]+: 0xd -> 0xe
#~  +[0-9,]+  [0-9.]+ s  pc 0x[0-9a-f]+  0x[0-9a-f]+: 0xc -> 0xd
#~  +[0-9,]+  [0-9.]+ s  pc 0x[0-9a-f]+  0x[0-9a-f]+: 0xb -> 0xc
#~  +[0-9,]+  [0-9.]+ s  pc 0x[0-9a-f]+  0x[0-9a-f]+: 0xa -> 0xb
#~  +[0-9,]+  [0-9.]+ s  pc 0x[0-9a-f]+  0x[0-9a-f]+: 0x9 -> 0xa
#~ deja: there may be more: .* [0-9,]+
last-call on_timer
#~ deja: at [0-9,]+ \([0-9.]+ s\), [0-9,]+ instructions? (ago|ahead)
#> #0  on_timer () at trap.c:19
#> 19	{
reverse-stepi
#> on_trap () at trap.c:33
#> 33	        on_timer();
last-call idle
#~ deja: at [0-9,]+ \([0-9.]+ s\), [0-9,]+ instructions? (ago|ahead)
#> #0  idle () at trap.c:45
#> 45	{
calls on_trap
#~  +[0-9,]+  [0-9.]+ s  from 0x[0-9a-f]+  \(0x64, 0x[0-9a-f]+, 0x[0-9a-f]+, 0x0\)
#~  +[0-9,]+  [0-9.]+ s  from 0x[0-9a-f]+  \(0x64, 0x[0-9a-f]+, 0x[0-9a-f]+, 0x0\)
#~  +[0-9,]+  [0-9.]+ s  from 0x[0-9a-f]+  \(0x64, 0x[0-9a-f]+, 0x[0-9a-f]+, 0x0\)
#~  +[0-9,]+  [0-9.]+ s  from 0x[0-9a-f]+  \(0x64, 0x[0-9a-f]+, 0x[0-9a-f]+, 0x0\)
#~  +[0-9,]+  [0-9.]+ s  from 0x[0-9a-f]+  \(0x64, 0x[0-9a-f]+, 0x[0-9a-f]+, 0x0\)
#~  +[0-9,]+  [0-9.]+ s  from 0x[0-9a-f]+  \(0x64, 0x[0-9a-f]+, 0x[0-9a-f]+, 0x0\)
#~  +[0-9,]+  [0-9.]+ s  from 0x[0-9a-f]+  \(0x64, 0x[0-9a-f]+, 0x[0-9a-f]+, 0x0\)
calls idle
#~  +[0-9,]+  [0-9.]+ s  from 0x[0-9a-f]+  \(0x64, 0x[0-9a-f]+, 0x[0-9a-f]+, 0x0\)
#~  +[0-9,]+  [0-9.]+ s  from 0x[0-9a-f]+  \(0x64, 0x[0-9a-f]+, 0x[0-9a-f]+, 0x0\)
#~  +[0-9,]+  [0-9.]+ s  from 0x[0-9a-f]+  \(0x64, 0x[0-9a-f]+, 0x[0-9a-f]+, 0x0\)
#~  +[0-9,]+  [0-9.]+ s  from 0x[0-9a-f]+  \(0x64, 0x[0-9a-f]+, 0x[0-9a-f]+, 0x0\)
#~  +[0-9,]+  [0-9.]+ s  from 0x[0-9a-f]+  \(0x64, 0x[0-9a-f]+, 0x[0-9a-f]+, 0x0\)
seek text:nothing
#> deja: mark text:nothing: the console has no such line; see deja replay, which prints it again (64)
#> #0  idle () at trap.c:45
#> 45	{
