/* fields.c  the table of datasets, and the page that is printed from it */
#include "io/run/fields.h"

#include <string.h>

#include "src/faithfulness/metric.h"

#define N MG_DIM_WINDOWS
#define K MG_DIM_PLACES
#define L MG_DIM_LENGTH

/* clang-format off */
const mg_field mg_fields[MG_N_FIELDS] = {
    [MG_WINDOW_PLACE] = {"/windows/place", MG_FIELD_INT64, {N}, "1",
        "index of the window's first place in /places, counted from 0; ascending", MG_STORE_SUMMARY},
    [MG_WINDOW_CLUSTER] = {"/windows/cluster", MG_FIELD_INT64, {N}, "1",
        "cluster of the window, 0 to clusters - 1: what the bootstrap draws and tests compare", MG_STORE_SUMMARY},
    [MG_WINDOW_LABEL] = {"/windows/label", MG_FIELD_INT8, {N}, "1",
        "1 annotated (a start, a splice site, ...) or positive in any of its places, 0 in none, -1 nothing is known",
        MG_STORE_SUMMARY},
    [MG_WINDOW_KIND] = {"/windows/kind", MG_FIELD_INT8, {N}, "1",
        "only with the task splice: 0 the window is around a donor, 1 an acceptor", MG_STORE_SUMMARY},
    [MG_WINDOW_SEQUENCE] = {"/windows/sequence", MG_FIELD_TEXT, {N}, "base",
        "the L bases of the window, A C G T, and N for unknown and padded ones", MG_STORE_SUMMARY},
    [MG_WINDOW_SCORE] = {"/windows/score", MG_FIELD_FLOAT32, {N}, "F",
        "F, the score of the window as it is; log-odds where the probability is explained", MG_STORE_SUMMARY},
    [MG_WINDOW_PROBABILITY] = {"/windows/probability", MG_FIELD_FLOAT32, {N}, "1",
        "probability that the network gives to its target class", MG_STORE_SUMMARY},
    [MG_WINDOW_UNKNOWN] = {"/windows/unknown", MG_FIELD_INT32, {N}, "nt",
        "positions of the window without a known base: N in the transcript, or outside it", MG_STORE_SUMMARY},
    [MG_WINDOW_MEASURED] = {"/windows/measured", MG_FIELD_INT8, {N}, "1",
        "1: metrics that run passes (/metrics/sampled) were measured, chosen by the bases; 0: they were not, and are NaN", MG_STORE_SUMMARY},
    [MG_MUTATION_EFFECT] = {"/mutation/effect", MG_FIELD_FLOAT32, {N, L, MG_DIM_BASES}, "F",
        "D(i,b) = F with base b at position i minus F as it is; 0 for the base that is there and at unknown positions",
        MG_STORE_CONTRIBUTION},
    [MG_TRUTH_EFFECT] = {"/truth/effect", MG_FIELD_FLOAT32, {N, L, MG_DIM_BASES}, "as measured",
        "measured effect of putting base b at position i, alternative minus reference, of --truth; NaN: not measured; 0 "
        "for the base that is there", MG_STORE_CONTRIBUTION},
    [MG_TRUTH_SE] = {"/truth/se", MG_FIELD_FLOAT32, {N, L, MG_DIM_BASES}, "as measured",
        "standard error of that, where the file of --truth has a column se; NaN: not told", MG_STORE_CONTRIBUTION},
    [MG_ATTRIBUTION_CONTRIBUTION] = {"/attribution/<method>/contribution", MG_FIELD_FLOAT32, {N, L}, "score",
        "a(i), what the base at position i contributes to the score, says the method", MG_STORE_CONTRIBUTION},
    [MG_ATTRIBUTION_HYPOTHETICAL] = {"/attribution/<method>/hypothetical", MG_FIELD_FLOAT32, {N, L, MG_DIM_BASES},
        "score", "c(i,b), the contribution that base b would have at position i; NaN where the method defines none",
        MG_STORE_HYPOTHETICAL},
    [MG_AGREEMENT] = {"/agreement/<method>/<metric>", MG_FIELD_FLOAT32, {N}, "as the metric",
        "agreement of the method with the mutation effects, window by window; NaN: not defined, or not measured (/windows/measured)", MG_STORE_SUMMARY},

    [MG_PLACE_WINDOW] = {"/places/window", MG_FIELD_INT64, {K}, "1",
        "index in /windows of the window that was found here, counted from 0", MG_STORE_SUMMARY},
    [MG_PLACE_TRANSCRIPT] = {"/places/transcript", MG_FIELD_INT64, {K}, "1",
        "index of the transcript in /transcripts, counted from 0; ascending", MG_STORE_SUMMARY},
    [MG_PLACE_START] = {"/places/start", MG_FIELD_INT64, {K}, "nt",
        "position in the transcript that stands at the anchor: of a candidate codon's first base; counted from 0", MG_STORE_SUMMARY},
    [MG_PLACE_LABEL] = {"/places/label", MG_FIELD_INT8, {K}, "1",
        "1 annotated (a start, a splice site, ...) or positive, 0 not, -1 nothing is known", MG_STORE_SUMMARY},
    [MG_PLACE_PADDED] = {"/places/padded", MG_FIELD_INT32, {K}, "nt",
        "positions of the window that lie outside the transcript", MG_STORE_SUMMARY},

    [MG_TRANSCRIPT_NAME] = {"/transcripts/name", MG_FIELD_TEXT, {MG_DIM_TRANSCRIPTS}, "name",
        "names of the transcripts, in the order of the input", MG_STORE_SUMMARY},
    [MG_TRANSCRIPT_LENGTH] = {"/transcripts/length", MG_FIELD_INT64, {MG_DIM_TRANSCRIPTS}, "nt",
        "lengths of the transcripts", MG_STORE_SUMMARY},
    [MG_TRANSCRIPT_GENE] = {"/transcripts/gene", MG_FIELD_INT64, {MG_DIM_TRANSCRIPTS}, "1",
        "index of the transcript's gene in /genes, counted from 0; -1: none was told", MG_STORE_SUMMARY},
    [MG_TRANSCRIPT_CHROMOSOME] = {"/transcripts/chromosome", MG_FIELD_INT64, {MG_DIM_TRANSCRIPTS}, "1",
        "index in /chromosomes of the chromosome that a site's record was cut from, counted from 0; -1: not told",
        MG_STORE_SUMMARY},
    [MG_TRANSCRIPT_BEGIN] = {"/transcripts/begin", MG_FIELD_INT64, {MG_DIM_TRANSCRIPTS}, "nt",
        "where on that chromosome it begins, on the forward strand, counted from 0; it is as long as /transcripts/length; "
        "-1: not told", MG_STORE_SUMMARY},
    [MG_TRANSCRIPT_STRAND] = {"/transcripts/strand", MG_FIELD_INT64, {MG_DIM_TRANSCRIPTS}, "1",
        "1: it is read on the forward strand, -1: on the reverse strand, 0: not told", MG_STORE_SUMMARY},
    [MG_TRANSCRIPT_CODE] = {"/transcripts/genetic_code", MG_FIELD_INT64, {MG_DIM_TRANSCRIPTS}, "1",
        "NCBI's number of its genetic code: transl_table of the annotation, else 2 where its chromosome is called MT, M, chrM "
        "or chrMT; 0: not told", MG_STORE_SUMMARY},
    [MG_CHROMOSOME_NAME] = {"/chromosomes/name", MG_FIELD_TEXT, {MG_DIM_CHROMOSOMES}, "name",
        "chromosomes of the genome that sites were taken from; none where the windows are of transcripts or ready windows",
        MG_STORE_SUMMARY},
    [MG_CHROMOSOME_LENGTH] = {"/chromosomes/length", MG_FIELD_INT64, {MG_DIM_CHROMOSOMES}, "nt",
        "their lengths; 0: the genome does not have it", MG_STORE_SUMMARY},
    [MG_GENE_ID] = {"/genes/id", MG_FIELD_TEXT, {MG_DIM_GENES}, "name",
        "identifiers of the genes, in the order of their first transcripts", MG_STORE_SUMMARY},
    [MG_GENE_NAME] = {"/genes/name", MG_FIELD_TEXT, {MG_DIM_GENES}, "name",
        "their symbols; the identifier again where no symbol was told", MG_STORE_SUMMARY},

    [MG_METHOD_FIELD_NAME] = {"/methods/name", MG_FIELD_TEXT, {MG_DIM_METHODS}, "name",
        "names of the methods in this file, in the order in which they were asked for", MG_STORE_SUMMARY},
    [MG_METHOD_FIELD_LABEL] = {"/methods/label", MG_FIELD_TEXT, {MG_DIM_METHODS}, "name",
        "names of the methods for people", MG_STORE_SUMMARY},
    [MG_METHOD_FIELD_SPEC] = {"/methods/spec", MG_FIELD_TEXT, {MG_DIM_METHODS}, "name",
        "the methods as --methods takes them, with every option written out", MG_STORE_SUMMARY},
    [MG_METHOD_FIELD_SOURCE] = {"/methods/source", MG_FIELD_TEXT, {MG_DIM_METHODS}, "name",
        "where the methods were published", MG_STORE_SUMMARY},
    [MG_METHOD_FIELD_PASSES] = {"/methods/passes", MG_FIELD_INT64, {MG_DIM_METHODS}, "1",
        "forward and backward passes that a method takes for a window, at most, beside the window's own; 0: none; -1: an exact "
        "integral, which is no number of passes", MG_STORE_SUMMARY},

    [MG_METRIC_FIELD_DATASET] = {"/metrics/dataset", MG_FIELD_TEXT, {MG_DIM_METRICS}, "name",
        "names of the datasets in each group /agreement/<method>: the metrics of this file", MG_STORE_SUMMARY},
    [MG_METRIC_FIELD_METRIC] = {"/metrics/metric", MG_FIELD_TEXT, {MG_DIM_METRICS}, "name",
        "measure of agreement", MG_STORE_SUMMARY},
    [MG_METRIC_FIELD_REGION] = {"/metrics/region", MG_FIELD_TEXT, {MG_DIM_METRICS}, "name",
        "part of the window that the measure looks at", MG_STORE_SUMMARY},
    [MG_METRIC_FIELD_FAMILY] = {"/metrics/family", MG_FIELD_TEXT, {MG_DIM_METRICS}, "name",
        "which question it asks: single (mutations), curves, sets, robustness, or measured (effects)", MG_STORE_SUMMARY},
    [MG_METRIC_FIELD_UNIT] = {"/metrics/unit", MG_FIELD_TEXT, {MG_DIM_METRICS}, "name",
        "unit of the values", MG_STORE_SUMMARY},
    [MG_METRIC_FIELD_BETTER] = {"/metrics/better", MG_FIELD_INT8, {MG_DIM_METRICS}, "1",
        "1: larger is better, -1: a smaller magnitude is better, -2: smaller is better", MG_STORE_SUMMARY},
    [MG_METRIC_FIELD_SAMPLED] = {"/metrics/sampled", MG_FIELD_INT8, {MG_DIM_METRICS}, "1",
        "1: it runs passes, so it is measured in the windows of /windows/measured; 0: in all", MG_STORE_SUMMARY},
    [MG_METRIC_FIELD_POINT] = {"/metrics/point", MG_FIELD_INT8, {MG_DIM_METRICS}, "1",
        "a point of a curve: positions taken out, those of the largest contributions where larger is better, else of the smallest; "
        "it is not ranked or tested. 0: none", MG_STORE_SUMMARY},
    [MG_METRIC_FIELD_DESCRIPTION] = {"/metrics/description", MG_FIELD_TEXT, {MG_DIM_METRICS}, "name",
        "what the measure says, in a sentence", MG_STORE_SUMMARY},

    [MG_BASELINE_FIELD_NAME] = {"/baselines/name", MG_FIELD_TEXT, {MG_DIM_BASELINES}, "name",
        "names of the baselines, which go through the metrics as methods do but are none: they take no place and win nothing", MG_STORE_SUMMARY},
    [MG_BASELINE_FIELD_LABEL] = {"/baselines/label", MG_FIELD_TEXT, {MG_DIM_BASELINES}, "name",
        "their names for people", MG_STORE_SUMMARY},
    [MG_BASELINE_FIELD_SOURCE] = {"/baselines/source", MG_FIELD_TEXT, {MG_DIM_BASELINES}, "name",
        "what they are", MG_STORE_SUMMARY},

    [MG_OUTPUT_NAME] = {"/outputs/name", MG_FIELD_TEXT, {MG_DIM_OUTPUTS}, "name",
        "outputs of the network that are explained; the first is that of all datasets outside /outputs", MG_STORE_SUMMARY},
    [MG_OUTPUT_SCORE] = {"/outputs/score", MG_FIELD_TEXT, {MG_DIM_OUTPUTS}, "name",
        "score of each output, as the attribute score tells it of the first", MG_STORE_SUMMARY},

    [MG_ROW_METHOD] = {"/summary/aggregate/method", MG_FIELD_TEXT, {MG_DIM_ROWS}, "name",
        "method or baseline the row is about", MG_STORE_SUMMARY},
    [MG_ROW_METRIC] = {"/summary/aggregate/metric", MG_FIELD_TEXT, {MG_DIM_ROWS}, "name",
        "measure of agreement", MG_STORE_SUMMARY},
    [MG_ROW_REGION] = {"/summary/aggregate/region", MG_FIELD_TEXT, {MG_DIM_ROWS}, "name",
        "part of the window that the measure looks at", MG_STORE_SUMMARY},
    [MG_ROW_GROUP] = {"/summary/aggregate/group", MG_FIELD_TEXT, {MG_DIM_ROWS}, "name",
        "windows the row is about: all, those with label 1, or those that the score calls (F > 0), in the words of the task", MG_STORE_SUMMARY},
    [MG_ROW_N] = {"/summary/aggregate/n", MG_FIELD_INT64, {MG_DIM_ROWS}, "windows",
        "windows of the group whose value is defined", MG_STORE_SUMMARY},
    [MG_ROW_UNDEFINED] = {"/summary/aggregate/undefined", MG_FIELD_INT64, {MG_DIM_ROWS}, "windows",
        "windows of the group whose value is not defined", MG_STORE_SUMMARY},
    [MG_ROW_UNMEASURED] = {"/summary/aggregate/unmeasured", MG_FIELD_INT64, {MG_DIM_ROWS}, "windows",
        "windows of the group in which the metric was not measured; they count neither in n nor in undefined", MG_STORE_SUMMARY},
    [MG_ROW_CLUSTERS] = {"/summary/aggregate/clusters", MG_FIELD_INT64, {MG_DIM_ROWS}, "clusters",
        "clusters that the n windows are of", MG_STORE_SUMMARY},
    [MG_ROW_MEAN] = {"/summary/aggregate/mean", MG_FIELD_FLOAT64, {MG_DIM_ROWS}, "as the metric",
        "mean over the n windows", MG_STORE_SUMMARY},
    [MG_ROW_SD] = {"/summary/aggregate/sd", MG_FIELD_FLOAT64, {MG_DIM_ROWS}, "as the metric",
        "standard deviation over the n windows, with n - 1", MG_STORE_SUMMARY},
    [MG_ROW_LO] = {"/summary/aggregate/lo", MG_FIELD_FLOAT64, {MG_DIM_ROWS}, "as the metric",
        "lower end of the 95% bootstrap interval of the mean; clusters are drawn, not windows", MG_STORE_SUMMARY},
    [MG_ROW_HI] = {"/summary/aggregate/hi", MG_FIELD_FLOAT64, {MG_DIM_ROWS}, "as the metric",
        "upper end of that interval", MG_STORE_SUMMARY},
    [MG_ROW_MEDIAN] = {"/summary/aggregate/median", MG_FIELD_FLOAT64, {MG_DIM_ROWS}, "as the metric",
        "median over the n windows", MG_STORE_SUMMARY},
    [MG_ROW_Q25] = {"/summary/aggregate/q25", MG_FIELD_FLOAT64, {MG_DIM_ROWS}, "as the metric",
        "lower quartile", MG_STORE_SUMMARY},
    [MG_ROW_Q75] = {"/summary/aggregate/q75", MG_FIELD_FLOAT64, {MG_DIM_ROWS}, "as the metric",
        "upper quartile", MG_STORE_SUMMARY},
    [MG_ROW_MEAN_RANK] = {"/summary/aggregate/mean_rank", MG_FIELD_FLOAT64, {MG_DIM_ROWS}, "1",
        "mean rank among the methods, 1 is best, over windows where all methods are defined", MG_STORE_SUMMARY},

    [MG_PAIR_METHOD] = {"/summary/pairs/method", MG_FIELD_TEXT, {MG_DIM_PAIRS}, "name",
        "method that is compared", MG_STORE_SUMMARY},
    [MG_PAIR_OTHER] = {"/summary/pairs/other", MG_FIELD_TEXT, {MG_DIM_PAIRS}, "name",
        "method or baseline it is compared with", MG_STORE_SUMMARY},
    [MG_PAIR_METRIC] = {"/summary/pairs/metric", MG_FIELD_TEXT, {MG_DIM_PAIRS}, "name",
        "measure of agreement", MG_STORE_SUMMARY},
    [MG_PAIR_REGION] = {"/summary/pairs/region", MG_FIELD_TEXT, {MG_DIM_PAIRS}, "name",
        "part of the window that the measure looks at", MG_STORE_SUMMARY},
    [MG_PAIR_GROUP] = {"/summary/pairs/group", MG_FIELD_TEXT, {MG_DIM_PAIRS}, "name",
        "windows the row is about", MG_STORE_SUMMARY},
    [MG_PAIR_N] = {"/summary/pairs/n", MG_FIELD_INT64, {MG_DIM_PAIRS}, "windows",
        "windows where both methods are defined", MG_STORE_SUMMARY},
    [MG_PAIR_WINS] = {"/summary/pairs/wins", MG_FIELD_INT64, {MG_DIM_PAIRS}, "windows",
        "of them, windows where the method agrees better than the other", MG_STORE_SUMMARY},
    [MG_PAIR_TIES] = {"/summary/pairs/ties", MG_FIELD_INT64, {MG_DIM_PAIRS}, "windows",
        "of them, windows where both agree equally well", MG_STORE_SUMMARY},
    [MG_PAIR_MEAN_DIFFERENCE] = {"/summary/pairs/mean_difference", MG_FIELD_FLOAT64, {MG_DIM_PAIRS}, "as the metric",
        "mean of method minus other", MG_STORE_SUMMARY},
    [MG_PAIR_P] = {"/summary/pairs/p", MG_FIELD_FLOAT64, {MG_DIM_PAIRS}, "1",
        "p value of the two-sided Wilcoxon signed-rank test over cluster means", MG_STORE_SUMMARY},
    [MG_PAIR_P_HOLM] = {"/summary/pairs/p_holm", MG_FIELD_FLOAT64, {MG_DIM_PAIRS}, "1",
        "the same, corrected by Holm over the pairs of methods of the same metric and group; of a method and a baseline, over the methods", MG_STORE_SUMMARY},
};
/* clang-format on */
#undef N
#undef K
#undef L

bool mg_shape_has_odds(const mg_run_shape *shape)
{
    return mg_score_has_odds(shape->score_name);
}

const mg_task *mg_shape_task(const mg_run_shape *shape)
{
    return shape->task != NULL ? shape->task : mg_task_at(MG_TASK_STARTS);
}

const mg_task_group *mg_shape_group(const mg_run_shape *shape, mg_group group)
{
    return mg_task_group_of(shape->task, group, shape->score_name);
}

bool mg_field_is_kept(mg_field_id id, const mg_run_shape *shape)
{
    if (id == MG_WINDOW_KIND && mg_shape_task(shape)->n_kinds < 2) return false;
    bool given = id == MG_TRUTH_EFFECT ? shape->has_truth : id != MG_TRUTH_SE || shape->has_truth_se;
    return given && shape->store >= mg_fields[id].from;
}

bool mg_field_has_methods(mg_field_id id)
{
    return strstr(mg_fields[id].path, "<method>") != NULL;
}

bool mg_field_has_metrics(mg_field_id id)
{
    return strstr(mg_fields[id].path, "<metric>") != NULL;
}

bool mg_field_is_by_position(mg_field_id id)
{
    return id == MG_WINDOW_SEQUENCE || mg_fields[id].dim[1] == MG_DIM_LENGTH;
}

int64_t mg_field_n_sets(mg_field_id id, const mg_run_shape *shape)
{
    int64_t n = mg_field_has_methods(id) ? shape->n_methods : 1;
    if (mg_field_has_metrics(id)) n += shape->n_baselines;
    return mg_field_has_metrics(id) ? n * (int64_t)shape->metrics->n : n;
}

int64_t mg_field_method(mg_field_id id, const mg_run_shape *shape, int64_t s)
{
    if (!mg_field_has_methods(id)) return 0;
    return mg_field_has_metrics(id) ? s / (int64_t)shape->metrics->n : s;
}

const mg_metric_info *mg_field_metric(mg_field_id id, const mg_run_shape *shape, int64_t s)
{
    return mg_field_has_metrics(id) ? &shape->metrics->info[s % (int64_t)shape->metrics->n] : NULL;
}

int64_t mg_field_set_of(mg_field_id id, const mg_run_shape *shape, size_t method, size_t metric)
{
    return (int64_t)(mg_field_has_metrics(id) ? method * shape->metrics->n + metric : method);
}

/* Rows and pairs of groups that the run does not have are not kept. */
static int64_t kept_rows(const mg_run_shape *shape, int64_t n)
{
    return n / MG_N_GROUPS * mg_task_n_groups(shape->task, shape->score_name);
}

static int64_t dim_size(mg_field_dim dim, const mg_run_shape *shape)
{
    switch (dim) {
    case MG_DIM_TRANSCRIPTS:
        return shape->n_transcripts;
    case MG_DIM_WINDOWS:
        return shape->n_windows;
    case MG_DIM_PLACES:
        return shape->n_places;
    case MG_DIM_GENES:
        return shape->n_genes;
    case MG_DIM_CHROMOSOMES:
        return shape->n_chromosomes;
    case MG_DIM_LENGTH:
        return shape->length;
    case MG_DIM_BASES:
        return MG_N_BASES;
    case MG_DIM_METHODS:
        return shape->n_methods;
    case MG_DIM_BASELINES:
        return shape->n_baselines;
    case MG_DIM_METRICS:
        return (int64_t)shape->metrics->n;
    case MG_DIM_OUTPUTS:
        return 1; /* more of them have groups of their own */
    case MG_DIM_ROWS:
        return kept_rows(shape, shape->n_rows);
    case MG_DIM_PAIRS:
        return kept_rows(shape, shape->n_pairs);
    case MG_DIM_NONE:
        break;
    }
    return 1;
}

static size_t item_bytes(mg_field_id id, const mg_run_shape *shape)
{
    switch (mg_fields[id].type) {
    case MG_FIELD_INT8:
        return 1;
    case MG_FIELD_INT32:
    case MG_FIELD_FLOAT32:
        return 4;
    case MG_FIELD_INT64:
    case MG_FIELD_FLOAT64:
        return 8;
    case MG_FIELD_TEXT:
        break;
    }
    return id == MG_WINDOW_SEQUENCE ? (size_t)shape->length : 1;
}

size_t mg_field_row_bytes(mg_field_id id, const mg_run_shape *shape)
{
    size_t bytes = item_bytes(id, shape);
    for (int d = 1; d < MG_FIELD_MAX_DIMS; d++)
        bytes *= (size_t)dim_size(mg_fields[id].dim[d], shape);
    return bytes;
}

int mg_field_dims(mg_field_id id, const mg_run_shape *shape, int64_t n, int64_t dim[MG_FIELD_MAX_DIMS])
{
    int n_dims = 0;
    while (n_dims < MG_FIELD_MAX_DIMS && mg_fields[id].dim[n_dims] != MG_DIM_NONE) {
        dim[n_dims] = dim_size(mg_fields[id].dim[n_dims], shape);
        n_dims++;
    }
    if (n >= 0) dim[0] = n;
    return n_dims;
}

/* Copy `pattern` with each "<word>" replaced. */
static void fill_in(const char *pattern, const char *method, const char *metric, char path[MG_FIELD_PATH])
{
    size_t n = 0;
    while (*pattern != '\0' && n + 1 < MG_FIELD_PATH) {
        if (*pattern != '<') {
            path[n++] = *pattern++;
            continue;
        }
        const char *word = strncmp(pattern, "<method>", 8) == 0 ? method : metric;
        while (*word != '\0' && n + 1 < MG_FIELD_PATH)
            path[n++] = *word++;
        pattern = strchr(pattern, '>') + 1;
    }
    path[n] = '\0';
}

void mg_field_path(mg_field_id id, const mg_run_shape *shape, int64_t s, const char *method, char path[MG_FIELD_PATH])
{
    const mg_metric_info *metric = mg_field_metric(id, shape, s);
    fill_in(mg_fields[id].path, method, metric != NULL ? metric->dataset : "", path);
}

/* "/agreement/<method>/<metric>" -> "/agreement",
 * "/attribution/<method>/contribution" -> "/attribution/contribution" */
void mg_field_shard_path(mg_field_id id, char path[MG_FIELD_PATH])
{
    char empty[MG_FIELD_PATH];
    fill_in(mg_fields[id].path, "", "", empty);
    size_t n = 0;
    for (const char *c = empty; *c != '\0'; c++)
        if (*c != '/' || (c[1] != '/' && c[1] != '\0')) path[n++] = *c;
    path[n] = '\0';
}

const char *mg_field_unit(mg_field_id id, const mg_run_shape *shape, int64_t s)
{
    const char *unit = mg_fields[id].unit;
    if (strcmp(unit, "as the metric") == 0 && mg_field_has_metrics(id)) unit = mg_field_metric(id, shape, s)->unit;
    if (strcmp(unit, "F") == 0 && strcmp(shape->score_name, "probability") == 0) return "log-odds";
    return strcmp(unit, "score") == 0 || strcmp(unit, "F") == 0 ? shape->score_name : unit;
}

void mg_field_description(mg_field_id id, const mg_run_shape *shape, int64_t s, char *text, size_t n_text)
{
    const mg_metric_info *metric = mg_field_metric(id, shape, s);
    snprintf(text, n_text, "%s%s%s", metric != NULL ? metric->description : "", metric != NULL ? "; " : "",
             mg_fields[id].description);
}

int64_t mg_run_place_bytes(void)
{
    const mg_run_shape any = {0};
    int64_t bytes = 0;
    for (mg_field_id id = MG_PLACE_WINDOW; id <= MG_PLACE_PADDED; id++)
        bytes += (int64_t)mg_field_row_bytes(id, &any);
    return bytes;
}

int64_t mg_run_window_bytes(const mg_run_shape *shape)
{
    int64_t bytes = 0;
    for (mg_field_id id = 0; id < MG_N_WINDOW_FIELDS; id++)
        if (mg_field_is_kept(id, shape)) bytes += mg_field_n_sets(id, shape) * (int64_t)mg_field_row_bytes(id, shape);
    return bytes;
}
