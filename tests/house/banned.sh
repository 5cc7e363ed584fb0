#!/bin/sh
# Functions that are a mistake wherever they stand: unbounded, hidden state, or a shell.
#   banned.sh ROOT
root=$1
. "$(dirname "$0")/house.sh"

words='gets|strcpy|strcat|sprintf|vsprintf|strtok|strerror_l|atoi|atol|atoll|atof|rand|srand|random|srandom|drand48'
words="$words|alloca|system|popen|tmpnam|tempnam|mktemp|asctime|ctime|gmtime|localtime|setlocale|longjmp|setjmp|assert"
for file in $(files "$rooms" '*.c' '*.h'); do
    findings=$(code_of "$file" | grep -nE "(^|[^A-Za-z0-9_.>])($words) ?\(")
    [ -n "$findings" ] && breach "$file:$findings"
done
verdict
