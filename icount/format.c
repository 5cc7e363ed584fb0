/* format: numbers for people. */
#include "icount.h"

const char *format_grouped(uint64_t value, char buffer[GROUPED_BYTES])
{
    char reversed[GROUPED_BYTES];
    unsigned length = 0;
    for (unsigned digits = 0; digits == 0 || value; digits++, value /= 10) {
        if (digits && digits % 3 == 0)
            reversed[length++] = ',';
        reversed[length++] = (char)('0' + value % 10);
    }
    for (unsigned i = 0; i < length; i++)
        buffer[i] = reversed[length - 1 - i];
    buffer[length] = '\0';
    return buffer;
}
