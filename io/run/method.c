/* method.c  what the specification of a row of a run says it is */
#include "io/run/run_h5.h"
#include "src/attribution/foreign.h"
#include "src/attribution/network.h"

bool mg_run_method_is_foreign(const mg_run_method *method)
{
    return mg_foreign_is(method->spec, NULL);
}

bool mg_run_method_is_network(const mg_run_method *method)
{
    return mg_network_is(method->spec);
}
