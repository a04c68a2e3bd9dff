/* Which keys of lines come again, in one pass over bits, and which lines have certain keys: repeats.py asks. */

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

enum { FILTER_BITS = 1 << 16 };

static int is_among(const uint64_t *sorted, size_t count, uint64_t key) {
    size_t low = 0;
    while (low < count) {
        size_t middle = low + (count - low) / 2;
        if (sorted[middle] == key) return 1;
        if (sorted[middle] < key) low = middle + 1;
        else count = middle;
    }
    return 0;
}

/* The lines that have one of the wanted keys, which are sorted, and that key: into `found`, two numbers each. `line` is
   the number of the next line; runs as above. */
EXPORT size_t jsonl_lint_lines_with(
    const uint64_t *keys, size_t count, const uint64_t *wanted, size_t wanted_count, uint64_t *line, uint32_t *in_run,
    uint64_t *found) {
    uint64_t filter[FILTER_BITS / 64] = {0};
    size_t filled = 0;
    for (size_t i = 0; i < wanted_count; i++) {
        filter[wanted[i] % FILTER_BITS / 64] |= (uint64_t)1 << (wanted[i] % 64);
    }
    for (size_t i = 0; i < count; i++) {
        uint64_t key = keys[i];
        if (*in_run) *line += key;
        if (*in_run || !key) {
            *in_run = !*in_run;
            continue;
        }
        if (filter[key % FILTER_BITS / 64] >> (key % 64) & 1 && is_among(wanted, wanted_count, key)) {
            found[filled++] = *line;
            found[filled++] = key;
        }
        ++*line;
    }
    return filled;
}

#endif
