# A watchpoint means what its address meant when it was set, wherever one stands later: a process's address, one address
# space; a kernel's, memory. gdb itself takes it out at every stop, and puts it in again to go on.
tbreak supervise
#~ Temporary breakpoint 1 at 0x[0-9a-f]+: file spaces\.c, line 56\.
reverse-continue
#> Temporary breakpoint 1, supervise () at spaces.c:56
#> 56	    switch_to(&spaces[0]);
tbreak write_window
#~ Temporary breakpoint 2 at 0x[0-9a-f]+: file spaces\.c, line 41\.
continue
#> Temporary breakpoint 2, write_window (value=1) at spaces.c:41
#> 41	    window[1] = value;

# set in the first address space: the second one's store to its own page there is passed over
watch -l *(unsigned long *)0x40000008
#~ Hardware watchpoint 3: -location \*\(unsigned long \*\)0x[0-9a-f]+
continue
#~ Hardware watchpoint 3: -location \*\(unsigned long \*\)0x[0-9a-f]+
#> Old value = 0
#> New value = 1
#> write_window (value=1) at spaces.c:42
#> 42	}
tbreak write_upper
#~ Temporary breakpoint 4 at 0x[0-9a-f]+: file spaces\.c, line 46\.
continue
#> Temporary breakpoint 4, write_upper (value=3) at spaces.c:46
#~ 46	    upper\[\(\(u64\)&page\[0\]\[1\] - 0x[0-9a-f]+\) / 8\] = value;

# nor do stores to the same memory by other addresses count; that it is mapped elsewhere is said
continue
#~ Hardware watchpoint 3: -location \*\(unsigned long \*\)0x[0-9a-f]+
#> Old value = 1
#> New value = 5
#> write_window (value=5) at spaces.c:42
#> 42	}
print/x spaces[0].leaf[0] >> 10 << 12 == (unsigned long)page[2]
#> $1 = 0x0
continue
#~ deja: the watched address 0x[0-9a-f]+ is mapped to physical 0x[0-9a-f]+ here, before it was to physical 0x[0-9a-f]+
#~ Hardware watchpoint 3: -location \*\(unsigned long \*\)0x[0-9a-f]+
#> Old value = 5
#> New value = 6
#> write_window (value=6) at spaces.c:42
#> 42	}
continue
#> No more reverse-execution history.
#> _start () at start.S:19
#> 19	2:  j       2b
print $satp == 0
#> $2 = 1
reverse-continue
#~ Hardware watchpoint 3: -location \*\(unsigned long \*\)0x[0-9a-f]+
#> Old value = 6
#> New value = 0
#~ 0x[0-9a-f]+ in write_window \(value=6\) at spaces\.c:41
#> 41	    window[1] = value;
reverse-continue
#~ deja: the watched address 0x[0-9a-f]+ is mapped to physical 0x[0-9a-f]+ here, before it was to physical 0x[0-9a-f]+
#~ Hardware watchpoint 3: -location \*\(unsigned long \*\)0x[0-9a-f]+
#> Old value = 0
#> New value = 4
#~ 0x[0-9a-f]+ in write_window \(value=5\) at spaces\.c:41
#> 41	    window[1] = value;
reverse-continue
#~ Hardware watchpoint 3: -location \*\(unsigned long \*\)0x[0-9a-f]+
#> Old value = 4
#> New value = 0
#~ 0x[0-9a-f]+ in write_window \(value=1\) at spaces\.c:41
#> 41	    window[1] = value;
reverse-continue
#~ deja: the watched address 0x[0-9a-f]+ is mapped to nothing here, before it was to physical 0x[0-9a-f]+
#> No more reverse-execution history.
#~ 0x[0-9a-f]+ in \?\? \(\)
delete

# a kernel's address means the memory, by whatever address it is stored to
tbreak write_upper
#~ Temporary breakpoint 5 at 0x[0-9a-f]+: file spaces\.c, line 46\.
continue
#> Temporary breakpoint 5, write_upper (value=3) at spaces.c:46
#~ 46	    upper\[\(\(u64\)&page\[0\]\[1\] - 0x[0-9a-f]+\) / 8\] = value;
watch -l *(unsigned long *)((unsigned long)&page[0][1] + 0xffffffbf80000000)
#~ Hardware watchpoint 6: -location \*\(unsigned long \*\)\(\(unsigned long\)&page\[0\]\[1\] \+ 0x[0-9a-f]+\)
continue
#~ Hardware watchpoint 6: -location \*\(unsigned long \*\)\(\(unsigned long\)&page\[0\]\[1\] \+ 0x[0-9a-f]+\)
#> Old value = 1
#> New value = 3
#> write_upper (value=3) at spaces.c:47
#> 47	}
continue
#~ Hardware watchpoint 6: -location \*\(unsigned long \*\)\(\(unsigned long\)&page\[0\]\[1\] \+ 0x[0-9a-f]+\)
#> Old value = 3
#> New value = 4
#> write_page (value=4) at spaces.c:52
#> 52	}
continue
#~ Hardware watchpoint 6: -location \*\(unsigned long \*\)\(\(unsigned long\)&page\[0\]\[1\] \+ 0x[0-9a-f]+\)
#> Old value = 4
#> New value = 5
#> write_window (value=5) at spaces.c:42
#> 42	}
continue
#> No more reverse-execution history.
#> _start () at start.S:19
#> 19	2:  j       2b
reverse-continue
#~ Hardware watchpoint 6: -location \*\(unsigned long \*\)\(\(unsigned long\)&page\[0\]\[1\] \+ 0x[0-9a-f]+\)
#> Old value = 5
#> New value = 4
#~ 0x[0-9a-f]+ in write_window \(value=5\) at spaces\.c:41
#> 41	    window[1] = value;
reverse-continue
#~ Hardware watchpoint 6: -location \*\(unsigned long \*\)\(\(unsigned long\)&page\[0\]\[1\] \+ 0x[0-9a-f]+\)
#> Old value = 4
#> New value = 3
#~ 0x[0-9a-f]+ in write_page \(value=4\) at spaces\.c:51
#> 51	    page[0][1] = value;
reverse-continue
#~ Hardware watchpoint 6: -location \*\(unsigned long \*\)\(\(unsigned long\)&page\[0\]\[1\] \+ 0x[0-9a-f]+\)
#> Old value = 3
#> New value = 1
#~ 0x[0-9a-f]+ in write_upper \(value=3\) at spaces\.c:46
#~ 46	    upper\[\(\(u64\)&page\[0\]\[1\] - 0x[0-9a-f]+\) / 8\] = value;
reverse-continue
#~ Hardware watchpoint 6: -location \*\(unsigned long \*\)\(\(unsigned long\)&page\[0\]\[1\] \+ 0x[0-9a-f]+\)
#> Old value = 1
#> New value = 0
#~ 0x[0-9a-f]+ in write_window \(value=1\) at spaces\.c:41
#> 41	    window[1] = value;
reverse-continue
#> No more reverse-execution history.
#~ 0x[0-9a-f]+ in \?\? \(\)
delete

# and so does one that is mapped to itself
tbreak supervise
#~ Temporary breakpoint 7 at 0x[0-9a-f]+: file spaces\.c, line 56\.
continue
#> Temporary breakpoint 7, supervise () at spaces.c:56
#> 56	    switch_to(&spaces[0]);
tbreak write_window
#~ Temporary breakpoint 8 at 0x[0-9a-f]+: file spaces\.c, line 41\.
continue
#> Temporary breakpoint 8, write_window (value=1) at spaces.c:41
#> 41	    window[1] = value;
watch page[0][1]
#> Hardware watchpoint 9: page[0][1]
continue
#> Hardware watchpoint 9: page[0][1]
#> Old value = 0
#> New value = 1
#> write_window (value=1) at spaces.c:42
#> 42	}
continue
#> Hardware watchpoint 9: page[0][1]
#> Old value = 1
#> New value = 3
#> write_upper (value=3) at spaces.c:47
#> 47	}
continue
#> Hardware watchpoint 9: page[0][1]
#> Old value = 3
#> New value = 4
#> write_page (value=4) at spaces.c:52
#> 52	}
continue
#> Hardware watchpoint 9: page[0][1]
#> Old value = 4
#> New value = 5
#> write_window (value=5) at spaces.c:42
#> 42	}
continue
#> No more reverse-execution history.
#> _start () at start.S:19
#> 19	2:  j       2b
delete

# set in the second address space, its own
tbreak map_window if spaces[0].leaf[0] != 0
#~ Temporary breakpoint 10 at 0x[0-9a-f]+: file spaces\.c, line 21\.
reverse-continue
#~ Temporary breakpoint 10, map_window \(space=0x[0-9a-f]+ <spaces>, to=0x[0-9a-f]+ <page\+[0-9]+>\) at spaces\.c:21
#> 21	    space->leaf[0] = to ? (u64)to >> 12 << 10 | ALL : 0;
tbreak write_window if value == 7
#~ Temporary breakpoint 11 at 0x[0-9a-f]+: file spaces\.c, line 41\.
continue
#> Temporary breakpoint 11, write_window (value=7) at spaces.c:41
#> 41	    window[1] = value;
watch -l *(unsigned long *)0x40000008
#~ Hardware watchpoint 12: -location \*\(unsigned long \*\)0x[0-9a-f]+
continue
#~ Hardware watchpoint 12: -location \*\(unsigned long \*\)0x[0-9a-f]+
#> Old value = 2
#> New value = 7
#> write_window (value=7) at spaces.c:42
#> 42	}
reverse-continue
#~ Hardware watchpoint 12: -location \*\(unsigned long \*\)0x[0-9a-f]+
#> Old value = 7
#> New value = 2
#~ 0x[0-9a-f]+ in write_window \(value=7\) at spaces\.c:41
#> 41	    window[1] = value;
reverse-continue
#~ Hardware watchpoint 12: -location \*\(unsigned long \*\)0x[0-9a-f]+
#> Old value = 2
#> New value = 0
#~ 0x[0-9a-f]+ in write_window \(value=2\) at spaces\.c:41
#> 41	    window[1] = value;
reverse-continue
#~ deja: the watched address 0x[0-9a-f]+ is mapped to nothing here, before it was to physical 0x[0-9a-f]+
#> No more reverse-execution history.
#~ 0x[0-9a-f]+ in \?\? \(\)
