/* table.c  pointers into a run */
#include "io/run/table.h"

#include <stdlib.h>

#include "io/run/run_h5.h"
#include "src/core/memory.h"

mg_status mg_run_table_begin(const mg_task *task, const char *score, const mg_run_names *names, char *const *fact,
                             mg_summary_row *row, mg_summary_pair *pair, mg_run_table *ret, mg_error *err)
{
    size_t n_methods = names->n_methods + names->n_baselines;
    *ret = (mg_run_table){0};
    mg_status status = mg_alloc(&ret->text, 2 * n_methods, sizeof *ret->text, err);
    if (status != MG_OK) return status;
    status = mg_alloc(&ret->is_network, n_methods, sizeof *ret->is_network, err);
    if (status != MG_OK) {
        mg_run_table_end(ret);
        return status;
    }
    for (size_t m = 0; m < n_methods; m++) {
        ret->is_network[m] = mg_run_method_is_network(&names->method[m]);
        ret->text[m] = names->method[m].name;
        ret->text[n_methods + m] = names->method[m].label;
    }
    for (mg_fact f = 0; f < MG_N_FACTS; f++)
        ret->fact[f] = (mg_summary_fact){mg_fact_keys[f], fact[f]};
    ret->table = (mg_summary_table){.task = task,
                                    .score = score,
                                    .n_methods = names->n_methods,
                                    .n_baselines = names->n_baselines,
                                    .metrics = names->metrics,
                                    .method_name = ret->text,
                                    .method_label = ret->text + n_methods,
                                    .is_network = ret->is_network,
                                    .row = row,
                                    .pair = pair,
                                    .n_facts = MG_N_FACTS,
                                    .fact = ret->fact};
    return MG_OK;
}

void mg_run_table_end(mg_run_table *table)
{
    free(table->text);
    free(table->is_network);
    *table = (mg_run_table){0};
}
