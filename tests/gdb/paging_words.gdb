# deja's words where one page is stored to by two addresses: they mean the memory, and an address means what it is mapped
# to where one stands.
# words: yes
last-write page_one[1]
#~ deja: 8 bytes at 0x[0-9a-f]+: 0x0 -> 0xb at [0-9,]+ \([0-9.]+ s\), by pc 0x[0-9a-f]+, [0-9,]+ instructions? (ago|ahead)
#> #0  write_window (value=11) at paging.c:47
#> 47	}
info symbol $pc
#~ write_window \+ [0-9]+ in section \.text
last-write page_one[1]
#~ deja: 0x[0-9a-f]+ has not been changed before
#> #0  write_window (value=11) at paging.c:47
#> 47	}
seek end
#~ [0-9,]+ instructions, [0-9.]+ s, hart 0, M-mode, pc 0x[0-9a-f]+
#> #0  _start () at start.S:19
#> 19	2:  j       2b
last-write page_two[1]
#~ deja: 8 bytes at 0x[0-9a-f]+: 0x16 -> 0x21 at [0-9,]+ \([0-9.]+ s\), by pc 0x[0-9a-f]+, [0-9,]+ instructions? (ago|ahead)
#> #0  write_window (value=33) at paging.c:47
#> 47	}
last-write page_two[1]
#~ deja: 8 bytes at 0x[0-9a-f]+: 0x0 -> 0x16 at [0-9,]+ \([0-9.]+ s\), by pc 0x[0-9a-f]+, [0-9,]+ instructions? (ago|ahead)
#> #0  write_window (value=22) at paging.c:47
#> 47	}
last-write page_two[1]
#~ deja: 0x[0-9a-f]+ has not been changed before
#> #0  write_window (value=22) at paging.c:47
#> 47	}
writes page_two[1]
#~  +[0-9,]+  [0-9.]+ s  pc 0x[0-9a-f]+  0x[0-9a-f]+: 0x16 -> 0x21
#~  +[0-9,]+  [0-9.]+ s  pc 0x[0-9a-f]+  0x[0-9a-f]+: 0x0 -> 0x16
next-write page_two[1]
#~ deja: 8 bytes at 0x[0-9a-f]+: 0x16 -> 0x21 at [0-9,]+ \([0-9.]+ s\), by pc 0x[0-9a-f]+, [0-9,]+ instructions? (ago|ahead)
#> #0  write_window (value=33) at paging.c:47
#> 47	}
tbreak read_window
#~ Temporary breakpoint 1 at 0x[0-9a-f]+: file paging\.c, line 51\.
continue
#> Temporary breakpoint 1, read_window () at paging.c:51
#> 51	    return window[1];
last-write window[1]
#~ deja: 8 bytes at 0x[0-9a-f]+: 0x16 -> 0x21 at [0-9,]+ \([0-9.]+ s\), by pc 0x[0-9a-f]+, [0-9,]+ instructions? (ago|ahead)
#> #0  write_window (value=33) at paging.c:47
#> 47	}
print page_one[1]
#> $1 = 11
seek start
#~ [0-9,]+ instructions, [0-9.]+ s, hart 0, M-mode, pc 0x[0-9a-f]+
#~ #0  0x[0-9a-f]+ in \?\? \(\)
next-write faults
#~ deja: 4 bytes at 0x[0-9a-f]+: 0x0 -> 0x1 at [0-9,]+ \([0-9.]+ s\), by pc 0x[0-9a-f]+, [0-9,]+ instructions? (ago|ahead)
#> #0  on_fault () at paging.c:41
#> 41	    map_window(page_two);
last-write window[1]
#~ deja: address 0x[0-9a-f]+: no memory there, here and now; give one that is, or phys:ADDRESS \(64\)
#> #0  on_fault () at paging.c:41
#> 41	    map_window(page_two);
diff start end page_one
#~ 0x[0-9a-f]+: 0x0 -> 0xb
#~ 0x[0-9a-f]+: 0x0 -> 0x2c
last-write phys:0x40000008
#~ deja: address 0x[0-9a-f]+: no memory there, here and now; give one that is, or phys:ADDRESS \(64\)
#> #0  on_fault () at paging.c:41
#> 41	    map_window(page_two);
monitor writes phys:0x40000008
#~ deja: address 0x[0-9a-f]+: no memory there, here and now; give one that is, or phys:ADDRESS \(64\)
