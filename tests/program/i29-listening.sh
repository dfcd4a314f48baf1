#!/bin/bash
# i29  nobody listens on the network: a process by itself, and ranks of one node, have no socket of TCP or UDP (docs/security.md)
# shellcheck source=tests/program/tap.sh
. "$(dirname "$0")/tap.sh"
unset OMPI_MCA_btl OMPI_MCA_pml OMPI_MCA_mtl
if [ ! -e /proc/self/net/tcp ] || [ ! -d /proc/self/fd ]; then
    skip "nobody listens" "this system tells of no sockets in /proc"
    finish
fi

# Inodes of the sockets of TCP that listen, and of all of UDP.
listening() { awk 'FNR > 1 && (FILENAME ~ /udp/ || $4 == "0A") { print $10 }' /proc/net/tcp /proc/net/udp /proc/net/tcp6 /proc/net/udp6 2>/dev/null; }
# Those of them that the processes have: "" when none.
ports_of() { # PID...
    local pid inodes
    inodes=$(listening | sort)
    for pid in "$@"; do
        find "/proc/$pid/fd" -lname 'socket:*' -printf '%l\n' 2>/dev/null | tr -dc '0-9\n' | sort | comm -12 - <(echo "$inodes") | grep . | sed "s/^/$pid:/"
    done
}

# Run a command whose --transcripts is a FIFO: when rank 0 has opened it, MPI runs on all ranks, and they wait.
mkfifo "$folder/fifo"
waiting() { # COMMAND...: sets job, holds the FIFO open as descriptor 9
    "$@" >"$folder/out" 2>&1 &
    job=$!
    exec 9>"$folder/fifo"
}
release() {
    cat tests/data/small.spliced.fa >&9
    exec 9>&-
    wait "$job"
}
small=(--transcripts "$folder/fifo" --model tests/data/small.pth --threads 1)

python_server=0
if command -v python3 >/dev/null; then # can this test see a port at all?
    python3 -c 'import socket, sys; s = socket.socket(); s.bind(("127.0.0.1", 0)); s.listen(); print("here", flush=True); sys.stdin.read()' \
        < <(sleep 600 & echo $! >"$folder/sleeper"; wait) >"$folder/here" &
    python_server=$!
    await "$python_server" test -s "$folder/here"
    check "a port is seen" test -n "$(ports_of "$python_server")"
    kill "$python_server" "$(cat "$folder/sleeper")" 2>/dev/null
    wait "$python_server" 2>/dev/null
fi

waiting "$MUTAGREE" scan "${small[@]}" --out "$folder/one.h5"
check "scan by itself listens nowhere" test -z "$(ports_of "$job")"
check "and does its work" release
waiting "$MUTAGREE" train --transcripts "$folder/fifo" --arch tests/data/small.arch --epochs 1 --threads 1 --out "$folder/t.h5"
check "train by itself listens nowhere" test -z "$(ports_of "$job")"
release
waiting "$MUTAGREE" predict --transcripts "$folder/fifo" --model tests/data/small.pth --quiet
check "predict starts no MPI, and listens nowhere" test -z "$(ports_of "$job")"
check "and does its work" release
waiting timeout -k 10 300 mpirun --oversubscribe --bind-to none -n 2 "$MUTAGREE" scan "${small[@]}" --out "$folder/two.h5"
mapfile -t workers < <(pgrep -f "^$MUTAGREE scan .*$folder/two.h5")
check "two ranks are here" test "${#workers[@]}" -eq 2
check "ranks of one node listen nowhere" test -z "$(ports_of "${workers[@]}")"
check "and do their work" release
# shellcheck disable=SC2016
check "who has chosen a transport keeps it" env OMPI_MCA_btl=self,tcp "$MUTAGREE" scan --transcripts tests/data/small.spliced.fa \
    --model tests/data/small.pth --threads 1 --quiet --out "$folder/chosen.h5"
finish
