# Virtual addresses: memory and watchpoints are seen as the hart sees them there, in any address space.
print page_one[1]
#> $1 = 11
print window[1]
#~ Cannot access memory at address 0x[0-9a-f]+

# the last write through the window, by its virtual address
watch -l *(unsigned long *)0x40000008
#~ Hardware watchpoint 1: -location \*\(unsigned long \*\)0x[0-9a-f]+
reverse-continue
#~ Hardware watchpoint 1: -location \*\(unsigned long \*\)0x[0-9a-f]+
#> Old value = <unreadable>
#> New value = 22
#~ 0x[0-9a-f]+ in write_window \(value=33\) at paging\.c:46
#> 46	    window[1] = value;
print $priv
#> $2 = 1
print window[1]
#> $3 = 22
reverse-continue
#~ Hardware watchpoint 1: -location \*\(unsigned long \*\)0x[0-9a-f]+
#> Old value = 22
#> New value = 0
#~ 0x[0-9a-f]+ in write_window \(value=22\) at paging\.c:46
#> 46	    window[1] = value;
reverse-continue
#> No more reverse-execution history.
#~ 0x[0-9a-f]+ in \?\? \(\)
continue
#~ Hardware watchpoint 1: -location \*\(unsigned long \*\)0x[0-9a-f]+
#> Old value = 0
#> New value = 11
#> write_window (value=11) at paging.c:47
#> 47	}
continue
#~ Hardware watchpoint 1: -location \*\(unsigned long \*\)0x[0-9a-f]+
#> Old value = 11
#> New value = 22
#> write_window (value=22) at paging.c:47
#> 47	}
continue
#~ Hardware watchpoint 1: -location \*\(unsigned long \*\)0x[0-9a-f]+
#> Old value = 22
#> New value = 33
#> write_window (value=33) at paging.c:47
#> 47	}
delete

# what is mapped to itself is watched as memory: stores through the window count
tbreak supervise
#~ Temporary breakpoint 2 at 0x[0-9a-f]+: file paging\.c, line 56\.
reverse-continue
#> Temporary breakpoint 2, supervise () at paging.c:56
#> 56	    map_window(page_one);
watch page_two[1]
#> Hardware watchpoint 3: page_two[1]
continue
#> Hardware watchpoint 3: page_two[1]
#> Old value = 0
#> New value = 22
#> write_window (value=22) at paging.c:47
#> 47	}
continue
#> Hardware watchpoint 3: page_two[1]
#> Old value = 22
#> New value = 33
#> write_window (value=33) at paging.c:47
#> 47	}
continue
#> No more reverse-execution history.
#> _start () at start.S:19
#> 19	2:  j       2b
delete

# the fault, its handler, and the instruction that is tried again
tbreak on_fault
#~ Temporary breakpoint 4 at 0x[0-9a-f]+: file paging\.c, line 40\.
reverse-continue
#> Temporary breakpoint 4, on_fault () at paging.c:40
#> 40	    faults++;
print faults
#> $4 = 0
print/x $scause
#> $5 = 0xf
print $stval == 0x40000008
#> $6 = 1
x/i $sepc
#~    0x[0-9a-f]+ <write_window\+[0-9]+>:	sd	a4,0\(a5\)
tbreak *&on_fault
#~ Temporary breakpoint 5 at 0x[0-9a-f]+: file paging\.c, line 39\.
reverse-continue
#> Temporary breakpoint 5, on_fault () at paging.c:39
#> 39	{
reverse-stepi
#~ 0x[0-9a-f]+ in write_window \(value=33\) at paging\.c:46
#> 46	    window[1] = value;
print $pc == $sepc
#> $7 = 0
print $scause
#> $8 = 0
x/xg 0x40000008
#~ 0x[0-9a-f]+:	Cannot access memory at address 0x[0-9a-f]+
stepi
#> on_fault () at paging.c:39
#> 39	{
info symbol $pc
#> on_fault in section .text
tbreak read_window
#~ Temporary breakpoint 6 at 0x[0-9a-f]+: file paging\.c, line 51\.
continue
#> Temporary breakpoint 6, read_window () at paging.c:51
#> 51	    return window[1];
x/xg 0x40000008
#~ 0x[0-9a-f]+:	0x[0-9a-f]+

# physical addresses
maintenance packet Qqemu.PhyMemMode:1
#> sending: Qqemu.PhyMemMode:1
#> received: "OK"
maintenance flush dcache
x/xg 0x40000008
#~ 0x[0-9a-f]+:	Cannot access memory at address 0x[0-9a-f]+
print page_two[1]
#> $9 = 33
maintenance packet Qqemu.PhyMemMode:0
#> sending: Qqemu.PhyMemMode:0
#> received: "OK"
maintenance flush dcache

# writing through the window diverts
print window[1]
#> $10 = 33
set var window[1] = 1000
print page_two[1]
#> $11 = 1000
print page_one[1]
#> $12 = 11
next
#~ deja: registers or memory were written at [0-9,]+ \(a call does that too\): from there on this is a diverted timeline; the recording is unchanged \(monitor recording goes back there\)
#> 52	}
finish
#~ 0x[0-9a-f]+ in supervise \(\) at paging\.c:64
#> 64	    page_one[2] = first + read_window();
#> Value returned is $13 = 1000
