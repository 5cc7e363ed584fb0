#!/bin/bash
# The symbols found in a guest's memory are those that the guest itself lists, every one, and gdb speaks them.
. "$(dirname "$0")/lib.sh"
examples=$here/../../examples
debian=$("$examples/fetch-debian.sh") || exit 1
cd "$work" || exit 1
DEJA_BUSYBOX=$debian/busybox "$examples/make-initramfs.sh" -c 'echo BEGIN' -c 'gzip -c /proc/kallsyms | busybox base64' \
    -c 'echo END' initrd.gz || exit 1

# Of a module's symbol the list names the module, behind a tab; there are none here.
for append in "" nokaslr; do
    run 0 "$deja" record -o "boot$append" -kernel "$debian/vmlinux" -initrd initrd.gz -m 256M --seed 7 --epoch 1700000000 \
        -append "console=ttyS0 quiet $append"
    tr -d '\r' <out | sed -n '/^BEGIN$/,/^END$/p' | sed '1d;$d' | grep -v '^\[' | base64 -d | gunzip >listed
    [ "$(wc -l <listed)" -gt 50000 ] || fail "the guest lists $(wc -l <listed) symbols only"
    run 0 "$deja" symbols "boot$append"
    cmp listed out || fail "$(diff listed out | grep -c '^[<>]') lines differ from the guest's own /proc/kallsyms $append"
done
echo "$(wc -l <listed) symbols equal to the guest's own"

# The same as an ELF; two local symbols may share a name, so compare lines.
run 0 "$deja" symbols boot -o kernel.elf
says 'kernel.elf: [0-9,]+ symbols'
if command -v riscv64-linux-gnu-nm >/dev/null; then
    riscv64-linux-gnu-nm kernel.elf | cut -d' ' -f1,3 | sort >got
    cut -d' ' -f1,3 listed | sort | cmp - got || fail "nm reads other symbols from the ELF"
fi
run 73 "$deja" symbols boot -o nowhere/kernel.elf

# At power-on there is no kernel yet, and in a bare program there never is: one line says so.
run 69 "$deja" symbols boot --at start
says 'kernel symbols: .*page tables.*--at \(69\)'
# shellcheck disable=SC2046
run 0 "$deja" record -o bare $(guest integer)
run 69 "$deja" symbols bare

if command -v gdb-multiarch >/dev/null; then
    gdb=(-nx -batch -iex "set width 0")
    mkdir private
    export TMPDIR=$work/private
    unset XDG_RUNTIME_DIR
    run 0 "$deja" debug boot -- "${gdb[@]}" -ex "break do_sys_openat2" -ex reverse-continue -ex 'info symbol $pc' -ex bt \
        -ex 'x/i $pc'
    grep -Eq '^do_sys_openat2( \+ [0-9]+)? in section' out || fail "gdb does not know where it is"
    grep -Eq '^#1 .* in (__riscv_)?sys_openat|^#1 .* in do_sys_open' out || fail "no backtrace in the kernel"
    grep -q '<do_sys_openat2' out || fail "no name in the disassembly"
    [ -z "$(ls private)" ] || fail "an ELF was left behind"

    # Backtraces need no guessing: gdb unwinds by what the ELF says, guest-bt by itself; anywhere in the run, through
    # traps and back to the program.
    asked=()
    for ((n = 0; n < 24; n++)); do
        asked+=(-ex "seek end-$((n * n * 123457))" -ex 'echo gdb\n' -ex bt -ex 'echo deja\n' -ex guest-bt -ex 'echo end\n')
    done
    for name in schedule do_irq handle_riscv_irq do_page_fault handle_mm_fault do_irq; do
        asked+=(-ex "last-call $name" -ex 'echo gdb\n' -ex bt -ex 'echo deja\n' -ex guest-bt -ex 'echo end\n')
    done
    run 0 sh -c 'exec "$@" 2>&1' sh "$deja" debug boot -- "${gdb[@]}" "${asked[@]}"
    grep -q 'PC not saved\|Backtrace stopped' out && fail "gdb could not go on"
    "$here/backtraces.py" <out || fail "backtraces differ"

    # What a trap interrupts has the same registers at each instruction of the entry code, which moves them about: there and
    # back; and for guest-bt it is in the same place.
    cat >traps.gdb <<'GDB'
define registers
  printf "$arg0 pc %lx ra %lx sp %lx gp %lx tp %lx s0 %lx s1 %lx s2 %lx s11 %lx", $arg1, $ra, $sp, $gp, $tp, $s0, $s1, $s2, $s11
  printf " t0 %lx t1 %lx t6 %lx a0 %lx a1 %lx a2 %lx a5 %lx a7 %lx\n", $t0, $t1, $t6, $a0, $a1, $a2, $a5, $a7
end
define within
  while (unsigned long)$pc - (unsigned long)&$arg0 < $arg1
    up
    registers within $pc
    frame 0
    guest-bt
    stepi
  end
end
define trap
  seek end
  tbreak *handle_exception if ((long)$sepc < 0) == $arg0
  reverse-continue
  registers as $sepc
  within handle_exception (long)&ret_from_exception-(long)&handle_exception
  seek end
  tbreak *ret_from_exception if (*(long *)$sp < 0) == $arg0
  reverse-continue
  within ret_from_exception 200
  registers as $pc
end
GDB
    for kernel in 0 1; do
        run 0 sh -c 'exec "$@" 2>&1' sh "$deja" debug boot -- "${gdb[@]}" -x traps.gdb -ex "trap $kernel"
        count=$(grep -c '^within ' out)
        [ "$count" -gt 90 ] || fail "the entry code is only $count instructions"
        diff <(sed -n 's/^as //p' out | sort -u) <(sed -n 's/^within //p' out | sort -u) || fail "the entry code loses registers"
        sed -n 's/^#1 .* \(0x[0-9a-f]*\) in .*+0x[0-9a-f]*$/\1/p' out | sort -u >found
        [ "$(wc -l <found)" -eq $((kernel * $(sed -n 's/^as //p' out | sort -u | wc -l))) ] ||
            fail "for guest-bt, $(wc -l <found) places were interrupted"
    done

    # A trap's frame keeps its name when the registers in it are replaced, as exec does.
    run 0 "$deja" debug boot -- "${gdb[@]}" -ex 'last-call __riscv_sys_execve' -ex up -ex finish
    tail -n 2 out | grep -q '^<signal handler called>' || fail "exec does not finish: $(tail -n 3 out)"

    # Looked for at the end when the kernel is not up yet; beside a program of the user's; but not beside a kernel of his.
    run 0 "$deja" debug boot --at start -- "${gdb[@]}" -ex 'info symbol do_sys_openat2' -ex 'info symbol rest_init' -ex 'monitor when'
    grep -q '^rest_init in section' out || fail "a function is called by where a part of the kernel ends"
    grep -q '^do_sys_openat2 in section' out || fail "no symbols at the start"
    grep -q '^0 instructions' out err || fail "it does not stand at the start any more"
    run 0 "$deja" debug boot -- "${gdb[@]}" "$debian/busybox" -ex 'info symbol do_sys_openat2' -ex 'info files'
    grep -q '^do_sys_openat2 in section' out || fail "no symbols beside a program"
    run 0 "$deja" debug boot -- "${gdb[@]}" kernel.elf -ex 'info symbol do_sys_openat2'
    grep -q '^do_sys_openat2 in section' out || fail "no symbols of the user's own"
    grep -q 'add symbol table' out && fail "symbols were added to a kernel's own"
    run 0 "$deja" debug bare -- "${gdb[@]}" -ex 'info registers pc'
    says 'kernel symbols: none: .*page tables'
fi
finish
