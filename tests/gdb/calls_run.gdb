# In the extended protocol the debugger stays when it has killed or let go of the machine, and run begins anew: the
# recording, from its start.
disconnect
target extended-remote ./gdb
#> _start () at start.S:19
#> 19	2:  j       2b
tbreak factorial
#~ Temporary breakpoint 1 at 0x[0-9a-f]+: file calls\.c, line 21\.
run
#> Temporary breakpoint 1, factorial (n=5) at calls.c:21
#> 21	    if (n <= 1)
monitor when
#~ [0-9,]+ instructions, [0-9.]+ s, hart 0, M-mode, pc 0x[0-9a-f]+
kill
#> [Inferior 1 (Remote target) killed]
info threads
#> No threads.
attach 1
#> factorial (n=5) at calls.c:21
#> 21	    if (n <= 1)
info breakpoints
#> No breakpoints or watchpoints.
reverse-stepi
#~ 0x[0-9a-f]+	20	\{
detach
start
#~ Temporary breakpoint 2 at 0x[0-9a-f]+: file calls\.c, line 33\.
#> Temporary breakpoint 2, main () at calls.c:33
#> 33	    int a = square(3);
set var writes[0] = 5
watch writes[3]
#> Hardware watchpoint 3: writes[3]
continue
#~ deja: registers or memory were written at [0-9,]+ \(a call does that too\): from there on this is a diverted timeline; the recording is unchanged \(monitor recording goes back there\)
#> Hardware watchpoint 3: writes[3]
#> Old value = 0
#> New value = 159
#> finish () at calls.c:29
#> 29	}
kill
#> [Inferior 1 (Remote target) killed]
# what was written is gone, what was set stays
run
#> Hardware watchpoint 3: writes[3]
#> Old value = 0
#> New value = 159
#> finish () at calls.c:29
#> 29	}
monitor when
#~ [0-9,]+ instructions, [0-9.]+ s, hart 0, M-mode, pc 0x[0-9a-f]+
monitor back
#~ [0-9,]+ instructions, [0-9.]+ s, hart 0, M-mode, pc 0x[0-9a-f]+
#> deja: gdb must look again: maintenance flush register-cache
maintenance flush register-cache
# the end is as far as run comes
delete
run
#> No more reverse-execution history.
#> _start () at start.S:19
#> 19	2:  j       2b
# and whoever comes next finds the place as it was left
disconnect
target remote ./gdb
#> _start () at start.S:19
#> 19	2:  j       2b
run
#> The "remote" target does not support "run".  Try "help target" or "continue".
