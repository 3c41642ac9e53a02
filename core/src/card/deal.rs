//! Deals: what counts, which pieces get it, and what comes off. A merchant's words are combinations of the three (docs/benefits.md).

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Setting, TemplateDraft};
use crate::Invalid;
use crate::id::check_name;
use crate::json::is_default;
use crate::money::{AMOUNT_MAX, WHOLE_BP, check_amount};
use crate::rule::{Filter, LineFilter, Over, Picks};

/// What comes off, or is given, once so much is reached.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Deal {
    /// What counts, and gets it unless `on` says otherwise.
    #[serde(default, skip_serializing_if = "is_default")]
    pub over: Over,
    /// What gets it.
    #[serde(default, skip_serializing_if = "is_default")]
    pub on: On,
    /// Once for each so much that counts; once in all by default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub every: Option<Every>,
    /// The most times that `every` gives.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub times_max: Option<u32>,
    /// What comes off, from which amount or pieces on: 1 to 50 steps, each from more than the one before. The last one that is reached counts.
    pub steps: Vec<Step>,
    /// Which pieces of what gets it.
    #[serde(default, skip_serializing_if = "is_default")]
    pub pick: Pick,
    /// How many pieces for each time, where `pick` is `cheapest` or `dearest`; 1 by default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pieces: Option<u32>,
    /// Where `every` counts pieces: whether they are picked in each set of so many, or in all of them together.
    #[serde(default, skip_serializing_if = "is_default")]
    pub among: Among,
    /// For what the figure stands.
    #[serde(default, skip_serializing_if = "is_default")]
    pub apply: Apply,
    /// The most pieces that get it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pieces_max: Option<u32>,
    /// The most that comes off the order, in minor units.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cap_minor: Option<i64>,
    /// The most that comes off one line, in minor units.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cap_line_minor: Option<i64>,
    /// Of which price it is reckoned.
    #[serde(default, skip_serializing_if = "is_default")]
    pub base: Base,
    /// What counts: the order as it came, or what earlier discounts left of it.
    #[serde(default, skip_serializing_if = "is_default")]
    pub counted: Counted,
}

/// What gets a deal.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum On {
    /// What counts.
    #[default]
    Counted,
    /// Lines of their own. They do not count, so that nobody reaches a step with what he gets for it.
    Lines(LineFilter),
    /// What shipping costs.
    Shipping,
}

/// So much money, or so many pieces.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Least {
    /// Minor units, 1 or more.
    Minor(i64),
    /// Pieces, 1 or more.
    Pieces(u32),
}

/// For how much a deal gives once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Every {
    /// Minor units, 1 or more.
    Minor(i64),
    /// Pieces. What gets it are sets of so many, the dearest first.
    Pieces(u32),
    /// So many pieces of each part (套餐): 1 to 20 parts. A line belongs to the first part that picks it.
    Set(Vec<SetPart>),
}

/// A part of a set.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SetPart {
    /// Of which lines.
    pub lines: LineFilter,
    /// How many pieces, 1 to 10,000.
    #[serde(default = "crate::json::one", skip_serializing_if = "crate::json::is_one")]
    pub pieces: u32,
}

/// What comes off from somewhere on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Step {
    /// From where; from the beginning by default, for the first step only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<Least>,
    /// What comes off.
    pub off: Off,
}

/// What comes off, or is given.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Off {
    /// A sum, in minor units, 1 or more.
    Minor(Setting),
    /// A share, in basis points *off*, 1 to 10,000: 8折 is 2000.
    OffBp(Setting),
    /// What it comes to, in minor units, 0 or more. It never makes anything dearer.
    PriceMinor(Setting),
    /// Nothing off: presents (满赠), an action for the host.
    Gifts(Gifts),
    /// Nothing off: whatever the host made up, an action for the host.
    Host(HostBenefit),
}

/// Presents, of which a shopper may choose some.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Gifts {
    /// What there is: 1 to 100 entries.
    pub of: Vec<GiftItem>,
    /// How many entries may be chosen each time; all of them by default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub choose: Option<u32>,
}

/// A present.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct GiftItem {
    /// The product's id.
    pub product: String,
    /// Pieces, 1 to 10,000.
    #[serde(default = "crate::json::one", skip_serializing_if = "crate::json::is_one")]
    pub quantity: u32,
}

/// A benefit of the host's own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct HostBenefit {
    /// The host's name for it.
    pub name: String,
    /// What it is to know: at most 4,096 bytes of JSON. Nothing personal.
    #[serde(default, skip_serializing_if = "Value::is_null")]
    pub data: Value,
}

/// Which pieces get a deal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Pick {
    /// All; of sets those in them.
    #[default]
    All,
    /// The cheapest.
    Cheapest,
    /// The dearest.
    Dearest,
}

/// Among which pieces a deal picks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Among {
    /// In each set, which are made of the dearest first: of 100, 90, 20 and 10 with every second at half price those of 90 and 10.
    #[default]
    Each,
    /// In all of them: those of 20 and 10.
    All,
}

/// For what the figure of a deal stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Apply {
    /// For all pieces of one time together: a sum is spread over their lines.
    #[default]
    Across,
    /// For each piece.
    Each,
    /// For one piece each time, the dearest unless `pick` says the cheapest.
    Once,
}

/// Of which price a deal is reckoned. Nothing comes off below nothing or a floor in any case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Base {
    /// Of what earlier discounts left.
    #[default]
    Running,
    /// Of what the order came with.
    Initial,
    /// Of list prices; what list prices and earlier discounts have taken already counts as taken.
    List,
}

/// What a deal's steps and `every` count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Counted {
    /// The order as it came.
    #[default]
    Before,
    /// What earlier discounts left.
    After,
}

const PIECES_MAX: u32 = i32::MAX as u32;

impl Deal {
    /// A deal of one step without a threshold: something off the whole order.
    pub fn new(off: Off) -> Self {
        Self::stepped([Step { from: None, off }])
    }

    /// A deal over the whole order, all else by default.
    pub fn stepped(steps: impl IntoIterator<Item = Step>) -> Self {
        Self {
            over: Over::Order,
            on: On::Counted,
            every: None,
            times_max: None,
            steps: steps.into_iter().collect(),
            pick: Pick::All,
            pieces: None,
            among: Among::Each,
            apply: Apply::Across,
            pieces_max: None,
            cap_minor: None,
            cap_line_minor: None,
            base: Base::Running,
            counted: Counted::Before,
        }
    }

    /// Every filter of lines in it.
    pub(crate) fn filters(&self) -> impl Iterator<Item = &LineFilter> {
        let on = if let On::Lines(filter) = &self.on { Some(filter) } else { None };
        let parts: &[SetPart] = if let Some(Every::Set(parts)) = &self.every { parts } else { &[] };
        self.over.filter().into_iter().chain(on).chain(parts.iter().map(|part| &part.lines))
    }

    /// Who gets it and the parts of sets, ready to be asked.
    pub(super) fn picks(&self) -> Picks {
        let on = if let On::Lines(filter) = &self.on { Some(Filter::of(filter)) } else { None };
        let parts: &[SetPart] = if let Some(Every::Set(parts)) = &self.every { parts } else { &[] };
        Picks { over: None, on, parts: parts.iter().map(|part| Filter::of(&part.lines)).collect() }
    }

    pub(crate) fn filters_mut(&mut self) -> impl Iterator<Item = &mut LineFilter> {
        let on = if let On::Lines(filter) = &mut self.on { Some(filter) } else { None };
        let parts: &mut [SetPart] = if let Some(Every::Set(parts)) = &mut self.every { parts } else { &mut [] };
        self.over.filter_mut().into_iter().chain(on).chain(parts.iter_mut().map(|part| &mut part.lines))
    }

    /// Whether it names an amount of money.
    pub(crate) fn has_amount(&self) -> bool {
        let in_step = |step: &Step| {
            matches!(step.from, Some(Least::Minor(_))) || matches!(step.off, Off::Minor(_) | Off::PriceMinor(_))
        };
        self.cap_minor.is_some()
            || self.cap_line_minor.is_some()
            || matches!(self.every, Some(Every::Minor(_)))
            || self.steps.iter().any(in_step)
    }

    /// Refuses what cannot be meant.
    pub(super) fn check(&self, draft: &TemplateDraft) -> Result<(), Invalid> {
        self.check_lines()?;
        self.check_every()?;
        self.check_picks()?;
        self.check_steps(draft)?;
        for (field, cap) in [("cap_minor", self.cap_minor), ("cap_line_minor", self.cap_line_minor)] {
            cap.map_or(Ok(()), |cap| check_amount(&at(field), cap, 1))?;
        }
        Ok(())
    }

    fn check_lines(&self) -> Result<(), Invalid> {
        self.over.check(&at("over"))?;
        match &self.on {
            On::Counted => Ok(()),
            On::Lines(filter) => filter.check(&at("on.lines")),
            On::Shipping if self.apply != Apply::Across || self.pick != Pick::All => {
                Err(Invalid::new(at("on"), "shipping", "lines, for a deal that picks pieces: shipping has none"))
            }
            On::Shipping if self.pieces_max.is_some() || self.cap_line_minor.is_some() => Err(Invalid::new(
                at("on"),
                "shipping",
                "lines, where pieces or lines are capped; `cap_minor` caps shipping",
            )),
            On::Shipping if self.base == Base::List => {
                Err(Invalid::new(at("base"), "list", "running or initial, for shipping: it has no list price"))
            }
            On::Shipping => Ok(()),
        }
    }

    fn check_every(&self) -> Result<(), Invalid> {
        match &self.every {
            None if self.times_max.is_some() => {
                return Err(Invalid::new(at("times_max"), "a number", "nothing, without `every`"));
            }
            None => {}
            Some(Every::Minor(minor)) => check_amount(&at("every.minor"), *minor, 1)?,
            Some(Every::Pieces(pieces)) => check_count("every.pieces", *pieces, PIECES_MAX)?,
            Some(Every::Set(parts)) => check_parts(parts)?,
        }
        self.times_max.map_or(Ok(()), |times| check_count("times_max", times, PIECES_MAX))
    }

    fn check_picks(&self) -> Result<(), Invalid> {
        self.pieces.map_or(Ok(()), |pieces| check_count("pieces", pieces, PIECES_MAX))?;
        self.pieces_max.map_or(Ok(()), |pieces| check_count("pieces_max", pieces, PIECES_MAX))?;
        if self.pieces.is_some() && (self.pick == Pick::All || self.apply == Apply::Once) {
            return Err(Invalid::new(
                at("pieces"),
                "a number",
                "nothing, unless cheapest or dearest pieces are picked",
            ));
        }
        let in_sets = self.on == On::Counted && self.among == Among::Each;
        match &self.every {
            Some(Every::Set(_)) if self.on == On::Counted && (self.pick != Pick::All || self.apply == Apply::Once) => {
                Err(Invalid::new(at("pick"), "some of a set", "all, where what gets it is a set of parts"))
            }
            Some(Every::Pieces(each)) if in_sets && self.pieces.is_some_and(|pieces| pieces > *each) => {
                Err(Invalid::new(at("pieces"), self.pieces.unwrap_or_default(), format!("1 to {each}, what a set has")))
            }
            Some(Every::Pieces(_)) => Ok(()),
            Some(Every::Minor(_) | Every::Set(_)) | None if self.among == Among::All => {
                Err(Invalid::new(at("among"), "all", "each, unless `every` counts pieces"))
            }
            Some(Every::Minor(_) | Every::Set(_)) | None => Ok(()),
        }
    }

    fn check_steps(&self, draft: &TemplateDraft) -> Result<(), Invalid> {
        if !(1..=50).contains(&self.steps.len()) {
            return Err(Invalid::new(at("steps"), self.steps.len(), "1 to 50 steps"));
        }
        let mut before: Option<&Step> = None;
        for (place, step) in self.steps.iter().enumerate() {
            let field = at(&format!("steps[{place}]"));
            check_from(&format!("{field}.from"), step.from, before)?;
            step.off.check(&format!("{field}.off"), draft)?;
            before = Some(step);
        }
        Ok(())
    }
}

impl Off {
    fn check(&self, field: &str, draft: &TemplateDraft) -> Result<(), Invalid> {
        match self {
            Self::Minor(minor) => draft.check_setting(&format!("{field}.minor"), minor, 1, AMOUNT_MAX),
            Self::OffBp(off_bp) => draft.check_setting(&format!("{field}.off_bp"), off_bp, 1, i64::from(WHOLE_BP)),
            Self::PriceMinor(minor) => draft.check_setting(&format!("{field}.price_minor"), minor, 0, AMOUNT_MAX),
            Self::Gifts(gifts) => gifts.check(&format!("{field}.gifts")),
            Self::Host(host) => host.check(&format!("{field}.host")),
        }
    }
}

impl Gifts {
    fn check(&self, field: &str) -> Result<(), Invalid> {
        if !(1..=100).contains(&self.of.len()) {
            return Err(Invalid::new(format!("{field}.of"), self.of.len(), "1 to 100 presents"));
        }
        for (place, item) in self.of.iter().enumerate() {
            check_name(&format!("{field}.of[{place}].product"), &item.product)?;
            if !(1..=10_000).contains(&item.quantity) {
                return Err(Invalid::new(format!("{field}.of[{place}].quantity"), item.quantity, "1 to 10000"));
            }
        }
        match self.choose {
            Some(choose) if !(1..=self.of.len()).contains(&usize::try_from(choose).unwrap_or(usize::MAX)) => {
                Err(Invalid::new(format!("{field}.choose"), choose, format!("1 to {}", self.of.len())))
            }
            Some(_) | None => Ok(()),
        }
    }
}

impl HostBenefit {
    /// The longest JSON text of what a host's benefit is to know.
    pub const DATA_BYTES_MAX: usize = 4_096;

    fn check(&self, field: &str) -> Result<(), Invalid> {
        check_name(&format!("{field}.name"), &self.name)?;
        let bytes = self.data.to_string().len();
        if bytes <= Self::DATA_BYTES_MAX {
            return Ok(());
        }
        let allowed = format!("at most {} bytes of JSON", Self::DATA_BYTES_MAX);
        Err(Invalid::new(format!("{field}.data"), format!("{bytes} bytes"), allowed))
    }
}

fn at(field: &str) -> String {
    format!("benefit.deal.{field}")
}

fn check_count(field: &str, count: u32, most: u32) -> Result<(), Invalid> {
    if (1..=most).contains(&count) { Ok(()) } else { Err(Invalid::new(at(field), count, format!("1 to {most}"))) }
}

fn check_parts(parts: &[SetPart]) -> Result<(), Invalid> {
    if !(1..=20).contains(&parts.len()) {
        return Err(Invalid::new(at("every.set"), parts.len(), "1 to 20 parts"));
    }
    for (place, part) in parts.iter().enumerate() {
        part.lines.check(&at(&format!("every.set[{place}].lines")))?;
        check_count(&format!("every.set[{place}].pieces"), part.pieces, 10_000)?;
    }
    Ok(())
}

/// Each step begins above the one before it, and in the same measure.
fn check_from(field: &str, from: Option<Least>, before: Option<&Step>) -> Result<(), Invalid> {
    match from {
        Some(Least::Minor(minor)) => check_amount(&format!("{field}.minor"), minor, 1)?,
        Some(Least::Pieces(0)) => return Err(Invalid::new(format!("{field}.pieces"), 0, "1 or more pieces")),
        Some(Least::Pieces(_)) => {}
        None if before.is_some() => {
            return Err(Invalid::new(field, "nothing", "a threshold, for every step but the first"));
        }
        None => {}
    }
    match (before.and_then(|step| step.from), from) {
        (Some(Least::Minor(before)), Some(Least::Minor(minor))) if minor <= before => {
            Err(Invalid::new(format!("{field}.minor"), minor, format!("more than {before}, the step before")))
        }
        (Some(Least::Pieces(before)), Some(Least::Pieces(pieces))) if pieces <= before => {
            Err(Invalid::new(format!("{field}.pieces"), pieces, format!("more than {before}, the step before")))
        }
        (Some(Least::Minor(_)), Some(Least::Pieces(_))) | (Some(Least::Pieces(_)), Some(Least::Minor(_))) => {
            Err(Invalid::new(field, "another measure", "what the step before counts, amounts or pieces"))
        }
        (Some(_) | None, Some(_) | None) => Ok(()),
    }
}
