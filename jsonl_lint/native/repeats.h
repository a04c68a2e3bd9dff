/* Which keys of lines come again, in one pass over bits: repeats.py asks. */

#ifndef JSONL_LINT_REPEATS_H
#define JSONL_LINT_REPEATS_H

#include "json.h"

/* Keys whose bit was set before, into `found`: those that come again, and a few others. The bits stay set for what
   follows. Only keys of one part are looked at, of a power of two of `parts`. 0 is no key: it stands before a number of
   lines that have none, and `in_run` says whether that number comes next. */
EXPORT size_t jsonl_lint_repeats(
    const uint64_t *keys, size_t count, uint32_t part, uint32_t parts, uint64_t *bits, uint64_t bit_count,
    uint32_t *in_run, uint64_t *found) {
    size_t again = 0;
    for (size_t i = 0; i < count; i++) {
        uint64_t key = keys[i], place = (key >> 16) & (bit_count - 1), bit = (uint64_t)1 << (place & 63);
        if (*in_run || !key) {
            *in_run = !*in_run;
            continue;
        }
        if ((key & (parts - 1)) != part) continue;
        if (bits[place >> 6] & bit) found[again++] = key;
        bits[place >> 6] |= bit;
    }
    return again;
}

#endif
