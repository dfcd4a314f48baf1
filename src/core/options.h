/* options.h  one table an option set: the parser, --help and the run's record all come from it
 *
 * A command declares a plain struct for its values and a table that says where in it each option goes:
 *
 *     typedef struct { const char *model; int64_t threads; bool force; mg_text_list methods; } scan_options;
 *     static const mg_option table[] = {
 *         {"model", MG_TEXT, offsetof(scan_options, model), "tis-human", "FILE", 0, 0, "Input", "network to explain"},
 *         {"threads", MG_INTEGER, offsetof(scan_options, threads), "0", "N", 0, 4096, "Speed", "threads a rank"},
 *         {"force", MG_FLAG, offsetof(scan_options, force), NULL, NULL, 0, 0, "Output", "replace an existing file"},
 *         {0}};
 *
 * A command that has short forms names them beside its table: .letters = "t=threads".
 */
#ifndef MG_CORE_OPTIONS_H
#define MG_CORE_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "src/core/status.h"

typedef enum {
    MG_FLAG = 1, /* bool; given or not */
    MG_INTEGER,  /* int64_t, within [min, max] */
    MG_REAL,     /* double, within [min, max] */
    MG_TEXT,     /* const char *, NULL when it has no default and was not given */
    MG_CHOICE,   /* const char *, one of the words of `value`, written "zero|A" */
    MG_TEXTS,    /* mg_text_list: may be given again; each time one or more words separated by spaces */
    MG_NAMES     /* mg_text_list: may be given again; each time one name, blanks and all */
} mg_option_type;

typedef struct {
    size_t n;
    char **text; /* n words, owned by the list */
} mg_text_list;

typedef struct {
    const char *name; /* without the dashes; NULL ends the table */
    mg_option_type type;
    size_t offset;      /* offsetof the value in the command's struct */
    const char *preset; /* default as the user would write it; NULL: none */
    const char *value;  /* what stands for the value in --help ("FILE", "N"), or the words of an MG_CHOICE */
    double min, max;    /* range of numbers, both ends allowed; not looked at when both are 0 */
    const char *group;  /* heading under which --help shows it */
    const char *help;   /* one line; give the unit, the default is added by --help */
} mg_option;

typedef struct {
    const char *name;        /* "scan" */
    const char *synopsis;    /* "--model FILE --transcripts FASTA --out FILE" */
    const char *purpose;     /* one sentence */
    const char *notes;       /* shown after the options: examples, files; may be NULL */
    const mg_option *option; /* ends with a NULL name */
    const char *letters;     /* short forms, "o=out f=force": -o is --out; NULL: none */
} mg_command_help;

/* mg_options_parse()  read argv[1..] into values
 *
 * Purpose:  Sets every value to its preset, then reads GNU long options (--name value, --name=value, unambiguous
 *           abbreviations) and the command's short ones (-o value, -ovalue), and collects the rest as positional arguments. An unknown option is MG_EUSAGE with the
 *           nearest name suggested; so are a missing value, a number that is none, and one outside its range.
 * Args:     values     - the command's struct, zeroed by the caller; texts point into argv or the table
 *           ret_help   - set when --help was given (then nothing else is checked)
 *           positional - OUT, the words that are no options; NULL when the command takes none (then one is an error)
 *           Of an option that is given again the last value counts; but two inputs (MG_TEXT of the groups "Input" and
 *           "Sites of a genome") that differ are MG_EUSAGE.
 *           MG_EUSAGE as well when a file to be written is one that is read (options_files.h).
 * Returns:  MG_OK, MG_EUSAGE, MG_EMEM. On failure call mg_options_free() all the same.
 */
mg_status mg_options_parse(const mg_command_help *command, int argc, char **argv, void *values, bool *ret_help,
                           mg_text_list *positional, mg_error *err);

/* mg_options_free()  give back the lists in values (not values itself) and in positional (may be NULL) */
void mg_options_free(const mg_command_help *command, void *values, mg_text_list *positional);

/* mg_options_help()  the text of --help, grouped, with ranges and defaults, at most 100 columns wide */
void mg_options_help(FILE *out, const mg_command_help *command);

/* mg_option_of_letter()  the option that a command's letter stands for; NULL when there is none */
const mg_option *mg_option_of_letter(const mg_command_help *command, char letter);

/* mg_options_describe()  every option and its value, a line each "--name value", for provenance.
 * Returns: MG_OK with *ret a text for the caller to free, or MG_EMEM. */
mg_status mg_options_describe(const mg_command_help *command, const void *values, char **ret, mg_error *err);

#endif
