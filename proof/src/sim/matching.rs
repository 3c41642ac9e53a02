//! Whether a committed changeset is what the model says, record by record and event by event.

use cardmint::card::{Card, Event, EventKind, Hold, Redemption, Target};
use cardmint::store::{Changeset, Move, Owner, Record};
use cardmint::{AudienceAdded, Done, Saved};

use crate::model::{Effect, Put, kept_receipt};
use crate::request::{Asked, Reply};

/// The operation and key that a changeset was asked under: in an event, or in the redemption's own row.
pub fn asked_under(changeset: &Changeset) -> Option<(&str, &str)> {
    let marked = changeset.events.iter().find_map(|event| event.request.as_ref());
    if let Some(mark) = marked {
        return Some((&mark.op, mark.host_key()));
    }
    changeset.writes.iter().find_map(|write| match &write.record {
        Record::Redemption(redemption) => Some(("redeem", redemption.key.as_str())),
        _ => None,
    })
}

/// Whether the changeset is this effect, wholly and nothing else.
pub fn is_effect(changeset: &Changeset, asked: &Asked, effect: &Effect, now: cardmint::time::Instant) -> bool {
    let moves = effect.puts.iter().filter(|put| matches!(put, Put::Move { .. })).count();
    let writes = effect.puts.len() - moves;
    changeset.writes.len() == writes
        && changeset.moves.iter().filter(|step| !is_of_books(&step.owner)).count() == moves
        && effect.puts.iter().all(|put| has(changeset, put))
        && events_tell(changeset, asked, effect, now)
}

/// The tenant's own accounts: the end of a world looks whether they balance.
pub fn is_of_books(owner: &Owner) -> bool {
    matches!(owner, Owner::Book(_))
}

/// What the model says and the changeset does not, and the other way round, for a report.
pub fn difference(changeset: &Changeset, asked: &Asked, effect: &Effect, now: cardmint::time::Instant) -> String {
    let missing: Vec<_> = effect.puts.iter().filter(|put| !has(changeset, put)).collect();
    let besides = changeset.writes.iter().map(|write| &write.record);
    let besides: Vec<_> = besides.filter(|record| !effect.puts.iter().any(|put| is_row(put, record))).collect();
    let moves: Vec<_> = changeset.moves.iter().filter(|step| !is_of_books(&step.owner)).collect();
    let events = if events_tell(changeset, asked, effect, now) {
        String::new()
    } else {
        format!("; its events are {:?}, those of the model {:?}", changeset.events, effect.events)
    };
    format!("the model also has {missing:?}; the engine wrote beside it {besides:?} and moved {moves:?}{events}")
}

fn has(changeset: &Changeset, put: &Put) -> bool {
    if let Put::Move { owner, unit, delta } = put {
        let is_this = |step: &Move| step.owner == *owner && step.unit == *unit && step.delta == *delta;
        return changeset.moves.iter().any(is_this);
    }
    changeset.writes.iter().any(|write| is_row(put, &write.record))
}

fn is_row(put: &Put, record: &Record) -> bool {
    match (put, record) {
        (Put::Settings(settings), Record::Settings(row)) => {
            row.rounding == settings.rounding
                && row.persons == settings.persons
                && row.promotions.0 == settings.promotions
        }
        (Put::Linked(subject, person), Record::Linked(row)) => row.subject == *subject && row.person == *person,
        (Put::Campaign(campaign), Record::Campaign(row)) => row == campaign,
        (Put::Listed(campaign, customer), Record::Audience(row)) => {
            row.campaign == *campaign && row.subject.as_str() == format!("customer:{customer}")
        }
        (Put::Template(template), Record::Template(row)) => {
            row.version == template.version && row.draft == template.terms.draft()
        }
        (Put::Batch(batch), Record::Batch(row)) => **row == *batch,
        // The word itself is sealed; that it opens the batch is seen when it is used.
        (Put::Word(..), Record::PublicCode(_)) => true,
        (Put::Format(used), Record::FormatUse(row)) => row == used,
        (Put::Stock(stock), Record::Stock(row)) => row == stock,
        (Put::Card(card), Record::Card(row)) => Card { chain: [0; 16], ..row.clone() } == **card,
        (Put::Redemption(redemption), Record::Redemption(row)) => {
            Redemption { digest: [0; 16], order_mark: None, ..row.clone() } == **redemption
        }
        (Put::Refund(refund), Record::Refund(row)) => row == refund,
        (Put::Hold(kept), Record::Hold(row)) => Hold { content: [0; 16], order_mark: None, ..row.clone() } == kept.hold,
        (Put::Unit(unit), Record::Unit(row)) => row == unit,
        (Put::Held { owner, unit, buckets, last_at }, Record::AccountHeld(row)) => {
            row.owner == *owner && row.unit == *unit && row.buckets == *buckets && row.last_at == *last_at
        }
        _ => false,
    }
}

fn events_tell(changeset: &Changeset, asked: &Asked, effect: &Effect, now: cardmint::time::Instant) -> bool {
    if !effect.steps.is_empty() {
        return steps_tell(changeset, asked, effect, now);
    }
    let kinds: Vec<_> = changeset.events.iter().map(|event| event.kind).collect();
    // Of value that is moved the first of two events carries the request; of all else the last.
    let marked = changeset.events.iter().find(|event| event.request.is_some()).or(changeset.events.last());
    let carries_reply = asked.op() != "redeem";
    kinds == effect.events
        && changeset.events.iter().all(|event| stands_right(event, effect, now))
        && marked.is_some_and(|event| match &event.request {
            Some(mark) => carries_reply && mark.host_key() == asked.key && event.facts == facts(effect),
            None => !carries_reply && redeemed_tells(event, effect),
        })
}

/// Of several cards each has its events, one after another. One of them carries the request and what it came to as a whole.
fn steps_tell(changeset: &Changeset, asked: &Asked, effect: &Effect, now: cardmint::time::Instant) -> bool {
    let of_order = match &effect.reply {
        Reply::OrderReceipt(receipt) => Ok(kept_receipt(receipt)),
        Reply::OrderHeld(held) => serde_json::to_value(held),
        Reply::OrderCaptured(captured) => serde_json::to_value(captured),
        Reply::OrderReleased(released) => serde_json::to_value(released),
        _ => return false,
    };
    let (Ok(of_order), mut rest) = (of_order, changeset.events.as_slice()) else { return false };
    for (place, step) in effect.steps.iter().enumerate() {
        let Some((events, others)) = rest.split_at_checked(step.events.len()) else { return false };
        rest = others;
        let Some((last, before)) = events.split_last() else { return false };
        let answers = place == effect.answers;
        let marked = last.request.as_ref().is_some_and(|mark| mark.host_key() == asked.key);
        let fits = events.iter().map(|event| event.kind).eq(step.events.iter().copied())
            && events.iter().all(|event| stands_right(event, step, now))
            && before.iter().all(|event| event.request.is_none())
            && marked == answers
            && (answers || last.request.is_none())
            && step_tells(last, step, answers.then_some(&of_order));
        if !fits {
            return false;
        }
    }
    rest.is_empty()
}

/// What the last event of a card says: what was done to it, and perhaps what the order came to.
fn step_tells(event: &Event, step: &Effect, of_order: Option<&serde_json::Value>) -> bool {
    let told = match &step.reply {
        Reply::Receipt(_) => redeemed_facts(step),
        Reply::Hold(hold) => serde_json::to_value(hold).ok(),
        Reply::Captured(captured) => serde_json::to_value(captured).ok(),
        _ => None,
    };
    let Some(mut told) = told else { return false };
    if let Some(told) = told.as_object_mut() {
        told.extend(of_order.map(|of_order| ("of_order".to_owned(), of_order.clone())));
    }
    serde_json::from_str::<serde_json::Value>(&event.facts).is_ok_and(|facts| facts == told)
}

/// What the event of a redemption says: which one it is, what was taken, and of a card's first event when the card ends.
fn redeemed_tells(event: &Event, effect: &Effect) -> bool {
    let Some(facts) = redeemed_facts(effect) else { return false };
    serde_json::from_str::<serde_json::Value>(&event.facts).is_ok_and(|told| told == facts)
}

fn redeemed_facts(effect: &Effect) -> Option<serde_json::Value> {
    let Reply::Receipt(receipt) = &effect.reply else { return None };
    let taken = receipt.pricing.tender_minor + receipt.pricing.discount_minor;
    let mut facts = serde_json::json!({"redemption": receipt.redemption, "taken_minor": taken});
    let first = effect.puts.iter().find_map(|put| match put {
        Put::Card(card) if card.id == receipt.card && card.events == 1 => card.expires_at,
        _ => None,
    });
    if let Some(object) = facts.as_object_mut() {
        object.extend(first.map(|end| ("expires_at".to_owned(), serde_json::json!(end))));
        object.extend(receipt.units.map(|units| ("units".to_owned(), serde_json::json!(units))));
    }
    Some(facts)
}

fn stands_right(event: &Event, effect: &Effect, now: cardmint::time::Instant) -> bool {
    match &event.target {
        Target::Card(id, _) => {
            // A card that is claimed with its use may be used, or held, later: its use is as late as whatever counts it.
            let uses = matches!(effect.events.last(), Some(EventKind::Redeemed | EventKind::Held));
            let claimed = event.kind == EventKind::Claimed && uses;
            let fits = |card: &Card| card.last_at == event.at || (claimed && (now..card.last_at).contains(&event.at));
            effect.puts.iter().any(|put| matches!(put, Put::Card(card) if card.id == *id && fits(card)))
        }
        Target::Tenant | Target::Named(_) => event.at == now,
    }
}

/// A claim as the journal keeps it that counts on a person.
#[derive(serde::Serialize)]
struct Taken<'a> {
    #[serde(flatten)]
    card: &'a cardmint::CardView,
    counted_on: &'a cardmint::subject::SubjectKey,
}

/// A reply as the journal keeps it: without a code.
fn facts(effect: &Effect) -> String {
    let text = match &effect.reply {
        Reply::Done => serde_json::to_string(&Done {}),
        Reply::Added(added) => serde_json::to_string(&AudienceAdded { added: *added }),
        Reply::Saved(version) => serde_json::to_string(&Saved { version: *version }),
        Reply::Campaign(campaign) => serde_json::to_string(campaign),
        Reply::Batch(batch) => serde_json::to_string(batch),
        Reply::Card(card) => match &effect.counted_on {
            None => serde_json::to_string(&card.card),
            Some(counted_on) => serde_json::to_string(&Taken { card: &card.card, counted_on }),
        },
        Reply::Receipt(receipt) => serde_json::to_string(receipt),
        Reply::Refund(refund) => serde_json::to_string(refund),
        Reply::Moved(moved) => serde_json::to_string(moved),
        Reply::Hold(hold) => serde_json::to_string(hold),
        Reply::Captured(captured) => serde_json::to_string(captured),
        Reply::Unit(unit) => serde_json::to_string(unit),
        Reply::Transferred(moved) => serde_json::to_string(moved),
        Reply::Person(person) => serde_json::to_string(person),
        Reply::OrderReceipt(receipt) => serde_json::to_string(receipt),
        Reply::OrderHeld(held) => serde_json::to_string(held),
        Reply::OrderCaptured(captured) => serde_json::to_string(captured),
        Reply::OrderReleased(released) => serde_json::to_string(released),
        Reply::Promotion(promotion) => serde_json::to_string(promotion),
    };
    text.unwrap_or_default()
}
