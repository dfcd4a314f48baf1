/* scan.c  mutagree scan: the main job, on one rank or many */
#include <stdio.h>

#include "mpi/agree.h"
#include "src/commands/commands.h"
#include "src/core/duration.h"
#include "src/core/stop.h"
#include "src/commands/scan/job.h"

#define AT(member) offsetof(mg_job_options, member)
static const mg_option table[] = {
    MG_NETWORK_OPTION(AT(model)),
    MG_MODEL_OPTIONS(mg_job_options, words),
    {"score", MG_TEXT, AT(score), NULL, "WORDS", 0, 0, "Network",
     "what is explained: log-odds, logit, probability, difference, mean, sum, profile or value, with :output=, class=, "
     "other=, position=; log-odds, or value where the output has no head"},
    MG_INPUT_OPTIONS(mg_job_options, input),
    MG_TASK_OPTION(mg_job_options, input),
    {"methods", MG_TEXTS, AT(methods), NULL, "LIST", 0, 0, "Methods",
     "name:option=value,... separated by spaces, or given again; all: every one there is; the seven when not given"},
    {"attribution", MG_NAMES, AT(attributions), NULL, "NAME=FILE", 0, 0, "Methods",
     "attributions of your own as a method of that name: HDF5 or .npz with attribution, (N, L) or (N, L, 4), and "
     "windows; "
     "may be given again"},
    {"truth", MG_TEXT, AT(truth), NULL, "FILE", 0, 0, "Methods",
     "measured effects of substitutions, which methods and network are compared with too: table with columns window or "
     "chromosome, position, alt, value"},
    {"metrics", MG_TEXT, AT(metrics), NULL, "LIST", 0, 0, "Methods",
     "measured in every window: families (single, curves, sets, robustness), names, or all; when not given, what runs "
     "passes "
     "is measured in one window in 32, or in 64"},
    {"bootstrap", MG_INTEGER, AT(bootstrap), "1000", "N", 0, 1000000, "Methods",
     "replicates behind an interval; 0: no intervals"},
    {"seed", MG_INTEGER, AT(seed), "1", "N", 0, 9007199254740992.0, "Methods", "of all random numbers"},
    {"out", MG_TEXT, AT(out), NULL, "FILE", 0, 0, "Output", "result; a summary goes beside it"},
    {"store", MG_CHOICE, AT(store), "contribution", "summary|contribution|hypothetical", 0, 0, "Output",
     "what is kept of each window: agreement; + effects and contributions; + those of absent bases"},
    {"compress", MG_INTEGER, AT(compress), "0", "N", 0, 9, "Output", "0: not at all, 1: fast, 9: smallest"},
    {"layout", MG_CHOICE, AT(layout), "merged", "merged|virtual", 0, 0, "Output",
     "all in one file, or a file that refers to shards kept in FILE.shards"},
    {"aggregators", MG_INTEGER, AT(aggregators), "0", "N", 0, 1000000, "Output",
     "ranks that write FILE for all others; 0: each rank writes its own part"},
    {"align", MG_INTEGER, AT(align), "1", "MIB", 0, 1024, "Output",
     "large datasets begin at its multiples: the stripe or block of the file system; 0: anywhere"},
    {"io-hints", MG_TEXT, AT(io_hints), NULL, "LIST", 0, 0, "Output",
     "further hints to MPI-IO, key=value with commas between"},
    MG_FORCE_OPTION(AT(force)),
    MG_THREADS_OF_RANK_OPTION(AT(threads)),
    {"shard-size", MG_INTEGER, AT(shard_size), "64", "N", 1, 1000000, "Speed",
     "distinct windows given to a rank at a time"},
    {"no-certificates", MG_FLAG, AT(no_certificates), NULL, NULL, 0, 0, "Speed",
     "work out also what a bound proves to change nothing: for who doubts the proofs; the same bits, later"},
    {"max-time", MG_TEXT, AT(max_time), NULL, "TIME", 0, 0, "Plan",
     "finish the shards in hand before this is over, to go on later: 55m, 3h30m, 02:00:00 or seconds"},
    {"status", MG_TEXT, AT(status), NULL, "FILE", 0, 0, "Output",
     "JSON that tells how far the run is, for a monitor; status.json in OUT.parts when not given"},
    {"dry-run", MG_FLAG, AT(dry_run), NULL, NULL, 0, 0, "Plan", "say what would be done and what it would cost"},
    {"nice", MG_FLAG, AT(nice), NULL, NULL, 0, 0, "Plan",
     "lines of the log with time stamp, rank and node, and what each rank did"},
    MG_QUIET_OPTION(AT(quiet), "Plan"),
    {0}};
#undef AT
_Static_assert(MG_SHARD_SIZE == 64, "the default of --shard-size");

static const mg_command_help help = {
    .name = "scan",
    .synopsis = "--transcripts FASTA [--annotation FILE] --out FILE [OPTION]...",
    .purpose =
        "Explain the network's score of every candidate start with each method, try every mutation, and say which "
        "method agrees with the mutations.",
    .notes = "Examples:\n"
             "  mutagree scan --transcripts transcripts.fa.gz --out run.h5\n"
             "  mpirun -n 4 mutagree scan --genome genome.fa.gz --annotation genes.gtf.gz --candidates annotated "
             "--out run.h5\n"
             "  mutagree scan --transcripts t.fa --methods 'lrp lrp:rule=epsilon saliency' --dry-run\n"
             "  mutagree scan --model splice.onnx --target 1,2 --windows w.txt --out run.h5   (run.1.h5 and run.2.h5)\n"
             "--output and --target may be lists: names or numbers with commas between, ranges (0-7), or all; up to 64 "
             "scores. They share input and scan, and each has a result of its own.\n"
             "While it works, finished shards are kept in FILE.parts; FILE appears when it is complete. After an "
             "interruption the same command goes on with the shards that are missing. Its results do not depend on the "
             "number of ranks and threads, nor on interruptions.\n"
             "On SIGUSR1, SIGTERM and SIGINT, at any rank, and at the end of --max-time, the shards in hand are "
             "finished and the exit status is 75.\n"
             "Exit status: 0 done, 1 failed, 2 the command line is wrong, 75 stopped: the same command goes on.\n",
    .option = table,
    .letters = "o=out"};

static mg_status set_deadline(mg_job_setting *setting, mg_error *err)
{
    double seconds;
    if (setting->options->max_time == NULL) return MG_OK;
    mg_status status = mg_duration_parse(setting->options->max_time, &seconds, err);
    if (status != MG_OK) return mg_fail_prefix(err, "--max-time: ");
    setting->deadline = mg_clock() + seconds;
    mg_stop_after(seconds);
    return MG_OK;
}

static mg_status begin(mg_jobs *jobs, int argc, char **argv, mg_error *err)
{
    mg_status status = MG_OK;
    for (size_t k = 0; k < jobs->n && status == MG_OK; k++) {
        mg_job *job = &jobs->job[k];
        status = mg_job_begin(&job->setting, &job->provenance, argc, argv, &help, err);
        if (status == MG_OK) mg_job_name_speaker(&job->setting);
    }
    return status;
}

static mg_status read_models(mg_jobs *jobs, mg_error *err)
{
    mg_status status = MG_OK;
    for (size_t k = 0; k < jobs->n && status == MG_OK; k++)
        status = mg_job_read_model(&jobs->job[k].setting, jobs->job[0].explainer.study, &jobs->job[k].explainer, err);
    return status == MG_OK ? mg_jobs_check_scores(jobs, err) : status;
}

static mg_status read_input(mg_jobs *jobs, mg_error *err)
{
    mg_status status = mg_job_read_input(&jobs->job[0], err);
    for (size_t k = 1; k < jobs->n && status == MG_OK; k++)
        status = mg_job_share_input(&jobs->job[0], &jobs->job[k], err);
    return status;
}

static mg_status summarise(mg_jobs *jobs, mg_error *err)
{
    mg_status status = MG_OK;
    for (size_t k = 0; k < jobs->n && status == MG_OK; k++)
        status = mg_job_summarise(&jobs->job[k].setting, &jobs->job[k].summary, &jobs->job[k].shards, err);
    return status;
}

/* The sentence is about the first score's shards; those of the others are there as well. */
static void leave(mg_jobs *jobs, mg_error *err)
{
    for (size_t k = jobs->n; k-- > 0;) {
        mg_job *job = &jobs->job[k];
        mg_error same = *err;
        mg_job_leave(&job->setting, &job->output, &job->work, &job->shards, k == 0 ? err : &same);
    }
}

/* The run as a page: each step is the same call on all ranks and has the same outcome on all. */
static mg_status run(mg_jobs *jobs, int argc, char **argv, mg_error *err)
{
    mg_status status = begin(jobs, argc, argv, err);
    if (status == MG_OK) status = mg_jobs_check_output(jobs, err);
    mg_job *lead = &jobs->job[0];
    if (status == MG_OK) mg_job_tell(lead, MG_RUN_READING);
    if (status == MG_OK) status = read_models(jobs, err);
    if (status == MG_OK) status = mg_job_go_on(&lead->setting, err);
    if (status == MG_OK) status = read_input(jobs, err);
    if (status == MG_OK) status = mg_job_go_on(&lead->setting, err);
    if (status != MG_OK) return status;
    if (lead->setting.options->dry_run) return mg_jobs_dry_run(jobs, err);

    mg_jobs_print_plan(jobs);
    status = mg_jobs_work(jobs, err);
    if (status == MG_OK) mg_job_tell(lead, MG_RUN_MERGING);
    if (status == MG_OK) status = summarise(jobs, err);
    if (status == MG_OK) status = mg_job_go_on(&lead->setting, err);
    if (status == MG_OK) status = mg_jobs_write(jobs, err);
    if (status != MG_OK) leave(jobs, err);
    for (size_t k = 0; k < jobs->n && status == MG_OK; k++)
        mg_job_print_result(&jobs->job[k].setting, &jobs->job[k].output);
    return status;
}

static mg_status scan(const mg_job_options *options, int argc, char **argv, mg_error *err)
{
    mg_job_setting setting = {.comm = MPI_COMM_WORLD, .options = options};
    mg_jobs jobs = {0};
    MPI_Comm_rank(setting.comm, &setting.rank);
    mg_status status = mg_agree(setting.comm, set_deadline(&setting, err), err);
    if (status == MG_OK) status = mg_jobs_create(&setting, &jobs, err);
    if (status == MG_OK) {
        status = run(&jobs, argc, argv, err);
        mg_job_tell_end(&jobs.job[0], status, err);
    }
    mg_jobs_destroy(&jobs);
    return status;
}

mg_status mg_cmd_scan(int argc, char **argv, mg_error *err)
{
    mg_job_options options = {0};
    bool want_help = false;
    int rank;
    MPI_Comm_rank(MPI_COMM_WORLD, &rank);
    mg_status status = mg_options_parse(&help, argc, argv, &options, &want_help, NULL, err);
    status = mg_agree(MPI_COMM_WORLD, status, err);
    if (status == MG_OK && !want_help) status = scan(&options, argc, argv, err);
    if (status == MG_OK && want_help && rank == 0) mg_options_help(stdout, &help);
    mg_options_free(&help, &options, NULL);
    return status;
}
