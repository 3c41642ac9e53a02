//! Requests that cannot be meant: each is refused by the name of its field, at once, and writes nothing.

use std::time::{Duration, Instant as Stopwatch};

use cardmint::card::{
    AfterClaim, Benefit, Display, Goal, Parameter, ParameterValue, Setting, TemplateDraft, ValidityDraft,
};
use cardmint::checkout::{Line, Order};
use cardmint::code::{CodeFormat, Keyring, Normalisation, World};
use cardmint::id::CardId;
use cardmint::money::{AMOUNT_MAX, Currency, Rounding};
use cardmint::rule::{Condition, LineFilter, Over};
use cardmint::subject::Subject;
use cardmint::time::{Instant, Zone};
use cardmint::{
    AddAudience, CardPick, ChaChaEntropy, Claim, ClaimFrom, CloseExport, Entropy, Error, ExportCodes, GrowBatch,
    Invalid, Issue, IssueBatch, ListCards, Meta, Observe, Paging, Quote, Redeem, RefundRedemption, SaveCampaign,
    SaveProductSet, SavePublicCode, SaveSettings, SaveTemplate, resume_after,
};
use cardmint_tests::{Shop, cny, eight_tenths, instant, order, refused, set_of};

/// The field that must be named, and what asks with a bad value there.
type Case = (&'static str, Box<dyn Fn(&Shop) -> Result<(), Error>>);

fn case(field: &'static str, ask: impl Fn(&Shop) -> Result<(), Error> + 'static) -> Case {
    (field, Box::new(ask))
}

/// A case of saving a template with one thing wrong.
fn template(field: &'static str, spoil: impl Fn(&mut TemplateDraft) + 'static) -> Case {
    case(field, move |shop| {
        let mut draft = eight_tenths();
        spoil(&mut draft);
        shop.tenant.save_template(SaveTemplate { meta: shop.meta(), template: draft }).wait().map(drop)
    })
}

/// A case of redeeming with one thing wrong.
fn redeem(field: &'static str, spoil: impl Fn(&mut Redeem) + 'static) -> Case {
    case(field, move |shop| {
        let mut request = shop.redeem_request("0000-0000-0000-0000", Some("ann"));
        spoil(&mut request);
        shop.tenant.redeem(request).wait().map(drop)
    })
}

/// A case of issuing a batch with one thing wrong.
fn batch(field: &'static str, spoil: impl Fn(&mut IssueBatch) + 'static) -> Case {
    case(field, move |shop| {
        let mut request = shop.issue_batch("fresh", 10);
        request.template = "there".to_owned();
        spoil(&mut request);
        shop.tenant.issue_batch(request).wait().map(drop)
    })
}

fn campaign(field: &'static str, spoil: impl Fn(&mut SaveCampaign) + 'static) -> Case {
    case(field, move |shop| {
        let mut request = shop.campaign("c");
        spoil(&mut request);
        shop.tenant.save_campaign(request).wait().map(drop)
    })
}

fn claim(field: &'static str, spoil: impl Fn(&mut Claim) + 'static) -> Case {
    case(field, move |shop| {
        let mut request = shop.claim_request("there", "ann");
        spoil(&mut request);
        shop.tenant.claim(request).wait().map(drop)
    })
}

fn observe(field: &'static str, spoil: impl Fn(&mut Observe) + 'static) -> Case {
    case(field, move |shop| {
        let (subject, at) = (Subject::customer("ann"), instant("2026-11-11T00:00:00Z"));
        let mut request =
            Observe { meta: shop.meta(), subject, kind: "visit".to_owned(), at, facts: Default::default() };
        spoil(&mut request);
        shop.tenant.observe(request).wait().map(drop)
    })
}

fn amount_off(minor: i64) -> Benefit {
    Benefit::AmountOff { minor: Setting::Fixed(minor), over: Over::Order }
}

fn percent_off(off_bp: i64, cap_minor: Option<i64>) -> Benefit {
    Benefit::PercentOff { off_bp: Setting::Fixed(off_bp), cap_minor, over: Over::Order }
}

fn line(id: &str, amount_minor: i64) -> Line {
    Line::new(id, "apple", 1, amount_minor)
}

fn lines(count: usize) -> Vec<Line> {
    (0..count).map(|place| line(&format!("l{place}"), 1)).collect()
}

/// Numbers and lists out of bounds.
fn figures() -> Vec<Case> {
    let integer = |min, max, default| [("p".to_owned(), Parameter::Integer { min, max, default })].into();
    vec![
        template("template.benefit.amount_off.minor", |t| t.benefit = amount_off(0)),
        template("template.benefit.amount_off.minor", |t| t.benefit = amount_off(-1)),
        template("template.benefit.amount_off.minor", |t| t.benefit = amount_off(AMOUNT_MAX + 1)),
        template("template.benefit.amount_off.minor", |t| t.benefit = amount_off(i64::MIN)),
        template("template.benefit.percent_off.off_bp", |t| t.benefit = percent_off(0, None)),
        template("template.benefit.percent_off.off_bp", |t| t.benefit = percent_off(10_001, None)),
        template("template.benefit.percent_off.off_bp", |t| t.benefit = percent_off(i64::MAX, None)),
        template("template.benefit.percent_off.cap_minor", |t| t.benefit = percent_off(2_000, Some(0))),
        template("template.benefit.amount_off.minor", |t| {
            t.benefit = Benefit::AmountOff { minor: Setting::named("nobody"), over: Over::Order };
        }),
        template("template.parameters.p", move |t| {
            t.parameters = integer(-5, 5, 0);
            t.benefit = Benefit::AmountOff { minor: Setting::named("p"), over: Over::Order };
        }),
        template("template.parameters.p.max", move |t| t.parameters = integer(5, 1, 3)),
        template("template.parameters.p", move |t| t.parameters = integer(1, 5, 6)),
        template("template.parameters", move |t| {
            t.parameters =
                (0..33).map(|n| (format!("p{n}"), Parameter::Integer { min: 0, max: 1, default: 0 })).collect();
        }),
        template("template.currency", |t| (t.currency, t.benefit) = (None, amount_off(100))),
        template("template.limits.uses_per_card", |t| t.limits.uses_per_card = 0),
        template("template.limits.uses_per_holder", |t| t.limits.uses_per_holder = Some(0)),
        template("template.limits.claims_per_holder", |t| t.limits.claims_per_holder = Some(1_000_001)),
        template("template.validity.after_claim.days", |t| {
            t.validity.after_claim = Some(AfterClaim::Days(Setting::Fixed(-1)));
        }),
        template("template.validity.after_claim.seconds", |t| {
            t.validity.after_claim = Some(AfterClaim::Seconds(i64::MAX));
        }),
        template("template.validity.end", |t| {
            let (start, end) = (Some("2026-11-12".to_owned()), Some("2026-11-11".to_owned()));
            t.validity = ValidityDraft { start, end, ..ValidityDraft::default() };
        }),
        template("template.validity.start", |t| t.validity.start = Some("2026-02-30".to_owned())),
        template("template.conditions[0].min_spend.minor", |t| {
            t.conditions = vec![Condition::MinSpend { minor: 0, over: Over::Order }];
        }),
        template("template.conditions[1].has_line.lines", |t| {
            let good = Condition::HasLine { lines: set_of("s") };
            t.conditions = vec![good, Condition::HasLine { lines: LineFilter::default() }];
        }),
        template("template.conditions", |t| {
            t.conditions = vec![Condition::MinSpend { minor: 1, over: Over::Order }; 101];
        }),
        campaign("campaign.end", |c| {
            (c.start, c.end) = (Some("2026-11-12T00:00:00Z".to_owned()), Some("2026-11-12T00:00:00Z".to_owned()));
        }),
        campaign("goal.target", |c| c.goal = Some(Goal { measure: "uses".to_owned(), target: 0 })),
        campaign("title", |c| c.title = String::new()),
        batch("size", |b| b.size = 0),
        batch("format", |b| b.format = "OTHER+16".parse().unwrap()),
        case("size", |shop| {
            shop.tenant.grow_batch(GrowBatch { meta: shop.meta(), batch: "there".to_owned(), size: 9 }).wait().map(drop)
        }),
        redeem("order.lines", |r| r.order.lines.clear()),
        redeem("order.lines", |r| r.order.lines = lines(10_001)),
        redeem("order.lines", |r| r.order.lines = vec![line("a", AMOUNT_MAX), line("b", 1)]),
        redeem("order.lines[1].id", |r| r.order.lines = vec![line("a", 1), line("a", 1)]),
        redeem("order.lines[0].amount_minor", |r| r.order.lines[0].amount_minor = -1),
        redeem("order.lines[0].amount_minor", |r| r.order.lines[0].amount_minor = i64::MAX),
        redeem("order.lines[0].quantity", |r| r.order.lines[0].quantity = 0),
        redeem("order.lines[0].quantity", |r| r.order.lines[0].quantity = u32::MAX),
        redeem("order.lines[0].categories", |r| r.order.lines[0].categories = vec!["c".to_owned(); 101]),
        redeem("order.segments", |r| r.order.segments = (0..101).map(|n| n.to_string()).collect()),
        redeem("code", |r| r.code = "".into()),
        redeem("meta.key", |r| r.meta = Meta::key("")),
        redeem("meta.key", |r| r.meta = Meta::key("a b")),
        redeem("meta.reason", |r| r.meta.reason = Some(String::new())),
        redeem("holder.kind", |r| r.holder = Some(Subject::new("Phone", "1"))),
        redeem("holder.value", |r| r.holder = Some(Subject::customer(""))),
        case("subjects", |shop| {
            let request = AddAudience { meta: shop.meta(), campaign: "c".to_owned(), subjects: Vec::new() };
            shop.tenant.add_audience(request).wait().map(drop)
        }),
        case("subjects", |shop| {
            let subjects = (0..1_001).map(|n| Subject::customer(n.to_string())).collect();
            let request = AddAudience { meta: shop.meta(), campaign: "c".to_owned(), subjects };
            shop.tenant.add_audience(request).wait().map(drop)
        }),
        case("products", |shop| {
            let request = SaveProductSet { meta: shop.meta(), name: "s".to_owned(), products: Vec::new() };
            shop.tenant.save_product_set(request).wait().map(drop)
        }),
        case("products", |shop| {
            let products = (0..100_001).map(|n| n.to_string()).collect();
            let request = SaveProductSet { meta: shop.meta(), name: "s".to_owned(), products };
            shop.tenant.save_product_set(request).wait().map(drop)
        }),
        case("word", |shop| {
            shop.tenant
                .save_public_code(SavePublicCode::new(shop.meta(), "there", "", Normalisation::Word))
                .wait()
                .map(drop)
        }),
        case("limit", |shop| {
            let page = Paging { after: None, limit: 1_001 };
            shop.tenant.list_campaigns(page).map(drop)
        }),
        case("page.after", |shop| {
            let page = Paging { after: Some("x".to_owned()), limit: 10 };
            let request = ListCards { batch: "there".to_owned(), state: None, channel: None, page };
            shop.tenant.list_cards(request).map(drop)
        }),
        observe("facts", |o| o.facts = (0..33).map(|n| (n.to_string(), "x".to_owned())).collect()),
        case("zone", |shop| {
            let request = SaveSettings {
                meta: shop.meta(),
                zone: "Mars/Olympus".to_owned(),
                rounding: Rounding::HalfUp,
                profile: None,
            };
            shop.tenant.save_settings(request).wait().map(drop)
        }),
        case("tenant", |shop| shop.engine.tenant("a~test", World::Live).map(drop).map_err(Error::from)),
    ]
}

/// Ten megabytes in one text field.
fn floods() -> Vec<Case> {
    let flood = || "x".repeat(10_000_000);
    let zh = || "券".repeat(3_400_000);
    vec![
        redeem("meta.key", move |r| r.meta = Meta::key(flood())),
        redeem("meta.reason", move |r| r.meta.reason = Some(zh())),
        redeem("meta.origin.operator", move |r| r.meta.origin.operator = Some(flood())),
        redeem("meta.origin.source", move |r| r.meta.origin.source = Some(flood())),
        redeem("code", move |r| r.code = flood().into()),
        redeem("order.id", move |r| r.order.id = flood()),
        redeem("order.store", move |r| r.order.store = Some(flood())),
        redeem("order.lines[0].id", move |r| r.order.lines[0].id = flood()),
        redeem("order.lines[0].product", move |r| r.order.lines[0].product = flood()),
        redeem("order.lines[0].categories", move |r| r.order.lines[0].categories = vec![flood()]),
        redeem("order.segments", move |r| r.order.segments = [flood()].into()),
        redeem("holder.kind", move |r| r.holder = Some(Subject::new(flood(), "1"))),
        redeem("holder.value", move |r| r.holder = Some(Subject::new("phone", zh()))),
        claim("batch", move |c| c.take = ClaimFrom::Batch(flood())),
        claim("take.code", move |c| c.take = ClaimFrom::Code(flood().into())),
        claim("channel", move |c| c.channel = Some(flood())),
        claim("holder.value", move |c| c.holder = Subject::customer(flood())),
        case("parameters.", move |shop| {
            let parameters = [(flood(), ParameterValue::Integer(1))].into();
            shop.tenant.issue(Issue { parameters, ..shop.issue_request("there", "ann") }).wait().map(drop)
        }),
        template("template.id", move |t| t.id = flood()),
        template("template.validity.start", move |t| t.validity.start = Some(flood())),
        template("template.validity.end", move |t| t.validity.end = Some(flood())),
        template("template.parameters", move |t| {
            t.parameters = [(flood(), Parameter::Integer { min: 0, max: 1, default: 0 })].into();
        }),
        template("template.parameters.p", move |t| {
            t.parameters = [("p".to_owned(), Parameter::Text { chars_max: 9, default: zh() })].into();
        }),
        template("template.benefit.amount_off.minor", move |t| {
            t.benefit = Benefit::AmountOff { minor: Setting::named(&flood()), over: Over::Order };
        }),
        template("template.conditions[0].has_line.lines.product_set", move |t| {
            t.conditions = vec![Condition::HasLine { lines: set_of(&flood()) }];
        }),
        template("template.conditions[0].has_line.lines.categories", move |t| {
            let lines = LineFilter { categories: vec![zh()], ..LineFilter::default() };
            t.conditions = vec![Condition::HasLine { lines }];
        }),
        template("template.display.", move |t| t.display = [(flood(), Display::default())].into()),
        template("template.display.en.title", move |t| {
            t.display = [("en".to_owned(), Display { title: zh(), ..Display::default() })].into();
        }),
        template("template.display.en.how_to_use", move |t| {
            let display = Display { title: "t".to_owned(), how_to_use: zh(), ..Display::default() };
            t.display = [("en".to_owned(), display)].into();
        }),
        template("template.display.en.colour", move |t| {
            let display = Display { title: "t".to_owned(), colour: flood(), ..Display::default() };
            t.display = [("en".to_owned(), display)].into();
        }),
        batch("id", move |b| b.id = flood()),
        batch("template", move |b| b.template = flood()),
        batch("campaign", move |b| b.campaign = Some(flood())),
        batch("channel", move |b| b.channel = Some(flood())),
        batch("labels.audience", move |b| b.labels.audience = zh()),
        batch("parameters.", move |b| b.parameters = [(flood(), ParameterValue::Text(flood()))].into()),
        batch("display.", move |b| b.display = [(zh(), Display::default())].into()),
        case("batch", move |shop| {
            shop.tenant.close_export(CloseExport { meta: shop.meta(), batch: flood() }).wait().map(drop)
        }),
        case("word", move |shop| {
            shop.tenant
                .save_public_code(SavePublicCode::new(shop.meta(), "there", zh(), Normalisation::Word))
                .wait()
                .map(drop)
        }),
        campaign("id", move |c| c.id = flood()),
        campaign("title", move |c| c.title = zh()),
        campaign("campaign.start", move |c| c.start = Some(flood())),
        campaign("goal.measure", move |c| c.goal = Some(Goal { measure: flood(), target: 1 })),
        case("subjects[0].value", move |shop| {
            let subjects = vec![Subject::new("phone", flood())];
            let request = AddAudience { meta: shop.meta(), campaign: "c".to_owned(), subjects };
            shop.tenant.add_audience(request).wait().map(drop)
        }),
        case("products", move |shop| {
            let request = SaveProductSet { meta: shop.meta(), name: "s".to_owned(), products: vec![flood()] };
            shop.tenant.save_product_set(request).wait().map(drop)
        }),
        case("zone", move |shop| {
            let request = SaveSettings { meta: shop.meta(), zone: flood(), rounding: Rounding::HalfUp, profile: None };
            shop.tenant.save_settings(request).wait().map(drop)
        }),
        case("redemption", move |shop| {
            let request = RefundRedemption::new(shop.meta(), flood());
            shop.tenant.refund(request).wait().map(drop)
        }),
        case("card.code", move |shop| shop.tenant.void((shop.meta(), CardPick::code(flood()))).wait().map(drop)),
        case("card.number", move |shop| shop.tenant.look_up(CardPick::Number(flood())).map(drop)),
        case("code", move |shop| shop.tenant.open(flood().as_str()).map(drop)),
        case("batch", move |shop| {
            let export = ExportCodes { meta: shop.because("x"), batch: flood(), first: 0, count: None };
            shop.tenant.export_codes(export).map(drop)
        }),
        case("order.id", move |shop| {
            let quote = Quote::new(CardPick::code("X"), order(&flood(), &[("a", 1)]));
            shop.tenant.quote(quote).map(drop)
        }),
        observe("kind", move |o| o.kind = flood()),
        observe("facts", move |o| o.facts = [(flood(), "x".to_owned())].into()),
        observe("facts.page", move |o| o.facts = [("page".to_owned(), zh())].into()),
        case("tenant", move |shop| shop.engine.tenant(&flood(), World::Live).map(drop).map_err(Error::from)),
        case("template", move |_| TemplateDraft::from_json(&flood()).map(drop).map_err(Error::from)),
    ]
}

#[test]
fn every_bad_field_is_refused_by_name_and_nothing_is_written() {
    for (shop, watched) in Shop::each_watched() {
        shop.batch("there", 10, eight_tenths());
        shop.tenant.save_campaign(shop.campaign("c")).wait().unwrap();
        watched.forget();
        for (place, (field, ask)) in figures().into_iter().chain(floods()).enumerate() {
            let started = Stopwatch::now();
            let refusal = refused(ask(&shop));
            let took = started.elapsed();
            let exact = refusal.field == field || (field.ends_with('.') && refusal.field.starts_with(field));
            assert!(exact, "case {place}: {field} was refused as {refusal}");
            assert!(!refusal.given.is_empty() && !refusal.allowed.is_empty(), "{refusal}");
            assert!(refusal.to_string().chars().count() < 500, "{} chars for {field}", refusal.to_string().len());
            assert!(took < Duration::from_secs(2), "{field} took {took:?}");
            assert_eq!(watched.commits(), 0, "{field}");
        }
    }
}

#[test]
fn an_overlong_page_mark_is_no_harm() {
    for shop in Shop::each() {
        shop.batch("there", 10, eight_tenths());
        let page = Paging { after: Some("x".repeat(10_000_000)), limit: 10 };
        let request = ListCards { batch: "there".to_owned(), state: None, channel: None, page: page.clone() };
        assert!(refused(shop.tenant.list_cards(request.clone())).to_string().len() < 500);
        assert_eq!(shop.tenant.list_campaigns(page.clone()).unwrap().next, None);
    }
}

const TEMPLATE: &str = r##"{
    "id": "t", "kind": "coupon", "currency": "CNY",
    "benefit": {"amount_off": {"minor": {"parameter": "face"}, "over": {"lines": {"product_set": "s", "categories": ["c"]}}}},
    "conditions": [{"min_spend": {"minor": 19900}}, {"has_line": {"lines": {"categories": ["c"]}}}],
    "validity": {"start": "2026-11-11", "end": "2026-11-12T00:00:00Z", "after_claim": {"days": 7}},
    "limits": {"uses_per_card": 1, "uses_per_holder": 2},
    "redeem_from": "claimed",
    "parameters": {"face": {"integer": {"min": 1, "max": 9, "default": 5}}},
    "display": {"en": {"title": "Ten off", "colour": "#d81e06"}}
}"##;

#[test]
fn a_template_of_json_comes_back_as_it_was() {
    let draft = TemplateDraft::from_json(TEMPLATE).unwrap();
    draft.check().unwrap();
    assert!(draft.validity.cap_at_campaign_end);
    let again = TemplateDraft::from_json(&serde_json::to_string(&draft).unwrap()).unwrap();
    assert_eq!(again, draft);
}

#[test]
fn json_that_says_too_much_or_twice_is_refused() {
    let with = |from: &str, to: &str| {
        assert!(TEMPLATE.contains(from), "{from}");
        TemplateDraft::from_json(&TEMPLATE.replacen(from, to, 1))
    };
    let long = format!(r#""{}": 1, "id""#, "k".repeat(500_000));
    for (from, to, said) in [
        (r#""id""#, r#""colour": 1, "id""#, "colour"),
        (r#""minor": 19900"#, r#""minor": 19900, "major": 1"#, "major"),
        (r#""minor": 19900"#, r#""minor": 199.5"#, "199.5"),
        (r#""minor": 19900"#, r#""minor": "19900""#, "19900"),
        (r#""minor": 19900"#, r#""minor": 9223372036854775808"#, ""),
        (r#""minor": {"parameter": "face"}"#, r#""minor": {"parameter": "face", "x": 1}"#, "parameter"),
        (r#""minor": {"parameter": "face"}"#, r#""minor": 1.0"#, "whole number"),
        (r#""id": "t""#, r#""id": "t", "id": "u""#, "id"),
        (r#""currency": "CNY""#, r#""currency": "cny""#, "ISO 4217"),
        (r#""kind": "coupon""#, r#""kind": "lottery""#, "lottery"),
        (r#""uses_per_card": 1"#, r#""uses_per_card": 1, "uses_per_card": 2"#, "uses_per_card"),
        (r#""uses_per_card": 1"#, r#""uses_per_card": -1"#, "-1"),
        (r#""amount_off""#, r#""free""#, "free"),
        (r#""face": {"integer""#, r#""face": {"text": {"chars_max": 1, "default": ""}}, "face": {"integer""#, "face"),
        (r#""display": {"#, r#""display": {"en": {"title": "Other"}, "#, "en"),
        (r#""id""#, &long, ""),
    ] {
        let refusal = with(from, to).expect_err(to);
        assert_eq!(refusal.field, "template");
        assert!(refusal.allowed.contains(said), "{said}: {refusal}");
        assert!(refusal.to_string().chars().count() < 500, "{} bytes for {from}", refusal.to_string().len());
    }
    assert!(TemplateDraft::from_json(&"[".repeat(1_000_000)).is_err());
    assert!(TemplateDraft::from_json(&format!(r#"{{"benefit":{}"#, r#"{"a":"#.repeat(100_000))).is_err());
}

/// Numbers from a seed.
struct Dice(ChaChaEntropy);

impl Dice {
    fn below(&self, most: usize) -> usize {
        usize::try_from(self.0.next_u64() % most.max(1) as u64).unwrap()
    }

    /// A text with a few bytes or characters changed, taken away or added.
    fn spoil(&self, text: &str) -> String {
        let pieces =
            ["\"", "{", "}", "[", "]", ",", ":", "-", "0", "1e999", "null", "券", "\u{0}", "\u{301}", "O", "-1"];
        let mut chars: Vec<char> = text.chars().collect();
        for _ in 0..=self.below(4) {
            let (at, end) = (self.below(chars.len()), self.below(chars.len()));
            match self.below(4) {
                0 => drop(chars.drain(at.min(end)..at.max(end).min(at.min(end) + 9))),
                1 => chars.splice(at..at, pieces[self.below(pieces.len())].chars()).for_each(drop),
                2 => chars.truncate(at),
                _ if chars.is_empty() => {}
                _ => chars[at] = char::from_u32(u32::try_from(self.below(0x1_0000)).unwrap()).unwrap_or('x'),
            }
        }
        chars.into_iter().collect()
    }
}

#[test]
fn no_text_panics() {
    let dice = Dice(ChaChaEntropy::from_seed([42; 32]));
    for shop in Shop::each() {
        shop.batch("b", 10, eight_tenths());
        let code = shop.claim("b", "ann").unwrap();
        let number = shop.tenant.card_number(shop.card("b", 1)).unwrap();
        for round in 0..4_000 {
            let json = dice.spoil(TEMPLATE);
            if let Ok(draft) = TemplateDraft::from_json(&json) {
                // Whatever parses is saved or refused.
                drop(shop.tenant.save_template(SaveTemplate { meta: shop.meta(), template: draft }).wait());
            }
            let text = dice.spoil(&code);
            let genuine = shop.tenant.open(text.as_str()).ok().flatten();
            let found = shop.tenant.look_up(CardPick::code(text.clone()));
            assert!(found.is_err() || genuine.is_some(), "round {round}");
            drop(shop.redeem(&text, &dice.spoil("ann")));
            drop(shop.claim_code(&text, "bob"));
            drop(shop.tenant.look_up(CardPick::Number(dice.spoil(&number))));
            drop(
                shop.tenant
                    .save_public_code(SavePublicCode::new(
                        shop.meta(),
                        "b",
                        dice.spoil("SUMMER20"),
                        Normalisation::Word,
                    ))
                    .wait(),
            );
            drop(CardId::parse("card", &dice.spoil("16-3-41")));
            drop(Instant::parse("at", &dice.spoil("2026-11-11T00:00:00Z")));
            drop(Zone::parse("zone", &dice.spoil("Asia/Shanghai")));
            drop(Currency::parse("currency", &dice.spoil("CNY")));
            drop(dice.spoil("VIP+16").parse::<CodeFormat>());
            let _ = resume_after(dice.spoil("1,AAAA\n22,BBBB\n").as_bytes());
            drop(serde_json::from_str::<Order>(&dice.spoil(&serde_json::to_string(&order("o", &[("a", 1)])).unwrap())));
            let dates = SaveCampaign {
                start: Some(dice.spoil("2026-11-11")),
                end: Some(dice.spoil("9999-12-30")),
                ..shop.campaign("c")
            };
            drop(shop.tenant.save_campaign(dates).wait());
        }
        let json = cardmint_tests::keyring().to_json();
        for _ in 0..500 {
            let refusal: Option<Invalid> = Keyring::from_json(&dice.spoil(&json)).err();
            assert!(refusal.is_none_or(|refusal| refusal.to_string().len() < 500));
        }
    }
}

#[test]
fn the_largest_amounts_are_priced() {
    for shop in Shop::each() {
        shop.batch("b", 1, TemplateDraft { benefit: percent_off(10_000, None), ..eight_tenths() });
        let code = shop.claim("b", "ann").unwrap();
        let whole = order("o", &[("apple", AMOUNT_MAX - 2), ("pear", 2)]);
        let pricing = shop.redeem_on(&code, Some("ann"), whole).unwrap().pricing;
        assert_eq!((pricing.discount_minor, pricing.payable_minor), (AMOUNT_MAX, 0));
        assert_eq!(cny().decimals(), 2);
    }
}

#[test]
fn ten_thousand_lines_are_priced() {
    for shop in Shop::each() {
        shop.batch("b", 1, eight_tenths());
        let code = shop.claim("b", "ann").unwrap();
        let big = Order { lines: lines(10_000), ..order("o", &[]) };
        let pricing = shop.redeem_on(&code, Some("ann"), big).unwrap().pricing;
        assert_eq!((pricing.discount_minor, pricing.allocations.len()), (2_000, 2_000));
    }
}
