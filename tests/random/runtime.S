/* Runs a stream of random instructions at STREAM and prints a digest of all registers at each ecall in it.
 *
 * A trap is mixed into the digest (cause, value, offset) and skipped. ebreak ends the run with success. The stream
 * leaves s0 (an address in the scratch area), s1 (the same, aligned) and sp alone. */
#define STREAM  0x80010000
#define SCRATCH 0x80100000
#define FRAME   0x80200000
#define UART    0x10000000
#define FINISH  0x100000

        .globl _start
_start:
        lla     t0, trap
        csrw    mtvec, t0
        li      t0, 0x6000              /* mstatus.FS */
        csrs    mstatus, t0
        li      t0, FRAME
        csrw    mscratch, t0
        sd      zero, 512(t0)           /* the digest */
        sd      zero, 520(t0)
        li      s0, SCRATCH + 2048
        li      s1, SCRATCH + 2048
        li      sp, SCRATCH + 4096
        li      t0, STREAM
        jr      t0

        .balign 4
trap:   csrrw   t6, mscratch, t6
        sd      x1, 8(t6)
        sd      x2, 16(t6)
        sd      x3, 24(t6)
        sd      x4, 32(t6)
        sd      x5, 40(t6)
        sd      x6, 48(t6)
        sd      x7, 56(t6)
        sd      x8, 64(t6)
        sd      x9, 72(t6)
        sd      x10, 80(t6)
        sd      x11, 88(t6)
        sd      x12, 96(t6)
        sd      x13, 104(t6)
        sd      x14, 112(t6)
        sd      x15, 120(t6)
        sd      x16, 128(t6)
        sd      x17, 136(t6)
        sd      x18, 144(t6)
        sd      x19, 152(t6)
        sd      x20, 160(t6)
        sd      x21, 168(t6)
        sd      x22, 176(t6)
        sd      x23, 184(t6)
        sd      x24, 192(t6)
        sd      x25, 200(t6)
        sd      x26, 208(t6)
        sd      x27, 216(t6)
        sd      x28, 224(t6)
        sd      x29, 232(t6)
        sd      x30, 240(t6)
        csrr    t0, mscratch
        sd      t0, 248(t6)
        fsd     f0, 256(t6)
        fsd     f1, 264(t6)
        fsd     f2, 272(t6)
        fsd     f3, 280(t6)
        fsd     f4, 288(t6)
        fsd     f5, 296(t6)
        fsd     f6, 304(t6)
        fsd     f7, 312(t6)
        fsd     f8, 320(t6)
        fsd     f9, 328(t6)
        fsd     f10, 336(t6)
        fsd     f11, 344(t6)
        fsd     f12, 352(t6)
        fsd     f13, 360(t6)
        fsd     f14, 368(t6)
        fsd     f15, 376(t6)
        fsd     f16, 384(t6)
        fsd     f17, 392(t6)
        fsd     f18, 400(t6)
        fsd     f19, 408(t6)
        fsd     f20, 416(t6)
        fsd     f21, 424(t6)
        fsd     f22, 432(t6)
        fsd     f23, 440(t6)
        fsd     f24, 448(t6)
        fsd     f25, 456(t6)
        fsd     f26, 464(t6)
        fsd     f27, 472(t6)
        fsd     f28, 480(t6)
        fsd     f29, 488(t6)
        fsd     f30, 496(t6)
        fsd     f31, 504(t6)

        csrr    a0, mcause
        li      t0, 3
        beq     a0, t0, finish
        li      t0, 11
        beq     a0, t0, digest
        /* an exception: mix it in */
        call    mix
        csrr    a0, mtval
        call    mix
        csrr    a0, mepc
        call    mix
        j       skip

digest: csrr    a0, fcsr
        call    mix
        addi    t1, t6, 8
        addi    t2, t6, 512
1:      ld      a0, 0(t1)
        call    mix
        addi    t1, t1, 8
        bne     t1, t2, 1b
        li      t1, SCRATCH + 64
        li      t2, SCRATCH + 4032
2:      ld      a0, 0(t1)
        call    mix
        addi    t1, t1, 8
        bne     t1, t2, 2b
        ld      a0, 512(t6)
        li      t1, UART
        li      t2, 60
3:      srl     a1, a0, t2
        andi    a1, a1, 15
        addi    a1, a1, 'a'
        sb      a1, 0(t1)
        addi    t2, t2, -4
        bgez    t2, 3b
        li      a1, '\n'
        sb      a1, 0(t1)

skip:   csrr    t0, mepc
        lhu     t1, 0(t0)
        andi    t1, t1, 3
        addi    t0, t0, 2
        li      t2, 3
        bne     t1, t2, 4f
        addi    t0, t0, 2
4:      csrw    mepc, t0
        ld      x1, 8(t6)
        ld      x2, 16(t6)
        ld      x3, 24(t6)
        ld      x4, 32(t6)
        ld      x5, 40(t6)
        ld      x6, 48(t6)
        ld      x7, 56(t6)
        ld      x8, 64(t6)
        ld      x9, 72(t6)
        ld      x10, 80(t6)
        ld      x11, 88(t6)
        ld      x12, 96(t6)
        ld      x13, 104(t6)
        ld      x14, 112(t6)
        ld      x15, 120(t6)
        ld      x16, 128(t6)
        ld      x17, 136(t6)
        ld      x18, 144(t6)
        ld      x19, 152(t6)
        ld      x20, 160(t6)
        ld      x21, 168(t6)
        ld      x22, 176(t6)
        ld      x23, 184(t6)
        ld      x24, 192(t6)
        ld      x25, 200(t6)
        ld      x26, 208(t6)
        ld      x27, 216(t6)
        ld      x28, 224(t6)
        ld      x29, 232(t6)
        ld      x30, 240(t6)
        csrrw   t6, mscratch, t6
        mret

/* Mixes a0 into the digest; clobbers a1, a2, a3. */
mix:    ld      a1, 512(t6)
        li      a2, 0x9e3779b97f4a7c15
        xor     a1, a1, a0
        mul     a1, a1, a2
        srli    a3, a1, 29
        xor     a1, a1, a3
        sd      a1, 512(t6)
        ret

finish: li      t0, FINISH
        li      t1, 0x5555
        sw      t1, 0(t0)
5:      j       5b
