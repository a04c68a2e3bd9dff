/* Finds where the items of a JSON array end. cuts.py is the Python side. */

#ifndef JSONL_LINT_CUTS_H
#define JSONL_LINT_CUTS_H

#include "text.h"

/* Where a text stands that is read piece by piece. `closed`: its outermost bracket was closed, or brackets do not
   match, which is so if `broken`. */
typedef struct {
    uint64_t depth;
    uint32_t in_string, escaped, closed, broken;
} Brackets;

/* The first quote or backslash. */
static const uint8_t *string_end(const uint8_t *at, const uint8_t *end) {
#ifdef __SSE2__
    while (end - at >= 16) {
        __m128i bytes = _mm_loadu_si128((const __m128i *)at);
        int found = _mm_movemask_epi8(_mm_or_si128(_mm_cmpeq_epi8(bytes, _mm_set1_epi8('"')),
                                                   _mm_cmpeq_epi8(bytes, _mm_set1_epi8('\\'))));
        if (found) return at + __builtin_ctz((unsigned)found);
        at += 16;
    }
#endif
    while (at < end && *at != '"' && *at != '\\') at++;
    return at;
}

/* Goes on in a string; returns where it ends, or the piece does. */
static const uint8_t *rest_of_string(Brackets *open, const uint8_t *at, const uint8_t *end) {
    while (at < end) {
        if (open->escaped) {
            open->escaped = 0;
            at++;
            continue;
        }
        at = string_end(at, end);
        if (at == end) break;
        if (*at++ == '\\') {
            open->escaped = 1;
        } else {
            open->in_string = 0;
            break;
        }
    }
    return at;
}

/* Tracks a bracket or comma; returns whether an item of the outermost array ends before it. */
static int ends_item(Brackets *open, uint8_t token) {
    if (token == ',') {
        open->broken = !open->depth;
    } else if (token == '[' || token == '{') {
        open->depth++;
        return 0;
    } else if (open->depth < 2) {
        open->broken = !open->depth || token == '}';
        open->closed = 1;
        open->depth = 0;
    } else {
        open->depth--;
        return 0;
    }
    open->closed |= open->broken;
    return !open->broken && (open->closed || open->depth == 1);
}

/* Writes the places after the commas of the outermost array, and after the bracket that closes it, to `cuts`, and
   returns their number. `start` is where to go on in the piece; it is moved to where the next call has to go on, which
   is the end unless the array is closed or there is no more room. */
EXPORT size_t jsonl_lint_cuts(
    Brackets *open, const uint8_t *piece, size_t size, size_t *start, uint32_t *cuts, size_t room) {
    const uint8_t *at = piece + *start, *end = piece + size;
    size_t found = 0;
    while (at < end && !open->closed && found < room) {
        if (open->in_string) {
            at = rest_of_string(open, at, end);
            continue;
        }
        uint8_t token = *at++;
        switch (token) {
            case '"': open->in_string = 1; break;
            case '[': case ']': case '{': case '}': case ',':
                if (ends_item(open, token)) cuts[found++] = (uint32_t)(at - piece);
                break;
            default: break;
        }
    }
    *start = (size_t)(at - piece);
    return found;
}

#endif
