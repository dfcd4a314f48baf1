/* codes.c  numbers of genetic codes out of a run, and their tables */
#include "io/run/codes.h"

#include <stdlib.h>

#include "src/core/memory.h"

static void note_code(mg_run_codes *codes, int64_t transcript, int64_t number)
{
    if (number < 1 || number > MG_RUN_MOST_CODE || number == codes->asked.number) return;
    mg_genetic_code *code = &codes->code[number];
    if (code->number == 0 && mg_genetic_code_find(number, code, NULL) != MG_OK) return;
    codes->number[transcript] = (uint8_t)number;
    codes->n_told++;
}

mg_status mg_run_codes_read(const mg_run_file *run, const mg_genetic_code *asked, mg_run_codes *ret, mg_error *err)
{
    enum { BLOCK = 4096 };
    int64_t n = run->shape.n_transcripts, number[BLOCK];
    *ret = (mg_run_codes){.asked = *asked, .n_transcripts = n};
    mg_status status = mg_alloc(&ret->number, (size_t)n, sizeof *ret->number, err);
    for (int64_t first = 0; first < n && status == MG_OK; first += BLOCK) {
        int64_t count = n - first < BLOCK ? n - first : BLOCK;
        status = mg_run_file_codes(run, first, count, number, err);
        for (int64_t i = 0; i < count && status == MG_OK; i++)
            note_code(ret, first + i, number[i]);
    }
    if (status != MG_OK) mg_run_codes_destroy(ret);
    return status;
}

void mg_run_codes_destroy(mg_run_codes *codes)
{
    free(codes->number);
    codes->number = NULL;
}

const mg_genetic_code *mg_run_code(const mg_run_codes *codes, int64_t transcript)
{
    bool there = codes->number != NULL && transcript >= 0 && transcript < codes->n_transcripts;
    return there && codes->number[transcript] > 0 ? &codes->code[codes->number[transcript]] : &codes->asked;
}
