# What every guest program begins with: a stack, a trap vector, and main() with the answers a boot loader gives.
# Traps come here in M-mode (and in S-mode when delegated): every register is saved, trap_handle() is called with the
# frame, and what it left in the frame is restored. It runs on a stack of its own, physically addressed.

    .section .text.start, "ax"
    .globl _start
_start:
    la      sp, stack_top
    la      t0, trap_entry_m
    csrw    mtvec, t0
    la      t0, trap_stack_top
    csrw    mscratch, t0
    li      t0, 0x6000              # mstatus.FS: floating point on
    csrs    mstatus, t0
    csrwi   fcsr, 0
    mv      s0, a0
    mv      s1, a1
    la      t0, bss_begin
    la      t1, bss_end
1:  bgeu    t0, t1, 2f
    sd      zero, 0(t0)
    addi    t0, t0, 8
    j       1b
2:  mv      a0, s0
    mv      a1, s1
    call    main
    call    finish
1:  wfi
    j       1b

    # mscratch or sscratch holds the top of the trap stack while no trap is handled
    .macro  TRAP_ENTRY mode, scratch, epc, cause, tval, status, ret
    .balign 4
    .globl  trap_entry_\mode
trap_entry_\mode:
    csrrw   sp, \scratch, sp
    addi    sp, sp, -304
    .irp    r, 1, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31
    sd      x\r, \r * 8(sp)
    .endr
    csrr    t0, \scratch            # the interrupted sp
    sd      t0, 2 * 8(sp)
    csrr    t0, \epc
    sd      t0, 32 * 8(sp)
    csrr    t0, \cause
    sd      t0, 33 * 8(sp)
    csrr    t0, \tval
    sd      t0, 34 * 8(sp)
    csrr    t0, \status
    sd      t0, 35 * 8(sp)
    li      t0, \ret
    sd      t0, 36 * 8(sp)
    addi    t0, sp, 304
    csrw    \scratch, t0
    mv      a0, sp
    la      t0, trap_handle
    jalr    t0
    ld      t0, 32 * 8(sp)
    csrw    \epc, t0
    ld      t0, 35 * 8(sp)
    csrw    \status, t0
    .irp    r, 1, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31
    ld      x\r, \r * 8(sp)
    .endr
    ld      sp, 2 * 8(sp)
    .if     \ret == 3
    mret
    .else
    sret
    .endif
    .endm

    .text
    TRAP_ENTRY m, mscratch, mepc, mcause, mtval, mstatus, 3
    TRAP_ENTRY s, sscratch, sepc, scause, stval, sstatus, 1

    # in_mode(mode, function, argument): calls function(argument) in U- or S-mode; comes back by an ecall that
    # trap_handle() knows by a7. Callee-saved registers are kept on our stack, the callee uses the same stack.
    .globl  in_mode
in_mode:
    addi    sp, sp, -16
    sd      ra, 0(sp)
    sd      s0, 8(sp)
    li      t0, 0x1800              # mstatus.MPP
    csrc    mstatus, t0
    slli    t1, a0, 11
    csrs    mstatus, t1
    csrw    mepc, a1
    mv      a0, a2
    la      ra, 1f
    mret
1:  li      a7, 0x44454a41          # IN_MODE_DONE
    ecall                           # the handler sets MPP to M and steps over
    ld      ra, 0(sp)
    ld      s0, 8(sp)
    addi    sp, sp, 16
    ret

    .bss
    .balign 16
    .space  16384
stack_top:
    .space  16384
    .globl  trap_stack_top
trap_stack_top:
