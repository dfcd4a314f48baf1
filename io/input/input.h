/* input.h  from the options of a run to its transcripts and candidate windows, with a report of all that was dropped
 *
 * The files are read once, in one go, so that they may be pipes. What stays in memory grows with the transcripts (name,
 * length, starts: some 150 bytes each), not with their bases, which lie in a spool, nor with the windows, which are
 * found anew whenever some of them are wanted.
 */
#ifndef MG_IO_INPUT_INPUT_H
#define MG_IO_INPUT_INPUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "io/annotation/annotation.h"
#include "io/base/spool.h"
#include "io/input/families.h"
#include "io/sites/site_records.h"
#include "io/genome/surroundings.h"
#include "src/core/options.h"
#include "src/core/status.h"
#include "src/sequence/candidate.h"
#include "src/sequence/clusters.h"
#include "src/sequence/placement.h"
#include "src/sequence/transcript.h"
#include "src/task/task.h"

/* What the user asked for; NULL: not given, or the default where there is one. */
typedef struct {
    const char *transcripts; /* FASTA of transcripts, or ... */
    const char *genome;      /* ... FASTA of a genome, spliced by the annotation, or ... */
    const char *windows;     /* ... ready windows, one a line */
    const char *annotation;  /* GTF, GFF3 or BED */
    const char *regions;     /* regions of the genome: BED, narrowPeak, bedGraph ... */
    const char *sites;       /* ... or sites of the annotation: "donor,acceptor" (io/sites/sites.h) */
    const char *strand;      /* of regions: "column" (default), "+", "-" or "both" */
    const char *blacklist;   /* BED of intervals that no window of a site may touch */
    const char *soft_mask;   /* bases of a genome in lower case: "bases" (default) or "unknown" */
    int64_t decoys;          /* for each splice site */
    int64_t decoy_seed;
    const char *clusters;   /* transcripts and their clusters, in place of genes */
    const char *candidates; /* "atg" (default), "annotated", or a BED file */
    const char *task;       /* a name of src/task/task.h; NULL: told from the input */
    const char *edges;      /* "pad" (default) or "skip" */
    const char *unknown;    /* "zero" (default) or "A" */
    const char *scratch;    /* folder for the spool; NULL: TMPDIR */
    bool places;            /* keep where the transcripts lie on the genome */
    bool ambiguous;         /* keep R, Y, ... and N as such (src/sequence/alphabet.h) */
    int64_t longest_edit;   /* and the genome around their exons, for changes of so many nt; 0: not */
} mg_input_options;

/* The rows of a command's option table for a member of type mg_input_options in its struct of values. */
/* clang-format off */
#define MG_INPUT_ROW(kind, name, offset, preset, value, help)                                                          \
    {name, kind, offset, preset, value, 0, 0, "Input", help}
#define MG_SITES_ROW(kind, name, offset, preset, value, help)                                                          \
    {name, kind, offset, preset, value, 0, 0, "Sites of a genome", help}
#define MG_INPUT_SITE_OPTIONS(type, member)                                                                            \
    MG_SITES_ROW(MG_TEXT, "regions", offsetof(type, member.regions), NULL, "FILE",                                     \
                 "of --genome: windows around centres of a BED, summits of a narrowPeak, maxima of a bedGraph"),       \
    MG_SITES_ROW(MG_TEXT, "sites", offsetof(type, member.sites), NULL, "LIST",                                         \
                 "of --genome and --annotation: donor,acceptor,tss,tes,start,stop"),                                   \
    MG_SITES_ROW(MG_CHOICE, "strand", offsetof(type, member.strand), "column", "+|-|both|column",                      \
                 "that regions are read on; column: by column 6, + where it tells none"),                              \
    {"decoys", MG_INTEGER, offsetof(type, member.decoys), "1", "N", 0, 1000, "Sites of a genome",                      \
     "for each donor or acceptor so many GT or AG of its gene that are none, with label 0"},                           \
    {"decoy-seed", MG_INTEGER, offsetof(type, member.decoy_seed), "1", "N", 0, 9007199254740992.0,                     \
     "Sites of a genome", "which of them"},                                                                            \
    MG_SITES_ROW(MG_TEXT, "blacklist", offsetof(type, member.blacklist), NULL, "BED",                                  \
                 "leave out windows that touch one of its intervals"),                                                 \
    MG_SITES_ROW(MG_CHOICE, "soft-mask", offsetof(type, member.soft_mask), "bases", "bases|unknown",                   \
                 "what lower case of the genome is taken for")
#define MG_INPUT_OPTIONS(type, member)                                                                                 \
    MG_INPUT_ROW(MG_TEXT, "transcripts", offsetof(type, member.transcripts), NULL, "FASTA",                            \
                 "transcripts; plain, gzip or bgzip; - is standard input"),                                            \
    MG_INPUT_ROW(MG_TEXT, "genome", offsetof(type, member.genome), NULL, "FASTA",                                      \
                 "or a genome, from which the annotation's transcripts are spliced"),                                  \
    MG_INPUT_ROW(MG_TEXT, "windows", offsetof(type, member.windows), NULL, "FILE",                                     \
                 "or ready windows, one a line; .pos are starts, .neg are none"),                                      \
    MG_INPUT_ROW(MG_TEXT, "annotation", offsetof(type, member.annotation), NULL, "FILE",                               \
                 "starts: GTF, GFF3, BED (BED12 with --genome); without, CDS:a-b of the headers"),                     \
    MG_INPUT_SITE_OPTIONS(type, member),                                                                               \
    MG_INPUT_ROW(MG_TEXT, "clusters", offsetof(type, member.clusters), NULL, "FILE",                                   \
                 "transcript, tab, cluster: what intervals and tests go by, in place of genes"),                       \
    MG_INPUT_ROW(MG_TEXT, "candidates", offsetof(type, member.candidates), "atg", "atg|annotated|BED",                 \
                 "every ATG, annotated ATGs, or the starts of a BED file"),                                            \
    MG_INPUT_ROW(MG_CHOICE, "edges", offsetof(type, member.edges), "pad", "pad|skip",                                  \
                 "windows over an end of the transcript: pad with unknown, or skip"),                                  \
    MG_INPUT_ROW(MG_CHOICE, "unknown", offsetof(type, member.unknown), "zero", "zero|A",                               \
                 "N and the like: a row of zeros, or A as in published code")
#define MG_TASK_OPTION(type, member)                                                                                   \
    MG_INPUT_ROW(MG_TEXT, "task", offsetof(type, member.task), NULL, "NAME",                                           \
                 "what windows are about: starts, splice, regions, ends or windows; else told from them")
/* clang-format on */

typedef struct mg_window_finder mg_window_finder;

typedef struct {
    mg_transcriptome transcriptome; /* its bases are in the spool */
    mg_spool *spool;
    const mg_task *task;             /* what they are about, as the user said or as was told */
    mg_candidate_options how;        /* how the candidates are chosen; its anchor is what positions are counted from */
    mg_start_list *listed;           /* a list a transcript, where the user has listed candidates; else NULL */
    mg_candidate_counts candidates;  /* what came of it */
    int64_t *first_window;           /* (n_transcripts) number of the first window in it, or behind it */
    uint64_t digest;                 /* of all names, bases and windows in their order */
    mg_window_finder *finder;        /* where the last search for windows ended */
    bool annotated;                  /* labels are known */
    bool ready_windows;              /* the transcripts are windows, as given */
    int64_t n_bases;                 /* nt of all transcripts */
    int64_t n_unknown;               /* of these, unknown bases */
    int64_t n_chromosome_missing;    /* transcripts left out: the genome does not have their chromosome ... */
    mg_left_out beyond;              /* ... or it ends before they do */
    mg_annotation_counts annotation; /* what became of the annotation; zeros without one */
    mg_families families;            /* of --clusters; zeros without */
    char unit[MG_UNIT_TEXT];         /* what a cluster is: "gene", "transcript", "cluster of FILE" */
    mg_annotation_counts list;       /* what became of the list of candidates; zeros without one */
    mg_surroundings surroundings;    /* of the exons, when they are to be kept and there is a genome, else zeros */
    unsigned site_kinds;   /* bit 1 << mg_site_kind: the transcripts are records around such sites; 0: they are none */
    mg_site_records sites; /* of these, all but transcriptome, lists and placements, which are here */
    const char *site_format;  /* "BED", "narrowPeak", "bedGraph", "annotation" */
    bool strand_is_told;      /* of regions: each line told its strand */
    mg_placements placements; /* when they are to be kept and the annotation has exons, else zeros; indexed */
} mg_input;

/* mg_input_read()  read everything and count the candidates. Not collective.
 *
 * Args:     length - of the network's window, nt
 *           anchor - what it says of the offset that windows are about, 0 where it says nothing; then it is the task's
 *                    that counts: ret->how.anchor
 * Returns:  MG_OK and *ret filled (give back with mg_input_destroy()); MG_EUSAGE when the options do not go together
 *           (exactly one of transcripts, genome and windows; a genome needs an annotation or regions); MG_EINPUT for a fault of a
 *           file, with its name and line; MG_EMEM. No candidate at all is no error.
 */
mg_status mg_input_read(const mg_input_options *options, int64_t length, int64_t anchor, mg_input *ret, mg_error *err);
void mg_input_destroy(mg_input *input); /* frees what it holds, not the struct; NULL is fine */

/* mg_input_windows()  windows first .. first + n - 1 of the candidates, in any order of calls
 *
 * Purpose:  Calls that go upward are quick: a search goes on where the last one ended. Not collective, and not for
 *           several threads at once.
 * Args:     window - OUT, n of them
 *           base   - OUT, (n, length) codes
 * Returns:  MG_OK, MG_EMEM, or MG_EIO when the spool cannot be read.
 */
mg_status mg_input_windows(const mg_input *input, int64_t first, int64_t n, mg_window *window, mg_base *base,
                           mg_error *err);

/* mg_input_bases()  the bases of one transcript; for several threads at once, each with its own array
 * Args:    inout, inout_room - an array that grows as it must: begin with NULL and 0, free() it
 * Returns: MG_OK, MG_EMEM, or MG_EIO when the spool cannot be read. */
mg_status mg_input_bases(const mg_input *input, size_t transcript, mg_base **inout, size_t *inout_room, mg_error *err);

/* mg_input_surroundings()  bases [begin, end) of the genome, of a piece that mg_surroundings_find() found; for several threads
 * at once. MG_OK, or MG_EIO when the spool cannot be read. */
mg_status mg_input_surroundings(const mg_input *input, const mg_surrounding *piece, int64_t begin, int64_t end,
                                mg_base *ret, mg_error *err);

/* mg_input_search()  a search for the candidates of a transcript, whose bases `with_bases` has */
mg_candidate_search mg_input_search(const mg_input *input, size_t transcript, const mg_transcript *with_bases);

/* mg_input_anchor()  where in a window of `length` the site stands: what the network tells, but the middle where sites of a
 * genome are asked for and the network tells none (0) and the user none (`said` is NULL) */
int64_t mg_input_anchor(const mg_input_options *options, const char *said, int64_t anchor, int64_t length);

/* mg_input_kin()  (n_transcripts) what ties transcripts into clusters, for mg_clusters_create(): those of --clusters, else
 * genes; NULL: neither is known */
const int64_t *mg_input_kin(const mg_input *input);

/* mg_input_describe()  the lines "transcripts" and "candidates" of a run's header, and a line for each thing left
 * out */
void mg_input_describe(FILE *out, const mg_input *input);

#endif
