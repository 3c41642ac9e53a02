/* Just enough JSON to look into replies and vectors. Texts are trusted to be JSON. */
#ifndef JSON_H
#define JSON_H

#include <stddef.h>

/* Where the value of a path such as `pricing.lines.0.amount_minor` begins; NULL when there is none. */
const char *json_at(const char *value, const char *path);
/* Its text, unescaped, or the JSON of what is no text; empty when there is none. Lives until `forget`. */
const char *json_text(const char *value, const char *path);
/* Its whole number; -1 when there is none. */
long long json_number(const char *value, const char *path);
/* How many items a list has. */
size_t json_count(const char *list);
/* The first item of a list, the one after an item; NULL at the end. */
const char *json_first(const char *list);
const char *json_next(const char *item);

#endif
