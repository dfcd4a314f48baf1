#!/bin/bash
# PBS Pro, OpenPBS, Torque: qsub jobs/pbs.sh      Change the lines marked <- first.
#
# mpiprocs is the same as ncpus: then PBS_NODEFILE has a line for every core. Torque: -l nodes=2:ppn=4 instead of select.
# The run stops itself before the limit, with exit status 75; submit the same script again, and it goes on.
#PBS -N mutagree
#PBS -l select=2:ncpus=4:mpiprocs=4:mem=2gb
#PBS -l walltime=01:00:00
#PBS -j oe
set -euo pipefail
cd "$PBS_O_WORKDIR"

out=run.h5
scan=(--model tis-human --transcripts transcripts.fa.gz --annotation annotation.gtf.gz) # <- see mutagree scan --help
scan+=(--max-time 55m) # <- a little less than walltime
hosts=$(sort "$PBS_NODEFILE" | uniq -c) # cores and name of each host

# From here on the same in all scripts with mpirun: threads is the largest number up to 8 that divides the cores of every
# host; each host gets its ranks, and each rank as many cores as it has threads (README.md).
# Debian's Open MPI does not know PBS, so it is told the hosts and reaches them by ssh.
threads=8
while ! awk -v t=$threads '$1 % t { exit 1 }' <<<"$hosts"; do threads=$((threads - 1)); done
ranks=$(awk -v t=$threads '{ n += $1 / t } END { print n }' <<<"$hosts")
awk -v t=$threads '{ print $2 " slots=" $1 / t }' <<<"$hosts" >"$out.hosts"
export OMP_NUM_THREADS=$threads OMP_PLACES=cores OMP_PROC_BIND=close
mpirun --hostfile "$out.hosts" -n "$ranks" --map-by "slot:PE=$threads" -x OMP_NUM_THREADS -x OMP_PLACES -x OMP_PROC_BIND \
    mutagree scan "${scan[@]}" --out "$out"
mutagree report "$out"
