#include "json.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"

static const char *space(const char *at) {
    return at + strspn(at, " \t\r\n");
}

/* Behind the value that begins here. */
static const char *behind(const char *at) {
    if (*at == '"') {
        for (at++; *at != '"' && *at != 0; at++) {
            if (*at == '\\' && at[1] != 0) at++;
        }
        return *at == 0 ? at : at + 1;
    }
    if (*at != '{' && *at != '[') return at + strcspn(at, ",]} \t\r\n");
    int deep = 0;
    do {
        if (*at == '"') {
            at = behind(at);
            continue;
        }
        deep += (*at == '{' || *at == '[') - (*at == '}' || *at == ']');
        at++;
    } while (deep > 0 && *at != 0);
    return at;
}

const char *json_next(const char *item) {
    item = space(behind(item));
    return *item == ',' ? space(item + 1) : NULL;
}

const char *json_first(const char *list) {
    list = space(list);
    if (*list != '[' && *list != '{') return NULL;
    list = space(list + 1);
    return *list == ']' || *list == '}' ? NULL : list;
}

size_t json_count(const char *list) {
    size_t count = 0;
    for (const char *item = json_first(list); item != NULL; item = json_next(item)) count++;
    return count;
}

const char *json_at(const char *value, const char *path) {
    while (value != NULL && *path != 0) {
        size_t size = strcspn(path, ".");
        const char *item = json_first(value);
        if (*space(value) == '[') {
            for (long left = strtol(path, NULL, 10); left > 0 && item != NULL; left--) item = json_next(item);
        }
        while (*space(value) == '{' && item != NULL) {
            const char *name = item;
            item = space(space(behind(item)) + 1); /* behind the colon */
            if (strncmp(name + 1, path, size) == 0 && name[1 + size] == '"') break;
            item = json_next(item);
        }
        value = item;
        path += size + (path[size] == '.');
    }
    return value == NULL ? NULL : space(value);
}

/* One character, as UTF-8. */
static char *utf8(char *to, unsigned long c) {
    if (c < 0x80) {
        *to++ = (char)c;
    } else if (c < 0x800) {
        *to++ = (char)(0xc0 | c >> 6);
        *to++ = (char)(0x80 | (c & 63));
    } else if (c < 0x10000) {
        *to++ = (char)(0xe0 | c >> 12);
        *to++ = (char)(0x80 | (c >> 6 & 63));
        *to++ = (char)(0x80 | (c & 63));
    } else {
        *to++ = (char)(0xf0 | c >> 18);
        *to++ = (char)(0x80 | (c >> 12 & 63));
        *to++ = (char)(0x80 | (c >> 6 & 63));
        *to++ = (char)(0x80 | (c & 63));
    }
    return to;
}

static unsigned long hex4(const char *at) {
    char digits[5] = {0};
    strncpy(digits, at, 4);
    return strtoul(digits, NULL, 16);
}

const char *json_text(const char *value, const char *path) {
    const char *at = json_at(value, path);
    if (at == NULL) return "";
    const char *end = behind(at);
    char *made = text("%.*s", (int)(end - at), at), *to = made;
    if (*at != '"') return made;
    for (at++; at < end - 1; at++) {
        if (*at != '\\') {
            *to++ = *at;
            continue;
        }
        static const char escapes[] = "n\nt\tr\rb\bf\f";
        const char *plain = strchr(escapes, *++at);
        if (*at == 'u') {
            unsigned long c = hex4(at + 1);
            at += 4;
            if (c >= 0xd800 && c < 0xdc00) {
                c = 0x10000 + ((c - 0xd800) << 10) + (hex4(at + 3) - 0xdc00);
                at += 6;
            }
            to = utf8(to, c);
        } else {
            *to++ = plain != NULL ? plain[1] : *at;
        }
    }
    *to = 0;
    return made;
}

long long json_number(const char *value, const char *path) {
    const char *at = json_at(value, path);
    return at == NULL ? -1 : strtoll(at, NULL, 10);
}
