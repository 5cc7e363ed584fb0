# The manual's chapter "Running programs backward", command by command: with counts, by set exec-direction, until and
# advance backwards, hardware and temporary breakpoints, watches on locations, the return into a caller.
tbreak finish
#~ Temporary breakpoint 1 at 0x[0-9a-f]+: file calls\.c, line 28\.
reverse-continue
#> Temporary breakpoint 1, finish () at calls.c:28
#> 28	    writes[3] = result;
reverse-stepi 2
#~ 0x[0-9a-f]+	27	\{
reverse-nexti
#> 27	{
reverse-next
#> main () at calls.c:42
#> 42	    finish();
reverse-next 2
#> 40	    result += c;
reverse-step
#> factorial (n=5) at calls.c:24
#> 24	}
reverse-continue
#> No more reverse-execution history.
#~ 0x[0-9a-f]+ in \?\? \(\)

# out of a function backwards, from its middle and from its first line
tbreak calls.c:15
#~ Temporary breakpoint 2 at 0x[0-9a-f]+: file calls\.c, line 15\.
continue
#> Temporary breakpoint 2, sum_of_squares (n=4) at calls.c:15
#> 15	        sum += square(i);
reverse-finish
#~ 0x[0-9a-f]+ in main \(\) at calls\.c:36
#> 36	    int b = sum_of_squares(4);
x/i $pc
#~ => 0x[0-9a-f]+ <main\+[0-9]+>:	jal	0x[0-9a-f]+ <sum_of_squares>
step
#> sum_of_squares (n=4) at calls.c:13
#> 13	    int sum = 0;
reverse-finish
#~ 0x[0-9a-f]+ in main \(\) at calls\.c:36
#> 36	    int b = sum_of_squares(4);

# nexti goes over a call backwards, stepi into it
tbreak calls.c:37
#~ Temporary breakpoint 3 at 0x[0-9a-f]+: file calls\.c, line 37\.
continue
#> Temporary breakpoint 3, main () at calls.c:37
#> 37	    result += b;
reverse-nexti 3
#~ 0x[0-9a-f]+	36	    int b = sum_of_squares\(4\);
x/i $pc
#~ => 0x[0-9a-f]+ <main\+[0-9]+>:	jal	0x[0-9a-f]+ <sum_of_squares>
nexti
#~ 0x[0-9a-f]+	36	    int b = sum_of_squares\(4\);
x/i $pc
#~ => 0x[0-9a-f]+ <main\+[0-9]+>:	mv	a5,a0
reverse-stepi
#~ 0x[0-9a-f]+ in sum_of_squares \(n=4\) at calls\.c:17
#> 17	}
info symbol $pc
#~ sum_of_squares \+ [0-9]+ in section \.text
stepi
#~ 0x[0-9a-f]+ in main \(\) at calls\.c:36
#> 36	    int b = sum_of_squares(4);
reverse-continue
#> No more reverse-execution history.
#~ 0x[0-9a-f]+ in \?\? \(\)

# advance and until, backwards
tbreak calls.c:41
#~ Temporary breakpoint 4 at 0x[0-9a-f]+: file calls\.c, line 41\.
continue
#> Temporary breakpoint 4, main () at calls.c:41
#> 41	    writes[2] = 3;
set exec-direction reverse
show exec-direction
#> Reverse.
advance calls.c:38
#> main () at calls.c:38
#> 38	    writes[1] = writes[0] + 1;
advance square
#> square (x=4) at calls.c:7
#> 7	    int y = x * x;
bt
#> #0  square (x=4) at calls.c:7
#~ #1  0x[0-9a-f]+ in sum_of_squares \(n=4\) at calls\.c:15
#~ #2  0x[0-9a-f]+ in main \(\) at calls\.c:36
until
#> sum_of_squares (n=4) at calls.c:15
#> 15	        sum += square(i);
until calls.c:15
#> sum_of_squares (n=4) at calls.c:15
#> 15	        sum += square(i);
advance main
#> main () at calls.c:33
#> 33	    int a = square(3);
continue
#> No more reverse-execution history.
#~ 0x[0-9a-f]+ in \?\? \(\)
set exec-direction forward
show exec-direction
#> Forward.

# everything plain, turned round
tbreak finish
#~ Temporary breakpoint 5 at 0x[0-9a-f]+: file calls\.c, line 28\.
continue
#> Temporary breakpoint 5, finish () at calls.c:28
#> 28	    writes[3] = result;
set exec-direction reverse
next
#> main () at calls.c:42
#> 42	    finish();
next
#> 41	    writes[2] = 3;
step
#> 40	    result += c;
stepi
#~ 0x[0-9a-f]+	39	    int c = factorial\(5\);
nexti
#~ 0x[0-9a-f]+	39	    int c = factorial\(5\);
hbreak sum_of_squares
#~ Hardware assisted breakpoint 6 at 0x[0-9a-f]+: file calls\.c, line 13\.
continue
#> Breakpoint 6, sum_of_squares (n=4) at calls.c:13
#> 13	    int sum = 0;
tbreak *main
#~ Temporary breakpoint 7 at 0x[0-9a-f]+: file calls\.c, line 32\.
continue
#> Temporary breakpoint 7, main () at calls.c:32
#> 32	{
continue
#> No more reverse-execution history.
#~ 0x[0-9a-f]+ in \?\? \(\)
delete
set exec-direction forward

# the address, not the name: it is watched when the name is out of scope
tbreak sum_of_squares
#~ Temporary breakpoint 8 at 0x[0-9a-f]+: file calls\.c, line 13\.
continue
#> Temporary breakpoint 8, sum_of_squares (n=4) at calls.c:13
#> 13	    int sum = 0;
next
#> 14	    for (int i = 1; i <= n; i++)
watch -l sum
#> Hardware watchpoint 9: -location sum
next
#> 15	        sum += square(i);
continue
#> Hardware watchpoint 9: -location sum
#> Old value = 0
#> New value = 1
#> sum_of_squares (n=4) at calls.c:14
#> 14	    for (int i = 1; i <= n; i++)
continue
#> Hardware watchpoint 9: -location sum
#> Old value = 1
#> New value = 5
#> sum_of_squares (n=4) at calls.c:14
#> 14	    for (int i = 1; i <= n; i++)
continue
#> Hardware watchpoint 9: -location sum
#> Old value = 5
#> New value = 14
#> sum_of_squares (n=4) at calls.c:14
#> 14	    for (int i = 1; i <= n; i++)
continue
#> Hardware watchpoint 9: -location sum
#> Old value = 14
#> New value = 30
#> sum_of_squares (n=4) at calls.c:14
#> 14	    for (int i = 1; i <= n; i++)
reverse-continue
#> Hardware watchpoint 9: -location sum
#> Old value = 30
#> New value = 14
#~ 0x[0-9a-f]+ in sum_of_squares \(n=4\) at calls\.c:15
#> 15	        sum += square(i);
reverse-continue
#> Hardware watchpoint 9: -location sum
#> Old value = 14
#> New value = 5
#~ 0x[0-9a-f]+ in sum_of_squares \(n=4\) at calls\.c:15
#> 15	        sum += square(i);
reverse-continue
#> Hardware watchpoint 9: -location sum
#> Old value = 5
#> New value = 1
#~ 0x[0-9a-f]+ in sum_of_squares \(n=4\) at calls\.c:15
#> 15	        sum += square(i);
finish
#> Hardware watchpoint 9: -location sum
#> Old value = 1
#> New value = 5
#> sum_of_squares (n=4) at calls.c:14
#> 14	    for (int i = 1; i <= n; i++)
delete
reverse-continue
#> No more reverse-execution history.
#~ 0x[0-9a-f]+ in \?\? \(\)

# rwatch and awatch on a location; a condition of a watchpoint
rwatch -l writes[0]
#> Hardware read watchpoint 10: -location writes[0]
continue
#> Hardware read watchpoint 10: -location writes[0]
#> Value = 1
#> main () at calls.c:38
#> 38	    writes[1] = writes[0] + 1;
continue
#> No more reverse-execution history.
#> _start () at start.S:19
#> 19	2:  j       2b
reverse-continue
#> Hardware read watchpoint 10: -location writes[0]
#> Value = 1
#~ 0x[0-9a-f]+ in main \(\) at calls\.c:38
#> 38	    writes[1] = writes[0] + 1;
reverse-continue
#> No more reverse-execution history.
#~ 0x[0-9a-f]+ in \?\? \(\)
delete
awatch *(int *)&writes[1]
#> Hardware access (read/write) watchpoint 11: *(int *)&writes[1]
continue
#> Hardware access (read/write) watchpoint 11: *(int *)&writes[1]
#> Old value = 0
#> New value = 2
#> main () at calls.c:39
#> 39	    int c = factorial(5);
continue
#> No more reverse-execution history.
#> _start () at start.S:19
#> 19	2:  j       2b
reverse-continue
#> Hardware access (read/write) watchpoint 11: *(int *)&writes[1]
#> Old value = 2
#> New value = 0
#~ 0x[0-9a-f]+ in main \(\) at calls\.c:38
#> 38	    writes[1] = writes[0] + 1;
reverse-continue
#> No more reverse-execution history.
#~ 0x[0-9a-f]+ in \?\? \(\)
delete
watch result if result > 100
#> Hardware watchpoint 12: result
continue
#> Hardware watchpoint 12: result
#> Old value = 39
#> New value = 159
#> main () at calls.c:41
#> 41	    writes[2] = 3;
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
delete
