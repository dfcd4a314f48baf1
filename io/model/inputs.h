/* inputs.h  what goes into the inputs of a network: the window, or numbers that are the same for every window
 *
 * A file tells an input's name and dims. The one that takes the window is found by its dims, four channels beside the
 * positions; all others have to be told:
 *
 *     --input halflife=0.25,-0.5,0.1,0,-0.3,0.6     numbers, in row-major order
 *     --input halflife=FILE                         the same in a file, between blanks, tabs, commas or line ends
 *     --input seqr=bases:FILE, seqr=bases:ACGT...   a sequence held constant, in the channels' order
 *     --input seql=window                           the window, where it is not clear which input that is
 *     --input seqr=reverse-complement               the other strand of the window
 *     --input input_1=text:FILE                     a graph text (graph_text.h) that makes it from the window
 */
#ifndef MG_IO_MODEL_INPUTS_H
#define MG_IO_MODEL_INPUTS_H

#include "io/model/model_words.h"
#include "src/graph/front/view.h"

/* An input as its file has it. */
typedef struct {
    const char *name;
    int n_dims;                /* the batch is the first */
    int64_t dim[MG_VIEW_DIMS]; /* -1: any */
} mg_file_input;

/* mg_inputs_length()  bases of a window: what the user says, or what the dims of the input for the window say
 * Returns: MG_OK, MG_EUSAGE with a sentence that asks for --length or --input. */
mg_status mg_inputs_length(size_t n, const mg_file_input *input, const mg_model_words *words, int64_t *ret,
                           mg_error *err);

/* mg_inputs_view()  input i as a view
 * Returns: MG_OK; MG_EUSAGE, MG_EINPUT: nothing is known that could go into it, or it does not fit. */
mg_status mg_inputs_view(mg_front *front, size_t n, const mg_file_input *input, size_t i, const mg_model_words *words,
                         mg_view *ret, mg_error *err);

/* mg_inputs_takes_tokens()  is an input of whole numbers, one for each base: (batch, positions), and the words say which
 * ("A1C2G3T4"). Its view is that of the one-hot window; only mg_inputs_embed() may take it. */
bool mg_inputs_takes_tokens(const mg_file_input *input, const mg_model_words *words);

/* mg_inputs_embed()  the rows of a table (tokens, n) that the numbers of the window's bases look up: (1, positions, n)
 *
 * Args:     tokens - view of the one-hot window (1, positions, 4)
 *           bases  - the words' own, may be NULL
 * Returns:  MG_OK; MG_EUSAGE: bases is no four letters with a digit each, or the table has no such row; MG_EMEM
 */
mg_status mg_inputs_embed(mg_front *front, const mg_view *table, const mg_view *tokens, const char *bases, mg_view *ret,
                          mg_error *err);

/* mg_inputs_check()  MG_EUSAGE when the words name an input that there is not */
mg_status mg_inputs_check(size_t n, const mg_file_input *input, const mg_model_words *words, mg_error *err);

#endif
