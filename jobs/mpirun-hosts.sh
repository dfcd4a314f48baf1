#!/bin/bash
# Machines without a scheduler: jobs/mpirun-hosts.sh      Change the lines marked <- first.
#
# Each host is reached by ssh without a password, and sees mutagree and this folder under the same path. Stopped by
# kill -USR1 of mpirun, or by a power cut: start it again, and it goes on.
set -euo pipefail

out=run.h5
scan=(--model tis-human --transcripts transcripts.fa.gz --annotation annotation.gtf.gz) # <- see mutagree scan --help
hosts="$(nproc) localhost" # <- cores and name of each host, a line each

# From here on the same in all scripts with mpirun: threads is the largest number up to 8 that divides the cores of every
# host; each host gets its ranks, and each rank as many cores as it has threads (README.md).
# Several networks: OMPI_MCA_btl_tcp_if_include=10.0.0.0/24 (and oob_tcp_if_include) names the one that all hosts share.
threads=8
while ! awk -v t=$threads '$1 % t { exit 1 }' <<<"$hosts"; do threads=$((threads - 1)); done
ranks=$(awk -v t=$threads '{ n += $1 / t } END { print n }' <<<"$hosts")
awk -v t=$threads '{ print $2 " slots=" $1 / t }' <<<"$hosts" >"$out.hosts"
export OMP_NUM_THREADS=$threads OMP_PLACES=cores OMP_PROC_BIND=close
mpirun --hostfile "$out.hosts" -n "$ranks" --map-by "slot:PE=$threads" -x OMP_NUM_THREADS -x OMP_PLACES -x OMP_PROC_BIND \
    mutagree scan "${scan[@]}" --out "$out"
mutagree report "$out"
