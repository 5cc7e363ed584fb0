# History has two ends. At both every command says so, as often as it is given, and turning round works.
stepi
#> No more reverse-execution history.
#> _start () at start.S:19
#> 19	2:  j       2b
continue
#> No more reverse-execution history.
#> _start () at start.S:19
#> 19	2:  j       2b
next
#> No more reverse-execution history.
#> _start () at start.S:19
#> 19	2:  j       2b
step
#> No more reverse-execution history.
#> _start () at start.S:19
#> 19	2:  j       2b
reverse-stepi
#> 18	1:  sw      t0, 0(t1)
stepi
#> No more reverse-execution history.
#> _start () at start.S:19
#> 19	2:  j       2b
continue
#> No more reverse-execution history.
#> _start () at start.S:19
#> 19	2:  j       2b
reverse-continue
#> No more reverse-execution history.
#~ 0x[0-9a-f]+ in \?\? \(\)
reverse-continue
#> No more reverse-execution history.
#~ 0x[0-9a-f]+ in \?\? \(\)
reverse-stepi
#> No more reverse-execution history.
#~ 0x[0-9a-f]+ in \?\? \(\)
stepi
#~ 0x[0-9a-f]+ in \?\? \(\)
reverse-stepi
#~ 0x[0-9a-f]+ in \?\? \(\)
reverse-stepi
#> No more reverse-execution history.
#~ 0x[0-9a-f]+ in \?\? \(\)
stepi 4
#~ 0x[0-9a-f]+ in \?\? \(\)
reverse-stepi 4
#~ 0x[0-9a-f]+ in \?\? \(\)
continue
#> No more reverse-execution history.
#> _start () at start.S:19
#> 19	2:  j       2b

# line steps that run into the start
tbreak main
#~ Temporary breakpoint 1 at 0x[0-9a-f]+: file calls\.c, line 33\.
reverse-continue
#> Temporary breakpoint 1, main () at calls.c:33
#> 33	    int a = square(3);
reverse-next
#> _start () at start.S:11
#> 11	    call    main
reverse-next
#> 10	    csrs    mstatus, t0
reverse-next
#~ 9	    li      t0, 0x[0-9a-f]+              # mstatus\.FS: floating point on
continue
#> No more reverse-execution history.
#> _start () at start.S:19
#> 19	2:  j       2b
tbreak _start
#~ Temporary breakpoint 2 at 0x[0-9a-f]+: file start\.S, line 8\.
reverse-continue
#> Temporary breakpoint 2, _start () at start.S:8
#> 8	    la      sp, stack_top
reverse-step
#~ 0x[0-9a-f]+ in \?\? \(\)
