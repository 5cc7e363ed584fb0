# HTIF: an odd value v in the ELF symbol tohost ends the run with v >> 1. Prints through it too: device 1, command 1.

    .text
    .globl  main
main:
    la      a0, text
    la      a1, tohost
    li      a2, 0x0101000000000000
1:  lbu     a3, 0(a0)
    beqz    a3, 3f
    or      a3, a3, a2
    sd      a3, 0(a1)
    addi    a0, a0, 1
2:  ld      a3, 0(a1)           # the host takes it
    bnez    a3, 2b
    j       1b
3:  li      a3, 42 << 1 | 1
    sd      a3, 0(a1)
4:  j       4b

    .section .rodata
text:
    .string "through tohost\n"

    .section .tohost, "aw"
    .balign 64
    .globl  tohost
tohost:
    .dword  0
    .balign 64
    .globl  fromhost
fromhost:
    .dword  0
