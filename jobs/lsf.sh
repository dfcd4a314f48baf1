#!/bin/bash
# LSF: bsub <jobs/lsf.sh      Change the lines marked <- first.
#
# The run stops itself before the limit, with exit status 75, and -Q 75 puts the job back into the queue: it goes on until
# the run is complete.
#BSUB -J mutagree
#BSUB -n 8
#BSUB -R "span[ptile=4]"
#BSUB -W 01:00
#BSUB -Q 75
#BSUB -o mutagree-%J.log
set -euo pipefail

out=run.h5
scan=(--model tis-human --transcripts transcripts.fa.gz --annotation annotation.gtf.gz) # <- see mutagree scan --help
scan+=(--max-time 55m) # <- a little less than -W
hosts=$(sort "$LSB_DJOB_HOSTFILE" | uniq -c) # slots and name of each host

# From here on the same in all scripts with mpirun: threads is the largest number up to 8 that divides the cores of every
# host; each host gets its ranks, and each rank as many cores as it has threads (README.md).
# Where ssh between nodes is forbidden: export OMPI_MCA_plm_rsh_agent=blaunch
threads=8
while ! awk -v t=$threads '$1 % t { exit 1 }' <<<"$hosts"; do threads=$((threads - 1)); done
ranks=$(awk -v t=$threads '{ n += $1 / t } END { print n }' <<<"$hosts")
awk -v t=$threads '{ print $2 " slots=" $1 / t }' <<<"$hosts" >"$out.hosts"
export OMP_NUM_THREADS=$threads OMP_PLACES=cores OMP_PROC_BIND=close
mpirun --hostfile "$out.hosts" -n "$ranks" --map-by "slot:PE=$threads" -x OMP_NUM_THREADS -x OMP_PLACES -x OMP_PROC_BIND \
    mutagree scan "${scan[@]}" --out "$out"
mutagree report "$out"
