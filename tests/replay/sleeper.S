# Sleeps for 0.3 s of its time, twice, and ends.
    .globl  _start
_start:
    li      s0, 2
    li      s1, 0x200bff8           # mtime, in 100 ns
    li      s2, 0x2004000           # mtimecmp
    li      t0, 0x80                # mie.MTIE; interrupts stay off: wfi wakes and goes on
    csrw    mie, t0
    li      t0, 0x10000000          # the UART listens, and its interrupt goes nowhere
    li      t1, 1
    sb      t1, 2(t0)               # FIFOs on
    sb      t1, 1(t0)
1:  ld      t0, 0(s1)
    li      t1, 3000000
    add     t0, t0, t1
    sd      t0, 0(s2)
2:  wfi
    csrr    t1, mip
    andi    t1, t1, 0x80
    beqz    t1, 2b
    addi    s0, s0, -1
    bnez    s0, 1b
    li      t0, 0x100000
    li      t1, 0x5555
    sw      t1, 0(t0)
3:  j       3b
