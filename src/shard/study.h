/* study.h  everything that is done with one window: score, methods, mutation scan, agreement
 *
 * A study is what all windows share (network, methods, choices), read only after it is made; a worker is what one
 * thread needs to work on windows, made once and used for all of them.
 */
#ifndef MG_SHARD_STUDY_H
#define MG_SHARD_STUDY_H

#include <stddef.h>
#include <stdint.h>

#include "src/attribution/foreign.h"
#include "src/attribution/method.h"
#include "src/core/status.h"
#include "src/graph/graph.h"
#include "src/graph/score.h"
#include "src/shard/measured.h"
#include "src/shard/average.h"
#include "src/shard/baseline.h"
#include "src/shard/shard.h"
#include "src/task/task.h"

typedef struct mg_study mg_study;
typedef struct mg_worker mg_worker;

/* mg_study_create()  what all windows share, from the network and the choices
 *
 * Args:     network - as read from the model file; copied, so the caller keeps his
 *           score   - what is explained, in words (src/graph/score.h)
 *           spec    - n_specs method specifications, "lrp" or "lrp:rule=gamma,gamma=0.25"; n_specs 0: those of the
 *                     default seven that have a rule for every node (mg_study_left_out() says of the others why not);
 *                     "all": every method there is, with its defaults, where it has one
 *           seed    - of the run; shuffled references are seeded by it and the window's bases
 * Returns:  MG_OK, MG_EUSAGE for an unknown method, option or score (the sentence lists the known ones), MG_EINPUT when the
 *           score cannot be formed for this network, MG_EMEM.
 */
mg_status mg_study_create(const mg_graph *network, const char *score, size_t n_specs, const char *const *spec,
                          uint64_t seed, mg_study **ret, mg_error *err);
void mg_study_destroy(mg_study *study);

/* mg_study_create_beside()  the same for another score of the network that `first` is of (NULL: nobody): what both have in common is
 * packed once, and stays that one's, which must outlive it */
mg_status mg_study_create_beside(const mg_study *first, const mg_graph *network, const char *score, size_t n_specs,
                                 const char *const *spec, uint64_t seed, mg_study **ret, mg_error *err);

/* mg_study_add_foreign()  one more method, of rows from a file (src/attribution/foreign.h); before workers are made
 * Args:    rows - of the network's windows; taken over on success
 * Returns: MG_OK, MG_EUSAGE when a method of the study has that name, MG_EINPUT for windows of another length, MG_EMEM */
mg_status mg_study_add_foreign(mg_study *study, const char *name, const char *sha256, mg_foreign_rows *rows,
                               mg_error *err);

/* mg_study_doubt_certificates()  scans of graphs work out what certificates would spare (src/engine/tile_scan.h): the same
 * bits, later; before workers are made */
void mg_study_doubt_certificates(mg_study *study);

/* mg_study_set_task()  what the windows are about, where the network alone does not tell: its regions are those that metrics
 * are taken over; before workers are made. Returns: MG_OK or MG_EMEM. */
mg_status mg_study_set_task(mg_study *study, const mg_task *task, int64_t anchor, mg_error *err);

/* mg_study_set_metrics()  which metrics are measured, as mg_metric_set_choose() takes them; a study that is not told has those of
 * single mutations. Before workers are made. Returns: MG_OK, MG_EUSAGE or MG_EMEM.
 * mg_study_set_share()  the share of the windows in which metrics that run passes are measured (mg_measure_chooses()); 1 at
 * first */
mg_status mg_study_set_metrics(mg_study *study, const char *words, mg_error *err);
void mg_study_set_share(mg_study *study, double share);
double mg_study_share(const mg_study *study);

/* mg_study_add_baselines()  from now on, mg_baselines are compared as well, behind the methods; before workers are made
 * Args: average - taken over */
void mg_study_add_baselines(mg_study *study, mg_average *average);
size_t mg_study_n_baselines(const mg_study *study); /* 0 or MG_N_BASELINES */

size_t mg_study_foreign_bytes(const mg_study *study); /* memory of their rows and of measured effects, for the plan */

/* mg_study_set_measured()  effects that were measured, of the network's windows: their metrics, and the network as a row
 * (src/attribution/network.h); after the task and all methods, before workers are made
 * Args:    measured - taken over on success, and then all 0
 * Returns: MG_OK, MG_EUSAGE when a method has the name of that row, MG_EINPUT for windows of another length, MG_EMEM */
mg_status mg_study_set_measured(mg_study *study, mg_measured *measured, mg_error *err);

/* mg_study_measured()  those; NULL: none were given */
const mg_measured *mg_study_measured(const mg_study *study);

size_t mg_study_n_methods(const mg_study *study);

/* mg_study_left_out()  which methods that nobody named are not among them, and why, for a warning; "" when all are */
const char *mg_study_left_out(const mg_study *study);
/* mg_study_method()  the m-th method: its unique name for datasets ("lrp", "lrp_2" when given again), its label for
 * people ("LRP (gamma 0.05)"), its specification with all options written out (for provenance) */
const mg_method *mg_study_method(const mg_study *study, size_t m);
/* mg_study_metrics()  the metrics of each method in each window, in the order of the results */
const mg_metric_set *mg_study_metrics(const mg_study *study);
/* mg_study_regions()  parts of a window that metrics are also taken over */
const mg_regions *mg_study_regions(const mg_study *study);
/* mg_study_score_name()  "log-odds", "logit", ...: the unit of scores and effects;  mg_study_score()  all of it */
const char *mg_study_score_name(const mg_study *study);
const mg_score_spec *mg_study_score(const mg_study *study);
/* mg_study_digest()  two studies with the same one explain the same number (src/graph/digest.h) */
uint64_t mg_study_digest(const mg_study *study);
/* mg_study_n_blind()  positions of a window with no path to the output */
int64_t mg_study_n_blind(const mg_study *study);
/* mg_study_instruction_set()  "avx512", "avx2" or "portable": the kernels in use */
const char *mg_study_instruction_set(void);

mg_status mg_worker_create(const mg_study *study, mg_worker **ret, mg_error *err);
void mg_worker_destroy(mg_worker *worker);
size_t mg_worker_bytes(const mg_study *study); /* memory of one worker, for the plan */
/* mg_worker_bytes_beside()  of one that follows a worker of `first` */
size_t mg_worker_bytes_beside(const mg_study *study, const mg_study *first);

/* mg_worker_follow()  one score more of the network that `leader` explains: what their scans have in common is done once when both
 *                     work on a window (mg_worker_windows()); where they have nothing in common each does its own. Before
 *                     the first window. Returns: MG_OK or MG_EMEM */
mg_status mg_worker_follow(mg_worker *worker, mg_worker *leader, mg_error *err);
bool mg_worker_follows(const mg_worker *worker);

/* mg_worker_create_of()  a thread's workers, one a study; the first leads. On failure those that were made are there to be
 * destroyed, the others NULL as they were. */
mg_status mg_worker_create_of(const mg_study *const *study, size_t n, mg_worker **worker, mg_error *err);

/* mg_worker_count()  add to *n_macs, from now on, the multiply-adds with a weight that passes and scan do
 * (src/engine/count.h); NULL: count no more */
void mg_worker_count(mg_worker *worker, uint64_t *n_macs);

/* mg_worker_effects()  e(i) of one window, in units of the score, as a baseline's sample has it: effect - OUT (L), 0 where the
 * base is not known. Returns: MG_OK, or MG_EINPUT when the score is not finite. */
mg_status mg_worker_effects(mg_worker *worker, const mg_base *base, float *effect, mg_error *err);

/* mg_worker_effects_of()  the same of several scores, as mg_worker_windows(): effect - OUT, (n) arrays (L) */
mg_status mg_worker_effects_of(mg_worker *const *worker, size_t n, const mg_base *base, float *const *effect,
                               mg_error *err);

/* mg_worker_costs()  add to seconds (n_methods) what each method took so far, its metrics not counted, and to *n the windows */
void mg_worker_costs(const mg_worker *worker, double *seconds, int64_t *n);

/* mg_worker_window()  work on window i of a shard and fill slot i of the result
 * Not collective; safe from several threads, each with its own worker. Allocates nothing.
 * Returns: MG_OK, or MG_EINPUT when the score is not finite (names the window by its index). */
mg_status mg_worker_window(mg_worker *worker, const mg_shard *shard, int64_t i, mg_result *result, mg_error *err);

/* mg_worker_windows()  the same for several scores of one network: worker[0] is the leader of those that follow; result (n), one
 * a score. Every number is that of the score alone. */
mg_status mg_worker_windows(mg_worker *const *worker, size_t n, const mg_shard *shard, int64_t i, mg_result *result,
                            mg_error *err);

#endif
