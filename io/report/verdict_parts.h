/* verdict_parts.h  pieces of the verdict, for verdict.c and verdict_task.c alone */
#ifndef MG_IO_REPORT_VERDICT_PARTS_H
#define MG_IO_REPORT_VERDICT_PARTS_H

#include <stdbool.h>
#include <stdio.h>

#include "io/report/report.h"

/* mg_verdict_put_interval()  "0.54 [0.53, 0.55]": mean, low and high by the format of one number, which has no sign where it rounds
 * to zero; "[no interval]" where there is none */
void mg_verdict_put_interval(FILE *out, const char *format, double mean, double low, double high);

/* mg_verdict_is_alone()  only one method has a mean: nothing can be best of one.  row - (n_methods) */
bool mg_verdict_is_alone(const mg_report *report, const mg_summary_row *row);

/* mg_verdict_tell_kozak(), ...  a sentence, or nothing where no number is defined */
void mg_verdict_tell_kozak(const mg_report *report, FILE *out);
void mg_verdict_tell_stops(const mg_report *report, FILE *out);
void mg_verdict_tell_flips(const mg_report *report, FILE *out);
void mg_verdict_tell_auroc(const mg_report *report, FILE *out);

#endif
