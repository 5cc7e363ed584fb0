/* Long enough that a person would press Ctrl-C: some hundred million instructions. */
volatile unsigned long count;
volatile unsigned long rare;
volatile int never;

static volatile unsigned char *const uart = (unsigned char *)0x10000000;

static void say(const char *text)
{
    while (*text)
        *uart = (unsigned char)*text++;
}

int main(void)
{
    say("begin\n");
    register unsigned long i = 0;
    while (i < 160000000) {
        i++;
        if (i % 40000000 == 0) {
            count = i;
            rare++;
        }
    }
    say("end\n");
    return never;
}
