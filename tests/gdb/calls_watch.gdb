# Who wrote it? watch, rwatch and awatch, from both sides: the value before and after, and the line.
watch result
#> Hardware watchpoint 1: result
reverse-continue
#> Hardware watchpoint 1: result
#> Old value = 159
#> New value = 39
#~ 0x[0-9a-f]+ in main \(\) at calls\.c:40
#> 40	    result += c;
reverse-continue
#> Hardware watchpoint 1: result
#> Old value = 39
#> New value = 9
#~ 0x[0-9a-f]+ in main \(\) at calls\.c:37
#> 37	    result += b;
reverse-continue
#> Hardware watchpoint 1: result
#> Old value = 9
#> New value = 0
#~ 0x[0-9a-f]+ in main \(\) at calls\.c:34
#> 34	    result = a;
reverse-continue
#> No more reverse-execution history.
#~ 0x[0-9a-f]+ in \?\? \(\)
reverse-continue
#> No more reverse-execution history.
#~ 0x[0-9a-f]+ in \?\? \(\)
continue
#> Hardware watchpoint 1: result
#> Old value = 0
#> New value = 9
#> main () at calls.c:35
#> 35	    writes[0] = 1;
continue
#> Hardware watchpoint 1: result
#> Old value = 9
#> New value = 39
#> main () at calls.c:38
#> 38	    writes[1] = writes[0] + 1;
continue
#> Hardware watchpoint 1: result
#> Old value = 39
#> New value = 159
#> main () at calls.c:41
#> 41	    writes[2] = 3;
reverse-continue
#> Hardware watchpoint 1: result
#> Old value = 159
#> New value = 39
#~ 0x[0-9a-f]+ in main \(\) at calls\.c:40
#> 40	    result += c;
continue
#> Hardware watchpoint 1: result
#> Old value = 39
#> New value = 159
#> main () at calls.c:41
#> 41	    writes[2] = 3;
continue
#> No more reverse-execution history.
#> _start () at start.S:19
#> 19	2:  j       2b
delete

# one element of an array among its neighbours
watch writes[1]
#> Hardware watchpoint 2: writes[1]
reverse-continue
#> Hardware watchpoint 2: writes[1]
#> Old value = 2
#> New value = 0
#~ 0x[0-9a-f]+ in main \(\) at calls\.c:38
#> 38	    writes[1] = writes[0] + 1;
reverse-continue
#> No more reverse-execution history.
#~ 0x[0-9a-f]+ in \?\? \(\)
continue
#> Hardware watchpoint 2: writes[1]
#> Old value = 0
#> New value = 2
#> main () at calls.c:39
#> 39	    int c = factorial(5);
delete

# reads
rwatch writes[0]
#> Hardware read watchpoint 3: writes[0]
continue
#> No more reverse-execution history.
#> _start () at start.S:19
#> 19	2:  j       2b
reverse-continue
#> Hardware read watchpoint 3: writes[0]
#> Value = 1
#~ 0x[0-9a-f]+ in main \(\) at calls\.c:38
#> 38	    writes[1] = writes[0] + 1;
reverse-continue
#> No more reverse-execution history.
#~ 0x[0-9a-f]+ in \?\? \(\)
delete
awatch writes[0]
#> Hardware access (read/write) watchpoint 4: writes[0]
continue
#> Hardware access (read/write) watchpoint 4: writes[0]
#> Old value = 0
#> New value = 1
#> main () at calls.c:36
#> 36	    int b = sum_of_squares(4);
continue
#> Hardware access (read/write) watchpoint 4: writes[0]
#> Value = 1
#> main () at calls.c:38
#> 38	    writes[1] = writes[0] + 1;
continue
#> No more reverse-execution history.
#> _start () at start.S:19
#> 19	2:  j       2b
reverse-continue
#> Hardware access (read/write) watchpoint 4: writes[0]
#> Value = 1
#~ 0x[0-9a-f]+ in main \(\) at calls\.c:38
#> 38	    writes[1] = writes[0] + 1;
reverse-continue
#> Hardware access (read/write) watchpoint 4: writes[0]
#> Old value = 1
#> New value = 0
#~ 0x[0-9a-f]+ in main \(\) at calls\.c:35
#> 35	    writes[0] = 1;
reverse-continue
#> No more reverse-execution history.
#~ 0x[0-9a-f]+ in \?\? \(\)
reverse-continue
#> No more reverse-execution history.
#~ 0x[0-9a-f]+ in \?\? \(\)
delete

# two at once, and a breakpoint between them
watch writes[0]
#> Hardware watchpoint 5: writes[0]
watch result
#> Hardware watchpoint 6: result
break sum_of_squares
#~ Breakpoint 7 at 0x[0-9a-f]+: file calls\.c, line 13\.
continue
#> Hardware watchpoint 6: result
#> Old value = 0
#> New value = 9
#> main () at calls.c:35
#> 35	    writes[0] = 1;
continue
#> Hardware watchpoint 5: writes[0]
#> Old value = 0
#> New value = 1
#> main () at calls.c:36
#> 36	    int b = sum_of_squares(4);
continue
#> Breakpoint 7, sum_of_squares (n=4) at calls.c:13
#> 13	    int sum = 0;
continue
#> Hardware watchpoint 6: result
#> Old value = 9
#> New value = 39
#> main () at calls.c:38
#> 38	    writes[1] = writes[0] + 1;
reverse-continue
#> Hardware watchpoint 6: result
#> Old value = 39
#> New value = 9
#~ 0x[0-9a-f]+ in main \(\) at calls\.c:37
#> 37	    result += b;
reverse-continue
#> Breakpoint 7, sum_of_squares (n=4) at calls.c:13
#> 13	    int sum = 0;
reverse-continue
#> Hardware watchpoint 5: writes[0]
#> Old value = 1
#> New value = 0
#~ 0x[0-9a-f]+ in main \(\) at calls\.c:35
#> 35	    writes[0] = 1;
reverse-continue
#> Hardware watchpoint 6: result
#> Old value = 9
#> New value = 0
#~ 0x[0-9a-f]+ in main \(\) at calls\.c:34
#> 34	    result = a;
reverse-continue
#> No more reverse-execution history.
#~ 0x[0-9a-f]+ in \?\? \(\)
delete

# a value that ends a search
watch result if result == 39
#> Hardware watchpoint 8: result
continue
#> Hardware watchpoint 8: result
#> Old value = 9
#> New value = 39
#> main () at calls.c:38
#> 38	    writes[1] = writes[0] + 1;
continue
#> No more reverse-execution history.
#> _start () at start.S:19
#> 19	2:  j       2b
reverse-continue
#> Hardware watchpoint 8: result
#> Old value = 159
#> New value = 39
#~ 0x[0-9a-f]+ in main \(\) at calls\.c:40
#> 40	    result += c;
