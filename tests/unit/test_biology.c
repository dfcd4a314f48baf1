/* test_biology.c  genetic codes, classes of substitutions, HGVS names, and the sums over windows */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "src/task/starts/flips.h"
#include "src/task/starts/genetic_code.h"
#include "src/task/starts/hgvs.h"
#include "src/task/starts/kozak.h"
#include "src/task/profile.h"
#include "src/task/starts/stops.h"
#include "src/task/starts/substitution.h"

enum { MAX_LENGTH = 64 };

static mg_genetic_code code_of(int64_t number)
{
    mg_genetic_code code;
    mg_error err;
    if (mg_genetic_code_find(number, &code, &err) != MG_OK) fail_msg("%s", err.text);
    return code;
}

static char translate(const mg_genetic_code *code, const char *codon)
{
    mg_base base[3];
    for (int k = 0; k < 3; k++)
        base[k] = mg_base_from_iupac(codon[k]);
    return mg_translate(code, base);
}

/* --- codes --- */

/* In NCBI's own order, T C A G of every base. */
static void test_the_standard_code(void **state)
{
    (void)state;
    static const char ncbi[] = "FFLLSSSSYY**CC*WLLLLPPPPHHQQRRRRIIIMTTTTNNKKSSRRVVVVAAAADDEEGGGG", order[] = "TCAG";
    mg_genetic_code code = code_of(1);
    for (int k = 0; k < MG_N_CODONS; k++) {
        const char codon[] = {order[k / 16], order[k / 4 % 4], order[k % 4], '\0'};
        assert_int_equal(translate(&code, codon), ncbi[k]);
    }
    char list[MG_CODON_LIST];
    assert_string_equal(mg_genetic_code_stops(&code, list), "TAA TAG TGA");
    static const struct {
        const char *codon;
        char amino_acid;
    } ambiguous[] = {{"NNN", 'X'}, {"YTA", 'L'}, {"ytr", 'L'}, {"MGR", 'R'}, {"CTN", 'L'}, {"CTX", 'L'},
                     {"TAR", '*'}, {"TRA", '*'}, {"TRR", 'X'}, {"ATH", 'I'}, {"ATD", 'X'}, {"RAY", 'X'},
                     {"GCB", 'A'}, {"UCN", 'S'}, {"WSN", 'X'}, {"AAK", 'X'}, {"GGV", 'G'}};
    for (size_t k = 0; k < sizeof ambiguous / sizeof *ambiguous; k++)
        assert_int_equal(translate(&code, ambiguous[k].codon), ambiguous[k].amino_acid);
    const mg_base cut[] = {MG_C, MG_T,
                           MG_UNKNOWN}; /* behind the end, or taken for unknown: not even that it is a base */
    assert_int_equal(mg_translate(&code, cut), 'X');
}

static void test_other_codes_differ_where_they_should(void **state)
{
    (void)state;
    static const struct {
        int number;
        const char *codon;
        char amino_acid;
        const char *stops;
    } known[] = {{2, "AGA", '*', "AGA AGG TAA TAG"},
                 {2, "ATA", 'M', "AGA AGG TAA TAG"},
                 {2, "TGA", 'W', "AGA AGG TAA TAG"},
                 {3, "CTG", 'T', "TAA TAG"},
                 {4, "TGA", 'W', "TAA TAG"},
                 {5, "AGG", 'S', "TAA TAG"},
                 {6, "TAA", 'Q', "TGA"},
                 {9, "AAA", 'N', "TAA TAG"},
                 {10, "TGA", 'C', "TAA TAG"},
                 {11, "TGA", '*', "TAA TAG TGA"},
                 {12, "CTG", 'S', "TAA TAG TGA"},
                 {13, "AGA", 'G', "TAA TAG"},
                 {14, "TAA", 'Y', "TAG"},
                 {16, "TAG", 'L', "TAA TGA"},
                 {22, "TCA", '*', "TAA TCA TGA"},
                 {23, "TTA", '*', "TAA TAG TGA TTA"},
                 {24, "AGG", 'K', "TAA TAG"},
                 {25, "TGA", 'G', "TAA TAG"},
                 {26, "CTG", 'A', "TAA TAG TGA"},
                 {30, "TAG", 'E', "TGA"},
                 {33, "TAA", 'Y', "TAG"}};
    for (size_t k = 0; k < sizeof known / sizeof *known; k++) {
        mg_genetic_code code = code_of(known[k].number);
        char list[MG_CODON_LIST];
        assert_int_equal(code.number, known[k].number);
        assert_int_equal(translate(&code, known[k].codon), known[k].amino_acid);
        assert_string_equal(mg_genetic_code_stops(&code, list), known[k].stops);
        assert_int_equal(translate(&code, "GGG"), 'G');
    }
}

static void test_an_unknown_code_is_refused(void **state)
{
    (void)state;
    mg_genetic_code code;
    mg_error err;
    for (int64_t number = -1; number < 40; number++) {
        bool known = mg_genetic_code_find(number, &code, &err) == MG_OK;
        assert_int_equal(known, (number >= 1 && number <= 6) || (number >= 9 && number <= 16) ||
                                    (number >= 21 && number <= 26) || number == 29 || number == 30 || number == 32 ||
                                    number == 33);
        if (!known) assert_non_null(strstr(err.text, " 1 2 3 4 5 6 9"));
    }
}

/* --- classes --- */

/* A window in letters, with its reading. */
typedef struct {
    mg_genetic_code code;
    mg_base base[MAX_LENGTH];
    mg_reading reading;
} page;

/* The codon in lower case is the candidate. */
static page *open_page(page *p, const char *letters)
{
    int64_t anchor = (int64_t)strcspn(letters, "acgt"), length = (int64_t)strlen(letters);
    p->code = code_of(1);
    for (int64_t k = 0; k < length; k++) {
        mg_base base = mg_base_from_letter(letters[k]);
        p->base[k] = base < MG_N_BASES ? base : MG_UNKNOWN;
    }
    p->reading = mg_reading_begin(&p->code, p->base, length, anchor);
    return p;
}

static const char *class_of(const char *letters, int64_t offset, char to)
{
    page p;
    open_page(&p, letters);
    return mg_classes[mg_reading_classify(&p.reading, offset, mg_base_from_letter(to))].name;
}

static void test_classes_of_coding_substitutions(void **state)
{
    (void)state;
    /*                         0  3  6  9  12 15 18 */
    static const char text[] = "CCCatgAAGCTGTATGGCAANGG";
    assert_string_equal(class_of(text, 4, 'C'), "start_codon");
    assert_string_equal(class_of(text, 6, 'T'), "nonsense");    /* AAG -> TAG */
    assert_string_equal(class_of(text, 8, 'A'), "silent");      /* AAG -> AAA */
    assert_string_equal(class_of(text, 8, 'C'), "missense");    /* AAG -> AAC */
    assert_string_equal(class_of(text, 14, 'A'), "nonsense");   /* TAT -> TAA */
    assert_string_equal(class_of(text, 10, 'A'), "missense");   /* CTG -> CAG; TGC, GTA, AGT make no stop */
    assert_string_equal(class_of(text, 18, 'T'), "incomplete"); /* AAN */
    assert_string_equal(class_of(text, 22, 'A'), "incomplete"); /* cut by the end */
}

static void test_stops_in_other_frames(void **state)
{
    (void)state;
    /* frame +1 of atg CTT CAA GGG is TGC TTC AAG, frame +2 is GCT TCA AGG */
    assert_string_equal(class_of("atgCTTCAAGGG", 3, 'A'), "stop_frame_1"); /* TGC -> TGA, from within the start codon */
    assert_string_equal(class_of("atgCTTCAAGGG", 6, 'A'), "stop_frame_2"); /* TCA -> TAA */
    assert_string_equal(class_of("atgCTTCAAGGG", 7, 'C'), "missense");     /* CAA -> CCA */
    assert_string_equal(class_of("atgCTTCAAGGG", 6, 'T'), "nonsense");     /* CAA -> TAA: before all else */
    assert_string_equal(class_of("atgCTATCAGGG", 6, 'A'), "stop_frame_1"); /* TAT -> TAA */
    assert_string_equal(class_of("atgGTGCCCGGG", 6, 'A'), "stop_frame_1"); /* TGC -> TGA in frame +1 */
}

static void test_the_reading_ends_at_a_stop(void **state)
{
    (void)state;
    static const char text[] = "atgAAATAGCCCTAA";
    page p;
    assert_int_equal(open_page(&p, text)->reading.stop, 6);
    assert_string_equal(class_of(text, 6, 'C'), "stop_lost"); /* TAG -> CAG */
    assert_string_equal(class_of(text, 8, 'A'), "silent");    /* TAG -> TAA */
    assert_string_equal(class_of(text, 9, 'T'), "beyond_stop");
    assert_int_equal(open_page(&p, "atgAAACCC")->reading.stop, 9);
    assert_int_equal(open_page(&p, "atgAAACCCTA")->reading.stop, 11); /* half a stop is none */
}

static void test_classes_before_the_codon(void **state)
{
    (void)state;
    /*                   0  3  6  9 */
    assert_string_equal(class_of("CTGCCCatgAAA", 0, 'A'), "upstream_atg_in_frame");
    assert_string_equal(class_of("CTGTAGatgAAA", 0, 'A'), "upstream_orf");
    assert_string_equal(class_of("GCTGCCCatgAAA", 1, 'A'), "upstream_atg_in_frame");
    assert_string_equal(class_of("CTGCCCCatgAAA", 0, 'A'), "upstream_atg_out_of_frame");
    assert_string_equal(class_of("CTGTGACatgAAA", 0, 'A'), "upstream_orf"); /* out of frame, but closed */
    assert_string_equal(class_of("ATGCCCatgAAA", 1, 'C'), "upstream_atg_lost");
    assert_string_equal(class_of("CCCCCCatgAAA", 2, 'T'), "upstream");
    assert_string_equal(class_of("ATGCCCatgAAA", 3, 'A'), "upstream"); /* the ATG stays */
    assert_string_equal(class_of("CCNTGCatgAAA", 5, 'A'), "upstream"); /* NTG is no ATG */
    assert_string_equal(class_of("CCATTTGatgAA", 4, 'G'), "upstream_atg_out_of_frame");
}

/* Every substitution is of one class, and what one substitution makes the reverse takes away. */
static void test_classes_of_a_substitution_and_its_reverse(void **state)
{
    (void)state;
    uint64_t s = 3;
    for (int round = 0; round < 300; round++) {
        char text[37] = "";
        for (int k = 0; k < 36; k++) {
            s = s * 6364136223846793005u + 1442695040888963407u;
            text[k] = "ACGT"[s >> 62];
        }
        memcpy(text + 12, "atg", 3);
        page p, q;
        open_page(&p, text);
        for (int64_t k = 15; k < p.reading.stop && k < 36; k++)
            for (mg_base b = 0; b < MG_N_BASES; b++) {
                if (b == p.base[k]) continue;
                mg_substitution_class class = mg_reading_classify(&p.reading, k, b);
                open_page(&q, text);
                q.base[k] = b;
                q.reading = mg_reading_begin(&q.code, q.base, 36, 12);
                mg_substitution_class back = mg_reading_classify(&q.reading, k, p.base[k]);
                assert_int_equal(class == MG_CLASS_NONSENSE, back == MG_CLASS_STOP_LOST);
                if (class == MG_CLASS_SILENT) assert_true(back >= MG_CLASS_STOP_FRAME_1 && back != MG_CLASS_MISSENSE);
            }
    }
}

/* --- names --- */

static void expect_names(const char *letters, int64_t offset, char to, const char *coding, const char *protein)
{
    page p;
    char text[MG_HGVS_TEXT];
    open_page(&p, letters);
    mg_base base = mg_base_from_letter(to);
    assert_string_equal(mg_hgvs_coding(&p.reading, offset, base, text), coding);
    assert_int_equal(mg_hgvs_protein(&p.reading, offset, base, text), protein != NULL);
    if (protein != NULL) assert_string_equal(text, protein);
}

static void test_names(void **state)
{
    (void)state;
    static const char text[] = "CCACCCatgAAATAGCCCTAA";
    expect_names(text, 2, 'T', "c.-4A>T", NULL);
    expect_names(text, 5, 'G', "c.-1C>G", NULL);
    expect_names(text, 6, 'C', "c.1A>C", "p.(Met1?)");
    expect_names(text, 9, 'T', "c.4A>T", "p.(Lys2Ter)");
    expect_names(text, 11, 'G', "c.6A>G", "p.(Lys2=)");
    expect_names(text, 11, 'C', "c.6A>C", "p.(Lys2Asn)");
    expect_names(text, 12, 'C', "c.7T>C", "p.(Ter3GlnextTer?)");
    expect_names(text, 14, 'A', "c.9G>A", "p.(Ter3=)");
    expect_names(text, 15, 'A', "c.*1C>A", NULL);
    expect_names(text, 20, 'C', "c.*6A>C", NULL);
    expect_names("atgAAN", 4, 'C', "c.5A>C", NULL);
}

/* The stops of beta-thalassaemia in HBB (Lys18, Trp16, Gln40 count the first methionine). */
static void test_beta_globin(void **state)
{
    (void)state;
    static const char text[] = "ACACCatgGTGCACCTGACTCCTGAGGAGAAGTCTGCCGTTACTGCCCTGTGGGGCAAGG";
    expect_names(text, 5 + 47, 'A', "c.48G>A", "p.(Trp16Ter)");
    expect_names(text, 5 + 46, 'A', "c.47G>A", "p.(Trp16Ter)");
    expect_names(text, 5 + 51, 'T', "c.52A>T", "p.(Lys18Ter)");
    expect_names(text, 5 + 19, 'T', "c.20A>T", "p.(Glu7Val)"); /* sickle cell */
}

/* --- sums --- */

/* Two windows that differ in the purine at -3, with one method whose c and a are known. */
enum { LENGTH = 21, ANCHOR = 6 };

typedef struct {
    page page;
    bool blind[LENGTH];
    float effect[LENGTH * MG_N_BASES], c[LENGTH * MG_N_BASES], a[LENGTH];
    const float *contribution[1], *hypothetical[1];
    mg_evidence evidence;
} window;

static const mg_evidence *open_window(window *w, const char *letters, double score, bool has_c)
{
    open_page(&w->page, letters);
    w->page.reading.code = &w->page.code;
    w->page.reading.base = w->page.base;
    for (int p = 0; p < LENGTH; p++) {
        w->blind[p] = p >= LENGTH - 3;
        w->a[p] = (float)p;
        for (int b = 0; b < MG_N_BASES; b++) {
            bool other = w->page.base[p] < MG_N_BASES && b != w->page.base[p];
            w->effect[p * MG_N_BASES + b] = other && !w->blind[p] ? -(float)(p + 10 * b) / 10 : 0;
            w->c[p * MG_N_BASES + b] = (float)(b * b + p);
        }
    }
    w->contribution[0] = w->a;
    w->hypothetical[0] = has_c ? w->c : NULL;
    w->evidence = (mg_evidence){.base = w->page.base,
                                .blind = w->blind,
                                .effect = w->effect,
                                .score = score,
                                .n_methods = 1,
                                .contribution = w->contribution,
                                .hypothetical = w->hypothetical,
                                .reading = w->page.reading};
    return &w->evidence;
}

static void test_what_sources_say(void **state)
{
    (void)state;
    window w;
    const mg_evidence *e = open_window(&w, "CCCACCatgGAACCCCCCCCC", 1, true);
    assert_float_equal(mg_evidence_position(e, 0, 3), (0.3 + 1 + 0.3 + 2 + 0.3 + 3 - 0.0) / 3, 1e-6);
    assert_float_equal(mg_evidence_position(e, 1, 3), 3, 0);
    assert_float_equal(mg_evidence_substitution(e, 0, 3, MG_G), -2.3, 1e-6);
    assert_float_equal(mg_evidence_substitution(e, 1, 4, MG_T), 9 - 1, 1e-6); /* c(T) - c(C) */
    e = open_window(&w, "CCCACCatgGAACCCCCCCCC", 1, false);
    assert_float_equal(mg_evidence_substitution(e, 1, 4, MG_T), -4, 0); /* -a */
}

static void test_kozak_sums(void **state)
{
    (void)state;
    window w;
    mg_kozak kozak;
    assert_int_equal(mg_kozak_create(1, &kozak, NULL), MG_OK);
    mg_kozak_add(&kozak, open_window(&w, "CCCACCatgGAACCCCCCCCC", 4, true));
    mg_kozak_end_cluster(&kozak);
    mg_kozak_add(&kozak, open_window(&w, "CCCTCCatgGAACCCCCCCCC", 1, true));
    mg_kozak_end_cluster(&kozak);
    mg_kozak_add(&kozak, open_window(&w, "CCCNCCatgCAACCCCCCCCC", 2, true)); /* says nothing of -3 */
    mg_kozak_end_cluster(&kozak);
    const mg_contrast *purine = kozak.contrast, *g = kozak.contrast + 3;
    assert_float_equal(mg_contrast_difference(&purine[2]).mean, 4 - 1, 1e-12);        /* score */
    assert_float_equal(mg_contrast_difference(&g[2]).mean, (4 + 1) / 2.0 - 2, 1e-12); /* of G at +4 */
    /* A -> C, A -> T take the purine away; T -> A, T -> G make one */
    assert_float_equal(mg_ratio_estimate(&kozak.change[MG_KOZAK_PURINE][MG_KOZAK_LOST]).mean, -(1.3 + 3.3) / 2, 1e-6);
    assert_float_equal(mg_ratio_estimate(&kozak.change[MG_KOZAK_PURINE][MG_KOZAK_GAINED]).mean, -(0.3 + 2.3) / 2, 1e-6);
    assert_int_equal((int)mg_ratio_estimate(&kozak.change[MG_KOZAK_G][MG_KOZAK_LOST]).n, 6);
    assert_int_equal((int)mg_ratio_estimate(&kozak.change[MG_KOZAK_G][MG_KOZAK_GAINED]).n, 1);
    mg_kozak_destroy(&kozak);
}

static void test_flips_are_counted_once(void **state)
{
    (void)state;
    window w;
    mg_flips flips;
    assert_int_equal(mg_flips_create(LENGTH, &flips, NULL), MG_OK);
    mg_flips_add(&flips, open_window(&w, "CCCACCatgGAACCCCCCCCC", 3, true));
    mg_flips_add(&flips, open_window(&w, "CCCTCCatgGAACCCCCCCCC", -1, true)); /* all effects are damage: none gains */
    mg_flips_end_cluster(&flips);
    double n = 0, n_flips = 0, among = 0;
    const mg_flip_counts *lost = &flips.direction[MG_FLIP_LOST], *gained = &flips.direction[MG_FLIP_GAINED];
    for (int c = 0; c < MG_N_CLASSES; c++) {
        mg_estimate share = mg_ratio_estimate(&lost->class[c]);
        if (share.n > 0) n_flips += share.mean * share.n;
        n += share.n;
        among += mg_ratio_estimate(&lost->of_flips_class[c]).mean;
    }
    assert_int_equal((int)n, 3 * (LENGTH - 3));
    /* D = -(p + 10 b) / 10 <= -3: T everywhere, G from 10 on, C from 20 on (blind by then) */
    int wanted = 0;
    open_window(&w, "CCCACCatgGAACCCCCCCCC", 3, true);
    for (int k = 0; k < LENGTH * MG_N_BASES; k++)
        wanted += 3 + (double)w.effect[k] <= 0;
    assert_int_equal((int)lround(n_flips), wanted);
    assert_float_equal(among, 1, 1e-12);
    assert_true(isnan(mg_ratio_estimate(&gained->nonsense[0]).mean));
    assert_true(mg_ratio_estimate(&gained->class[MG_CLASS_SILENT]).mean == 0);
    assert_float_equal(mg_ratio_estimate(&lost->of_flips_to[MG_A]).mean, 0, 0);
    /* a score of 3 is a probability of 0.95 */
    assert_true(mg_ratio_estimate(&lost->nonsense[MG_SURE_CLEAR]).n == mg_ratio_estimate(&lost->nonsense[0]).n);
    assert_true(mg_ratio_estimate(&lost->nonsense[MG_N_SURE - 1]).n == 0);
    mg_flips_destroy(&flips);
}

static void test_area_under_roc(void **state)
{
    (void)state;
    window w;
    float auroc[2];
    mg_stop_ranker *ranker = NULL;
    assert_int_equal(mg_stop_ranker_create(LENGTH, &ranker, NULL), MG_OK);
    const mg_evidence *e = open_window(&w, "CCCACCatgGAACCCCCCCCC", 3, true); /* GAA -> TAA alone is nonsense */
    w.effect[9 * MG_N_BASES + MG_T] = -99;
    mg_stop_auroc(ranker, e, auroc, 1);
    assert_float_equal(auroc[0], 1, 0);
    int n_above = 0, n_equal = 0, n_other = -1; /* by definition, for the method: larger -d goes first */
    double nonsense = mg_evidence_substitution(e, 1, 9, MG_T);
    for (int p = 9; p < LENGTH - 3; p++)
        for (int b = 0; b < MG_N_BASES; b++) {
            if (b == w.page.base[p]) continue;
            double d = mg_evidence_substitution(e, 1, p, b);
            n_above += d > nonsense;
            n_equal += d == nonsense;
            n_other++;
        }
    assert_true(fabs(auroc[1] - (n_above + 0.5 * (n_equal - 1)) / n_other) < 1e-6);
    w.effect[10 * MG_N_BASES + MG_T] = NAN;
    mg_stop_auroc(ranker, e, auroc, 1);
    assert_true(isnan(auroc[0]) && !isnan(auroc[1]));
    e = open_window(&w, "CCCACCatgGCCCCCCCCCCC", 3, true); /* no codon is one step from a stop */
    mg_stop_auroc(ranker, e, auroc, 1);
    assert_true(isnan(auroc[0]) && isnan(auroc[1]));
    mg_stop_ranker_destroy(ranker);
}

static void test_profile_leaves_unknown_positions_out(void **state)
{
    (void)state;
    window w;
    mg_profile profile;
    assert_int_equal(mg_profile_create(LENGTH, 1, &profile, NULL), MG_OK);
    mg_profile_add(&profile, open_window(&w, "CCCACCatgGAACCCCCCCCC", 3, true));
    mg_profile_end_cluster(&profile);
    mg_profile_add(&profile, open_window(&w, "NCCTCCatgGAACCCCCCCCC", 3, true));
    mg_profile_end_cluster(&profile);
    assert_int_equal((int)mg_ratio_estimate(&profile.position[0]).n, 1);
    assert_int_equal((int)mg_ratio_estimate(&profile.position[3]).n, 2);
    assert_int_equal((int)mg_ratio_estimate(&profile.base[3 * MG_N_BASES + MG_A]).n, 1);
    assert_float_equal(mg_ratio_estimate(&profile.effect_to[3 * MG_N_BASES + MG_G]).mean, -2.3, 1e-6);
    assert_int_equal((int)mg_ratio_estimate(&profile.effect_to[3 * MG_N_BASES + MG_G]).n, 2);
    assert_float_equal(mg_ratio_estimate(&profile.position[LENGTH + 3]).mean, 3, 0); /* the method's a */
    mg_profile_destroy(&profile);
}

static void test_sums_of_classes_add_up(void **state)
{
    (void)state;
    window w;
    mg_stops stops;
    assert_int_equal(mg_stops_create(LENGTH, ANCHOR, 1, &stops, NULL), MG_OK);
    const mg_evidence *e = open_window(&w, "CCCACCatgGAACCCCNCCCC", 3, true);
    mg_stops_add(&stops, e);
    mg_stops_end_cluster(&stops);
    double n = 0, n_codon = 0, n_coding = 0, total = 0, wanted = 0;
    for (int c = 0; c < MG_N_CLASSES; c++) {
        mg_estimate said = mg_ratio_estimate(&stops.said[c]);
        n += said.n;
        n_coding += mg_classes[c].coding ? said.n : 0;
        total += said.n > 0 ? said.mean * said.n : 0;
        assert_int_equal(stops.spread[c].n, (int64_t)said.n);
    }
    for (size_t k = 0; k < stops.n_codons * MG_N_CODING_CLASSES; k++)
        n_codon += mg_ratio_estimate(&stops.codon[k]).n;
    for (int k = 0; k < LENGTH * MG_N_BASES; k++)
        wanted += (double)w.effect[k];
    assert_int_equal((int)n, 3 * (LENGTH - 3 - 1)); /* not the blind and the unknown ones */
    assert_true(n_codon == n_coding && n_coding > 0);
    assert_float_equal(total, wanted, 1e-4);
    mg_stops_destroy(&stops);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_standard_code),
        cmocka_unit_test(test_other_codes_differ_where_they_should),
        cmocka_unit_test(test_an_unknown_code_is_refused),
        cmocka_unit_test(test_classes_of_coding_substitutions),
        cmocka_unit_test(test_stops_in_other_frames),
        cmocka_unit_test(test_the_reading_ends_at_a_stop),
        cmocka_unit_test(test_classes_before_the_codon),
        cmocka_unit_test(test_classes_of_a_substitution_and_its_reverse),
        cmocka_unit_test(test_names),
        cmocka_unit_test(test_beta_globin),
        cmocka_unit_test(test_what_sources_say),
        cmocka_unit_test(test_kozak_sums),
        cmocka_unit_test(test_flips_are_counted_once),
        cmocka_unit_test(test_area_under_roc),
        cmocka_unit_test(test_profile_leaves_unknown_positions_out),
        cmocka_unit_test(test_sums_of_classes_add_up),
    };
    return cmocka_run_group_tests_name("biology", tests, NULL, NULL);
}
