# Memory by its physical address: whoever stores to it, by whatever address, and in M-mode before there are page tables.
# words: yes
set $where = (unsigned long *)($phys + (unsigned long)&page[0][1])
seek start
#~ 0 instructions, .*
#~ #0 .*
x/gx $where
#~ 0x70000000[0-9a-f]+:	0x0000000000000000
watch -l *$where
#~ Hardware watchpoint 1: -location \*\$where
continue
#> Hardware watchpoint 1: -location *$where
#> Old value = 0
#> New value = 1
#> write_window (value=1) at spaces.c:42
#> 42	}
continue
#> Hardware watchpoint 1: -location *$where
#> Old value = 1
#> New value = 3
#> write_upper (value=3) at spaces.c:47
#> 47	}
continue
#> Hardware watchpoint 1: -location *$where
#> Old value = 3
#> New value = 4
#> write_page (value=4) at spaces.c:52
#> 52	}
continue
#> Hardware watchpoint 1: -location *$where
#> Old value = 4
#> New value = 5
#> write_window (value=5) at spaces.c:42
#> 42	}
continue
#> No more reverse-execution history.
#> _start () at start.S:19
#> 19	2:  j       2b
reverse-continue
#> Hardware watchpoint 1: -location *$where
#> Old value = 5
#> New value = 4
#~ 0x[0-9a-f]+ in write_window \(value=5\) at spaces\.c:41
#> 41	    window[1] = value;
delete
break write_window if *$where == 4
#~ Breakpoint 2 at 0x[0-9a-f]+: file spaces\.c, line 41\.
seek start
#~ 0 instructions, .*
#~ #0 .*
continue
#> Breakpoint 2, write_window (value=5) at spaces.c:41
#> 41	    window[1] = value;
writes *$where
#~ .*: 0x4 -> 0x5
#~ .*: 0x3 -> 0x4
#~ .*: 0x1 -> 0x3
#~ .*: 0x0 -> 0x1

# it can be written, which diverts; and what is not RAM cannot be looked at
set var *$where = 8
print page[0][1]
#> $1 = 8
recording
#~ deja: registers or memory were written at .*
#> deja: back in the recording
#~ [0-9,]+ instructions, .*
#> #0  write_window (value=5) at spaces.c:41
#> 41	    window[1] = value;
print page[0][1]
#> $2 = 4
print *(int *)($phys + 0x10000000)
#> Cannot access memory at address 0x7000000010000000
