/* verify.c  mutagree verify: does a run come out again as it is in the file? */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "src/commands/commands.h"
#include "src/core/log.h"
#include "src/core/options.h"
#include "src/core/version.h"
#include "src/commands/verify/verify.h"

#define AT(member) offsetof(mg_verify_options, member)
static const mg_option table[] = {
    {"model", MG_TEXT, AT(model), NULL, "FILE", 0, 0, "Input", "the network, when it is not where it was for the run"},
    {"attribution", MG_NAMES, AT(attributions), NULL, "NAME=FILE", 0, 0, "Input",
     "the file of own attributions, when it is not where it was for the run; may be given again"},
    {"windows", MG_INTEGER, AT(windows), "200", "N", 1, 9007199254740992.0, "What",
     "windows to work out again, one from each of N equal parts of the run"},
    {"all", MG_FLAG, AT(all), NULL, NULL, 0, 0, "What", "all windows"},
    {"summary", MG_FLAG, AT(summary), NULL, NULL, 0, 0, "What",
     "the aggregates too, from the agreement of all windows that is in the file"},
    {"seed", MG_INTEGER, AT(seed), "1", "N", 0, 9007199254740992.0, "What", "of the draw of windows"},
    {"threads", MG_INTEGER, AT(threads), "0", "N", 0, 4096, "Speed",
     "0: OMP_NUM_THREADS, or all cores that may be used"},
    {"quiet", MG_FLAG, AT(quiet), NULL, NULL, 0, 0, "Output", "no progress and no table, only the verdict"},
    {0}};
#undef AT

static const mg_command_help help = {
    .name = "verify",
    .synopsis = "run.h5 [OPTION]...",
    .purpose = "Hold all of a finished run against its checksums, work out some windows again, from the sequences in "
               "the file, "
               "and compare all that the file says of them.",
    .notes =
        "The numbers must be the same to the last bit where the instruction set is of the same family: avx2 and "
        "avx512 give the same bits. On another, scores, probabilities and effects may be 1e-4 away, what methods "
        "say and its agreement 1e-3, of the largest value of the window or of 1; and of the latter 1% may be "
        "further, because gradients and ranks jump where two activations or positions are nearly equal.\n"
        "The model is looked for where it was, and must have the same SHA-256. Own attributions are read again from "
        "their file, if it has the SHA-256 of then, else from the run, if it was made with --store hypothetical; "
        "measured effects from the run. Other input files are not needed.\n"
        "Exit status: 0 the same; 1 not the same, or it could not be found out; 2 the command line is wrong.\n",
    .option = table};

/* --- the head --- */

static const char *or_unknown(const char *text)
{
    return text != NULL && text[0] != '\0' ? text : "unknown";
}

static void print_head(const mg_verify *v)
{
    static const char *const kept[] = {"summary", "contribution", "hypothetical"};
    const mg_run_shape *shape = &v->run.shape;
    const mg_provenance *p = &v->run.provenance;
    char windows[MG_COUNT_TEXT], drawn[MG_COUNT_TEXT];
    printf("%s: %s windows, %" PRId64 " methods, score %s, kept %s\n", v->run.path,
           mg_format_count(windows, shape->n_windows), shape->n_methods, shape->score_name, kept[shape->store]);
    printf("  made with   mutagree %s (%s), %s %s, %s\n", or_unknown(p->version), or_unknown(p->revision),
           or_unknown(p->compiler), or_unknown(p->flags), or_unknown(p->instruction_set));
    printf("  here        mutagree %s (%s), %s %s, %s\n", mg_version(), mg_revision(), mg_compiler(), mg_build_flags(),
           mg_study_instruction_set());
    printf("  model       %s, sha256 as recorded\n", v->model.path);
    if (v->own != NULL) fputs(v->own, stdout);
    printf("  looks at    %s of %s windows; %s\n\n", mg_format_count(drawn, v->n_drawn), windows,
           v->same_bits ? "every bit must be the same" : "another instruction set: within a tolerance");
}

/* --- the table --- */

static void print_line(const mg_verify *v, const char *name, const mg_difference *d)
{
    char n[MG_COUNT_TEXT], different[MG_COUNT_TEXT], far[MG_COUNT_TEXT] = "";
    mg_format_count(n, d->n);
    mg_format_count(different, d->n_different);
    if (!v->same_bits) mg_format_count(far, d->n_far);
    printf("%-52s %12s %10s %9s", name, n, different, far);
    if (d->n_different == 0)
        fputs("   -\n", stdout);
    else
        printf("   %.2g%s\n", d->largest, d->n_undefined > 0 ? " and undefined" : "");
}

/* All sets of one field and method are a line: agreement has one for each metric. */
static size_t end_of_line(const mg_verify *v, size_t k)
{
    size_t end = k + 1;
    bool metrics = mg_field_has_metrics(v->set[k].id);
    while (metrics && end < v->n_sets && v->set[end].id == v->set[k].id &&
           v->set[end].s % (int64_t)v->run.summary.metrics->n != 0)
        end++;
    return end;
}

static mg_difference sum_of_line(const mg_verify *v, size_t k, size_t end)
{
    mg_difference sum = {0};
    for (; k < end; k++)
        mg_difference_join(&sum, &v->set[k].difference);
    return sum;
}

static void print_table(const mg_verify *v)
{
    printf("%-52s %12s %10s %9s   %s\n", "dataset", "values", "differ", v->same_bits ? "" : "beyond",
           "largest difference");
    for (size_t k = 0, end; k < v->n_sets; k = end) {
        end = end_of_line(v, k);
        char name[MG_FIELD_PATH];
        mg_difference sum = sum_of_line(v, k, end);
        mg_run_file_set_path(&v->run, v->set[k].id, v->set[k].s, name);
        if (end > k + 1) mg_run_file_generalise(name);
        print_line(v, name, &sum);
    }
    if (v->options->summary) {
        print_line(v, "/summary/aggregate/*", &v->rows);
        print_line(v, "/summary/pairs/*", &v->pairs);
    }
    putchar('\n');
}

/* --- the verdict --- */

/* Lines further apart than is allowed; *ret_first is the dataset with the first window among them. */
/* The lower window; but one window that is not what it was changes the profile of all, so baselines come last. */
static bool goes_before(const mg_verify *v, const mg_verify_set *one, const mg_verify_set *other)
{
    bool one_is_last = mg_field_method(one->id, &v->run.shape, one->s) >= v->run.shape.n_methods;
    bool other_is_last = mg_field_method(other->id, &v->run.shape, other->s) >= v->run.shape.n_methods;
    return one_is_last != other_is_last ? other_is_last : one->difference.place < other->difference.place;
}

static size_t count_wrong(const mg_verify *v, const mg_verify_set **ret_first)
{
    size_t n_wrong = 0;
    *ret_first = NULL;
    for (size_t k = 0, end; k < v->n_sets; k = end) {
        end = end_of_line(v, k);
        mg_difference sum = sum_of_line(v, k, end);
        double allowed = v->same_bits ? 0 : mg_verify_share(v->set[k].id) * (double)sum.n;
        if ((double)sum.n_far <= allowed) continue;
        n_wrong++;
        for (size_t j = k; j < end; j++) {
            const mg_verify_set *set = &v->set[j];
            if (set->difference.n_far > 0 && (*ret_first == NULL || goes_before(v, set, *ret_first))) *ret_first = set;
        }
    }
    return n_wrong;
}

/* "/mutation/effect[12, 57, 1]": window, position, base, as HDF5 counts them. */
static void name_number(const mg_verify *v, const mg_verify_set *set, char text[MG_FIELD_PATH + 96])
{
    char path[MG_FIELD_PATH];
    int64_t dim[MG_FIELD_MAX_DIMS], item = set->difference.item, place = set->difference.place;
    int n_dims = mg_field_dims(set->id, &v->run.shape, -1, dim);
    mg_run_file_set_path(&v->run, set->id, set->s, path);
    int n = snprintf(text, MG_FIELD_PATH + 96, "%s[%" PRId64, path, place);
    if (n_dims == 2) n += snprintf(text + n, 48, ", %" PRId64, item);
    if (n_dims == 3) n += snprintf(text + n, 48, ", %" PRId64 ", %" PRId64, item / dim[2], item % dim[2]);
    snprintf(text + n, 2, "]");
}

static mg_status tell_window(const mg_verify *v, const mg_verify_set *set, size_t n_wrong, mg_error *err)
{
    char number[MG_FIELD_PATH + 96], name[1][MG_NAME_LENGTH + 1] = {""};
    int64_t transcript = -1, start = -1;
    const mg_difference *d = &set->difference;
    mg_status status = mg_run_file_read_at_place(&v->run, MG_PLACE_TRANSCRIPT, &d->place, 1, &transcript, err);
    if (status == MG_OK) status = mg_run_file_read_at_place(&v->run, MG_PLACE_START, &d->place, 1, &start, err);
    if (status == MG_OK && transcript >= 0 && transcript < v->run.shape.n_transcripts)
        status = mg_run_file_names(&v->run, transcript, 1, name, err);
    if (status != MG_OK) return status;
    name_number(v, set, number);
    return mg_fail(err, MG_EINPUT,
                   "%s: not the same. Window %" PRId64 " (%s, start %" PRId64
                   "): %s is %.9g in the file, but %.9g comes "
                   "out; %zu of the table's lines differ",
                   v->run.path, d->place, name[0], start, number, d->one, d->other, n_wrong);
}

static mg_status tell_summary(const mg_verify *v, const mg_column_table *columns, const mg_difference *d, mg_error *err)
{
    return mg_fail(err, MG_EINPUT,
                   "%s: the summary is not that of the agreement in the file. Row %" PRId64
                   " of %s is %.17g, but %.17g "
                   "comes out",
                   v->run.path, d->place, mg_fields[mg_column_of_number(columns, d->item)].path, d->one, d->other);
}

static mg_status tell_verdict(const mg_verify *v, mg_error *err)
{
    const mg_verify_set *first;
    char drawn[MG_COUNT_TEXT], all[MG_COUNT_TEXT];
    size_t n_wrong = count_wrong(v, &first);
    if (first != NULL) return tell_window(v, first, n_wrong, err);
    if (v->rows.n_far > 0) return tell_summary(v, &mg_row_columns, &v->rows, err);
    if (v->pairs.n_far > 0) return tell_summary(v, &mg_pair_columns, &v->pairs, err);
    printf("%s: the same%s in %s of %s windows%s\n", v->run.path, v->same_bits ? ", bit by bit," : " within tolerance",
           mg_format_count(drawn, v->n_drawn), mg_format_count(all, v->run.shape.n_windows),
           v->options->summary ? ", and in the summary" : "");
    return MG_OK;
}

/* All of the file, not only the windows that are drawn. */
static mg_status check_sums(const mg_verify *v, mg_error *err)
{
    int64_t n = 0;
    char chunks[MG_COUNT_TEXT];
    mg_status status = mg_run_file_check(&v->run, &n, err);
    if (status == MG_OK && !v->options->quiet)
        printf("  checksums   all %s chunks are what was written\n\n", mg_format_count(chunks, n));
    return status;
}

static mg_status verify(const char *path, mg_verify *v, mg_error *err)
{
    mg_status status = mg_verify_open(path, v, err);
    if (status != MG_OK) return status;
    if (!v->options->quiet) print_head(v);
    status = check_sums(v, err);
    if (status == MG_OK) status = mg_verify_windows(v, err);
    if (status == MG_OK && v->options->summary) status = mg_verify_summary(v, err);
    if (status != MG_OK) return status;
    if (!v->options->quiet) print_table(v);
    return tell_verdict(v, err);
}

mg_status mg_cmd_verify(int argc, char **argv, mg_error *err)
{
    mg_verify_options options = {0};
    mg_verify v = {.options = &options, .run = {.file = -1}};
    mg_text_list files = {0};
    bool want_help = false;
    mg_status status = mg_options_parse(&help, argc, argv, &options, &want_help, &files, err);
    if (status == MG_OK && want_help)
        mg_options_help(stdout, &help);
    else if (status == MG_OK && files.n != 1)
        status = mg_fail(err, MG_EUSAGE, "verify takes one file: the --out of a scan");
    else if (status == MG_OK)
        status = verify(files.text[0], &v, err);
    mg_verify_close(&v);
    mg_options_free(&help, &options, &files);
    return status;
}
