#!/bin/bash
# Grid Engine (SGE, Son of Grid Engine, Univa, Altair): qsub jobs/grid-engine.sh      Change the lines marked <- first.
#
# The run stops itself before the limit, with exit status 75; the script then ends with 99, which Grid Engine takes as the
# wish to be queued again: it goes on until the run is complete.
#$ -N mutagree
#$ -S /bin/bash
#$ -pe mpi 2
#$ -l h_rt=01:00:00
#$ -cwd
#$ -V
#$ -r y
#$ -j y
set -euo pipefail

out=run.h5
scan=(--model tis-human --transcripts transcripts.fa.gz --annotation annotation.gtf.gz) # <- see mutagree scan --help
scan+=(--max-time 55m) # <- a little less than h_rt; "-pe mpi": the name of a parallel environment that your site has
hosts=$(awk '{ print $2, $1 }' "$PE_HOSTFILE") # slots and name of each host

# From here on the same in all scripts with mpirun: threads is the largest number up to 8 that divides the cores of every
# host; each host gets its ranks, and each rank as many cores as it has threads (README.md).
status=0
threads=8
while ! awk -v t=$threads '$1 % t { exit 1 }' <<<"$hosts"; do threads=$((threads - 1)); done
ranks=$(awk -v t=$threads '{ n += $1 / t } END { print n }' <<<"$hosts")
awk -v t=$threads '{ print $2 " slots=" $1 / t }' <<<"$hosts" >"$out.hosts"
export OMP_NUM_THREADS=$threads OMP_PLACES=cores OMP_PROC_BIND=close
mpirun --hostfile "$out.hosts" -n "$ranks" --map-by "slot:PE=$threads" -x OMP_NUM_THREADS -x OMP_PLACES -x OMP_PROC_BIND \
    mutagree scan "${scan[@]}" --out "$out" || status=$?
[ $status = 75 ] && exit 99
[ $status = 0 ] || exit $status
mutagree report "$out"
