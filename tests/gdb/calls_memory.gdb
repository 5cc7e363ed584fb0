# Memory: code, data, and what is not RAM.
# debug: --at end
x/dw &result
#~ 0x[0-9a-f]+ <result>:	159
x/4dw writes
#~ 0x[0-9a-f]+ <writes>:	1	2	3	159
print writes
#> $1 = {1, 2, 3, 159}
print/x *(short *)&result
#> $2 = 0x9f
x/xw 0x10000000
#~ 0x[0-9a-f]+:	Cannot access memory at address 0x[0-9a-f]+
x/xw 0x2000000
#~ 0x[0-9a-f]+:	Cannot access memory at address 0x[0-9a-f]+
x/xw 0x0
#> 0x0:	Cannot access memory at address 0x0
x/i 0x1000
#~    0x[0-9a-f]+:	auipc	t0,0x0
x/xw 0x80fffffc
#~ 0x[0-9a-f]+:	0x[0-9a-f]+
x/xw 0x81000000
#~ 0x[0-9a-f]+:	Cannot access memory at address 0x[0-9a-f]+
x/2xw 0x80fffffc
#~ 0x[0-9a-f]+:	0x[0-9a-f]+	Cannot access memory at address 0x[0-9a-f]+
find /w writes, +sizeof writes, 3
#~ 0x[0-9a-f]+ <writes\+[0-9]+>
#> 1 pattern found.
find /w writes, +sizeof writes, 77
#> Pattern not found.
compare-sections .text
#~ Section \.text, range 0x[0-9a-f]+ -- 0x[0-9a-f]+: matched\.
dump memory code.bin _start ((char *)main + 16)
restore code.bin binary 0x80000000
#~ Restoring binary file code\.bin into memory \(0x[0-9a-f]+ to 0x[0-9a-f]+\)
monitor when
#~ [0-9,]+ instructions, [0-9.]+ s, hart 0, M-mode, pc 0x[0-9a-f]+
set var writes[1] = 0x11223344
print writes[1] == 0x11223344
#> $3 = 1
print/x ((char *)writes)[5]
#> $4 = 0x33
set {char[3]}writes = "ab"
x/s writes
#~ 0x[0-9a-f]+ <writes>:	"ab"
set {int}0x10000000 = 65
#~ Cannot access memory at address 0x[0-9a-f]+
maintenance packet qqemu.PhyMemMode
#> sending: qqemu.PhyMemMode
#> received: "0"
maintenance packet Qqemu.PhyMemMode:1
#> sending: Qqemu.PhyMemMode:1
#> received: "OK"
x/dw &writes[2]
#~ 0x[0-9a-f]+ <writes\+[0-9]+>:	3
maintenance packet Qqemu.PhyMemMode:0
#> sending: Qqemu.PhyMemMode:0
#> received: "OK"

# in physical terms, too, writing diverts and can be taken back
monitor recording
#~ deja: registers or memory were written at [0-9,]+ \(a call does that too\): from there on this is a diverted timeline; the recording is unchanged \(monitor recording goes back there\)
#> deja: back in the recording
#~ [0-9,]+ instructions, [0-9.]+ s, hart 0, M-mode, pc 0x[0-9a-f]+
#> deja: gdb must look again: maintenance flush register-cache
maintenance packet Qqemu.PhyMemMode:1
#> sending: Qqemu.PhyMemMode:1
#> received: "OK"
maintenance flush register-cache
set var writes[2] = 4
print writes
#> $5 = {1, 2, 4, 159}
monitor info
#~ deja: registers or memory were written at [0-9,]+ \(a call does that too\): from there on this is a diverted timeline; the recording is unchanged \(monitor recording goes back there\)
#~ [0-9,]+ instructions, [0-9.]+ s, hart 0, M-mode, pc 0x[0-9a-f]+, diverted
#> a diverted timeline, without an end; the recording is unchanged
#~ index of what was stored to and executed: [0-9]+ of [0-9]+ intervals(, going on)?
#> harts: 1; gdb's addresses are physical
monitor recording
#> deja: back in the recording
#~ [0-9,]+ instructions, [0-9.]+ s, hart 0, M-mode, pc 0x[0-9a-f]+
#> deja: gdb must look again: maintenance flush register-cache
maintenance flush dcache
print writes
#> $6 = {1, 2, 3, 159}
