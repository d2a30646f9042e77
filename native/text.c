/* A bounded line of JSON or plain text. */
#include "shim.h"

/* Room kept for what closes a line after a string that had to be cut. */
#define TAIL 64

static void put(struct text *text, char c) {
    if (text->length < sizeof text->data)
        text->data[text->length++] = c;
}

void text_add(struct text *text, const char *string) {
    while (*string)
        put(text, *string++);
}

void text_number(struct text *text, uint64_t number) {
    char digits[21];
    char *p = digits + sizeof digits - 1;
    *p = 0;
    do
        *--p = (char)('0' + number % 10);
    while (number /= 10);
    text_add(text, p);
}

static void key(struct text *text, const char *name) {
    text_add(text, text->length ? ",\"" : "{\"");
    text_add(text, name);
    text_add(text, "\":");
}

void json_number(struct text *text, const char *name, uint64_t number) {
    key(text, name);
    text_number(text, number);
}

void json_literal(struct text *text, const char *name, const char *literal) {
    key(text, name);
    text_add(text, literal);
}

void json_string(struct text *text, const char *name, const char *string) {
    static const char hex[] = "0123456789abcdef";
    key(text, name);
    put(text, '"');
    for (; *string && text->length < sizeof text->data - TAIL; string++) {
        unsigned char c = (unsigned char)*string;
        if (c == '"' || c == '\\')
            put(text, '\\');
        if (c < 0x20) {
            text_add(text, "\\u00");
            put(text, hex[c >> 4]);
            c = (unsigned char)hex[c & 15];
        }
        put(text, (char)c);
    }
    put(text, '"');
}

void json_end(struct text *text) {
    text_add(text, "}\n");
}

/* Digits only: no sign, no blank, no overflow. */
bool parse_number(const char *string, int base, uint64_t *number) {
    const char *p = string;
    for (*number = 0; *p >= '0' && *p < '0' + base; p++)
        if (__builtin_mul_overflow(*number, (uint64_t)base, number) ||
            __builtin_add_overflow(*number, (uint64_t)(*p - '0'), number))
            return false;
    return p > string && !*p;
}
