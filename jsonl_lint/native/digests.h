/* A set of digests of 16 bytes: digests.py keeps the table. */

#ifndef JSONL_LINT_DIGESTS_H
#define JSONL_LINT_DIGESTS_H

#include "cursor.h"

/* Adds digests to a table that has room for them, and says of each whether it was there before. The number of places is a
   power of two. A digest stands at the place that its first half tells, or at the next one that was free; the second half
   of a free place is 0. Digests with such a half are passed over, so that a table can be added to a larger one. */
EXPORT void jsonl_lint_add_digests(
    uint8_t *table, uint64_t places, const uint8_t *digests, size_t count, uint8_t *known) {
    for (size_t i = 0; i < count; i++) {
        uint64_t halves[2], there[2];
        memcpy(halves, digests + 16 * i, 16);
        known[i] = 0;
        if (!halves[1]) continue;
        for (uint64_t place = halves[0] & (places - 1);; place = (place + 1) & (places - 1)) {
            memcpy(there, table + 16 * place, 16);
            if (!there[1]) memcpy(table + 16 * place, halves, 16);
            else if (there[0] != halves[0] || there[1] != halves[1]) continue;
            known[i] = there[1] != 0;
            break;
        }
    }
}

#endif
