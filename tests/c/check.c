#include "check.h"

#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

static atomic_int passed, failed;

bool check_that(bool counts, bool holds, const char *file, int line, const char *words, ...) {
    if (holds) {
        if (counts) atomic_fetch_add(&passed, 1);
        return true;
    }
    atomic_fetch_add(&failed, 1);
    va_list args;
    va_start(args, words);
    printf("failed: %s:%d: ", file, line);
    vprintf(words, args);
    printf("\n");
    va_end(args);
    return false;
}

int check_end(void) {
    printf("%d passed, %d failed\n", atomic_load(&passed), atomic_load(&failed));
    return atomic_load(&failed) != 0 || atomic_load(&passed) == 0;
}

static _Thread_local struct kept {
    struct kept *next;
    char text[];
} *kept;

static char *keep(size_t size) {
    struct kept *one = malloc(sizeof *one + size);
    if (one == NULL) abort();
    one->next = kept;
    kept = one;
    return one->text;
}

void forget(void) {
    while (kept != NULL) {
        struct kept *next = kept->next;
        free(kept);
        kept = next;
    }
}

char *text(const char *words, ...) {
    va_list args;
    va_start(args, words);
    int size = vsnprintf(NULL, 0, words, args);
    va_end(args);
    if (size < 0) abort();
    char *made = keep((size_t)size + 1);
    va_start(args, words);
    vsnprintf(made, (size_t)size + 1, words, args);
    va_end(args);
    return made;
}

struct answer answer(cardmint_status status, cardmint_text *reply, cardmint_text *error) {
    SURELY(reply == NULL || error == NULL, "a reply and a failure at once");
    SURELY((status >= 100) == (error != NULL), "status %d, and a failure that does not go with it", status);
    const cardmint_text *said = reply != NULL ? reply : error;
    size_t size = cardmint_text_len(said);
    char *copy = keep(size + 1);
    if (said != NULL) memcpy(copy, cardmint_text_data(said), size + 1);
    copy[size] = 0;
    SURELY(strlen(copy) == size, "a text has a NUL in it, or none behind it");
    cardmint_text_free(reply);
    cardmint_text_free(error);
    return (struct answer){status, copy};
}

struct answer ask(operation op, const cardmint_tenant *tenant, const char *request) {
    cardmint_text *reply = NULL, *error = NULL;
    cardmint_status status = op(tenant, request, strlen(request), &reply, &error);
    return answer(status, reply, error);
}

struct answer ask_named(const char *name, const cardmint_tenant *tenant, const char *request) {
    cardmint_text *reply = NULL, *error = NULL;
    cardmint_status status =
        cardmint_tenant_call(tenant, name, strlen(name), request, strlen(request), &reply, &error);
    return answer(status, reply, error);
}

const char *done(operation op, const cardmint_tenant *tenant, const char *request) {
    struct answer said = ask(op, tenant, request);
    SURELY(said.status == CARDMINT_STATUS_OK, "%s\n  of %.200s", said.text, request);
    return said.text;
}

cardmint_engine *engine_of(const char *options) {
    cardmint_engine *engine = NULL;
    cardmint_text *error = NULL;
    cardmint_status status = cardmint_engine_open(options, strlen(options), &engine, &error);
    if (!SURELY(status == CARDMINT_STATUS_OK, "%s", answer(status, NULL, error).text)) exit(check_end());
    return engine;
}

cardmint_tenant *tenant_of(const cardmint_engine *engine, const char *world) {
    cardmint_tenant *tenant = NULL;
    cardmint_text *error = NULL;
    cardmint_status status =
        cardmint_engine_tenant(engine, "default", strlen("default"), world, strlen(world), &tenant, &error);
    if (!SURELY(status == CARDMINT_STATUS_OK, "%s", answer(status, NULL, error).text)) exit(check_end());
    return tenant;
}

char *file_text(const char *path) {
    FILE *file = fopen(path, "rb");
    if (file == NULL) return NULL;
    size_t size = 0, room = 1 << 16;
    char *bytes = malloc(room + 1);
    for (size_t got = 1; bytes != NULL && got > 0; size += got) {
        if (size == room) {
            room *= 2;
            char *more = realloc(bytes, room + 1);
            if (more == NULL) abort();
            bytes = more;
        }
        got = fread(bytes + size, 1, room - size, file);
    }
    fclose(file);
    if (bytes != NULL) bytes[size] = 0;
    return bytes;
}
