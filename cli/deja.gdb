# deja.gdb: what deja's stub knows besides gdb's own commands, as commands of gdb. `deja debug` loads it by itself; whoever
# attaches to `deja debug --gdb ADDR` sources it. It needs nothing but gdb's own language.
#
# A command asks the stub (`monitor deja WORD ...`), has gdb forget what it has read, and shows where it stands then.
#
# gdb splits arguments at blanks, and they can be handed on only one by one, by number. `eval` computes the numbers: a
# command hands on as many as it may have, eight, and for one that is not there the last one again ($deja_1 to $deja_7).

# Where physical memory is to be seen, at every moment (gdbstub/memory.h).
set $phys = 0x7000000000000000

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

# WORD NUMBER: a word that takes no arguments, of which there are so many.
define deja-alone
  if $arg1 > 0
    echo $arg0 takes no arguments\n
  else
    monitor deja $arg0
  end
end
document deja-alone
For deja's other commands: asks the stub something that takes no arguments.
end

define deja-count
  set $deja_1 = $arg0 > 1 ? 1 : $arg0 - 1
  set $deja_2 = $arg0 > 2 ? 2 : $arg0 - 1
  set $deja_3 = $arg0 > 3 ? 3 : $arg0 - 1
  set $deja_4 = $arg0 > 4 ? 4 : $arg0 - 1
  set $deja_5 = $arg0 > 5 ? 5 : $arg0 - 1
  set $deja_6 = $arg0 > 6 ? 6 : $arg0 - 1
  set $deja_7 = $arg0 > 7 ? 7 : $arg0 - 1
end
document deja-count
For deja's other commands: the numbers of as many arguments as there are, and the last one's again.
end

# WORD NUMBER PIECE...: what the stub reads as it stands.
define deja-say
  if $arg1 == 1
    monitor deja $arg0 $arg2
  end
  if $arg1 == 2
    monitor deja $arg0 $arg2 $arg3
  end
  if $arg1 == 3
    monitor deja $arg0 $arg2 $arg3 $arg4
  end
  if $arg1 == 4
    monitor deja $arg0 $arg2 $arg3 $arg4 $arg5
  end
  if $arg1 == 5
    monitor deja $arg0 $arg2 $arg3 $arg4 $arg5 $arg6
  end
  if $arg1 == 6
    monitor deja $arg0 $arg2 $arg3 $arg4 $arg5 $arg6 $arg7
  end
  if $arg1 == 7
    monitor deja $arg0 $arg2 $arg3 $arg4 $arg5 $arg6 $arg7 $arg8
  end
  if $arg1 == 8
    monitor deja $arg0 $arg2 $arg3 $arg4 $arg5 $arg6 $arg7 $arg8 $arg9
  end
end
document deja-say
For deja's other commands: asks the stub.
end

# ---- expressions

define deja-operator
  set $deja_is = $arg0 == '+' || $arg0 == '-' || $arg0 == '*' || $arg0 == '/' || $arg0 == '%' || $arg0 == '&'
  set $deja_is = $deja_is || $arg0 == '|' || $arg0 == '^' || $arg0 == '<' || $arg0 == '>' || $arg0 == '.'
  set $deja_is = $deja_is || $arg0 == '!' || $arg0 == '~' || $arg0 == '?' || $arg0 == ':' || $arg0 == ','
end
document deja-operator
For deja's other commands: whether a character belongs to an operator.
end

# The expression goes on where a bracket or an operator is open, or an operator follows: `node -> next`, `a [i + 1]`.
# So it does behind a cast to a pointer, `*(int *) p`; behind other brackets a length may follow. What would store is
# refused.
define deja-piece
  deja-operator "$arg0"[0]
  set $deja_is = $deja_is || "$arg0"[0] == '[' || "$arg0"[0] == ')'
  set $deja_ended = $deja_ended || !($deja_is || $deja_open || $deja_depth > 0)
  if !$deja_ended
    set $deja_used = $deja_used + 1
    set $deja_i = 0
    set $deja_c = ' '
    set $deja_before = ' '
    while "$arg0"[$deja_i]
      set $deja_before = $deja_c
      set $deja_c = "$arg0"[$deja_i]
      set $deja_depth = $deja_depth + ($deja_c == '(' || $deja_c == '[') - ($deja_c == ')' || $deja_c == ']')
      set $deja_lvalue = $deja_lvalue || $deja_c == '[' || $deja_c == '.' || ($deja_c == '>' && $deja_before == '-')
      set $deja_bad = $deja_bad || $deja_c == '=' || ($deja_c == $deja_before && ($deja_c == '+' || $deja_c == '-'))
      set $deja_i = $deja_i + 1
    end
    deja-operator $deja_c
    set $deja_open = $deja_is || ($deja_c == ')' && $deja_before == '*')
  end
end
document deja-piece
For deja's other commands: whether one more argument belongs to the expression that they begin with.
end

# NUMBER PIECE...
define deja-split
  set $deja_used = 0
  set $deja_depth = 0
  set $deja_open = 1
  set $deja_ended = 0
  set $deja_bad = 0
  set $deja_lvalue = 0
  set $deja_k = 1
  while $deja_k <= $arg0 && $deja_k <= 8
    eval "deja-piece $arg%d", $deja_k
    set $deja_k = $deja_k + 1
  end
  set $deja_physical = "$arg1"[0] == 'p' && "$arg1"[1] == 'h' && "$arg1"[2] == 'y' && "$arg1"[3] == 's'
  set $deja_physical = $deja_physical && "$arg1"[4] == ':'
  set $deja_number = "$arg1"[0] >= '0' && "$arg1"[0] <= '9'
  set $deja_number = $deja_number || ("$arg1"[0] == '$' && "$arg1"[1] >= 'A' && !$deja_lvalue)
  set $deja_pointer = "$arg1"[0] == '&'
  set $deja_rest = $arg0 - $deja_used
end
document deja-split
For deja's other commands: how many arguments are the expression that they begin with, and how many are left.
end

# NUMBER PIECE..., of which $deja_used are an lvalue, or a number or what is computed from a register, which is an address,
# or begin with &. Behind phys: stands what a conditional expression has there.
define deja-place
  if $deja_used == 1 && $deja_physical
    set $deja_place = (unsigned long *)(0 ? $$arg1)
  end
  if $deja_used == 1 && !$deja_physical
    set $deja_place = $deja_number ? (unsigned long *)($arg1) : $deja_pointer ? ($arg1) : &($arg1)
  end
  if $deja_used == 2
    set $deja_place = $deja_number ? (unsigned long *)($arg1 $arg2) : $deja_pointer ? ($arg1 $arg2) : &($arg1 $arg2)
  end
  if $deja_used == 3
    set $deja_place = $deja_number ? (unsigned long *)($arg1 $arg2 $arg3) : $deja_pointer ? ($arg1 $arg2 $arg3) : &($arg1 $arg2 $arg3)
  end
  if $deja_used == 4
    set $deja_place = $deja_number ? (unsigned long *)($arg1 $arg2 $arg3 $arg4) : $deja_pointer ? ($arg1 $arg2 $arg3 $arg4) : &($arg1 $arg2 $arg3 $arg4)
  end
  if $deja_used == 5
    set $deja_place = $deja_number ? (unsigned long *)($arg1 $arg2 $arg3 $arg4 $arg5) : $deja_pointer ? ($arg1 $arg2 $arg3 $arg4 $arg5) : &($arg1 $arg2 $arg3 $arg4 $arg5)
  end
  if $deja_used == 6
    set $deja_place = $deja_number ? (unsigned long *)($arg1 $arg2 $arg3 $arg4 $arg5 $arg6) : $deja_pointer ? ($arg1 $arg2 $arg3 $arg4 $arg5 $arg6) : &($arg1 $arg2 $arg3 $arg4 $arg5 $arg6)
  end
  if $deja_used == 7
    set $deja_place = $deja_number ? (unsigned long *)($arg1 $arg2 $arg3 $arg4 $arg5 $arg6 $arg7) : $deja_pointer ? ($arg1 $arg2 $arg3 $arg4 $arg5 $arg6 $arg7) : &($arg1 $arg2 $arg3 $arg4 $arg5 $arg6 $arg7)
  end
  if $deja_used == 8
    set $deja_place = $deja_number ? (unsigned long *)($arg1 $arg2 $arg3 $arg4 $arg5 $arg6 $arg7 $arg8) : $deja_pointer ? ($arg1 $arg2 $arg3 $arg4 $arg5 $arg6 $arg7 $arg8) : &($arg1 $arg2 $arg3 $arg4 $arg5 $arg6 $arg7 $arg8)
  end
  set $deja_address = (unsigned long)$deja_place
end
document deja-place
For deja's other commands: the address of what an expression names.
end

# WORD [MORE...]: with the address and the size in front of what it wants more. What has a name and no type has no size.
define deja-ask
  if $deja_size == 0
    echo gdb does not know how big that is: give a LEN\n
  else
    if $argc == 1 && $deja_physical
      eval "monitor deja $arg0 phys:0x%lx %lu", $deja_address, $deja_size
    end
    if $argc == 1 && !$deja_physical
      eval "monitor deja $arg0 0x%lx %lu", $deja_address, $deja_size
    end
    if $argc == 3 && $deja_physical
      eval "monitor deja $arg0 phys:0x%lx %lu $arg1 $arg2", $deja_address, $deja_size
    end
    if $argc == 3 && !$deja_physical
      eval "monitor deja $arg0 0x%lx %lu $arg1 $arg2", $deja_address, $deja_size
    end
  end
end
document deja-ask
For deja's other commands: asks the stub about memory.
end

# ---- what there is

define deja
  help deja
end
document deja
Deja's own commands. help COMMAND says more of each.
  when, when-ticks         where we are
  seek MARK, run [MARK]    go elsewhere
  back, forward            through the places where one has been
  last-write, next-write   to the last or the next change of memory; writes lists them
  last-call, calls         to the last call of a function; a list of them
  output REGEX             to the instruction that printed it
  diff                     in what memory differs between two marks
  guest-ps, guest-bt       the processes of the guest's Linux kernel, and where they are in it
  bookmark NAME            a name for a mark; bookmarks, goto-bookmark, unbookmark
  recording                drop what was written to registers and memory
gdb's own go backwards too: reverse-stepi, reverse-next, reverse-finish, reverse-continue, and watch.
At $phys lies physical memory: watch *(int *)($phys + 0x80201000) sees it whoever maps it, and x/4x looks at it.
end

# ---- where we are, and going elsewhere

define when
  deja-alone when $argc
end
document when
Where we are: instructions since power-on (the mark), virtual time, hart, privilege.
The process as well, when a Linux kernel is there.
end

define when-ticks
  deja-alone when-ticks $argc
end
document when-ticks
The same as when.
end

define seek
  if $argc == 0 || $argc > 8
    echo seek MARK; more blanks in a regular expression can be written as dots\n
  else
    deja-count $argc
    eval "deja-say seek $argc $arg%d $arg%d $arg%d $arg%d $arg%d $arg%d $arg%d $arg%d", \
        0, $deja_1, $deja_2, $deja_3, $deja_4, $deja_5, $deja_6, $deja_7
    deja-look
  end
end
document seek
Go to a mark: seek MARK
N or 1,234 (instructions), 2h, 9min, 12.5s, 300ms, 40us (virtual time), start, end, end-N, text:REGEX (where the first
line of the console that matches was printed), or the name of a bookmark.
end

define run
  if $argc == 0
    if $_thread == 0
      starti
    else
      monitor deja run
      deja-look
    end
  else
    deja-count $argc
    eval "deja-say run $argc $arg%d $arg%d $arg%d $arg%d $arg%d $arg%d $arg%d $arg%d", \
        0, $deja_1, $deja_2, $deja_3, $deja_4, $deja_5, $deja_6, $deja_7
    deja-look
  end
end
document run
Go to a mark; without one, back to the start of the recording, after kill or detach as well: run [MARK]
end

define back
  deja-alone back $argc
  deja-look
end
document back
Go back to the place where the last jump (seek, last-write, last-call, output, ...) began.
end

define forward
  deja-alone forward $argc
  deja-look
end
document forward
Undo a back.
end

define recording
  deja-alone recording $argc
  deja-look
end
document recording
Drop what was written to registers and memory, by calls as well: from a diverted timeline back to the recording, to the
mark where that was left.
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
  deja-alone bookmarks $argc
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

define deja-equals
  set $deja_is = "$arg0"[0] == '=' && "$arg0"[1] == '=' && !"$arg0"[2]
end
document deja-equals
For deja's other commands: whether an argument is ==.
end

# WORD NUMBER PIECE...
define deja-write
  eval "deja-split $arg%d $arg%d $arg%d $arg%d $arg%d $arg%d $arg%d $arg%d $arg%d", 1, 2, 3, 4, 5, 6, 7, 8, 9
  set $deja_at = 2 + $deja_used
  set $deja_is = 1
  if $deja_rest > 0
    eval "deja-equals $arg%d", $deja_at
  end
  set $deja_sized = !$deja_is
  if $deja_rest > $deja_sized
    eval "deja-equals $arg%d", $deja_at + $deja_sized
    set $deja_bad = $deja_bad || !$deja_is || $deja_rest < $deja_sized + 2 || $deja_rest > $deja_sized + 4
  end
  if $deja_bad
    echo $arg0 EXPRESSION [LEN] [== VALUE]\n
  else
    eval "deja-place $arg%d $arg%d $arg%d $arg%d $arg%d $arg%d $arg%d $arg%d $arg%d", 1, 2, 3, 4, 5, 6, 7, 8, 9
    if $deja_sized
      eval "set $deja_size = (unsigned long)($arg%d)", $deja_at
    else
      set $deja_size = sizeof(*$deja_place)
    end
    set $deja_at = $deja_at + $deja_sized + 1
    set $deja_rest = $deja_rest - $deja_sized
    if $deja_rest == 0
      deja-ask $arg0
    end
    if $deja_rest == 2
      eval "set $deja_value = (unsigned long)($arg%d)", $deja_at
    end
    if $deja_rest == 3
      eval "set $deja_value = (unsigned long)($arg%d $arg%d)", $deja_at, $deja_at + 1
    end
    if $deja_rest == 4
      eval "set $deja_value = (unsigned long)($arg%d $arg%d $arg%d)", $deja_at, $deja_at + 1, $deja_at + 2
    end
    if $deja_rest > 0
      eval "deja-ask $arg0 == 0x%lx", $deja_value
    end
    deja-look
  end
end
document deja-write
For last-write and next-write.
end

define last-write
  if $argc == 0
    echo last-write EXPRESSION [LEN] [== VALUE]\n
  end
  if $argc > 8
    echo too many blanks; leave some out\n
  end
  if $argc > 0 && $argc <= 8
    deja-count $argc
    eval "deja-write last-write $argc $arg%d $arg%d $arg%d $arg%d $arg%d $arg%d $arg%d $arg%d", \
        0, $deja_1, $deja_2, $deja_3, $deja_4, $deja_5, $deja_6, $deja_7
  end
end
document last-write
Go back to just after the instruction that last changed memory: last-write EXPRESSION [LEN] [== VALUE]
What it names is looked for by its address and size: last-write node->next, last-write *(int *) p
A number is an address, of 8 bytes or LEN, and so is what is computed from a register: last-write $sp + 16; of what
begins with &, the size is that of what it points to; phys:ADDRESS is memory by its physical address. What gdb knows by
name only, as a kernel without debug information, wants a LEN. There may be a few blanks in it.
With == VALUE: the last change to this value. Again, it goes to the change before.
end

define next-write
  if $argc == 0
    echo next-write EXPRESSION [LEN] [== VALUE]\n
  end
  if $argc > 8
    echo too many blanks; leave some out\n
  end
  if $argc > 0 && $argc <= 8
    deja-count $argc
    eval "deja-write next-write $argc $arg%d $arg%d $arg%d $arg%d $arg%d $arg%d $arg%d $arg%d", \
        0, $deja_1, $deja_2, $deja_3, $deja_4, $deja_5, $deja_6, $deja_7
  end
end
document next-write
Go on to just after the instruction that next changes memory: next-write EXPRESSION [LEN] [== VALUE]
See last-write.
end

define writes
  set $deja_bad = $argc == 0
  if $argc > 0 && $argc <= 8
    deja-count $argc
    eval "deja-split $argc $arg%d $arg%d $arg%d $arg%d $arg%d $arg%d $arg%d $arg%d", \
        0, $deja_1, $deja_2, $deja_3, $deja_4, $deja_5, $deja_6, $deja_7
  end
  if $argc > 8
    echo too many blanks; leave some out\n
  else
    if $deja_bad || $deja_rest > 3
      echo writes EXPRESSION [LEN] [FROM TO]\n
    else
      eval "deja-place $argc $arg%d $arg%d $arg%d $arg%d $arg%d $arg%d $arg%d $arg%d", \
          0, $deja_1, $deja_2, $deja_3, $deja_4, $deja_5, $deja_6, $deja_7
      if $deja_rest == 0 || $deja_rest == 2
        set $deja_size = sizeof(*$deja_place)
      else
        eval "set $deja_size = (unsigned long)($arg%d)", $deja_used
      end
      if $deja_rest < 2
        deja-ask writes
      else
        eval "deja-ask writes $arg%d $arg%d", $argc - 2, $argc - 1
      end
    end
  end
end
document writes
List the changes of memory, newest first: writes EXPRESSION [LEN] [FROM TO]
Each with the mark just after it; FROM and TO are marks. See last-write for what an EXPRESSION may be.
end

# NUMBER MARK1 MARK2 PIECE...
define deja-difference
  eval "deja-split %d $arg%d $arg%d $arg%d $arg%d $arg%d $arg%d", $arg0 - 2, 3, 4, 5, 6, 7, 8
  set $deja_bad = $deja_bad || $deja_rest > 1
  if !$deja_bad
    eval "deja-place %d $arg%d $arg%d $arg%d $arg%d $arg%d $arg%d", $arg0 - 2, 3, 4, 5, 6, 7, 8
    if $deja_rest == 0
      set $deja_size = sizeof(*$deja_place)
    else
      eval "set $deja_size = (unsigned long)($arg%d)", $arg0
    end
    if $deja_size == 0
      echo gdb does not know how big that is: give a LEN\n
    end
    if $deja_size > 0 && $deja_physical
      eval "monitor deja diff $arg1 $arg2 phys:0x%lx %lu", $deja_address, $deja_size
    end
    if $deja_size > 0 && !$deja_physical
      eval "monitor deja diff $arg1 $arg2 0x%lx %lu", $deja_address, $deja_size
    end
  end
end
document deja-difference
For diff.
end

define diff
  set $deja_bad = $argc < 3
  if $argc > 8
    echo too many blanks; leave some out\n
  end
  if $argc >= 3 && $argc <= 8
    deja-count $argc
    eval "deja-difference $argc $arg%d $arg%d $arg%d $arg%d $arg%d $arg%d $arg%d $arg%d", \
        0, $deja_1, $deja_2, $deja_3, $deja_4, $deja_5, $deja_6, $deja_7
  end
  if $deja_bad
    echo diff MARK1 MARK2 EXPRESSION [LEN]\n
  end
end
document diff
In what memory differs between two marks: diff MARK1 MARK2 EXPRESSION [LEN]
end

# ---- calls

define last-call
  set $deja_bad = $argc == 0
  if $argc > 0 && $argc <= 8
    deja-count $argc
    eval "deja-split $argc $arg%d $arg%d $arg%d $arg%d $arg%d $arg%d $arg%d $arg%d", \
        0, $deja_1, $deja_2, $deja_3, $deja_4, $deja_5, $deja_6, $deja_7
  end
  if $argc > 8
    echo too many blanks; leave some out\n
  else
    if $deja_bad || $deja_physical || $deja_rest > 0
      echo last-call FUNCTION\n
    else
      eval "deja-place $argc $arg%d $arg%d $arg%d $arg%d $arg%d $arg%d $arg%d $arg%d", \
          0, $deja_1, $deja_2, $deja_3, $deja_4, $deja_5, $deja_6, $deja_7
      eval "monitor deja last-call 0x%lx", $deja_address
      deja-look
    end
  end
end
document last-call
Go back to where a function was last entered: last-call FUNCTION
end

define calls
  set $deja_bad = $argc == 0
  if $argc > 0 && $argc <= 8
    deja-count $argc
    eval "deja-split $argc $arg%d $arg%d $arg%d $arg%d $arg%d $arg%d $arg%d $arg%d", \
        0, $deja_1, $deja_2, $deja_3, $deja_4, $deja_5, $deja_6, $deja_7
  end
  if $argc > 8
    echo too many blanks; leave some out\n
  else
    if $deja_bad || $deja_physical || ($deja_rest != 0 && $deja_rest != 2)
      echo calls FUNCTION [FROM TO]\n
    else
      eval "deja-place $argc $arg%d $arg%d $arg%d $arg%d $arg%d $arg%d $arg%d $arg%d", \
          0, $deja_1, $deja_2, $deja_3, $deja_4, $deja_5, $deja_6, $deja_7
      if $deja_rest == 0
        eval "monitor deja calls 0x%lx", $deja_address
      else
        eval "monitor deja calls 0x%lx $arg%d $arg%d", $deja_address, $argc - 2, $argc - 1
      end
    end
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
Without PID: the one that runs. Its call frames, the innermost first, by the kernel's code and its own symbols; it works
for processes that sleep too. PID is a tid of guest-ps.
end

# ---- the console

define output
  if $argc == 0 || $argc > 8
    echo output REGEX; more blanks can be written as dots\n
  else
    deja-count $argc
    eval "deja-say output $argc $arg%d $arg%d $arg%d $arg%d $arg%d $arg%d $arg%d $arg%d", \
        0, $deja_1, $deja_2, $deja_3, $deja_4, $deja_5, $deja_6, $deja_7
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
