/* What the C programs share: counting, texts that live until the end of a section, calls in one line. */
#ifndef CHECK_H
#define CHECK_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include "cardmint.h"

/* Counts; says so when it does not hold, with the words of printf. Any thread. */
#define CHECK(holds, ...) check_that(true, (holds), __FILE__, __LINE__, __VA_ARGS__)

/* The same for what goes without saying: counts only when it does not hold. */
#define SURELY(holds, ...) check_that(false, (holds), __FILE__, __LINE__, __VA_ARGS__)
bool check_that(bool counts, bool holds, const char *file, int line, const char *words, ...)
    __attribute__((format(printf, 5, 6)));

/* Prints the count as the last line and returns the exit code. */
int check_end(void);

/* A text as printf makes it; it lives until `forget` in the same thread. */
char *text(const char *words, ...) __attribute__((format(printf, 1, 2)));
void forget(void);

/* How a call ended, and its reply or the JSON of its failure; empty where there is neither. Lives until `forget`. */
struct answer {
    cardmint_status status;
    const char *text;
};
struct answer answer(cardmint_status status, cardmint_text *reply, cardmint_text *error);

typedef cardmint_status (*operation)(const cardmint_tenant *, const char *, size_t, cardmint_text **, cardmint_text **);

/* Calls an operation and says how it ended. */
struct answer ask(operation op, const cardmint_tenant *tenant, const char *request);
/* The same through the call by name. */
struct answer ask_named(const char *name, const cardmint_tenant *tenant, const char *request);
/* Calls an operation that must go well and gives its reply. */
const char *done(operation op, const cardmint_tenant *tenant, const char *request);

cardmint_engine *engine_of(const char *options);
cardmint_tenant *tenant_of(const cardmint_engine *engine, const char *world);

/* A file as a text with a NUL; NULL when it cannot be read. To be freed. */
char *file_text(const char *path);

/* The parts of the program. `folder` is empty and theirs; `root` is the repository. */
void story(const char *folder);
void calls(const char *folder);
void abuse(const char *folder);
void surface(const char *root);
void vectors(const char *root);

#endif
