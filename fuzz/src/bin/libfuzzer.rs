//! libFuzzer's entry: `CARDMINT_FUZZ_TARGET` names the target.
#![no_main]
#![allow(unsafe_code, reason = "libFuzzer looks its entry up by its plain name")]

use std::sync::LazyLock;

use cardmint_fuzz::{Target, target};

static TARGET: LazyLock<Target> = LazyLock::new(|| {
    let name = std::env::var("CARDMINT_FUZZ_TARGET").unwrap_or_default();
    target(&name).unwrap_or_else(|| panic!("CARDMINT_FUZZ_TARGET names no target: `{name}`"))
});

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| (TARGET.run)(bytes));
