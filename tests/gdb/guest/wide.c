/* clang-format off */ /* Fields that share one store, and watchpoints that one store touches. */
struct fields {
    unsigned long a : 1, b : 11, c : 20, d : 28, e : 4;
};

volatile struct fields fields;
volatile union {
    unsigned long all;
    unsigned char bytes[8];
} whole;

int main(void)
{
    fields.a = 1;
    fields.c = 2;
    fields.d = 3;
    fields.a = 0;
    whole.all = 0x0000000500000000;
    whole.all = 0x0000000500000007;
    whole.all = 0x0000000500000007;
    whole.bytes[6] = 1;
    return 0;
}
