//! Rows that change rarely.

use std::sync::Arc;

use std::sync::LazyLock;

use cardmint::card::{
    AudienceMember, Batch, BatchLabels, BatchLife, Campaign, DeclaredBenefits, FormatUse, Goal, Profile, Promotions,
    PublicCode, Stock, Template,
};
use cardmint::ledger::Unit;
use cardmint::person::Linked;
use cardmint::rule::{Attributes, ProductSet};
use cardmint::store::{Record, Settings};
use cardmint::subject::SubjectKey;
use cardmint::time::{Window, Zone};
use serde::Deserialize;
use serde_json::json;

use super::{Columns, Lazy, Table, Value, state_no};
use crate::error::Fault;

type Values<'a> = Vec<Value<'a>>;

pub(crate) static SETTINGS: Lazy = LazyLock::new(|| {
    Table::new("settings", &["tenant"], &["zone", "rounding", "profile", "persons"], |row| {
        row.next()?;
        let stamp = row.stamp()?;
        let (zone, rounding) = (zone(row)?, row.word()?);
        let Parts { profile, attributes, promotions, host_benefits } =
            row.opt_json::<Terms>()?.map_or_else(Parts::default, Terms::parts);
        let (attributes, promotions) = (Arc::new(attributes), Arc::new(promotions));
        let host_benefits = Arc::new(host_benefits);
        let persons = row.int::<i64>()? != 0;
        Ok((
            stamp,
            Record::Settings(Settings { zone, rounding, profile, persons, attributes, promotions, host_benefits }),
        ))
    })
});

/// What stands in the column `profile`: the profile, or with anything declared or promotions an object of all.
#[derive(Deserialize)]
#[serde(untagged)]
enum Terms {
    All(Parts),
    Profile(Profile),
}

#[derive(Default, Deserialize)]
struct Parts {
    profile: Option<Profile>,
    attributes: Attributes,
    #[serde(default)]
    promotions: Promotions,
    #[serde(default)]
    host_benefits: DeclaredBenefits,
}

impl Terms {
    fn parts(self) -> Parts {
        match self {
            Self::All(parts) => parts,
            Self::Profile(profile) => Parts { profile: Some(profile), ..Parts::default() },
        }
    }
}

pub(super) fn settings<'a>(tenant: Value<'a>, stamp: Value<'a>, settings: &'a Settings) -> Result<Values<'a>, Fault> {
    let (attributes, promotions) = (&*settings.attributes, &*settings.promotions);
    let (profile, host_benefits) = (&settings.profile, &*settings.host_benefits);
    let terms = if !host_benefits.is_empty() {
        let hosts = json!({"profile": profile, "attributes": attributes, "promotions": promotions, "host_benefits": host_benefits});
        Value::json(&hosts)?
    } else if !promotions.is_empty() {
        Value::json(&json!({"profile": settings.profile, "attributes": attributes, "promotions": promotions}))?
    } else if !attributes.is_empty() {
        Value::json(&json!({"profile": settings.profile, "attributes": attributes}))?
    } else {
        Value::json_unless(settings.profile.is_none(), &settings.profile)?
    };
    let persons = Value::Int(i64::from(settings.persons));
    Ok(vec![tenant, stamp, Value::Text(settings.zone.name()), Value::word(&settings.rounding)?, terms, persons])
}

fn zone(row: &mut Columns<'_>) -> Result<Zone, Fault> {
    let name = row.text()?;
    Zone::parse("zone", &name).map_err(|_| row.bad("no time zone of this build"))
}

fn window(row: &mut Columns<'_>) -> Result<Window, Fault> {
    Ok(Window { start: row.opt_at()?, end: row.opt_at()? })
}

pub(crate) static CAMPAIGN: Lazy = LazyLock::new(|| {
    let rest = ["title", "life", "starts_at", "ends_at", "goal", "goal_target", "audience", "limits"];
    Table::new("campaign", &["tenant", "id"], &rest, |row| {
        row.next()?;
        let id = row.text()?;
        let stamp = row.stamp()?;
        let (title, life, window) = (row.text()?, row.word()?, window(row)?);
        let (measure, target) = (row.opt_text()?, row.opt_int()?);
        let goal = measure.zip(target).map(|(measure, target)| Goal { measure, target });
        let (audience, limits) = (row.word()?, row.opt_json()?.unwrap_or_default());
        Ok((stamp, Record::Campaign(Campaign { id, title, life, window, goal, audience, limits })))
    })
});

pub(super) fn campaign<'a>(tenant: Value<'a>, stamp: Value<'a>, campaign: &'a Campaign) -> Result<Values<'a>, Fault> {
    let goal = campaign.goal.as_ref();
    Ok(vec![
        tenant,
        Value::Text(&campaign.id),
        stamp,
        Value::Text(&campaign.title),
        Value::word(&campaign.life)?,
        Value::opt_at(campaign.window.start),
        Value::opt_at(campaign.window.end),
        goal.map_or(Value::Null, |goal| Value::Text(&goal.measure)),
        goal.map_or(Value::Null, |goal| Value::Int(goal.target)),
        Value::word(&campaign.audience)?,
        Value::json_unless(campaign.limits.is_empty(), &campaign.limits)?,
    ])
}

pub(crate) static AUDIENCE: Lazy = LazyLock::new(|| {
    Table::new("audience", &["tenant", "campaign", "subject"], &[], |row| {
        row.next()?;
        let member = AudienceMember { campaign: row.text()?, subject: SubjectKey::from_stored(row.text()?) };
        Ok((row.stamp()?, Record::Audience(member)))
    })
});

pub(super) fn audience<'a>(tenant: Value<'a>, stamp: Value<'a>, member: &'a AudienceMember) -> Values<'a> {
    vec![tenant, Value::Text(&member.campaign), Value::Text(member.subject.as_str()), stamp]
}

pub(crate) static PRODUCT_SET: Lazy = LazyLock::new(|| {
    Table::new("product_set", &["tenant", "name", "version"], &["products"], |row| {
        row.next()?;
        let (name, version) = (row.text()?, row.int()?);
        let stamp = row.stamp()?;
        Ok((stamp, Record::ProductSet(Arc::new(ProductSet { name, version, products: row.json()? }))))
    })
});

pub(super) static PRODUCT_SET_FLOOR: LazyLock<String> = LazyLock::new(|| floor(&PRODUCT_SET, "name", "version"));

pub(super) fn product_set<'a>(tenant: Value<'a>, stamp: Value<'a>, set: &'a ProductSet) -> Result<Values<'a>, Fault> {
    let version = Value::Int(i64::from(set.version));
    Ok(vec![tenant, Value::Text(&set.name), version, stamp, Value::json(&set.products)?])
}

pub(crate) static TEMPLATE: Lazy = LazyLock::new(|| {
    Table::new("template", &["tenant", "id", "version"], &["draft", "starts_at", "ends_at", "zone"], |row| {
        row.next()?;
        row.next()?;
        let version = row.int()?;
        let stamp = row.stamp()?;
        let (draft, window) = (row.json()?, window(row)?);
        Ok((stamp, Record::Template(Arc::new(Template::new(version, draft, window, zone(row)?)))))
    })
});

pub(super) static TEMPLATE_FLOOR: LazyLock<String> = LazyLock::new(|| floor(&TEMPLATE, "id", "version"));

pub(super) fn template<'a>(tenant: Value<'a>, stamp: Value<'a>, template: &'a Template) -> Result<Values<'a>, Fault> {
    Ok(vec![
        tenant,
        Value::Text(&template.draft.id),
        Value::Int(i64::from(template.version)),
        stamp,
        Value::json(&template.draft)?,
        Value::opt_at(template.window.start),
        Value::opt_at(template.window.end),
        Value::Text(template.zone.name()),
    ])
}

/// The row of a name with the greatest number at or below one.
pub(super) fn floor(table: &Table, name: &str, number: &str) -> String {
    let (columns, table) = (&table.columns, table.name);
    format!(
        "SELECT {columns} FROM {table} WHERE tenant = ?1 AND {name} = ?2 AND {number} <= ?3 \
         ORDER BY {number} DESC LIMIT 1"
    )
}

pub(crate) static BATCH: Lazy = LazyLock::new(|| {
    let rest = [
        "id",
        "template",
        "template_version",
        "campaign",
        "channel",
        "size",
        "format",
        "slot",
        "untouched",
        "normalisation",
        "parameters",
        "display",
        "activity",
        "date",
        "audience",
        "source",
        "export_closed",
        "life",
        "frozen",
        "extensions",
        "refill",
        "limits",
        "created_at",
    ];
    Table::new("batch", &["tenant", "no"], &rest, |row| {
        row.next()?;
        let no = row.batch()?;
        let stamp = row.stamp()?;
        let batch = Batch {
            no,
            id: row.text()?,
            template: row.text()?,
            template_version: row.int()?,
            campaign: row.opt_text()?,
            channel: row.opt_text()?,
            size: row.int()?,
            format: row.json()?,
            slot: row.int()?,
            untouched: row.state()?,
            normalisation: row.opt_word()?,
            parameters: row.opt_json()?.unwrap_or_default(),
            display: row.opt_json()?.unwrap_or_default(),
            labels: BatchLabels {
                activity: row.text_or_empty()?,
                date: row.text_or_empty()?,
                audience: row.text_or_empty()?,
                source: row.text_or_empty()?,
            },
            export_closed: row.int::<i64>()? != 0,
            life: row.opt_word()?.unwrap_or_default(),
            frozen: row.opt_text()?,
            extensions: row.opt_json()?.unwrap_or_default(),
            refill: row.opt_json()?,
            limits: row.opt_json()?.unwrap_or_default(),
            created_at: row.instant()?,
        };
        Ok((stamp, Record::Batch(Arc::new(batch))))
    })
});

pub(super) static BATCH_NAMED: LazyLock<String> =
    LazyLock::new(|| format!("SELECT {} FROM batch WHERE tenant = ?1 AND id = ?2", BATCH.columns));

pub(super) fn batch<'a>(tenant: Value<'a>, stamp: Value<'a>, batch: &'a Batch) -> Result<Values<'a>, Fault> {
    let normalisation = batch.normalisation.as_ref().map_or(Ok(Value::Null), Value::word)?;
    Ok(vec![
        tenant,
        Value::Int(batch.no.packed()),
        stamp,
        Value::Text(&batch.id),
        Value::Text(&batch.template),
        Value::Int(i64::from(batch.template_version)),
        Value::opt_text(batch.campaign.as_deref()),
        Value::opt_text(batch.channel.as_deref()),
        Value::Int(i64::from(batch.size)),
        Value::json(&batch.format)?,
        Value::Int(i64::from(batch.slot)),
        Value::Int(state_no(batch.untouched)),
        normalisation,
        Value::json_unless(batch.parameters.is_empty(), &batch.parameters)?,
        Value::json_unless(batch.display.is_empty(), &batch.display)?,
        Value::filled(&batch.labels.activity),
        Value::filled(&batch.labels.date),
        Value::filled(&batch.labels.audience),
        Value::filled(&batch.labels.source),
        Value::Int(i64::from(batch.export_closed)),
        if batch.life == BatchLife::Active { Value::Null } else { Value::word(&batch.life)? },
        Value::opt_text(batch.frozen.as_deref()),
        Value::json_unless(batch.extensions.is_empty(), &batch.extensions)?,
        batch.refill.as_ref().map_or(Ok(Value::Null), Value::json)?,
        Value::json_unless(batch.limits.is_empty(), &batch.limits)?,
        Value::Int(batch.created_at.millis()),
    ])
}

pub(crate) static FORMAT_USE: Lazy = LazyLock::new(|| {
    Table::new("format_use", &["tenant", "symbols"], &["next_number", "slots"], |row| {
        row.next()?;
        let symbols = row.int()?;
        let stamp = row.stamp()?;
        Ok((stamp, Record::FormatUse(FormatUse { symbols, next_number: row.int()?, slots: row.json()? })))
    })
});

pub(super) fn format_use<'a>(tenant: Value<'a>, stamp: Value<'a>, format: &'a FormatUse) -> Result<Values<'a>, Fault> {
    let (symbols, next) = (Value::Int(i64::from(format.symbols)), Value::Int(i64::from(format.next_number)));
    Ok(vec![tenant, symbols, stamp, next, Value::json(&format.slots)?])
}

pub(crate) static STOCK: Lazy = LazyLock::new(|| {
    Table::new("stock", &["tenant", "batch"], &["next"], |row| {
        row.next()?;
        let batch = row.batch()?;
        let stamp = row.stamp()?;
        Ok((stamp, Record::Stock(Stock { batch, next: row.int()? })))
    })
});

pub(super) fn stock<'a>(tenant: Value<'a>, stamp: Value<'a>, stock: &Stock) -> Values<'a> {
    vec![tenant, Value::Int(stock.batch.packed()), stamp, Value::Int(i64::from(stock.next))]
}

pub(crate) static PUBLIC_CODE: Lazy = LazyLock::new(|| {
    Table::new("public_code", &["tenant", "word"], &["batch", "sealed"], |row| {
        row.next()?;
        let index = row.digest()?;
        let stamp = row.stamp()?;
        let batch = row.batch()?;
        let sealed = row.opt_blob()?.unwrap_or_default().to_vec();
        Ok((stamp, Record::PublicCode(PublicCode { index, batch, sealed })))
    })
});

pub(super) fn public_code<'a>(tenant: Value<'a>, stamp: Value<'a>, code: &'a PublicCode) -> Values<'a> {
    vec![tenant, Value::Blob(&code.index), stamp, Value::Int(code.batch.packed()), Value::Blob(&code.sealed)]
}

pub(crate) static UNIT: Lazy = LazyLock::new(|| {
    Table::new("unit", &["tenant", "name"], &["decimals", "between_holders", "display"], |row| {
        row.next()?;
        let name = row.text()?;
        let stamp = row.stamp()?;
        let (decimals, between_holders) = (row.int()?, row.int::<i64>()? != 0);
        Ok((
            stamp,
            Record::Unit(Unit { name, decimals, between_holders, display: row.opt_json()?.unwrap_or_default() }),
        ))
    })
});

pub(super) fn unit<'a>(tenant: Value<'a>, stamp: Value<'a>, unit: &'a Unit) -> Result<Values<'a>, Fault> {
    Ok(vec![
        tenant,
        Value::Text(&unit.name),
        stamp,
        Value::Int(i64::from(unit.decimals)),
        Value::Int(i64::from(unit.between_holders)),
        Value::json_unless(unit.display.is_empty(), &unit.display)?,
    ])
}

pub(crate) static LINKED: Lazy = LazyLock::new(|| {
    Table::new("linked", &["tenant", "subject"], &["person"], |row| {
        row.next()?;
        let subject = SubjectKey::from_stored(row.text()?);
        let stamp = row.stamp()?;
        Ok((stamp, Record::Linked(Linked { subject, person: row.opt_json()? })))
    })
});

pub(super) fn linked<'a>(tenant: Value<'a>, stamp: Value<'a>, linked: &'a Linked) -> Result<Values<'a>, Fault> {
    let person = Value::json_unless(linked.person.is_none(), &linked.person)?;
    Ok(vec![tenant, Value::Text(linked.subject.as_str()), stamp, person])
}
