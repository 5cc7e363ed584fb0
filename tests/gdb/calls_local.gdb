# A watched local variable goes out of scope at the end of its frame.
tbreak sum_of_squares
#~ Temporary breakpoint 1 at 0x[0-9a-f]+: file calls\.c, line 13\.
reverse-continue
#> Temporary breakpoint 1, sum_of_squares (n=4) at calls.c:13
#> 13	    int sum = 0;
next
#> 14	    for (int i = 1; i <= n; i++)
next
#> 15	        sum += square(i);
watch sum
#> Hardware watchpoint 2: sum
continue
#> Hardware watchpoint 2: sum
#> Old value = 0
#> New value = 1
#> sum_of_squares (n=4) at calls.c:14
#> 14	    for (int i = 1; i <= n; i++)
continue
#> Hardware watchpoint 2: sum
#> Old value = 1
#> New value = 5
#> sum_of_squares (n=4) at calls.c:14
#> 14	    for (int i = 1; i <= n; i++)
continue
#> Hardware watchpoint 2: sum
#> Old value = 5
#> New value = 14
#> sum_of_squares (n=4) at calls.c:14
#> 14	    for (int i = 1; i <= n; i++)
reverse-continue
#> Hardware watchpoint 2: sum
#> Old value = 14
#> New value = 5
#~ 0x[0-9a-f]+ in sum_of_squares \(n=4\) at calls\.c:15
#> 15	        sum += square(i);
reverse-continue
#> Hardware watchpoint 2: sum
#> Old value = 5
#> New value = 1
#~ 0x[0-9a-f]+ in sum_of_squares \(n=4\) at calls\.c:15
#> 15	        sum += square(i);
continue
#> Hardware watchpoint 2: sum
#> Old value = 1
#> New value = 5
#> sum_of_squares (n=4) at calls.c:14
#> 14	    for (int i = 1; i <= n; i++)
continue
#> Hardware watchpoint 2: sum
#> Old value = 5
#> New value = 14
#> sum_of_squares (n=4) at calls.c:14
#> 14	    for (int i = 1; i <= n; i++)
continue
#> Hardware watchpoint 2: sum
#> Old value = 14
#> New value = 30
#> sum_of_squares (n=4) at calls.c:14
#> 14	    for (int i = 1; i <= n; i++)
continue
#> Watchpoint 2 deleted because the program has left the block in
#> which its expression is valid.
#~ 0x[0-9a-f]+ in main \(\) at calls\.c:36
#> 36	    int b = sum_of_squares(4);
continue
#> No more reverse-execution history.
#> _start () at start.S:19
#> 19	2:  j       2b
