/* codes.c  which genetic code each transcript is read with
 *
 * A mitochondrion has its own, and which one depends on the species. What the annotation tells (transl_table) holds; else a
 * chromosome of one of the usual names is read with --mitochondrial-code, all others with --genetic-code.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "src/commands/score/score.h"
#include "src/core/log.h"
#include "src/core/memory.h"
#include "src/sequence/chromosome_names.h"

enum { VERTEBRATE = 2 };

typedef enum { NUCLEAR, MITOCHONDRIAL, PERHAPS } kind;

static kind kind_of(const char *name)
{
    static const char *const perhaps[] = {"mito", "mtdna", "chrmito"};
    if (mg_chromosome_is_mitochondrial(name)) return MITOCHONDRIAL;
    for (size_t i = 0; i < sizeof perhaps / sizeof *perhaps; i++)
        if (strncasecmp(name, perhaps[i], strlen(perhaps[i])) == 0) return PERHAPS;
    return strcasecmp(name, "mt") == 0 || strcasecmp(name, "chrmt") == 0 || strcasecmp(name, "chrm") == 0 ? PERHAPS
                                                                                                          : NUCLEAR;
}

/* NULL where it is not told. */
static const char *chromosome_of(const mg_score_job *job, size_t transcript)
{
    const mg_placements *p = &job->input.placements;
    if (transcript >= p->n_placements || p->placement[transcript].n_exons == 0) return NULL;
    return p->chromosome[p->placement[transcript].chromosome];
}

/* What came of it, for people. */
typedef struct {
    int64_t n_placed, n_told, n_mitochondrial;
    const char *perhaps; /* a chromosome that looks like a mitochondrion */
    int64_t unknown;     /* a number that the annotation tells and that is not known here */
} summary;

static int64_t number_for(const mg_score_job *job, size_t transcript, summary *inout)
{
    const mg_score_options *o = job->options;
    const char *chromosome = chromosome_of(job, transcript);
    int64_t told = job->input.transcriptome.transcript[transcript].coding.genetic_code;
    kind is = chromosome != NULL ? kind_of(chromosome) : NUCLEAR;
    mg_genetic_code code;
    inout->n_placed += chromosome != NULL;
    if (told > 0 && mg_genetic_code_find(told, &code, NULL) != MG_OK) {
        inout->unknown = told;
        told = 0;
    }
    if (is != NUCLEAR && o->mitochondrial_code > 0) told = o->mitochondrial_code;
    inout->n_told += told > 0;
    if (told > 0) return told;
    if (is == PERHAPS) inout->perhaps = chromosome;
    inout->n_mitochondrial += is == MITOCHONDRIAL;
    return is == MITOCHONDRIAL ? VERTEBRATE : o->genetic_code;
}

static void say(const mg_score_job *job, const summary *s)
{
    const mg_score_options *o = job->options;
    char n[MG_COUNT_TEXT];
    if (s->unknown > 0)
        mg_warn("the annotation tells genetic code %lld, which is not known here; --genetic-code is used in its place",
                (long long)s->unknown);
    if (s->perhaps != NULL)
        mg_warn("chromosome %s looks like a mitochondrion, and its genetic code is not told; it is read with code %d "
                "(--mitochondrial-code N)",
                s->perhaps, job->code.number);
    if (o->quiet) return;
    if (s->n_mitochondrial > 0)
        fprintf(stderr, "  %-12s %d, and %d (vertebrate mitochondria) in %s transcripts (--mitochondrial-code N)\n",
                "genetic code", job->code.number, VERTEBRATE, mg_format_count(n, s->n_mitochondrial));
    if (s->n_told > 0)
        fprintf(stderr, "  %-12s as told for %s transcripts\n", "genetic code", mg_format_count(n, s->n_told));
    if (s->n_placed == 0 && o->mitochondrial_code == 0)
        mg_warn("no chromosomes are told: transcripts of a mitochondrion too are read with genetic code %d",
                job->code.number);
}

mg_status mg_score_find_codes(mg_score_job *job, mg_error *err)
{
    summary s = {0};
    if (job->sites) return MG_OK;
    size_t n = job->input.transcriptome.n_transcripts;
    mg_status status = mg_alloc(&job->code_number, n, sizeof *job->code_number, err);
    for (size_t t = 0; t < n && status == MG_OK; t++)
        job->code_number[t] = (uint8_t)number_for(job, t, &s);
    if (status == MG_OK) say(job, &s);
    return status;
}

mg_genetic_code mg_score_code(const mg_score_job *job, size_t transcript)
{
    mg_genetic_code code = job->code;
    int number = job->code_number[transcript];
    if (number != code.number) mg_genetic_code_find(number, &code, NULL); /* it is known: it was looked for */
    return code;
}
