/* test_annotation.c  BED, GTF, GFF3 and headers: which starts they give, how they find their transcripts, what is
 * refused */
#include "tests/support/files.h"

#include <inttypes.h>

#include "io/annotation/annotation.h"
#include "io/base/text.h"

/* --- helpers --- */

/* Tabs are tiresome in C strings: here '~' stands for one. */
static const char *write_tabs(const char *name, const char *text)
{
    static char copy[8192];
    snprintf(copy, sizeof copy, "%s", text);
    for (char *at = copy; *at != '\0'; at++)
        if (*at == '~') *at = '\t';
    return write_text(name, copy);
}

/* Entries as "id[.version]:length@start,start" or with their state as a word. */
static const char *show(const mg_annotation *a)
{
    static const char *const state[] = {"", "!incomplete", "!scattered", "!no-exons", "!odd"};
    static char text[2048];
    size_t used = 0;
    text[0] = '\0';
    for (size_t i = 0; i < a->n_entries; i++) {
        const mg_entry *e = &a->entry[i];
        used += (size_t)snprintf(text + used, sizeof text - used, "%s", e->id);
        if (e->version >= 0) used += (size_t)snprintf(text + used, sizeof text - used, ".%" PRId64, e->version);
        used += (size_t)snprintf(text + used, sizeof text - used, ":%" PRId64 "%s", e->length, state[e->state]);
        for (size_t s = 0; s < e->n_starts; s++)
            used += (size_t)snprintf(text + used, sizeof text - used, "@%" PRId64, e->start[s].position);
        used += (size_t)snprintf(text + used, sizeof text - used, " ");
    }
    return text;
}

static void gives(const char *name, const char *text, const char *expected)
{
    mg_annotation a;
    mg_error err = {0};
    if (mg_annotation_read(write_tabs(name, text), &a, &err) != MG_OK) fail_msg("%s", err.text);
    assert_string_equal(show(&a), expected);
    mg_annotation_destroy(&a);
}

static void refuse(const char *name, const char *text, const char *words)
{
    mg_annotation a;
    mg_error err = {0};
    mg_status status = mg_annotation_read(write_tabs(name, text), &a, &err);
    expect_words(status, MG_EINPUT, &err, name, words, NULL);
    assert_null(a.entry);
}

/* --- BED and headers --- */

static void test_bed(void **state)
{
    (void)state;
    gives("a.bed", "track name=x\n# c\n\nt1~5~8\nt2 0 90 name 0 + 3 4\r\nt1~2~5\n", "t1:-1@5@2 t2:-1@0 ");
    gives("a.bed", "t1~5~8", "t1:-1@5 ");
    gives("bed", "#x\nt1~5~8\n", "t1:-1@5 ");
    gives("bed", "\xef\xbb\xbft1~5~8\n", "t1:-1@5 "); /* a byte order mark, also before a comment */
    gives("a.bed", "\xef\xbb\xbf#x\nt1~5~8\n", "t1:-1@5 ");
}

static void test_bed_refused(void **state)
{
    (void)state;
    refuse("a.bed", "", "holds no BED record");
    refuse("a.bed", "# nothing\n", "holds no BED record");
    refuse("a.bed", "t1~5\n", "line 1: 2 columns");
    refuse("a.bed", "t1~5~8\nt1~5~x\n", "line 2: '5' and 'x' are no begin and end");
    refuse("a.bed", "t1~-5~8\n", "line 1: '-5' and '8'");
    refuse("a.bed", "t1~9~8\n", "line 1: from 9 to 8 there is no room");
    refuse("a.bed", "t1~5~7\n", "no room for a codon");
    refuse("a.bed", "t1~5~1000000000000000000000\n", "no begin and end");
    refuse("a.bed", "chr1~5~8~x~0~-\n", "line 1: strand '-'");
    refuse("what", "hello\n", "line 1: a record of no known kind");
    refuse("what", "# only this\n", "is empty");
}

static const char *header(const char *text)
{
    mg_annotation a = {0};
    mg_error err = {0};
    static char shown[128];
    if (mg_annotation_read_header(&a, "f.fa", 3, "t", text, &err) != MG_OK) return "refused";
    snprintf(shown, sizeof shown, "%s", a.odd.n > 0 ? "left out" : show(&a));
    mg_annotation_destroy(&a);
    return shown;
}

static void test_header(void **state)
{
    (void)state;
    assert_string_equal(header("t|gene|CDS:78-542|"), "t:-1@77 ");
    assert_string_equal(header("t UTR5:1-77 CDS:1-3"), "t:-1@0 ");
    assert_string_equal(header("t"), "");
    assert_string_equal(header("t CDS: of something, xCDS:5-9"), "");
    assert_string_equal(header("t CDS: yes, here: CDS:5-9"), "t:-1@4 ");
    assert_string_equal(header("t CDS=78-542"), "t:-1@77 ");
    assert_string_equal(header("t gene=x CDS=78-542 loc:c1|1-600|+"), "t:-1@77 ");
    assert_string_equal(header("t xCDS=5-9 CDS= CDS==1-9"), "");
    assert_string_equal(header("t CDS:9-5"), "left out");
    assert_string_equal(header("t CDS:5..9"), "left out");
    assert_string_equal(header("t CDS=1-2"), "left out");
}

/* --- GTF and GFF3 --- */

static void test_small_genome(void **state)
{
    (void)state;
    mg_annotation a;
    assert_int_equal(mg_annotation_read("tests/data/small.gtf", &a, NULL), MG_OK);
    assert_string_equal(show(&a), "plus1:300@50 noncoding:300 plus3:310@58 minus2:230@79 minus4:181@79 cdsonly:200@30 "
                                  "phase2:150!incomplete cut:100!incomplete ctg:200@70 three:3@0 nowhere:100@10 "
                                  "scattered:-1!scattered ");
    mg_annotation_destroy(&a);
    assert_int_equal(mg_annotation_read("tests/data/small.gff3", &a, NULL), MG_OK);
    assert_string_equal(show(&a), "plus1.3:300@50 noncoding.3:300 plus3.3:310@58 minus2.3:230@79 minus4.3:181@79 "
                                  "cdsonly.3:200@30 phase2.3:150!incomplete cut.3:100!incomplete ctg.3:200@70 "
                                  "three.3:3@0 nowhere.3:100@10 scattered:-1!scattered ");
    mg_annotation_destroy(&a);
}

static void test_attributes(void **state)
{
    (void)state;
    gives("a.gtf", "1~s~exon~1~9~.~+~.~gene_id \"g\"; note \"a; transcript_id \"; transcript_id \"t\";", "t:9 ");
    gives("a.gtf", "1~s~exon~1~9~.~+~.~transcript_id t ; transcript_version 7", "t.7:9 ");
    gives("a.gtf", "1~s~exon~1~9~.~+~.~transcript_id \"t", "t:9 ");
    gives("a.gtf", "1~s~exon~1~9~.~+~.~;;transcript_version \"x\"; transcript_id \"t\"", "t:9 ");
    gives("a.gff", "1~s~exon~1~9~.~+~.~ID=e;Parent=transcript:a,b,rna-c ;x=y", "a:9 b:9 c:9 ");
    gives("a.gff", "1~s~exon~1~9~.~+~.~Parent=t;transcript_id=u", "t:9 ");
    gives("gff", "##gff-version 3\n1~s~exon~1~9~.~+~.~Parent=t\n##FASTA\n>x\nACGT\n", "t:9 ");
    gives("a.gtf", "1~s~gene~x~y~.~+~.~none\n1~s~exon~1~9~.~+~.~transcript_id \"t\"; tag \"a\"; tag \"b\"", "t:9 ");
    mg_annotation a;
    const char *path = write_tabs("a.gtf", "1~s~exon~1~9~.~+~.~gene_id \"g\"\n1~s~exon~1~9~.~+~.~\n"
                                           "1~s~exon~1~9~.~+~.~transcript_id \"t\"");
    assert_int_equal(mg_annotation_read(path, &a, NULL), MG_OK);
    assert_int_equal(a.n_without_id, 2);
    mg_annotation_destroy(&a);
}

#define EXON  "1~s~exon~1~9~.~+~.~transcript_id \"t\";"
#define MINUS "1~s~exon~1~9~.~-~.~transcript_id \"t\";"

static void test_starts(void **state)
{
    (void)state;
    const char *cut = EXON "\n1~s~CDS~3~9~.~+~0~transcript_id \"t\"; tag \"basic\"; tag \"mRNA_start_NF\"";
    gives("a.gtf", EXON "\n1~s~CDS~3~9~.~+~0~transcript_id \"t\"", "t:9@2 ");
    gives("a.gtf", MINUS "\n1~s~CDS~1~7~.~-~0~transcript_id \"t\"", "t:9@2 ");
    gives("a.gtf", MINUS "\n1~s~CDS~1~7~.~-~2~transcript_id \"t\"", "t:9!incomplete ");
    gives("a.gtf", cut, "t:9!incomplete ");
    gives("a.gtf", EXON "\n1~s~start_codon~3~4~.~+~0~transcript_id \"t\"", "t:9!incomplete ");
    gives("a.gtf", EXON "\n1~s~start_codon~3~5~.~+~0~transcript_id \"t\"\n1~s~CDS~1~9~.~+~0~transcript_id \"t\"",
          "t:9@2 ");
    gives("a.gtf",
          EXON "\n1~s~start_codon~7~9~.~+~0~transcript_id \"t\"\n1~s~start_codon~1~3~.~+~0~transcript_id \"t\"",
          "t:9@0@6 ");
    gives("a.gtf",
          EXON "\n1~s~start_codon~1~3~.~+~0~transcript_id \"t\"\n1~s~start_codon~1~3~.~+~0~transcript_id \"t\"",
          "t:9@0 ");
    gives("a.gff", "1~s~exon~1~9~.~+~.~Parent=t\n1~s~CDS~3~9~.~+~0~Parent=t;partial=true;start_range=.,3",
          "t:9!incomplete ");
    gives("a.gff", "1~s~exon~1~9~.~-~.~Parent=t\n1~s~CDS~3~9~.~-~0~Parent=t;partial=true;start_range=.,3", "t:9@0 ");
    gives("a.gtf", "1~s~start_codon~3~5~.~+~0~transcript_id \"t\"", "t:-1!no-exons ");
    gives("a.gtf", "1~s~exon~3~9~.~.~.~transcript_id \"t\"", "t:-1!scattered ");
}

/* A phase that is not told is no phase that says that something is missing. */
static void test_phase(void **state)
{
    (void)state;
    gives("a.gff", "1~s~exon~1~9~.~+~.~Parent=t\n1~s~CDS~3~9~.~+~.~Parent=t", "t:9@2 ");
    gives("a.gff", "1~s~exon~1~9~.~-~.~Parent=t\n1~s~CDS~3~7~.~-~.~Parent=t", "t:9@2 ");
    gives("a.gff", "1~s~exon~1~9~.~+~.~Parent=t\n1~s~CDS~3~9~.~+~~Parent=t", "t:9@2 ");
    gives("a.gtf", EXON "\n1~s~CDS~3~9~.~+~.~transcript_id \"t\"", "t:9@2 ");
    gives("a.gff", "1~s~exon~1~9~.~+~.~Parent=t\n1~s~CDS~3~9~.~+~1~Parent=t", "t:9!incomplete ");
}

static void test_coding_only(void **state)
{
    (void)state;
    gives("a.gtf", "1~s~CDS~3~9~.~+~0~transcript_id \"t\"", "t:7@0 ");
    gives("a.gtf", "1~s~CDS~3~9~.~-~0~transcript_id \"t\"\n1~s~CDS~21~30~.~-~0~transcript_id \"t\"", "t:17@0 ");
    gives("a.gff", "1~s~CDS~3~9~.~+~0~ID=c;Parent=gene-b1\n1~s~exon~3~9~.~+~.~Parent=u", "gene-b1:7@0 u:7 ");
    gives("a.gff",
          "1~s~CDS~3~9~.~+~0~ID=1_1;partial=00\n1~s~CDS~3~9~.~+~0~ID=1_2;partial=10\n"
          "1~s~CDS~3~9~.~-~0~ID=1_3;partial=10\n1~s~CDS~3~9~.~-~0~ID=1_4;partial=01",
          "1_1:7@0 1_2:7!incomplete 1_3:7@0 1_4:7!incomplete ");
    /* UTR records where there are no exons; the stop codon of a GTF lies behind its CDS */
    gives("a.gff",
          "1~s~five_prime_UTR~1~5~.~+~.~Parent=t\n1~s~five_prime_UTR~11~12~.~+~.~Parent=t\n"
          "1~s~CDS~13~30~.~+~0~Parent=t\n1~s~three_prime_UTR~31~40~.~+~.~Parent=t",
          "t:35@7 ");
    gives("a.gtf",
          "1~s~start_codon~21~23~.~+~0~transcript_id \"t\"\n1~s~CDS~21~29~.~+~0~transcript_id \"t\"\n"
          "1~s~stop_codon~30~32~.~+~0~transcript_id \"t\"",
          "t:12@0 ");
    /* a slip of the ribosome reads a base twice: it is there once */
    gives("a.gff", "1~s~CDS~1~9~.~+~0~ID=c;Parent=t\n1~s~CDS~9~20~.~+~0~ID=c;Parent=t", "t:20@0 ");
}

#define TWO_EXONS "1~s~exon~1~100~.~+~.~Parent=t\n1~s~exon~201~300~.~+~.~Parent=t\n"
#define MINUS_TWO "1~s~exon~1~100~.~-~.~Parent=t\n1~s~exon~201~300~.~-~.~Parent=t\n"

static void test_several_cds(void **state)
{
    (void)state;
    gives("a.gff",
          TWO_EXONS "1~s~CDS~11~100~.~+~0~ID=p1;Parent=t\n1~s~CDS~201~260~.~+~0~ID=p1;Parent=t\n"
                    "1~s~CDS~41~100~.~+~0~ID=p2;Parent=t\n1~s~CDS~201~260~.~+~0~ID=p2;Parent=t",
          "t:200@10@40 ");
    gives("a.gff",
          MINUS_TWO "1~s~CDS~41~100~.~-~0~ID=p1;Parent=t\n1~s~CDS~201~290~.~-~0~ID=p1;Parent=t\n"
                    "1~s~CDS~41~100~.~-~0~ID=p2;Parent=t\n1~s~CDS~201~260~.~-~0~ID=p2;Parent=t",
          "t:200@10@40 ");
    gives("a.gff", TWO_EXONS "1~s~CDS~11~40~.~+~0~ID=p1;Parent=t\n1~s~CDS~221~260~.~+~0~ID=p2;Parent=t",
          "t:200@10@120 ");
    gives("a.gff", TWO_EXONS "1~s~CDS~11~40~.~+~0~ID=p1;Parent=t\n1~s~CDS~41~70~.~+~0~ID=p2;Parent=t", "t:200@10@40 ");
    /* each record of one CDS with an ID of its own (AUGUSTUS, Phytozome) */
    gives("a.gff", TWO_EXONS "1~s~CDS~11~100~.~+~0~ID=t.CDS.1;Parent=t\n1~s~CDS~201~260~.~+~0~ID=t.CDS.2;Parent=t",
          "t:200@10 ");
    gives("a.gff", MINUS_TWO "1~s~CDS~41~100~.~-~0~ID=t.CDS.1;Parent=t\n1~s~CDS~201~290~.~-~0~ID=t.CDS.2;Parent=t",
          "t:200@10 ");
    gives("a.gff", TWO_EXONS "1~s~CDS~11~100~.~+~0~Parent=t\n1~s~CDS~201~260~.~+~0~Parent=t", "t:200@10 ");
    gives("a.gff", TWO_EXONS "1~s~CDS~11~100~.~+~1~ID=p1;Parent=t\n1~s~CDS~221~260~.~+~0~ID=p2;Parent=t", "t:200@120 ");
    /* proteins of a GTF */
    gives("a.gtf",
          EXON "\n1~s~CDS~1~3~.~+~0~transcript_id \"t\"; protein_id \"a\"\n"
               "1~s~CDS~5~9~.~+~0~transcript_id \"t\"; protein_id \"b\"",
          "t:9@0@4 ");
}

/* --- BED12 --- */

static void gives_bed12(const char *text, const char *expected)
{
    mg_annotation a;
    mg_error err = {0};
    if (mg_annotation_read_genome(write_tabs("g.bed", text), &a, &err) != MG_OK) fail_msg("%s", err.text);
    assert_string_equal(show(&a), expected);
    mg_annotation_destroy(&a);
}

#define GOOD "1~0~9~u~0~+~0~9~0~1~9,~0,\n"

static void test_bed12(void **state)
{
    (void)state;
    gives_bed12("track x\n1~100~500~t~0~+~150~450~0~2~100,100,~0,300,\n", "t:200@50 ");
    gives_bed12("1~100~500~t~0~-~150~450~255,0,0~2~100,100~0,300\n", "t:200@50 ");
    gives_bed12("1 100 500 t 0 + 420 450 0 2 100,100, 0,300,\n", "t:200@120 ");
    gives_bed12("1~100~500~t~0~-~130~140~0~2~100,100,~0,300,\n", "t:200@160 ");
    gives_bed12("1~100~500~t~0~+~100~100~0~2~100,100,~0,300,\n", "t:200 ");
    gives_bed12("1~0~9~t~0~+~0~9~0~1~9,~0,\nX~0~9~t~0~-~0~9~0~1~9,~0,\n1~20~26~t~0~+~20~26~0~1~6,~0,\n",
                "t:9@0 t_dup1:6@0 t_dup2:9@0 ");
    gives_bed12(GOOD "1~0~9~t~0~.~0~9~0~1~9,~0,\n", "u:9@0 t:-1!scattered ");
    /* gffread's column more */
    gives_bed12("1~0~9~t~0~+~0~9~0~1~9,~0,~geneID=g\n", "t:9 ");
    gives_bed12("1~0~9~t~0~+~2~9~0~1~9,~0,~CDS=2:9;CDSphase=0;geneID=g\n", "t:9@2 ");
    gives_bed12("1~0~9~t~0~+~2~9~0~1~9,~0,~CDS=2:9;CDSphase=1;geneID=g\n", "t:9!incomplete ");
    gives_bed12("1~0~9~t~0~+~2~9~0~1~9,~0,~name2\n", "t:9@2 ");
    /* blocks that are none */
    gives_bed12(GOOD "1~100~500~t~0~+~150~450~0~3~100,100,~0,300,\n", "u:9@0 t:-1!odd ");
    gives_bed12(GOOD "1~100~500~t~0~+~150~450~0~1~100,100,~0,300,\n", "u:9@0 t:-1!odd ");
    gives_bed12(GOOD "1~100~500~t~0~+~150~450~0~2~100,100,~0,50,\n", "u:9@0 t:-1!odd ");
    gives_bed12(GOOD "1~100~500~t~0~+~150~450~0~2~100,99,~0,300,\n", "u:9@0 t:-1!odd ");
    gives_bed12(GOOD "1~100~500~t~0~+~150~450~0~2~100,100,~5,300,\n", "u:9@0 t:-1!odd ");
    gives_bed12(GOOD "1~100~500~t~0~+~150~450~0~2~100,x,~0,300,\n", "u:9@0 t:-1!odd ");
    gives_bed12(GOOD "1~100~500~t~0~+~150~450~0~0~,~,\n", "u:9@0 t:-1!odd ");
    mg_annotation a;
    mg_error err = {0};
    mg_status status = mg_annotation_read_genome(write_tabs("g.bed", "t1~5~8\n"), &a, &err);
    expect_words(status, MG_EINPUT, &err, "g.bed line 1: 3 columns of BED, which holds no exons", "BED12", NULL);
    gives("a.bed", "t~0~9~u~0~+~0~9~0~1~9,~0,\n", "t:-1@0 "); /* of transcripts it is what it was */
}

/* --- loci and order --- */

#define AT(chromosome, type, from, to, strand, more)                                                                   \
    chromosome "~s~" type "~" from "~" to "~.~" strand "~0~gene_id \"g\"; transcript_id \"t\";" more "\n"

static void test_loci(void **state)
{
    (void)state;
    gives("a.gtf", AT("X", "exon", "1", "9", "+", "") AT("Y", "exon", "3", "9", "+", ""), "t:9 t_dup1:7 ");
    gives("a.gtf",
          AT("X", "exon", "1", "9", "+", "") AT("Y", "exon", "3", "9", "-", "") AT("Y", "CDS", "3", "8", "-", ""),
          "t:9 t_dup1:7@1 ");
    /* a transcript's own record each, on one strand or two */
    gives("a.gtf",
          AT("1", "transcript", "1", "9", "+", "") AT("1", "exon", "1", "9", "+", "")
              AT("1", "exon", "21", "29", "+", "") AT("1", "transcript", "21", "29", "+", "")
                  AT("1", "CDS", "24", "29", "+", ""),
          "t:9 t_dup1:9@3 ");
    gives("a.gtf",
          AT("1", "transcript", "1", "9", "+", "") AT("1", "exon", "1", "9", "+", "")
              AT("1", "exon", "21", "29", "-", "") AT("1", "transcript", "21", "29", "-", ""),
          "t:9 t_dup1:9 ");
    gives("a.gff",
          "1~s~mRNA~1~9~.~+~.~ID=t\n1~s~exon~1~9~.~+~.~Parent=t\n2~s~mRNA~1~9~.~+~.~ID=t\n"
          "2~s~exon~1~9~.~+~.~Parent=t\n3~s~mRNA~1~9~.~+~.~ID=t_dup1\n3~s~exon~1~9~.~+~.~Parent=t_dup1\n",
          "t:9 t_dup1:9 t_dup2:9 ");
    /* one record, exons on two chromosomes or strands: no copies */
    gives("a.gtf",
          AT("1", "transcript", "1", "9", "+", "") AT("1", "exon", "1", "9", "+", "")
              AT("2", "exon", "1", "9", "+", ""),
          "t:-1!scattered ");
    gives("a.gtf", AT("1", "exon", "1", "9", "+", "") AT("1", "exon", "21", "29", "-", ""), "t:-1!scattered ");
    /* exon numbers that begin anew, or go on */
    gives("a.gtf",
          AT("1", "exon", "1", "9", "+", "exon_number 1") AT("1", "exon", "11", "19", "+", "exon_number 2")
              AT("1", "exon", "31", "39", "+", "exon_number 1") AT("1", "CDS", "32", "37", "+", "exon_number 1"),
          "t:18 t_dup1:9@1 ");
    gives("a.gtf",
          AT("1", "exon", "1", "9", "-", "exon_number 2") AT("1", "exon", "11", "19", "-", "exon_number 1")
              AT("1", "exon", "31", "39", "-", "exon_number 1"),
          "t:18 t_dup1:9 ");
    gives("a.gtf", AT("1", "exon", "1", "9", "+", "exon_number 1") AT("2", "exon", "11", "19", "-", "exon_number 2"),
          "t:-1!scattered ");
    /* neither: as many exons, and a start codon each at one distance */
    gives("a.gtf",
          AT("1", "exon", "1", "9", "+", "") AT("1", "start_codon", "3", "5", "+", "")
              AT("1", "exon", "31", "39", "+", "") AT("1", "start_codon", "33", "35", "+", ""),
          "t:9@2 t_dup1:9@2 ");
    gives("a.gtf",
          AT("1", "exon", "1", "9", "+", "") AT("1", "start_codon", "3", "5", "+", "")
              AT("1", "exon", "31", "39", "+", "") AT("1", "start_codon", "34", "36", "+", ""),
          "t:18@2@12 ");
}

#define NUMBERED(a, b, c, strand)                                                                                      \
    AT("1", "exon", "1", "9", strand, "exon_number \"" a "\"")                                                         \
    AT("1", "exon", "11", "19", strand, "exon_number \"" b "\"")                                                       \
    AT("1", "exon", "21", "29", strand, "exon_number \"" c "\"")
#define OTHER "1~s~exon~1~9~.~+~.~transcript_id \"u\"\n"
#define PART(from, to, strand, part)                                                                                   \
    "1~s~exon~" from "~" to "~.~" strand "~.~Parent=t;exception=trans-splicing" part "\n"

static void test_order(void **state)
{
    (void)state;
    gives("a.gtf", OTHER NUMBERED("1", "2", "3", "+"), "u:9 t:27 ");
    gives("a.gtf", OTHER NUMBERED("3", "2", "1", "-"), "u:9 t:27 ");
    gives("a.gtf", OTHER NUMBERED("1", "2", "3", "-"), "u:9 t:27 "); /* StringTie counts on the chromosome */
    gives("a.gtf", OTHER NUMBERED("3", "2", "1", "+"), "u:9 t:-1!odd ");
    gives("a.gtf", OTHER NUMBERED("1", "3", "2", "+"), "u:9 t:-1!odd ");
    gives("a.gtf", OTHER NUMBERED("1", "3", "2", "-"), "u:9 t:-1!odd ");
    gives("a.gtf",
          OTHER NUMBERED("1", "2", "3", "-") AT("1", "CDS", "1", "9", "-", "") AT("1", "CDS", "11", "19", "-", "")
              AT("1", "start_codon", "7", "9", "-", ""),
          "u:9 t:-1!odd ");
    gives("a.gff", OTHER PART("1", "9", "+", ";part=1/2") PART("21", "29", "+", ";part=2/2"), "u:9 t:18 ");
    gives("a.gff", OTHER PART("1", "9", "+", ";part=2/2") PART("21", "29", "+", ";part=1/2"), "u:9 t:-1!odd ");
    gives("a.gff", OTHER PART("1", "9", "-", ";part=1/2") PART("21", "29", "-", ";part=2/2"), "u:9 t:-1!odd ");
    gives("a.gff", OTHER PART("21", "29", "+", "") PART("1", "9", "+", ""), "u:9 t:-1!odd ");
    gives("a.gff", OTHER PART("21", "29", "-", "") PART("1", "9", "-", ""), "u:9 t:18 ");
    gives("a.gff", OTHER PART("21", "29", "-", ";part=1") PART("1", "9", "+", ";part=2"), "u:9 t:-1!scattered ");
    gives("a.gff", OTHER "1~s~exon~21~29~.~+~.~Parent=t\n1~s~exon~1~9~.~+~.~Parent=t\n", "u:9 t:18 ");
}

/* One odd gene leaves the others as they are; the first reason is kept. */
static void test_one_odd_gene(void **state)
{
    (void)state;
    gives("a.gtf", OTHER EXON "\n1~s~exon~9~12~.~+~.~transcript_id \"t\"", "u:9 t:-1!odd ");
    gives("a.gtf", OTHER EXON "\n1~s~CDS~10~12~.~+~0~transcript_id \"t\"", "u:9 t:-1!odd ");
    gives("a.gtf", OTHER EXON "\n1~s~start_codon~8~10~.~+~0~transcript_id \"t\"", "u:9 t:-1!odd ");
    gives("a.gtf", OTHER "1~s~exon~9~8~.~+~.~transcript_id \"t\"\n" EXON, "u:9 t:-1!odd ");
    gives("a.gtf", OTHER "1~s~exon~0~8~.~+~.~transcript_id \"t\"\n", "u:9 t:-1!odd ");
    mg_annotation a;
    const char *path = write_tabs("a.gtf", OTHER "1~s~exon~9~8~.~+~.~transcript_id \"t\"\n"
                                                 "1~s~exon~7~6~.~+~.~transcript_id \"v\"\n");
    assert_int_equal(mg_annotation_read(path, &a, NULL), MG_OK);
    assert_int_equal(a.odd.n, 2);
    assert_non_null(strstr(a.odd.first, "line 2: '9' to '8'"));
    mg_annotation_destroy(&a);
}

static void test_encoded(void **state)
{
    (void)state;
    mg_annotation a;
    gives("a.gff3", "1~s~exon~1~9~.~+~.~Parent=a%3B1,b%2C2,c%2e%zz,d%", "a;1:9 b,2:9 c.%zz:9 d%:9 ");
    gives("a.gff3", "1~s~exon~1~9~.~+~.~Parent=a%00%0A%7f%C3%A4", "a%00%0A%7f\xc3\xa4:9 ");
    gives("a.gtf", "1~s~exon~1~9~.~+~.~transcript_id \"a%3B1\"", "a%3B1:9 ");
    const char *path = write_tabs("a.gff3", "c%3E1%25a~s~exon~1~9~.~+~.~Parent=transcript:a%3B1\n");
    assert_int_equal(mg_annotation_read(path, &a, NULL), MG_OK);
    assert_string_equal(a.chromosome[0], "c>1%a");
    assert_string_equal(a.entry[0].id, "a;1");
    assert_string_equal(a.entry[0].raw, "transcript:a%3B1");
    mg_annotation_destroy(&a);
}

static void test_gtf_refused(void **state)
{
    (void)state;
    refuse("a.gtf", "", "holds no GTF or GFF3 record");
    refuse("a.gtf", "1~s~gene~1~9~.~+~.~gene_id \"g\"\n", "holds no GTF or GFF3 record");
    refuse("a.gtf", EXON "\n1~s~exon~1~9~.~+~.\n", "line 2: 8 columns");
    refuse("a.gtf", "1 s exon 1 9 . + . transcript_id \"t\"\n", "line 1: 1 columns");
    refuse("a.gtf", "1~s~exon~0~9~.~+~.~transcript_id \"t\"", "line 1: '0' to '9' is no range");
    refuse("a.gtf", "1~s~exon~9~8~.~+~.~transcript_id \"t\"", "'9' to '8'");
    refuse("a.gtf", "1~s~exon~1~9e9~.~+~.~transcript_id \"t\"", "'1' to '9e9'");
    refuse("a.gtf", EXON "\n\n1~s~exon~9~12~.~+~.~transcript_id \"t\"",
           "line 3: this exon of transcript t overlaps the one in line 1");
    refuse("a.gtf", EXON "\n1~s~CDS~10~12~.~+~0~transcript_id \"t\"", "line 2: the CDS at 10-12 lies outside");
    refuse("a.gtf", EXON "\n1~s~start_codon~8~10~.~+~0~transcript_id \"t\"",
           "line 2: the start codon at 8-10 lies outside");
    mg_annotation a;
    mg_error err = {0};
    mg_status status = mg_annotation_read(path_of("absent.gtf"), &a, &err);
    expect_words(status, MG_EINPUT, &err, "absent.gtf", "No such file", NULL);
    content whole = read_content("tests/data/small.gtf");
    content gzip = read_content(write_file("a.gtf.gz", "wg", whole.byte, whole.n));
    status = mg_annotation_read(write_file("cut.gtf.gz", "wu", gzip.byte, gzip.n - 9), &a, &err);
    expect_words(status, MG_EINPUT, &err, "cut.gtf.gz is cut short", NULL);
    free(whole.byte);
    free(gzip.byte);
}

/* --- placing --- */

/* A transcriptome of names, each of nine bases. */
static mg_transcriptome named(const char *const *name, size_t n)
{
    mg_transcriptome made = {.n_transcripts = n, .transcript = calloc(n, sizeof *made.transcript)};
    for (size_t i = 0; i < n; i++) {
        made.transcript[i].name = strdup(name[i]);
        made.transcript[i].base = calloc(9, 1);
        made.transcript[i].length = 9;
    }
    return made;
}

/* Where the annotation's starts go: "name@start,start ..." of the transcripts that have some. */
static const char *place(const char *file, const char *annotation, const char *const *name, size_t n,
                         mg_annotation_counts *counts, mg_status expected, mg_error *err)
{
    static char text[512];
    size_t used = 0;
    mg_annotation a;
    mg_start_list *list = NULL;
    mg_transcriptome transcriptome = named(name, n);
    if (mg_annotation_read(write_tabs(file, annotation), &a, err) != MG_OK) fail_msg("%s", err->text);
    mg_status status = mg_annotation_place(&a, file, &transcriptome, "t.fa", &list, counts, err);
    if (status != expected) fail_msg("%s", err->text);
    text[0] = '\0';
    for (size_t i = 0; i < n && list != NULL; i++) {
        if (list[i].n > 0) used += (size_t)snprintf(text + used, sizeof text - used, "%s", name[i]);
        for (size_t s = 0; s < list[i].n; s++)
            used += (size_t)snprintf(text + used, sizeof text - used, "@%" PRId64, list[i].start[s]);
        if (list[i].n > 0) used += (size_t)snprintf(text + used, sizeof text - used, " ");
    }
    mg_start_lists_destroy(list, n);
    mg_transcriptome_destroy(&transcriptome);
    mg_annotation_destroy(&a);
    return text;
}

static void test_versions(void **state)
{
    (void)state;
    const char *const given[] = {"a.5", "b", "c.1", "c.2", "d.3", "e.1.1", "e.1.2"};
    mg_annotation_counts counts;
    mg_error err = {0};
    /* the same name; without version; two candidates; another version; a gene's name with a dot in it */
    const char *bed = "a.5~1~4\na~2~5\nb.7~1~4\nc~1~4\nc.2~0~3\nd.4~1~4\ne.1~1~4\nzz~1~4\nzz~2~5\n";
    assert_string_equal(place("p.bed", bed, given, 7, &counts, MG_OK, &err), "a.5@1@2 b@1 c.2@0 ");
    assert_int_equal(counts.n_entries, 8);
    assert_int_equal(counts.n_starts, 4);
    assert_int_equal(counts.n_with_start, 3);
    assert_int_equal(counts.n_absent, 4);
    assert_int_equal(counts.n_starts_absent, 5);
    /* a version told apart must agree */
    const char *gtf = "1~s~exon~1~9~.~+~.~transcript_id \"a\"; transcript_version \"5\"\n"
                      "1~s~CDS~1~9~.~+~0~transcript_id \"a\"; transcript_version \"5\"\n"
                      "1~s~exon~1~9~.~+~.~transcript_id \"d\"; transcript_version \"4\"\n"
                      "1~s~CDS~1~9~.~+~0~transcript_id \"d\"; transcript_version \"4\"\n";
    assert_string_equal(place("p.gtf", gtf, given, 7, &counts, MG_OK, &err), "a.5@0 ");
    assert_int_equal(counts.n_absent, 1);
    assert_int_equal(counts.n_starts_absent, 1);
}

/* A name that stands for several once versions are cut off stands for none. */
static void test_ambiguous(void **state)
{
    (void)state;
    const char *const given[] = {"a", "b.1", "b.2", "c.1", "d"};
    mg_annotation_counts counts;
    mg_error err = {0};
    assert_string_equal(place("p.bed", "a.1~1~4\na.2~2~5\nd~0~3\n", given, 5, &counts, MG_OK, &err), "d@0 ");
    assert_int_equal(counts.n_ambiguous, 2);
    assert_string_equal(place("p.bed", "a.1~1~4\na~2~5\nd~0~3\n", given, 5, &counts, MG_OK, &err), "a@1@2 d@0 ");
    assert_int_equal(counts.n_ambiguous, 0);
    assert_string_equal(place("p.bed", "b~1~4\nc~2~5\n", given, 5, &counts, MG_OK, &err), "c.1@2 ");
    assert_int_equal(counts.n_ambiguous, 1);
}

/* Names as the file has them, as their prefixes leave them, and as FASTA headers are cut. */
static void test_other_names(void **state)
{
    (void)state;
    const char *const given[] = {"transcript:a", "rna-b", "c%3B1", "d;1", "NM_1.1", "f"};
    mg_annotation_counts counts;
    mg_error err = {0};
    const char *gff = "1~s~exon~1~9~.~+~.~Parent=transcript:a,rna-b,c%3B1,d%3B1\n"
                      "1~s~CDS~3~9~.~+~0~Parent=transcript:a,rna-b,c%3B1,d%3B1\n";
    assert_string_equal(place("p.gff3", gff, given, 6, &counts, MG_OK, &err), "transcript:a@2 rna-b@2 c%3B1@2 d;1@2 ");
    const char *bed = "gi|111|ref|NM_1.1|~1~4\nf|g|h|~2~5\n";
    assert_string_equal(place("p.bed", bed, given, 6, &counts, MG_OK, &err), "NM_1.1@1 f@2 ");
    /* two loci of one id, and one sequence for both */
    const char *const one[] = {"t"};
    const char *gtf = "X~s~exon~1~9~.~+~.~transcript_id \"t\"\nX~s~CDS~3~9~.~+~0~transcript_id \"t\"\n"
                      "Y~s~exon~1~9~.~+~.~transcript_id \"t\"\nY~s~CDS~3~9~.~+~0~transcript_id \"t\"\n";
    assert_string_equal(place("p.gtf", gtf, one, 1, &counts, MG_OK, &err), "t@2 ");
    assert_int_equal(counts.n_copies, 1);
}

/* What does not fit has no start; the others have theirs. */
static void test_unfit(void **state)
{
    (void)state;
    const char *const given[] = {"t", "u"};
    mg_annotation_counts counts;
    mg_error err = {0};
    assert_string_equal(place("p.bed", "t~1~4\nt~7~10\nu~0~3\n", given, 2, &counts, MG_OK, &err), "u@0 ");
    assert_int_equal(counts.unfit.n, 1);
    assert_non_null(strstr(counts.unfit.first, "p.bed line 2: transcript t ends at 9"));
    const char *gtf = "1~s~exon~1~8~.~+~.~transcript_id \"t\"\n1~s~exon~1~9~.~+~.~transcript_id \"u\"\n"
                      "1~s~CDS~3~9~.~+~0~transcript_id \"u\"\n";
    assert_string_equal(place("p.gtf", gtf, given, 2, &counts, MG_OK, &err), "u@2 ");
    assert_int_equal(counts.unfit.n, 1);
    /* an annotation of CDS alone tells no start in a transcript that has more */
    const char *coding = "1~s~CDS~1~6~.~+~0~transcript_id \"t\"\n1~s~CDS~11~19~.~+~0~transcript_id \"u\"\n";
    assert_string_equal(place("p.gtf", coding, given, 2, &counts, MG_OK, &err), "u@0 ");
    assert_int_equal(counts.unfit.n, 0);
    assert_int_equal(counts.n_without_exons, 1);
}

static void test_place_refused(void **state)
{
    (void)state;
    const char *const given[] = {"t"};
    mg_annotation_counts counts;
    mg_error err = {0};
    place("p.bed", "t~1~4\nt~7~10\n", given, 1, &counts, MG_EINPUT, &err);
    expect_words(err.status, MG_EINPUT, &err, "p.bed line 2: transcript t ends at 9 but its", "ends at 10",
                 "is this the annotation of these sequences?", NULL);
    place("p.bed", "u~1~4\nv~1~4\n", given, 1, &counts, MG_EINPUT, &err);
    expect_words(err.status, MG_EINPUT, &err, "p.bed: none of its 2 transcripts is in t.fa", "'u'", "'t'", NULL);
    place("p.gtf", "1~s~exon~1~8~.~+~.~transcript_id \"t\"", given, 1, &counts, MG_EINPUT, &err);
    expect_words(err.status, MG_EINPUT, &err, "p.gtf line 1: transcript t has 9 nt but its exons have 8 nt",
                 "is this the annotation of these sequences?", NULL);
    place("p.gtf", "1~s~exon~1~9~.~+~.~transcript_id \"t\"\n1~s~CDS~8~9~.~+~0~transcript_id \"t\"", given, 1, &counts,
          MG_EINPUT, &err);
    expect_words(err.status, MG_EINPUT, &err, "p.gtf line 2: transcript t ends at 9 but its start codon ends at 10",
                 NULL);
}

/* --- anything at all --- */

static void read_damaged(const char *source, const char *name)
{
    enum { TIMES = 1500 };
    const char *const given[] = {"plus1", "minus4", "three"};
    content whole = read_content(source);
    char *bytes = malloc(whole.n);
    uint64_t k = 1;
    int n_refused = 0;
    mg_transcriptome transcriptome = named(given, 3);
    for (int i = 0; i < TIMES; i++) {
        mg_annotation a;
        mg_error err = {0};
        mg_start_list *list = NULL;
        mg_annotation_counts counts;
        size_t n = damage(whole, bytes, &k);
        if (mg_annotation_read(write_file(name, "wu", bytes, n), &a, &err) != MG_OK) {
            n_refused++;
            assert_true(err.text[0] != '\0');
            assert_null(a.entry);
        } else if (mg_annotation_place(&a, name, &transcriptome, "t.fa", &list, &counts, &err) == MG_OK) {
            mg_start_lists_destroy(list, 3);
        }
        mg_annotation_destroy(&a);
    }
    assert_in_range(n_refused, TIMES / 50, TIMES);
    mg_transcriptome_destroy(&transcriptome);
    free(bytes);
    free(whole.byte);
}

static void test_damaged(void **state)
{
    (void)state;
    read_damaged("tests/data/small.starts.bed", "damaged.bed");
    read_damaged("tests/data/small.gtf", "damaged.gtf");
    read_damaged("tests/data/small.gff3", "damaged");
    for (size_t n = 0; n < 60; n++) { /* a line of BED12 cut anywhere */
        mg_annotation a;
        char line[] = "1\t100\t500\tt\t0\t+\t150\t450\t0\t2\t100,100,\t0,300,\n";
        if (n < sizeof line) line[n] = '\0';
        if (mg_annotation_read_genome(write_text("cut.bed", line), &a, NULL) == MG_OK) mg_annotation_destroy(&a);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_bed),          cmocka_unit_test(test_bed_refused),  cmocka_unit_test(test_header),
        cmocka_unit_test(test_small_genome), cmocka_unit_test(test_attributes),   cmocka_unit_test(test_starts),
        cmocka_unit_test(test_gtf_refused),  cmocka_unit_test(test_versions),     cmocka_unit_test(test_place_refused),
        cmocka_unit_test(test_damaged),      cmocka_unit_test(test_phase),        cmocka_unit_test(test_bed12),
        cmocka_unit_test(test_coding_only),  cmocka_unit_test(test_several_cds),  cmocka_unit_test(test_loci),
        cmocka_unit_test(test_order),        cmocka_unit_test(test_one_odd_gene), cmocka_unit_test(test_encoded),
        cmocka_unit_test(test_ambiguous),    cmocka_unit_test(test_other_names),  cmocka_unit_test(test_unfit),
    };
    return cmocka_run_group_tests_name("annotation", tests, make_folder, remove_folder);
}
