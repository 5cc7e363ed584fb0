# Traps and interrupts, forwards and back: the step into a handler, out of it, and a wfi that time jumps over.
break on_timer
#~ Breakpoint 1 at 0x[0-9a-f]+: file trap\.c, line 20\.
reverse-continue
#> Breakpoint 1, on_timer () at trap.c:20
#> 20	    ticks++;
print ticks
#> $1 = 5
print/x $mcause
#~ \$2 = 0x[0-9a-f]+
reverse-continue
#> Breakpoint 1, on_timer () at trap.c:20
#> 20	    ticks++;
print ticks
#> $3 = 4

# back out of the handler into the wfi that it ended; there and back again
delete
reverse-finish
#> on_trap () at trap.c:33
#> 33	        on_timer();
tbreak on_trap
#~ Temporary breakpoint 2 at 0x[0-9a-f]+: file trap\.c, line 32\.
reverse-continue
#> Temporary breakpoint 2, on_trap () at trap.c:32
#> 32	    if (CSR_READ(mcause) >> 63)
tbreak *&on_trap
#~ Temporary breakpoint 3 at 0x[0-9a-f]+: file trap\.c, line 31\.
reverse-continue
#> Temporary breakpoint 3, on_trap () at trap.c:31
#> 31	{
monitor when
#~ [0-9,]+ instructions, [0-9.]+ s, hart 0, M-mode, pc 0x[0-9a-f]+
reverse-stepi
#> idle () at trap.c:46
#> 46	    __asm__ volatile("wfi");
x/i $pc
#~ => 0x[0-9a-f]+ <idle\+[0-9]+>:	wfi
stepi
#> on_trap () at trap.c:31
#> 31	{
info symbol $pc
#> on_trap in section .text
print/x $mcause
#~ \$4 = 0x[0-9a-f]+
info symbol $mepc
#~ idle \+ [0-9]+ in section \.text

# lines around the wfi
tbreak idle
#~ Temporary breakpoint 4 at 0x[0-9a-f]+: file trap\.c, line 46\.
reverse-continue
#> Temporary breakpoint 4, idle () at trap.c:46
#> 46	    __asm__ volatile("wfi");
next
#> on_trap () at trap.c:31
#> 31	{
reverse-next
#> idle () at trap.c:46
#> 46	    __asm__ volatile("wfi");
reverse-next
#> main () at trap.c:63
#> 63	        idle();
step
#> idle () at trap.c:46
#> 46	    __asm__ volatile("wfi");

# the ecall: the trap is the step
tbreak on_ecall
#~ Temporary breakpoint 5 at 0x[0-9a-f]+: file trap\.c, line 26\.
reverse-continue
#> Temporary breakpoint 5, on_ecall () at trap.c:26
#> 26	    ecalls++;
print ecalls
#> $5 = 0
tbreak *&on_trap
#~ Temporary breakpoint 6 at 0x[0-9a-f]+: file trap\.c, line 31\.
reverse-continue
#> Temporary breakpoint 6, on_trap () at trap.c:31
#> 31	{
reverse-stepi
#> call_out () at trap.c:51
#> 51	    __asm__ volatile("ecall");
x/i $pc
#~ => 0x[0-9a-f]+ <call_out\+[0-9]+>:	ecall
stepi
#> on_trap () at trap.c:31
#> 31	{
info symbol $pc
#> on_trap in section .text
print $mcause
#> $6 = 11
reverse-stepi
#> call_out () at trap.c:51
#> 51	    __asm__ volatile("ecall");
next
#> on_trap () at trap.c:31
#> 31	{
print ecalls
#> $7 = 0
reverse-next
#> call_out () at trap.c:51
#> 51	    __asm__ volatile("ecall");
print ecalls
#> $8 = 0

# who counted?
watch ticks
#> Hardware watchpoint 7: ticks
continue
#> Hardware watchpoint 7: ticks
#> Old value = 1
#> New value = 2
#> on_timer () at trap.c:21
#> 21	    *mtimecmp = *mtime + 10;
continue
#> Hardware watchpoint 7: ticks
#> Old value = 2
#> New value = 3
#> on_timer () at trap.c:21
#> 21	    *mtimecmp = *mtime + 10;
reverse-continue
#> Hardware watchpoint 7: ticks
#> Old value = 3
#> New value = 2
#~ 0x[0-9a-f]+ in on_timer \(\) at trap\.c:20
#> 20	    ticks++;
reverse-continue
#> Hardware watchpoint 7: ticks
#> Old value = 2
#> New value = 1
#~ 0x[0-9a-f]+ in on_timer \(\) at trap\.c:20
#> 20	    ticks++;
reverse-continue
#> Hardware watchpoint 7: ticks
#> Old value = 1
#> New value = 0
#~ 0x[0-9a-f]+ in on_timer \(\) at trap\.c:20
#> 20	    ticks++;
info symbol $pc
#~ on_timer \+ [0-9]+ in section \.text
delete
watch turns if turns == 50
#> Hardware watchpoint 8: turns
reverse-continue
#> Hardware watchpoint 8: turns
#> Old value = 51
#> New value = 50
#~ 0x[0-9a-f]+ in work \(n=100\) at trap\.c:41
#> 41	        turns++;
reverse-continue
#> No more reverse-execution history.
#~ 0x[0-9a-f]+ in \?\? \(\)
