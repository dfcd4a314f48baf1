/* main.c  the one doorway: finds the command, starts MPI where it needs it, tells the error, ends the process */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <gsl/gsl_errno.h>
#include <gsl/gsl_version.h>
#include <hdf5.h>
#include <htslib/hts.h>
#include <jansson.h>
#include <mpi.h>
#include <zip.h>

#include "io/base/h5_child.h"
#include "mpi/transport.h"
#include "src/commands/commands.h"
#include "src/core/log.h"
#include "src/core/spelling.h"
#include "src/core/stop.h"
#include "src/core/version.h"

typedef struct {
    const char *name, *purpose;
    mg_command_run *run;
    bool mpi;   /* needs MPI; the others start without it, so they work on any login node */
    bool stops; /* ends well when it is asked to (src/core/stop.h) */
} command;

static const command commands[] = {
    {"scan", "attributions, all mutations and their agreement for every candidate start", mg_cmd_scan, true, true},
    {"report", "tables of a finished run: which method agrees with the mutations?", mg_cmd_report, true, false},
    {"export", "a finished run as tables, BED, bedGraph, VCF, input of TF-MoDISco", mg_cmd_export, true, false},
    {"windows", "list the windows that a scan would look at", mg_cmd_windows, false, false},
    {"predict", "the score of every candidate start, as a table or BED", mg_cmd_predict, false, false},
    {"score", "the effect of given variants (VCF) on starts of translation, ranked", mg_cmd_score, false, false},
    {"methods", "list the attribution methods with their options and sources", mg_cmd_methods, false, false},
    {"train", "a network from transcripts and annotated starts", mg_cmd_train, true, true},
    {"evaluate", "how well does a network tell starts from other codons?", mg_cmd_evaluate, false, false},
    {"convert", "turn a model file into another format", mg_cmd_convert, false, false},
    {"info", "say what a file is and what it holds", mg_cmd_info, false, false},
    {"verify", "work out windows of a finished run again, and compare", mg_cmd_verify, false, false},
    {"diff", "what two runs have in common, and where they differ", mg_cmd_diff, false, false},
    {"bench", "measure the speed of this machine", mg_cmd_bench, false, false},
};
enum { N_COMMANDS = sizeof commands / sizeof *commands };

static void print_help(FILE *out)
{
    fputs("mutagree: which attribution method tells the truth about a genomic network? Mutate every base and see.\n\n"
          "Usage: mutagree COMMAND [options]\n\nCommands:\n",
          out);
    for (int i = 0; i < N_COMMANDS; i++)
        fprintf(out, "  %-10s%s%s\n", commands[i].name, commands[i].purpose, commands[i].mpi ? " *" : "");
    fputs("\n  * runs on many processes under mpirun or srun, and on one without\n\n"
          "'mutagree COMMAND --help' or 'mutagree help COMMAND' shows a command's options, 'mutagree --version' what "
          "this\n"
          "program was built from.\n\n"
          "Exit status: 0 done, 1 failed, 2 the command line is wrong, 75 stopped before the end: the same command\n"
          "goes on. Of diff, as of diff(1): 0 the same, 1 not the same, 2 trouble.\n\n"
          "Example:\n  mpirun -n 4 mutagree scan --transcripts transcripts.fa.gz --annotation genes.gtf.gz --out "
          "run.h5\n",
          out);
}

static void print_version(void)
{
    char mpi[MPI_MAX_LIBRARY_VERSION_STRING] = "";
    int mpi_length = 0;
    unsigned hdf5[3] = {0};
    MPI_Get_library_version(mpi, &mpi_length);
    H5get_libversion(&hdf5[0], &hdf5[1], &hdf5[2]);
    printf("mutagree %s (revision %s)\n", mg_version(), mg_revision());
    printf("compiler  %s, OpenMP %d, %s\n", mg_compiler(), _OPENMP, mg_build_flags());
    printf("MPI       %.*s\n", (int)strcspn(mpi, ",\n"), mpi);
    printf("HDF5      %u.%u.%u\n", hdf5[0], hdf5[1], hdf5[2]);
    printf("GSL       %s\n", gsl_version);
    printf("htslib    %s\n", hts_version());
    printf("jansson   %s\n", jansson_version_str());
    printf("libzip    %s\n", zip_libzip_version());
    puts("Licence GPL-3.0-or-later: free to use, change and share; no warranty.");
}

static const command *find_command(const char *name)
{
    for (int i = 0; i < N_COMMANDS; i++)
        if (strcmp(commands[i].name, name) == 0) return &commands[i];
    return NULL;
}

static mg_status unknown_command(const char *name, mg_error *err)
{
    const char *nearest = NULL;
    for (int i = 0; i < N_COMMANDS; i++)
        mg_spelling_nearest(name, commands[i].name, &nearest);
    if (nearest == NULL) return mg_fail(err, MG_EUSAGE, "there is no command '%s'", name);
    return mg_fail(err, MG_EUSAGE, "there is no command '%s'; did you mean '%s'?", name, nearest);
}

/* Sentences may quote the user's files: control characters in them must not reach the terminal. */
static void print_sentence(const char *text)
{
    for (; *text != '\0'; text++)
        fputc((unsigned char)*text < ' ' || *text == 0x7f ? '?' : *text, stderr);
}

static void print_error(const mg_error *err, const char *command_name)
{
    fputs("mutagree: ", stderr);
    print_sentence(err->text);
    fputc('\n', stderr);
    if (err->status == MG_EUSAGE)
        fprintf(stderr, "'mutagree%s%s --help' shows what there is.\n", command_name != NULL ? " " : "",
                command_name != NULL ? command_name : "");
    if (err->status == MG_EBUG)
        fprintf(stderr, "This is a mistake in mutagree %s (%s) at %s:%d; please report it with the command line.\n",
                mg_version(), mg_revision(), err->file, err->line);
}

/* What was written to stdout may still fail when it is flushed, or closed (a network file system says only then that
 * the disk is full): close a second descriptor, because MPI still needs the first one to stay taken. */
static mg_status flush_output(mg_error *err)
{
    bool failed = ferror(stdout) != 0;
    if (fflush(stdout) != 0) failed = true;
    int second = dup(STDOUT_FILENO);
    if (second >= 0 && close(second) != 0) failed = true;
    if (failed) return mg_fail(err, MG_EIO, "cannot write standard output: %s", strerror(errno));
    return MG_OK;
}

/* What is left to do and say when a command has returned. */
static mg_status finish(mg_status status, const command *found, bool speaker, mg_error *err)
{
    if (status == MG_OK) status = flush_output(err);
    if (status != MG_OK && status != MG_DIFFERENT && speaker) print_error(err, found != NULL ? found->name : NULL);
    return status;
}

static mg_status run_with_mpi(const command *found, int argc, char **argv, mg_error *err)
{
    int provided = MPI_THREAD_SINGLE, rank = 0;
    if (found->stops) mg_stop_catch(); /* before MPI starts, which may take a while on many nodes */
    mg_transport_choose();
    MPI_Init_thread(NULL, NULL, MPI_THREAD_FUNNELED, &provided);
    MPI_Comm_rank(MPI_COMM_WORLD, &rank);
    mg_status status;
    if (provided < MPI_THREAD_FUNNELED) /* the same answer on every rank */
        status = mg_fail(err, MG_EINPUT, "this MPI library was built without threads (MPI_THREAD_FUNNELED is needed)");
    else
        status = found->run(argc, argv, err);
    /* Speak before the end: mpirun may kill rank 0 as soon as another rank has left with a failure. */
    status = finish(status, found, rank == 0, err);
    MPI_Finalize();
    return status;
}

/* Whoever starts a command without MPI by mpirun most likely wants one result, and gets as many as there are processes. */
static void warn_of_company(const command *found)
{
    static const char *const launcher[][2] = {{"OMPI_COMM_WORLD_SIZE", "OMPI_COMM_WORLD_RANK"},
                                              {"PMI_SIZE", "PMI_RANK"}};
    for (size_t k = 0; k < sizeof launcher / sizeof *launcher; k++) {
        const char *size = getenv(launcher[k][0]), *rank = getenv(launcher[k][1]);
        if (size == NULL || rank == NULL || atoi(size) < 2 || strcmp(rank, "0") != 0) continue;
        mg_warn("%s is no program for MPI: each of these %d processes does the whole work; start it without mpirun",
                found->name, atoi(size));
        return;
    }
}

static mg_status run(const command *found, int argc, char **argv)
{
    mg_error err = {0};
    if (found->mpi) return run_with_mpi(found, argc, argv, &err);
    warn_of_company(found);
    return finish(found->run(argc, argv, &err), found, true, &err);
}

static mg_status run_by_name(int argc, char **argv)
{
    const command *found = find_command(argv[0]);
    if (found != NULL) return run(found, argc, argv);
    mg_error err = {0};
    return finish(unknown_command(argv[0], &err), NULL, true, &err);
}

static bool either(const char *word, const char *one, const char *other)
{
    return strcmp(word, one) == 0 || strcmp(word, other) == 0;
}

/* Descriptors 0 to 2 are taken, whoever starts us: else a file of ours would become standard output. One that was closed
 * is the null device in the wrong direction, so that using it fails as it should ("Bad file descriptor"). */
static void take_standard_descriptors(void)
{
    for (int k = STDIN_FILENO; k <= STDERR_FILENO; k++)
        if (fcntl(k, F_GETFD) < 0 && open("/dev/null", k == STDIN_FILENO ? O_WRONLY : O_RDONLY) != k)
            _exit(EXIT_FAILURE); /* there is nobody to tell */
}

int main(int argc, char **argv)
{
    take_standard_descriptors();
    int served = mg_h5_child_serve(argc, argv);
    if (served >= 0) return served;
    /* A reader that has seen enough (| head) ends us quietly, even where our parent ignores the signal. */
    signal(SIGPIPE, SIG_DFL);
    signal(SIGXFSZ, SIG_IGN);    /* a limit on file sizes is a failed write, which says what it could not write */
    gsl_set_error_handler_off(); /* GSL reports by status, as all else does */
    H5dont_atexit();             /* all files are closed by then, and HDF5 crashes over one whose closing failed */
    H5Eset_auto2(H5E_DEFAULT, NULL, NULL); /* HDF5 too: no call stacks on the user's terminal */

    mg_error err = {0};
    if (argc < 2) {
        print_help(stderr);
        return mg_exit_status(MG_EUSAGE);
    }
    bool asks_help = strcmp(argv[1], "help") == 0 || either(argv[1], "--help", "-h");
    if (asks_help && argc > 2) { /* "help COMMAND" is "COMMAND --help" */
        char option[] = "--help", *words[] = {argv[2], option, NULL};
        return mg_exit_status(run_by_name(2, words));
    }
    if (!asks_help && !either(argv[1], "--version", "-V")) return mg_exit_status(run_by_name(argc - 1, argv + 1));
    if (asks_help)
        print_help(stdout);
    else
        print_version();
    return mg_exit_status(finish(MG_OK, NULL, true, &err));
}
