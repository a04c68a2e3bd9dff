/* Passes over the lines of JSONL whose records Python does not have to look at.

   Python judges each structure once and tells this code about it. A line is passed over if it is a record of a learned
   structure, is short enough, and contains nothing that a text rule asks for; consecutive lines of one group make one
   entry. Any other line that is a record makes an entry that says why Python has to look at it. The rest makes no
   entry and goes the usual way, so in doubt this code can always refuse a line. It does not use Python's C API, and
   nothing here allocates. */

#include "digests.h"
#include "places.h"
#include "repeats.h"
#include "structures.h"

#ifndef JSONL_LINT_SOURCE
#define JSONL_LINT_SOURCE 0
#endif

/* Why Python has to look at a record, and what has been found out about it:
   IS_NEW: its structure is not known. IS_LONG: it may be too long. HAS_NO_KEY: its key is not known here.
   HAS_TOOLS: it has tools or calls, which are paired with their results. HAS_ODD_CALLS: instead, some may be wrong.
   HAS_OUTPUTS: its two answers certainly differ.
   HAS_MARK: text rules may ask for it, because of a mark, an escape or how a text ends. MAY_HIDE: because of an escape.
   MAY_END: because of how a text ends.
   IS_WANTED: its structure needs a look at each record. */
enum {
    IS_NEW = 1, IS_LONG = 2, HAS_TOOLS = 4, HAS_NO_KEY = 8, HAS_ODD_CALLS = 16, HAS_OUTPUTS = 32, HAS_MARK = 64,
    MAY_HIDE = 128, IS_WANTED = 256, HAS_SLIPS = 512, MAY_END = 1024
};

enum { LOOP_NEEDLE = 24, LOOP_WINDOW = 3600 };

/* What a record needs to pass: correct tool calls, two answers that differ, a look at all of it. */
enum { NEEDS_TOOLS = 1, NEEDS_OUTPUTS = 2, NEEDS_A_LOOK = 4 };

typedef struct {
    const uint32_t *next, *end;
} Marks;

/* What is wanted. `asks`: text rules ask for records: for those with an escape of a code unit whose bit is set in
   `hidden`, or with such a control character; with a text that has one of the `endings` (in JSON, each preceded by its
   length); or with `loops`, that may end in a repetition. `marks` are places in the data, in order; `all_marks` are those
   that count in lines with slips. `keys`: the keys of records. `profiles`: they may be learned, too. */
typedef struct {
    const uint8_t *hidden, *endings;
    size_t endings_size;
    Marks marks, all_marks;
    uint32_t asks, loops, keys, tolerated, profiles;
} Wanted;

/* `lines` consecutive lines. recogniser.py has the same structure, and says what the places refer to. */
typedef struct {
    uint32_t start, end, lines, last_bytes, group, why;
    uint32_t signature, signature_end, tools, tools_end, calls, calls_end;
    uint32_t texts, texts_end; /* of its messages, if it may be too long */
    uint32_t most_tokens;      /* likewise, if it has tools or no texts; otherwise UINT32_MAX */
    uint32_t profile;          /* where the signature ends and the profile begins */
    uint32_t slips, slips_end;
} Entry;

typedef struct {
    uint32_t start, end, arguments, arguments_end; /* `start` and `end` are those of the name */
} PlacedCall;

/* The same as `Slip`; its places are bytes of the line. */
typedef struct {
    uint32_t kind, start, end, before;
} PlacedSlip;

typedef struct {
    size_t entry_room, call_room, slip_room, signature_room, key_room;
    Entry *entries;
    uint64_t *keys;
    PlacedCall *calls;
    PlacedSlip *slips;
    uint8_t *signatures, *texts; /* the texts as JSON arrays: there is room for them, as lines are longer */
    size_t entry_count, key_count, call_count, slip_count, signature_bytes, text_bytes;
} Found;

/* The checksum of the source that this was compiled from, by which Python recognises an outdated library. */
EXPORT uint32_t jsonl_lint_source(void) { return JSONL_LINT_SOURCE; }

/* Whether texts may be the same that have bytes which are not UTF-8: all of these are read as one character. */
static int may_be_same(const uint8_t *one, const uint8_t *other, size_t size) {
    for (size_t i = 0; i < size; i++) {
        if (one[i] != other[i] && (one[i] < 0x80 || other[i] < 0x80)) return 0;
    }
    return 1;
}

/* Whether a text may end in a loop: its last bytes occur shortly before its end. Also 1 if that cannot be told, because
   a character may be spelled in several ways. */
static int may_loop(const Text *text) {
    const uint8_t *needle = text->end - LOOP_NEEDLE;
    size_t size = text_size(text);
    if (text->flags & UNITS && text->flags & (WIDE | CAPITALS)) return 1;
    if (text->flags & CONTROLS && memchr(text->start, '\\', size)) return 1;
    if (size <= LOOP_NEEDLE) return 0;
    size_t back = size - LOOP_NEEDLE < LOOP_WINDOW ? size - LOOP_NEEDLE : LOOP_WINDOW;
    for (size_t distance = 1; text->flags & NO_UTF8 && distance <= back; distance++) {
        if (may_be_same(needle - distance, needle, LOOP_NEEDLE)) return 1;
    }
    uint64_t wanted, found;
    memcpy(&wanted, needle, 8);
    for (size_t distance = 1; distance <= back; distance++) {
        memcpy(&found, needle - distance, 8);
        if (found == wanted && memcmp(needle - distance, needle, LOOP_NEEDLE) == 0) return 1;
    }
    return 0;
}

/* Whether one of the texts may end in a way that a text rule asks for. */
static int may_end(const Texts *texts, const Wanted *wanted) {
    for (const Text *text = texts->texts; text < texts->texts + texts->count; text++) {
        size_t size = text_size(text);
        if (text->flags & QUOTED) return 1;
        for (const uint8_t *ending = wanted->endings; ending < wanted->endings + wanted->endings_size; ending += *ending + 1) {
            if (*ending > size || ending[*ending] != text->end[-1]) continue;
            if (!memcmp(text->end - *ending, ending + 1, *ending)) return 1;
        }
        if (wanted->loops && may_loop(text)) return 1;
    }
    return (int)texts->lost;
}

/* Why text rules may ask for the record, apart from marks in it. */
static int why_concerns(const Record *r, const Wanted *wanted) {
    if (!wanted->asks) return 0;
    int odd = r->odd_earlier || (has_messages(r) && r->odd_end);
    int ends = odd || may_end(has_messages(r) ? &r->last_texts : &r->other_texts, wanted) ||
               may_end(&r->earlier_texts, wanted);
    return (r->c.flags & HIDES ? HAS_MARK | MAY_HIDE : 0) | (ends ? HAS_MARK | MAY_END : 0);
}

/* Adds the places of the tools and of each call. */
static void place_calls(const Record *r, const uint8_t *data, Found *found, Entry *entry) {
    entry->tools = r->tools.start ? (uint32_t)(r->tools.start - data) : 0;
    entry->tools_end = r->tools.start ? (uint32_t)(r->tools.end - data) : 0;
    for (uint32_t i = 0; i < r->call_count; i++) {
        const Call *call = r->calls + i;
        found->calls[found->call_count++] = (PlacedCall){
            (uint32_t)(call->name.start - data), (uint32_t)(call->name.end - data),
            (uint32_t)(call->arguments.start - data), (uint32_t)(call->arguments.end - data)};
    }
}

static void place_slips(const Cursor *c, const uint8_t *line, Found *found) {
    for (const Slip *slip = c->slips; slip < c->slips + c->slip_count; slip++) {
        found->slips[found->slip_count++] = (PlacedSlip){
            slip->kind, (uint32_t)(slip->start - line), (uint32_t)(slip->end - line),
            slip->before ? (uint32_t)(slip->before - line) : 0};
    }
}

/* Adds the texts of the messages as a JSON array, if it is known what all of them say. */
static void list_texts(const Record *r, Found *found) {
    const Question *before = r->questions;
    if (!before->there || before->lost || before->messages < 2 || before->count > KEPT_TEXTS) return;
    if (r->last_texts.count != 1) return;
    for (uint32_t i = 0; i <= before->count; i++) {
        const Text *text = i < before->count ? before->texts + i : r->last_texts.texts;
        found->texts[found->text_bytes++] = i ? ',' : '[';
        memcpy(found->texts + found->text_bytes, text->start - 1, text_size(text) + 2);
        found->text_bytes += text_size(text) + 2;
    }
    found->texts[found->text_bytes++] = ']';
}

/* Does the same as `line_with_tools_at_most` in tokens/bounds.py. */
static uint32_t tokens_at_most(const uint8_t *line, uint32_t size) {
    uint32_t opened = 0, commas = 0, digits = 0;
    for (uint32_t at = 0; at < size; at += UINT8_MAX) { /* in bytes, so that compilers count sixteen at a time */
        uint8_t some_opened = 0, some_commas = 0, some_digits = 0;
        uint32_t end = size - at < UINT8_MAX ? size : at + UINT8_MAX;
        for (uint32_t i = at; i < end; i++) {
            some_opened += line[i] == '{' || line[i] == '[';
            some_commas += line[i] == ',';
            some_digits += line[i] >= '0' && line[i] <= '9';
        }
        opened += some_opened;
        commas += some_commas;
        digits += some_digits;
    }
    uint64_t most = (uint64_t)size + size / 3 + 5ull * digits + (2ull * opened + commas) * (3 + opened / 4);
    return most < UINT32_MAX ? (uint32_t)most : UINT32_MAX;
}

/* Why Python has to look at the record, 0 if it need not; -1 if it goes the usual way. */
static int why_asks(const Record *r, const Slot *slot, uint32_t line_bytes, uint64_t key) {
    int why = key ? 0 : HAS_NO_KEY;
    int tools = r->odd ? HAS_ODD_CALLS : r->tools.start || r->call_count ? HAS_TOOLS : 0;
    int outputs = (!slot->used || slot->needs & NEEDS_OUTPUTS) && differ(r->outputs, r->outputs + 1) ? HAS_OUTPUTS : 0;
    if (!slot->used) return why | IS_NEW | tools | outputs;
    if (!slot->group || (slot->needs & NEEDS_TOOLS && tools != HAS_TOOLS)) return -1;
    if (slot->needs & NEEDS_OUTPUTS && !outputs) return -1;
    why |= (line_bytes > slot->most_bytes ? IS_LONG : 0) | (slot->needs & NEEDS_TOOLS ? HAS_TOOLS : 0);
    why |= slot->needs & NEEDS_A_LOOK ? IS_WANTED : 0;
    return why ? why | outputs : 0;
}

/* The same for a record with slips, if nothing but its structure and its slips matters. A line that does not begin with
   its bracket may be part of another record. */
static int why_asks_with_slips(const Slot *slot, const uint8_t *line, uint32_t line_bytes, int concerns) {
    if ((*line != '{' && *line != '[') || concerns) return -1;
    if (!slot->used) return IS_NEW | HAS_SLIPS;
    if (!slot->group || line_bytes > slot->most_bytes) return -1;
    return slot->needs & NEEDS_A_LOOK ? IS_WANTED | HAS_SLIPS : 0;
}

/* Adds the signature and the profile of an entry's record; 0 if there is no room. */
static int add_signature(const Record *r, const Profile *profile, Entry *entry, Found *found) {
    uint32_t size = r->cut ? 0 : r->signed_bytes;
    if (found->signature_room - found->signature_bytes < size + profile->size) return 0;
    entry->signature = (uint32_t)found->signature_bytes;
    entry->profile = entry->signature + size;
    entry->signature_end = entry->profile + profile->size;
    put_bytes(put_bytes(found->signatures + entry->signature, r->signature, size), profile->spelled, profile->size);
    found->signature_bytes = entry->signature_end;
    return 1;
}

/* Adds the entry of a record, or extends the previous entry; 0 if there is no room. */
static int add(const Record *r, const Profile *profile, const uint8_t *data, Entry *entry, Found *found) {
    Entry *last = found->entries + found->entry_count - 1;
    if (!entry->why && found->entry_count && !last->why && last->end == entry->start && last->group == entry->group) {
        last->end = entry->end;
        last->lines++;
        last->last_bytes = entry->last_bytes;
        return 1;
    }
    if (found->entry_count == found->entry_room || found->call_room - found->call_count < r->call_count) return 0;
    if (found->slip_room - found->slip_count < r->c.slip_count) return 0;
    if (entry->why && !add_signature(r, profile, entry, found)) return 0;
    entry->calls = (uint32_t)found->call_count;
    if (entry->why & HAS_TOOLS) place_calls(r, data, found, entry);
    entry->calls_end = (uint32_t)found->call_count;
    entry->slips = (uint32_t)found->slip_count;
    if (entry->why & HAS_SLIPS) place_slips(&r->c, data + entry->start, found);
    entry->slips_end = (uint32_t)found->slip_count;
    entry->texts = (uint32_t)found->text_bytes;
    if (entry->why & IS_LONG) list_texts(r, found);
    entry->texts_end = (uint32_t)found->text_bytes;
    entry->most_tokens = UINT32_MAX;
    if (entry->why & IS_LONG && (r->tools.start || r->call_count || entry->texts == entry->texts_end)) {
        entry->most_tokens = tokens_at_most(data + entry->start, entry->last_bytes);
    }
    found->entries[found->entry_count++] = *entry;
    return 1;
}

/* Whether a mark is in the line; the marks before its end are not looked at again. */
static int is_marked(Marks *marks, const Entry *line) {
    while (marks->next < marks->end && *marks->next <= line->start) marks->next++;
    return marks->next < marks->end && *marks->next <= line->end ? HAS_MARK : 0;
}

/* Goes through the lines that end with a line feed and have at most `most_bytes`. When there is no more room for what
   is found, it stops, and the remaining lines go the usual way. */
EXPORT void jsonl_lint_skim(
    const uint8_t *data, size_t size, size_t most_bytes, int crlf, const Name *names, size_t name_count,
    const Wanted *wanted, Structures *known, Found *found) {
    Record r;
    Profile profile;
    const uint8_t *at = data, *stop;
    Marks marks = wanted->marks, all_marks = wanted->all_marks;
    found->entry_count = found->key_count = found->call_count = found->slip_count = 0;
    found->signature_bytes = found->text_bytes = 0;
    r.names = names;
    r.name_count = name_count;
    r.c.hidden = wanted->hidden;
    if (size > UINT32_MAX) return;
    for (; (stop = memchr(at, '\n', (size_t)(data + size - at))); at = stop + 1) {
        Entry entry = {.start = (uint32_t)(at - data), .end = (uint32_t)(stop + 1 - data), .lines = 1};
        int returns = stop > at && stop[-1] == '\r';
        entry.last_bytes = entry.end - entry.start;
        if (entry.last_bytes > most_bytes || returns != crlf) continue;
        if (!take_record(&r, at, stop - returns, 0) &&
            !(wanted->tolerated && take_record(&r, at, stop - returns, wanted->tolerated))) continue;
        if (r.cut && !wanted->profiles) continue;
        const Slot *slot = slot_for(known, &r, &profile, (int)wanted->profiles);
        int slips = r.c.slip_count > 0;
        int concerns = is_marked(slips ? &all_marks : &marks, &entry) | why_concerns(&r, wanted);
        if (slips && r.c.slips[0].kind == CUT_OFF && !begins_record(&r, stop + 1, data + size)) continue;
        uint64_t key = wanted->keys && !slips ? key_of(&r) : 1;
        int why = slips ? why_asks_with_slips(slot, at, entry.last_bytes, concerns)
                        : why_asks(&r, slot, entry.last_bytes, key);
        if (why < 0) continue;
        if (found->key_count == found->key_room) return;
        entry.why = (uint32_t)(why | concerns);
        entry.group = slot->group;
        if (!add(&r, &profile, data, &entry, found)) return;
        found->keys[found->key_count++] = key;
    }
}
