# Text on the console as a mark, and as something to go back to; words over some hundred million instructions.
# words: yes
# console: end
output end
#> deja: "end"
#~ [0-9,]+ instructions, [0-9.]+ s, hart 0, M-mode, pc 0x[0-9a-f]+
#~ #0  say \(text=0x[0-9a-f]+ "nd\\n"\) at spin\.c:11
#> 11	        *uart = (unsigned char)*text++;
reverse-stepi
#> 11	        *uart = (unsigned char)*text++;
output ^[bq]e\.?[g]in$
#> deja: "begin"
#~ [0-9,]+ instructions, [0-9.]+ s, hart 0, M-mode, pc 0x[0-9a-f]+
#~ #0  say \(text=0x[0-9a-f]+ "egin\\n"\) at spin\.c:11
#> 11	        *uart = (unsigned char)*text++;
info symbol $pc
#~ say \+ [0-9]+ in section \.text
output begin
#~ deja: not before here; first at [0-9,]+: seek text:begin
#~ #0  say \(text=0x[0-9a-f]+ "egin\\n"\) at spin\.c:11
#> 11	        *uart = (unsigned char)*text++;
seek text:end
#~ [0-9,]+ instructions, [0-9.]+ s, hart 0, M-mode, pc 0x[0-9a-f]+
#~ #0  say \(text=0x[0-9a-f]+ "nd\\n"\) at spin\.c:11
#> 11	        *uart = (unsigned char)*text++;
seek text:e(n|g)
#~ [0-9,]+ instructions, [0-9.]+ s, hart 0, M-mode, pc 0x[0-9a-f]+
#~ #0  say \(text=0x[0-9a-f]+ "gin\\n"\) at spin\.c:11
#> 11	        *uart = (unsigned char)*text++;
when
#~ [0-9,]+ instructions, [0-9.]+ s, hart 0, M-mode, pc 0x[0-9a-f]+
output text that was never printed, not even once
#> deja: nothing on the console matches
#~ #0  say \(text=0x[0-9a-f]+ "gin\\n"\) at spin\.c:11
#> 11	        *uart = (unsigned char)*text++;
output more words than there may be in a line
#> output REGEX; more blanks can be written as dots
seek text: more words than there may be here too
#> seek MARK; more blanks in a regular expression can be written as dots
output (
#> deja: regular expression (: Unmatched ( or \(; give an extended one of POSIX, as for grep -E (64)
#~ #0  say \(text=0x[0-9a-f]+ "gin\\n"\) at spin\.c:11
#> 11	        *uart = (unsigned char)*text++;
bookmark started
#~ deja: \w+ is [0-9,]+
seek end
#~ [0-9,]+ instructions, [0-9.]+ s, hart 0, M-mode, pc 0x[0-9a-f]+
#> #0  _start () at start.S:19
#> 19	2:  j       2b
seek started
#~ [0-9,]+ instructions, [0-9.]+ s, hart 0, M-mode, pc 0x[0-9a-f]+
#~ #0  say \(text=0x[0-9a-f]+ "gin\\n"\) at spin\.c:11
#> 11	        *uart = (unsigned char)*text++;
last-write count
#~ deja: 0x[0-9a-f]+ has not been changed before
#~ #0  say \(text=0x[0-9a-f]+ "gin\\n"\) at spin\.c:11
#> 11	        *uart = (unsigned char)*text++;
seek end
#~ [0-9,]+ instructions, [0-9.]+ s, hart 0, M-mode, pc 0x[0-9a-f]+
#> #0  _start () at start.S:19
#> 19	2:  j       2b
last-write count
#~ deja: 8 bytes at 0x[0-9a-f]+: 0x[0-9a-f]+ -> 0x[0-9a-f]+ at [0-9,]+ \([0-9.]+ s\), by pc 0x[0-9a-f]+, [0-9,]+ instructions? (ago|ahead)
#> #0  main () at spin.c:22
#> 22	            rare++;
last-write count == 40000000
#~ deja: 8 bytes at 0x[0-9a-f]+: 0x0 -> 0x[0-9a-f]+ at [0-9,]+ \([0-9.]+ s\), by pc 0x[0-9a-f]+, [0-9,]+ instructions? (ago|ahead)
#> #0  main () at spin.c:22
#> 22	            rare++;
writes rare
#~  +[0-9,]+  [0-9.]+ s  pc 0x[0-9a-f]+  0x[0-9a-f]+: 0x3 -> 0x4
#~  +[0-9,]+  [0-9.]+ s  pc 0x[0-9a-f]+  0x[0-9a-f]+: 0x2 -> 0x3
#~  +[0-9,]+  [0-9.]+ s  pc 0x[0-9a-f]+  0x[0-9a-f]+: 0x1 -> 0x2
#~  +[0-9,]+  [0-9.]+ s  pc 0x[0-9a-f]+  0x[0-9a-f]+: 0x0 -> 0x1
diff start end rare
#~ 0x[0-9a-f]+: 0x0 -> 0x4
next-write never
#~ deja: 0x[0-9a-f]+ is not changed any more
#> #0  main () at spin.c:22
#> 22	            rare++;
