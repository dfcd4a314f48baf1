/* method.h  an attribution method: what it is called, what can be chosen, and how it explains one window
 *
 * A method is one file with one mg_method_type; the table in method.c lists them. Adding one touches that file
 * and that table. A method sees a network, a window and a workspace and fills arrays; it knows of no file, rank or
 * thread.
 *
 * Every method fills a(i), the contribution of the base that is present. Methods that are of the form "multiplier times
 * difference from a reference" fill m(i,b) and so define c(i,b), the hypothetical contribution of base b (design.md 3).
 */
#ifndef MG_ATTRIBUTION_METHOD_H
#define MG_ATTRIBUTION_METHOD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "src/core/status.h"
#include "src/graph/graph.h"
#include "src/engine/pass.h"
#include "src/sequence/alphabet.h"

enum { MG_METHOD_NAME = 64, MG_METHOD_LABEL = 96, MG_METHOD_SPEC = 256, MG_METHOD_MAX_OPTIONS = 8 };

typedef struct {
    const char *name;   /* "steps" */
    const char *preset; /* "50" */
    const char *words;  /* the words allowed, "zero|uniform|shuffle"; NULL: a number within [min, max] */
    double min, max;
    bool integer;
    const char *help; /* one line */
} mg_method_option;

struct mg_method;

/* Numbers to take in place of drawn ones, so that a method can be held to the values of a program with another generator.
 * What is NULL is drawn; draw k takes row k. */
typedef struct {
    const double *reference; /* (draws, L, 4) */
    const double *noise;     /* (draws, L, 4), scaled */
    const double *alpha;     /* (draws) shares of a way from reference to window */
    const int32_t *order;    /* (draws, L) positions, each once */
} mg_given_draws;

/* One window as methods see it. */
typedef struct {
    const mg_base *base;         /* (L) codes */
    const double *x;             /* (L, 4) one-hot rows, A C G T; unknown bases are rows of zeros */
    double f;                    /* the network's output F for x */
    bool probability;            /* explain the logistic of F instead of F (--score probability) */
    uint64_t seed;               /* of this window: run seed and bases, for all that is drawn */
    const mg_given_draws *given; /* NULL: everything is drawn */
} mg_view;

/* What a method says about one window. */
typedef struct {
    double *contribution; /* (L) OUT a */
    double *hypothetical; /* (L, 4) OUT c; means nothing for a method without (type->hypothetical false) */
    double claimed_sum;   /* OUT what a should sum to; NaN when the method claims no sum */
} mg_explanation;

typedef struct {
    const char *name;               /* "integrated_gradients" */
    const char *title;              /* "integrated gradients": the label for people, before what it tells of options */
    const char *formula;            /* one line */
    const char *source;             /* the paper */
    mg_rule_kind rule;              /* how its backward passes hand multipliers down */
    bool hypothetical;              /* fills c */
    const mg_method_option *option; /* ends with a NULL name; may be NULL */
    /* What the label tells of the chosen options: "50 draws, sigma 0.1". NULL: nothing. */
    void (*words)(const struct mg_method *method, char text[MG_METHOD_LABEL]);
    /* Make the read-only state shared by all threads (NULL: none needed) and give it back. */
    mg_status (*prepare)(const struct mg_method *method, const mg_plan *plan, void **ret, mg_error *err);
    void (*release)(void *state);
    /* Does what it says of a window depend on random numbers, with these options? NULL: never. */
    bool (*drawn)(const struct mg_method *method);
    /* What mg_method_passes() tells. NULL: it is one backward pass. */
    int64_t (*passes)(const struct mg_method *method, int64_t length);
    /* Bytes of scratch a thread needs beside the pass; NULL: none. */
    size_t (*scratch)(const struct mg_method *method, const mg_plan *plan);
    /* Explain one window. On entry the pass holds the window's forward pass; a method that runs others puts it back. */
    void (*explain)(const struct mg_method *method, mg_pass *pass, const mg_view *view, void *scratch,
                    mg_explanation *explanation);
} mg_method_type;

/* A method with its options chosen, ready to explain. */
typedef struct mg_method {
    const mg_method_type *type;
    char name[MG_METHOD_NAME];            /* unique in a study; names datasets */
    char label[MG_METHOD_LABEL];          /* for people */
    char spec[MG_METHOD_SPEC];            /* "name:option=value,..." with every option written out */
    double number[MG_METHOD_MAX_OPTIONS]; /* value of option k when it is a number */
    int word[MG_METHOD_MAX_OPTIONS];      /* index of the chosen word of option k */
    void *state;                          /* made by type->prepare */
} mg_method;

/* mg_method_types()  all methods, in the order they are listed; NULL-terminated array */
const mg_method_type *const *mg_method_types(void);

/* mg_method_parse()  "name:option=value,option=value" -> method (without state)
 * Returns: MG_OK, or MG_EUSAGE: unknown method (lists the known), unknown option (lists its options), value out of
 *          range. */
mg_status mg_method_parse(const char *spec, mg_method *ret, mg_error *err);

/* mg_method_prepare()  make the state for a plan; mg_method_release() gives it back
 * Returns: MG_OK, MG_EMEM, MG_EUSAGE for options that do not go together, or MG_EINPUT naming the node that the method has no
 *          rule for. */
mg_status mg_method_prepare(mg_method *method, const mg_plan *plan, mg_error *err);
void mg_method_release(mg_method *method);

/* mg_method_is_drawn()  does what the method says depend on random numbers? Then it may be asked again with others: */
bool mg_method_is_drawn(const mg_method *method);

/* mg_method_passes()  forward and backward passes, a pass each, that the method takes for a window of `length` positions beside
 * the window's own forward pass
 *
 * Purpose:  What a method costs, whatever the machine. A pass counts also where its result happens to be there from another
 *           method or the window before, or shares work with others (src/paths/path.h); what is drawn so that some passes fall
 *           away counts as its most.
 * Returns:  0: attributions of a file, and the network itself; MG_PASSES_VARY: an exact integral walks from switch to switch,
 *           as many as the window has, and is no number of passes
 */
enum { MG_PASSES_VARY = -1 };
int64_t mg_method_passes(const mg_method *method, int64_t length);

/* mg_view_redrawn()  the same window with other random numbers: draw 0 is the run's own, each other draw a set of its own,
 * the same for every method and in every run with the same seed
 *
 * Purpose:  The spread of a method over its draws: explain the view of draw 1, 2, ... and compare with draw 0. The pass must
 *           hold the window's forward pass, as for any explain(), which leaves it so.
 */
mg_view mg_view_redrawn(const mg_view *view, uint64_t draw);

#endif
