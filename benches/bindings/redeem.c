/* Runs each errand of a file once and prints one line of JSON: the seconds that it took.
 *
 * redeem alone|submitted DB KEYRING ERRANDS */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "cardmint.h"

/* Calls outstanding at once where more than one is. */
enum { OUTSTANDING = 64, LINE_MAX_BYTES = 256 };

/* The words of an errand, each ended by a NUL. */
struct errand {
    char *key, *code, *order, *holder;
};

static void fail(const char *what, const cardmint_text *error) {
    fprintf(stderr, "%s: %s\n", what, error == NULL ? "failed" : cardmint_text_data(error));
    exit(1);
}

/* The request of an errand: an order of two lines. Returns its length. */
static size_t request(const struct errand *errand, char *into, size_t size) {
    return (size_t)snprintf(
        into, size,
        "{\"meta\":\"%s\",\"code\":\"%s\",\"holder\":{\"kind\":\"customer\",\"value\":\"%s\"},"
        "\"order\":{\"id\":\"%s\",\"currency\":\"CNY\",\"lines\":["
        "{\"id\":\"1\",\"product\":\"tea\",\"quantity\":2,\"amount_minor\":12000},"
        "{\"id\":\"2\",\"product\":\"tea\",\"quantity\":2,\"amount_minor\":11400}]}}",
        errand->key, errand->code, errand->holder, errand->order);
}

/* One call after another on one thread. */
static void alone(const cardmint_tenant *shop, const struct errand *errands, size_t count) {
    char bytes[1024];
    for (size_t i = 0; i < count; i++) {
        size_t len = request(&errands[i], bytes, sizeof bytes);
        cardmint_text *reply = NULL, *error = NULL;
        if (cardmint_redeem(shop, bytes, len, &reply, &error) != CARDMINT_STATUS_OK) fail("redeem", error);
        cardmint_text_free(reply);
    }
}

/* As many calls handed in as may be outstanding; then the oldest is waited for, and another takes its place. */
static void submitted(const cardmint_tenant *shop, const struct errand *errands, size_t count) {
    char bytes[1024];
    cardmint_call *calls[OUTSTANDING] = {NULL};
    for (size_t i = 0; i < count + OUTSTANDING; i++) {
        cardmint_call **place = &calls[i % OUTSTANDING];
        cardmint_text *reply = NULL, *error = NULL;
        if (*place != NULL) {
            if (cardmint_call_wait(*place, &reply, &error) != CARDMINT_STATUS_OK) fail("wait", error);
            cardmint_text_free(reply);
            cardmint_call_free(*place);
            *place = NULL;
        }
        if (i >= count) continue;
        size_t len = request(&errands[i], bytes, sizeof bytes);
        if (cardmint_tenant_submit(shop, "redeem", 6, bytes, len, place, &error) != CARDMINT_STATUS_OK) fail("submit", error);
    }
}

/* Reads the errands: one a line, its words between single spaces. */
static struct errand *read_errands(const char *path, size_t *count) {
    FILE *file = fopen(path, "r");
    if (file == NULL) fail(path, NULL);
    struct errand *errands = NULL;
    char line[LINE_MAX_BYTES];
    for (*count = 0; fgets(line, sizeof line, file) != NULL; ++*count) {
        if (*count % 1024 == 0) errands = realloc(errands, (*count + 1024) * sizeof *errands);
        char *words = strdup(line);
        if (errands == NULL || words == NULL) fail("memory", NULL);
        struct errand *errand = &errands[*count];
        errand->key = strtok(words, " \n");
        errand->code = strtok(NULL, " \n");
        errand->order = strtok(NULL, " \n");
        errand->holder = strtok(NULL, " \n");
        if (errand->holder == NULL) fail("a line is no errand", NULL);
    }
    fclose(file);
    return errands;
}

static double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

int main(int argc, char **argv) {
    if (argc != 5) return 2;
    char options[2048];
    int len = snprintf(options, sizeof options, "{\"path\":\"%s\",\"keyring\":{\"file\":\"%s\"}}", argv[2], argv[3]);
    size_t count = 0;
    struct errand *errands = read_errands(argv[4], &count);
    cardmint_engine *engine = NULL;
    cardmint_tenant *shop = NULL;
    cardmint_text *error = NULL;
    if (cardmint_engine_open(options, (size_t)len, &engine, &error) != CARDMINT_STATUS_OK) fail("open", error);
    if (cardmint_engine_tenant(engine, "default", 7, "live", 4, &shop, &error) != CARDMINT_STATUS_OK) fail("tenant", error);
    double began = now();
    (strcmp(argv[1], "alone") == 0 ? alone : submitted)(shop, errands, count);
    printf("{\"seconds\": %f}\n", now() - began);
    cardmint_tenant_free(shop);
    cardmint_engine_free(engine);
    return 0;
}
