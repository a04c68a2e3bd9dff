/* The structures that Python has judged: what to do with records of each. recogniser.py is the Python side. */

#ifndef JSONL_LINT_STRUCTURES_H
#define JSONL_LINT_STRUCTURES_H

#include "likeness.h"

enum { SLOTS = 4096, MOST_LEARNED = SLOTS / 2 };

/* What is known of a structure: the group of those that are counted alike, 0 if its records go the usual way; the
   longest line that certainly fits; and what it needs. */
typedef struct {
    uint64_t hash;
    uint32_t at, size, group, most_bytes, needs, used;
} Slot;

/* The learned structures: a hash table, and the bytes of their signatures one after the other. */
typedef struct {
    uint32_t learned, spelled;
    Slot slots[SLOTS];
    uint8_t spellings[1 << 18];
} Structures;

typedef struct {
    uint32_t size;
    uint8_t spelled[MOST_PROFILED];
} Profile;

EXPORT size_t jsonl_lint_structures_size(void) { return sizeof(Structures); }

/* The slot of a structure, or the unused one where it belongs. */
static Slot *slot_of(Structures *known, const uint8_t *signature, uint32_t size, uint64_t hash) {
    for (uint64_t i = hash;; i++) {
        Slot *slot = known->slots + i % SLOTS;
        if (!slot->used) return slot;
        if (slot->hash == hash && slot->size == size && !memcmp(known->spellings + slot->at, signature, size)) return slot;
    }
}

/* Adds how a structure is spelled that is learned. There must be room. */
static void put_spelling(Structures *known, Slot *slot, const uint8_t *signature, uint32_t size) {
    slot->at = known->spelled;
    slot->size = size;
    memcpy(known->spellings + known->spelled, signature, size);
    known->spelled += size;
    known->learned++;
}

/* Learns a structure; 0 if there is no room. */
EXPORT int jsonl_lint_learn(
    Structures *known, const uint8_t *signature, uint32_t size, uint32_t group, uint32_t most_bytes, uint32_t needs) {
    uint64_t hash = hash_64(signature, size);
    Slot *slot = slot_of(known, signature, size, hash);
    if (!slot->used) {
        if (known->learned == MOST_LEARNED || sizeof known->spellings - known->spelled < size) return 0;
        *slot = (Slot){.hash = hash, .used = 1};
        put_spelling(known, slot, signature, size);
    }
    slot->group = group;
    slot->most_bytes = most_bytes;
    slot->needs = needs;
    return 1;
}

/* The slot of a record: that of its structure, or of its profile if the structure has not been learned. Then the
   structure is learned as well, as long as there is much room, because that is found sooner. */
static const Slot *slot_for(Structures *known, const Record *r, Profile *profile, int profiles) {
    uint64_t hash = hash_64(r->signature, r->signed_bytes);
    Slot *slot = r->cut ? NULL : slot_of(known, r->signature, r->signed_bytes, hash);
    profile->size = 0;
    if ((slot && slot->used) || !profiles) return slot;
    profile->size = put_profile(r, profile->spelled);
    if (!profile->size) return slot;
    Slot *same = slot_of(known, profile->spelled, profile->size, hash_64(profile->spelled, profile->size));
    if (slot && same->used && known->learned < MOST_LEARNED / 2 && known->spelled < sizeof known->spellings / 2) {
        *slot = (Slot){hash, 0, 0, same->group, same->most_bytes, same->needs, 1};
        put_spelling(known, slot, r->signature, r->signed_bytes);
    }
    return same->used || !slot ? same : slot;
}

#endif
