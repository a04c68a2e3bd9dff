/* A conversation without repetitions, as profile.py has it: its first two messages and its last one, which
   messages follow each other, and which there are more than once. */

#ifndef JSONL_LINT_CONVERSATION_H
#define JSONL_LINT_CONVERSATION_H

#include "json.h"

enum { FEW_MESSAGES = 4, MOST_FORMS = 32, FORM_BYTES = 2048 };
enum { MOST_PUT = 4 + FORM_BYTES + 7 * MOST_FORMS };

/* A form is the signature of a message. There is a bit for each form among those that follow one, those that have been
   seen, and those that have been seen repeatedly. */
typedef struct {
    uint32_t messages, forms;
    uint32_t unusual; /* it has no profile: a role that is not common, too many forms, or not the only conversation */
    uint32_t are_contents; /* its roles are those of Gemini */
    uint32_t first, second, last, seen, repeated;
    uint32_t followers[MOST_FORMS], ends[MOST_FORMS]; /* where each form ends in `spelled` */
    uint8_t only_first[MOST_FORMS];                   /* whether only the first message may have its role */
    uint8_t spelled[FORM_BYTES];
} Conversation;

static uint32_t form_start(const Conversation *conversation, uint32_t form) {
    return form ? conversation->ends[form - 1] : 0;
}

static uint32_t form_size(const Conversation *conversation, uint32_t form) {
    return conversation->ends[form] - form_start(conversation, form);
}

/* The form with this signature, which is new if there is none; MOST_FORMS if there is no room. */
static uint32_t form_of(Conversation *conversation, const uint8_t *at, uint32_t size) {
    uint32_t start = 0;
    for (uint32_t form = 0; form < conversation->forms; start = conversation->ends[form++]) {
        if (conversation->ends[form] - start != size || conversation->spelled[start] != *at) continue;
        if (size == 1 || !memcmp(conversation->spelled + start, at, size)) return form;
    }
    if (conversation->forms == MOST_FORMS || size > FORM_BYTES - start) return MOST_FORMS;
    memcpy(conversation->spelled + start, at, size);
    conversation->ends[conversation->forms] = start + size;
    conversation->followers[conversation->forms] = 0;
    return conversation->forms++;
}

/* Whether the role is that of any message, or only of a first one; 0 for another role. */
enum { OF_ANY = 1, OF_FIRST };

static int place_of_role(const Text *role, int of_contents) {
    if (!role->start) return 0;
    if (is_word(role, "user", 4)) return OF_ANY;
    if (of_contents) return is_word(role, "model", 5) || is_word(role, "function", 8) ? OF_ANY : 0;
    if (is_word(role, "assistant", 9) || is_word(role, "tool", 4)) return OF_ANY;
    return is_word(role, "system", 6) || is_word(role, "developer", 9) ? OF_FIRST : 0;
}

/* Whether it is the role of a tool's result, with which no conversation begins. */
static int is_result(const Text *role) { return is_word(role, "tool", 4) || is_word(role, "function", 8); }

/* Adds the next message. */
static void add_form(Conversation *conversation, const uint8_t *signature, uint32_t size, const Text *role) {
    uint32_t forms = conversation->forms, index = conversation->messages++;
    if (conversation->unusual) return;
    uint32_t form = form_of(conversation, signature, size);
    int place = form < forms ? OF_ANY : place_of_role(role, (int)conversation->are_contents);
    conversation->unusual = form == MOST_FORMS || !place || (!index && is_result(role));
    if (conversation->unusual) return;
    if (form == forms) conversation->only_first[form] = place == OF_FIRST;
    if (index && conversation->only_first[form]) conversation->unusual = 1;
    if (!index) conversation->first = form;
    else conversation->followers[conversation->last] |= 1u << form;
    if (index == 1) conversation->second = form;
    conversation->repeated |= conversation->seen & 1u << form;
    conversation->seen |= 1u << form;
    conversation->last = form;
}

static uint8_t *put_bytes(uint8_t *to, const uint8_t *at, size_t size) {
    memcpy(to, at, size);
    return to + size;
}

/* Whether a form comes before another one in a profile, in which their order is not that of the messages. */
static int is_before(const Conversation *conversation, uint32_t one, uint32_t other) {
    uint32_t size = form_size(conversation, one), other_size = form_size(conversation, other);
    if (size != other_size) return size < other_size;
    const uint8_t *spelled = conversation->spelled;
    return memcmp(spelled + form_start(conversation, one), spelled + form_start(conversation, other), size) < 0;
}

/* Writes a form: its size, its signature, whether it is repeated, and what follows it. */
static uint8_t *put_form(const Conversation *conversation, uint32_t form, const uint32_t rank[MOST_FORMS], uint8_t *to) {
    uint16_t size = (uint16_t)form_size(conversation, form);
    uint32_t followers = 0;
    for (uint32_t other = 0; other < conversation->forms; other++) {
        if (conversation->followers[form] >> other & 1) followers |= 1u << rank[other];
    }
    to = put_bytes(to, (const uint8_t *)&size, sizeof size);
    to = put_bytes(to, conversation->spelled + form_start(conversation, form), size);
    *to++ = conversation->repeated >> form & 1;
    return put_bytes(to, (const uint8_t *)&followers, sizeof followers);
}

/* Writes the profile, and returns its end. No signature of messages begins like it. */
static uint8_t *put_conversation(const Conversation *conversation, uint8_t *to) {
    uint32_t order[MOST_FORMS], rank[MOST_FORMS];
    for (uint32_t form = 0; form < conversation->forms; form++) {
        uint32_t place = form;
        for (; place && is_before(conversation, form, order[place - 1]); place--) order[place] = order[place - 1];
        order[place] = form;
    }
    for (uint32_t i = 0; i < conversation->forms; i++) rank[order[i]] = i;
    *to++ = '~';
    *to++ = (uint8_t)rank[conversation->first];
    *to++ = (uint8_t)rank[conversation->second];
    *to++ = (uint8_t)rank[conversation->last];
    for (uint32_t i = 0; i < conversation->forms; i++) to = put_form(conversation, order[i], rank, to);
    return to;
}

#endif
