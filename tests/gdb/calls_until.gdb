# until and advance, both ways.
tbreak sum_of_squares
#~ Temporary breakpoint 1 at 0x[0-9a-f]+: file calls\.c, line 13\.
reverse-continue
#> Temporary breakpoint 1, sum_of_squares (n=4) at calls.c:13
#> 13	    int sum = 0;
advance 15
#> sum_of_squares (n=4) at calls.c:15
#> 15	        sum += square(i);
until
#> 14	    for (int i = 1; i <= n; i++)
until
#> 16	    return sum;
until
#> 17	}
until
#> main () at calls.c:37
#> 37	    result += b;
reverse-continue
#> No more reverse-execution history.
#~ 0x[0-9a-f]+ in \?\? \(\)
tbreak sum_of_squares
#~ Temporary breakpoint 2 at 0x[0-9a-f]+: file calls\.c, line 13\.
continue
#> Temporary breakpoint 2, sum_of_squares (n=4) at calls.c:13
#> 13	    int sum = 0;
finish
#~ 0x[0-9a-f]+ in main \(\) at calls\.c:36
#> 36	    int b = sum_of_squares(4);
#> Value returned is $1 = 30
set exec-direction reverse
step
#> sum_of_squares (n=4) at calls.c:17
#> 17	}
until
#> main () at calls.c:36
#> 36	    int b = sum_of_squares(4);
advance main
#> main () at calls.c:33
#> 33	    int a = square(3);
set exec-direction forward
until 41
#> main () at calls.c:41
#> 41	    writes[2] = 3;
advance finish
#> finish () at calls.c:28
#> 28	    writes[3] = result;
set exec-direction reverse
advance 36
#> main () at calls.c:36
#> 36	    int b = sum_of_squares(4);
next
#> 35	    writes[0] = 1;
