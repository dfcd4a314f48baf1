#!/bin/bash
# PBS Pro, OpenPBS, Torque: qsub jobs/pbs.sh      Change the lines marked <- first.
#
# Ranks x threads: 4 ranks of 8 threads on each of 2 nodes of 32 cores. Memory, time and going on after a kill: see
# slurm-many-nodes.sbatch.
#PBS -N mutagree
#PBS -l select=2:ncpus=32:mpiprocs=4:ompthreads=8:mem=32gb
#PBS -l walltime=04:00:00
#PBS -j oe
set -euo pipefail
cd "$PBS_O_WORKDIR"

transcripts=transcripts.fa.gz # <- FASTA, plain or gzip
annotation=annotation.gtf.gz  # <- GTF, GFF3 or BED
model=tis-human               # <- a model file, or the name of one that comes with mutagree
threads=8                     # <- as in ompthreads

export OMP_NUM_THREADS=$threads OMP_PLACES=cores OMP_PROC_BIND=close
# Debian's Open MPI does not know PBS, so it is told the hosts; an Open MPI built with PBS support needs no --hostfile.
# Without PE=threads each rank is bound to one core, and all its threads share that core.
mpirun --hostfile "$PBS_NODEFILE" --map-by "slot:PE=$threads" -x OMP_NUM_THREADS -x OMP_PLACES -x OMP_PROC_BIND \
    mutagree scan --model "$model" --transcripts "$transcripts" --annotation "$annotation" --out run-mutagree.h5
mutagree report run-mutagree.h5
