//! What must not be seen anywhere: codes, public words, phone numbers, keys.

use std::fmt::Debug;

use cardmint::card::{Audience, EventKind};
use cardmint::code::{CodeBook, Formats, Normalisation, World};
use cardmint::subject::Subject;
use cardmint::{
    AddAudience, CardPick, Claim, ClaimFrom, CodeText, ExportCodes, Observe, Quote, Redeem, RefundRedemption,
    SaveCampaign, SavePublicCode,
};
use cardmint_tests::{Shop, Watched, bearer, eight_tenths, instant, keyring, order};

const PHONE: &str = "+8613800138000";
const WORD: &str = "SUMMERSALE20";

/// Gathers debug texts, and looks for secrets in them.
#[derive(Default)]
struct Seen {
    texts: Vec<(String, String)>,
    secrets: Vec<String>,
}

impl Seen {
    fn see(&mut self, what: &str, value: impl Debug) {
        self.texts.push((what.to_owned(), format!("{value:?} {value:#?}")));
    }

    fn secret(&mut self, text: &str) {
        let plain = text.replace('-', "");
        self.secrets.extend([text.to_owned(), text.to_lowercase(), plain.to_lowercase(), plain.clone()]);
        // As bytes in a list, and as hex.
        self.secrets.push(list(text.as_bytes()));
        self.secrets.push(plain.bytes().map(|byte| format!("{byte:02x}")).collect());
    }

    fn code(&mut self, code: Option<String>) -> String {
        let code = code.unwrap();
        self.secret(&code);
        code
    }

    fn look(&self, watched: &Watched) {
        let written = ("the store".to_owned(), watched.written());
        for (what, text) in self.texts.iter().chain([&written]) {
            for secret in &self.secrets {
                assert!(!text.contains(secret.as_str()), "{what} shows {secret}: {text}");
            }
        }
    }
}

fn list(bytes: &[u8]) -> String {
    let parts: Vec<_> = bytes.iter().map(u8::to_string).collect();
    parts.join(", ")
}

#[test]
fn g30_secrets_are_in_no_record_event_or_debug_text() {
    for (shop, watched) in Shop::each_watched() {
        let mut seen = Seen::default();
        let ring = keyring();
        let json = ring.to_json().to_string();
        let hex: Vec<_> = json.split('"').filter(|part| part.len() == 64).collect();
        assert_eq!(hex.len(), 2, "a base secret and a key");
        for key in hex {
            let bytes: Vec<u8> =
                (0..64).step_by(2).map(|at| u8::from_str_radix(&key[at..at + 2], 16).unwrap()).collect();
            seen.secrets.extend([key.to_owned(), list(&bytes)]);
        }
        seen.secrets.extend([PHONE.to_owned(), PHONE[1..].to_owned(), list(PHONE.as_bytes())]);
        seen.secret(WORD);
        let tenant = &shop.tenant;
        let phone = || Subject::new("phone", PHONE);
        seen.see("keyring", &ring);
        seen.see("book", CodeBook::new(&ring, "default", World::Live, &Formats::default()));
        seen.see("engine", &shop.engine);
        seen.see("tenant", tenant);
        seen.see("subject", phone());

        let campaign = SaveCampaign { audience: Audience::Listed, ..shop.campaign("c") };
        shop.campaign_batch(campaign, 20, eight_tenths());
        shop.batch("bearer", 20, bearer());
        let list = AddAudience { meta: shop.meta(), campaign: "c".to_owned(), subjects: vec![phone()] };
        seen.see("add audience", &list);
        tenant.add_audience(list).wait().unwrap();
        let facts = [("page".to_owned(), "home".to_owned())].into();
        let observe = Observe {
            meta: shop.meta(),
            subject: phone(),
            kind: "visit".to_owned(),
            at: instant("2026-01-01T00:00:00Z"),
            facts,
        };
        seen.see("observe", &observe);
        tenant.observe(observe).wait().unwrap();
        seen.see(
            "word saved",
            tenant.save_public_code(SavePublicCode::new(shop.meta(), "c", WORD, Normalisation::Word)).wait().unwrap(),
        );
        seen.see(
            "word taken",
            tenant
                .save_public_code(SavePublicCode::new(shop.meta(), "c", WORD, Normalisation::Word))
                .wait()
                .unwrap_err(),
        );
        let odd = format!("{WORD}\n");
        seen.see(
            "word refused",
            tenant
                .save_public_code(SavePublicCode::new(shop.meta(), "c", odd, Normalisation::Word))
                .wait()
                .unwrap_err(),
        );

        let claim = Claim { holder: phone(), ..shop.claim_request("c", "") };
        seen.see("claim", &claim);
        let claimed = tenant.claim(claim).wait().unwrap();
        seen.see("claimed", &claimed);
        let code = seen.code(claimed.code);
        for request in [shop.redeem_request(&code, None), shop.redeem_request(WORD, None)] {
            let request = Redeem { holder: Some(phone()), ..request };
            seen.see("redeem", &request);
            let receipt = tenant.redeem(request).wait().unwrap();
            seen.see("receipt", &receipt);
            seen.see("redemption", tenant.redemption(receipt.redemption.as_str()).unwrap());
            let refund = RefundRedemption::new(shop.meta(), receipt.redemption);
            seen.see("refunded", tenant.refund(refund).wait().unwrap());
        }
        let quote = Quote { holder: Some(phone()), ..Quote::new(CardPick::code(&code), order("o", &[("a", 100)])) };
        seen.see("quote", &quote);
        seen.see("quoted", tenant.quote(quote).unwrap());
        let bearer = seen.code(Some(shop.code_of("bearer", 3).unwrap()));
        let from_code = Claim { take: ClaimFrom::Code(CodeText(bearer.clone())), ..shop.claim_request("", "ann") };
        seen.see("claim of a code", &from_code);
        tenant.claim(from_code).wait().unwrap();
        let act = |reason: &str| (shop.because(reason), CardPick::code(&code));
        seen.see("act", act("why"));
        seen.see("frozen", tenant.freeze(act("check")).wait().unwrap());
        seen.see("denied", tenant.freeze(act("again")).wait().unwrap_err());
        seen.see("unfrozen", tenant.unfreeze(act("fine")).wait().unwrap());
        let history = tenant.history(CardPick::code(&code)).unwrap();
        assert!(history.iter().any(|entry| entry.kind == EventKind::Redeemed));
        seen.see("history", history);
        let replaced = tenant.replace(act("torn")).wait().unwrap();
        seen.see("replaced", &replaced);
        seen.code(replaced.code);
        seen.see("dead code", tenant.look_up(CardPick::code(&code)).unwrap_err());
        let request = ExportCodes { meta: shop.because("print"), batch: "bearer".to_owned(), first: 0, count: None };
        let mut stream = tenant.export_codes(request).unwrap();
        let exported: Vec<_> = stream.by_ref().map(|next| next.unwrap().code).collect();
        seen.see("stream", &stream);
        exported.iter().for_each(|code| seen.secret(code));
        seen.see("wallet", tenant.wallet(phone()).unwrap());
        let overlong = format!("{code}{}", "0".repeat(300));
        seen.see("overlong", tenant.look_up(CardPick::code(overlong)).unwrap_err());
        let bad = Subject::new("phone", format!("{PHONE}\n"));
        seen.see("bad phone", bad.check("holder").unwrap_err());
        let figures = tenant.engine_figures(()).unwrap();
        assert!(figures.ended.contains_key("frozen") && figures.calls > 20, "{figures:?}");
        seen.see("engine figures", figures);
        let request = cardmint::operation::Operation::named("engine_figures").unwrap().call(tenant, b"{}").unwrap();
        let json = String::from_utf8(request).unwrap();
        for private in ["phone", "customer", "bearer", "print", "k0", "c\"", "default"] {
            assert!(!json.contains(private), "figures tell {private}: {json}");
        }
        seen.see("engine figures as JSON", json);
        assert!(watched.written().contains("phone:"), "the look looks at what was written");
        seen.look(&watched);
    }
}

#[test]
fn two_tenants_keep_one_phone_number_under_two_names() {
    for shop in Shop::each() {
        let holder = |tenant: &cardmint::Tenant| {
            let mut there = shop.beside(std::sync::Arc::clone(&shop.store), keyring());
            there.tenant = tenant.clone();
            there.batch("b", 1, eight_tenths());
            let claim = Claim { holder: Subject::new("phone", PHONE), ..there.claim_request("b", "") };
            there.tenant.claim(claim).wait().unwrap().card.holder.unwrap()
        };
        let worlds = [World::Live, World::Test].map(|world| holder(&shop.engine.tenant("shop", world).unwrap()));
        let other = holder(&shop.engine.tenant("other", World::Live).unwrap());
        assert!(worlds[0] != worlds[1] && worlds[0] != other && worlds[1] != other);
    }
}
