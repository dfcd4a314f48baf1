/* table.h  a run's aggregates as the tables of io/run/summary.h take them, so that scan and report say the same */
#ifndef MG_IO_RUN_TABLE_H
#define MG_IO_RUN_TABLE_H

#include "io/run/run_h5.h"
#include "io/run/summary.h"
#include "src/core/status.h"

typedef struct {
    mg_summary_table table;
    mg_summary_fact fact[MG_N_FACTS];
    const char **text; /* owned: names, then labels */
    bool *is_network;  /* owned */
} mg_run_table;

/* mg_run_table_begin()  point the table at what the caller keeps: methods, metrics, facts (MG_N_FACTS), rows and pairs;
 * task and score tell which groups there are.
 * Returns: MG_OK or MG_EMEM; mg_run_table_end() in either case. Not collective. */
mg_status mg_run_table_begin(const mg_task *task, const char *score, const mg_run_names *names, char *const *fact,
                             mg_summary_row *row, mg_summary_pair *pair, mg_run_table *ret, mg_error *err);
void mg_run_table_end(mg_run_table *table);

#endif
