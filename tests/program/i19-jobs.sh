#!/bin/bash
# i19  scripts of jobs/ split the cores of an allocation into ranks and threads, go on, and put jobs back into the queue
#
# Schedulers are simulated: their variables are set, and srun, mpirun and the rest are programs that write down how they
# were called. shellcheck reads the scripts in i94.
# shellcheck source=tests/program/tap.sh
. "$(dirname "$0")/tap.sh"
jobs=$PWD/jobs
mkdir "$folder/bin" "$folder/work"
for name in srun mpirun mutagree scontrol; do
    cat >"$folder/bin/$name" <<'END'
#!/bin/bash
name=$(basename "$0")
echo "$name $* | threads $OMP_NUM_THREADS" >>called
for word in "$@"; do
    [ "$last" = --hostfile ] && sed 's/^/host /' "$word" >>called
    last=$word
done
[ "$name" = mutagree ] || [ "$name" = scontrol ] || exit "${RUN_STATUS:-0}"
END
    chmod +x "$folder/bin/$name"
done
cd "$folder/work" || exit 1
export PATH=$folder/bin:$PATH PBS_O_WORKDIR=$folder/work
repeat() { for ((i = 0; i < $1; i++)); do echo "$2"; done; }

job() { # NAME STATUS SCRIPT VARIABLE=VALUE...: the script must end with STATUS
    local name=$1 wanted=$2 script=$jobs/$3 status=0
    shift 3
    rm -f called
    env "$@" bash "$script" >said 2>&1 || status=$?
    if [ $status -eq "$wanted" ]; then ok "$name"; else
        not_ok "$name"
        note "status $status"
        note "$(cat said)"
    fi
}
called() { # NAME REGEX: so was something called
    if grep -Eq -- "$2" called; then ok "$1"; else
        not_ok "$1"
        note "wanted: $2"
        note "$(cat called)"
    fi
}
not_called() { if grep -Eq -- "$2" called; then not_ok "$1"; else ok "$1"; fi; }

# --- hosts from a file ---
{ repeat 32 n1 && repeat 32 n2; } >nodes
job "PBS, 2 nodes of 32 cores" 0 pbs.sh PBS_NODEFILE=nodes
called "... 8 ranks of 8 threads" '^mpirun .* -n 8 --map-by slot:PE=8 .*mutagree scan .*--out run.h5 \| threads 8$'
called "... 4 on the one" '^host n1 slots=4$'
called "... 4 on the other" '^host n2 slots=4$'
called "... and a report" '^mutagree report run.h5'
{ repeat 8 n2 && repeat 12 n1; } >nodes
job "PBS, 12 and 8 cores" 0 pbs.sh PBS_NODEFILE=nodes
called "... 5 ranks of 4 threads" '^mpirun .* -n 5 --map-by slot:PE=4 '
called "... 3 where the 12 are" '^host n1 slots=3$'
repeat 31 n1 >nodes
job "PBS, 31 cores" 0 pbs.sh PBS_NODEFILE=nodes
called "... 31 ranks of a thread" '^mpirun .* -n 31 --map-by slot:PE=1 '
job "PBS, stopped before the limit" 75 pbs.sh PBS_NODEFILE=nodes RUN_STATUS=75
not_called "... no report of half a run" '^mutagree report'

{ repeat 4 n1 && repeat 4 n2; } >nodes
job "LSF, 2 nodes of 4 slots" 0 lsf.sh LSB_DJOB_HOSTFILE=nodes
called "... 2 ranks of 4 threads" '^mpirun .* -n 2 --map-by slot:PE=4 '
job "LSF, stopped before the limit: -Q 75 puts it back" 75 lsf.sh LSB_DJOB_HOSTFILE=nodes RUN_STATUS=75

printf '%s\n' 'n1 16 main.q@n1 UNDEFINED' 'n2 8 main.q@n2 UNDEFINED' >nodes
job "Grid Engine, 16 and 8 slots" 0 grid-engine.sh PE_HOSTFILE=nodes
called "... 3 ranks of 8 threads" '^mpirun .* -n 3 --map-by slot:PE=8 '
called "... 2 where the 16 are" '^host n1 slots=2$'
job "Grid Engine, stopped before the limit: 99 puts it back" 99 grid-engine.sh PE_HOSTFILE=nodes RUN_STATUS=75
job "Grid Engine, failed" 1 grid-engine.sh PE_HOSTFILE=nodes RUN_STATUS=1
not_called "... no report" '^mutagree report'

split() { sed -n '/^threads=8/,/mutagree scan/p' "$jobs/$1" | sed 's/ || status=.*//'; }
for script in lsf.sh grid-engine.sh mpirun-hosts.sh; do
    check "$script splits as pbs.sh does" test "$(split pbs.sh)" = "$(split $script)"
done

# --- Slurm ---
job "Slurm, a node of 32" 0 slurm-one-node.sbatch SLURM_CPUS_ON_NODE=32
called "... 4 ranks of 8 threads" '^srun .*--ntasks=4 --cpus-per-task=8 .*\| threads 8$'
job "Slurm, 16 nodes of 28" 0 slurm-many-nodes.sbatch SLURM_CPUS_ON_NODE=28 SLURM_JOB_NUM_NODES=16
called "... 64 ranks of 7 threads" '^srun .*--ntasks=64 --ntasks-per-node=4 --cpus-per-task=7 .*\| threads 7$'
slurm=(SLURM_CPUS_ON_NODE=2 SLURM_JOB_NUM_NODES=1 SLURM_JOB_ID=17)
job "Slurm, stopped before the limit" 75 slurm-requeue.sbatch "${slurm[@]}" RUN_STATUS=75
called "... back into the queue" '^scontrol requeue 17'
not_called "... no report" '^mutagree report'
mkdir run.h5.parts
printf '{\n  "state": "interrupted",\n  "message": null\n}\n' >run.h5.parts/status.json
job "Slurm, stopped before the limit, where srun hides the 75" 75 slurm-requeue.sbatch "${slurm[@]}" RUN_STATUS=143
called "... back into the queue all the same" '^scontrol requeue 17'
printf '{\n  "state": "failed"\n}\n' >run.h5.parts/status.json
job "Slurm, failed with a status file" 137 slurm-requeue.sbatch "${slurm[@]}" RUN_STATUS=137
not_called "... and not begun again" '^scontrol'
rm -r run.h5.parts
job "Slurm, the same in a chain of jobs" 75 slurm-requeue.sbatch "${slurm[@]}" SLURM_ARRAY_JOB_ID=16 RUN_STATUS=75
not_called "... stays out of the queue: the next one goes on" '^scontrol'
job "Slurm, failed" 1 slurm-requeue.sbatch "${slurm[@]}" RUN_STATUS=1
not_called "... and not begun again" '^scontrol'
touch run.h5 called
job "Slurm, complete" 0 slurm-requeue.sbatch "${slurm[@]}"
check "... nothing is called" test ! -e called

printf 'chr%s\tchr%s.fa.gz\tgenes.gtf.gz\n' 1 1 2 2 >inputs.tsv
job "Slurm, the second of an array" 0 slurm-array.sbatch SLURM_ARRAY_TASK_ID=2 SLURM_CPUS_PER_TASK=2
called "... has its own input and output" \
    '^srun .*--transcripts chr2.fa.gz --annotation genes.gtf.gz --out chr2.h5 \| threads 2$'
for k in 1 2; do printf '# program\nmethod\tmean\nlrp\t0.%s\n' $k >chr$k.summary.tsv; done
job "after the array" 0 slurm-array-after.sbatch
printf '%s\t%s\t%s\n' run method mean chr1 lrp 0.1 chr2 lrp 0.2 >wanted.tsv
check "... a table of all runs" cmp wanted.tsv all.summary.tsv
finish
