#!/bin/bash
# i92  the arrows between the folders point one way, and the Makefile notices when one does not
# shellcheck source=tests/program/tap.sh
. "$(dirname "$0")/tap.sh"

check "no include points back" make -s layers
try() { # NAME FILE LINE: with this line in this file, `make layers` must fail and name it
    mkdir -p "$folder/tree/${2%/*}"
    mkdir -p "$folder/tree/docs"
    cp Makefile "$folder/tree"
    cp docs/layers.sh docs/rooms.txt "$folder/tree/docs"
    echo "$3" >"$folder/tree/$2"
    if ! make -s -C "$folder/tree" layers >"$folder/said" 2>&1 && grep -q "^$2:1:" "$folder/said"; then
        ok "$1"
    else
        not_ok "$1"
        sed 's/^/# /' "$folder/said"
    fi
    rm -r "$folder/tree"
}
try "the science must not see MPI" src/engine/a.c '#include <mpi.h>'
try "nor HDF5" src/kernels/a.h '#  include <hdf5.h>'
try "nor io" src/core/a.h '#include "io/fasta/fasta.h"'
try "io must not see mpi" io/run/a.c '#include "mpi/agree.h"'
try "mpi must not see the commands" mpi/a.c '#include "src/commands/commands.h"'
try "sequences must not see the engine" src/sequence/a.c '#include "src/engine/pass.h"'
try "figures must not see the run file" io/figure/a.c '#include "io/run/file.h"'
try "a room that is not in the table" src/cellar/a.c '#include "src/core/status.h"'
finish
