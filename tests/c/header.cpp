// The header is C++, too: a handle in a unique_ptr, a text as a string_view.
#include <cstdio>
#include <memory>
#include <string_view>

#include "cardmint.h"

namespace {

struct Free {
    void operator()(cardmint_text *text) const { cardmint_text_free(text); }
};
using Text = std::unique_ptr<cardmint_text, Free>;

std::string_view view(const Text &text) {
    return {cardmint_text_data(text.get()), cardmint_text_len(text.get())};
}

} // namespace

int main() {
    cardmint_text *operations = nullptr, *error = nullptr;
    if (cardmint_operations(&operations, &error) != CARDMINT_STATUS_OK) return 1;
    const Text list(operations);
    cardmint_engine *engine = nullptr;
    const cardmint_status status = cardmint_engine_open("{}", 2, &engine, &error);
    const Text failure(error);
    const bool fine = view(list).find("\"redeem\"") != std::string_view::npos && status == CARDMINT_STATUS_INVALID &&
                      engine == nullptr && view(failure).find("`path`") != std::string_view::npos;
    std::printf("%d passed, %d failed\n", fine ? 1 : 0, fine ? 0 : 1);
    return fine ? 0 : 1;
}
