/* header_gene.h  the gene in a FASTA header of a transcript
 *
 *     >ENST00000410344.1 cdna chromosome:GRCh38:1:1:9:1 gene:ENSG00000222276.1 gene_symbol:RNU2-33P   (Ensembl)
 *     >ENST00000456328.2|ENSG00000223972.5|OTTHUMG1.2|OTTHUMT1.1|DDX11L1-202|DDX11L1|1657|             (GENCODE)
 *     >lcl|NC_1.1_mrna_NM_1.1_1 [gene=HBB] [transcript_id=NM_1.1]                                     (NCBI)
 *     >t1 gene=HBB CDS=47-200                                                                        (gffread)
 *
 * Words with a key go before fields between bars; of these the second is a gene where the first is the transcript's name
 * and the second holds no ':' or '='.
 */
#ifndef MG_IO_FASTA_HEADER_GENE_H
#define MG_IO_FASTA_HEADER_GENE_H

#include "src/core/status.h"
#include "src/sequence/genes.h"

/* mg_header_gene()  the number in `genes` of the gene that the header of transcript `name` tells, -1: none
 * Returns: MG_OK or MG_EMEM */
mg_status mg_header_gene(mg_genes *genes, const char *header, const char *name, int64_t *ret, mg_error *err);

#endif
