/* Which keys of lines may come again, told by bits that two of them share: repeats.py asks. */

#ifndef JSONL_LINT_REPEATS_H
#define JSONL_LINT_REPEATS_H

#include "json.h"

/* Of each key one bit, whose place the key tells: in `once` for those that were there, in `again` for those that came
   once more, or that share their bit with another. `bit_count` is a power of two.
   0 is no key: it stands before a number of lines that have none, and `in_run` says whether that number comes next. */
EXPORT void jsonl_lint_mark(
    const uint64_t *keys, size_t count, uint64_t *once, uint64_t *again, uint64_t bit_count, uint32_t *in_run) {
    for (size_t i = 0; i < count; i++) {
        uint64_t place = (keys[i] >> 16) & (bit_count - 1), bit = (uint64_t)1 << (place & 63);
        if (*in_run || !keys[i]) {
            *in_run = !*in_run;
            continue;
        }
        again[place >> 6] |= once[place >> 6] & bit;
        once[place >> 6] |= bit;
    }
}

/* The lines whose keys are marked in `again`, and these keys: into `found`, two numbers each. `line` is the number of the
   next line; runs as above. */
EXPORT size_t jsonl_lint_marked(
    const uint64_t *keys, size_t count, const uint64_t *again, uint64_t bit_count, uint64_t *line, uint32_t *in_run,
    uint64_t *found) {
    size_t filled = 0;
    for (size_t i = 0; i < count; i++) {
        uint64_t place = (keys[i] >> 16) & (bit_count - 1);
        if (*in_run) *line += keys[i];
        if (*in_run || !keys[i]) {
            *in_run = !*in_run;
            continue;
        }
        if (again[place >> 6] >> (place & 63) & 1) {
            found[filled++] = *line;
            found[filled++] = keys[i];
        }
        ++*line;
    }
    return filled;
}

#endif
