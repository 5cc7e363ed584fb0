# An architecture test in small: it leaves words between begin_signature and end_signature, and ends through tohost.

    .text
    .globl  main
main:
    la      a0, begin_signature
    li      a1, 0x0123456789abcdef
    sd      a1, 0(a0)
    li      a1, 0xbeef
    sh      a1, 8(a0)
    la      a0, tohost
    li      a1, 1
    sw      a1, 0(a0)
    sw      zero, 4(a0)
1:  j       1b

    .data
    .balign 16
    .globl  begin_signature, end_signature
begin_signature:
    .fill   10, 1, 0xee
end_signature:
    .fill   6, 1, 0xdd

    .section .tohost, "aw"
    .balign 64
    .globl  tohost
tohost:
    .dword  0
    .balign 64
    .globl  fromhost
fromhost:
    .dword  0
