/* Pairs the tool calls of a conversation with their results, as toolcalls/screen.py does. */

#ifndef JSONL_LINT_CALLS_H
#define JSONL_LINT_CALLS_H

#include "signature.h"

/* Takes a key and a string, which are valid JSON. Only `arguments` may have escapes, since other strings are compared;
   or be an object, with its brackets. */
static int take_pair(Cursor *c, Text *key, Text *value) {
    if (!take_text(c, key) || !take(c, ':')) return 0;
    skip_space(c);
    int are_arguments = is_word(key, "arguments", 9);
    if (are_arguments && c->at < c->end && *c->at == '{') {
        value->start = c->at;
        if (!skip_value(c, 0)) return 0;
        value->end = c->at;
        return 1;
    }
    if (c->at == c->end || *c->at != '"' || !take_text(c, value)) return 0;
    return are_arguments || !memchr(value->start, '\\', text_size(value));
}

static int take_function(Cursor *c, Call *call) {
    Text key, value;
    if (!take(c, '{')) return 0;
    do {
        if (!take_pair(c, &key, &value)) return 0;
        if (is_word(&key, "name", 4)) call->name = value;
        else if (is_word(&key, "arguments", 9)) call->arguments = value;
        else return 0;
    } while (take(c, ','));
    return take(c, '}') && call->name.start && call->arguments.start;
}

static int take_call(Cursor *c, Call *call) {
    Text key, value;
    int typed = 0;
    memset(call, 0, sizeof *call);
    if (!take(c, '{')) return 0;
    do {
        skip_space(c);
        if (take_word(c, "\"function\"", 10)) {
            if (!take(c, ':') || !take_function(c, call)) return 0;
            continue;
        }
        if (!take_pair(c, &key, &value)) return 0;
        if (is_word(&key, "id", 2)) call->id = value;
        else if (is_word(&key, "type", 4)) typed = is_word(&value, "function", 8);
        else return 0;
    } while (take(c, ','));
    return take(c, '}') && typed && call->name.start && call->id.start < call->id.end;
}

/* Whether the calls of a message, which are valid JSON, are all right and have new ids. They wait for their results. */
static int take_calls(Record *r, const Text *calls) {
    Cursor *c = &r->c;
    const uint8_t *after = c->at, *end = c->end;
    uint32_t flags = c->flags, slip_count = c->slip_count, ended = c->ended, key_count = c->key_count;
    Texts *heard = c->heard;
    int right;
    c->at = calls->start;
    c->end = calls->end;
    c->heard = NULL; /* its texts have been */
    right = take(c, '[');
    do {
        Call *call = r->calls + r->call_count;
        right = right && r->call_count < MOST_CALLS && take_call(c, call);
        for (uint32_t i = 0; right && i < r->call_count; i++) right = !same(&r->calls[i].id, &call->id);
        if (right) r->call_count++, r->waiting++;
    } while (right && take(c, ','));
    c->at = after;
    c->end = end;
    c->flags = flags;
    c->slip_count = slip_count;
    c->ended = ended;
    c->key_count = key_count;
    c->heard = heard;
    return right;
}

/* A letter for a common role that only speakers have, 0 for any other or none. */
static uint8_t speaker(const Text *role) {
    static const struct { const char *word; size_t size; } roles[] = {
        {"user", 4}, {"assistant", 9}, {"system", 6}, {"developer", 9}};
    for (size_t i = 0; role->start && i < sizeof roles / sizeof *roles; i++) {
        if (is_word(role, roles[i].word, roles[i].size)) return (uint8_t)roles[i].word[0];
    }
    return 0;
}

/* Whether a message without a common role may call a tool, or be a tool's result. All names of such a role begin with
   one of these letters, or with white space. */
static int may_use_tools(const Message *message) {
    if (message->calls != NO_CALLS || message->has_call_id) return 1;
    if (!message->role.start) return 0;
    int letter = *message->role.start | 0x20;
    return letter < 'a' || letter > 'z' || strchr("fiot", letter) != NULL;
}

/* Pairs a message with the calls before it: each result must answer a waiting call, and no other message may come
   between them. */
static void pair_calls(Record *r, const Message *message) {
    int is_result = message->role.start && is_word(&message->role, "tool", 4);
    int between = message->waited || message->calls_function;
    if (!speaker(&message->role)) between |= may_use_tools(message);
    if (message->calls == ODD_CALLS || (!is_result && between)) r->odd = 1;
    if (!is_result) return;
    for (uint32_t i = 0; i < r->call_count && message->calls == NO_CALLS && message->call_id.start; i++) {
        if (!r->calls[i].answered && same(&r->calls[i].id, &message->call_id)) {
            r->calls[i].answered = 1;
            r->waiting--;
            return;
        }
    }
    r->odd = 1;
}

#endif
