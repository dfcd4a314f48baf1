/* status.h  how every function that can fail says so
 *
 * A function that can fail returns an mg_status and, when it is not MG_OK, has filled an mg_error with one sentence
 * that tells the user what is wrong, where (file, line, name) and what to do. There is no hidden error variable and no
 * hidden jump; only main.c ends the process.
 *
 *     if (length < 3)
 *         return mg_fail(err, MG_EINPUT, "%s line %ld: a codon has three bases", path, line);
 */
#ifndef MG_CORE_STATUS_H
#define MG_CORE_STATUS_H

typedef enum {
    MG_OK = 0,
    MG_EUSAGE,    /* the command line is wrong: exit status 2 */
    MG_EINPUT,    /* a file or value given by the user is wrong: exit status 1 */
    MG_EIO,       /* the system refused to read, write or rename: exit status 1 */
    MG_EMEM,      /* no memory: exit status 1 */
    MG_ESTOP,     /* not a failure: somebody wished the run to stop before its end: exit status 75 */
    MG_DIFFERENT, /* no failure: two runs were compared and are not the same, exit status 1 */
    MG_ETROUBLE,  /* they could not be compared: exit status 2, as that of diff(1) */
    MG_EBUG       /* a promise inside mutagree was broken: exit status 1, please report */
} mg_status;

enum { MG_ERROR_TEXT = 2048 }; /* bytes of an error sentence, with its ending zero */

typedef struct {
    mg_status status;
    char text[MG_ERROR_TEXT]; /* one sentence without "mutagree:" before it and without newline after it */
    const char *file;         /* source file and line that noticed it, for MG_EBUG */
    int line;
} mg_error;

/* mg_fail()  fill err (which may be NULL) and return status, so that `return mg_fail(...)` is the way out */
#define mg_fail(err, status, ...) mg_fail_at((err), __FILE__, __LINE__, (status), __VA_ARGS__)

mg_status mg_fail_at(mg_error *err, const char *file, int line, mg_status status, const char *format, ...)
    __attribute__((format(printf, 5, 6)));

/* mg_fail_prefix()  put words before a sentence that is there already ("model.pth: " + "..."); returns err's status */
mg_status mg_fail_prefix(mg_error *err, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* mg_exit_status()  the process's exit status for a status: 0, 2 for usage and trouble, 75 for a run to go on with
 * later (EX_TEMPFAIL of sysexits.h), 1 for all else */
int mg_exit_status(mg_status status);

#endif
