#!/bin/bash
# i92  the arrows between the folders point one way, and the Makefile notices when one does not
# shellcheck source=tests/tap.sh
. "$(dirname "$0")/tap.sh"

check "no include points back" make -s layers
try() { # NAME FILE LINE: with this line in this file, `make layers` must fail and name it
    mkdir -p "$folder/tree/${2%/*}"
    cp Makefile "$folder/tree"
    echo "$3" >"$folder/tree/$2"
    if ! make -s -C "$folder/tree" layers >"$folder/said" 2>&1 && grep -q "^$2:1:" "$folder/said"; then
        ok "$1"
    else
        not_ok "$1"
        sed 's/^/# /' "$folder/said"
    fi
    rm -r "$folder/tree"
}
try "the science must not see MPI" src/network/a.c '#include <mpi.h>'
try "nor HDF5" src/network/kernels/a.h '#  include <hdf5.h>'
try "nor io" src/core/a.h '#include "io/fasta.h"'
try "io must not see mpi" io/a.c '#include "mpi/agree.h"'
try "mpi must not see the commands" mpi/a.c '#include "src/commands.h"'
finish
