/* The operation from C, by its own function. */
#include <stdio.h>
#include <string.h>
#include "cardmint.h"

#define OPTIONS "{\"path\":\":memory:\",\"keyring\":{\"file\":\"keys-c.json\"}}"

static const cardmint_tenant *shop;

/* Whether an echo ends in a status with a text that holds one word and not the other. */
static int ends(const char *request, cardmint_status wanted, const char *with, const char *without) {
    cardmint_text *reply = NULL, *error = NULL;
    cardmint_status status = cardmint_echo(shop, request, strlen(request), &reply, &error);
    const char *said = cardmint_text_data(status == CARDMINT_STATUS_OK ? reply : error);
    int right = status == wanted && said != NULL && strstr(said, with) != NULL && strstr(said, without) == NULL;
    if (!right) fprintf(stderr, "%s: status %d, %s\n", request, (int)status, said != NULL ? said : "nothing");
    cardmint_text_free(reply);
    cardmint_text_free(error);
    return right;
}

int main(void) {
    cardmint_engine *engine = NULL;
    cardmint_tenant *tenant = NULL;
    cardmint_create_keyring("keys-c.json", 11, NULL);
    if (cardmint_engine_open(OPTIONS, strlen(OPTIONS), &engine, NULL) != CARDMINT_STATUS_OK ||
        cardmint_engine_tenant(engine, "default", 7, "live", 4, &tenant, NULL) != CARDMINT_STATUS_OK) return 1;
    shop = tenant;
    int right = ends("{\"word\":\"tea\"}", CARDMINT_STATUS_OK, "\"tea\"", "panic") &&
                ends("{\"word\":\"tea\",\"breaks\":true}", CARDMINT_STATUS_PANIC, "\"panic\"", "tea") &&
                ends("{\"word\":\"tea\"}", CARDMINT_STATUS_OK, "\"tea\"", "panic");
    cardmint_tenant_free(tenant);
    cardmint_engine_free(engine);
    return right ? 0 : 1;
}
