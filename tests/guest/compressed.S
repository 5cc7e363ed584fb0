# Every compressed instruction once, with values that show which register, immediate and width it took.
# Prints one line for each group: the sum of all registers folded with what memory holds.

    .option norelax
    .text
    .globl  main
main:
    addi    sp, sp, -160
    sd      ra, 152(sp)
    sd      s0, 144(sp)
    sd      s1, 136(sp)
    .option rvc

    # constants and arithmetic
    c.li    a0, -17
    c.li    a1, 31
    c.lui   a2, 0xfffe1
    c.lui   a3, 31
    c.addi  a0, -32
    c.addi  a1, 31
    c.addiw a2, -1
    c.addiw a3, 0
    c.slli  a0, 33
    c.mv    a4, a0
    c.srli  a4, 1
    c.mv    a5, a0
    c.srai  a5, 63
    c.andi  a5, -3
    c.sub   a4, a1
    c.xor   a4, a2
    c.or    a4, a3
    c.and   a4, a5
    c.addw  a3, a2
    c.subw  a1, a3
    c.add   a0, a1
    c.add   a0, a2
    c.add   a0, a3
    c.add   a0, a4
    c.add   a0, a5
    mv      a1, a0
    la      a0, name_alu
    call    line

    # loads and stores, by register and by sp
    c.addi4spn a5, sp, 16
    li      a4, 0x8899aabbccddeeff
    c.sd    a4, 0(a5)
    c.sw    a4, 12(a5)
    c.sd    a4, 24(a5)
    c.lw    a0, 0(a5)
    c.lw    a1, 4(a5)
    c.ld    a2, 8(a5)
    c.sdsp  a4, 80(sp)
    c.swsp  a4, 92(sp)
    c.ldsp  a3, 80(sp)
    c.lwsp  t0, 92(sp)
    fmv.d.x fa0, a4
    c.fsd   fa0, 32(a5)
    c.fld   fa1, 32(a5)
    c.fsdsp fa1, 96(sp)
    c.fldsp ft0, 96(sp)
    fmv.x.d t1, ft0
    add     a0, a0, a1
    xor     a0, a0, a2
    add     a0, a0, a3
    add     a0, a0, t0
    xor     a0, a0, t1
    mv      a1, a0
    la      a0, name_memory
    call    line

    # control
    c.li    s0, 0
    c.li    s1, 5
1:  c.addi  s0, 7
    c.addi  s1, -1
    c.bnez  s1, 1b
    c.beqz  s1, 2f
    c.addi  s0, 1
2:  c.j     3f
    c.addi  s0, 2
3:  la      t0, leaf
    c.jalr  t0                  # links to what follows, 2 bytes on
    la      t0, 4f
    c.jr    t0
    c.addi  s0, 4
4:  c.nop
    mv      a1, s0
    la      a0, name_control
    call    line

    # sp arithmetic, and a 4-byte instruction that crosses a page
    c.addi16sp sp, -496
    c.addi16sp sp, 496
    call    crossing
    mv      a1, a0
    la      a0, name_crossing
    call    line

    # encodings that are reserved or illegal
    la      a0, name_reserved
    la      s0, reserved
    c.li    s1, 0
5:  la      t0, resume_at
    la      t1, 6f
    sd      t1, 0(t0)
    c.jr    s0
6:  la      t0, caught
    ld      t1, 0(t0)
    slli    s1, s1, 4
    add     s1, s1, t1
    addi    s0, s0, 2
    la      t0, reserved_end
    bltu    s0, t0, 5b
    mv      a1, s1
    la      a0, name_reserved
    call    line

    ld      ra, 152(sp)
    ld      s0, 144(sp)
    ld      s1, 136(sp)
    addi    sp, sp, 160
    li      a0, 0
    ret

leaf:
    c.addi  s0, 16
    c.jr    ra

    .balign 2
reserved:
    .half   0x0000              # all zeroes: illegal for ever
    .half   0x0004              # c.addi4spn with immediate 0
    .half   0x2001              # c.addiw to x0
    .half   0x6101              # c.addi16sp 0
    .half   0x6081              # c.lui ra, 0
    .half   0x4002              # c.lwsp to x0
    .half   0x6002              # c.ldsp to x0
    .half   0x8002              # c.jr x0
    .half   0x9c41              # funct2 10 of the wide group
    .half   0x8000              # quadrant 0, funct3 100
    .half   0x9002              # c.ebreak
reserved_end:
    .half   0x9002

    .balign 4096
    .space  4096 - 10
crossing:
    c.li    a0, 9
    lui     a1, 0x12345
    add     a0, a0, a1
    addi    a0, a0, 0x55        # 2 bytes on each page
    c.jr    ra

    .section .rodata
name_alu:       .string "alu"
name_memory:    .string "memory"
name_control:   .string "control"
name_crossing:  .string "crossing"
name_reserved:  .string "reserved"
