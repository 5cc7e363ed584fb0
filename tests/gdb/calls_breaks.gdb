# Breakpoints from both sides: none hit, one, many, the one that is stood on.
break writes_nothing
#> Function "writes_nothing" not defined.
break factorial
#~ Breakpoint 1 at 0x[0-9a-f]+: file calls\.c, line 21\.
reverse-continue
#> Breakpoint 1, factorial (n=1) at calls.c:21
#> 21	    if (n <= 1)
reverse-continue
#> Breakpoint 1, factorial (n=2) at calls.c:21
#> 21	    if (n <= 1)
bt
#> #0  factorial (n=2) at calls.c:21
#~ #1  0x[0-9a-f]+ in factorial \(n=3\) at calls\.c:23
#~ #2  0x[0-9a-f]+ in factorial \(n=4\) at calls\.c:23
#~ #3  0x[0-9a-f]+ in factorial \(n=5\) at calls\.c:23
#~ #4  0x[0-9a-f]+ in main \(\) at calls\.c:39
reverse-continue
#> Breakpoint 1, factorial (n=3) at calls.c:21
#> 21	    if (n <= 1)
reverse-continue
#> Breakpoint 1, factorial (n=4) at calls.c:21
#> 21	    if (n <= 1)
reverse-continue
#> Breakpoint 1, factorial (n=5) at calls.c:21
#> 21	    if (n <= 1)
reverse-continue
#> No more reverse-execution history.
#~ 0x[0-9a-f]+ in \?\? \(\)
continue
#> Breakpoint 1, factorial (n=5) at calls.c:21
#> 21	    if (n <= 1)
continue
#> Breakpoint 1, factorial (n=4) at calls.c:21
#> 21	    if (n <= 1)
continue
#> Breakpoint 1, factorial (n=3) at calls.c:21
#> 21	    if (n <= 1)
reverse-continue
#> Breakpoint 1, factorial (n=4) at calls.c:21
#> 21	    if (n <= 1)
continue
#> Breakpoint 1, factorial (n=3) at calls.c:21
#> 21	    if (n <= 1)
info breakpoints
#> Num     Type           Disp Enb Address            What
#~ 1       breakpoint     keep y   0x[0-9a-f]+ in factorial at calls\.c:21
#> 	breakpoint already hit 10 times

# the counts of ignored hits and conditions are gdb's, from both sides
delete
break square if x == 2
#~ Breakpoint 2 at 0x[0-9a-f]+: file calls\.c, line 7\.
continue
#> No more reverse-execution history.
#> _start () at start.S:19
#> 19	2:  j       2b
reverse-continue
#> Breakpoint 2, square (x=2) at calls.c:7
#> 7	    int y = x * x;
reverse-continue
#> No more reverse-execution history.
#~ 0x[0-9a-f]+ in \?\? \(\)
delete
tbreak finish
#~ Temporary breakpoint 3 at 0x[0-9a-f]+: file calls\.c, line 28\.
continue
#> Temporary breakpoint 3, finish () at calls.c:28
#> 28	    writes[3] = result;
reverse-stepi
#~ 0x[0-9a-f]+	27	\{
continue
#> No more reverse-execution history.
#> _start () at start.S:19
#> 19	2:  j       2b
continue
#> No more reverse-execution history.
#> _start () at start.S:19
#> 19	2:  j       2b
hbreak finish
#~ Hardware assisted breakpoint 4 at 0x[0-9a-f]+: file calls\.c, line 28\.
reverse-continue
#> Breakpoint 4, finish () at calls.c:28
#> 28	    writes[3] = result;
reverse-continue
#> No more reverse-execution history.
#~ 0x[0-9a-f]+ in \?\? \(\)

# two at one place
delete
reverse-continue
#> No more reverse-execution history.
#~ 0x[0-9a-f]+ in \?\? \(\)
break main
#~ Breakpoint 5 at 0x[0-9a-f]+: file calls\.c, line 33\.
tbreak main
#~ Temporary breakpoint 6 at 0x[0-9a-f]+: file calls\.c, line 33\.
continue
#> Breakpoint 5, main () at calls.c:33
#> 33	    int a = square(3);
reverse-stepi
#~ 0x[0-9a-f]+	32	\{
continue
#> Breakpoint 5, main () at calls.c:33
#> 33	    int a = square(3);
