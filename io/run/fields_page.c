/* fields_page.c  docs/file-format.md, printed from the tables of fields, metrics and provenance */
#include <string.h>

#include "io/run/fields.h"
#include "io/run/provenance.h"
#include "io/run/run_h5.h"
#include "src/faithfulness/metric.h"

static const char before[] =
    "# The file run.h5\n\n"
    "(This page is printed by the program's own tables: `make docs`. Do not edit it by hand.)\n\n"
    "`mutagree scan --out run.h5` writes one HDF5 file. It has its name only when it is complete. Every dataset "
    "carries\n"
    "the attributes `units` and `description`, so `h5dump -A run.h5` tells what is in it. Bases are always in the "
    "order\n"
    "A, C, G, T; positions count from 0; what is not defined is NaN.\n\n"
    "| letter | meaning |\n|---|---|\n"
    "| N | distinct windows, in the order of their first places: no two have the same bases |\n"
    "| K | places of windows, in the order of the transcripts, and of the starts in them |\n"
    "| L | bases of a window (root attribute `window_length`); positions are counted from `anchor`, where a candidate "
    "codon begins |\n"
    "| T | transcripts |\n"
    "| G | genes |\n"
    "| H | chromosomes |\n"
    "| M | methods, in the order in which they were asked for |\n"
    "| C | metrics |\n"
    "| A | baselines |\n"
    "| O | outputs of the network that are explained |\n"
    "| R | rows of the aggregates: metrics x groups that the task has under the score x (methods, then baselines) |\n"
    "| P | pairs: metrics x groups x (M (M - 1) / 2 pairs of methods, then each method with each baseline) |\n\n";

static const char groups[] =
    "## Attributes\n\n"
    "| where | attribute | meaning |\n|---|---|---|\n"
    "| `/` | `format` | `mutagree-run` |\n"
    "| `/` | `version` | of this format; a reader refuses another |\n"
    "| `/` | `task` | what the windows are about: `starts`, `splice`, `regions`, `ends` or `windows`; files without it "
    "are of starts |\n"
    "| `/` | `clusters` | how many there are |\n"
    "| `/` | `window_length`, `anchor` | L, and the offset that positions are counted from: of a candidate codon's "
    "first base, of the first base behind a splice site's cut |\n"
    "| `/` | `score` | what is explained: `log-odds`, `logit`, `probability`, `difference`, `mean`, `sum`, "
    "`profile` or `value`: the "
    "unit `score`. The unit `F` is the same, but log-odds for `probability` |\n"
    "| `/` | `score_words` | the same with output, classes and position, as `--score` takes it |\n"
    "| `/attribution/<method>`, `/agreement/<method>` | `label` | the method's name for people |\n"
    "| same | `spec` | the method as `--methods` takes it, every option written out |\n"
    "| same | `source` | where it was published |\n"
    "| `/summary` | one for each fact | the head of summary.tsv: what the aggregates are of |\n\n";

/* Version 2 as a whole, agreed on before all of it was there: what a part of the program does not fill yet is not in the
 * file, and a reader goes by what is there. */
static const char version_2[] =
    "## Version 2\n\n"
    "Root attribute `version` is 2. Files of version 1 (0.1, never released) are refused in one sentence. What follows "
    "is\n"
    "fixed; the tables above say what is filled so far.\n\n"
    "| where | what |\n|---|---|\n"
    "| `/` attribute `task` | text: `starts`, later `splice`, `regions`, `ends`, `windows`: which words and sections a "
    "report uses. A reader that does not know it uses those of `windows` |\n"
    "| `/windows/...` (N) | **distinct** windows: two windows with the same L bases, unknown and padded ones included, "
    "are "
    "one. Numbered by their first place. `sequence`, `place` (the first), `label` (of all places: 1 where any is "
    "annotated), `unknown`, `cluster` (unit of the bootstrap and of the tests, 0 .. `clusters` - 1), `score`, "
    "`probability` |\n"
    "| `/places/{window,transcript,start,label,padded}` (K) | where the windows were found, in the order of the "
    "transcripts, and of the starts in them. `window` is the index in /windows; label and padding are the place's own "
    "|\n"
    "| `/transcripts/gene` (T) | index in /genes, -1: none told |\n"
    "| `/genes/{id,name}` (G) | identifier (`gene_id`, `gene:`, field 2 of GENCODE headers) and symbol (`gene_name`, "
    "`gene_symbol:`, field 6), empty where not told; the same text in both where only one is told. In the order of "
    "their "
    "first transcripts |\n"
    "| `/metrics/{dataset,metric,region,family,unit,better,description}` | the metrics of the file, listed as the "
    "methods "
    "are: "
    "which datasets `/agreement/<method>/` has, and what they mean |\n"
    "| `/outputs/{name,score}` (O) | outputs of the network that are explained, and the score of each (`log-odds`, "
    "...). "
    "The first is the one of `/windows/score`, `/windows/probability`, `/mutation`, `/attribution`, `/agreement` and "
    "`/summary` |\n"
    "| `/outputs/<name>/...` | datasets of the second and each further output: the same paths below this group "
    "(`/outputs/<name>/windows/score`, `/outputs/<name>/mutation/effect`, ...). What does not depend on the output "
    "(sequences, places, transcripts, methods, metrics) stands once, above |\n"
    "\n"
    "A shard file holds the fields with N only; `/places`, `/genes` and what is small are written by one rank when the "
    "file is laid out.\n\n";

static const char checksums[] =
    "## Checksums\n\n"
    "Behind the end of the HDF5 file, where HDF5 does not look, stands a table of checksums, in run.h5 and in each "
    "shard:\n"
    "a sum of every chunk of rows of every dataset with N (some 256 KB, chunked or not, compressed or not: the sums "
    "are\n"
    "of the values), one of each other dataset, and one of all that is left, which is names, shapes, attributes and\n"
    "provenance. `report`, `export`, `verify`, `diff`, a run that goes on and the merge believe no byte that they "
    "have\n"
    "not held against it, and name dataset and chunk that are damaged; `verify` looks at all of a file. A file that\n"
    "another program has opened to write loses the table, and is refused. The table is described in `io/base/seal.h`.\n"
    "It tells accidents, not malice.\n\n"
    "All texts have a fixed length (`h5py` gives those of attributes as bytes); an attribute of more than 60,000 "
    "bytes\n"
    "goes on in NAME.2, NAME.3, ...\n\n";

static const char shards[] =
    "## Work in progress\n\n"
    "While a run lasts, each finished shard is a file `run.h5.parts/shard-00000012.h5` with the datasets of the "
    "windows,\n"
    "in which `<method>` and `<metric>` are leading dimensions: `/agreement` (M, metrics, n). Attributes: `id`, "
    "`first`\n"
    "(window), `windows`, `length`, `store`, `methods`. `plan.json` beside them says what run they belong to.\n\n"
    "## Reading it in Python\n\n"
    "```python\n"
    "import h5py\n"
    "run = h5py.File('run.h5')\n"
    "effect = run['mutation/effect'][0]                       # (L, 4) of the first window\n"
    "a = run['attribution/lrp/contribution'][0]               # (L)\n"
    "names = run['transcripts/name'].asstr()[:]\n"
    "table = {k: v[:] for k, v in run['summary/aggregate'].items()}\n"
    "```\n";

static const char *type_words(mg_field_type type)
{
    static const char *const words[] = {"int8", "int32", "int64", "float32", "float64", "text"};
    return words[type];
}

static void print_dims(FILE *out, const mg_field *field)
{
    static const char *const letters[] = {
        [MG_DIM_TRANSCRIPTS] = "T", [MG_DIM_WINDOWS] = "N",   [MG_DIM_PLACES] = "K",  [MG_DIM_GENES] = "G",
        [MG_DIM_CHROMOSOMES] = "H", [MG_DIM_LENGTH] = "L",    [MG_DIM_BASES] = "4",   [MG_DIM_METHODS] = "M",
        [MG_DIM_METRICS] = "C",     [MG_DIM_BASELINES] = "A", [MG_DIM_OUTPUTS] = "O", [MG_DIM_ROWS] = "R",
        [MG_DIM_PAIRS] = "P"};
    fputc('(', out);
    for (int d = 0; d < MG_FIELD_MAX_DIMS && field->dim[d] != MG_DIM_NONE; d++)
        fprintf(out, "%s%s", d > 0 ? ", " : "", letters[field->dim[d]]);
    fputc(')', out);
}

static void print_field(FILE *out, const mg_field *field)
{
    static const char *const kept[] = {"always", "contribution", "hypothetical"};
    fprintf(out, "| `%s` | %s ", field->path, type_words(field->type));
    print_dims(out, field);
    fprintf(out, " | %s | %s | %s |\n", field->unit, kept[field->from], field->description);
}

static const char *better_words(mg_better better)
{
    return better == MG_BETTER_LARGER ? "larger" : better == MG_BETTER_SMALLER ? "smaller" : "smaller magnitude";
}

static void print_metrics(FILE *out)
{
    const mg_regions none = {0};
    mg_metric_set single, *set = &single;
    mg_metric_set_single(&none, set);
    fputs("## Metrics\n\nThe names that `<metric>` can stand for; a file has those that its run was asked for and "
          "lists them in\n"
          "`/metrics`. `pearson` and `spearman` are also taken over the positions of each region that the task of the "
          "run\n"
          "names: `pearson_upstream`, `spearman_codon_1`, and so on.\n\n"
          "| dataset | family | unit | better is | meaning |\n|---|---|---|---|---|\n",
          out);
    for (size_t k = 0; k < set->n; k++) {
        const mg_metric_info *m = &set->info[k];
        fprintf(out, "| `%s` | %s | %s | %s | %s |\n", m->dataset, mg_family_names[m->family], m->unit,
                better_words(m->better), m->description);
    }
    fputs("\nA run with `--truth` has those of the family `single` once more, with `measured_` before their names, as "
          "of the family\n`measured`: `measured_spearman`, `measured_pearson_upstream`; all but `flip_auroc` and "
          "`completeness_error`. Its method\n`network` is the network itself, held against what was measured; it has "
          "no contributions and no other metrics.\n\n",
          out);
}

static void print_provenance(FILE *out)
{
    fputs("## /provenance\n\nAttributes that say where the numbers come from.\n\n"
          "| attribute | type | meaning |\n|---|---|---|\n",
          out);
    static const char *const words[] = {"text", "integer", "real"};
    for (const mg_provenance_item *item = mg_provenance_items; item->name != NULL; item++)
        fprintf(out, "| `%s` | %s | %s |\n", item->name, words[item->type], item->description);
    fputc('\n', out);
}

void mg_fields_print_markdown(FILE *out)
{
    fputs(before, out);
    fputs("## Datasets\n\nThe column \"kept\" names the least choice of `--store` that keeps the dataset.\n\n"
          "| path | type and dimensions | units | kept | description |\n|---|---|---|---|---|\n",
          out);
    for (mg_field_id id = 0; id < MG_N_FIELDS; id++)
        print_field(out, &mg_fields[id]);
    fputc('\n', out);
    print_metrics(out);
    fputs(groups, out);
    print_provenance(out);
    fputs(version_2, out);
    fputs(checksums, out);
    fputs(shards, out);
}
