//! The tables, as numbered migrations. docs/storage.md describes every column.

use rusqlite::{Connection, Transaction, TransactionBehavior};

use crate::rows::KINDS;

/// `CDMT`: stands in the header of every file of ours.
pub(crate) const APPLICATION_ID: i32 = 0x4344_4d54;

/// Each brings a file from the version of its place to the next, room by room. One that was released never changes.
const MIGRATIONS: [&[&str]; 3] =
    [&[V1], &[V2], &[V3_HOLDS, V3_JOURNAL, V3_LEDGER, V3_LIMITS, V3_KINDS, V3_PERSONS, V3_ERASE]];

/// The newest schema that this build knows.
pub(crate) const VERSION: i32 = MIGRATIONS.len() as i32;

/// What a file says of itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Header {
    /// Nothing was ever written into it, or nothing but our mark.
    Fresh,
    /// One of ours, with this schema.
    Ours(i32),
    /// Somebody else's database.
    Foreign(i32),
}

pub(crate) fn header(db: &Connection) -> rusqlite::Result<Header> {
    let application: i32 = db.query_row("PRAGMA application_id", [], |row| row.get(0))?;
    let version: i32 = db.query_row("PRAGMA user_version", [], |row| row.get(0))?;
    let objects: i64 = db.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?;
    Ok(match (application, version, objects) {
        (0, 0, 0) => Header::Fresh,
        (APPLICATION_ID, version, _) => Header::Ours(version),
        (other, _, _) => Header::Foreign(other),
    })
}

/// Brings a file to [`VERSION`]: one transaction, so that a crash leaves the old schema or the new one.
pub(crate) fn migrate(db: &mut Connection) -> rusqlite::Result<()> {
    let tx = Transaction::new(db, TransactionBehavior::Immediate)?;
    let version: i32 = tx.query_row("PRAGMA user_version", [], |row| row.get(0))?;
    for part in MIGRATIONS.iter().skip(usize::try_from(version).unwrap_or(0)).copied().flatten() {
        tx.execute_batch(part)?;
    }
    for (no, kind) in (0_i64..).zip(KINDS) {
        tx.execute("INSERT INTO event_kind VALUES (?1, ?2) ON CONFLICT DO NOTHING", (no, kind.name()))?;
    }
    tx.pragma_update(None, "application_id", APPLICATION_ID)?;
    tx.pragma_update(None, "user_version", VERSION)?;
    tx.commit()
}

/// Whether kinds of events were added since the file was last migrated.
pub(crate) fn kinds_missing(db: &Connection) -> rusqlite::Result<bool> {
    let have: i64 = db.query_row("SELECT count(*) FROM event_kind", [], |row| row.get(0))?;
    Ok(usize::try_from(have).unwrap_or(0) < KINDS.len())
}

// Tables with short rows are WITHOUT ROWID: one b-tree holds key and row. `redemption` and `event` have long rows, of which only
// few would fit into an inner page of such a tree: they keep the rowid and grow at the end.
const V1: &str = "
CREATE TABLE tenant (
    no   INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE
) STRICT;

CREATE TABLE writer (
    no   INTEGER PRIMARY KEY CHECK (no < 8388608),
    bits INTEGER NOT NULL UNIQUE
) STRICT;

CREATE TABLE card_state (no INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE) STRICT;
INSERT INTO card_state VALUES (0, 'minted'), (1, 'issued'), (2, 'claimed'), (3, 'spent'), (4, 'void');

CREATE TABLE event_kind (no INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE) STRICT;

CREATE TABLE settings (
    tenant   INTEGER PRIMARY KEY,
    stamp    INTEGER NOT NULL,
    zone     TEXT NOT NULL,
    rounding TEXT NOT NULL
) STRICT;

CREATE TABLE campaign (
    tenant      INTEGER NOT NULL,
    id          TEXT NOT NULL,
    stamp       INTEGER NOT NULL,
    title       TEXT NOT NULL,
    life        TEXT NOT NULL,
    starts_at   INTEGER,
    ends_at     INTEGER,
    goal        TEXT,
    goal_target INTEGER,
    audience    TEXT NOT NULL,
    PRIMARY KEY (tenant, id)
) STRICT, WITHOUT ROWID;

CREATE TABLE audience (
    tenant   INTEGER NOT NULL,
    campaign TEXT NOT NULL,
    subject  TEXT NOT NULL,
    stamp    INTEGER NOT NULL,
    PRIMARY KEY (tenant, campaign, subject)
) STRICT, WITHOUT ROWID;

CREATE TABLE product_set (
    tenant   INTEGER NOT NULL,
    name     TEXT NOT NULL,
    version  INTEGER NOT NULL,
    stamp    INTEGER NOT NULL,
    products TEXT NOT NULL,
    PRIMARY KEY (tenant, name, version)
) STRICT;

CREATE TABLE template (
    tenant    INTEGER NOT NULL,
    id        TEXT NOT NULL,
    version   INTEGER NOT NULL,
    stamp     INTEGER NOT NULL,
    draft     TEXT NOT NULL,
    starts_at INTEGER,
    ends_at   INTEGER,
    zone      TEXT NOT NULL,
    PRIMARY KEY (tenant, id, version)
) STRICT;

CREATE TABLE batch (
    tenant           INTEGER NOT NULL,
    no               INTEGER NOT NULL,
    stamp            INTEGER NOT NULL,
    id               TEXT NOT NULL,
    template         TEXT NOT NULL,
    template_version INTEGER NOT NULL,
    campaign         TEXT,
    channel          TEXT,
    size             INTEGER NOT NULL CHECK (size >= 0),
    format           TEXT NOT NULL,
    slot             INTEGER NOT NULL,
    untouched        INTEGER NOT NULL,
    normalisation    TEXT,
    parameters       TEXT,
    display          TEXT,
    activity         TEXT,
    date             TEXT,
    audience         TEXT,
    source           TEXT,
    export_closed    INTEGER NOT NULL,
    created_at       INTEGER NOT NULL,
    PRIMARY KEY (tenant, no),
    UNIQUE (tenant, id)
) STRICT, WITHOUT ROWID;

CREATE TABLE format_use (
    tenant      INTEGER NOT NULL,
    symbols     INTEGER NOT NULL,
    stamp       INTEGER NOT NULL,
    next_number INTEGER NOT NULL CHECK (next_number >= 0),
    slots       TEXT NOT NULL,
    PRIMARY KEY (tenant, symbols)
) STRICT, WITHOUT ROWID;

CREATE TABLE stock (
    tenant INTEGER NOT NULL,
    batch  INTEGER NOT NULL,
    stamp  INTEGER NOT NULL,
    next   INTEGER NOT NULL CHECK (next >= 0),
    PRIMARY KEY (tenant, batch)
) STRICT, WITHOUT ROWID;

CREATE TABLE public_code (
    tenant INTEGER NOT NULL,
    word   BLOB NOT NULL,
    stamp  INTEGER NOT NULL,
    batch  INTEGER NOT NULL,
    sealed BLOB NOT NULL,
    PRIMARY KEY (tenant, word)
) STRICT, WITHOUT ROWID;

CREATE TABLE card (
    tenant        INTEGER NOT NULL,
    batch         INTEGER NOT NULL,
    serial        INTEGER NOT NULL,
    stamp         INTEGER NOT NULL,
    holder        TEXT,
    state         INTEGER NOT NULL,
    unspent_state INTEGER NOT NULL,
    channel       TEXT,
    issue_no      INTEGER NOT NULL,
    uses_left     INTEGER NOT NULL CHECK (uses_left >= 0),
    claimed_at    INTEGER,
    expires_at    INTEGER,
    frozen        TEXT,
    parameters    TEXT,
    origin        TEXT,
    last_at       INTEGER NOT NULL,
    events        INTEGER NOT NULL CHECK (events >= 0),
    chain         BLOB NOT NULL,
    PRIMARY KEY (tenant, batch, serial)
) STRICT, WITHOUT ROWID;
CREATE INDEX card_by_state ON card (tenant, batch, state, serial);
CREATE INDEX card_by_channel ON card (tenant, batch, channel, serial) WHERE channel IS NOT NULL;
CREATE INDEX card_by_holder ON card (tenant, holder, batch, serial) WHERE holder IS NOT NULL;

CREATE TABLE account (
    tenant  INTEGER NOT NULL,
    owner   TEXT NOT NULL,
    unit    TEXT NOT NULL,
    balance INTEGER NOT NULL,
    PRIMARY KEY (tenant, owner, unit)
) STRICT, WITHOUT ROWID;

CREATE TABLE redemption (
    tenant         INTEGER NOT NULL,
    key            TEXT NOT NULL,
    stamp          INTEGER NOT NULL,
    digest         BLOB NOT NULL,
    batch          INTEGER NOT NULL,
    serial         INTEGER NOT NULL,
    at             INTEGER NOT NULL,
    order_id       TEXT NOT NULL,
    holder         TEXT,
    currency       TEXT NOT NULL,
    before_minor   INTEGER NOT NULL,
    discount_minor INTEGER NOT NULL CHECK (discount_minor >= 0),
    payable_minor  INTEGER NOT NULL CHECK (payable_minor >= 0),
    allocations    TEXT,
    rounding       INTEGER NOT NULL,
    campaign       TEXT,
    store          TEXT,
    channel        TEXT,
    source         TEXT,
    operator       TEXT,
    ordered_at     INTEGER,
    new_customer   INTEGER,
    segments       TEXT,
    PRIMARY KEY (tenant, key)
) STRICT;
CREATE INDEX redemption_by_order ON redemption (tenant, order_id, key);
CREATE INDEX redemption_by_card ON redemption (tenant, batch, serial, key);

CREATE TABLE refund (
    tenant       INTEGER NOT NULL,
    redemption   TEXT NOT NULL,
    place        INTEGER NOT NULL,
    stamp        INTEGER NOT NULL,
    at           INTEGER NOT NULL,
    amount_minor INTEGER NOT NULL CHECK (amount_minor >= 0),
    PRIMARY KEY (tenant, redemption, place)
) STRICT, WITHOUT ROWID;

CREATE TABLE event (
    place      INTEGER PRIMARY KEY,
    tenant     INTEGER NOT NULL,
    kind       INTEGER NOT NULL,
    at         INTEGER NOT NULL,
    batch      INTEGER,
    serial     INTEGER,
    card_place INTEGER,
    name       TEXT,
    reason     TEXT,
    origin     TEXT,
    op         TEXT,
    key        TEXT,
    digest     BLOB,
    facts      TEXT NOT NULL,
    chain      BLOB
) STRICT;
CREATE INDEX event_by_card ON event (tenant, batch, serial, card_place) WHERE batch IS NOT NULL;
CREATE UNIQUE INDEX event_by_request ON event (tenant, op, key) WHERE key IS NOT NULL;

CREATE VIEW cards AS
SELECT tenant.name AS tenant, (batch >> 24) || '-' || (batch & 16777215) || '-' || serial AS card,
       card_state.name AS state, holder, channel, issue_no, uses_left,
       strftime('%Y-%m-%dT%H:%M:%fZ', claimed_at / 1000.0, 'unixepoch') AS claimed_at,
       strftime('%Y-%m-%dT%H:%M:%fZ', expires_at / 1000.0, 'unixepoch') AS expires_at,
       frozen, parameters, origin
FROM card JOIN tenant ON tenant.no = card.tenant JOIN card_state ON card_state.no = card.state;

CREATE VIEW redemptions AS
SELECT tenant.name AS tenant, key, (batch >> 24) || '-' || (batch & 16777215) || '-' || serial AS card,
       strftime('%Y-%m-%dT%H:%M:%fZ', at / 1000.0, 'unixepoch') AS at,
       order_id, holder, currency, before_minor, discount_minor, payable_minor, allocations, campaign, store, channel,
       source, operator, strftime('%Y-%m-%dT%H:%M:%fZ', ordered_at / 1000.0, 'unixepoch') AS ordered_at,
       new_customer, segments
FROM redemption JOIN tenant ON tenant.no = redemption.tenant;

CREATE VIEW journal AS
SELECT tenant.name AS tenant, printf('%016x', writer.bits) AS writer, place & 1099511627775 AS n, event_kind.name AS kind,
       strftime('%Y-%m-%dT%H:%M:%fZ', at / 1000.0, 'unixepoch') AS at,
       (batch >> 24) || '-' || (batch & 16777215) || '-' || serial AS card, card_place, event.name AS name,
       reason, origin, op, key, facts
FROM event JOIN tenant ON tenant.no = event.tenant JOIN writer ON writer.no = event.place >> 40
     JOIN event_kind ON event_kind.no = event.kind;
";

// Stored value: what a card holds, what it paid, and refunds in parts.
const V2: &str = "
ALTER TABLE card ADD COLUMN balance_minor INTEGER NOT NULL DEFAULT 0 CHECK (balance_minor >= 0);
ALTER TABLE redemption ADD COLUMN tender_minor INTEGER NOT NULL DEFAULT 0 CHECK (tender_minor >= 0);
ALTER TABLE redemption ADD COLUMN balance_minor INTEGER CHECK (balance_minor >= 0);
ALTER TABLE refund ADD COLUMN total_minor INTEGER NOT NULL DEFAULT 0 CHECK (total_minor >= 0);
UPDATE refund SET total_minor = amount_minor;

DROP VIEW cards;
CREATE VIEW cards AS
SELECT tenant.name AS tenant, (batch >> 24) || '-' || (batch & 16777215) || '-' || serial AS card,
       card_state.name AS state, holder, channel, issue_no, uses_left, balance_minor,
       strftime('%Y-%m-%dT%H:%M:%fZ', claimed_at / 1000.0, 'unixepoch') AS claimed_at,
       strftime('%Y-%m-%dT%H:%M:%fZ', expires_at / 1000.0, 'unixepoch') AS expires_at,
       frozen, parameters, origin
FROM card JOIN tenant ON tenant.no = card.tenant JOIN card_state ON card_state.no = card.state;

DROP VIEW redemptions;
CREATE VIEW redemptions AS
SELECT tenant.name AS tenant, key, (batch >> 24) || '-' || (batch & 16777215) || '-' || serial AS card,
       strftime('%Y-%m-%dT%H:%M:%fZ', at / 1000.0, 'unixepoch') AS at,
       order_id, holder, currency, before_minor, discount_minor, tender_minor, payable_minor, balance_minor, allocations,
       campaign, store, channel, source, operator,
       strftime('%Y-%m-%dT%H:%M:%fZ', ordered_at / 1000.0, 'unixepoch') AS ordered_at, new_customer, segments
FROM redemption JOIN tenant ON tenant.no = redemption.tenant;
";

// Holds: what of a card, and of an account, is kept for orders, and until when.
const V3_HOLDS: &str = "
ALTER TABLE card ADD COLUMN held TEXT;
ALTER TABLE card ADD COLUMN epoch INTEGER NOT NULL DEFAULT 0 CHECK (epoch >= 0);
ALTER TABLE card ADD COLUMN holds_from INTEGER NOT NULL DEFAULT 0 CHECK (holds_from >= 0);
ALTER TABLE redemption ADD COLUMN hold TEXT;

CREATE TABLE hold (
    tenant         INTEGER NOT NULL,
    order_id       TEXT NOT NULL,
    kept           TEXT NOT NULL,
    stamp          INTEGER NOT NULL,
    batch          INTEGER NOT NULL,
    serial         INTEGER NOT NULL,
    holder         TEXT,
    state          TEXT NOT NULL,
    epoch          INTEGER NOT NULL,
    content        BLOB NOT NULL,
    at             INTEGER NOT NULL,
    expires_at     INTEGER NOT NULL,
    amount         INTEGER NOT NULL CHECK (amount >= 0),
    counters       TEXT,
    currency       TEXT NOT NULL,
    before_minor   INTEGER NOT NULL,
    discount_minor INTEGER NOT NULL CHECK (discount_minor >= 0),
    tender_minor   INTEGER NOT NULL CHECK (tender_minor >= 0),
    payable_minor  INTEGER NOT NULL CHECK (payable_minor >= 0),
    allocations    TEXT,
    rounding       INTEGER NOT NULL,
    redemption     TEXT,
    store          TEXT,
    channel        TEXT,
    source         TEXT,
    ordered_at     INTEGER,
    new_customer   INTEGER,
    segments       TEXT,
    PRIMARY KEY (tenant, order_id, kept)
) STRICT;

CREATE TABLE account_held (
    tenant  INTEGER NOT NULL,
    owner   TEXT NOT NULL,
    unit    TEXT NOT NULL,
    stamp   INTEGER NOT NULL,
    held    TEXT,
    last_at INTEGER NOT NULL,
    PRIMARY KEY (tenant, owner, unit)
) STRICT, WITHOUT ROWID;

CREATE VIEW holds AS
SELECT tenant.name AS tenant, kept || '/' || order_id AS hold, order_id,
       (batch >> 24) || '-' || (batch & 16777215) || '-' || serial AS card, holder, state,
       strftime('%Y-%m-%dT%H:%M:%fZ', at / 1000.0, 'unixepoch') AS at,
       strftime('%Y-%m-%dT%H:%M:%fZ', expires_at / 1000.0, 'unixepoch') AS expires_at,
       amount, currency, before_minor, discount_minor, tender_minor, payable_minor, redemption, store, channel, source
FROM hold JOIN tenant ON tenant.no = hold.tenant;

DROP VIEW redemptions;
CREATE VIEW redemptions AS
SELECT tenant.name AS tenant, key, (batch >> 24) || '-' || (batch & 16777215) || '-' || serial AS card,
       strftime('%Y-%m-%dT%H:%M:%fZ', at / 1000.0, 'unixepoch') AS at,
       order_id, holder, currency, before_minor, discount_minor, tender_minor, payable_minor, balance_minor, hold,
       allocations, campaign, store, channel, source, operator,
       strftime('%Y-%m-%dT%H:%M:%fZ', ordered_at / 1000.0, 'unixepoch') AS ordered_at, new_customer, segments
FROM redemption JOIN tenant ON tenant.no = redemption.tenant;
";

// Named things are few beside cards; what the host observes is not, and is never asked for by its name. 20 is `observed`.
const V3_JOURNAL: &str = "
CREATE INDEX event_by_name ON event (tenant, name) WHERE name IS NOT NULL AND kind <> 20;
";

// The ledger. What cards hold when it begins is booked as opened on the first day of 1970: nobody knows on which day it came.
// Accounts that are not the tenant's own never go below nothing. 4 is void.
const V3_LEDGER: &str = "
ALTER TABLE settings ADD COLUMN profile TEXT;

CREATE TABLE unit (
    tenant          INTEGER NOT NULL,
    name            TEXT NOT NULL,
    stamp           INTEGER NOT NULL,
    decimals        INTEGER NOT NULL CHECK (decimals BETWEEN 0 AND 6),
    between_holders INTEGER NOT NULL,
    display         TEXT,
    PRIMARY KEY (tenant, name)
) STRICT, WITHOUT ROWID;

ALTER TABLE card ADD COLUMN booked_minor INTEGER NOT NULL DEFAULT 0 CHECK (booked_minor >= 0);
ALTER TABLE card ADD COLUMN broken_minor INTEGER NOT NULL DEFAULT 0 CHECK (broken_minor >= 0);
ALTER TABLE event ADD COLUMN entry TEXT;

ALTER TABLE account RENAME TO account_before;
CREATE TABLE account (
    tenant  INTEGER NOT NULL,
    owner   TEXT NOT NULL,
    unit    TEXT NOT NULL,
    balance INTEGER NOT NULL CHECK (balance >= 0 OR owner = 'system' OR owner GLOB 'book:*'),
    PRIMARY KEY (tenant, owner, unit)
) STRICT, WITHOUT ROWID;
INSERT INTO account SELECT tenant, owner, unit, balance FROM account_before;
DROP TABLE account_before;

UPDATE card SET booked_minor = balance_minor WHERE state <> 4 AND balance_minor > 0;
CREATE TEMP TABLE opening AS
SELECT card.tenant AS tenant, batch.id AS id, template.draft ->> '$.currency' AS unit,
       sum(card.booked_minor) AS held, count(*) AS cards
FROM card JOIN batch ON batch.tenant = card.tenant AND batch.no = card.batch
     JOIN template ON template.tenant = batch.tenant AND template.id = batch.template
          AND template.version = batch.template_version
WHERE template.draft ->> '$.kind' = 'gift_card'
GROUP BY card.tenant, batch.id, unit;
INSERT INTO account SELECT tenant, 'book:opening:1970-01-01:0000000000000000:' || id, unit, -held FROM opening
    WHERE held > 0;
INSERT INTO account SELECT tenant, 'book:touched:1970-01-01:0000000000000000:' || id, 'cards', cards FROM opening;
DROP TABLE opening;

DROP VIEW journal;
CREATE VIEW journal AS
SELECT tenant.name AS tenant, printf('%016x', writer.bits) AS writer, place & 1099511627775 AS n, event_kind.name AS kind,
       strftime('%Y-%m-%dT%H:%M:%fZ', at / 1000.0, 'unixepoch') AS at,
       (batch >> 24) || '-' || (batch & 16777215) || '-' || serial AS card, card_place, event.name AS name,
       reason, origin, op, key, facts, entry
FROM event JOIN tenant ON tenant.no = event.tenant JOIN writer ON writer.no = event.place >> 40
     JOIN event_kind ON event_kind.no = event.kind;
";

// Limits over scopes and windows: where a redemption is counted.
const V3_LIMITS: &str = "
ALTER TABLE redemption ADD COLUMN counted TEXT;
ALTER TABLE campaign ADD COLUMN limits TEXT;
ALTER TABLE batch ADD COLUMN limits TEXT;
";

// Kinds of cards and what is done with them: uses in units, cards that a redemption gives, ties, transfers, extensions.
const V3_KINDS: &str = "
INSERT INTO card_state VALUES (5, 'bound');
ALTER TABLE card ADD COLUMN extended_to INTEGER;
ALTER TABLE card ADD COLUMN bound TEXT;
ALTER TABLE card ADD COLUMN rebinds INTEGER NOT NULL DEFAULT 0 CHECK (rebinds >= 0);
ALTER TABLE card ADD COLUMN transfers INTEGER NOT NULL DEFAULT 0 CHECK (transfers >= 0);
ALTER TABLE redemption ADD COLUMN units INTEGER CHECK (units >= 0);
ALTER TABLE redemption ADD COLUMN given TEXT;
ALTER TABLE redemption ADD COLUMN not_given TEXT;
ALTER TABLE refund ADD COLUMN units INTEGER NOT NULL DEFAULT 0 CHECK (units >= 0);
ALTER TABLE refund ADD COLUMN total_units INTEGER NOT NULL DEFAULT 0 CHECK (total_units >= 0);
ALTER TABLE batch ADD COLUMN life TEXT;
ALTER TABLE batch ADD COLUMN frozen TEXT;
ALTER TABLE batch ADD COLUMN extensions TEXT;
ALTER TABLE batch ADD COLUMN refill TEXT;

DROP VIEW cards;
CREATE VIEW cards AS
SELECT tenant.name AS tenant, (batch >> 24) || '-' || (batch & 16777215) || '-' || serial AS card,
       card_state.name AS state, holder, bound, channel, issue_no, uses_left, balance_minor,
       strftime('%Y-%m-%dT%H:%M:%fZ', claimed_at / 1000.0, 'unixepoch') AS claimed_at,
       strftime('%Y-%m-%dT%H:%M:%fZ', expires_at / 1000.0, 'unixepoch') AS expires_at,
       frozen, transfers, parameters, origin
FROM card JOIN tenant ON tenant.no = card.tenant JOIN card_state ON card_state.no = card.state;

DROP VIEW redemptions;
CREATE VIEW redemptions AS
SELECT tenant.name AS tenant, key, (batch >> 24) || '-' || (batch & 16777215) || '-' || serial AS card,
       strftime('%Y-%m-%dT%H:%M:%fZ', at / 1000.0, 'unixepoch') AS at,
       order_id, holder, currency, before_minor, discount_minor, tender_minor, payable_minor, balance_minor, hold, units, given,
       allocations, campaign, store, channel, source, operator,
       strftime('%Y-%m-%dT%H:%M:%fZ', ordered_at / 1000.0, 'unixepoch') AS ordered_at, new_customer, segments
FROM redemption JOIN tenant ON tenant.no = redemption.tenant;
";

// Subjects that are one natural person.
const V3_PERSONS: &str = "
ALTER TABLE settings ADD COLUMN persons INTEGER NOT NULL DEFAULT 0;

CREATE TABLE linked (
    tenant  INTEGER NOT NULL,
    subject TEXT NOT NULL,
    stamp   INTEGER NOT NULL,
    person  TEXT,
    PRIMARY KEY (tenant, subject)
) STRICT, WITHOUT ROWID;
";

// Who was erased: what vouches for events that were redacted.
const V3_ERASE: &str = "
ALTER TABLE event ADD COLUMN redacted BLOB;
";
