/* transcripts.c  record after record of a FASTA file into a transcriptome */
#include "io/input/transcripts.h"

#include "io/fasta/fasta.h"
#include "io/fasta/header_gene.h"
#include "src/core/memory.h"

/* Room in the lists of a transcriptome that is read. */
typedef struct {
    size_t transcripts, genes;
} list_room;

static mg_status add_transcript(mg_transcriptome *transcriptome, list_room *room, const mg_fasta_record *record,
                                mg_spool *spool, mg_error *err)
{
    size_t n = transcriptome->n_transcripts;
    mg_status status =
        mg_grow(&transcriptome->transcript, &room->transcripts, n + 1, sizeof *transcriptome->transcript, err);
    if (status == MG_OK)
        status = mg_grow(&transcriptome->gene_of, &room->genes, n + 1, sizeof *transcriptome->gene_of, err);
    if (status != MG_OK) return status;
    mg_transcript *transcript = &transcriptome->transcript[n];
    transcriptome->n_transcripts = n + 1; /* what is half built is given back too */
    transcript->length = record->length;
    transcript->place = mg_spool_take(spool, record->length);
    status = mg_copy_text(&transcript->name, record->name, err);
    if (status == MG_OK)
        status = mg_header_gene(&transcriptome->genes, record->header, record->name, &transcriptome->gene_of[n], err);
    return status == MG_OK ? mg_spool_write(spool, transcript->place, record->base, record->length, err) : status;
}

mg_status mg_transcripts_read(const char *path, bool ambiguous, mg_spool *spool, mg_transcriptome *ret,
                              mg_annotation *ret_headers, mg_error *err)
{
    mg_fasta *fasta = NULL;
    mg_fasta_record record;
    list_room room = {0};
    *ret = (mg_transcriptome){0};
    *ret_headers = (mg_annotation){0};
    mg_status status = mg_fasta_open(path, MG_FASTA_TRANSCRIPTS, &fasta, err);
    if (status == MG_OK && ambiguous) mg_fasta_keep_ambiguous(fasta);
    while (status == MG_OK) {
        status = mg_fasta_next(fasta, &record, err);
        if (status != MG_OK || record.name == NULL) break;
        status = add_transcript(ret, &room, &record, spool, err);
        if (status == MG_OK)
            status = mg_annotation_read_header(ret_headers, mg_fasta_path(fasta), record.line, record.name,
                                               record.header, err);
    }
    mg_fasta_close(fasta);
    if (status == MG_OK && ret_headers->odd.n > 0 && ret_headers->odd.n == (int64_t)ret_headers->n_entries)
        status = mg_fail(err, MG_EINPUT, "%s", ret_headers->odd.first);
    if (status != MG_OK) {
        mg_transcriptome_destroy(ret);
        mg_annotation_destroy(ret_headers);
    }
    return status;
}
