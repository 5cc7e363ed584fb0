# deja's words as commands of gdb: who changed memory, which calls there were, and back to where one has been.
# words: yes
last-write result
#~ deja: 4 bytes at 0x[0-9a-f]+: 0x27 -> 0x9f at [0-9,]+ \([0-9.]+ s\), by pc 0x[0-9a-f]+, [0-9,]+ instructions? (ago|ahead)
#> #0  main () at calls.c:41
#> 41	    writes[2] = 3;
last-write result
#~ deja: 4 bytes at 0x[0-9a-f]+: 0x9 -> 0x27 at [0-9,]+ \([0-9.]+ s\), by pc 0x[0-9a-f]+, [0-9,]+ instructions? (ago|ahead)
#> #0  main () at calls.c:38
#> 38	    writes[1] = writes[0] + 1;
last-write result
#~ deja: 4 bytes at 0x[0-9a-f]+: 0x0 -> 0x9 at [0-9,]+ \([0-9.]+ s\), by pc 0x[0-9a-f]+, [0-9,]+ instructions? (ago|ahead)
#> #0  main () at calls.c:35
#> 35	    writes[0] = 1;
last-write result
#~ deja: 0x[0-9a-f]+ has not been changed before
#> #0  main () at calls.c:35
#> 35	    writes[0] = 1;
next-write result
#~ deja: 4 bytes at 0x[0-9a-f]+: 0x9 -> 0x27 at [0-9,]+ \([0-9.]+ s\), by pc 0x[0-9a-f]+, [0-9,]+ instructions? (ago|ahead)
#> #0  main () at calls.c:38
#> 38	    writes[1] = writes[0] + 1;
back
#~ [0-9,]+ instructions, [0-9.]+ s, hart 0, M-mode, pc 0x[0-9a-f]+
#> #0  main () at calls.c:35
#> 35	    writes[0] = 1;
back
#~ [0-9,]+ instructions, [0-9.]+ s, hart 0, M-mode, pc 0x[0-9a-f]+
#> #0  main () at calls.c:38
#> 38	    writes[1] = writes[0] + 1;
back
#~ [0-9,]+ instructions, [0-9.]+ s, hart 0, M-mode, pc 0x[0-9a-f]+
#> #0  main () at calls.c:41
#> 41	    writes[2] = 3;
forward
#~ [0-9,]+ instructions, [0-9.]+ s, hart 0, M-mode, pc 0x[0-9a-f]+
#> #0  main () at calls.c:38
#> 38	    writes[1] = writes[0] + 1;
forward
#~ [0-9,]+ instructions, [0-9.]+ s, hart 0, M-mode, pc 0x[0-9a-f]+
#> #0  main () at calls.c:35
#> 35	    writes[0] = 1;
forward
#~ [0-9,]+ instructions, [0-9.]+ s, hart 0, M-mode, pc 0x[0-9a-f]+
#> #0  main () at calls.c:38
#> 38	    writes[1] = writes[0] + 1;
seek end
#~ [0-9,]+ instructions, [0-9.]+ s, hart 0, M-mode, pc 0x[0-9a-f]+
#> #0  _start () at start.S:19
#> 19	2:  j       2b
last-write result == 9
#~ deja: 4 bytes at 0x[0-9a-f]+: 0x0 -> 0x9 at [0-9,]+ \([0-9.]+ s\), by pc 0x[0-9a-f]+, [0-9,]+ instructions? (ago|ahead)
#> #0  main () at calls.c:35
#> 35	    writes[0] = 1;
back
#~ [0-9,]+ instructions, [0-9.]+ s, hart 0, M-mode, pc 0x[0-9a-f]+
#> #0  _start () at start.S:19
#> 19	2:  j       2b
last-write writes[0] 4
#~ deja: 4 bytes at 0x[0-9a-f]+: 0x0 -> 0x1 at [0-9,]+ \([0-9.]+ s\), by pc 0x[0-9a-f]+, [0-9,]+ instructions? (ago|ahead)
#> #0  main () at calls.c:36
#> 36	    int b = sum_of_squares(4);
last-write writes 16
#~ deja: 8 bytes at 0x[0-9a-f]+: 0x0 -> 0x1 at [0-9,]+ \([0-9.]+ s\), by pc 0x[0-9a-f]+, [0-9,]+ instructions? (ago|ahead)
#> #0  main () at calls.c:36
#> 36	    int b = sum_of_squares(4);
last-write 0x80000000
#~ deja: 0x[0-9a-f]+ has not been changed before
#> #0  main () at calls.c:36
#> 36	    int b = sum_of_squares(4);
last-write result == 12345
#~ deja: 0x[0-9a-f]+ has not been changed before to this value
#> #0  main () at calls.c:36
#> 36	    int b = sum_of_squares(4);
next-write result
#~ deja: 4 bytes at 0x[0-9a-f]+: 0x9 -> 0x27 at [0-9,]+ \([0-9.]+ s\), by pc 0x[0-9a-f]+, [0-9,]+ instructions? (ago|ahead)
#> #0  main () at calls.c:38
#> 38	    writes[1] = writes[0] + 1;
seek start
#~ [0-9,]+ instructions, [0-9.]+ s, hart 0, M-mode, pc 0x[0-9a-f]+
#~ #0  0x[0-9a-f]+ in \?\? \(\)
next-write result == 39
#~ deja: 4 bytes at 0x[0-9a-f]+: 0x9 -> 0x27 at [0-9,]+ \([0-9.]+ s\), by pc 0x[0-9a-f]+, [0-9,]+ instructions? (ago|ahead)
#> #0  main () at calls.c:38
#> 38	    writes[1] = writes[0] + 1;
print result
#> $1 = 39
writes result
#~  +[0-9,]+  [0-9.]+ s  pc 0x[0-9a-f]+  0x[0-9a-f]+: 0x27 -> 0x9f
#~  +[0-9,]+  [0-9.]+ s  pc 0x[0-9a-f]+  0x[0-9a-f]+: 0x9 -> 0x27
#~  +[0-9,]+  [0-9.]+ s  pc 0x[0-9a-f]+  0x[0-9a-f]+: 0x0 -> 0x9
writes result 4
#~  +[0-9,]+  [0-9.]+ s  pc 0x[0-9a-f]+  0x[0-9a-f]+: 0x27 -> 0x9f
#~  +[0-9,]+  [0-9.]+ s  pc 0x[0-9a-f]+  0x[0-9a-f]+: 0x9 -> 0x27
#~  +[0-9,]+  [0-9.]+ s  pc 0x[0-9a-f]+  0x[0-9a-f]+: 0x0 -> 0x9
writes writes
#~  +[0-9,]+  [0-9.]+ s  pc 0x[0-9a-f]+  0x[0-9a-f]+: 0x0 -> 0x9f
#~  +[0-9,]+  [0-9.]+ s  pc 0x[0-9a-f]+  0x[0-9a-f]+: 0x0 -> 0x3
#~  +[0-9,]+  [0-9.]+ s  pc 0x[0-9a-f]+  0x[0-9a-f]+: 0x0 -> 0x2
#~  +[0-9,]+  [0-9.]+ s  pc 0x[0-9a-f]+  0x[0-9a-f]+: 0x0 -> 0x1
writes writes[0] start 10
#> deja: none
calls square
#~  +[0-9,]+  [0-9.]+ s  from 0x[0-9a-f]+  \(0x4, 0x[0-9a-f]+, 0x[0-9a-f]+, 0x0\)
#~  +[0-9,]+  [0-9.]+ s  from 0x[0-9a-f]+  \(0x3, 0x[0-9a-f]+, 0x[0-9a-f]+, 0x0\)
#~  +[0-9,]+  [0-9.]+ s  from 0x[0-9a-f]+  \(0x2, 0x[0-9a-f]+, 0x[0-9a-f]+, 0x0\)
#~  +[0-9,]+  [0-9.]+ s  from 0x[0-9a-f]+  \(0x1, 0x[0-9a-f]+, 0x[0-9a-f]+, 0x0\)
#~  +[0-9,]+  [0-9.]+ s  from 0x[0-9a-f]+  \(0x3, 0x[0-9a-f]+, 0x[0-9a-f]+, 0x0\)
calls factorial
#~  +[0-9,]+  [0-9.]+ s  from 0x[0-9a-f]+  \(0x1, 0x[0-9a-f]+, 0x[0-9a-f]+, 0x0\)
#~  +[0-9,]+  [0-9.]+ s  from 0x[0-9a-f]+  \(0x2, 0x[0-9a-f]+, 0x[0-9a-f]+, 0x0\)
#~  +[0-9,]+  [0-9.]+ s  from 0x[0-9a-f]+  \(0x3, 0x[0-9a-f]+, 0x[0-9a-f]+, 0x0\)
#~  +[0-9,]+  [0-9.]+ s  from 0x[0-9a-f]+  \(0x4, 0x[0-9a-f]+, 0x[0-9a-f]+, 0x0\)
#~  +[0-9,]+  [0-9.]+ s  from 0x[0-9a-f]+  \(0x5, 0x[0-9a-f]+, 0x[0-9a-f]+, 0x0\)
calls square start 100
#~  +[0-9,]+  [0-9.]+ s  from 0x[0-9a-f]+  \(0x2, 0x[0-9a-f]+, 0x[0-9a-f]+, 0x0\)
#~  +[0-9,]+  [0-9.]+ s  from 0x[0-9a-f]+  \(0x1, 0x[0-9a-f]+, 0x[0-9a-f]+, 0x0\)
#~  +[0-9,]+  [0-9.]+ s  from 0x[0-9a-f]+  \(0x3, 0x[0-9a-f]+, 0x[0-9a-f]+, 0x0\)
last-call factorial
#~ deja: 0x[0-9a-f]+ has not been reached before
#> #0  main () at calls.c:38
#> 38	    writes[1] = writes[0] + 1;
bt 3
#> #0  main () at calls.c:38
last-call factorial
#~ deja: 0x[0-9a-f]+ has not been reached before
#> #0  main () at calls.c:38
#> 38	    writes[1] = writes[0] + 1;
last-call square
#~ deja: at [0-9,]+ \([0-9.]+ s\), [0-9,]+ instructions? (ago|ahead)
#> #0  square (x=3) at calls.c:6
#> 6	{
seek end
#~ [0-9,]+ instructions, [0-9.]+ s, hart 0, M-mode, pc 0x[0-9a-f]+
#> #0  _start () at start.S:19
#> 19	2:  j       2b
diff start end writes
#~ 0x[0-9a-f]+: 0x0 -> 0x[0-9a-f]+
#~ 0x[0-9a-f]+: 0x0 -> 0x[0-9a-f]+
diff start end result
#~ 0x[0-9a-f]+: 0x0 -> 0x9f
diff 5 5 result
#> deja: equal
bookmark here
#~ deja: \w+ is [0-9,]+
seek start
#~ [0-9,]+ instructions, [0-9.]+ s, hart 0, M-mode, pc 0x[0-9a-f]+
#~ #0  0x[0-9a-f]+ in \?\? \(\)
bookmarks
#~  +[0-9,]+  here
bookmark there
#~ deja: \w+ is [0-9,]+
bookmarks
#~  +[0-9,]+  there  \(here\)
#~  +[0-9,]+  here
seek here
#~ [0-9,]+ instructions, [0-9.]+ s, hart 0, M-mode, pc 0x[0-9a-f]+
#> #0  _start () at start.S:19
#> 19	2:  j       2b
goto-bookmark there
#~ [0-9,]+ instructions, [0-9.]+ s, hart 0, M-mode, pc 0x[0-9a-f]+
#~ #0  0x[0-9a-f]+ in \?\? \(\)
run 40
#~ [0-9,]+ instructions, [0-9.]+ s, hart 0, M-mode, pc 0x[0-9a-f]+
#> #0  main () at calls.c:36
#> 36	    int b = sum_of_squares(4);
when
#~ [0-9,]+ instructions, [0-9.]+ s, hart 0, M-mode, pc 0x[0-9a-f]+
when-ticks
#~ [0-9,]+ instructions, [0-9.]+ s, hart 0, M-mode, pc 0x[0-9a-f]+
run
#~ [0-9,]+ instructions, [0-9.]+ s, hart 0, M-mode, pc 0x[0-9a-f]+
#~ #0  0x[0-9a-f]+ in \?\? \(\)
unbookmark here
#> deja: here is forgotten
seek here
#> deja: mark here: neither a mark nor a bookmark; give instructions (1,234), time (2h, 9min, 12.5s, 300ms, 40us), start, end, end-N, text:REGEX or a bookmark (64)
#~ #0  0x[0-9a-f]+ in \?\? \(\)
bookmark end
#> deja: bookmark end: not a name; give a letter, then letters, digits, _ - and . (at most 63), and no mark (64)
bookmark
#> bookmark NAME
last-write
#> last-write EXPRESSION [LEN] [== VALUE]
last-write nothing
#> No symbol "nothing" in current context.
last-write 0x10
#> deja: address 0x10: no memory there, here and now; give one that is, or phys:ADDRESS (64)
#~ #0  0x[0-9a-f]+ in \?\? \(\)
last-write phys:0x80000000 4
#~ deja: 0x[0-9a-f]+ has not been changed before
#~ #0  0x[0-9a-f]+ in \?\? \(\)
seek end
#~ [0-9,]+ instructions, [0-9.]+ s, hart 0, M-mode, pc 0x[0-9a-f]+
#> #0  _start () at start.S:19
#> 19	2:  j       2b
last-write writes [ 0 ]
#~ deja: 4 bytes at 0x[0-9a-f]+: 0x0 -> 0x1 at [0-9,]+ \([0-9.]+ s\), by pc 0x[0-9a-f]+, [0-9,]+ instructions? (ago|ahead)
#> #0  main () at calls.c:36
#> 36	    int b = sum_of_squares(4);
seek end
#~ [0-9,]+ instructions, [0-9.]+ s, hart 0, M-mode, pc 0x[0-9a-f]+
#> #0  _start () at start.S:19
#> 19	2:  j       2b
last-write * (long *) &result
#~ deja: 8 bytes at 0x[0-9a-f]+: 0x27 -> 0x9f at [0-9,]+ \([0-9.]+ s\), by pc 0x[0-9a-f]+, [0-9,]+ instructions? (ago|ahead)
#> #0  main () at calls.c:41
#> 41	    writes[2] = 3;
seek end
#~ [0-9,]+ instructions, [0-9.]+ s, hart 0, M-mode, pc 0x[0-9a-f]+
#> #0  _start () at start.S:19
#> 19	2:  j       2b
last-write *(int *) &result 2
#~ deja: 2 bytes at 0x[0-9a-f]+: 0x27 -> 0x9f at [0-9,]+ \([0-9.]+ s\), by pc 0x[0-9a-f]+, [0-9,]+ instructions? (ago|ahead)
#> #0  main () at calls.c:41
#> 41	    writes[2] = 3;
seek end
#~ [0-9,]+ instructions, [0-9.]+ s, hart 0, M-mode, pc 0x[0-9a-f]+
#> #0  _start () at start.S:19
#> 19	2:  j       2b
last-write *(int *) &result == 4 + 5
#~ deja: 4 bytes at 0x[0-9a-f]+: 0x0 -> 0x9 at [0-9,]+ \([0-9.]+ s\), by pc 0x[0-9a-f]+, [0-9,]+ instructions? (ago|ahead)
#> #0  main () at calls.c:35
#> 35	    writes[0] = 1;
last-write result 4 == 9
#~ deja: 0x[0-9a-f]+ has not been changed before to this value
#> #0  main () at calls.c:35
#> 35	    writes[0] = 1;
seek end
#~ [0-9,]+ instructions, [0-9.]+ s, hart 0, M-mode, pc 0x[0-9a-f]+
#> #0  _start () at start.S:19
#> 19	2:  j       2b
last-write 0x80000000 + 8 4
#~ deja: 0x[0-9a-f]+ has not been changed before
#> #0  _start () at start.S:19
#> 19	2:  j       2b
next-write phys:0x80000000 4
#~ deja: 0x[0-9a-f]+ is not changed any more
#> #0  _start () at start.S:19
#> 19	2:  j       2b
seek start
#~ [0-9,]+ instructions, [0-9.]+ s, hart 0, M-mode, pc 0x[0-9a-f]+
#~ #0  0x[0-9a-f]+ in \?\? \(\)
next-write *(int *) &result 4 == 39
#~ deja: 4 bytes at 0x[0-9a-f]+: 0x9 -> 0x27 at [0-9,]+ \([0-9.]+ s\), by pc 0x[0-9a-f]+, [0-9,]+ instructions? (ago|ahead)
#> #0  main () at calls.c:38
#> 38	    writes[1] = writes[0] + 1;
print result
#> $2 = 39
last-write writes[0] + 1
#> Attempt to take address of value not located in memory.
last-write result = 5
#> last-write EXPRESSION [LEN] [== VALUE]
last-write result=5
#> last-write EXPRESSION [LEN] [== VALUE]
last-write result++
#> last-write EXPRESSION [LEN] [== VALUE]
last-write result ==
#> last-write EXPRESSION [LEN] [== VALUE]
last-write result == 1 2 3 4
#> last-write EXPRESSION [LEN] [== VALUE]
last-write result 4 4
#> last-write EXPRESSION [LEN] [== VALUE]
last-write a b c d e f g h i
#> too many blanks; leave some out
print result
#> $3 = 39
writes *(int *) &result
#~  +[0-9,]+  [0-9.]+ s  pc 0x[0-9a-f]+  0x[0-9a-f]+: 0x27 -> 0x9f
#~  +[0-9,]+  [0-9.]+ s  pc 0x[0-9a-f]+  0x[0-9a-f]+: 0x9 -> 0x27
#~  +[0-9,]+  [0-9.]+ s  pc 0x[0-9a-f]+  0x[0-9a-f]+: 0x0 -> 0x9
writes *(int *) &result 4 start end
#~  +[0-9,]+  [0-9.]+ s  pc 0x[0-9a-f]+  0x[0-9a-f]+: 0x27 -> 0x9f
#~  +[0-9,]+  [0-9.]+ s  pc 0x[0-9a-f]+  0x[0-9a-f]+: 0x9 -> 0x27
#~  +[0-9,]+  [0-9.]+ s  pc 0x[0-9a-f]+  0x[0-9a-f]+: 0x0 -> 0x9
writes phys:0x80000000 4
#> deja: none
writes result=3
#> writes EXPRESSION [LEN] [FROM TO]
writes a b c d e f g h i
#> too many blanks; leave some out
diff start end *(int *) &result
#~ 0x[0-9a-f]+: 0x0 -> 0x9f
diff start end *(int *) &result 2
#~ 0x[0-9a-f]+: 0x0 -> 0x9f
diff start end phys:0x80000000
#> deja: equal
diff start end result 2 3
#> diff MARK1 MARK2 EXPRESSION [LEN]
diff start end result=1
#> diff MARK1 MARK2 EXPRESSION [LEN]
diff 1 2 3 4 5 6 7 8 9
#> too many blanks; leave some out
calls * square start 100
#~  +[0-9,]+  [0-9.]+ s  from 0x[0-9a-f]+  \(0x2, 0x[0-9a-f]+, 0x[0-9a-f]+, 0x0\)
#~  +[0-9,]+  [0-9.]+ s  from 0x[0-9a-f]+  \(0x1, 0x[0-9a-f]+, 0x[0-9a-f]+, 0x0\)
#~  +[0-9,]+  [0-9.]+ s  from 0x[0-9a-f]+  \(0x3, 0x[0-9a-f]+, 0x[0-9a-f]+, 0x0\)
calls square 5
#> calls FUNCTION [FROM TO]
calls phys:0x80000000
#> calls FUNCTION [FROM TO]
calls a b c d e f g h i
#> too many blanks; leave some out
last-call *square
#~ deja: at [0-9,]+ \([0-9.]+ s\), [0-9,]+ instructions? (ago|ahead)
#> #0  square (x=3) at calls.c:6
#> 6	{
last-call phys:0x80000000
#> last-call FUNCTION
last-call a b c d e f g h i
#> too many blanks; leave some out
deja
#> Deja's own commands. help COMMAND says more of each.
#>   when, when-ticks         where we are
#>   seek MARK, run [MARK]    go elsewhere
#>   back, forward            through the places where one has been
#>   last-write, next-write   to the last or the next change of memory; writes lists them
#>   last-call, calls         to the last call of a function; a list of them
#>   output REGEX             to the instruction that printed it
#>   diff                     in what memory differs between two marks
#>   guest-ps, guest-bt       the processes of the guest's Linux kernel, and where they are in it
#>   bookmark NAME            a name for a mark; bookmarks, goto-bookmark, unbookmark
#>   recording                drop what was written to registers and memory
#> gdb's own go backwards too: reverse-stepi, reverse-next, reverse-finish, reverse-continue, and watch.
#> At $phys lies physical memory: watch *(int *)($phys + 0x80201000) sees it whoever maps it, and x/4x looks at it.
seek start
#~ [0-9,]+ instructions, [0-9.]+ s, hart 0, M-mode, pc 0x[0-9a-f]+
#~ #0  0x[0-9a-f]+ in \?\? \(\)
last-write a b c d e f
#> last-write EXPRESSION [LEN] [== VALUE]
writes result 1 2 3 4 5
#> writes EXPRESSION [LEN] [FROM TO]
last-write result 100000
#> deja: 100000 bytes: cannot be looked at; give 1 to 65536 (64)
#~ #0  0x[0-9a-f]+ in \?\? \(\)
output nothing
#> deja: nothing on the console matches
#~ #0  0x[0-9a-f]+ in \?\? \(\)
diff 1
#> diff MARK1 MARK2 EXPRESSION [LEN]
when 1
#> when takes no arguments
back 3
#> back takes no arguments
#~ #0  0x[0-9a-f]+ in \?\? \(\)
seek end
#~ [0-9,]+ instructions, [0-9.]+ s, hart 0, M-mode, pc 0x[0-9a-f]+
#> #0  _start () at start.S:19
#> 19	2:  j       2b
writes &result
#~  +[0-9,]+  [0-9.]+ s  pc 0x[0-9a-f]+  0x[0-9a-f]+: 0x27 -> 0x9f
#~  +[0-9,]+  [0-9.]+ s  pc 0x[0-9a-f]+  0x[0-9a-f]+: 0x9 -> 0x27
#~  +[0-9,]+  [0-9.]+ s  pc 0x[0-9a-f]+  0x[0-9a-f]+: 0x0 -> 0x9
set $where = &result
last-write $where 4 == 9
#~ deja: 4 bytes at 0x[0-9a-f]+: 0x0 -> 0x9 at [0-9,]+ \([0-9.]+ s\), by pc 0x[0-9a-f]+, [0-9,]+ instructions? (ago|ahead)
#> #0  main () at calls.c:35
#> 35	    writes[0] = 1;
next-write $sp + 4 - 4
#~ deja: 8 bytes at 0x[0-9a-f]+: 0x[0-9a-f]+ -> 0x[0-9a-f]+ at [0-9,]+ \([0-9.]+ s\), by pc 0x[0-9a-f]+, [0-9,]+ instructions? ahead
#~ #0 .* at calls\.c:[0-9]+
#~ [0-9]+\t.*
