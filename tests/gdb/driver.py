"""Runs inside gdb: executes the commands that session.py has left in the file DEJA_COMMANDS, each behind a marker, and
goes on after one that fails."""
import json
import os

import gdb

with open(os.environ["DEJA_COMMANDS"]) as file:
    for command in json.load(file):
        gdb.write("\n-- command\n")
        gdb.flush()
        try:
            gdb.execute(command)
        except (gdb.error, KeyboardInterrupt) as error:
            gdb.write(f"{error}\n")
        gdb.flush()
