# Ctrl-C while going on and while going back: it stops at a place of history, and everything works from there.
# What is looked for backwards is in the page that is executed: nothing is passed over.
# debug: --at start
# console: begin
define interrupt_soon
shell (sleep 0.1; kill -INT $PPID) &
end
interrupt_soon
continue
#> Program received signal SIGINT, Interrupt.
#~ (0x[0-9a-f]+ in )?main \(\) at spin\.c:[0-9]+
#~ [0-9]+	.*
print count < 160000000
#> $1 = 1
reverse-stepi
#~ (0x[0-9a-f]+	)?[0-9]+	.*
stepi
#~ (0x[0-9a-f]+	)?[0-9]+	.*
interrupt_soon
continue
#> Program received signal SIGINT, Interrupt.
#~ (0x[0-9a-f]+ in )?main \(\) at spin\.c:[0-9]+
#~ [0-9]+	.*
print count < 160000000
#> $2 = 1
break *0x80000001
#~ Breakpoint 1 at 0x80000001.*
monitor seek end
#~ [0-9,]+ instructions, [0-9.]+ s, hart 0, M-mode, pc 0x[0-9a-f]+
#> deja: gdb must look again: maintenance flush register-cache
maintenance flush register-cache
interrupt_soon
reverse-continue
#> Program received signal SIGINT, Interrupt.
#~ .*
#~ [0-9]+	.*
delete
monitor seek end
#~ [0-9,]+ instructions, [0-9.]+ s, hart 0, M-mode, pc 0x[0-9a-f]+
#> deja: gdb must look again: maintenance flush register-cache
maintenance flush register-cache
watch rare
#> Hardware watchpoint 2: rare
reverse-continue
#> Hardware watchpoint 2: rare
#> Old value = 4
#> New value = 3
#~ 0x[0-9a-f]+ in main \(\) at spin\.c:22
#> 22	            rare++;
reverse-continue
#> Hardware watchpoint 2: rare
#> Old value = 3
#> New value = 2
#~ 0x[0-9a-f]+ in main \(\) at spin\.c:22
#> 22	            rare++;
print count
#> $3 = 120000000
