/* genetic_code.c  the standard code, and how the others differ from it */
#include "src/task/starts/genetic_code.h"

#include <stdio.h>
#include <string.h>

/* In the order A C G T of every base, a line each for the first: AAA AAC AAG AAT ACA ... */
static const char standard[MG_N_CODONS + 1] = "KNKNTTTTRSRSIIMI"
                                              "QHQHPPPPRRRRLLLL"
                                              "EDEDAAAAGGGGVVVV"
                                              "*Y*YSSSS*CWCLFLF";

typedef struct {
    int number;
    const char *name;
    const char *change; /* "TGA=W ATA=M" */
} variant;

static const variant variants[] = {
    {1, "Standard", ""},
    {2, "Vertebrate Mitochondrial", "AGA=* AGG=* ATA=M TGA=W"},
    {3, "Yeast Mitochondrial", "ATA=M CTA=T CTC=T CTG=T CTT=T TGA=W"},
    {4, "Mold, Protozoan and Coelenterate Mitochondrial; Mycoplasma", "TGA=W"},
    {5, "Invertebrate Mitochondrial", "AGA=S AGG=S ATA=M TGA=W"},
    {6, "Ciliate, Dasycladacean and Hexamita Nuclear", "TAA=Q TAG=Q"},
    {9, "Echinoderm and Flatworm Mitochondrial", "AAA=N AGA=S AGG=S TGA=W"},
    {10, "Euplotid Nuclear", "TGA=C"},
    {11, "Bacterial, Archaeal and Plant Plastid", ""},
    {12, "Alternative Yeast Nuclear", "CTG=S"},
    {13, "Ascidian Mitochondrial", "AGA=G AGG=G ATA=M TGA=W"},
    {14, "Alternative Flatworm Mitochondrial", "AAA=N AGA=S AGG=S TAA=Y TGA=W"},
    {15, "Blepharisma Macronuclear", "TAG=Q"},
    {16, "Chlorophycean Mitochondrial", "TAG=L"},
    {21, "Trematode Mitochondrial", "AAA=N AGA=S AGG=S ATA=M TGA=W"},
    {22, "Scenedesmus obliquus Mitochondrial", "TCA=* TAG=L"},
    {23, "Thraustochytrium Mitochondrial", "TTA=*"},
    {24, "Rhabdopleuridae Mitochondrial", "AGA=S AGG=K TGA=W"},
    {25, "Candidate Division SR1 and Gracilibacteria", "TGA=G"},
    {26, "Pachysolen tannophilus Nuclear", "CTG=A"},
    {29, "Mesodinium Nuclear", "TAA=Y TAG=Y"},
    {30, "Peritrich Nuclear", "TAA=E TAG=E"},
    {32, "Balanophoraceae Plastid", "TAG=W"},
    {33, "Cephalodiscidae Mitochondrial", "AGA=S AGG=K TAA=Y TGA=W"},
};

enum { N_VARIANTS = sizeof variants / sizeof *variants, CHANGE = 5 /* "TGA=W" */ };

static size_t codon_index(mg_base first, mg_base second, mg_base third)
{
    return 16u * first + 4u * second + third;
}

static mg_status unknown_number(int64_t number, mg_error *err)
{
    char list[4 * N_VARIANTS] = "";
    size_t n = 0;
    for (size_t v = 0; v < N_VARIANTS; v++)
        n += (size_t)snprintf(list + n, sizeof list - n, " %d", variants[v].number);
    return mg_fail(err, MG_EUSAGE, "there is no genetic code %lld; NCBI's numbers known here are%s", (long long)number,
                   list);
}

mg_status mg_genetic_code_find(int64_t number, mg_genetic_code *ret, mg_error *err)
{
    for (size_t v = 0; v < N_VARIANTS; v++) {
        if (variants[v].number != number) continue;
        *ret = (mg_genetic_code){.number = variants[v].number, .name = variants[v].name};
        memcpy(ret->amino_acid, standard, MG_N_CODONS);
        for (const char *c = variants[v].change; *c != '\0'; c += CHANGE + (c[CHANGE] == ' ')) {
            size_t index = codon_index(mg_base_from_letter(c[0]), mg_base_from_letter(c[1]), mg_base_from_letter(c[2]));
            ret->amino_acid[index] = c[CHANGE - 1];
        }
        return MG_OK;
    }
    return unknown_number(number, err);
}

/* Of all codons that three sets of bases allow. */
static char translate_sets(const mg_genetic_code *code, const unsigned set[3])
{
    char letter = '\0';
    for (mg_base c = 0; c < MG_N_CODONS; c++) {
        if ((set[0] >> c / 16 & 1) == 0 || (set[1] >> c / 4 % 4 & 1) == 0 || (set[2] >> c % 4 & 1) == 0) continue;
        if (letter != '\0' && letter != code->amino_acid[c]) return 'X';
        letter = code->amino_acid[c];
    }
    return letter == '\0' ? 'X' : letter;
}

char mg_translate(const mg_genetic_code *code, const mg_base *codon)
{
    if (codon[0] < MG_N_BASES && codon[1] < MG_N_BASES && codon[2] < MG_N_BASES)
        return code->amino_acid[codon_index(codon[0], codon[1], codon[2])];
    const unsigned set[3] = {mg_base_set(codon[0]), mg_base_set(codon[1]), mg_base_set(codon[2])};
    return translate_sets(code, set);
}

const char *mg_amino_acid_name(char letter)
{
    static const struct {
        char letter;
        const char *name;
    } names[] = {{'A', "Ala"}, {'C', "Cys"}, {'D', "Asp"}, {'E', "Glu"}, {'F', "Phe"}, {'G', "Gly"},
                 {'H', "His"}, {'I', "Ile"}, {'K', "Lys"}, {'L', "Leu"}, {'M', "Met"}, {'N', "Asn"},
                 {'P', "Pro"}, {'Q', "Gln"}, {'R', "Arg"}, {'S', "Ser"}, {'T', "Thr"}, {'V', "Val"},
                 {'W', "Trp"}, {'Y', "Tyr"}, {'U', "Sec"}, {'*', "Ter"}};
    for (size_t k = 0; k < sizeof names / sizeof *names; k++)
        if (names[k].letter == letter) return names[k].name;
    return "Xaa";
}

char *mg_genetic_code_stops(const mg_genetic_code *code, char text[MG_CODON_LIST])
{
    char *end = text;
    *end = '\0';
    for (int c = 0; c < MG_N_CODONS; c++) {
        if (code->amino_acid[c] != '*') continue;
        if (end > text) *end++ = ' ';
        *end++ = mg_letter_from_base((mg_base)(c / 16));
        *end++ = mg_letter_from_base((mg_base)(c / 4 % 4));
        *end++ = mg_letter_from_base((mg_base)(c % 4));
        *end = '\0';
    }
    return text;
}
