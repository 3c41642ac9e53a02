//! Look-ups, lists, wallets and histories. Nothing here changes anything.

use serde::{Deserialize, Serialize};

use super::Tenant;
use super::cards::CardView;
use super::command::Stop;
use super::error::Error;
use super::resolve::{CardPick, Ground, check_code, check_pick};
use crate::Invalid;
use crate::card::{Batch, Campaign, Card, CardState, Event, Redemption, Template};
use crate::code::Opened;
use crate::id::{CardId, check_name};
use crate::store::{Key, Lookup, Record, Scan, ScanOf};
use crate::subject::Subject;

/// Most items of a page.
pub const PAGE_MAX: usize = 1_000;

/// A page of a list. Pages go by key, so they neither skip nor repeat what stays, whatever is written meanwhile.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed<T> {
    /// The items. A page may be short, even empty, and still not be the last.
    pub items: Vec<T>,
    /// Where to go on; `None` at the end. Opaque.
    pub next: Option<String>,
}

/// Which page of a list.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Paging {
    /// The `next` of the page before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<String>,
    /// Most items, 1 to 1,000; 100 where it is 0.
    #[serde(default)]
    pub limit: usize,
}

impl Paging {
    fn limit(&self) -> Result<usize, Invalid> {
        match self.limit {
            0 => Ok(100),
            limit if limit <= PAGE_MAX => Ok(limit),
            limit => Err(Invalid::new("limit", limit, format!("1 to {PAGE_MAX}"))),
        }
    }
}

/// Which cards of a batch.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ListCards {
    /// The batch.
    pub batch: String,
    /// Only those in this state. Untouched cards count as what their batch made them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state: Option<CardState>,
    /// Only those given out through this channel.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub channel: Option<String>,
    /// Which page.
    #[serde(default)]
    pub page: Paging,
}

/// One entry of a card's history.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HistoryEntry {
    /// Its place among the card's events, from 1.
    pub place: u32,
    /// The event.
    pub event: Event,
    /// Whether the chain of HMACs holds up to and with this event.
    pub chained: bool,
}

impl Tenant {
    /// Tells whether a code is genuine under some key of the ring, without a look at the store. Resolving is [`Tenant::look_up`].
    ///
    /// # Errors
    /// `invalid` for an empty text or one above [`super::CODE_BYTES_MAX`] bytes.
    pub fn open(&self, code: &str) -> Result<Option<Opened>, Error> {
        check_code("code", code)?;
        Ok(self.realm.book.open(code))
    }

    /// The card that a code, an id or a card number means now.
    ///
    /// # Errors
    /// `not_found_or_invalid` for a code or number, whatever is wrong with it; `unknown` (card) for an id.
    pub fn look_up(&self, pick: &CardPick) -> Result<CardView, Error> {
        check_pick("card", pick)?;
        let picked = self.realm.pick(pick);
        self.realm.weigh(|view| {
            let resolved = picked.resolve_card(view, &self.realm)?;
            Ok(CardView::of(&resolved.ground, &resolved.card))
        })
    }

    /// The public card number (卡号) of a card: 16 digits and a Luhn digit, good for talking about it, never for spending it.
    ///
    /// # Errors
    /// `invalid` where the batch number is beyond what 16 digits can say.
    pub fn card_number(&self, card: CardId) -> Result<String, Error> {
        Ok(self.realm.book.card_number(card.batch.symbols, card.batch.number, card.serial)?)
    }

    /// The cards of a batch, by serial. Untouched cards are listed as well, though they have no rows.
    ///
    /// # Errors
    /// `unknown` (batch).
    pub fn list_cards(&self, request: &ListCards) -> Result<Listed<CardView>, Error> {
        check_name("batch", &request.batch)?;
        let limit = request.page.limit()?;
        let ground = self.realm.weigh(|view| Ground::named(view, &request.batch))?;
        let untouched_belong = request.state.is_none_or(|state| state == ground.batch.untouched)
            && (request.channel.is_none() || request.channel == ground.batch.channel);
        if untouched_belong {
            self.list_serials(&ground, request, limit)
        } else {
            self.list_rows(&ground, request, limit)
        }
    }

    /// Cards that have rows, straight from the index over batch, state and channel.
    fn list_rows(&self, ground: &Ground, request: &ListCards, limit: usize) -> Result<Listed<CardView>, Error> {
        let of = ScanOf::Cards {
            batch: ground.batch.no,
            state: request.state,
            channel: request.channel.clone(),
            below: ground.batch.size,
        };
        self.scan_map(of, &Paging { after: request.page.after.clone(), limit }, |record| match record {
            Record::Card(card) => Some(CardView::of(ground, card)),
            _ => None,
        })
    }

    /// A stretch of serials: rows where there are any, untouched cards between them.
    fn list_serials(&self, ground: &Ground, request: &ListCards, limit: usize) -> Result<Listed<CardView>, Error> {
        let start = match &request.page.after {
            None => 0,
            Some(after) => match after.parse::<u32>() {
                Ok(serial) => serial.saturating_add(1),
                Err(_) => return Err(Invalid::new("page.after", after, "the `next` of the page before").into()),
            },
        };
        let most = u32::try_from(limit).unwrap_or(u32::MAX);
        let end = ground.batch.size.min(start.saturating_add(most));
        let rows = self.touched(ground, start, end)?;
        let mut rows = rows.into_iter().peekable();
        let mut items = Vec::new();
        for serial in start..end {
            let card = match rows.next_if(|card| card.id.serial == serial) {
                Some(card) => card,
                None => Card::untouched(&ground.batch, &ground.template, serial, ground.campaign_end()),
            };
            let belongs = request.state.is_none_or(|state| card.state == state)
                && (request.channel.is_none() || card.channel == request.channel);
            if belongs {
                items.push(CardView::of(ground, &card));
            }
        }
        let next = (end < ground.batch.size && end > start).then(|| format!("{:010}", end - 1));
        Ok(Listed { items, next })
    }

    /// The rows of the cards with serials from `start` to below `end`, in order.
    pub(super) fn touched(&self, ground: &Ground, start: u32, end: u32) -> Result<Vec<Card>, Error> {
        let mut cards = Vec::new();
        let mut after = start.checked_sub(1).map(|serial| format!("{serial:010}"));
        loop {
            let of = ScanOf::Cards { batch: ground.batch.no, state: None, channel: None, below: end };
            let page = self.realm.store.scan(&Scan { tenant: self.realm.key.clone(), of, after, limit: PAGE_MAX })?;
            cards.extend(page.items.iter().filter_map(|stored| match &stored.record {
                Record::Card(card) => Some(card.clone()),
                _ => None,
            }));
            match page.next {
                Some(next) => after = Some(next),
                None => return Ok(cards),
            }
        }
    }

    /// A holder's cards, by batch and serial.
    ///
    /// # Errors
    /// Only faults and requests that cannot be meant.
    pub fn wallet(&self, holder: &Subject, page: &Paging) -> Result<Listed<CardView>, Error> {
        holder.check("holder")?;
        let cards = self.scan_map(ScanOf::CardsOfHolder(self.realm.subject(holder)), page, |record| match record {
            Record::Card(card) => Some(card.clone()),
            _ => None,
        })?;
        let mut items = Vec::with_capacity(cards.items.len());
        for card in &cards.items {
            items.push(self.realm.weigh(|view| match view.batch(card.id.batch)? {
                Some((batch, _)) => Ok(CardView::of(&Ground::of(view, batch)?, card)),
                None => Err(Stop::Internal("a card names a batch that is not there")),
            })?);
        }
        Ok(Listed { items, next: cards.next })
    }

    /// A card's events, oldest first, each checked against the chain.
    ///
    /// # Errors
    /// As [`Tenant::look_up`].
    pub fn history(&self, pick: &CardPick) -> Result<Vec<HistoryEntry>, Error> {
        let card = self.look_up(pick)?.id;
        let (mut entries, mut page) = (Vec::new(), Paging { after: None, limit: PAGE_MAX });
        let (mut head, mut holds) = ([0; 16], true);
        loop {
            let events = self.scan_map(ScanOf::EventsOfCard(card), &page, |record| match record {
                Record::Event(stored) => Some(stored.event.clone()),
                _ => None,
            })?;
            for event in events.items {
                head = crate::card::chain_link(&self.realm.audit_key, &head, &event);
                holds = holds && head == event.chain;
                let place = match event.target {
                    crate::card::Target::Card(_, place) => place,
                    crate::card::Target::Tenant | crate::card::Target::Named(_) => 0,
                };
                entries.push(HistoryEntry { place, event, chained: holds });
            }
            match events.next {
                Some(next) => page.after = Some(next),
                None => return Ok(entries),
            }
        }
    }

    /// A campaign.
    ///
    /// # Errors
    /// Only faults and requests that cannot be meant.
    pub fn campaign(&self, id: &str) -> Result<Option<Campaign>, Error> {
        check_name("id", id)?;
        Ok(self.realm.look(|view| view.campaign(id))?.map(|(campaign, _)| campaign))
    }

    /// A version of a template, or the newest one.
    ///
    /// # Errors
    /// Only faults and requests that cannot be meant.
    pub fn template(&self, id: &str, version: Option<u32>) -> Result<Option<Template>, Error> {
        check_name("id", id)?;
        Ok(self.realm.look(|view| view.template(id, version))?.map(|template| (*template).clone()))
    }

    /// A batch.
    ///
    /// # Errors
    /// Only faults and requests that cannot be meant.
    pub fn batch(&self, id: &str) -> Result<Option<Batch>, Error> {
        check_name("id", id)?;
        Ok(self.realm.look(|view| view.batch_named(id))?.map(|(batch, _)| (*batch).clone()))
    }

    /// A redemption by its id.
    ///
    /// # Errors
    /// Only faults and requests that cannot be meant.
    pub fn redemption(&self, id: &str) -> Result<Option<Redemption>, Error> {
        crate::id::check_key("id", id)?;
        let rows = self.realm.store.load(&[Lookup::exact(&self.realm.key, Key::Redemption(id.to_owned()))])?;
        Ok(rows.into_iter().flatten().find_map(|stored| match &stored.record {
            Record::Redemption(redemption) => Some(redemption.clone()),
            _ => None,
        }))
    }

    /// Campaigns by id.
    ///
    /// # Errors
    /// Only faults and requests that cannot be meant.
    pub fn list_campaigns(&self, page: &Paging) -> Result<Listed<Campaign>, Error> {
        self.scan_map(ScanOf::Campaigns, page, |record| match record {
            Record::Campaign(campaign) => Some(campaign.clone()),
            _ => None,
        })
    }

    /// All versions of all templates, by id and version.
    ///
    /// # Errors
    /// Only faults and requests that cannot be meant.
    pub fn list_templates(&self, page: &Paging) -> Result<Listed<Template>, Error> {
        self.scan_map(ScanOf::Templates, page, |record| match record {
            Record::Template(template) => Some((**template).clone()),
            _ => None,
        })
    }

    /// Batches by number.
    ///
    /// # Errors
    /// Only faults and requests that cannot be meant.
    pub fn list_batches(&self, page: &Paging) -> Result<Listed<Batch>, Error> {
        self.scan_map(ScanOf::Batches, page, |record| match record {
            Record::Batch(batch) => Some((**batch).clone()),
            _ => None,
        })
    }

    /// The redemptions of an order, by id.
    ///
    /// # Errors
    /// Only faults and requests that cannot be meant.
    pub fn redemptions_of_order(&self, order: &str, page: &Paging) -> Result<Listed<Redemption>, Error> {
        check_name("order", order)?;
        self.scan_map(ScanOf::RedemptionsOfOrder(order.to_owned()), page, |record| match record {
            Record::Redemption(redemption) => Some(redemption.clone()),
            _ => None,
        })
    }

    fn scan_map<T>(&self, of: ScanOf, page: &Paging, map: impl Fn(&Record) -> Option<T>) -> Result<Listed<T>, Error> {
        let limit = page.limit()?;
        let page =
            self.realm.store.scan(&Scan { tenant: self.realm.key.clone(), of, after: page.after.clone(), limit })?;
        Ok(Listed { items: page.items.iter().filter_map(|stored| map(&stored.record)).collect(), next: page.next })
    }
}
