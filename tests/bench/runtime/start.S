# From power-on in M-mode to S-mode under Sv39: tables_make() says what satp shall be, supervisor() does the work.
    .section .text.start, "ax"
    .globl  _start
_start:
    la      sp, stack_top
    la      t0, trap
    csrw    mtvec, t0
    la      t0, bss_begin
    la      t1, bss_end
1:  bgeu    t0, t1, 2f
    sd      zero, 0(t0)
    addi    t0, t0, 8
    j       1b
2:  li      t0, -1                  # PMP: everything is S-mode's
    csrw    pmpaddr0, t0
    li      t0, 0x1f
    csrw    pmpcfg0, t0
    call    tables_make
    csrw    satp, a0
    sfence.vma
    li      t0, 0x7800              # mstatus: MPP and FS cleared ...
    csrc    mstatus, t0
    li      t0, 0x6800              # ... MPP = S, FS = dirty
    csrs    mstatus, t0
    csrwi   fcsr, 0
    la      t0, supervisor
    csrw    mepc, t0
    mret

    .balign 4
trap:                               # none is expected; physically addressed
    la      sp, stack_top
    csrr    a0, mcause
    csrr    a1, mepc
    csrr    a2, mtval
    call    trapped
1:  j       1b

    .bss
    .balign 16
    .space  65536
stack_top:
