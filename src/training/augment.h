/* augment.h  windows changed a little each time they are seen, so that a network does not learn them by heart */
#ifndef MG_TRAINING_AUGMENT_H
#define MG_TRAINING_AUGMENT_H

#include <stdint.h>

#include "src/task/starts/genetic_code.h"
#include "src/sequence/alphabet.h"

typedef struct {
    int64_t mask;     /* up to so many random positions become unknown; the start codon is spared */
    int64_t silent;   /* up to so many random codons of the frame behind the start get a silent substitution, */
    int64_t missense; /* or a missense one (Lee et al. 2024; nonsense changes the answer and is never made) */
    const mg_genetic_code *code;
} mg_augmentation;

/* mg_augment()  change a window in place
 *
 * Args:     key  - what is drawn depends on it alone
 *           base - INOUT, length codes; the candidate codon stands at anchor
 */
void mg_augment(const mg_augmentation *augmentation, uint64_t key, int64_t length, int64_t anchor, mg_base *base);

#endif
