# Every way of stepping back, through calls and the lines between them.
break main
#~ Breakpoint 1 at 0x[0-9a-f]+: file calls\.c, line 33\.
reverse-continue
#> Breakpoint 1, main () at calls.c:33
#> 33	    int a = square(3);
delete

# over calls
next
#> 34	    result = a;
next
#> 35	    writes[0] = 1;
next
#> 36	    int b = sum_of_squares(4);
next
#> 37	    result += b;
reverse-next
#> 36	    int b = sum_of_squares(4);
reverse-next
#> 35	    writes[0] = 1;
reverse-next
#> 34	    result = a;
reverse-next
#> 33	    int a = square(3);

# into a call from its start, and back out of it
step
#> square (x=3) at calls.c:7
#> 7	    int y = x * x;
reverse-step
#> main () at calls.c:33
#> 33	    int a = square(3);
step
#> square (x=3) at calls.c:7
#> 7	    int y = x * x;
next
#> 8	    return y;
next
#> 9	}
reverse-stepi
#~ (0x[0-9a-f]+	)?8	    return y;
stepi
#~ 9	}

# into a call from its end
next
#> main () at calls.c:34
#> 34	    result = a;
reverse-step
#> square (x=3) at calls.c:9
#> 9	}
reverse-finish
#~ 0x[0-9a-f]+ in main \(\) at calls\.c:33
#> 33	    int a = square(3);

# out of a loop's body, and back in
tbreak sum_of_squares
#~ Temporary breakpoint 2 at 0x[0-9a-f]+: file calls\.c, line 13\.
continue
#> Temporary breakpoint 2, sum_of_squares (n=4) at calls.c:13
#> 13	    int sum = 0;
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
step
#> square (x=1) at calls.c:7
#> 7	    int y = x * x;
finish
#~ 0x[0-9a-f]+ in sum_of_squares \(n=4\) at calls\.c:15
#> 15	        sum += square(i);
#> Value returned is $1 = 1
reverse-step
#> square (x=1) at calls.c:9
#> 9	}
up
#~ #1  0x[0-9a-f]+ in sum_of_squares \(n=4\) at calls\.c:15
#> 15	        sum += square(i);
down
#> #0  square (x=1) at calls.c:9
#> 9	}

# counted
reverse-stepi 5
#~ 0x[0-9a-f]+	6	\{
stepi 5
#> 9	}
reverse-next 3
#> sum_of_squares (n=4) at calls.c:15
#> 15	        sum += square(i);
