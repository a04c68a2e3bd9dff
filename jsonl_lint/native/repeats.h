/* Finds the lines whose key may occur more than once, by bits that equal keys share. repeats.py is the Python side. */

#ifndef JSONL_LINT_REPEATS_H
#define JSONL_LINT_REPEATS_H

#include "cursor.h"

/* Marks the keys in two sets of bits, in which the place of its bit follows from a key: `once` has the keys that
   occurred, `again` those that occurred once more, or share their bit with another key. `bit_count` is a power of two.
   A 0 among the keys is not a key: the number after it says how many lines have none. `in_run`: it comes next. */
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

/* Writes the number and the key of each line whose key is marked in `again` to `found`, and returns how many numbers
   were written. `line` is the number of the next line; 0 and `in_run` are as above. */
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
