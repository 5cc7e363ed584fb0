# monitor commands; marks can be given in every form.
monitor help
#> help       [WORD]                 this list, or what is said of one word
#> when                              where we are: instructions, virtual time, hart, privilege, process
#> when-ticks                        the same, for fingers used to rr
#> seek       MARK                   go to N (instructions), 2h, 9min, 12.5s, 300ms, 40us, start, end, end-N, text:REGEX or a bookmark
#> run        [MARK]                 the same, for fingers used to rr; without a mark: to the start
#> back                              to the place where the last jump began
#> forward                           undo a back
#> last-write ADDR [LEN] [== VALUE]  back to just after the instruction that last changed memory; again: the one before
#> next-write ADDR [LEN] [== VALUE]  forward to just after the next one that does
#> writes     ADDR [LEN] [FROM TO]   list them, newest first
#> last-call  ADDR                   back to where this instruction, a function's first, was last reached
#> calls      ADDR [FROM TO]         list them, newest first
#> output     REGEX                  back to the instruction that printed what matches, on the console
#> diff       MARK1 MARK2 ADDR [LEN] in what memory differs between two marks
#> guest-ps   [PID]                  the processes that the guest's Linux kernel has; * runs here
#> guest-bt   [PID]                  where the running one is in that kernel, or another one: its call frames
#> bookmark   NAME                   give this place a name; it is kept beside the recording
#> unbookmark NAME                   forget a bookmark
#> bookmarks                         list them
#> info                              the history, and what is set in it
#> recording                         drop what was written: from a diverted timeline back to where the recording was left
#> restart                           back to the start of the recording
monitor
#> help       [WORD]                 this list, or what is said of one word
#> when                              where we are: instructions, virtual time, hart, privilege, process
#> when-ticks                        the same, for fingers used to rr
#> seek       MARK                   go to N (instructions), 2h, 9min, 12.5s, 300ms, 40us, start, end, end-N, text:REGEX or a bookmark
#> run        [MARK]                 the same, for fingers used to rr; without a mark: to the start
#> back                              to the place where the last jump began
#> forward                           undo a back
#> last-write ADDR [LEN] [== VALUE]  back to just after the instruction that last changed memory; again: the one before
#> next-write ADDR [LEN] [== VALUE]  forward to just after the next one that does
#> writes     ADDR [LEN] [FROM TO]   list them, newest first
#> last-call  ADDR                   back to where this instruction, a function's first, was last reached
#> calls      ADDR [FROM TO]         list them, newest first
#> output     REGEX                  back to the instruction that printed what matches, on the console
#> diff       MARK1 MARK2 ADDR [LEN] in what memory differs between two marks
#> guest-ps   [PID]                  the processes that the guest's Linux kernel has; * runs here
#> guest-bt   [PID]                  where the running one is in that kernel, or another one: its call frames
#> bookmark   NAME                   give this place a name; it is kept beside the recording
#> unbookmark NAME                   forget a bookmark
#> bookmarks                         list them
#> info                              the history, and what is set in it
#> recording                         drop what was written: from a diverted timeline back to where the recording was left
#> restart                           back to the start of the recording
monitor when
#~ [0-9,]+ instructions, [0-9.]+ s, hart 0, M-mode, pc 0x[0-9a-f]+
monitor info
#~ [0-9,]+ instructions, [0-9.]+ s, hart 0, M-mode, pc 0x[0-9a-f]+
#~ history from 0 to [0-9,]+
#~ index of what was stored to and executed: [0-9]+ of [0-9]+ intervals(, going on)?
#> harts: 1; gdb's addresses are virtual
monitor seek 100
#~ 100 instructions, 0\.000000100 s, hart 0, M-mode, pc 0x[0-9a-f]+
#> deja: gdb must look again: maintenance flush register-cache
monitor seek 1,00
#~ 100 instructions, 0\.000000100 s, hart 0, M-mode, pc 0x[0-9a-f]+
#> deja: gdb must look again: maintenance flush register-cache
monitor seek 100ns
#~ 100 instructions, 0\.000000100 s, hart 0, M-mode, pc 0x[0-9a-f]+
#> deja: gdb must look again: maintenance flush register-cache
monitor seek 0.1us
#~ 100 instructions, 0\.000000100 s, hart 0, M-mode, pc 0x[0-9a-f]+
#> deja: gdb must look again: maintenance flush register-cache
monitor seek end-4
#~ [0-9,]+ instructions, [0-9.]+ s, hart 0, M-mode, pc 0x[0-9a-f]+
#> deja: gdb must look again: maintenance flush register-cache
monitor seek start
#~ 0 instructions, 0\.000000000 s, hart 0, M-mode, pc 0x[0-9a-f]+
#> deja: gdb must look again: maintenance flush register-cache
monitor seek end
#~ [0-9,]+ instructions, [0-9.]+ s, hart 0, M-mode, pc 0x[0-9a-f]+
#> deja: gdb must look again: maintenance flush register-cache
monitor seek 5000
#~ [0-9,]+ instructions, [0-9.]+ s, hart 0, M-mode, pc 0x[0-9a-f]+
#> deja: gdb must look again: maintenance flush register-cache
#> deja: that is the end of the recording
monitor seek 2h
#~ [0-9,]+ instructions, [0-9.]+ s, hart 0, M-mode, pc 0x[0-9a-f]+
#> deja: gdb must look again: maintenance flush register-cache
#> deja: that is the end of the recording
monitor seek
#> deja: monitor seek MARK: go to N (instructions), 2h, 9min, 12.5s, 300ms, 40us, start, end, end-N, text:REGEX or a bookmark
monitor seek soon
#> deja: mark soon: neither a mark nor a bookmark; give instructions (1,234), time (2h, 9min, 12.5s, 300ms, 40us), start, end, end-N, text:REGEX or a bookmark (64)
monitor recording
#> deja: this is the recording
monitor help calls
#> calls      ADDR [FROM TO]         list them, newest first
monitor help nonsense
#> deja: no monitor command 'nonsense'; see monitor help
monitor back 3
#> deja: back: not understood; give back alone (64)
monitor nonsense
#> deja: no monitor command 'nonsense'; see monitor help
break sum_of_squares
#~ Breakpoint 1 at 0x[0-9a-f]+: file calls\.c, line 13\.
monitor seek 150
#~ 150 instructions, 0\.000000150 s, hart 0, M-mode, pc 0x[0-9a-f]+
#> deja: gdb must look again: maintenance flush register-cache
maintenance flush register-cache
continue
#> No more reverse-execution history.
#> _start () at start.S:19
#> 19	2:  j       2b
reverse-continue
#> Breakpoint 1, sum_of_squares (n=4) at calls.c:13
#> 13	    int sum = 0;
monitor restart
#~ 0 instructions, 0\.000000000 s, hart 0, M-mode, pc 0x[0-9a-f]+
#> deja: gdb must look again: maintenance flush register-cache
