/* Finds the place of a value in a line that is JSON, by the steps of a JSON Pointer. places.py is the Python side. */

#ifndef JSONL_LINT_PLACES_H
#define JSONL_LINT_PLACES_H

#include "cuts.h"

/* What a step leads to: nothing that can be told here, nothing that is there, or a value. */
enum { UNTOLD, ABSENT, THERE };

typedef struct {
    uint32_t is_name, size; /* `size` is that of the name after it, or the index */
} Step;

/* Where a walk stands: at the value that begins at `at`; `key` is that of the member that it is, without quotes. */
typedef struct {
    const uint8_t *at, *end;
    Text key;
} Walk;

static int is_blank(uint8_t byte) { return byte == ' ' || byte == '\t' || byte == '\n' || byte == '\r'; }

static const uint8_t *after_blanks(const uint8_t *at, const uint8_t *end) {
    while (at < end && is_blank(*at)) at++;
    return at;
}

/* Where the string ends of which the opening quote is at `at`; the end of the line if it does not. */
static const uint8_t *after_string(const uint8_t *at, const uint8_t *end) {
    Brackets open = {.in_string = 1};
    return rest_of_string(&open, at + 1, end);
}

static const uint8_t *after_value(const uint8_t *at, const uint8_t *end) {
    size_t depth = 0;
    while (at < end) {
        switch (*at) {
            case '"': at = after_string(at, end); break;
            case '{': case '[': depth++; at++; break;
            case '}': case ']':
                if (!depth) return at;
                depth--;
                at++;
                break;
            case ',': case ' ': case '\t': case '\n': case '\r':
                if (!depth) return at;
                at++;
                continue;
            default: at++; continue;
        }
        if (!depth) return at;
    }
    return at;
}

/* Goes past a comma to what follows; 0 if there is none. */
static int next_one(Walk *walk) {
    walk->at = after_blanks(walk->at, walk->end);
    if (walk->at == walk->end || *walk->at != ',') return 0;
    walk->at = after_blanks(walk->at + 1, walk->end);
    return 1;
}

/* Goes to the value of the first member with this name. Keys with escapes are not compared. */
static int to_member(Walk *walk, const uint8_t *name, uint32_t size) {
    if (walk->at == walk->end || *walk->at != '{') return ABSENT;
    walk->at = after_blanks(walk->at + 1, walk->end);
    do {
        if (walk->at == walk->end) return UNTOLD;
        if (*walk->at != '"') return *walk->at == '}' ? ABSENT : UNTOLD;
        Text key = {.start = walk->at + 1};
        walk->at = after_string(walk->at, walk->end);
        key.end = walk->at - 1;
        walk->at = after_blanks(walk->at, walk->end);
        if (walk->at == walk->end || *walk->at != ':' || memchr(key.start, '\\', text_size(&key))) return UNTOLD;
        walk->at = after_blanks(walk->at + 1, walk->end);
        if (is_word(&key, (const char *)name, size)) {
            walk->key = key;
            return THERE;
        }
        walk->at = after_value(walk->at, walk->end);
    } while (next_one(walk));
    return ABSENT;
}

static int to_item(Walk *walk, uint32_t index) {
    if (walk->at == walk->end || *walk->at != '[') return ABSENT;
    walk->at = after_blanks(walk->at + 1, walk->end);
    if (walk->at == walk->end) return UNTOLD;
    if (*walk->at == ']') return ABSENT;
    while (index--) {
        walk->at = after_value(walk->at, walk->end);
        if (!next_one(walk)) return ABSENT;
    }
    return THERE;
}

/* A container around a place, and which of its values is there: the last key, or the index. */
typedef struct {
    uint32_t is_object, key, key_end, index;
} Around;

enum { MOST_AROUND = 64 };

/* Notes the containers in which the byte at `offset` is, the outermost first, for a line that has the brackets and
   strings of JSON. Returns how many there are; `MOST_AROUND` if they are too many. */
EXPORT uint32_t jsonl_lint_around(const uint8_t *line, size_t size, size_t offset, Around around[MOST_AROUND]) {
    const uint8_t *at = line, *end = line + (offset < size ? offset : size), *last = line + size;
    Around *inner = around;
    uint32_t depth = 0;
    while (at < end && depth < MOST_AROUND) {
        const uint8_t *start = at++;
        if (*start == '{' || *start == '[') {
            inner = around + depth++;
            *inner = (Around){.is_object = *start == '{'};
        } else if (*start == '}' || *start == ']') {
            depth -= depth > 0;
            inner = around + depth - (depth > 0);
        } else if (*start == ',' && depth) {
            inner->index++;
        } else if (*start == '"') {
            at = after_string(start, last);
            const uint8_t *next = after_blanks(at, last);
            if (!depth || !inner->is_object || next == last || *next != ':') continue;
            inner->key = (uint32_t)(start + 1 - line);
            inner->key_end = (uint32_t)(at - 1 - line);
        }
    }
    return depth;
}

static uint32_t characters(const uint8_t *at, const uint8_t *end) {
    uint32_t count = 0;
    for (; at < end; at++) count += (*at & 0xc0) != 0x80;
    return count;
}

/* Writes where the value starts and ends to which the steps lead, or its closest existing parent: both in characters, then
   the start in bytes. `of_key`: the place of the value's own key, if it is a member. No object on the way may have a
   key twice. Returns 0 if the place cannot be told. */
EXPORT int jsonl_lint_place(
    const uint8_t *line, size_t size, const uint8_t *steps, size_t steps_size, int of_key, uint32_t place[3]) {
    Walk walk = {.at = line, .end = line + size};
    const uint8_t *last = steps + steps_size;
    int found = THERE, is_name = 0;
    if (size > UINT32_MAX) return 0;
    while (walk.end > line && is_blank(walk.end[-1])) walk.end--;
    const uint8_t *start = walk.at = after_blanks(line, walk.end), *stop = walk.end;
    int inside = 0;
    while (steps < last) {
        Step step;
        memcpy(&step, steps, sizeof step);
        steps += sizeof step;
        found = step.is_name ? to_member(&walk, steps, step.size) : to_item(&walk, step.size);
        if (found == UNTOLD) return 0;
        if (found == ABSENT) break;
        if (step.is_name) steps += step.size;
        is_name = (int)step.is_name;
        start = walk.at;
        inside = 1;
    }
    if (found == THERE && of_key && is_name) {
        start = walk.key.start - 1;
        stop = walk.key.end + 1;
    } else if (inside) {
        stop = after_value(start, walk.end);
    }
    place[2] = (uint32_t)(start - line);
    place[0] = characters(line, start);
    place[1] = place[0] + characters(start, stop);
    return 1;
}

#endif
