//! Records of every type, full and bare.

use crate::card::{
    Audience, AudienceMember, Batch, BatchExtension, BatchLabels, BatchLife, Campaign, Card, CardState, CountedOn,
    DeclaredBenefit, DeclaredBenefits, Display, Event, EventKind, FormatUse, GiftItem, Given, Goal, HeldFor, HeldOn,
    Hold, HoldId, HoldOf, HoldState, Life, NotGiven, Origin, ParameterValue, Parameters, PartialPolicy, Profile,
    Promotion, PromotionLife, Promotions, PublicCode, Redemption, Refill, Refund, RequestMark, SlotUse, Stock, Target,
    Template, TemplateDraft,
};
use crate::checkout::{Action, Allocation, Funded, HeldBack, HeldBy, Pricing};
use crate::id::{BatchNo, CardId};
use crate::ledger::{Entry, OWN, Transfer, Unit, UnitDisplay};
use crate::limit::{Buckets, Limit, LimitWindow, Measure, Period, Scope};
use crate::money::{AMOUNT_MAX, Currency, Rounding};
use crate::person::{Linked, Person};
use crate::rule::{Attribute, AttributeOf, Attributes, FactType, ProductSet};
use crate::store::{AccountHeld, Fence, Move, Owner, Record, Settings};
use crate::subject::SubjectKey;
use crate::time::{Instant, Window, Zone};
use std::sync::Arc;

pub(super) fn at(millis: i64) -> Instant {
    Instant::from_millis("at", millis).unwrap()
}

pub(super) fn batch_no(number: u32) -> BatchNo {
    BatchNo { symbols: 16, number }
}

pub(super) fn card_id(number: u32, serial: u32) -> CardId {
    CardId { batch: batch_no(number), serial }
}

pub(super) fn holder(name: &str) -> SubjectKey {
    SubjectKey::from_stored(format!("customer:{name}"))
}

fn window() -> Window {
    Window { start: Some(at(-62_135_596_800_000)), end: Some(at(253_402_207_200_000)) }
}

fn parameters() -> Parameters {
    let text = ParameterValue::Text("\u{751f}\u{65e5}\u{5feb}\u{4e50} \"'\\ \u{1f381}".to_owned());
    [("face".to_owned(), ParameterValue::Integer(-5)), ("greeting".to_owned(), text)].into()
}

fn origin() -> Origin {
    Origin {
        campaign: Some("spring".to_owned()),
        channel: Some("north".to_owned()),
        operator: Some("till-4".to_owned()),
        automation: Some("birthday".to_owned()),
        referrer: Some("customer:9".to_owned()),
        parent_card: Some(card_id(7, 1)),
        redemption: Some("r-7".to_owned()),
        source: Some("poster".to_owned()),
    }
}

fn profile() -> Profile {
    Profile::CnSinglePurpose { registered: true }
}

pub(super) fn settings(zone: &str) -> Record {
    Record::Settings(Settings {
        zone: Zone::parse("zone", zone).unwrap(),
        rounding: Rounding::HalfEven,
        profile: Some(profile()),
        persons: true,
        attributes: Arc::new(Attributes(vec![Attribute {
            of: AttributeOf::Line,
            name: "origin".to_owned(),
            fact_type: FactType::Text,
            title: Some("产地".to_owned()),
            values: vec!["Hainan".to_owned()],
        }])),
        promotions: Arc::new(Promotions(vec![Promotion {
            id: "双11".to_owned(),
            revision: 2,
            template: "满减".to_owned(),
            template_version: 3,
            campaign: Some("c".to_owned()),
            batch: "双11.r2".to_owned(),
            no: BatchNo { symbols: 20, number: 7 },
            life: PromotionLife::Paused,
            saved_at: at(1),
        }])),
        host_benefits: Arc::new(DeclaredBenefits(vec![DeclaredBenefit {
            name: "points".to_owned(),
            title: Some("双倍积分".to_owned()),
            schema: serde_json::json!({"type": "object", "properties": {"factor": {"type": "integer"}}}),
        }])),
    })
}

fn limit() -> Limit {
    Limit {
        name: "budget".to_owned(),
        measure: Measure::Money { currency: Currency::parse("currency", "CNY").unwrap() },
        scope: vec![Scope::Store, Scope::Subject("device".to_owned())],
        window: LimitWindow::Calendar(Period::Month),
        most: AMOUNT_MAX,
        refill: false,
        partial_policy: PartialPolicy::Cap,
    }
}

pub(super) fn campaign(id: &str, full: bool) -> Record {
    Record::Campaign(Campaign {
        id: id.to_owned(),
        title: "\u{6625}\u{8282}".to_owned(),
        life: if full { Life::Paused } else { Life::Running },
        window: if full { window() } else { Window::default() },
        goal: full.then(|| Goal { measure: "redemptions".to_owned(), target: AMOUNT_MAX }),
        audience: if full { Audience::Listed } else { Audience::Open },
        limits: if full { vec![limit()] } else { Vec::new() },
    })
}

pub(super) fn member(campaign: &str, name: &str) -> Record {
    Record::Audience(AudienceMember { campaign: campaign.to_owned(), subject: holder(name) })
}

pub(super) fn product_set(name: &str, version: u32) -> Record {
    let products = (0..version * 3).map(|n| format!("sku-{n:03}")).collect();
    Record::ProductSet(Arc::new(ProductSet { name: name.to_owned(), version, products }))
}

pub(super) fn template(id: &str, version: u32) -> Record {
    let mut draft = TemplateDraft::from_json(
        r##"{"id": "x", "currency": "CNY",
            "benefit": {"percent_off": {"off_bp": {"parameter": "off"}, "cap_minor": 5000,
                        "over": {"lines": {"product_set": "drinks", "product_set_version": 2}}}},
            "conditions": [{"min_spend": {"minor": 19900}}, {"has_line": {"lines": {"categories": ["tea", "milk"]}}}],
            "validity": {"start": "2026-11-11", "end": "2026-12-12"},
            "parameters": {"off": {"integer": {"min": 1, "max": 9000, "default": 2000}}},
            "display": {"zh-CN": {"title": "8折", "colour": "#d81e06"}}}"##,
    )
    .unwrap();
    draft.id = id.to_owned();
    let zone = Zone::parse("zone", "Asia/Shanghai").unwrap();
    Record::Template(Arc::new(Template::new(version, draft, window(), zone)))
}

pub(super) fn batch(number: u32, id: &str, full: bool) -> Record {
    let display = Display { title: "10 off".to_owned(), badge: "new".to_owned(), ..Display::default() };
    let labels = BatchLabels {
        activity: "fair".to_owned(),
        date: "2026-11-11".to_owned(),
        audience: "members".to_owned(),
        source: "hall 3".to_owned(),
    };
    let word = serde_json::from_value(serde_json::json!("Word"));
    let word = word.or_else(|_| serde_json::from_value(serde_json::json!("word")));
    Record::Batch(Arc::new(Batch {
        no: batch_no(number),
        id: id.to_owned(),
        template: "ten-off".to_owned(),
        template_version: 3,
        campaign: full.then(|| "spring".to_owned()),
        channel: full.then(|| "north".to_owned()),
        size: if full { 1 << 30 } else { 1 },
        format: serde_json::from_value(serde_json::json!({"symbols": 16})).unwrap(),
        slot: if full { 15 } else { 0 },
        untouched: if full { CardState::Minted } else { CardState::Issued },
        normalisation: if full { word.ok() } else { None },
        parameters: if full { parameters() } else { Parameters::new() },
        display: if full { [("en".to_owned(), display)].into() } else { Default::default() },
        labels: if full { labels } else { BatchLabels::default() },
        export_closed: full,
        life: if full { BatchLife::Archived } else { BatchLife::Active },
        frozen: full.then(|| "stolen \u{5361}".to_owned()),
        extensions: if full { vec![BatchExtension { at: at(1), until: at(253_402_207_200_000) }] } else { Vec::new() },
        refill: full.then_some(Refill { below: 1, by: u32::MAX, up_to: 1 << 30 }),
        limits: if full { vec![limit()] } else { Vec::new() },
        created_at: at(1_700_000_000_123),
    }))
}

pub(super) fn format_use(symbols: u8, next_number: u32) -> Record {
    let slot = SlotUse { live: u64::from(next_number) << 30, floor_bits: 40 };
    Record::FormatUse(FormatUse { symbols, next_number, slots: [(0, slot), (15, SlotUse::default())].into() })
}

pub(super) fn stock(number: u32, next: u32) -> Record {
    Record::Stock(Stock { batch: batch_no(number), next })
}

pub(super) fn public_code(index: u8, number: u32) -> Record {
    let sealed = vec![0, 1, 2, index, 255];
    Record::PublicCode(PublicCode { index: [index; 16], batch: batch_no(number), sealed })
}

pub(super) fn card(number: u32, serial: u32, full: bool) -> Card {
    Card {
        id: card_id(number, serial),
        state: if full { CardState::Claimed } else { CardState::Issued },
        unspent_state: if full { CardState::Issued } else { CardState::Minted },
        holder: full.then(|| holder("4711")),
        bound: full.then(|| SubjectKey::from_stored("device:d-\u{e9}".to_owned())),
        rebinds: if full { 1_000_000 } else { 0 },
        transfers: if full { u32::MAX } else { 0 },
        channel: full.then(|| "north".to_owned()),
        issue_no: if full { 63 } else { 0 },
        uses_left: if full { 1_000_000 } else { 1 },
        booked_minor: if full { AMOUNT_MAX - 1 } else { 0 },
        broken_minor: if full { AMOUNT_MAX - 2 } else { 0 },
        balance_minor: if full { AMOUNT_MAX } else { 0 },
        claimed_at: full.then(|| at(1_700_000_000_001)),
        expires_at: full.then(|| at(253_402_207_200_000)),
        extended_to: full.then(|| at(253_402_207_199_999)),
        frozen: full.then(|| "lost \u{5361}".to_owned()),
        parameters: if full { parameters() } else { Parameters::new() },
        origin: if full { origin() } else { Origin::default() },
        held: if full { buckets() } else { Buckets::default() },
        epoch: if full { u32::MAX } else { 0 },
        holds_from: if full { u32::MAX } else { 0 },
        last_at: at(if full { 1_700_000_000_002 } else { 0 }),
        events: if full { u32::MAX } else { 0 },
        chain: if full { [0xfe; 16] } else { [0; 16] },
    }
}

fn buckets() -> Buckets {
    Buckets::of([(at(1_700_000_001_000), 2), (at(1_700_000_064_000), AMOUNT_MAX)])
}

pub(super) fn hold(order: &str, of: HoldOf, full: bool) -> Record {
    let Record::Redemption(sample) = redemption("r-1", order, card_id(3, 0), full) else { unreachable!() };
    let counted = |owner, counts| HeldOn {
        owner,
        unit: "uses:ten-off".to_owned(),
        amount: 1,
        ceiling: 9,
        elsewhere: i64::from(counts == HeldFor::Uses),
        counts,
        rolling_s: matches!(counts, HeldFor::Money).then_some(3_600),
        refill: counts == HeldFor::Uses,
    };
    let counters = vec![
        counted(Owner::Scope("campaign:spring".to_owned()), HeldFor::Money),
        counted(Owner::Holder(holder("4711")), HeldFor::Uses),
        counted(Owner::Scope("batch:16-3".to_owned()), HeldFor::OpenHolds),
    ];
    Record::Hold(Hold {
        id: HoldId { order: order.to_owned(), of },
        card: card_id(3, 0),
        holder: sample.holder,
        state: if full { HoldState::Captured } else { HoldState::Open },
        epoch: if full { u32::MAX } else { 0 },
        content: [9; 16],
        order_mark: sample.order_mark,
        at: at(1_700_000_000_006),
        expires_at: at(1_700_000_900_000),
        amount: AMOUNT_MAX,
        counters: if full { counters } else { Vec::new() },
        currency: sample.currency,
        pricing: sample.pricing,
        redemption: full.then(|| "r-1".to_owned()),
        store: sample.store,
        channel: sample.channel,
        source: sample.source,
        ordered_at: sample.ordered_at,
        new_customer: sample.new_customer,
        segments: sample.segments,
    })
}

pub(super) fn account_held(owner: Owner, full: bool) -> Record {
    let buckets = if full { buckets() } else { Buckets::default() };
    let last_at = at(if full { 1_700_000_000_007 } else { 0 });
    Record::AccountHeld(AccountHeld { owner, unit: "uses:ten-off".to_owned(), buckets, last_at })
}

pub(super) fn redemption(key: &str, order: &str, card: CardId, full: bool) -> Record {
    Record::Redemption(Redemption {
        key: key.to_owned(),
        digest: [7; 16],
        order_mark: full.then_some([8; 16]),
        card,
        at: at(1_700_000_000_003),
        order: order.to_owned(),
        holder: full.then(|| holder("4711")),
        currency: Currency::parse("currency", if full { "JPY" } else { "CNY" }).unwrap(),
        pricing: Pricing {
            before_minor: AMOUNT_MAX,
            discount_minor: 500,
            tender_minor: if full { 1_000 } else { 0 },
            payable_minor: AMOUNT_MAX - 1_500,
            rounding: if full { Rounding::HalfEven } else { Rounding::HalfUp },
            ..if full { shared_out() } else { Pricing::default() }
        },
        units: full.then_some(u32::MAX),
        given: if full { vec![Given { card, issue_no: 63, events: u32::MAX }] } else { Vec::new() },
        not_given: if full { not_given() } else { Vec::new() },
        balance_minor: full.then_some(AMOUNT_MAX),
        hold: full.then(|| HoldId { order: order.to_owned(), of: HoldOf::Card(card) }),
        counted: if full { vec![counted(None), counted(Some(at(1_700_000_100_000)))] } else { Vec::new() },
        campaign: full.then(|| "spring".to_owned()),
        store: full.then(|| "s-12".to_owned()),
        channel: full.then(|| "app".to_owned()),
        source: full.then(|| "qr".to_owned()),
        operator: full.then(|| "till-4".to_owned()),
        ordered_at: full.then(|| at(1_699_999_999_999)),
        new_customer: full.then_some(false),
        segments: if full { ["gold".to_owned(), "a,b".to_owned()].into() } else { Default::default() },
    })
}

/// Shares of lines and shipping, who bears them, what was held back, and what the host is to do.
fn shared_out() -> Pricing {
    let borne = |off_minor| vec![Funded { party: "plat\"form".to_owned(), off_minor }];
    let held = |by, minor| HeldBack { line: "l3".to_owned(), by, minor };
    Pricing {
        allocations: vec![
            Allocation { funded: borne(499), ..Allocation::new("l2", 1_000, 499) },
            Allocation::new("l\"1", 1, 1),
        ],
        shipping_off_minor: 7,
        shipping_funded: borne(7),
        held_back: vec![held(HeldBy::Floor, Some(AMOUNT_MAX)), held(HeldBy::NotDiscountable, None)],
        actions: vec![
            Action::Gifts {
                of: vec![GiftItem { product: "mug".to_owned(), quantity: 2 }],
                choose: 1,
                times: u64::from(u32::MAX),
            },
            Action::Host { name: "wash".to_owned(), data: serde_json::json!({"car": [1, "x"]}), times: 1 },
        ],
        ..Pricing::default()
    }
}

fn not_given() -> Vec<NotGiven> {
    vec![NotGiven { batch: "next".to_owned(), code: "sold_out".to_owned() }]
}

fn counted(leaves_at: Option<Instant>) -> CountedOn {
    let (owner, unit) = (Owner::Scope("campaign:spring".to_owned()), "limit:budget@2026-11".to_owned());
    CountedOn { owner, unit, amount: AMOUNT_MAX, counts: HeldFor::Money, refill: leaves_at.is_none(), leaves_at }
}

pub(super) fn refund(redemption: &str, place: u32) -> Record {
    let amount_minor = i64::from(place) * 100;
    let total_minor = amount_minor + 1;
    let redemption = redemption.to_owned();
    let (units, total_units) = (place * 3, u32::MAX);
    let at = at(1_700_000_000_004);
    Record::Refund(Refund { redemption, place, at, amount_minor, total_minor, units, total_units })
}

pub(super) fn fence(key: &str) -> Record {
    Record::Fence(Fence { key: key.to_owned(), digest: [9; 16], at: at(1_700_000_000_006) })
}

/// One or two of every type that is written, all under different keys.
pub(super) fn every_record() -> Vec<Record> {
    vec![
        settings("Asia/Shanghai"),
        campaign("spring", true),
        campaign("autumn", false),
        member("spring", "4711"),
        product_set("drinks", 2),
        template("ten-off", 3),
        batch(3, "b-3", true),
        batch(4, "b-4", false),
        format_use(16, 5),
        stock(3, u32::MAX),
        public_code(9, 3),
        unit("points", true),
        unit("growth", false),
        linked("4712"),
        linked("4713"),
        Record::Card(card(3, 0, true)),
        Record::Card(card(3, (1 << 30) - 1, false)),
        redemption("r-1", "o-1", card_id(3, 0), true),
        redemption("r-2", "o-1", card_id(3, 1), false),
        refund("r-1", 1),
        fence("r-3"),
        hold("o-1", HoldOf::Card(card_id(3, 0)), true),
        hold("o-1", HoldOf::Batch(batch_no(3)), false),
        account_held(Owner::Holder(holder("4711")), true),
        account_held(Owner::Scope("batch:16-3".to_owned()), false),
    ]
}

/// The same record with another content, under the same keys.
pub(super) fn changed(record: &Record) -> Record {
    let mut record = record.clone();
    match &mut record {
        Record::Settings(it) => it.zone = Zone::parse("zone", "Europe/Berlin").unwrap(),
        Record::Campaign(it) => it.title.push('!'),
        // Nothing but its key: it is written again as it is.
        Record::Audience(_) => {}
        Record::ProductSet(it) => Arc::make_mut(it).products.push("zz".to_owned()),
        Record::Template(it) => Arc::make_mut(it).window.end = None,
        Record::Batch(it) => Arc::make_mut(it).size += 1,
        Record::FormatUse(it) => it.next_number += 1,
        Record::Stock(it) => it.next -= 1,
        Record::PublicCode(it) => it.sealed.push(1),
        Record::Unit(it) => it.between_holders = !it.between_holders,
        Record::Linked(it) => it.person = None,
        Record::Card(it) => it.uses_left -= 1,
        Record::Redemption(it) => it.order.push('!'),
        Record::Fence(it) => it.digest[0] ^= 1,
        Record::Refund(it) => it.amount_minor += 1,
        Record::Hold(it) => it.amount -= 1,
        Record::AccountHeld(it) => it.buckets.put(at(1_700_000_128_000), 3),
        Record::Account(_) | Record::Event(_) | Record::Writer(_) => unreachable!("never written"),
    }
    record
}

pub(super) fn event(target: Target) -> Event {
    Event {
        kind: EventKind::Claimed,
        at: at(1_700_000_000_005),
        target,
        reason: None,
        origin: Origin::default(),
        request: None,
        facts: String::new(),
        entry: None,
        chain: [0; 16],
        redacted: None,
    }
}

pub(super) fn linked(value: &str) -> Record {
    let person = Person {
        id: SubjectKey::from_stored("person:00000000000000ff".to_owned()),
        members: vec![holder(value), holder("4711")],
        before: if value == "4712" { vec![SubjectKey::from_stored("person:01".to_owned())] } else { Vec::new() },
    };
    Record::Linked(Linked { subject: holder(value), person: Some(person) })
}

pub(super) fn unit(name: &str, full: bool) -> Record {
    let display = UnitDisplay { title: "\u{79ef}\u{5206}".to_owned(), sign: "\u{5206}".to_owned() };
    Record::Unit(Unit {
        name: name.to_owned(),
        decimals: if full { 6 } else { 0 },
        between_holders: full,
        display: if full { [("zh-CN".to_owned(), display)].into() } else { Default::default() },
    })
}

fn entry() -> Entry {
    let transfer =
        |from: &str, to: &str, at| Transfer { from: from.to_owned(), to: to.to_owned(), amount_minor: 9, at };
    let transfers = vec![transfer(OWN, "redeemed", None), transfer("expired", "breakage", Some(at(-1)))];
    Entry { unit: "CNY".to_owned(), transfers, holds_minor: AMOUNT_MAX, ends: Some(at(1_700_000_000_000)) }
}

pub(super) fn full_event(target: Target, request: Option<&str>) -> Event {
    let mark = |key: &str| RequestMark { op: "claim".to_owned(), key: key.to_owned(), digest: [3; 16] };
    Event {
        kind: EventKind::Observed,
        reason: Some("\u{539f}\u{56e0}".to_owned()),
        origin: origin(),
        request: request.map(mark),
        facts: r#"{"n":1,"t":"\u00e9"}"#.to_owned(),
        entry: Some(entry()),
        chain: [0xab; 16],
        redacted: Some([0xcd; 16]),
        ..event(target)
    }
}

pub(super) fn step(owner: Owner, delta: i64, floor: i64, ceiling: i64) -> Move {
    Move { owner, unit: "uses:ten-off".to_owned(), delta, floor, ceiling }
}
