/* score_list.h  several scores of one network, as --output and --target name them
 *
 * A list is words between commas: names or numbers as for one, ranges of numbers ("0-7"), or "all". Where both options are lists
 * there is a score for each target of each output. Whether a word is the name of an output or a class is told by mg_model_read().
 */
#ifndef MG_IO_MODEL_SCORE_LIST_H
#define MG_IO_MODEL_SCORE_LIST_H

#include "io/model/model_words.h"
#include "src/core/status.h"

enum { MG_SCORE_LIST_MOST = 64, MG_SCORE_LIST_NAME = 132 };

typedef struct {
    char *output, *target; /* owned; NULL: not given */
} mg_score_words;

typedef struct {
    size_t n;
    mg_score_words *score; /* owned (n) */
} mg_score_list;

/* mg_score_list_is()  do the words name several scores, or may they? "all" of one class is still a list. */
bool mg_score_list_is(const mg_model_words *words);

/* mg_score_list_read()  the scores that are named; the model file is read where a list has "all"
 * Args:    ret - OUT, for mg_score_list_destroy() in any case; of words that are no list one score with these words
 * Returns: MG_OK; MG_EUSAGE: a word twice, an empty one, a range that ends before it begins, more than MG_SCORE_LIST_MOST;
 *          or why the model cannot be read */
mg_status mg_score_list_read(const char *model, const mg_model_words *words, mg_score_list *ret, mg_error *err);
void mg_score_list_destroy(mg_score_list *list);

/* mg_score_list_name()  a score's own part of what is asked for, as a name of files and columns: letters, digits and -, other marks
 * are _; "1", "counts", "counts.2"; "" where nothing is a list */
void mg_score_list_name(const mg_model_words *asked, const mg_score_words *score, char name[MG_SCORE_LIST_NAME]);

/* mg_score_list_check_names()  MG_EUSAGE when two scores have the same name */
mg_status mg_score_list_check_names(const mg_model_words *asked, const mg_score_list *list, mg_error *err);

/* mg_score_list_tell()  "--output a --target 2", for people */
enum { MG_SCORE_LIST_TOLD = 192 };
const char *mg_score_list_tell(const char *output, const char *target, char text[MG_SCORE_LIST_TOLD]);

#endif
