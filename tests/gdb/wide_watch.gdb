# One store may touch several watchpoints; a stop can name one of them only, and it has to be one that gdb tells.
# debug: --at start
watch -location fields.a
#> Hardware watchpoint 1: -location fields.a
watch -location fields.c
#> Hardware watchpoint 2: -location fields.c
watch -location fields.d
#> Hardware watchpoint 3: -location fields.d
continue
#> Hardware watchpoint 1: -location fields.a
#> Old value = 0
#> New value = 1
#> main () at wide.c:15
#> 15	    fields.c = 2;
continue
#> Hardware watchpoint 2: -location fields.c
#> Old value = 0
#> New value = 2
#> main () at wide.c:16
#> 16	    fields.d = 3;
continue
#> Hardware watchpoint 3: -location fields.d
#> Old value = 0
#> New value = 3
#> main () at wide.c:17
#> 17	    fields.a = 0;
continue
#> Hardware watchpoint 1: -location fields.a
#> Old value = 1
#> New value = 0
#> main () at wide.c:18
#~ 18	    whole\.all = 0x[0-9a-f]+;
continue
#> No more reverse-execution history.
#> _start () at start.S:19
#> 19	2:  j       2b
reverse-continue
#> Hardware watchpoint 1: -location fields.a
#> Old value = 0
#> New value = 1
#~ 0x[0-9a-f]+ in main \(\) at wide\.c:17
#> 17	    fields.a = 0;
reverse-continue
#> Hardware watchpoint 3: -location fields.d
#> Old value = 3
#> New value = 0
#~ 0x[0-9a-f]+ in main \(\) at wide\.c:16
#> 16	    fields.d = 3;
reverse-continue
#> Hardware watchpoint 2: -location fields.c
#> Old value = 2
#> New value = 0
#~ 0x[0-9a-f]+ in main \(\) at wide\.c:15
#> 15	    fields.c = 2;
reverse-continue
#> Hardware watchpoint 1: -location fields.a
#> Old value = 1
#> New value = 0
#~ 0x[0-9a-f]+ in main \(\) at wide\.c:14
#> 14	    fields.a = 1;
reverse-continue
#> No more reverse-execution history.
#~ 0x[0-9a-f]+ in \?\? \(\)
# Of bytes in one word, whichever changes; of overlapping ones all that do; and any that is watched for reading too.
delete
watch -location whole.bytes[0]
#> Hardware watchpoint 4: -location whole.bytes[0]
watch -location whole.bytes[4]
#> Hardware watchpoint 5: -location whole.bytes[4]
watch -location whole.all
#> Hardware watchpoint 6: -location whole.all
continue
#> Hardware watchpoint 5: -location whole.bytes[4]
#> Old value = 0 '\000'
#> New value = 5 '\005'
#> Hardware watchpoint 6: -location whole.all
#> Old value = 0
#> New value = 21474836480
#> main () at wide.c:19
#~ 19	    whole\.all = 0x[0-9a-f]+;
continue
#> Hardware watchpoint 4: -location whole.bytes[0]
#> Old value = 0 '\000'
#> New value = 7 '\a'
#> Hardware watchpoint 6: -location whole.all
#> Old value = 21474836480
#> New value = 21474836487
#> main () at wide.c:20
#~ 20	    whole\.all = 0x[0-9a-f]+;
continue
#> Hardware watchpoint 6: -location whole.all
#> Old value = 21474836487
#> New value = 281496451547143
#> main () at wide.c:22
#> 22	    return 0;
reverse-continue
#> Hardware watchpoint 6: -location whole.all
#> Old value = 281496451547143
#> New value = 21474836487
#~ 0x[0-9a-f]+ in main \(\) at wide\.c:21
#> 21	    whole.bytes[6] = 1;
reverse-continue
#> Hardware watchpoint 4: -location whole.bytes[0]
#> Old value = 7 '\a'
#> New value = 0 '\000'
#> Hardware watchpoint 6: -location whole.all
#> Old value = 21474836487
#> New value = 21474836480
#~ 0x[0-9a-f]+ in main \(\) at wide\.c:19
#~ 19	    whole\.all = 0x[0-9a-f]+;
reverse-continue
#> Hardware watchpoint 5: -location whole.bytes[4]
#> Old value = 5 '\005'
#> New value = 0 '\000'
#> Hardware watchpoint 6: -location whole.all
#> Old value = 21474836480
#> New value = 0
#~ 0x[0-9a-f]+ in main \(\) at wide\.c:18
#~ 18	    whole\.all = 0x[0-9a-f]+;
reverse-continue
#> No more reverse-execution history.
#~ 0x[0-9a-f]+ in \?\? \(\)
delete
awatch -location whole.bytes[1]
#> Hardware access (read/write) watchpoint 7: -location whole.bytes[1]
watch -location whole.bytes[4]
#> Hardware watchpoint 8: -location whole.bytes[4]
continue
#> Hardware access (read/write) watchpoint 7: -location whole.bytes[1]
#> Value = 0 '\000'
#> main () at wide.c:19
#~ 19	    whole\.all = 0x[0-9a-f]+;
continue
#> Hardware access (read/write) watchpoint 7: -location whole.bytes[1]
#> Value = 0 '\000'
#> main () at wide.c:20
#~ 20	    whole\.all = 0x[0-9a-f]+;
continue
#> Hardware access (read/write) watchpoint 7: -location whole.bytes[1]
#> Value = 0 '\000'
#> main () at wide.c:21
#> 21	    whole.bytes[6] = 1;
reverse-continue
#> Hardware access (read/write) watchpoint 7: -location whole.bytes[1]
#> Value = 0 '\000'
#~ 0x[0-9a-f]+ in main \(\) at wide\.c:20
#~ 20	    whole\.all = 0x[0-9a-f]+;
reverse-continue
#> Hardware access (read/write) watchpoint 7: -location whole.bytes[1]
#> Value = 0 '\000'
#~ 0x[0-9a-f]+ in main \(\) at wide\.c:19
#~ 19	    whole\.all = 0x[0-9a-f]+;
