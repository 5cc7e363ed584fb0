# Registers by name: integer, floating point, CSRs, privilege; in all groups.
# debug: --at 20
info registers pc sp fp zero
#~ pc             0x[0-9a-f]+	0x[0-9a-f]+ <square\+6>
#~ sp             0x[0-9a-f]+	0x[0-9a-f]+
#~ fp             0x[0-9a-f]+	0x[0-9a-f]+
#> zero           0x0	0
print $a0
#> $1 = 3
print $x10
#> $2 = 3
print $sp == $x2
#> $3 = 1
print $priv
#> $4 = 3
print/x $misa & 0xff
#> $5 = 0x2f
print/x $mstatus & 0x6000
#~ \$6 = 0x[0-9a-f]+
print $mcause
#> $7 = 0
print/x $mtvec
#> $8 = 0x0
print $ft0
#> $9 = {float = 0, double = 0}
print $fa0.double
#> $10 = 0
print $fcsr
#> $11 = 0
print $fflags
#> $12 = 0
print $frm
#> $13 = 0
print $cycle
#> $14 = 20
print $instret == $minstret
#> $15 = 1
print $nosuch
#> $16 = void
set $fa0.double = 1.5
print $fa0.double
#> $17 = 1.5
print/x $fa0
#~ \$18 = \{float = 0x0, double = 0x[0-9a-f]+\}
set $mepc = 0x80000004
print/x $mepc
#~ \$19 = 0x[0-9a-f]+
set $mstatus = 0
stepi
#> deja: you wrote at 20: from there on this is a diverted timeline; the recording is unchanged (monitor recording goes back to it)
#~ 0x[0-9a-f]+	6	\{
monitor recording
#> deja: back in the recording
#~ 21 instructions, 0\.000000021 s, hart 0, M-mode, pc 0x[0-9a-f]+
#> deja: gdb must look again: maintenance flush register-cache
maintenance flush register-cache
print/x $mepc
#> $20 = 0x0
print $fa0.double
#> $21 = 0
python
import gdb
every = gdb.execute("info all-registers", to_string=True).splitlines()
names = [line.split()[0] for line in every]
print("%s" % (len(names) > 100 and all(n in names for n in
      ["zero", "ra", "t6", "pc", "ft0", "ft11", "fcsr", "satp", "mstatus", "stvec", "pmpaddr0", "priv"])))
print([line for line in every if "not available" in line or "error" in line])
end
#> True
#> []