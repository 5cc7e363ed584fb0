# Conditions that gdb compiles and the stub evaluates, from both sides: locals, globals, registers, memory.
show breakpoint condition-evaluation
#> Breakpoint condition evaluation mode is auto (currently target).
break square if x == 2
#~ Breakpoint 1 at 0x[0-9a-f]+: file calls\.c, line 7\.
reverse-continue
#> Breakpoint 1, square (x=2) at calls.c:7
#> 7	    int y = x * x;
print x
#> $1 = 2
info breakpoints
#> Num     Type           Disp Enb Address            What
#~ 1       breakpoint     keep y   0x[0-9a-f]+ in square at calls\.c:7
#> 	stop only if x == 2 (target evals)
#> 	breakpoint already hit 1 time
reverse-continue
#> No more reverse-execution history.
#~ 0x[0-9a-f]+ in \?\? \(\)
continue
#> Breakpoint 1, square (x=2) at calls.c:7
#> 7	    int y = x * x;
continue
#> No more reverse-execution history.
#> _start () at start.S:19
#> 19	2:  j       2b
reverse-continue
#> Breakpoint 1, square (x=2) at calls.c:7
#> 7	    int y = x * x;
delete

# one that never holds, one that always does
break square if x > 100
#~ Breakpoint 2 at 0x[0-9a-f]+: file calls\.c, line 7\.
reverse-continue
#> No more reverse-execution history.
#~ 0x[0-9a-f]+ in \?\? \(\)
continue
#> No more reverse-execution history.
#> _start () at start.S:19
#> 19	2:  j       2b
delete
break square if x < 100 && result >= 0
#~ Breakpoint 3 at 0x[0-9a-f]+: file calls\.c, line 7\.
reverse-continue
#> Breakpoint 3, square (x=4) at calls.c:7
#> 7	    int y = x * x;
reverse-continue
#> Breakpoint 3, square (x=3) at calls.c:7
#> 7	    int y = x * x;
delete

# another condition for a breakpoint that is set; none any more
break factorial if n == 4
#~ Breakpoint 4 at 0x[0-9a-f]+: file calls\.c, line 21\.
reverse-continue
#> No more reverse-execution history.
#~ 0x[0-9a-f]+ in \?\? \(\)
condition 4 n == 2
continue
#> Breakpoint 4, factorial (n=2) at calls.c:21
#> 21	    if (n <= 1)
reverse-continue
#> No more reverse-execution history.
#~ 0x[0-9a-f]+ in \?\? \(\)
condition 4
reverse-continue
#> No more reverse-execution history.
#~ 0x[0-9a-f]+ in \?\? \(\)
delete

# two at one place: either will do
break square if x == 1
#~ Breakpoint 5 at 0x[0-9a-f]+: file calls\.c, line 7\.
break square if x == 4
#~ Breakpoint 6 at 0x[0-9a-f]+: file calls\.c, line 7\.
continue
#> Breakpoint 5, square (x=1) at calls.c:7
#> 7	    int y = x * x;
continue
#> Breakpoint 6, square (x=4) at calls.c:7
#> 7	    int y = x * x;
continue
#> No more reverse-execution history.
#> _start () at start.S:19
#> 19	2:  j       2b
reverse-continue
#> Breakpoint 6, square (x=4) at calls.c:7
#> 7	    int y = x * x;
reverse-continue
#> Breakpoint 5, square (x=1) at calls.c:7
#> 7	    int y = x * x;
reverse-continue
#> No more reverse-execution history.
#~ 0x[0-9a-f]+ in \?\? \(\)
delete

# memory, pointers, casts, shifts, registers
break square if writes[0] == 1 && *(char *)&result == 9 && (x << 2) % 3 == 0
#~ Breakpoint 7 at 0x[0-9a-f]+: file calls\.c, line 7\.
continue
#> Breakpoint 7, square (x=3) at calls.c:7
#> 7	    int y = x * x;
reverse-continue
#> No more reverse-execution history.
#~ 0x[0-9a-f]+ in \?\? \(\)
delete
hbreak square if $a0 == 3 || $x15 == 12345
#~ Hardware assisted breakpoint 8 at 0x[0-9a-f]+: file calls\.c, line 7\.
continue
#> Breakpoint 8, square (x=3) at calls.c:7
#> 7	    int y = x * x;
tbreak factorial if n * n == 9
#~ Temporary breakpoint 9 at 0x[0-9a-f]+: file calls\.c, line 21\.
continue
#> Breakpoint 8, square (x=3) at calls.c:7
#> 7	    int y = x * x;
reverse-continue
#> Breakpoint 8, square (x=3) at calls.c:7
#> 7	    int y = x * x;
delete

# memory that is not there: gdb says so, at the first hit
break square if *(int *)0x10 == 0
#~ Breakpoint 10 at 0x[0-9a-f]+: file calls\.c, line 7\.
continue
#> Error in testing breakpoint condition:
#> Cannot access memory at address 0x10
#> Breakpoint 10, square (x=1) at calls.c:7
#> 7	    int y = x * x;
delete

# on the way: a step goes over a breakpoint that does not count
tbreak sum_of_squares
#~ Temporary breakpoint 11 at 0x[0-9a-f]+: file calls\.c, line 13\.
reverse-continue
#> Temporary breakpoint 11, sum_of_squares (n=4) at calls.c:13
#> 13	    int sum = 0;
break square if x == 3
#~ Breakpoint 12 at 0x[0-9a-f]+: file calls\.c, line 7\.
next
#> 14	    for (int i = 1; i <= n; i++)
next
#> 15	        sum += square(i);
next
#> 14	    for (int i = 1; i <= n; i++)
next
#> 15	        sum += square(i);
next
#> 14	    for (int i = 1; i <= n; i++)
next
#> 15	        sum += square(i);
reverse-next
#> 14	    for (int i = 1; i <= n; i++)
reverse-next
#> 15	        sum += square(i);
