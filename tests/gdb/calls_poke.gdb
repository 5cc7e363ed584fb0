# Writing in the past diverts, says so, and leaves the recording as it is.
tbreak sum_of_squares
#~ Temporary breakpoint 1 at 0x[0-9a-f]+: file calls\.c, line 13\.
reverse-continue
#> Temporary breakpoint 1, sum_of_squares (n=4) at calls.c:13
#> 13	    int sum = 0;
monitor when
#~ [0-9,]+ instructions, [0-9.]+ s, hart 0, M-mode, pc 0x[0-9a-f]+
print result
#> $1 = 9
set var result = 1000
print result
#> $2 = 1000
next
#~ deja: registers or memory were written at [0-9,]+ \(a call does that too\): from there on this is a diverted timeline; the recording is unchanged \(monitor recording goes back there\)
#> 14	    for (int i = 1; i <= n; i++)
monitor when
#~ [0-9,]+ instructions, [0-9.]+ s, hart 0, M-mode, pc 0x[0-9a-f]+, diverted
tbreak finish
#~ Temporary breakpoint 2 at 0x[0-9a-f]+: file calls\.c, line 28\.
continue
#> Temporary breakpoint 2, finish () at calls.c:28
#> 28	    writes[3] = result;
print result
#> $3 = 1150
reverse-continue
#> No more reverse-execution history.
#~ 0x[0-9a-f]+ in \?\? \(\)
monitor recording
#> deja: back in the recording
#~ [0-9,]+ instructions, [0-9.]+ s, hart 0, M-mode, pc 0x[0-9a-f]+
#> deja: gdb must look again: maintenance flush register-cache
maintenance flush register-cache
print result
#> $4 = 0

# registers
tbreak square
#~ Temporary breakpoint 3 at 0x[0-9a-f]+: file calls\.c, line 7\.
continue
#> Temporary breakpoint 3, square (x=3) at calls.c:7
#> 7	    int y = x * x;
print $pc == (long)&square
#> $5 = 0
set $a0 = 77
stepi
#~ deja: registers or memory were written at [0-9,]+ \(a call does that too\): from there on this is a diverted timeline; the recording is unchanged \(monitor recording goes back there\)
#~ 0x[0-9a-f]+	7	    int y = x \* x;
print $a0
#> $6 = 77
monitor recording
#> deja: back in the recording, where it was left
#~ [0-9,]+ instructions, [0-9.]+ s, hart 0, M-mode, pc 0x[0-9a-f]+
#> deja: gdb must look again: maintenance flush register-cache
maintenance flush register-cache
print $a0
#> $7 = 3
frame
#~ #0  square \(x=3\) at calls.c:7
#> 7	    int y = x * x;

# writing what is there already is no write
set var result = result
set $pc = $pc
stepi
#~ 0x[0-9a-f]+	7	    int y = x \* x;
monitor when
#~ [0-9,]+ instructions, [0-9.]+ s, hart 0, M-mode, pc 0x[0-9a-f]+

# a call of the debugger's is a what-if as well
tbreak factorial
#~ Temporary breakpoint 4 at 0x[0-9a-f]+: file calls\.c, line 21\.
continue
#> Temporary breakpoint 4, factorial (n=5) at calls.c:21
#> 21	    if (n <= 1)
monitor bookmark here
#~ deja: here is [0-9,]+
print square(12)
#~ deja: registers or memory were written at [0-9,]+ \(a call does that too\): from there on this is a diverted timeline; the recording is unchanged \(monitor recording goes back there\)
#> $8 = 144
monitor recording
#> deja: back in the recording, where it was left
#~ [0-9,]+ instructions, [0-9.]+ s, hart 0, M-mode, pc 0x[0-9a-f]+
#> deja: gdb must look again: maintenance flush register-cache
maintenance flush register-cache
bt 1
#> #0  factorial (n=5) at calls.c:21
monitor bookmarks
#~  +[0-9,]+  here  \(here\)
