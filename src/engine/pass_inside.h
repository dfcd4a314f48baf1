/* pass_inside.h  what a pass is made of, and walks along parts of a chain; for the files of src/engine/ and src/paths/ only
 */
#ifndef MG_ENGINE_PASS_INSIDE_H
#define MG_ENGINE_PASS_INSIDE_H

#include "src/engine/chain.h"
#include "src/engine/pass.h"
#include "src/engine/plan.h"

typedef enum { MG_OF_WINDOW, MG_OF_REFERENCE, MG_N_STATES } mg_which; /* whose values */

struct mg_pass {
    const mg_plan *plan;
    mg_state state[MG_N_STATES]; /* values that do not vary are the first one's in both */
    void **slot;                 /* (n_slots) multipliers */
    void **m_in;                 /* (the most inputs of a node) those of the step in hand */
    double *reference;           /* (L, 4) that the values of MG_OF_REFERENCE are of, if has_reference */
    double reference_output;
    bool has_reference;
    double *gradient; /* (L, 4) of the window whose values stand here, if has_gradient: several methods ask for it */
    bool has_gradient;
    uint64_t n_run;
    mg_tools tools;
    struct mg_path *path; /* for mean gradients; NULL where the network does not suit */
};

/* Values and memos of a chain. */
static inline void *mg_pass_value_of(const mg_pass *pass, mg_which which, size_t l)
{
    return pass->state[which].value[pass->plan->chain->value[l]];
}

static inline int32_t *mg_pass_winner_of(const mg_pass *pass, mg_which which, size_t link)
{
    return pass->state[which].memo[pass->plan->chain->value[link + 1] - 1];
}

/* mg_pass_put()   put an input (L, 4) into value 0
 * mg_pass_take()  multipliers of the window as doubles (L, 4) */
void mg_pass_put(mg_pass *pass, mg_which which, const double *x);
void mg_pass_take(const mg_pass *pass, const void *m, double *multiplier);

/* Of a chain:
 * mg_pass_up()    forward through links from .. to - 1; value `from` is there; returns the first number of value `to`
 * mg_pass_seed()  the multipliers of the last value, 1 for the first, in a slot
 * mg_pass_down()  backward through links from - 1 .. to; m is slot 0 or 1, what is returned the one or the other: the
 *                 multipliers of value `to` */
double mg_pass_up(mg_pass *pass, mg_which which, size_t from, size_t to);
void *mg_pass_seed(mg_pass *pass);
void *mg_pass_down(mg_pass *pass, const mg_rule *rule, void *m, size_t from, size_t to);

/* mg_pass_window()  what the last forward pass left
 * mg_tools_create()  a thread's tools for any step of a plan; mg_tools_destroy() frees what they hold */
const mg_state *mg_pass_window(const mg_pass *pass);
mg_status mg_tools_create(const mg_plan *plan, mg_tools *ret, mg_error *err);
void mg_tools_destroy(mg_tools *tools);

#endif
