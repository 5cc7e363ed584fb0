# deja.gdb: what deja's stub knows besides gdb's own commands, as commands of gdb. `deja debug` loads it by itself; whoever
# attaches to `deja debug --gdb ADDR` sources it. It needs nothing but gdb's own language.
#
# A command asks the stub (`monitor deja WORD ...`), has gdb forget what it has read, and shows where it stands then.
# gdb splits arguments at blanks: an expression has none, or stands in parentheses without any.

set $deja_confirm = $_gdb_setting("confirm")
set confirm off

define deja-look
  maintenance flush register-cache
  maintenance flush dcache
  frame
end
document deja-look
Look again at registers and memory, after the machine was moved behind gdb's back.
end

# An lvalue, or a number that is an address: $deja_address. With a length, or else by its type: $deja_size.
define deja-place
  if "$arg0"[0] >= '0' && "$arg0"[0] <= '9'
    set $deja_address = (unsigned long)($arg0)
  else
    set $deja_address = (unsigned long)&($arg0)
  end
  if $argc == 2
    set $deja_size = (unsigned long)($arg1)
  else
    if "$arg0"[0] >= '0' && "$arg0"[0] <= '9'
      set $deja_size = 8
    else
      set $deja_size = sizeof($arg0)
    end
  end
end
document deja-place
For deja's other commands: the address and the size of what an expression names.
end

# ---- where we are, and going elsewhere

define when
  monitor deja when
end
document when
Where we are: instructions since power-on (the mark), virtual time, hart, privilege, and the process when a Linux kernel
is there.
end

define when-ticks
  monitor deja when
end
document when-ticks
The same as when.
end

define seek
  if $argc == 1
    monitor deja seek $arg0
  end
  if $argc == 2
    monitor deja seek $arg0 $arg1
  end
  if $argc == 3
    monitor deja seek $arg0 $arg1 $arg2
  end
  if $argc == 4
    monitor deja seek $arg0 $arg1 $arg2 $arg3
  end
  if $argc == 0 || $argc > 4
    echo seek MARK; a blank in a regular expression can be written as a dot\n
  else
    deja-look
  end
end
document seek
Go to a mark: seek MARK
N or 1,234 (instructions), 12.5s, 300ms, 40us (virtual time), start, end, end-N, text:REGEX (where the first
line of the console that matches was printed), or the name of a bookmark.
end

define run
  if $argc == 0
    monitor deja run
  else
    monitor deja run $arg0
  end
  deja-look
end
document run
Go to a mark; without one, back to the start of the recording: run [MARK]
end

define back
  monitor deja back
  deja-look
end
document back
Go back to the place where the last jump (seek, last-write, last-call, output, ...) began.
end

define forward
  monitor deja forward
  deja-look
end
document forward
Undo a back.
end

define recording
  monitor deja recording
  deja-look
end
document recording
Drop what was written to registers and memory: from a diverted timeline back to the recording.
end

# ---- bookmarks

define bookmark
  if $argc == 1
    monitor deja bookmark $arg0
  else
    echo bookmark NAME\n
  end
end
document bookmark
Give this place a name, which is a mark then: bookmark NAME
It is kept in a file beside the recording. See also bookmarks, unbookmark, goto-bookmark.
end

define unbookmark
  if $argc == 1
    monitor deja unbookmark $arg0
  else
    echo unbookmark NAME\n
  end
end
document unbookmark
Forget a bookmark: unbookmark NAME
end

define bookmarks
  monitor deja bookmarks
end
document bookmarks
List the bookmarks.
end

define goto-bookmark
  if $argc == 1
    seek $arg0
  else
    echo goto-bookmark NAME\n
  end
end
document goto-bookmark
Go to a bookmark: goto-bookmark NAME
end

# ---- memory

define deja-write
  if "$arg1"[0] == 'p' && sizeof("$arg1") > 6 && "$arg1"[4] == ':'
    if $argc == 2
      monitor deja $arg0 $arg1
    end
    if $argc == 3
      monitor deja $arg0 $arg1 $arg2
    end
    if $argc == 4
      monitor deja $arg0 $arg1 $arg2 $arg3
    end
    if $argc == 5
      monitor deja $arg0 $arg1 $arg2 $arg3 $arg4
    end
  else
    if $argc == 3 || $argc == 5
      deja-place $arg1 $arg2
    else
      deja-place $arg1
    end
    if $argc <= 3
      eval "monitor deja $arg0 0x%lx %lu", $deja_address, $deja_size
    end
    if $argc == 4
      eval "monitor deja $arg0 0x%lx %lu == 0x%lx", $deja_address, $deja_size, (unsigned long)($arg3)
    end
    if $argc == 5
      eval "monitor deja $arg0 0x%lx %lu == 0x%lx", $deja_address, $deja_size, (unsigned long)($arg4)
    end
  end
  deja-look
end
document deja-write
For last-write and next-write.
end

define last-write
  if $argc == 1
    deja-write last-write $arg0
  end
  if $argc == 2
    deja-write last-write $arg0 $arg1
  end
  if $argc == 3
    deja-write last-write $arg0 $arg1 $arg2
  end
  if $argc == 4
    deja-write last-write $arg0 $arg1 $arg2 $arg3
  end
  if $argc == 0 || $argc > 4
    echo last-write EXPRESSION [LEN] [== VALUE]\n
  end
end
document last-write
Go back to just after the instruction that last changed memory: last-write EXPRESSION [LEN] [== VALUE]
What it names is looked for by its address and size: last-write node->next
A number is an address, of 8 bytes or LEN; phys:ADDRESS is memory by its physical address. What gdb knows by name
only, as a kernel without debug information, wants a LEN.
With == VALUE: the last change to this value. Again, it goes to the change before.
end

define next-write
  if $argc == 1
    deja-write next-write $arg0
  end
  if $argc == 2
    deja-write next-write $arg0 $arg1
  end
  if $argc == 3
    deja-write next-write $arg0 $arg1 $arg2
  end
  if $argc == 4
    deja-write next-write $arg0 $arg1 $arg2 $arg3
  end
  if $argc == 0 || $argc > 4
    echo next-write EXPRESSION [LEN] [== VALUE]\n
  end
end
document next-write
Go on to just after the instruction that next changes memory: next-write EXPRESSION [LEN] [== VALUE]
See last-write.
end

define writes
  if $argc == 0 || $argc > 4
    echo writes EXPRESSION [LEN] [FROM TO]\n
  end
  if $argc == 1 || $argc == 3
    deja-place $arg0
  end
  if $argc == 2 || $argc == 4
    deja-place $arg0 $arg1
  end
  if $argc == 1 || $argc == 2
    eval "monitor deja writes 0x%lx %lu", $deja_address, $deja_size
  end
  if $argc == 3
    eval "monitor deja writes 0x%lx %lu $arg1 $arg2", $deja_address, $deja_size
  end
  if $argc == 4
    eval "monitor deja writes 0x%lx %lu $arg2 $arg3", $deja_address, $deja_size
  end
end
document writes
List the changes of memory, newest first: writes EXPRESSION [LEN] [FROM TO]
Each with the mark just after it; FROM and TO are marks. For memory by its physical address: monitor writes phys:ADDRESS
end

define diff
  if $argc < 3 || $argc > 4
    echo diff MARK1 MARK2 EXPRESSION [LEN]\n
  else
    if $argc == 3
      deja-place $arg2
    else
      deja-place $arg2 $arg3
    end
    eval "monitor deja diff $arg0 $arg1 0x%lx %lu", $deja_address, $deja_size
  end
end
document diff
In what memory differs between two marks: diff MARK1 MARK2 EXPRESSION [LEN]
end

# ---- calls

define last-call
  if $argc == 1
    deja-place $arg0
    eval "monitor deja last-call 0x%lx", $deja_address
    deja-look
  else
    echo last-call FUNCTION\n
  end
end
document last-call
Go back to where a function was last entered: last-call FUNCTION
end

define calls
  if $argc == 1 || $argc == 3
    deja-place $arg0
  else
    echo calls FUNCTION [FROM TO]\n
  end
  if $argc == 1
    eval "monitor deja calls 0x%lx", $deja_address
  end
  if $argc == 3
    eval "monitor deja calls 0x%lx $arg1 $arg2", $deja_address
  end
end
document calls
List the calls of a function, newest first: calls FUNCTION [FROM TO]
Each with its mark, where it returns to, and its first four arguments.
end

# ---- the guest's Linux kernel

define guest-ps
  if $argc == 0
    monitor deja guest-ps
  end
  if $argc == 1
    monitor deja guest-ps $arg0
  end
  if $argc > 1
    echo guest-ps [PID]\n
  end
end
document guest-ps
List the processes that the guest's Linux kernel has, here and now: guest-ps [PID]
With PID: that process and its threads. S is the state (R runs or may run, S and D sleep, T is stopped, Z has ended, I is
an idle thread of the kernel); the one with a star runs on this hart; names in brackets are threads of the kernel.
end

define guest-bt
  if $argc == 0
    monitor deja guest-bt
  end
  if $argc == 1
    monitor deja guest-bt $arg0
  end
  if $argc > 1
    echo guest-bt [PID]\n
  end
end
document guest-bt
Show where a process is in the guest's Linux kernel: guest-bt [PID]
Without PID: the one that runs. Its call frames, the innermost first, by frame pointers and the kernel's own symbols; it
works for processes that sleep too. PID is a tid of guest-ps.
end

# ---- the console

define output
  if $argc == 1
    monitor deja output $arg0
  end
  if $argc == 2
    monitor deja output $arg0 $arg1
  end
  if $argc == 3
    monitor deja output $arg0 $arg1 $arg2
  end
  if $argc == 4
    monitor deja output $arg0 $arg1 $arg2 $arg3
  end
  if $argc == 0 || $argc > 4
    echo output REGEX; a blank can be written as a dot\n
  else
    deja-look
  end
end
document output
Go back to the instruction that printed a line on the console: output REGEX
The regular expression is an extended one of POSIX, as for grep -E. For gdb's own output EXPRESSION say print.
end

if $deja_confirm
  set confirm on
end
