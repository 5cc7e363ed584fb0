# From the crash back to its cause. demo.sh runs this with $dies and $follows set to two lines of crash.c.
set pagination off
set confirm off
set width 0

echo \n\
--- We stand at the end of the recording: the machine is switched off. Nothing has to be guessed\n\
--- in advance, no run has to be repeated; we walk back from here.\n\
\n\
--- Where did it die? The last time that this line of the loop began is the one that faulted:\n\
\n
eval "break crash.c:%d", $dies
echo (gdb) reverse-continue\n
reverse-continue
echo (gdb) print n\n
print n
echo (gdb) monitor when\n
monitor when

echo \n\
--- 0x41 is 'A': the pointer is text. Where did n get it? Back to the line that followed the link:\n\
\n
delete
eval "break crash.c:%d", $follows
echo (gdb) reverse-continue\n
reverse-continue
echo (gdb) print *n\n
print *n

echo \n\
--- The node itself is ruined. Who wrote n->next? Watch it, and go back to the last write. Hundreds\n\
--- of millions of instructions lie in between, of this program and of the kernel:\n\
\n
delete
echo (gdb) watch -location n->next\n
watch -location n->next
echo (gdb) reverse-continue\n
reverse-continue
echo (gdb) backtrace\n
backtrace
echo (gdb) monitor when\n
monitor when

echo \n\
--- Its caller is the culprit:\n\
\n
echo (gdb) frame function black_out\n
frame function black_out
echo (gdb) print sizeof *n\n
print sizeof *n
echo (gdb) print sizeof n->name\n
print sizeof n->name
delete

echo \n\
--- Who printed that it adds up their ages? From the store to the UART through an interrupt and a\n\
--- system call of a kernel without debug information, to the line of the program:\n\
\n
echo (gdb) seek end\n
seek end
echo (gdb) output adding up their ages\n
output adding up their ages
echo (gdb) backtrace\n
backtrace
disconnect
