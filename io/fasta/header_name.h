/* header_name.h  the name in a FASTA header of a transcript
 *
 * Headers are written in many ways. The name is
 *
 *     >ENST00000303450.5|ENSG00000180806.5|...|     the first field (GENCODE)
 *     >gi|111|ref|NM_1.1| Homo sapiens a            the last accession (NCBI, with gi, ref, gb, emb, dbj, lcl, gnl, ...)
 *     >lcl|NC_1.1_mrna_NM_1.1_1 [transcript_id=NM_1.1]   what transcript_id says (NCBI, rna_from_genomic)
 *     >TR20|c0_g1_i1 len=9                          all of it (Trinity)
 *     >name anything else                           up to the first blank
 */
#ifndef MG_IO_FASTA_HEADER_NAME_H
#define MG_IO_FASTA_HEADER_NAME_H

#include <stddef.h>

/* mg_header_name()  where the name begins in a header of n bytes without its '>'; *ret_n: its bytes */
size_t mg_header_name(const char *header, size_t n, size_t *ret_n);

/* mg_header_accession()  the accession that the last database named in a word has given it, in NCBI's style
 * ("gi|1|ref|NC_1.1|"); the whole word when it is in no such style. Returns where it begins; *ret_n: its bytes. */
size_t mg_header_accession(const char *word, size_t n, size_t *ret_n);

/* mg_header_word()  bytes up to the first blank */
size_t mg_header_word(const char *header, size_t n);

#endif
