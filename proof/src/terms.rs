//! The templates and orders of the simulated shop, as few plain fields.

use cardmint::card::{
    AfterClaim, Benefit, CardKind, CardsOf, CheckIns, Gift, HoldTerms, Limits, Membership, Policies, RedeemFrom,
    Setting, TemplateDraft, Usage, ValidityDraft,
};
use cardmint::checkout::{Line, Order};
use cardmint::limit::Limit;
use cardmint::money::Currency;
use cardmint::rule::{Condition, FactTest, LineFilter, Over, Test};
use cardmint::subject::Subject;
use cardmint::time::Instant;

/// What comes off, or is given instead.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Off {
    /// Basis points of the order.
    Percent(u32),
    /// Minor units.
    Amount(i64),
    /// So many pears, the dearest first.
    Pears(u32),
    /// The shop gives what the card is good for.
    Nothing,
    /// Cards of these batches: all of them, or so many of the batches.
    Cards {
        /// Batches, and how many of each.
        cards: Vec<(String, u32)>,
        /// How many batches a holder chooses, of a choice.
        choose: Option<u32>,
    },
}

/// Cards that are given beside.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "named as the gift's fields are")]
pub struct Beside {
    pub batch: String,
    pub quantity: u32,
    pub min_spend: Option<i64>,
}

/// A condition of an order, as a tree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Asks {
    /// The order comes to this much at least.
    Minor(i64),
    /// It has so many lines at least.
    Lines(i64),
    /// It is sold in this store.
    Store(&'static str),
    /// All of these.
    All(Vec<Self>),
    /// One of these at least.
    Any(Vec<Self>),
    /// Not this.
    Not(Box<Self>),
}

impl Asks {
    fn condition(&self) -> Condition {
        let all = |parts: &[Self]| parts.iter().map(Self::condition).collect();
        match self {
            Self::Minor(minor) => Condition::MinSpend { minor: *minor, over: Over::Order },
            Self::Lines(least) => Condition::Fact(FactTest::new("order.lines", Test::AtLeast((*least).into()))),
            Self::Store(store) => Condition::Fact(FactTest::new("store.id", Test::Eq((*store).into()))),
            Self::All(parts) => Condition::All(all(parts)),
            Self::Any(parts) => Condition::Any(all(parts)),
            Self::Not(part) => Condition::Not(Box::new(part.condition())),
        }
    }
}

/// What a template gives and asks.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "named as the template's fields are")]
pub struct Terms {
    pub id: String,
    pub kind: CardKind,
    pub off: Off,
    pub min_spend: Option<i64>,
    /// What it asks beside.
    pub asks: Option<Asks>,
    pub start: Option<Instant>,
    pub end: Option<Instant>,
    pub after_claim_s: Option<i64>,
    pub cap_at_campaign_end: bool,
    /// What a gift card holds when it is new; a coupon has none.
    pub value_minor: Option<i64>,
    pub balance_max_minor: Option<i64>,
    pub uses_per_card: u32,
    pub uses_per_holder: Option<u32>,
    pub claims_per_holder: Option<u32>,
    pub limits: Vec<Limit>,
    pub holds: HoldTerms,
    pub redeem_from: RedeemFrom,
    /// How the uses of a times card are counted; others have none.
    pub usage: Option<Usage>,
    pub policies: Policies,
    /// How often a membership card may be presented.
    pub check_ins: Option<CheckIns>,
    pub gives: Vec<Beside>,
}

impl Beside {
    fn gift(&self) -> Gift {
        // The same as a minimum spend, said as a test of a fact.
        let at_least = |minor: i64| FactTest::new("order.subtotal", Test::AtLeast(minor.into()));
        let least = self.min_spend.map(|minor| Condition::Any(vec![Condition::Fact(at_least(minor))]));
        Gift { batch: self.batch.clone(), quantity: self.quantity, conditions: least.into_iter().collect() }
    }
}

impl Terms {
    /// A personal card of one use with 20 % off and no ceilings.
    pub fn plain(id: &str) -> Self {
        Self {
            id: id.to_owned(),
            kind: CardKind::Coupon,
            off: Off::Percent(2_000),
            min_spend: None,
            asks: None,
            start: None,
            end: None,
            after_claim_s: None,
            cap_at_campaign_end: true,
            value_minor: None,
            balance_max_minor: None,
            uses_per_card: 1,
            uses_per_holder: None,
            claims_per_holder: None,
            limits: Vec::new(),
            holds: HoldTerms::default(),
            redeem_from: RedeemFrom::Claimed,
            usage: None,
            policies: Policies::default(),
            check_ins: None,
            gives: Vec::new(),
        }
    }

    /// The template as a host writes it.
    pub fn draft(&self) -> TemplateDraft {
        let benefit = match (self.value_minor, &self.off) {
            (Some(minor), _) => Benefit::Value { minor: Setting::Fixed(minor) },
            (None, Off::Percent(bp)) => {
                Benefit::PercentOff { off_bp: Setting::Fixed(i64::from(*bp)), cap_minor: None, over: Over::Order }
            }
            (None, Off::Amount(minor)) => Benefit::AmountOff { minor: Setting::Fixed(*minor), over: Over::Order },
            (None, Off::Pears(quantity)) => {
                let lines = LineFilter { products: vec!["pear".to_owned()], ..LineFilter::default() };
                Benefit::Goods { quantity: *quantity, lines }
            }
            (None, Off::Nothing) => Benefit::Entitlement { over: Over::Order },
            (None, Off::Cards { cards, choose }) => {
                let of = |(batch, quantity): &(String, u32)| CardsOf { batch: batch.clone(), quantity: *quantity };
                Benefit::Cards { cards: cards.iter().map(of).collect(), choose: *choose }
            }
        };
        TemplateDraft {
            kind: self.kind,
            currency: Some(cny()),
            conditions: self
                .min_spend
                .map(|minor| Condition::MinSpend { minor, over: Over::Order })
                .into_iter()
                .chain(self.asks.as_ref().map(Asks::condition))
                .collect(),
            validity: ValidityDraft {
                start: self.start.map(|at| at.to_string()),
                end: self.end.map(|at| at.to_string()),
                after_claim: self.after_claim_s.map(AfterClaim::Seconds),
                cap_at_campaign_end: self.cap_at_campaign_end,
            },
            limits: Limits {
                uses_per_card: self.uses_per_card,
                uses_per_holder: self.uses_per_holder,
                claims_per_holder: self.claims_per_holder,
                balance_max_minor: self.balance_max_minor,
                list: self.limits.clone(),
            },
            holds: self.holds.clone(),
            redeem_from: self.redeem_from,
            usage: self.usage,
            policies: self.policies.clone(),
            membership: (self.kind == CardKind::Membership)
                .then(|| Membership { check_ins: self.check_ins, ..Membership::default() }),
            gives: self.gives.iter().map(Beside::gift).collect(),
            ..TemplateDraft::new(self.id.as_str(), benefit)
        }
    }
}

/// An order: its id and what its lines cost.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "named as the order's fields are")]
pub struct Basket {
    pub order: String,
    pub lines: Vec<i64>,
    /// The store that it is sold in.
    pub store: Option<String>,
    /// The device that is presented with it.
    pub device: Option<String>,
    /// What is chosen of a choice.
    pub choose: Vec<String>,
}

impl Basket {
    /// An order, by nobody's device.
    pub fn new(order: impl Into<String>, lines: Vec<i64>) -> Self {
        Self { order: order.into(), lines, store: None, device: None, choose: Vec::new() }
    }

    /// What stands in a line: apples and pears by turns.
    pub fn product(place: usize) -> &'static str {
        if place.is_multiple_of(2) { "apple" } else { "pear" }
    }

    /// What is presented with it, as a host says so.
    pub fn subjects(&self) -> Vec<Subject> {
        self.device.iter().map(|device| Subject::new("device", device.as_str())).collect()
    }

    /// The order as a host writes it.
    pub fn order(&self) -> Order {
        let lines = self
            .lines
            .iter()
            .enumerate()
            .map(|(place, amount_minor)| Line::new(format!("l{place}"), Self::product(place), 1, *amount_minor));
        Order { store: self.store.clone(), ..Order::new(self.order.clone(), cny(), lines) }
    }
}

/// The currency of the shop.
pub fn cny() -> Currency {
    // A constant of the ISO table; the fallback never comes.
    Currency::parse("currency", "CNY").unwrap_or_else(|_| unreachable!("CNY is a currency"))
}
