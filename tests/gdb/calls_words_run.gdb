# words: yes
# deja's run stands in front of gdb's: it begins anew as well where gdb has killed the machine or let go of it.
disconnect
target extended-remote ./gdb
#> _start () at start.S:19
#> 19	2:  j       2b
run 100
#~ [0-9,]+ instructions, [0-9.]+ s, hart 0, M-mode, pc 0x[0-9a-f]+
#~ #0  0x[0-9a-f]+ in square \(x=2\) at calls\.c:9
#> 9	}
kill
#> [Inferior 1 (Remote target) killed]
run
#> Program stopped.
#~ 0x[0-9a-f]+ in \?\? \(\)
when
#~ 0 instructions, 0\.000000000 s, hart 0, M-mode, pc 0x[0-9a-f]+
detach
run
#> Program stopped.
#~ 0x[0-9a-f]+ in \?\? \(\)
info threads
#>   Id   Target Id                 Frame 
#~ \* 1    Thread 1 \(hart 0, M-mode\) 0x[0-9a-f]+ in \?\? \(\)
break factorial
#~ Breakpoint 1 at 0x[0-9a-f]+: file calls\.c, line 21\.
continue
#> Breakpoint 1, factorial (n=5) at calls.c:21
#> 21	    if (n <= 1)
run
#~ [0-9,]+ instructions, [0-9.]+ s, hart 0, M-mode, pc 0x[0-9a-f]+
#~ #0  0x[0-9a-f]+ in \?\? \(\)
