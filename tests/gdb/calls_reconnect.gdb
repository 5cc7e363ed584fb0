# A debugger that comes again finds the place as it was left, and no breakpoints of the last one.
tbreak sum_of_squares
#~ Temporary breakpoint 1 at 0x[0-9a-f]+: file calls\.c, line 13\.
reverse-continue
#> Temporary breakpoint 1, sum_of_squares (n=4) at calls.c:13
#> 13	    int sum = 0;
break finish
#~ Breakpoint 2 at 0x[0-9a-f]+: file calls\.c, line 28\.
set breakpoint always-inserted on
disconnect
delete
target remote ./gdb
#> sum_of_squares (n=4) at calls.c:13
#> 13	    int sum = 0;
continue
#> No more reverse-execution history.
#> _start () at start.S:19
#> 19	2:  j       2b
reverse-stepi
#> 18	1:  sw      t0, 0(t1)
detach
target remote ./gdb
#> _start () at start.S:18
#> 18	1:  sw      t0, 0(t1)
kill
#> [Inferior 1 (Remote target) killed]
target remote ./gdb
#> _start () at start.S:18
#> 18	1:  sw      t0, 0(t1)
reverse-stepi
#> 14	    beqz    a0, 1f
