# Registers by name: integer, floating point, CSRs, privilege; in all groups.
# debug: --at start
tbreak square
#~ Temporary breakpoint 1 at 0x[0-9a-f]+: file calls\.c, line 7\.
continue
#> Temporary breakpoint 1, square (x=3) at calls.c:7
#> 7	    int y = x * x;
info registers pc sp fp zero
#~ pc             0x[0-9a-f]+	0x[0-9a-f]+ <square\+[0-9]+>
#~ sp             0x[0-9a-f]+	0x[0-9a-f]+
#~ fp             0x[0-9a-f]+	0x[0-9a-f]+
#> zero           0x0	0
info symbol $pc
#~ square \+ [0-9]+ in section \.text
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
print ($mstatus >> 13) & 3
#> $6 = 3
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
monitor seek 20
#~ [0-9,]+ instructions, [0-9.]+ s, hart 0, M-mode, pc 0x[0-9a-f]+
#> deja: gdb must look again: maintenance flush register-cache
maintenance flush register-cache
print $cycle
#> $14 = 20
print $instret == $minstret
#> $15 = 1
print $nosuch
#> $16 = void
set $fa0.double = 1.5
print $fa0.double
#> $17 = 1.5
print $fa0.double == 1.5
#> $18 = 1
set $mepc = 0x80000004
print $mepc == 0x80000004
#> $19 = 1
set $mstatus = 0
monitor when
#~ deja: registers or memory were written at [0-9,]+ \(a call does that too\): from there on this is a diverted timeline; the recording is unchanged \(monitor recording goes back there\)
#~ [0-9,]+ instructions, [0-9.]+ s, hart 0, M-mode, pc 0x[0-9a-f]+, diverted
monitor recording
#> deja: back in the recording
#~ [0-9,]+ instructions, [0-9.]+ s, hart 0, M-mode, pc 0x[0-9a-f]+
#> deja: gdb must look again: maintenance flush register-cache
maintenance flush register-cache
print $mepc == 0x80000004
#> $20 = 0
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
