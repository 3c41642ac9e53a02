//! Templates: what a kind of card gives and asks. A saved version never changes; a batch pins one.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::campaign::check_title;
use super::kinds::{CardsOf, Gift, Membership, Usage};
use super::{Card, CardKind, Deal, Funding, HoldTerms, PartialPolicy, Policies, Profile, Stacking};
use crate::Invalid;
use crate::denial::{Denial, Fact};
use crate::id::check_name;
use crate::limit::{Limit, check_limits};
use crate::money::{AMOUNT_MAX, Currency, WHOLE_BP, check_amount};
use crate::rule::{
    Attributes, Compiled, Condition, Filter, LineFilter, Over, Picks, Program, Programs, check_conditions,
    pin_attributes,
};
use crate::time::{Instant, Window, Zone};

/// A figure of a template: fixed, or named so that each batch or issue may set it within declared bounds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(untagged, expecting = "a whole number, or {\"parameter\": \"name\"}")]
pub enum Setting {
    /// The same for every card.
    Fixed(i64),
    /// The value of the named integer parameter.
    Named(NamedSetting),
}

/// Points at a declared parameter.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NamedSetting {
    /// The parameter's name.
    pub parameter: String,
}

impl Setting {
    /// A figure read from the parameter of this name.
    pub fn named(parameter: &str) -> Self {
        Self::Named(NamedSetting { parameter: parameter.to_owned() })
    }

    pub(crate) fn resolve(&self, parameters: &Parameters) -> i64 {
        match self {
            Self::Fixed(value) => *value,
            // Complete parameters hold every declared name; checked when the template was saved.
            Self::Named(named) => match parameters.get(&named.parameter) {
                Some(ParameterValue::Integer(value)) => *value,
                Some(ParameterValue::Text(_)) | None => 0,
            },
        }
    }
}

/// What a card gives.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Benefit {
    /// A sum off, never more than what it is taken over costs.
    AmountOff {
        /// Minor units, 1 or more.
        minor: Setting,
        /// What it is taken over.
        #[serde(default)]
        over: Over,
    },
    /// A percentage off, in basis points *off*: 8折 is 2000.
    PercentOff {
        /// 1 to 10,000.
        off_bp: Setting,
        /// The most that comes off, in minor units of the template's currency.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        cap_minor: Option<i64>,
        /// What it is taken over.
        #[serde(default)]
        over: Over,
    },
    /// Stored value, of gift cards: what a card holds when it is new. It pays; it is no discount, and comes after all discounts.
    Value {
        /// Minor units, 0 or more: a card of 0 waits to be loaded.
        minor: Setting,
    },
    /// Nothing off: what the card is good for is the shop's to give. Of times and membership cards.
    Entitlement {
        /// What of an order the card is good for.
        #[serde(default)]
        over: Over,
    },
    /// Pieces for nothing, the dearest first. Of exchange cards; of times cards so many for each use.
    Goods {
        /// How many pieces at most, 1 or more.
        #[serde(default = "crate::json::one", skip_serializing_if = "crate::json::is_one")]
        quantity: u32,
        /// Which.
        lines: LineFilter,
    },
    /// Other cards, of packs and choices.
    Cards {
        /// What they are taken from: 1 to 100 cards together.
        cards: Vec<CardsOf>,
        /// Of choices: how many of those batches a holder may choose.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        choose: Option<u32>,
    },
    /// Something off, or given, by how much or how many there is: tiers, every so much, sets, the n-th piece, shipping, presents.
    Deal(Box<Deal>),
}

impl Benefit {
    /// The benefit's name in JSON.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::AmountOff { .. } => "amount_off",
            Self::PercentOff { .. } => "percent_off",
            Self::Value { .. } => "value",
            Self::Entitlement { .. } => "entitlement",
            Self::Goods { .. } => "goods",
            Self::Cards { .. } => "cards",
            Self::Deal(_) => "deal",
        }
    }

    /// The filter of the lines that it is about, where it is not about the whole order.
    pub fn filter(&self) -> Option<&LineFilter> {
        match self {
            Self::AmountOff { over, .. } | Self::PercentOff { over, .. } | Self::Entitlement { over } => over.filter(),
            Self::Goods { lines, .. } => Some(lines),
            Self::Deal(deal) => deal.over.filter(),
            Self::Value { .. } | Self::Cards { .. } => None,
        }
    }

    fn picks(&self) -> Picks {
        let of_deal = match self {
            Self::Deal(deal) => deal.picks(),
            Self::AmountOff { .. }
            | Self::PercentOff { .. }
            | Self::Entitlement { .. }
            | Self::Goods { .. }
            | Self::Value { .. }
            | Self::Cards { .. } => Picks::default(),
        };
        Picks { over: self.filter().map(Filter::of), ..of_deal }
    }

    /// Every filter in it.
    fn filters(&self) -> Vec<&LineFilter> {
        match self {
            Self::Deal(deal) => deal.filters().collect(),
            Self::AmountOff { .. }
            | Self::PercentOff { .. }
            | Self::Entitlement { .. }
            | Self::Goods { .. }
            | Self::Value { .. }
            | Self::Cards { .. } => self.filter().into_iter().collect(),
        }
    }

    fn filters_mut(&mut self) -> Vec<&mut LineFilter> {
        match self {
            Self::AmountOff { over, .. } | Self::PercentOff { over, .. } | Self::Entitlement { over } => {
                over.filter_mut().into_iter().collect()
            }
            Self::Goods { lines, .. } => vec![lines],
            Self::Deal(deal) => deal.filters_mut().collect(),
            Self::Value { .. } | Self::Cards { .. } => Vec::new(),
        }
    }

    fn check_over(&self) -> Result<(), Invalid> {
        match self {
            Self::AmountOff { over, .. } | Self::PercentOff { over, .. } | Self::Entitlement { over } => {
                over.check("benefit.over")
            }
            Self::Goods { lines, .. } => lines.check("benefit.goods.lines"),
            Self::Value { .. } | Self::Cards { .. } | Self::Deal(_) => Ok(()),
        }
    }
}

/// From which state a template's cards may be redeemed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RedeemFrom {
    /// Bearer cards: who knows the code may use it. A batch is issued as a whole.
    #[default]
    Issued,
    /// Personal cards: a holder claims the card first. A batch is a stock to claim from.
    Claimed,
    /// Tied cards: a holder claims the card and binds it first. Its template has a policy for that.
    Bound,
}

/// How long a card is good once it was claimed or given to a holder.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum AfterClaim {
    /// To the end of the n-th local calendar day after it, 0 being the same day.
    Days(Setting),
    /// For so many seconds.
    Seconds(i64),
}

/// When a template's cards are good, as the host writes it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ValidityDraft {
    /// A date (the start of that local day) or an RFC 3339 instant.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub start: Option<String>,
    /// A date (that day still counts) or an RFC 3339 instant (which does not).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub end: Option<String>,
    /// Counted from the claim, within `start` and `end`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after_claim: Option<AfterClaim>,
    /// Whether a card also ends with its campaign; true unless said otherwise.
    #[serde(default = "crate::json::yes")]
    pub cap_at_campaign_end: bool,
}

impl Default for ValidityDraft {
    fn default() -> Self {
        Self { start: None, end: None, after_claim: None, cap_at_campaign_end: true }
    }
}

/// Ceilings of a template. Each counts captured uses; a refund gives back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Limits {
    /// How often one card may be redeemed, one use per order; of a times card how many uses it has. A gift card is good until nothing
    /// is left on it, a membership card as long as it is good: they have no such ceiling.
    #[serde(default = "crate::json::one")]
    pub uses_per_card: u32,
    /// How often one holder may redeem cards of this template, whichever version.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub uses_per_holder: Option<u32>,
    /// How many cards of this template one holder may claim.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub claims_per_holder: Option<u32>,
    /// The most that a gift card may hold, in minor units of the template's currency.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub balance_max_minor: Option<i64>,
    /// Ceilings on what its cards are used for, by whom, where, and over which time.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub list: Vec<Limit>,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            uses_per_card: 1,
            uses_per_holder: None,
            claims_per_holder: None,
            balance_max_minor: None,
            list: Vec::new(),
        }
    }
}

/// A parameter that a template declares, with its bounds and its default.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Parameter {
    /// A whole number, such as a face value.
    Integer {
        /// Smallest value.
        min: i64,
        /// Largest value.
        max: i64,
        /// The value where nothing is set.
        default: i64,
    },
    /// A text, such as a greeting.
    Text {
        /// Most characters.
        chars_max: u32,
        /// The text where nothing is set.
        default: String,
    },
}

/// The value of a parameter.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(untagged, expecting = "a whole number or a text")]
pub enum ParameterValue {
    /// Of an integer parameter.
    Integer(i64),
    /// Of a text parameter.
    Text(String),
}

/// Values of parameters by name.
pub type Parameters = BTreeMap<String, ParameterValue>;

/// How a card shows itself to people, in one language.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Display {
    /// The headline.
    pub title: String,
    /// How to use it.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub how_to_use: String,
    /// What it covers, in words.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub scope: String,
    /// A short badge.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub badge: String,
    /// Address of a picture.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub image: String,
    /// A colour such as `#d81e06`.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub colour: String,
}

/// Displays by locale, such as `zh-CN`.
pub type Displays = BTreeMap<String, Display>;

/// A template as the host writes it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TemplateDraft {
    /// The host's id; saving again under the same id adds a version.
    pub id: String,
    /// The kind of its cards.
    #[serde(default)]
    pub kind: CardKind,
    /// The currency of every amount in it; needed as soon as there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub currency: Option<Currency>,
    /// What a card gives.
    pub benefit: Benefit,
    /// What must be true of the order; all of them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub conditions: Vec<Condition>,
    /// When its cards are good.
    #[serde(default)]
    pub validity: ValidityDraft,
    /// Ceilings.
    #[serde(default)]
    pub limits: Limits,
    /// How long its cards may be held for an order, how many at once, and what comes of a late capture.
    #[serde(default, skip_serializing_if = "HoldTerms::is_default")]
    pub holds: HoldTerms,
    /// From which state its cards may be redeemed.
    #[serde(default)]
    pub redeem_from: RedeemFrom,
    /// How the uses of a times card are counted; needed there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub usage: Option<Usage>,
    /// What a membership card says of its holder, and how often it may be presented.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub membership: Option<Membership>,
    /// Cards that redeeming gives to the holder: at most 100 together. One that cannot be given is left out, and the receipt says why.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub gives: Vec<Gift>,
    /// How what it gives goes together with others on one order.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stacking: Option<Stacking>,
    /// Who bears what comes off: parts that sum to 10,000. By default it is nobody's business.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub funding: Vec<Funding>,
    /// What may be done with its cards.
    #[serde(default, skip_serializing_if = "Policies::is_empty")]
    pub policies: Policies,
    /// What the law of a place asks of it, of cards that hold value; the tenant's by default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub profile: Option<Profile>,
    /// What a batch or an issue may set.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty", deserialize_with = "crate::json::no_doubles")]
    pub parameters: BTreeMap<String, Parameter>,
    /// How its cards show themselves.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty", deserialize_with = "crate::json::no_doubles")]
    pub display: Displays,
}

/// A saved version of a template. Its terms never change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Template {
    /// Counted from 1 with every save.
    pub version: u32,
    /// What the host wrote, with the versions of its product sets pinned.
    pub draft: TemplateDraft,
    /// The fixed part of its validity, resolved in the tenant's zone of that day.
    pub window: Window,
    /// The zone in which days are counted.
    pub zone: Zone,
    /// Its conditions, compiled when they are first asked.
    #[serde(skip)]
    compiled: Compiled,
}

impl TemplateDraft {
    /// A template of bearer coupons that asks nothing; all else by default.
    pub fn new(id: impl Into<String>, benefit: Benefit) -> Self {
        Self {
            id: id.into(),
            kind: CardKind::Coupon,
            currency: None,
            benefit,
            conditions: Vec::new(),
            validity: ValidityDraft::default(),
            limits: Limits::default(),
            holds: HoldTerms::default(),
            redeem_from: RedeemFrom::Issued,
            usage: None,
            membership: None,
            gives: Vec::new(),
            stacking: None,
            funding: Vec::new(),
            policies: Policies::default(),
            profile: None,
            parameters: BTreeMap::new(),
            display: Displays::new(),
        }
    }

    /// The longest JSON text of a template.
    pub const JSON_BYTES_MAX: usize = 1 << 20;

    /// Reads a template from JSON. Unknown keys and keys that come twice are refused, the error names them.
    pub fn from_json(text: &str) -> Result<Self, Invalid> {
        if text.len() > Self::JSON_BYTES_MAX {
            let allowed = format!("at most {} bytes of JSON", Self::JSON_BYTES_MAX);
            return Err(Invalid::new("template", format!("{} bytes", text.len()), allowed));
        }
        serde_json::from_str(text)
            .map_err(|error| Invalid::new("template", "JSON that does not fit", crate::json::what_fits(&error)))
    }

    /// Refuses what cannot be meant; see each field for its bounds.
    pub fn check(&self) -> Result<(), Invalid> {
        check_name("id", &self.id)?;
        self.check_parameters_declared()?;
        self.check_benefit()?;
        self.check_conditions(None)?;
        if self.has_amount() && self.currency.is_none() {
            return Err(Invalid::new("currency", "nothing", "a currency, since the template names an amount"));
        }
        self.check_limits()?;
        self.check_stacking()?;
        self.policies.check()?;
        if self.redeem_from == RedeemFrom::Bound && self.policies.bind.is_none() {
            return Err(Invalid::new(
                "policies.bind",
                "nothing",
                "a policy, since cards are redeemed once they are bound",
            ));
        }
        self.holds.check()?;
        self.check_profile()?;
        self.check_after_claim()?;
        check_displays("display", &self.display)
    }

    /// Refuses conditions of its own and of what it gives that cannot be meant. Attributes are looked up where they are known.
    pub(crate) fn check_conditions(&self, attributes: Option<&Attributes>) -> Result<(), Invalid> {
        let of_gifts = self.gives.iter().enumerate();
        let of_gifts = of_gifts.map(|(place, gift)| (format!("gives[{place}].conditions"), &gift.conditions));
        for (field, conditions) in std::iter::once(("conditions".to_owned(), &self.conditions)).chain(of_gifts) {
            if conditions.len() > 100 {
                return Err(Invalid::new(field, conditions.len(), "at most 100 conditions"));
            }
            check_conditions(conditions, &field, attributes)?;
        }
        Ok(())
    }

    fn check_benefit(&self) -> Result<(), Invalid> {
        self.check_kind()?;
        self.benefit.check_over()?;
        match &self.benefit {
            Benefit::Entitlement { .. } | Benefit::Cards { .. } => Ok(()),
            Benefit::Goods { quantity, .. } if (1..=1_000_000).contains(quantity) => Ok(()),
            Benefit::Goods { quantity, .. } => Err(Invalid::new("benefit.goods.quantity", quantity, "1 to 1000000")),
            Benefit::AmountOff { minor, .. } => self.check_setting("benefit.amount_off.minor", minor, 1, AMOUNT_MAX),
            Benefit::PercentOff { off_bp, cap_minor, .. } => {
                self.check_setting("benefit.percent_off.off_bp", off_bp, 1, i64::from(WHOLE_BP))?;
                cap_minor.map_or(Ok(()), |cap| check_amount("benefit.percent_off.cap_minor", cap, 1))
            }
            Benefit::Value { minor } => self.check_setting("benefit.value.minor", minor, 0, self.balance_max_minor()),
            Benefit::Deal(deal) => deal.check(self),
        }
    }

    fn check_profile(&self) -> Result<(), Invalid> {
        match &self.profile {
            Some(profile) if self.kind.holds_value() => profile.check("profile"),
            Some(profile) => Err(Invalid::new("profile", profile.name(), "nothing, for cards that hold no value")),
            None => Ok(()),
        }
    }

    /// The most that a card may hold, in minor units.
    pub(crate) fn balance_max_minor(&self) -> i64 {
        self.limits.balance_max_minor.unwrap_or(AMOUNT_MAX)
    }

    /// What a card of this template holds, where such cards hold value.
    pub(crate) fn balance_of(&self, card: &Card) -> Option<i64> {
        self.kind.holds_value().then_some(card.balance_minor)
    }

    /// Why a card of this template cannot pay: it holds less than was asked, or nothing.
    pub(crate) fn insufficient_balance(&self, available_minor: i64, asked_minor: Option<i64>) -> Denial {
        // A template of value was saved with a currency.
        let fact = |minor: i64| match self.currency {
            Some(currency) => Fact::money(currency, minor),
            None => Fact::text(minor.to_string()),
        };
        Denial::InsufficientBalance {
            available: fact(available_minor),
            asked: asked_minor.map(fact),
            short: asked_minor.map(|asked| fact(asked - available_minor)),
        }
    }

    /// What a card with these parameters holds when it is new, in minor units; 0 where it holds no value.
    pub(crate) fn value_minor(&self, parameters: &Parameters) -> i64 {
        match &self.benefit {
            Benefit::Value { minor } => minor.resolve(parameters),
            Benefit::AmountOff { .. }
            | Benefit::PercentOff { .. }
            | Benefit::Entitlement { .. }
            | Benefit::Goods { .. }
            | Benefit::Cards { .. }
            | Benefit::Deal(_) => 0,
        }
    }

    /// What a card holds when it is new, where it holds value.
    pub(crate) fn face(&self) -> Option<&Setting> {
        match &self.benefit {
            Benefit::Value { minor } => Some(minor),
            Benefit::AmountOff { .. }
            | Benefit::PercentOff { .. }
            | Benefit::Entitlement { .. }
            | Benefit::Goods { .. }
            | Benefit::Cards { .. }
            | Benefit::Deal(_) => None,
        }
    }

    fn has_amount(&self) -> bool {
        let benefit = match &self.benefit {
            Benefit::AmountOff { .. } | Benefit::Value { .. } => true,
            Benefit::PercentOff { cap_minor, .. } => cap_minor.is_some(),
            Benefit::Entitlement { .. } | Benefit::Goods { .. } | Benefit::Cards { .. } => false,
            Benefit::Deal(deal) => deal.has_amount(),
        };
        let capped = self.stacking.as_ref().is_some_and(|stacking| stacking.order_cap_minor.is_some());
        benefit || capped || self.all_conditions().any(Condition::has_amount)
    }

    fn check_limits(&self) -> Result<(), Invalid> {
        let limits = [
            ("limits.uses_per_card", Some(self.limits.uses_per_card)),
            ("limits.uses_per_holder", self.limits.uses_per_holder),
            ("limits.claims_per_holder", self.limits.claims_per_holder),
        ];
        for (field, limit) in limits {
            if limit.is_some_and(|limit| !(1..=1_000_000).contains(&limit)) {
                return Err(Invalid::new(field, limit.unwrap_or_default(), "1 to 1000000"));
            }
        }
        check_limits("limits.list", &self.limits.list)?;
        let capping = self.limits.list.iter().position(|limit| limit.partial_policy == PartialPolicy::Cap);
        if let Some(place) = capping.filter(|_| !self.kind.can_be_capped()) {
            let allowed = format!("deny, for a card of kind {}", self.kind.name());
            return Err(Invalid::new(format!("limits.list[{place}].partial_policy"), "cap", allowed));
        }
        self.limits.balance_max_minor.map_or(Ok(()), |most| check_amount("limits.balance_max_minor", most, 1))
    }

    fn check_after_claim(&self) -> Result<(), Invalid> {
        match &self.validity.after_claim {
            None => Ok(()),
            Some(AfterClaim::Days(days)) => self.check_setting("validity.after_claim.days", days, 0, 36_500),
            Some(AfterClaim::Seconds(seconds)) if (1..=3_153_600_000).contains(seconds) => Ok(()),
            Some(AfterClaim::Seconds(seconds)) => {
                Err(Invalid::new("validity.after_claim.seconds", seconds, "1 to 3153600000 (a hundred years)"))
            }
        }
    }

    /// A fixed figure must lie within the bounds; a named one must be declared with bounds of its own within them.
    pub(super) fn check_setting(&self, field: &str, setting: &Setting, least: i64, most: i64) -> Result<(), Invalid> {
        let bounds = least..=most;
        let allowed = format!("{least} to {most}");
        match setting {
            Setting::Fixed(value) if bounds.contains(value) => Ok(()),
            Setting::Fixed(value) => Err(Invalid::new(field, value, allowed)),
            Setting::Named(named) => match self.parameters.get(&named.parameter) {
                Some(Parameter::Integer { min, max, .. }) if bounds.contains(min) && bounds.contains(max) => Ok(()),
                Some(Parameter::Integer { min, max, .. }) => {
                    Err(Invalid::new(format!("parameters.{}", named.parameter), format!("{min} to {max}"), allowed))
                }
                Some(Parameter::Text { .. }) | None => {
                    Err(Invalid::new(field, &named.parameter, "the name of a declared integer parameter"))
                }
            },
        }
    }

    fn check_parameters_declared(&self) -> Result<(), Invalid> {
        if self.parameters.len() > 32 {
            return Err(Invalid::new("parameters", self.parameters.len(), "at most 32 parameters"));
        }
        for (name, parameter) in &self.parameters {
            check_name("parameters", name)?;
            let field = format!("parameters.{name}");
            match parameter {
                Parameter::Integer { min, max, .. } if min > max => {
                    return Err(Invalid::new(format!("{field}.max"), max, format!("{min} or more")));
                }
                Parameter::Integer { default, .. } => parameter.check(&field, &ParameterValue::Integer(*default))?,
                Parameter::Text { chars_max, .. } if !(1..=1_000).contains(chars_max) => {
                    return Err(Invalid::new(format!("{field}.chars_max"), chars_max, "1 to 1000"));
                }
                Parameter::Text { default, .. } => parameter.check(&field, &ParameterValue::Text(default.clone()))?,
            }
        }
        Ok(())
    }

    /// Every line filter in the template, for pinning its product set.
    fn filters_mut(&mut self) -> impl Iterator<Item = &mut LineFilter> {
        let gifts = self.gives.iter_mut().flat_map(|gift| &mut gift.conditions);
        let conditions = self.conditions.iter_mut().chain(gifts).flat_map(Condition::filters_mut);
        conditions.chain(self.benefit.filters_mut())
    }

    /// Pins the version of every product set that is named, as `version_of` says.
    pub(crate) fn pin_sets<E>(
        &mut self,
        mut version_of: impl FnMut(&str, Option<u32>) -> Result<u32, E>,
    ) -> Result<(), E> {
        for filter in self.filters_mut() {
            if let Some(name) = &filter.product_set {
                filter.product_set_version = Some(version_of(name, filter.product_set_version)?);
            }
        }
        let gifts = self.gives.iter_mut().flat_map(|gift| &mut gift.conditions);
        for set in self.conditions.iter_mut().chain(gifts).flat_map(Condition::set_refs_mut) {
            set.version = Some(version_of(&set.name, set.version)?);
        }
        Ok(())
    }

    /// Writes down the types of the attributes that its conditions speak of.
    pub(crate) fn pin_attributes(&mut self, attributes: &Attributes) {
        let gifts = self.gives.iter_mut().flat_map(|gift| &mut gift.conditions);
        pin_attributes(self.conditions.iter_mut().chain(gifts), attributes);
    }

    /// Its own conditions and those of what it gives.
    fn all_conditions(&self) -> impl Iterator<Item = &Condition> {
        self.conditions.iter().chain(self.gives.iter().flat_map(|gift| &gift.conditions))
    }

    /// The batches that its cards may open into or give cards of.
    pub(crate) fn batches(&self) -> impl Iterator<Item = &str> {
        let listed: &[CardsOf] = match &self.benefit {
            Benefit::Cards { cards, .. } => cards,
            Benefit::AmountOff { .. }
            | Benefit::PercentOff { .. }
            | Benefit::Value { .. }
            | Benefit::Entitlement { .. }
            | Benefit::Goods { .. }
            | Benefit::Deal(_) => &[],
        };
        listed.iter().map(|cards| cards.batch.as_str()).chain(self.gives.iter().map(|gift| gift.batch.as_str()))
    }

    /// The product sets that the template names, with their pinned versions (0 where none is pinned yet).
    pub(crate) fn product_sets(&self) -> impl Iterator<Item = (String, u32)> {
        let of_benefit = self.benefit.filters().into_iter().filter_map(LineFilter::pinned);
        self.all_conditions().flat_map(Condition::product_sets).chain(of_benefit)
    }
}

impl Parameter {
    fn check(&self, field: &str, value: &ParameterValue) -> Result<(), Invalid> {
        match (self, value) {
            (Self::Integer { min, max, .. }, ParameterValue::Integer(value)) if (min..=max).contains(&value) => Ok(()),
            (Self::Integer { min, max, .. }, ParameterValue::Integer(value)) => {
                Err(Invalid::new(field, value, format!("{min} to {max}")))
            }
            (Self::Integer { .. }, ParameterValue::Text(_)) => Err(Invalid::new(field, "a text", "a whole number")),
            (Self::Text { .. }, ParameterValue::Integer(_)) => Err(Invalid::new(field, "a number", "a text")),
            (Self::Text { chars_max, .. }, ParameterValue::Text(text)) => {
                let chars_max = usize::try_from(*chars_max).unwrap_or(usize::MAX);
                if text.chars().take(chars_max + 1).count() <= chars_max && !text.chars().any(char::is_control) {
                    return Ok(());
                }
                let allowed = format!("at most {chars_max} characters, none a control character");
                Err(Invalid::new(field, format!("{} bytes", text.len()), allowed))
            }
        }
    }
}

/// Refuses values of parameters that the template does not declare, or outside of their bounds.
pub(crate) fn check_parameters(draft: &TemplateDraft, values: &Parameters) -> Result<(), Invalid> {
    for (name, value) in values {
        let field = format!("parameters.{name}");
        match draft.parameters.get(name) {
            Some(parameter) => parameter.check(&field, value)?,
            None => return Err(Invalid::new(field, "a value", "only parameters that the template declares")),
        }
    }
    Ok(())
}

/// Refuses displays with an overlong text, a bad locale or a colour that is none.
pub(crate) fn check_displays(field: &str, displays: &Displays) -> Result<(), Invalid> {
    if displays.len() > 50 {
        return Err(Invalid::new(field, displays.len(), "at most 50 locales"));
    }
    for (locale, display) in displays {
        let field = format!("{field}.{locale}");
        let locale_good =
            (2..=35).contains(&locale.len()) && locale.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
        if !locale_good {
            return Err(Invalid::new(&field, locale, "a locale such as en or zh-CN"));
        }
        check_title(&format!("{field}.title"), &display.title)?;
        for (name, text) in [
            ("how_to_use", &display.how_to_use),
            ("scope", &display.scope),
            ("badge", &display.badge),
            ("image", &display.image),
        ] {
            if text.len() > 4_000 {
                return Err(Invalid::new(
                    format!("{field}.{name}"),
                    format!("{} bytes", text.len()),
                    "at most 4000 bytes",
                ));
            }
        }
        let hex =
            display.colour.strip_prefix('#').filter(|hex| hex.len() == 6 && hex.bytes().all(|b| b.is_ascii_hexdigit()));
        if !display.colour.is_empty() && hex.is_none() {
            return Err(Invalid::new(format!("{field}.colour"), &display.colour, "a colour such as #d81e06"));
        }
    }
    Ok(())
}

impl Template {
    /// A version of a template as it is saved.
    pub fn new(version: u32, draft: TemplateDraft, window: Window, zone: Zone) -> Self {
        Self { version, draft, window, zone, compiled: Compiled::default() }
    }

    /// Its conditions, compiled once.
    pub(crate) fn programs(&self) -> &Programs {
        self.compiled.get(|| Programs {
            conditions: Program::of(&self.draft.conditions),
            picks: self.draft.benefit.picks(),
            gives: self.draft.gives.iter().map(|gift| Program::of(&gift.conditions)).collect(),
        })
    }

    /// Values for every declared parameter: the card's own, else the batch's, else the default.
    pub(crate) fn complete(&self, batch: &Parameters, card: &Parameters) -> Parameters {
        let declared = self.draft.parameters.iter().map(|(name, parameter)| {
            let value = card.get(name).or_else(|| batch.get(name)).cloned();
            let default = || match parameter {
                Parameter::Integer { default, .. } => ParameterValue::Integer(*default),
                Parameter::Text { default, .. } => ParameterValue::Text(default.clone()),
            };
            (name.clone(), value.unwrap_or_else(default))
        });
        declared.collect()
    }

    /// When a card claimed (or given to a holder) at `claimed_at` ends; `None` is never.
    pub(crate) fn expires_at(
        &self,
        claimed_at: Option<Instant>,
        campaign_end: Option<Instant>,
        parameters: &Parameters,
    ) -> Option<Instant> {
        let after = claimed_at.zip(self.draft.validity.after_claim.as_ref()).map(|(at, after)| match after {
            AfterClaim::Seconds(seconds) => at.plus_millis(seconds.saturating_mul(1_000)),
            AfterClaim::Days(days) => {
                let days = u32::try_from(days.resolve(parameters)).unwrap_or(0);
                // A day beyond the year 9999 is no end at all.
                self.zone.end_of_day_after("validity.after_claim.days", at, days).unwrap_or(at.plus_millis(i64::MAX))
            }
        });
        let campaign_end = campaign_end.filter(|_| self.draft.validity.cap_at_campaign_end);
        [self.window.end, after, campaign_end].into_iter().flatten().min()
    }

    /// The latest end that a card may be extended to, where it may be and has one of its own. Beyond the campaign's end it could
    /// not be used, however long it is good.
    pub(crate) fn latest_end(
        &self,
        claimed_at: Option<Instant>,
        campaign_end: Option<Instant>,
        parameters: &Parameters,
    ) -> Option<Instant> {
        let policy = self.draft.policies.extend.as_ref()?;
        let own_end = self.expires_at(claimed_at, campaign_end, parameters)?;
        let campaign_end = campaign_end.filter(|_| self.draft.validity.cap_at_campaign_end);
        [Some(self.zone.days_after(own_end, policy.days_max)), campaign_end].into_iter().flatten().min()
    }

    /// The key under which a holder's uses and claims of this template are counted, in a world.
    pub(crate) fn unit(&self, measure: &str) -> String {
        format!("{measure}:{}", self.draft.id)
    }
}
