/* guest: executes floating-point instructions on operands from stdin, for the oracle test. Built for riscv64 Linux. */
#include "wire.h"
#include <stdio.h>

typedef void execute_fn(const struct request *request, struct reply *reply);

#define FETCH_F "fmv.x.d a3, fa3\n"
#define FETCH_X ""

/* A function that executes one instruction. */
#define EXECUTE(function, kind, text)                                                                                  \
    static void function(const struct request *request, struct reply *reply)                                           \
    {                                                                                                                  \
        register uint64_t a __asm__("a0") = request->a;                                                                \
        register uint64_t value __asm__("a3");                                                                         \
        uint64_t flags;                                                                                                \
        __asm__ volatile(".option push\n.option arch, +zfh\n"                                                          \
                         "fmv.d.x fa0, a0\nfmv.d.x fa1, %[b]\nfmv.d.x fa2, %[c]\n"                                     \
                         "fsrm %[rm]\nfsflags zero\n" text "\nfrflags %[flags]\n" FETCH_##kind ".option pop\n"         \
                         : "=&r"(value), [flags] "=&r"(flags)                                                          \
                         : "r"(a), [b] "r"(request->b), [c] "r"(request->c), [rm] "r"(request->rm)                     \
                         : "fa0", "fa1", "fa2", "fa3");                                                                \
        reply->result = value;                                                                                         \
        reply->fflags = flags;                                                                                         \
    }

#define SUFFIX                           "s"
#define INSN(name, kind, text, expected) EXECUTE(name##_s, kind, text)
#include "insns.def"
#undef INSN
#undef SUFFIX

#define SUFFIX                           "d"
#define INSN(name, kind, text, expected) EXECUTE(name##_d, kind, text)
#include "insns.def"
#undef INSN
#undef SUFFIX

#define SUFFIX                           "h"
#define INSN(name, kind, text, expected) EXECUTE(name##_h, kind, text)
#include "insns.def"
#undef INSN
#undef SUFFIX

#define INSN(name, from, to, text) EXECUTE(name, F, text)
#include "conversions.def"
#undef INSN

static execute_fn *const executors[] = {
#define INSN(name, kind, text, expected) name##_s,
#include "insns.def"
#undef INSN
#define INSN(name, kind, text, expected) name##_d,
#include "insns.def"
#undef INSN
#define INSN(name, kind, text, expected) name##_h,
#include "insns.def"
#undef INSN
#define INSN(name, from, to, text) name,
#include "conversions.def"
#undef INSN
};

int main(void)
{
    struct request request;
    struct reply reply;
    while (fread(&request, sizeof request, 1, stdin) == 1) {
        if (request.insn >= sizeof executors / sizeof *executors)
            return 1;
        executors[request.insn](&request, &reply);
        if (fwrite(&reply, sizeof reply, 1, stdout) != 1)
            return 1;
    }
    return fflush(stdout) != 0;
}
