#!/bin/bash
# docs/layers.sh  hold every include of src/, io/ and mpi/ against the table docs/rooms.txt
#
# Prints "file:line: room X must not include room Y" for each that is not in the table; status 1 if there was one.
set -u
table=docs/rooms.txt
find src io mpi -name '*.[ch]' -exec grep -HnE '^ *# *include *["<]' {} + 2>/dev/null | awk -v table="$table" '
    function room_of(path,  part, n) {
        if (path ~ /^src\/(main\.c|commands\/)/) return "src/commands"
        n = split(path, part, "/")
        return part[1] == "mpi" || n < 3 ? part[1] : part[1] "/" part[2]
    }
    function within(room, folder) { return room == folder || index(room, folder "/") == 1 }
    function library_allowed(from, header,  part, n, i) {
        n = split(may[header], part, " ")
        for (i = 1; i <= n; i++) if (within(from, part[i])) return 1
        return 0
    }
    BEGIN {
        while ((getline line < table) > 0) {
            sub(/#.*/, "", line)
            n = split(line, word, " ")
            if (n == 0) continue
            listed[word[1]] = 1
            for (i = 2; i <= n; i++) { may[word[1]] = may[word[1]] " " word[i]; allowed[word[1], word[i]] = 1 }
        }
    }
    {
        split($0, field, ":")
        file = field[1]; from = room_of(file)
        match($0, /["<][^">]*[">]/)
        name = substr($0, RSTART + 1, RLENGTH - 2)
        if (name == "mpi.h" || name ~ /^hdf5/) { what = name == "mpi.h" ? name : "hdf5.h"
            if (!library_allowed(from, what)) wrong(what); next }
        if (name !~ /^(src|io|mpi)\//) next
        to = room_of(name)
        if (!(from in listed)) { print file ":" field[2] ": room " from " does not stand in " table; bad = 1; next }
        if (to == from || to == "src/core" || allowed[from, "*"] || allowed[from, to]) next
        if (to == "io/base" && from !~ /^src/) next
        wrong("room " to)
    }
    function wrong(what) { print file ":" field[2] ": room " from " must not include " what; bad = 1 }
    END { exit bad }'
