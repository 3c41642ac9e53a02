//! Value as a ledger: what moves sums to nothing, what is owed is told now and of any moment, breakage is counted once.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use cardmint::card::{
    AfterClaim, Benefit, CardKind, CardState, ExtendPolicy, Parameter, Policies, RedeemFrom, Setting, TemplateDraft,
    ValidityDraft,
};
use cardmint::code::CodeFormat;
use cardmint::code::World;
use cardmint::id::CardId;
use cardmint::ledger::OWN;
use cardmint::store::{
    CommitOutcome, Group, Lookup, MemoryStore, Owner, Page, Record, Scan, ScanOf, Store, StoreError, Stored, TenantKey,
};
use cardmint::subject::Subject;
use cardmint::time::{Clock, Instant};
use cardmint::{
    AccountOf, AccountPick, Adjust, BalanceNow, CardPick, ExtendBatch, GrowBatch, Issue, IssueBatch, Liability,
    LiabilityAt, LiabilityLine, LiabilityNow, ListAccounts, ListMovements, Load, Meta, MoveValue, Paging, Redeem,
    RefundRedemption, SaveUnit, ValueTransfer,
};
use cardmint_tests::{Shop, Watched, denial, denied, eight_tenths, instant, keyring, order, refused};

const DAY: i64 = 86_400_000;

fn gift(minor: Setting) -> TemplateDraft {
    TemplateDraft { kind: CardKind::GiftCard, benefit: Benefit::Value { minor }, ..eight_tenths() }
}

fn issue(shop: &Shop, id: &str, size: u32, template: TemplateDraft) {
    shop.template(id, template).unwrap();
    let format = CodeFormat::S20;
    shop.tenant.issue_batch(IssueBatch { format, ..shop.issue_batch(id, size) }).wait().unwrap();
}

/// The same numbers for the same seed.
struct Dice(u64);

impl Dice {
    fn below(&mut self, most: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % most
    }

    fn amount(&mut self, most: u64) -> i64 {
        i64::try_from(self.below(most)).unwrap() + 1
    }
}

/// A touched card as its row showed it after something happened.
#[derive(Clone, Copy)]
struct Shown {
    at: Instant,
    holds: i64,
    ends: Option<Instant>,
    /// What was killed on it beyond its end.
    killed: i64,
}

/// Lives of gift cards, and what a naive eye saw of them: no ledger.
struct Lives<'a> {
    shop: &'a Shop,
    dice: Dice,
    /// Batches by name: when they had how many cards.
    sizes: BTreeMap<&'static str, Vec<(Instant, u32)>>,
    cards: BTreeMap<CardId, (&'static str, Vec<Shown>)>,
    codes: Vec<(CardId, String)>,
    redemptions: Vec<String>,
    /// What was moved, by batch, kind, moment.
    flows: Vec<(&'static str, &'static str, Instant, i64)>,
}

const BATCHES: [&str; 3] = ["personal", "bearer", "open"];

/// The end of the bearer cards.
const BEARER_END: &str = "2026-12-20T00:00:00Z";

impl<'a> Lives<'a> {
    fn new(shop: &'a Shop, seed: u64) -> Self {
        let after_claim = Some(AfterClaim::Seconds(12 * 86_400));
        let validity = ValidityDraft { after_claim, ..ValidityDraft::default() };
        let face = Parameter::Integer { min: 0, max: 9_000, default: 3_000 };
        let parameters = [("face".to_owned(), face)].into();
        let personal = TemplateDraft { validity, parameters, ..gift(Setting::named("face")) };
        let validity = ValidityDraft { end: Some(BEARER_END.to_owned()), ..ValidityDraft::default() };
        let ends = TemplateDraft { validity, redeem_from: RedeemFrom::Issued, ..gift(Setting::Fixed(5_000)) };
        let open = TemplateDraft { redeem_from: RedeemFrom::Issued, ..gift(Setting::Fixed(700)) };
        let mut lives = Self {
            shop,
            dice: Dice(seed),
            sizes: BTreeMap::new(),
            cards: BTreeMap::new(),
            codes: Vec::new(),
            redemptions: Vec::new(),
            flows: Vec::new(),
        };
        for (id, template) in BATCHES.into_iter().zip([personal, ends, open]) {
            issue(shop, id, 20, template);
            lives.sizes.insert(id, vec![(lives.now(), 20)]);
        }
        lives
    }

    fn now(&self) -> Instant {
        self.shop.clock.now()
    }

    fn see(&mut self, batch: &'static str, id: CardId, killed: i64) {
        let view = self.shop.tenant.look_up(CardPick::Id(id)).unwrap();
        let holds = if view.state == CardState::Void { 0 } else { view.balance_minor.unwrap() };
        let shown = Shown { at: self.now(), holds, ends: view.expires_at, killed };
        self.cards.entry(id).or_insert_with(|| (batch, Vec::new())).1.push(shown);
    }

    fn touched_already(&self, id: CardId) -> bool {
        self.cards.contains_key(&id)
    }

    /// The face value of a card that is touched now for the first time.
    fn issued(&mut self, batch: &'static str, id: CardId, face: i64) {
        if !self.touched_already(id) {
            let at = self.now();
            self.flows.push((batch, "issued", at, face));
        }
    }

    fn face(batch: &str) -> i64 {
        match batch {
            "personal" => 3_000,
            "bearer" => 5_000,
            _ => 700,
        }
    }

    fn any_card(&mut self) -> Option<(&'static str, CardId, String)> {
        if self.dice.below(3) == 0 || self.codes.is_empty() {
            // A bearer card that may be untouched, by its code.
            let batch = BATCHES[1 + self.dice.below(2) as usize];
            let size = self.sizes[batch].last().unwrap().1;
            let id = self.shop.card(batch, u32::try_from(self.dice.below(u64::from(size))).unwrap());
            let code = self.shop.tenant.reveal((self.shop.because("test"), CardPick::Id(id))).wait().ok()?.code?;
            self.issued(batch, id, Self::face(batch));
            self.see(batch, id, 0);
            return Some((batch, id, code));
        }
        let place = self.dice.below(self.codes.len() as u64) as usize;
        let (id, code) = self.codes[place].clone();
        Some(("personal", id, code))
    }

    fn step(&mut self) {
        let hours = self.dice.below(14);
        self.shop.clock.advance(i64::try_from(hours).unwrap() * 3_600_000 + 1);
        let (shop, at) = (self.shop, self.now());
        match self.dice.below(12) {
            0 => {
                if let Ok(taken) = shop.tenant.claim(shop.claim_request("personal", "ann")).wait() {
                    self.issued("personal", taken.card.id, 3_000);
                    self.see("personal", taken.card.id, 0);
                    self.codes.push((taken.card.id, taken.code.unwrap()));
                }
            }
            1 => {
                let face = self.dice.amount(9_000);
                let parameters = [("face".to_owned(), cardmint::card::ParameterValue::Integer(face))].into();
                if let Ok(given) =
                    shop.tenant.issue(Issue { parameters, ..shop.issue_request("personal", "ann") }).wait()
                {
                    self.issued("personal", given.card.id, face);
                    self.see("personal", given.card.id, 0);
                }
            }
            2 => {
                let batch = BATCHES[self.dice.below(3) as usize];
                let size = self.sizes[batch].last().unwrap().1 + 3;
                shop.tenant.grow_batch(GrowBatch { meta: shop.meta(), batch: batch.to_owned(), size }).wait().unwrap();
                self.sizes.get_mut(batch).unwrap().push((at, size));
            }
            kind => {
                let Some((batch, id, code)) = self.any_card() else { return };
                self.act(kind, batch, id, &code);
            }
        }
    }

    fn act(&mut self, kind: u64, batch: &'static str, id: CardId, code: &str) {
        let (shop, at, card) = (self.shop, self.now(), CardPick::Id(id));
        let before = self.cards[&id].1.last().copied().unwrap();
        let (flow, minor, killed) = match kind {
            3..=5 => {
                let amount_minor = Some(self.dice.amount(2_500));
                let redeem = Redeem { amount_minor, ..Redeem::new(shop.meta(), code, order("o", &[("tea", 2_500)])) };
                let Ok(receipt) = shop.tenant.redeem(redeem.by(Subject::customer("ann"))).wait() else { return };
                self.redemptions.push(receipt.redemption);
                ("redeemed", receipt.pricing.tender_minor, 0)
            }
            6 | 7 => {
                if self.redemptions.is_empty() {
                    return;
                }
                let place = self.dice.below(self.redemptions.len() as u64) as usize;
                let amount_minor = Some(self.dice.amount(600));
                let refund = RefundRedemption::new(shop.meta(), self.redemptions[place].as_str());
                let Ok(back) = shop.tenant.refund(RefundRedemption { amount_minor, ..refund }).wait() else { return };
                // Of a card of its own, and late as well: the card may have ended or be frozen.
                let batch = self.cards[&back.card].0;
                self.flows.push((batch, "redeemed", at, -back.amount_minor));
                self.see(batch, back.card, 0);
                return;
            }
            8 => {
                let amount_minor = self.dice.amount(900);
                if shop.tenant.load(Load { meta: shop.meta(), card, amount_minor }).wait().is_err() {
                    return;
                }
                ("loaded", amount_minor, 0)
            }
            9 => {
                let delta_minor = self.dice.amount(800) - 401;
                if delta_minor == 0 {
                    return;
                }
                let adjust = Adjust { meta: shop.because("counted"), card, delta_minor };
                if shop.tenant.adjust(adjust).wait().is_err() {
                    return;
                }
                ("adjusted", delta_minor, 0)
            }
            10 => {
                let frozen = shop.tenant.look_up(CardPick::Id(id)).unwrap().frozen.is_some();
                let done = if frozen {
                    shop.tenant.unfreeze((shop.meta(), card)).wait()
                } else {
                    shop.tenant.freeze((shop.because("lost"), card)).wait()
                };
                if done.is_err() {
                    return;
                }
                ("nothing", 0, 0)
            }
            _ if self.dice.below(3) == 0 => {
                if shop.tenant.void((shop.meta(), card)).wait().is_err() {
                    return;
                }
                let late = before.ends.is_some_and(|ends| ends <= at);
                if late { ("nothing", 0, before.holds) } else { ("voided", before.holds, 0) }
            }
            _ => return,
        };
        self.flows.push((batch, flow, at, minor));
        self.see(batch, id, killed);
    }

    /// What was owed at a moment, counted from what was seen.
    fn recount(&self, at: Instant) -> Vec<LiabilityLine> {
        let mut lines = Vec::new();
        for batch in BATCHES {
            let size = self.sizes[batch].iter().filter(|(since, _)| *since <= at).map(|(_, size)| *size).max().unwrap();
            let mut line =
                LiabilityLine { unit: "CNY".to_owned(), batch: Some(batch.to_owned()), ..LiabilityLine::default() };
            let mut breakage = 0;
            for (of, shown) in self.cards.values() {
                let Some(last) = shown.iter().rev().find(|one| one.at <= at).filter(|_| *of == batch) else { continue };
                line.touched_cards += 1;
                line.outstanding_minor += last.holds;
                breakage += if last.ends.is_some_and(|ends| ends <= at) { last.holds } else { 0 };
                breakage += shown.iter().filter(|one| one.at <= at).map(|one| one.killed).sum::<i64>();
            }
            line.untouched_cards = u64::from(size) - line.touched_cards;
            let untouched = Self::face(batch) * i64::try_from(line.untouched_cards).unwrap();
            if batch == "personal" {
                line.ungiven_minor = untouched;
            } else {
                line.untouched_minor = untouched;
            }
            if batch == "bearer" && instant(BEARER_END) <= at {
                breakage += untouched;
            }
            line.breakage_minor = Some(breakage);
            let flow = |kind: &str| {
                let of_kind =
                    self.flows.iter().filter(|(of, name, then, _)| *of == batch && *name == kind && *then <= at);
                of_kind.map(|(.., minor)| minor).sum::<i64>()
            };
            line.issued_minor = flow("issued");
            line.loaded_minor = flow("loaded");
            line.redeemed_minor = flow("redeemed");
            line.adjusted_minor = flow("adjusted");
            line.voided_minor = flow("voided");
            lines.push(line);
        }
        lines.sort_by(|one, other| one.batch.cmp(&other.batch));
        lines
    }
}

fn at(shop: &Shop, at: Instant) -> Liability {
    shop.tenant.liability_at(LiabilityAt { at: Some(at), batch: None }).unwrap().wait().unwrap()
}

fn now(shop: &Shop) -> Vec<LiabilityLine> {
    shop.tenant.liability(LiabilityNow::default()).unwrap().lines
}

/// Without what only one of the two tells.
fn bare(lines: &[LiabilityLine]) -> Vec<LiabilityLine> {
    lines.iter().map(|line| LiabilityLine { booked_breakage_minor: 0, ..line.clone() }).collect()
}

/// All accounts of each unit, and what cards hold that are not void.
fn sums(shop: &Shop) -> BTreeMap<String, i64> {
    let all = |of: ScanOf| {
        let (mut rows, mut after) = (Vec::new(), None);
        loop {
            let tenant = TenantKey::new("default", World::Live);
            let page = shop.store.scan(&Scan { tenant, of: of.clone(), after, limit: 7 }).unwrap();
            rows.extend(page.items.iter().map(|stored| stored.record.clone()));
            after = page.next;
            if after.is_none() {
                return rows;
            }
        }
    };
    let mut sums = BTreeMap::new();
    for record in all(ScanOf::Accounts) {
        let Record::Account(account) = record else { panic!("{record:?}") };
        if !account.unit.contains(':') && account.unit != "cards" {
            *sums.entry(account.unit).or_default() += account.balance;
        }
    }
    for batch in all(ScanOf::Batches) {
        let Record::Batch(batch) = batch else { panic!("{batch:?}") };
        for card in all(ScanOf::Cards { batch: batch.no, state: None, channel: None, below: u32::MAX }) {
            let Record::Card(card) = card else { panic!("{card:?}") };
            let holds = if card.state == CardState::Void { 0 } else { card.balance_minor };
            assert_eq!(card.booked_minor, holds, "{:?}", card.id);
            *sums.entry("CNY".to_owned()).or_default() += holds;
        }
    }
    sums
}

/// Random lives: at any moment the ledger says what a recount from what was seen says; an answer never changes later; all accounts
/// sum to nothing; and now, from rollups, is what the journal says.
#[test]
fn g04_what_is_owed_is_told_of_any_moment_and_the_ledger_sums_to_nothing() {
    for seed in 1..=4_u64 {
        for shop in Shop::each() {
            let name = shop.name;
            let mut lives = Lives::new(&shop, seed);
            let start = lives.now();
            let mut early = Vec::new();
            for step in 0..240 {
                lives.step();
                if step % 24 == 23 {
                    let then = lives.now().plus_millis(-1 - i64::try_from(lives.dice.below(20)).unwrap() * DAY);
                    if then > start {
                        early.push((then, at(&shop, then)));
                    }
                    assert!(sums(&shop).values().all(|sum| *sum == 0), "{name} {seed} {step}: {:?}", sums(&shop));
                }
            }
            let span = u64::try_from(lives.now().millis() - start.millis()).unwrap();
            for _ in 0..100 {
                let then = start.plus_millis(i64::try_from(lives.dice.below(span)).unwrap());
                let told = at(&shop, then);
                assert!(told.exact);
                assert_eq!(bare(&told.lines), lives.recount(then), "{name} {seed} at {then}");
            }
            for (then, before) in early {
                assert_eq!(at(&shop, then), before, "{name} {seed}: an answer stays what it is");
            }
            let told = at(&shop, lives.now());
            let broken: Vec<Option<i64>> = told.lines.iter().map(|line| line.breakage_minor).collect();
            let of_now: Vec<LiabilityLine> =
                told.lines.iter().map(|line| LiabilityLine { breakage_minor: None, ..line.clone() }).collect();
            assert_eq!(now(&shop), of_now, "{name} {seed}: rollups and journal say the same");
            // Each card touched once more: all breakage of touched cards is booked, and none twice.
            let touched: Vec<CardId> = lives.cards.keys().copied().collect();
            for _ in 0..2 {
                for id in &touched {
                    let _ = shop.tenant.reveal((shop.because("test"), CardPick::Id(*id))).wait();
                }
                let told = at(&shop, lives.now());
                assert_eq!(told.lines.iter().map(|line| line.breakage_minor).collect::<Vec<_>>(), broken);
                for line in &told.lines {
                    let ended = line.batch.as_deref() == Some("bearer") && lives.now() >= instant(BEARER_END);
                    let untouched = if ended { line.untouched_minor } else { 0 };
                    assert_eq!(
                        line.booked_breakage_minor + untouched,
                        line.breakage_minor.unwrap(),
                        "{name} {seed}: {line:?}"
                    );
                }
                assert!(sums(&shop).values().all(|sum| *sum == 0));
            }
            assert!(broken.iter().flatten().any(|minor| *minor > 0), "{seed}: some of it is breakage");
        }
    }
}

/// What was left on a card beyond its end is booked with the next event of it, dated at its end, once; what comes later is booked
/// when it comes.
#[test]
fn breakage_is_dated_at_the_end_of_the_card_and_counted_once() {
    for shop in Shop::each() {
        let validity = ValidityDraft { after_claim: Some(AfterClaim::Seconds(3_600)), ..ValidityDraft::default() };
        issue(&shop, "g", 10, TemplateDraft { validity, ..gift(Setting::Fixed(5_000)) });
        let code = shop.claim("g", "ann").unwrap();
        let pay = Redeem {
            amount_minor: Some(2_000),
            ..Redeem::new(shop.meta(), code.as_str(), order("o", &[("tea", 9_000)]))
        };
        let paid = shop.tenant.redeem(pay.by(Subject::customer("ann"))).wait().unwrap();
        let ends = shop.tenant.look_up(CardPick::code(&code)).unwrap().expires_at.unwrap();
        shop.clock.advance(2 * 3_600_000);
        assert_eq!(now(&shop)[0].booked_breakage_minor, 0);
        assert_eq!(at(&shop, ends.plus_millis(-1)).lines[0].breakage_minor, Some(0));
        assert_eq!(at(&shop, ends).lines[0].breakage_minor, Some(3_000));
        shop.tenant.freeze((shop.because("lost"), CardPick::code(&code))).wait().unwrap();
        let back = RefundRedemption { amount_minor: Some(500), ..RefundRedemption::new(shop.meta(), paid.redemption) };
        shop.tenant.refund(back).wait().unwrap();
        assert_eq!(now(&shop)[0].booked_breakage_minor, 3_500);
        let history = shop.tenant.history(CardPick::code(&code)).unwrap();
        assert!(history.iter().all(|entry| entry.chained == Some(true)));
        let moved: Vec<_> = history
            .iter()
            .flat_map(|event| event.entry.as_ref().unwrap().transfers.clone())
            .map(|it| (format!("{} to {}", it.from, it.to), it.amount_minor, it.at))
            .collect();
        let plain = |from: &str, to: &str, minor| (format!("{from} to {to}"), minor, None);
        let wanted = [
            plain("issued", OWN, 5_000),
            plain(OWN, "redeemed", 2_000),
            ("expired to breakage".to_owned(), 3_000, Some(ends)),
            plain("redeemed", OWN, 500),
            plain("expired", "breakage", 500),
        ];
        assert_eq!(moved, wanted);
        // Killed beyond its end: it stays breakage, and is nothing else as well.
        shop.tenant.void((shop.meta(), CardPick::code(&code))).wait().unwrap();
        let line = &now(&shop)[0];
        assert_eq!((line.booked_breakage_minor, line.voided_minor, line.outstanding_minor), (3_500, 0, 0));
        assert_eq!(sums(&shop)["CNY"], 0);
    }
}

/// A batch that was prolonged breaks later, one that was voided owes nothing; and what was owed before stays told.
#[test]
fn liability_knows_the_life_of_batches() {
    for shop in Shop::each() {
        let validity = ValidityDraft { end: Some(BEARER_END.to_owned()), ..ValidityDraft::default() };
        let extend = Some(ExtendPolicy { days_max: 60, expired: false });
        let policies = Policies { extend, ..Policies::default() };
        let redeem_from = RedeemFrom::Issued;
        issue(&shop, "g", 10, TemplateDraft { validity, policies, redeem_from, ..gift(Setting::Fixed(5_000)) });
        let code = shop.code_of("g", 3).unwrap();
        let pay = Redeem {
            amount_minor: Some(2_000),
            ..Redeem::new(shop.meta(), code.as_str(), order("o", &[("tea", 9_000)]))
        };
        shop.tenant.redeem(pay).wait().unwrap();
        let (first_end, second_end) = (instant(BEARER_END), instant("2027-01-21T00:00:00Z"));
        shop.clock.advance(DAY);
        let until = "2027-01-20".to_owned();
        shop.tenant.extend_batch(ExtendBatch { meta: shop.meta(), batch: "g".to_owned(), until }).wait().unwrap();
        shop.clock.set("2027-03-01T00:00:00Z");
        let owed = |then: Instant| {
            let line = at(&shop, then).lines.remove(0);
            (line.outstanding_minor, line.untouched_minor, line.dead_minor, line.breakage_minor.unwrap())
        };
        assert_eq!(owed(first_end), (3_000, 45_000, 0, 0), "{}: the end was put off", shop.name);
        assert_eq!(owed(second_end.plus_millis(-1)), (3_000, 45_000, 0, 0));
        assert_eq!(owed(second_end), (3_000, 45_000, 0, 48_000));
        let before = shop.clock.now();
        shop.clock.advance(DAY);
        shop.tenant.void_batch((shop.because("recalled"), "g")).wait().unwrap();
        shop.clock.advance(DAY);
        let after = shop.clock.now();
        let line = &now(&shop)[0];
        assert_eq!((line.outstanding_minor, line.untouched_minor, line.dead_minor), (0, 0, 3_000), "{}", shop.name);
        assert_eq!(owed(after), (0, 0, 3_000, 48_000), "what had ended before stays breakage");
        assert_eq!(owed(before), (3_000, 45_000, 0, 48_000), "an answer does not change later");
        assert_eq!(bare(&at(&shop, after).lines)[0].issued_minor, 5_000);
    }
}

/// What dies with its batch before its end is never breakage.
#[test]
fn what_is_voided_with_its_batch_is_no_breakage() {
    for shop in Shop::each() {
        let validity = ValidityDraft { end: Some(BEARER_END.to_owned()), ..ValidityDraft::default() };
        issue(&shop, "g", 10, TemplateDraft { validity, redeem_from: RedeemFrom::Issued, ..gift(Setting::Fixed(700)) });
        let card = CardPick::code(shop.code_of("g", 0).unwrap());
        let load = Load { meta: shop.because("paid"), card, amount_minor: 300 };
        shop.tenant.load(load).wait().unwrap();
        shop.tenant.void_batch((shop.because("misprint"), "g")).wait().unwrap();
        shop.clock.set("2027-03-01T00:00:00Z");
        let line = at(&shop, shop.clock.now()).lines.remove(0);
        assert_eq!(
            (line.outstanding_minor, line.dead_minor, line.breakage_minor),
            (0, 1_000, Some(0)),
            "{}",
            shop.name
        );
    }
}

fn grant(
    shop: &Shop,
    unit: &str,
    amount_minor: i64,
    from: AccountPick,
    to: AccountPick,
) -> Result<ValueTransfer, cardmint::Error> {
    shop.tenant
        .move_value(MoveValue {
            meta: shop.because("test"),
            unit: unit.to_owned(),
            amount_minor,
            from_account: from,
            to_account: to,
        })
        .wait()
}

fn ann() -> AccountPick {
    AccountPick::Holder(Subject::customer("ann"))
}

fn bob() -> AccountPick {
    AccountPick::Holder(Subject::customer("bob"))
}

fn system(name: &str) -> AccountPick {
    AccountPick::System(name.to_owned())
}

fn held(shop: &Shop, account: AccountPick, unit: &str) -> i64 {
    shop.tenant.balance(BalanceNow { account, unit: unit.to_owned() }).unwrap().balance_minor
}

fn points(shop: &Shop, between_holders: bool) {
    let unit = SaveUnit {
        meta: shop.meta(),
        name: "points".to_owned(),
        decimals: 0,
        between_holders,
        display: BTreeMap::new(),
    };
    shop.tenant.save_unit(unit).wait().unwrap();
}

#[test]
fn g04_points_and_store_credit_move_between_accounts_and_never_below_nothing() {
    for shop in Shop::each() {
        assert_eq!(denied(grant(&shop, "points", 5, system("promotion"), ann())), "unknown");
        points(&shop, false);
        let given = grant(&shop, "points", 500, system("promotion"), ann()).unwrap();
        assert_eq!((given.from_balance_minor, given.to_balance_minor), (None, Some(500)));
        grant(&shop, "CNY", 2_000, system("goodwill"), ann()).unwrap();
        let spent = grant(&shop, "points", 120, ann(), system("spent")).unwrap();
        assert_eq!((spent.from_balance_minor, spent.to), (Some(380), AccountOf::System("spent".to_owned())));
        let short = denial(grant(&shop, "points", 381, ann(), system("spent")));
        assert_eq!((short.code(), &short.facts()["short"]), ("insufficient_balance", &serde_json::json!("1 points")));
        let short = denial(grant(&shop, "CNY", 2_001, ann(), system("spent")));
        assert_eq!(short.facts()["available"], serde_json::json!({"minor": 2_000, "currency": "CNY"}));
        assert_eq!(denied(grant(&shop, "points", 1, ann(), bob())), "not_between_holders");
        points(&shop, true);
        let handed = grant(&shop, "points", 80, ann(), bob()).unwrap();
        assert_eq!((handed.from_balance_minor, handed.to_balance_minor), (Some(300), Some(80)));
        grant(&shop, "points", 50, ann(), AccountPick::Channel("north".to_owned())).unwrap();
        assert_eq!(
            (held(&shop, ann(), "points"), held(&shop, bob(), "points"), held(&shop, bob(), "CNY")),
            (250, 80, 0)
        );
        let accounts = shop.tenant.list_accounts(ListAccounts { account: ann(), page: Paging::default() }).unwrap();
        let accounts: Vec<_> = accounts.items.iter().map(|it| (it.unit.as_str(), it.balance_minor)).collect();
        assert_eq!(accounts, [("CNY", 2_000), ("points", 250)]);
        let mut moved = Vec::new();
        let mut page = Paging { after: None, limit: 2 };
        loop {
            let list = ListMovements { account: ann(), page: page.clone() };
            let found = shop.tenant.list_movements(list).unwrap();
            moved.extend(found.items.into_iter().map(|it| (it.unit, it.delta_minor, it.balance_minor, it.against)));
            match found.next {
                Some(next) => page.after = Some(next),
                None => break,
            }
        }
        let wanted = [
            ("points", 500, 500, "promotion"),
            ("CNY", 2_000, 2_000, "goodwill"),
            ("points", -120, 380, "spent"),
            ("points", -80, 300, "between"),
            ("points", -50, 250, "between"),
        ];
        let wanted = wanted.map(|(unit, delta, after, with)| (unit.to_owned(), delta, after, with.to_owned()));
        assert_eq!(moved, wanted);
        assert!(sums(&shop).values().all(|sum| *sum == 0), "{:?}", sums(&shop));
        let lines = now(&shop);
        let owed: Vec<_> = lines.iter().map(|line| (line.unit.as_str(), line.outstanding_minor)).collect();
        assert_eq!(owed, [("CNY", 2_000), ("points", 380)]);
        assert_eq!(at(&shop, Instant::parse("at", cardmint_tests::OPENING).unwrap()).lines, lines);
    }
}

#[test]
fn the_same_key_moves_value_once() {
    for shop in Shop::each() {
        points(&shop, false);
        let request = MoveValue {
            meta: shop.because("birthday"),
            unit: "points".to_owned(),
            amount_minor: 7,
            from_account: system("promotion"),
            to_account: ann(),
        };
        let first = shop.tenant.move_value(request.clone()).wait().unwrap();
        assert_eq!(shop.tenant.move_value(request.clone()).wait().unwrap(), first);
        assert_eq!(denied(shop.tenant.move_value(MoveValue { amount_minor: 8, ..request }).wait()), "key_reused");
        assert_eq!(held(&shop, ann(), "points"), 7);
    }
}

#[test]
fn what_cannot_be_meant_is_refused_by_name() {
    let shop = Shop::memory();
    points(&shop, true);
    let of = |unit: &str, amount, from, to| refused(grant(&shop, unit, amount, from, to)).field;
    assert_eq!(of("points", 0, system("p"), ann()), "amount_minor");
    assert_eq!(of("points", 1, ann(), ann()), "to_account");
    assert_eq!(of("points", 1, system("p"), system("q")), "to_account");
    assert_eq!(of("points", 1, system("redeemed"), ann()), "from_account.system");
    assert_eq!(of("a:b", 1, system("p"), ann()), "unit");
    assert_eq!(of("points", 1, AccountPick::Channel(String::new()), ann()), "from_account.channel");
    let request = MoveValue {
        meta: shop.meta(),
        unit: "points".to_owned(),
        amount_minor: 1,
        from_account: system("p"),
        to_account: ann(),
    };
    assert_eq!(refused(shop.tenant.move_value(request).wait()).field, "meta.reason");
    let again = SaveUnit {
        meta: shop.meta(),
        name: "points".to_owned(),
        decimals: 2,
        between_holders: true,
        display: BTreeMap::new(),
    };
    assert_eq!(refused(shop.tenant.save_unit(again).wait()).field, "decimals");
    shop.clock.advance(-1);
    let ahead = LiabilityAt { at: Some(Instant::parse("at", cardmint_tests::OPENING).unwrap()), batch: None };
    assert_eq!(refused(shop.tenant.liability_at(ahead)).field, "at");
    let none = LiabilityNow { batch: Some("none".to_owned()) };
    assert_eq!(denied(shop.tenant.liability(none)), "unknown");
    let full = grant(&shop, "points", cardmint::money::AMOUNT_MAX, system("p"), ann());
    assert!(full.is_ok());
    assert_eq!(denied(grant(&shop, "points", 1, system("p"), ann())), "limit_reached");
}

/// Fifty spend from one account that pays for ten: ten get through.
#[test]
fn g04_an_account_pays_out_what_it_holds_and_no_more_under_concurrency() {
    for shop in Shop::each() {
        points(&shop, false);
        grant(&shop, "points", 10, system("promotion"), ann()).unwrap();
        let done: Vec<bool> = std::thread::scope(|scope| {
            let spend =
                || (0..10).map(|_| grant(&shop, "points", 1, ann(), system("spent")).is_ok()).collect::<Vec<_>>();
            let threads: Vec<_> = (0..5).map(|_| scope.spawn(spend)).collect();
            threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect()
        });
        assert_eq!(done.iter().filter(|done| **done).count(), 10);
        assert_eq!(held(&shop, ann(), "points"), 0);
        assert_eq!(sums(&shop)["points"], 0);
    }
}

/// A rollup is a row for each account, day, cohort and engine, whatever went over it.
#[test]
fn rollups_are_kept_by_day_cohort_and_engine() {
    let shop = Shop::sqlite();
    for id in ["a", "b"] {
        issue(&shop, id, 30, TemplateDraft { redeem_from: RedeemFrom::Issued, ..gift(Setting::Fixed(5_000)) });
    }
    let other = shop.beside(std::sync::Arc::clone(&shop.store), cardmint_tests::keyring());
    for day in 0..3 {
        for (place, through) in [&shop, &other].into_iter().enumerate() {
            for n in 0..4 {
                for id in ["a", "b"] {
                    let code = shop.code_of(id, n).unwrap();
                    let meta = cardmint::Meta::key(format!("d{day}-{place}-{n}-{id}"));
                    let redeem =
                        Redeem { amount_minor: Some(10), ..Redeem::new(meta, code, order("o", &[("tea", 900)])) };
                    through.tenant.redeem(redeem).wait().unwrap();
                }
            }
        }
        shop.clock.advance(DAY);
        other.clock.advance(DAY);
    }
    let tenant = TenantKey::new("default", World::Live);
    let page = shop.store.scan(&Scan { tenant, of: ScanOf::Books, after: None, limit: 1_000 }).unwrap();
    let redeemed = page.items.iter().filter(|stored| match &stored.record {
        Record::Account(account) => {
            let Owner::Book(book) = &account.owner else { panic!("{account:?}") };
            assert!(["issued", "redeemed", "touched"].contains(&book.name.as_str()));
            book.name.as_str() == "redeemed" && account.balance == 40
        }
        _ => false,
    });
    assert_eq!(redeemed.count(), 3 * 2 * 2);
    assert_eq!(now(&shop).iter().map(|line| line.redeemed_minor).collect::<Vec<_>>(), [240, 240]);
}

/// Another engine moves the same account between a decision and its commit: what the reply and the journal tell is what it holds.
#[test]
fn what_a_move_tells_is_what_the_account_holds() {
    for shop in Shop::each() {
        points(&shop, true);
        let store = Watched::over(Arc::clone(&shop.store));
        let late = Shop::with(shop.name, Arc::clone(&store) as Arc<dyn Store>, None, keyring(), [61; 32]);
        let other = Shop::with(shop.name, Arc::clone(&shop.store), None, keyring(), [62; 32]);
        let grant = |shop: &Shop, key: &str, amount_minor| {
            let meta = Meta { key: key.to_owned(), ..shop.because("test") };
            let (unit, from_account, to_account) = ("points".to_owned(), system("promotion"), ann());
            shop.tenant.move_value(MoveValue { meta, unit, amount_minor, from_account, to_account }).wait().unwrap()
        };
        grant(&late, "first", 1);
        let mut comes_between = true;
        store.look_at_commits(move |_| {
            if std::mem::take(&mut comes_between) {
                grant(&other, "between", 5);
            }
            None
        });
        let moved = grant(&late, "late", 20);
        assert_eq!((moved.to_balance_minor, held(&shop, ann(), "points")), (Some(26), 26), "{}", shop.name);
        let page = shop.tenant.list_movements(ListMovements { account: ann(), page: Paging::default() }).unwrap();
        let told: BTreeSet<i64> = page.items.iter().map(|movement| movement.balance_minor).collect();
        assert_eq!(told, BTreeSet::from([1, 6, 26]));
    }
}

/// Fails every thirteenth scan, once it was told to.
struct Stumbling {
    store: Arc<dyn Store>,
    scans: AtomicU64,
}

impl Store for Stumbling {
    fn load(&self, lookups: &[Lookup]) -> Result<Vec<Option<Arc<Stored>>>, StoreError> {
        self.store.load(lookups)
    }

    fn commit(&self, group: Group<'_>) -> Result<Vec<CommitOutcome>, StoreError> {
        self.store.commit(group)
    }

    fn scan(&self, scan: &Scan) -> Result<Page, StoreError> {
        if self.scans.load(Ordering::SeqCst) > 0 && self.scans.fetch_add(1, Ordering::SeqCst).is_multiple_of(13) {
            return Err(StoreError::Busy("a test".to_owned()));
        }
        self.store.scan(scan)
    }
}

/// A walk whose store fails half way goes on by repeating the step, and nothing is counted twice.
#[test]
fn a_walk_that_met_a_fault_comes_to_the_same_figures() {
    let store = Arc::new(Stumbling { store: Arc::new(MemoryStore::new()), scans: AtomicU64::new(0) });
    let shop = Shop::over("stumbling", Arc::clone(&store) as Arc<dyn Store>, None);
    let mut lives = Lives::new(&shop, 9);
    (0..60).for_each(|_| lives.step());
    points(&shop, true);
    grant(&shop, "points", 500, system("promotion"), ann()).unwrap();
    grant(&shop, "points", 5, ann(), bob()).unwrap();
    let whole = at(&shop, lives.now());
    let mut faults = 0;
    for start in 1..=13 {
        let mut walk = shop.tenant.liability_at(LiabilityAt::default()).unwrap();
        store.scans.store(start, Ordering::SeqCst);
        let told = loop {
            match walk.step() {
                Ok(Some(liability)) => break liability,
                Ok(None) => {}
                Err(_) => faults += 1,
            }
        };
        store.scans.store(0, Ordering::SeqCst);
        assert_eq!(told, whole, "from {start}");
    }
    assert!(faults > 5, "{faults}");
    store.scans.store(0, Ordering::SeqCst);
    shop.batch("c", 3, eight_tenths());
    let of_coupons = LiabilityAt { at: None, batch: Some("c".to_owned()) };
    assert_eq!(shop.tenant.liability_at(of_coupons).unwrap().wait().unwrap().lines, []);
}
