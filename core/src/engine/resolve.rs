//! From what a request names to the card that it means: opening needs no look at the store, resolving is the first one.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::command::Stop;
use super::error::Error;
use super::tenant::{Keys, Realm};
use super::view::{Missing, View};
use crate::Invalid;
use crate::card::{Audience, Batch, Campaign, CannotGive, Card, PublicCode, Template, TemplateDraft};
use crate::code::{BatchPin, Formats, Normalisation, Opened, Verdict, public_word, resolve};
use crate::denial::Denial;
use crate::id::{BatchNo, CardId, Version};
use crate::rule::ProductSets;
use crate::store::{Key, Settings};
use crate::subject::SubjectKey;
use crate::time::{Instant, Zone};

/// How a request names a card.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum CardPick {
    /// By its code, as a person typed or scanned it.
    Code(CodeText),
    /// By its id, `16-3-41`.
    Id(CardId),
    /// By its public card number (卡号).
    Number(String),
}

/// A code as it was typed. Debug never shows it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(transparent)]
pub struct CodeText(pub String);

impl std::fmt::Debug for CodeText {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("CodeText(…)")
    }
}

impl<T: Into<String>> From<T> for CodeText {
    fn from(text: T) -> Self {
        Self(text.into())
    }
}

impl CardPick {
    /// The card of a code.
    pub fn code(text: impl Into<String>) -> Self {
        Self::Code(CodeText(text.into()))
    }
}

/// Longest text that is looked at as a code at all.
pub const CODE_BYTES_MAX: usize = 256;

/// What a text came to without a look at the store.
#[derive(Debug, Clone)]
pub(super) enum Picked {
    /// A genuine sealed code.
    Sealed(Opened),
    /// Perhaps a public code: its blind index, and the text for a look at its case.
    Word { index: [u8; 16], text: CodeText },
    /// A card named by the staff.
    Card(CardId),
    /// Whatever card of a batch is next: a use of a promotion.
    Next(BatchNo),
    /// No card, whatever the store says.
    Nothing,
}

impl Realm {
    pub(super) fn open(&self, code: &CodeText) -> Result<Picked, Error> {
        let book = &self.keys("open a code")?.book;
        // The same four HMACs whatever the text is.
        if let Some(opened) = book.open(&code.0) {
            return Ok(Picked::Sealed(opened));
        }
        // A text with the shape of a sealed code that does not open is forged: no public word looks like one.
        Ok(match self.formats.has_shape(&code.0, book.world()) {
            Some(_) => Picked::Nothing,
            None => Picked::Word { index: book.word_index(&code.0), text: code.clone() },
        })
    }

    pub(super) fn pick(&self, pick: &CardPick) -> Result<Picked, Error> {
        match pick {
            CardPick::Code(code) => self.open(code),
            CardPick::Id(card) => Ok(Picked::Card(*card)),
            CardPick::Number(number) => {
                let found = self.keys("read a card number")?.book.card_of_number(number);
                let card = |(symbols, number, serial)| CardId { batch: BatchNo { symbols, number }, serial };
                Ok(found.map_or(Picked::Nothing, |parts| Picked::Card(card(parts))))
            }
        }
    }

    fn is_word(&self, code: &PublicCode, typed: &CodeText) -> bool {
        // Only a keyring makes a `Picked::Word`, so there is one here.
        let Some(keys) = &self.keys else { return false };
        let kept = keys.book.open_text(&code.index, WORD_PURPOSE, &code.sealed);
        let typed = Normalisation::CaseSensitive.normalise(&typed.0);
        kept.is_some_and(|kept| kept.as_slice() == typed.as_bytes())
    }
}

/// What a sealed public word is sealed for.
const WORD_PURPOSE: &str = "public_code";

impl Keys {
    /// A public word as it is kept: its blind index, and the word itself under the text key.
    pub(super) fn seal_word(
        &self,
        formats: &Formats,
        word: &CodeText,
        normalisation: Normalisation,
    ) -> Result<([u8; 16], Vec<u8>), Invalid> {
        let normal = public_word(&word.0, normalisation, formats, self.book.world())?;
        let index = self.book.word_index(&normal);
        Ok((index, self.book.seal_text(&index, WORD_PURPOSE, normal.as_bytes())?))
    }
}

/// Refuses a code text that is longer than any code; an empty one is refused, too.
pub(super) fn check_code(field: &str, code: &str) -> Result<(), Invalid> {
    if (1..=CODE_BYTES_MAX).contains(&code.len()) {
        return Ok(());
    }
    Err(Invalid::new(field, format!("{} bytes", code.len()), format!("1 to {CODE_BYTES_MAX} bytes")))
}

pub(super) fn check_pick(field: &str, pick: &CardPick) -> Result<(), Invalid> {
    match pick {
        CardPick::Code(code) => check_code(&format!("{field}.code"), &code.0),
        CardPick::Id(_) => Ok(()),
        CardPick::Number(number) if (1..=64).contains(&number.len()) => Ok(()),
        CardPick::Number(number) => {
            Err(Invalid::new(format!("{field}.number"), format!("{} bytes", number.len()), "1 to 64 bytes"))
        }
    }
}

/// A batch with all that its cards rest on.
#[derive(Clone)]
pub(super) struct Ground {
    pub batch: Arc<Batch>,
    pub template: Arc<Template>,
    pub campaign: Option<Campaign>,
    /// Where the tenant's days begin; of cards that hold value only, whose movements are booked by day.
    pub zone: Option<Zone>,
}

impl Ground {
    pub(super) fn of(view: &mut View<'_>, batch: Arc<Batch>) -> Result<Self, Stop> {
        let campaign_key = batch.campaign.clone().map(Key::Campaign);
        let template_key = Key::Template(batch.template.clone(), batch.template_version);
        view.want(campaign_key.into_iter().chain([template_key]))?;
        let Some(template) = view.template(&batch.template, Some(batch.template_version))? else {
            return Err(Stop::Internal("a batch names a template version that is not there"));
        };
        let campaign = match &batch.campaign {
            Some(id) => view.campaign(id)?.map(|(campaign, _)| campaign),
            None => None,
        };
        let zone = if template.draft.kind.holds_value() { Some(view.settings()?.zone) } else { None };
        Ok(Self { batch, template, campaign, zone })
    }

    /// The ground of the batch with this id.
    pub(super) fn named(view: &mut View<'_>, id: &str) -> Result<Self, Stop> {
        match view.batch_named(id)? {
            Some((batch, _)) => Self::of(view, batch),
            None => Err(Denial::Unknown { kind: "batch", id: id.to_owned() }.into()),
        }
    }

    pub(super) fn campaign_end(&self) -> Option<Instant> {
        self.campaign.as_ref().and_then(|campaign| campaign.window.end)
    }

    pub(super) fn must_run(&self, now: Instant) -> Result<(), Denial> {
        self.campaign.as_ref().map_or(Ok(()), |campaign| campaign.must_run(now))
    }

    /// Whether this subject may claim: anybody, or who is on the campaign's list.
    pub(super) fn must_be_meant_for(&self, view: &mut View<'_>, holder: &SubjectKey) -> Result<(), Stop> {
        match &self.campaign {
            Some(campaign) if campaign.audience == Audience::Listed => {
                let counts = view.counts_of(holder)?;
                let keys = std::iter::once(holder).chain(&counts.others);
                let keys: Vec<_> = keys.map(|key| Key::Audience(campaign.id.clone(), key.clone())).collect();
                view.want(keys.iter().cloned())?;
                for key in keys {
                    if view.is_listed(key)? {
                        return Ok(());
                    }
                }
                Err(Denial::NotInAudience { campaign: campaign.id.clone() }.into())
            }
            Some(_) | None => Ok(()),
        }
    }

    /// Whether cards that are out may be used: to the end of the campaign, or beyond it where the template says so.
    pub(super) fn must_let_use(&self, now: Instant) -> Result<(), Denial> {
        match self.must_run(now) {
            Err(Denial::Expired { .. }) if !self.template.draft.validity.cap_at_campaign_end => Ok(()),
            verdict => verdict,
        }
    }

    /// The card of that serial as it stands: its row, or untouched.
    pub(super) fn card(&self, view: &mut View<'_>, serial: u32) -> Result<(Card, Option<Version>), Missing> {
        let id = CardId { batch: self.batch.no, serial };
        Ok(match view.card(id)? {
            Some((card, version)) => (self.prolonged(card), Some(version)),
            None => (self.untouched(serial), None),
        })
    }

    /// A card that nobody has touched.
    pub(super) fn untouched(&self, serial: u32) -> Card {
        self.prolonged(Card::untouched(&self.batch, &self.template, serial, self.campaign_end()))
    }

    /// A card with the extensions of its batch.
    pub(super) fn prolonged(&self, card: Card) -> Card {
        self.batch.prolong(card, &self.template, self.campaign_end())
    }

    /// The product sets that the template names.
    pub(super) fn product_sets(&self, view: &mut View<'_>) -> Result<ProductSets, Stop> {
        product_sets(view, &self.template.draft)
    }
}

/// The product sets that a saved template names.
pub(super) fn product_sets(view: &mut View<'_>, draft: &TemplateDraft) -> Result<ProductSets, Stop> {
    let named: Vec<_> = draft.product_sets().collect();
    view.want(named.iter().map(|(name, version)| Key::ProductSet(name.clone(), *version)))?;
    let mut sets = ProductSets::new();
    for (name, version) in named {
        let Some(set) = view.product_set(&name, Some(version))? else {
            return Err(Stop::Internal("a template names a product set version that is not there"));
        };
        sets.insert((name, version), set);
    }
    Ok(sets)
}

/// A draft as it is saved: with the versions of its product sets and the types of its attributes, its conditions checked.
pub(super) fn pinned(
    view: &mut View<'_>,
    draft: &TemplateDraft,
    path: &str,
) -> Result<(TemplateDraft, Settings), Stop> {
    let mut draft = draft.clone();
    draft.pin_sets(|name, version| match view.product_set(name, version)? {
        Some(set) => Ok(set.version),
        None => Err(Stop::from(Denial::Unknown { kind: "product_set", id: name.to_owned() })),
    })?;
    let settings = view.settings()?;
    draft.pin_attributes(&settings.attributes);
    draft.check_conditions(Some(&settings.attributes)).map_err(|invalid| invalid.within(path))?;
    settings.host_benefits.check_template(&draft).map_err(|why| match why {
        CannotGive::Denied(denial) => Stop::from(denial),
        CannotGive::Invalid(invalid) => invalid.within(path).into(),
    })?;
    Ok((draft, settings))
}

/// A card that a request means, with all that it rests on.
pub(super) struct Resolved {
    pub ground: Ground,
    pub card: Card,
    pub seen: Option<Version>,
}

/// What a picked text means now.
pub(super) enum Meaning {
    /// This card.
    Card(Box<Resolved>),
    /// A public code: any card of this batch.
    AnyOf(Ground),
}

impl Picked {
    /// The batch that the text speaks of, where that needs no more than cached rows.
    pub(super) fn batch_no(&self, view: &mut View<'_>, realm: &Realm) -> Result<Option<BatchNo>, Missing> {
        Ok(match self {
            Self::Sealed(opened) => Some(BatchNo { symbols: opened.format.symbols(), number: opened.card.batch_no }),
            Self::Card(card) => Some(card.batch),
            Self::Next(batch) => Some(*batch),
            // No batch has this number. Looking for it costs what looking for an unknown batch costs (G-31).
            Self::Nothing => Some(BatchNo { symbols: 0, number: 0 }),
            Self::Word { index, text } => match view.public_code(*index)? {
                Some((code, _)) => {
                    let profile = view.batch(code.batch)?.and_then(|(batch, _)| batch.normalisation);
                    // The index folds case; a batch that minds it compares the word itself.
                    let same = profile != Some(Normalisation::CaseSensitive) || realm.is_word(&code, text);
                    same.then_some(code.batch)
                }
                None => None,
            },
        })
    }

    /// Resolves against the view. Whatever is wrong with a code, the answer is one and the same.
    pub(super) fn resolve(&self, view: &mut View<'_>, realm: &Realm) -> Result<Meaning, Stop> {
        let Some(no) = self.batch_no(view, realm)? else { return Err(self.not_found()) };
        let Some((batch, _)) = view.batch(no)? else { return Err(self.not_found()) };
        let ground = Ground::of(view, batch)?;
        let serial = match self {
            Self::Word { .. } | Self::Next(_) => return Ok(Meaning::AnyOf(ground)),
            Self::Sealed(opened) => opened.card.serial,
            Self::Card(card) => card.serial,
            Self::Nothing => return Err(self.not_found()),
        };
        if serial >= ground.batch.size {
            return Err(self.not_found());
        }
        let (card, seen) = ground.card(view, serial)?;
        if let Self::Sealed(opened) = self {
            let batch = &ground.batch;
            let pin = BatchPin {
                batch_no: batch.no.number,
                slot: batch.slot,
                format: batch.format,
                size: batch.size,
                issue_no_now: card.issue_no,
            };
            if resolve(opened, &pin) == Verdict::Dead {
                return Err(self.not_found());
            }
        }
        Ok(Meaning::Card(Box::new(Resolved { ground, card, seen })))
    }

    /// The template that the text speaks of, where the batch is there.
    pub(super) fn template(&self, view: &mut View<'_>, realm: &Realm) -> Result<Option<Arc<Template>>, Missing> {
        let Some(no) = self.batch_no(view, realm)? else { return Ok(None) };
        match view.batch(no)? {
            Some((batch, _)) => view.template(&batch.template, Some(batch.template_version)),
            None => Ok(None),
        }
    }

    /// Resolves a text that must mean one card.
    pub(super) fn resolve_card(&self, view: &mut View<'_>, realm: &Realm) -> Result<Resolved, Stop> {
        match self.resolve(view, realm)? {
            Meaning::Card(resolved) => Ok(*resolved),
            Meaning::AnyOf(_) => Err(Denial::NotFoundOrInvalid.into()),
        }
    }

    /// The card that the text would mean, so that its row is read together with others.
    pub(super) fn card_key(&self) -> Option<Key> {
        match self {
            Self::Sealed(opened) => Some(Key::Card(CardId {
                batch: BatchNo { symbols: opened.format.symbols(), number: opened.card.batch_no },
                serial: opened.card.serial,
            })),
            Self::Card(card) => Some(Key::Card(*card)),
            Self::Word { .. } | Self::Next(_) | Self::Nothing => None,
        }
    }

    /// Whether it takes any card of a batch.
    pub(super) fn takes_any(&self) -> bool {
        match self {
            Self::Word { .. } | Self::Next(_) => true,
            Self::Sealed(_) | Self::Card(_) | Self::Nothing => false,
        }
    }

    fn not_found(&self) -> Stop {
        match self {
            // Only staff name cards by id; they may know which was not found.
            Self::Card(card) => Denial::Unknown { kind: "card", id: card.to_string() }.into(),
            Self::Sealed(_) | Self::Word { .. } | Self::Next(_) | Self::Nothing => Denial::NotFoundOrInvalid.into(),
        }
    }
}
