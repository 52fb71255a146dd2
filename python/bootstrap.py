# What stands on the command line of a host's Python: it takes the importer from the standard input, by its length. Whoever
# sends it makes one line of these statements, since the shell of a login may break lines.
import sys

data = sys.stdin.buffer
exec(compile(data.read(int(data.readline())), "importer.py", "exec"))
