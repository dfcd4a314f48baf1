/* test_distinct.c  distinct windows and their places, held to a comparison of all windows with all; keys; genes of headers
 *
 * Transcripts are put together from a few shared exons, so that windows repeat within and between them, at edges and with
 * unknown bases too.
 */
#include "tests/support/files.h"

#include "io/input/distinct.h"
#include "io/fasta/header_gene.h"
#include "src/sequence/window_key.h"

enum { LENGTH = 31, ANCHOR = 9, N_EXONS = 6, EXON = 40, N_TRANSCRIPTS = 24 };

static uint64_t counter;

static int64_t below(int64_t n)
{
    return (int64_t)(mg_mix(20, counter++) % (uint64_t)n);
}

/* A FASTA file of transcripts of 1 to 4 shared exons; every third exon has unknown bases. */
static const char *make_transcripts(bool with_genes)
{
    char exon[N_EXONS][EXON + 1] = {{0}}, *text = NULL;
    size_t n = 0;
    FILE *out = open_memstream(&text, &n);
    for (int e = 0; e < N_EXONS; e++)
        for (int i = 0; i < EXON; i++)
            exon[e][i] = e % 3 == 2 && below(12) == 0 ? 'N' : "ACGTATG"[below(7)];
    for (int t = 0; t < N_TRANSCRIPTS; t++) {
        if (with_genes)
            fprintf(out, ">t%d gene:g%d\n", t, t / 3);
        else
            fprintf(out, ">t%d\n", t);
        for (int64_t k = 1 + below(4); k > 0; k--)
            fputs(exon[below(N_EXONS)], out);
        fputc('\n', out);
    }
    fclose(out);
    const char *path = write_file("transcripts.fa", "wu", text, n);
    free(text);
    return path;
}

/* Starts of every fourth transcript: some of the places of a window are labelled, others are not. */
static const char *make_annotation(void)
{
    char text[4096] = "";
    size_t n = 0;
    for (int t = 0; t < N_TRANSCRIPTS; t++)
        for (int at = 0; at < 30; at += 1 + t % 3)
            n += (size_t)snprintf(text + n, sizeof text - n, t % 4 == 0 ? "t%d\t%d\t%d\n" : "", t, at, at + 3);
    return write_file("starts.bed", "wu", text, n);
}

typedef struct {
    mg_input input;
    mg_distinct distinct;
    int64_t n_places, n_windows;
    mg_window *place; /* (n_places) as the input finds them */
    mg_base *base;    /* (n_places, LENGTH) */
    mg_place *found;  /* (n_places) */
    mg_shard_window *window;
    mg_base *window_base;
} fixture;

static fixture make(const char *transcripts, const char *annotation, const char *edges, const char *unknown)
{
    fixture f = {0};
    mg_error err = {0};
    mg_input_options options = {
        .transcripts = transcripts, .annotation = annotation, .edges = edges, .unknown = unknown};
    if (mg_input_read(&options, LENGTH, ANCHOR, &f.input, &err) != MG_OK) fail_msg("%s", err.text);
    if (mg_distinct_find(&f.input, folder, &f.distinct, &err) != MG_OK) fail_msg("%s", err.text);
    f.n_places = f.distinct.n_places;
    f.n_windows = f.distinct.n_windows;
    assert_int_equal(f.n_places, f.input.candidates.n_windows);
    f.place = calloc((size_t)f.n_places + 1, sizeof *f.place);
    f.base = calloc((size_t)f.n_places + 1, LENGTH);
    f.found = calloc((size_t)f.n_places + 1, sizeof *f.found);
    f.window = calloc((size_t)f.n_windows + 1, sizeof *f.window);
    f.window_base = calloc((size_t)f.n_windows + 1, LENGTH);
    assert_int_equal(mg_input_windows(&f.input, 0, f.n_places, f.place, f.base, NULL), MG_OK);
    assert_int_equal(mg_distinct_places(&f.distinct, 0, f.n_places, f.found, NULL), MG_OK);
    assert_int_equal(mg_distinct_windows(&f.distinct, 0, f.n_windows, f.window, f.window_base, NULL), MG_OK);
    return f;
}

static void clear(fixture *f)
{
    free(f->place);
    free(f->base);
    free(f->found);
    free(f->window);
    free(f->window_base);
    mg_distinct_destroy(&f->distinct);
    mg_input_destroy(&f->input);
}

static bool same_bases(const fixture *f, int64_t a, int64_t b)
{
    return memcmp(f->base + a * LENGTH, f->base + b * LENGTH, LENGTH) == 0;
}

/* --- against all with all --- */

static int64_t first_of(const fixture *f, int64_t place)
{
    int64_t first = 0;
    while (!same_bases(f, first, place))
        first++;
    return first;
}

static void check_places(const fixture *f)
{
    int64_t n_windows = 0;
    for (int64_t k = 0; k < f->n_places; k++) {
        const mg_place *found = &f->found[k];
        const mg_window *from = &f->place[k];
        int64_t first = first_of(f, k), window = first == k ? n_windows++ : f->found[first].window;
        assert_int_equal(found->window, window);
        assert_int_equal(f->window[window].place, first);
        assert_int_equal(found->transcript, from->transcript);
        assert_int_equal(found->start, from->start);
        assert_int_equal(found->label, from->label);
        assert_int_equal(found->n_padded, from->n_padded);
        assert_int_equal(found->n_unknown, from->n_padded + from->n_unknown);
        assert_memory_equal(f->window_base + window * LENGTH, f->base + k * LENGTH, LENGTH);
    }
    assert_int_equal(f->n_windows, n_windows);
    assert_true(n_windows < f->n_places && n_windows > 1);
}

static void check_windows(const fixture *f)
{
    int64_t n_annotated = 0, n_known = 0;
    for (int64_t w = 0; w < f->n_windows; w++) {
        int label = -1, n_unknown = 0;
        for (int64_t k = 0; k < f->n_places; k++)
            if (f->found[k].window == w && f->place[k].label > label) label = (int)f->place[k].label;
        for (int p = 0; p < LENGTH; p++)
            n_unknown += f->window_base[w * LENGTH + p] >= MG_N_BASES;
        assert_int_equal(f->window[w].label, label);
        assert_int_equal(f->window[w].n_unknown, n_unknown);
        n_annotated += label == 1;
        n_known += LENGTH - n_unknown;
    }
    assert_int_equal(f->distinct.n_annotated, n_annotated);
    assert_int_equal(f->distinct.n_known, n_known);
}

/* Two windows are in one cluster when steps over shared transcripts, genes and windows lead from one to the other: the
 * smallest window that is reached, by relaxation. */
static void check_clusters(const fixture *f)
{
    const int64_t *gene = f->input.transcriptome.gene_of;
    int64_t least[N_TRANSCRIPTS], n = f->n_windows, *reached = calloc((size_t)n, sizeof *reached);
    for (int64_t w = 0; w < n; w++)
        reached[w] = w;
    for (int t = 0; t < N_TRANSCRIPTS; t++)
        least[t] = INT64_MAX;
    for (bool changed = true; changed;) {
        changed = false;
        for (int64_t k = 0; k < f->n_places; k++) {
            int64_t *w = &reached[f->found[k].window], *t = &least[f->place[k].transcript], low = *w < *t ? *w : *t;
            changed = changed || *w != low || *t != low;
            *w = *t = low;
        }
        for (int a = 0; a < N_TRANSCRIPTS; a++)
            for (int b = 0; b < N_TRANSCRIPTS; b++)
                if (gene != NULL && gene[a] >= 0 && gene[a] == gene[b] && least[a] < least[b]) {
                    least[b] = least[a];
                    changed = true;
                }
    }
    for (int64_t a = 0; a < n; a++)
        for (int64_t b = 0; b < n; b++)
            assert_int_equal(f->window[a].cluster == f->window[b].cluster, reached[a] == reached[b]);
    free(reached);
}

static void check_all(const char *transcripts, const char *annotation, const char *edges, const char *unknown)
{
    fixture f = make(transcripts, annotation, edges, unknown);
    check_places(&f);
    check_windows(&f);
    check_clusters(&f);
    clear(&f);
}

static void test_all_with_all(void **state)
{
    (void)state;
    for (counter = 0; counter < 5000; counter += 500 - counter % 500) {
        check_all(make_transcripts(false), NULL, "pad", "zero");
        check_all(make_transcripts(true), make_annotation(), "pad", "zero");
        check_all(make_transcripts(true), make_annotation(), "skip", "A");
    }
}

/* By members: what lies between them is nobody's. */
static bool same_window(const mg_shard_window *a, const mg_shard_window *b)
{
    return a->place == b->place && a->cluster == b->cluster && a->label == b->label && a->n_unknown == b->n_unknown &&
           a->kind == b->kind;
}

/* What is asked for in pieces, in any order, is what is asked for at once. */
static void test_pieces(void **state)
{
    (void)state;
    counter = 77;
    fixture f = make(make_transcripts(true), NULL, "pad", "zero");
    for (int i = 0; i < 60; i++) {
        mg_shard_window window[9];
        mg_place place[9];
        mg_base base[9 * LENGTH];
        int64_t n = 1 + below(9), first = below(f.n_windows - n);
        assert_int_equal(mg_distinct_windows(&f.distinct, first, n, window, base, NULL), MG_OK);
        for (int64_t k = 0; k < n; k++)
            assert_true(same_window(&window[k], &f.window[first + k]));
        assert_memory_equal(base, f.window_base + first * LENGTH, (size_t)(n * LENGTH));
        first = below(f.n_places - n);
        assert_int_equal(mg_distinct_places(&f.distinct, first, n, place, NULL), MG_OK);
        for (int64_t k = 0; k < n; k++)
            assert_true(place[k].window == f.found[first + k].window && place[k].start == f.found[first + k].start);
    }
    mg_error err = {0};
    assert_int_equal(mg_distinct_windows(&f.distinct, f.n_windows - 1, 2, f.window, f.window_base, &err), MG_EBUG);
    clear(&f);
}

static void test_no_window(void **state)
{
    (void)state;
    const char *path = write_file("none.fa", "wu", ">t\nCCCCCC\n", 10);
    fixture f = make(path, NULL, "pad", "zero");
    assert_true(f.n_places == 0 && f.n_windows == 0 && f.distinct.clusters.n_clusters == 0);
    clear(&f);
}

/* --- keys --- */

/* Every change of one base, at every place of windows of any length up to three words, gives another key. */
static void test_keys(void **state)
{
    (void)state;
    enum { MOST = 24 };
    mg_base base[MOST];
    for (int n = 0; n <= MOST; n++) {
        for (int i = 0; i < n; i++)
            base[i] = (mg_base)below(5);
        mg_window_key key = mg_window_key_of(base, n);
        for (int i = 0; i < n; i++)
            for (mg_base b = 0; b < 5; b++) {
                mg_base before = base[i];
                base[i] = b;
                mg_window_key other = mg_window_key_of(base, n);
                assert_int_equal(mg_window_key_compare(&key, &other) == 0, b == before);
                assert_int_equal(key.half[0] == other.half[0], b == before); /* either half tells them apart */
                assert_int_equal(key.half[1] == other.half[1], b == before);
                assert_int_equal(mg_window_key_compare(&key, &other), -mg_window_key_compare(&other, &key));
                base[i] = before;
            }
    }
    mg_base unknown[2] = {MG_A, MG_A};
    mg_window_key one = mg_window_key_of(unknown, 1), two = mg_window_key_of(unknown, 2);
    assert_true(mg_window_key_compare(&one, &two) != 0); /* A is code 0, and so is what fills a word */
}

/* --- genes --- */

static void test_genes_of_headers(void **state)
{
    (void)state;
    static const struct {
        const char *header, *transcript, *id, *name; /* id NULL: none */
    } given[] = {
        {"ENST1.1 cdna chromosome:GRCh38:1:1:9:1 gene:ENSG5.2 gene_biotype:x gene_symbol:ABC1 description:a gene",
         "ENST1.1", "ENSG5.2", "ABC1"},
        {"ENST1.1|ENSG5.2|OTTHUMG1.2|OTTHUMT1.1|ABC1-202|ABC1|1657|CDS:1-99|", "ENST1.1", "ENSG5.2", "ABC1"},
        {"ENST1.1|ENSG5.2|-|-|ABC1-202|ABC1|", "ENST1.1", "ENSG5.2", "ABC1"},
        {"ENST1|ABC1|chr20|len=99|CDS:1-9|", "ENST1", "ABC1", NULL},
        {"ENST1|len=99|CDS:1-9|", "ENST1", NULL, NULL},
        {"ENST1|-|x", "ENST1", NULL, NULL},
        {"lcl|NC_1.1_mrna_NM_1.1_1 [gene=HBB] [transcript_id=NM_1.1]", "NM_1.1", "HBB", "HBB"},
        {"t1 gene=HBB CDS=47-200", "t1", "HBB", "HBB"},
        {"t1 gene_id=G1 gene_name=HBB", "t1", "G1", "HBB"},
        {"t1 pseudogene:G1", "t1", NULL, NULL},
        {"gi|1|ref|NM_1.1| Homo sapiens", "NM_1.1", NULL, NULL},
        {"TR20|c0_g1_i1 len=9", "TR20|c0_g1_i1", NULL, NULL},
        {"t1 gene:", "t1", NULL, NULL},
        {"t1 gene:a\033b", "t1", NULL, NULL},
        {"t1", "t1", NULL, NULL}};
    for (size_t k = 0; k < sizeof given / sizeof *given; k++) {
        mg_genes genes = {0};
        int64_t gene = 7;
        assert_int_equal(mg_header_gene(&genes, given[k].header, given[k].transcript, &gene, NULL), MG_OK);
        if (gene < 0 ? given[k].id != NULL : given[k].id == NULL) fail_msg("%s", given[k].header);
        if (gene >= 0) assert_string_equal(genes.gene[gene].id, given[k].id);
        if (given[k].name != NULL) assert_string_equal(genes.gene[gene].name, given[k].name);
        mg_genes_destroy(&genes);
    }
}

/* Genes without a transcript go, the others stand in the order of the transcripts, and each has a name. */
static void test_genes_in_order(void **state)
{
    (void)state;
    mg_genes genes = {0};
    int64_t number, of[] = {2, -1, 0, 2};
    static const char *const id[] = {"a", "b", "c"};
    for (int k = 0; k < 3; k++)
        assert_int_equal(mg_genes_add(&genes, id[k], 1, "", 0, &number, NULL), MG_OK);
    assert_int_equal(mg_genes_add(&genes, "c", 1, "symbol", 6, &number, NULL), MG_OK);
    assert_true(number == 2 && genes.n == 3);
    assert_int_equal(mg_genes_normalise(&genes, of, 4, NULL), MG_OK);
    assert_true(genes.n == 2 && of[0] == 0 && of[1] == -1 && of[2] == 1 && of[3] == 0);
    assert_string_equal(genes.gene[0].id, "c");
    assert_string_equal(genes.gene[0].name, "symbol");
    assert_string_equal(genes.gene[1].name, "a");
    assert_int_equal(mg_genes_add(&genes, "a", 1, "", 0, &number, NULL), MG_OK);
    assert_int_equal(number, 1);
    mg_genes_destroy(&genes);
}

/* The gene of each transcript by an annotation, as "t1:id/name ...". */
static void genes_of(const char *name, const char *text, const char *expected)
{
    char found[512] = "";
    size_t n = 0;
    mg_error err = {0};
    mg_input input;
    const char *fasta = ">t1\nATGATGATG\n>t2 gene:of_header\nATGATGATG\n>t3\nATGATGATG\n";
    mg_input_options options = {.transcripts = write_file("three.fa", "wu", fasta, strlen(fasta)),
                                .annotation = write_file(name, "wu", text, strlen(text))};
    if (mg_input_read(&options, LENGTH, ANCHOR, &input, &err) != MG_OK) fail_msg("%s", err.text);
    for (int64_t t = 0; t < 3; t++) {
        const mg_gene *gene = mg_transcriptome_gene(&input.transcriptome, t);
        n += (size_t)snprintf(found + n, sizeof found - n, " %s/%s", gene != NULL ? gene->id : "-",
                              gene != NULL ? gene->name : "-");
    }
    assert_string_equal(found, expected);
    mg_input_destroy(&input);
}

static void test_genes_of_annotations(void **state)
{
    (void)state;
    genes_of("a.gtf",
             "1\tx\texon\t1\t9\t.\t+\t.\tgene_id \"G1\"; transcript_id \"t1\"; gene_name \"HBB\";\n"
             "1\tx\tstart_codon\t1\t3\t.\t+\t0\tgene_id \"G1\"; transcript_id \"t1\"; gene_name \"HBB\";\n"
             "1\tx\texon\t21\t29\t.\t+\t.\tgene_id \"G1\"; transcript_id \"t3\";\n",
             " G1/HBB of_header/of_header G1/HBB");
    genes_of("ensembl.gff3",
             "1\tx\tgene\t1\t9\t.\t+\t.\tID=gene:ENSG1;Name=HBB;gene_id=ENSG1\n"
             "1\tx\tmRNA\t1\t9\t.\t+\t.\tID=transcript:t1;Parent=gene:ENSG1;Name=HBB-201\n"
             "1\tx\texon\t1\t9\t.\t+\t.\tParent=transcript:t1\n"
             "1\tx\tCDS\t1\t9\t.\t+\t0\tID=CDS:p;Parent=transcript:t1\n"
             "1\tx\tncRNA_gene\t21\t29\t.\t+\t.\tID=gene:ENSG2;gene_id=ENSG2\n"
             "1\tx\tlnc_RNA\t21\t29\t.\t+\t.\tID=transcript:t2;Parent=gene:ENSG2\n"
             "1\tx\texon\t21\t29\t.\t+\t.\tParent=transcript:t2\n",
             " ENSG1/HBB ENSG2/ENSG2 -/-");
    genes_of("ncbi.gff3",
             "1\tx\tgene\t1\t9\t.\t+\t.\tID=gene-HBB;Name=HBB;gene=HBB\n"
             "1\tx\tmRNA\t1\t9\t.\t+\t.\tID=rna-t1;Parent=gene-HBB;gene=HBB\n"
             "1\tx\texon\t1\t9\t.\t+\t.\tID=exon-1;Parent=rna-t1;gene=HBB\n"
             "1\tx\tCDS\t1\t9\t.\t+\t0\tID=cds-1;Parent=rna-t1;gene=HBB\n",
             " HBB/HBB of_header/of_header -/-");
    genes_of("gencode.gff3",
             "1\tx\ttranscript\t1\t9\t.\t+\t.\tID=t1;Parent=G1.1;gene_id=G1.1;transcript_id=t1;gene_name=H%3BB\n"
             "1\tx\texon\t1\t9\t.\t+\t.\tID=e;Parent=t1;gene_id=G1.1;transcript_id=t1;gene_name=H%3BB\n"
             "1\tx\tCDS\t1\t9\t.\t+\t0\tID=c;Parent=t1;gene_id=G1.1;transcript_id=t1;gene_name=H%3BB\n",
             " G1.1/H;B of_header/of_header -/-");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_all_with_all),
        cmocka_unit_test(test_pieces),
        cmocka_unit_test(test_no_window),
        cmocka_unit_test(test_keys),
        cmocka_unit_test(test_genes_of_headers),
        cmocka_unit_test(test_genes_in_order),
        cmocka_unit_test(test_genes_of_annotations),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
