#!/bin/sh
# A run that is recorded and one that is replayed are the same run: only the door knows which it is.
#   door.sh ROOT
# In code (not in comments or strings) the word "replaying" and its like stand in replay/door.c alone, and so does the
# door's own flag, `recorded`.
root=$1
. "$(dirname "$0")/house.sh"

words='(is_|in_|are_|am_|not_)?(replaying|being_replayed)|(is|in|if)_replay(ed)?|(is|in|if)_recording|recording_or_replaying'
for file in $(files "$rooms" '*.c' '*.h' '*.def'); do
    [ "$file" = "$root/replay/door.c" ] && continue
    findings=$(code_of "$file" | grep -nE "(^|[^A-Za-z0-9_])($words)([^A-Za-z0-9_]|$)|(->|\.)recorded([^A-Za-z0-9_]|$)")
    [ -n "$findings" ] && breach "$file:$findings"
done
verdict
