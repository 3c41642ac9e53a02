//! The rows.

use std::sync::Arc;

use serde_json::Value;

use super::cursor::{of_job, of_stream};
use super::pending::Pending;
use super::request::{reply_json, request};
use super::{Kind, Operation, Serve};
use crate::card::{Batch, Campaign, DeclaredBenefit, Promotion, Redemption, Template, TemplateChange};
use crate::engine::*;
use crate::id::CardId;
use crate::ledger::Unit;
use crate::rule::Attribute;
use crate::store::BackupFile;

/// One row: the doc, the kind, `name(Request) -> Reply`, whether a handle without keys can do it, the version that brought it,
/// and the denials in the order in which they are looked for. From it come the method of [`Tenant`] and the entry of the table.
macro_rules! operations {
    ($(
        $(#[doc = $doc:literal])+
        $kind:ident $name:ident($request:ident) -> $reply:ty $([$item:ty])?,
        keyless: $keyless:literal, since: $since:literal, denials: [$($denial:literal),* $(,)?];
    )*) => {
        /// Every operation that the engine knows.
        impl Tenant {
            $(operations! { @method $kind $name $request [$reply] [
                $(#[doc = $doc])+
                #[doc = "\n# Errors"]
                #[doc = "Faults, `invalid`, and these denials, in this order:"]
                $(#[doc = concat!("- `", $denial, "`")])*
            ] })*
        }

        pub(super) static OPERATIONS: &[Operation] = &[$(
            Operation {
                name: stringify!($name),
                doc: concat!($($doc, "\n"),+),
                kind: operations!(@kind $kind),
                since: $since,
                keyless: $keyless,
                denials: &[$($denial),*],
                request_schema: |schemas| schemas.subschema_for::<$request>(),
                reply_schema: |schemas| schemas.subschema_for::<operations!(@item $reply $(, $item)?)>(),
                serve: operations!(@serve $kind $name $request),
            }
        ),*];
    };

    (@method read $name:ident $request:ident [$reply:ty] [$($doc:tt)*]) => {
        $($doc)*
        pub fn $name(&self, request: impl Into<$request>) -> Result<$reply, Error> {
            self.must_be_home()?;
            request.into().read(self)
        }
    };
    (@method change $name:ident $request:ident [$reply:ty] [$($doc:tt)*]) => {
        $($doc)*
        pub fn $name(&self, request: impl Into<$request>) -> Call<$reply> {
            match self.must_be_home() {
                Ok(()) => request.into().change(self),
                Err(error) => Call::ready(Err(error)),
            }
        }
    };
    (@method $cursor:ident $name:ident $request:ident [$reply:ty] [$($doc:tt)*]) => {
        $($doc)*
        pub fn $name(&self, request: impl Into<$request>) -> Result<$reply, Error> {
            self.must_be_home()?;
            request.into().begin(self)
        }
    };

    (@item $reply:ty) => { $reply };
    (@item $reply:ty, $item:ty) => { $item };

    (@kind read) => { Kind::Read };
    (@kind change) => { Kind::Change };
    (@kind stream) => { Kind::Stream };
    (@kind job) => { Kind::Job };

    (@serve read $name:ident $request:ident) => {
        Serve::Read(|tenant, bytes| reply_json(&tenant.$name(request::<$request>(bytes)?)?))
    };
    (@serve change $name:ident $request:ident) => {
        Serve::Change(|tenant, bytes| Ok(Pending::called(tenant.$name(request::<$request>(bytes)?))))
    };
    (@serve stream $name:ident $request:ident) => {
        Serve::Cursor(|tenant, bytes| Ok(of_stream(tenant.$name(request::<$request>(bytes)?)?)))
    };
    (@serve job $name:ident $request:ident) => {
        Serve::Cursor(|tenant, bytes| Ok(of_job(tenant.$name(request::<$request>(bytes)?)?)))
    };
}

operations! {
    /// Sets zone and rounding of the tenant. Until then it is UTC and half-up.
    change save_settings(SaveSettings) -> Done,
    keyless: false, since: "0.1.0", denials: [];

    /// Saves a campaign, new or over the one of the same id, and returns it with its window resolved in the tenant's zone.
    change save_campaign(SaveCampaign) -> Campaign,
    keyless: false, since: "0.1.0", denials: [];

    /// Lists subjects as a campaign's audience and returns how many were new. Those that are listed already stay so.
    change add_audience(AddAudience) -> AudienceAdded,
    keyless: false, since: "0.1.0", denials: ["unknown (campaign)"];

    /// Saves a version of a product set and returns its number, from 1.
    change save_product_set(SaveProductSet) -> Saved,
    keyless: false, since: "0.1.0", denials: [];

    /// Saves a version of a template and returns its number, from 1. Batches keep the version that they were issued from.
    change save_template(SaveTemplate) -> Saved,
    keyless: false, since: "0.1.0", denials: ["unknown (product_set, host_benefit)", "policy_violation"];

    /// Saves a promotion (自动优惠): what a template gives comes off every order of `quote_order`, `hold_order` and `redeem_order` by itself.
    /// Over the one of the same id it makes a new revision; `diff_templates` tells what its template's versions differ in.
    change save_promotion(SavePromotion) -> Promotion,
    keyless: false, since: "0.1.0", denials: [
        "wrong_life (archived)", "exists (batch)", "unknown (template, campaign)", "campaign_not_running (archived)", "batch_numbers_used_up",
        "odds_too_low",
    ];

    /// Takes a promotion off orders for now.
    change pause_promotion(PausePromotion) -> Promotion,
    keyless: false, since: "0.1.0", denials: ["unknown (promotion)", "wrong_life"];

    /// Lets a paused promotion come off orders again.
    change resume_promotion(ResumePromotion) -> Promotion,
    keyless: false, since: "0.1.0", denials: ["unknown (promotion)", "wrong_life"];

    /// Takes a promotion off orders for good. What was redeemed can still be refunded.
    change archive_promotion(ArchivePromotion) -> Promotion,
    keyless: false, since: "0.1.0", denials: ["unknown (promotion)", "wrong_life"];

    /// The promotions by id, those that are over among them.
    read list_promotions(ListPromotions) -> Vec<Promotion>,
    keyless: true, since: "0.1.0", denials: [];

    /// Declares an attribute of orders, lines or holders, new or over the one of the same name, so that conditions may speak of it.
    change save_attribute(SaveAttribute) -> Attribute,
    keyless: false, since: "0.1.0", denials: [];

    /// The attributes that were declared, by whose they are and name.
    read list_attributes(ListAttributes) -> Vec<Attribute>,
    keyless: true, since: "0.1.0", denials: [];

    /// Declares a benefit of the host's own (a name and a JSON Schema of its data), new or over the one of the same name. From the first one on
    /// templates give declared ones only, with data that fits.
    change save_host_benefit(SaveHostBenefit) -> DeclaredBenefit,
    keyless: false, since: "0.1.0", denials: [];

    /// The benefits of the host's own that were declared, by name.
    read list_host_benefits(ListHostBenefits) -> Vec<DeclaredBenefit>,
    keyless: true, since: "0.1.0", denials: [];

    /// Says node by node how the conditions of a card, or of a template that is not saved yet, come out on an order: what it has, what it needs
    /// and what is short. Nothing else of the card is looked at.
    read explain(Explain) -> Explanation,
    keyless: true, since: "0.1.0", denials: ["not_found_or_invalid", "unknown (card, product_set, host_benefit)"];

    /// Says for many orders at once whether the conditions of a card, or of a template that is not saved yet, hold. Nothing else is looked at.
    read evaluate_many(EvaluateMany) -> EvaluatedMany,
    keyless: true, since: "0.1.0", denials: ["unknown (sample)", "not_found_or_invalid", "unknown (card, product_set, host_benefit)"];

    /// The JSON Schema of templates, with the attributes that the tenant declares: what a form for templates is built from.
    read template_schema(TemplateSchema) -> Value,
    keyless: true, since: "0.1.0", denials: [];

    /// Writes a host's event into the journal: a visit, a sign-up, a level reached.
    change observe(Observe) -> Done,
    keyless: false, since: "0.1.0", denials: [];

    /// Issues a batch: the same few rows for ten cards and for a thousand million.
    change issue_batch(IssueBatch) -> Arc<Batch>,
    keyless: false, since: "0.1.0", denials: [
        "exists", "unknown (template, campaign, batch that it gives)", "policy_violation", "campaign_not_running (archived)", "batch_numbers_used_up", "batch_too_large",
        "odds_too_low",
    ];

    /// Makes a batch larger. The odds of all cards in its format are checked again.
    change grow_batch(GrowBatch) -> Arc<Batch>,
    keyless: false, since: "0.1.0", denials: ["unknown (batch)", "batch_too_large", "wrong_life", "odds_too_low"];

    /// Seals a batch anew under the minting key: all of its codes die, and others take their place. For after a leak.
    change rekey_batch(RekeyBatch) -> Arc<Batch>,
    keyless: false, since: "0.1.0", denials: ["unknown (batch)", "odds_too_low"];

    /// Closes a batch for export: from now on a code is given out only by replacing it or by a single reveal.
    change close_export(CloseExport) -> Arc<Batch>,
    keyless: false, since: "0.1.0", denials: ["unknown (batch)"];

    /// Gives a batch a public code: one word, as many uses as the batch has cards. All words of a batch are read alike.
    change save_public_code(SavePublicCode) -> Arc<Batch>,
    keyless: false, since: "0.1.0", denials: ["unknown (batch)", "exists (public_code)"];

    /// Stops all cards of a batch until it is unfrozen, at the cost of one row; needs a reason.
    change freeze_batch(FreezeBatch) -> Arc<Batch>,
    keyless: false, since: "0.1.0", denials: ["unknown (batch)", "wrong_life"];

    /// Lets the cards of a frozen batch move again.
    change unfreeze_batch(UnfreezeBatch) -> Arc<Batch>,
    keyless: false, since: "0.1.0", denials: ["unknown (batch)", "wrong_life"];

    /// Kills all cards of a batch for good, but for what was used up; needs a reason.
    change void_batch(VoidBatch) -> Arc<Batch>,
    keyless: false, since: "0.1.0", denials: ["unknown (batch)", "wrong_life"];

    /// Puts off the end of all cards of a batch, as far as its template allows for each.
    change extend_batch(ExtendBatch) -> Arc<Batch>,
    keyless: false, since: "0.1.0", denials: ["unknown (batch)", "not_extendable", "wrong_life"];

    /// Gives no more cards of a batch out. Those that are out are good.
    change close_batch(CloseBatch) -> Arc<Batch>,
    keyless: false, since: "0.1.0", denials: ["unknown (batch)", "wrong_life"];

    /// Puts a batch out of the way instead of deleting it: its cards stand still, and its history stays.
    change archive_batch(ArchiveBatch) -> Arc<Batch>,
    keyless: false, since: "0.1.0", denials: ["unknown (batch)", "wrong_life"];

    /// Lets a batch grow by itself as it runs low, in the commit that takes a card of it; or no longer.
    change refill_batch(RefillBatch) -> Arc<Batch>,
    keyless: false, since: "0.1.0", denials: ["unknown (batch)", "wrong_life", "batch_too_large"];

    /// Lets a draft campaign run, from its start on.
    change start_campaign(StartCampaign) -> Campaign,
    keyless: false, since: "0.1.0", denials: ["unknown (campaign)", "wrong_life"];

    /// Lets the cards of a campaign stand still.
    change pause_campaign(PauseCampaign) -> Campaign,
    keyless: false, since: "0.1.0", denials: ["unknown (campaign)", "wrong_life"];

    /// Lets the cards of a paused campaign move again.
    change resume_campaign(ResumeCampaign) -> Campaign,
    keyless: false, since: "0.1.0", denials: ["unknown (campaign)", "wrong_life"];

    /// Ends a campaign now.
    change end_campaign(EndCampaign) -> Campaign,
    keyless: false, since: "0.1.0", denials: ["unknown (campaign)", "wrong_life"];

    /// Puts a campaign that does not run out of the way, for good, instead of deleting it.
    change archive_campaign(ArchiveCampaign) -> Campaign,
    keyless: false, since: "0.1.0", denials: ["unknown (campaign)", "wrong_life"];

    /// Takes a card as its holder: the next of a batch, or the one of a code.
    change claim(Claim) -> CardWithCode,
    keyless: false, since: "0.1.0", denials: [
        "unknown (batch)", "not_found_or_invalid (code)", "batch_not_active", "sold_out", "campaign_not_running", "not_started", "expired (campaign)",
        "not_in_audience", "limit_reached (holder_claims)", "void", "frozen", "wrong_state", "not_owner", "expired",
        "policy_violation",
    ];

    /// Gives the next card of a batch to a holder, who finds it in the wallet.
    change issue(Issue) -> CardWithCode,
    keyless: false, since: "0.1.0", denials: [
        "unknown (batch)", "void (batch)", "batch_not_active", "frozen (batch)", "wrong_state (a bearer batch)", "sold_out", "campaign_not_running", "not_started", "expired",
        "policy_violation",
    ];

    /// Stops a card until it is unfrozen; needs a reason.
    change freeze(Freeze) -> CardWithCode,
    keyless: false, since: "0.1.0", denials: ["not_found_or_invalid", "unknown (card)", "void", "frozen", "has_open_hold"];

    /// Lets a frozen card move again.
    change unfreeze(Unfreeze) -> CardWithCode,
    keyless: false, since: "0.1.0", denials: ["not_found_or_invalid", "unknown (card)", "void", "wrong_state (not frozen)"];

    /// Kills a card for good.
    change void(Void) -> CardWithCode,
    keyless: false, since: "0.1.0", denials: ["not_found_or_invalid", "unknown (card)", "void", "wrong_state (spent)", "has_open_hold"];

    /// Gives a card a new code and returns it; the old one is dead at once.
    change replace(Replace) -> CardWithCode,
    keyless: false, since: "0.1.0", denials: [
        "not_found_or_invalid", "unknown (card)", "void", "frozen", "issue_numbers_used_up", "has_open_hold",
    ];

    /// Shows the code of one card, also after its batch was closed for export; needs a reason.
    change reveal(Reveal) -> CardWithCode,
    keyless: false, since: "0.1.0", denials: ["not_found_or_invalid", "unknown (card)", "void"];

    /// Ties a claimed card to a subject (绑定): from then on it is redeemed only where that is presented.
    change bind(Bind) -> CardWithCode,
    keyless: false, since: "0.1.0", denials: [
        "not_found_or_invalid", "unknown (card)", "not_bindable", "void", "frozen", "wrong_state", "not_owner", "expired",
    ];

    /// Ties a bound card to another subject (换绑), as often as its template allows.
    change rebind(Rebind) -> CardWithCode,
    keyless: false, since: "0.1.0", denials: [
        "not_found_or_invalid", "unknown (card)", "not_bindable", "void", "frozen", "wrong_state", "not_owner", "expired",
        "limit_reached (rebinds)",
    ];

    /// Hands a card to another holder (转赠) and returns its new code; the old one is dead, unless the template keeps it. Its time goes
    /// on, and what it was bound to is undone.
    change transfer(Transfer) -> CardWithCode,
    keyless: false, since: "0.1.0", denials: [
        "not_found_or_invalid", "unknown (card)", "not_transferable", "void", "frozen", "wrong_state", "not_owner", "expired",
        "limit_reached (transfers)", "issue_numbers_used_up",
    ];

    /// Puts off the end of a card (延期), as far as its template allows.
    change extend(Extend) -> CardWithCode,
    keyless: false, since: "0.1.0", denials: [
        "not_found_or_invalid", "unknown (card)", "not_extendable", "void", "frozen", "expired", "extension_too_long",
    ];

    /// Redeems a card on an order: a coupon takes something off, a gift card pays what it holds or a part of it, of a times card uses
    /// are taken, an exchange voucher makes goods free, a membership card checks in, a pack or choice opens. The order is charged
    /// what the receipt says, or nothing happened. A visit without a sale is an order of one line that costs nothing.
    change redeem(Redeem) -> Receipt,
    keyless: false, since: "0.1.0", denials: [
        "key_reused", "not_found_or_invalid", "batch_not_active", "sold_out (public code)", "not_in_audience (public code)",
        "limit_reached (holder_claims, public code)", "void", "frozen", "limit_reached (card)", "insufficient_balance (spent)", "wrong_state",
        "not_owner", "not_started", "expired", "held", "not_bound", "campaign_not_running", "insufficient_uses", "currency_mismatch",
        "condition_failed", "insufficient_balance", "held", "price_held", "no_effect", "holder_required", "limit_reached (holder_uses)",
        "held (holder_uses)", "scope_required (limits)", "currency_mismatch (budgets)", "limit_reached (limits)", "held (limits)",
        "limit_reached (check_ins)", "holder_required (pack)", "unknown (batch, pack)", "sold_out (pack)",
    ];

    /// Gives a redemption back: a use, and what counted it, in full; of what a gift card paid all that is left, or an amount; of a
    /// times card's uses all that are left, or some. Parts never add up to more than was taken. Cards that it gave die with its
    /// last part; those of a pack must be untouched, others stay out where they are not.
    change refund(RefundRedemption) -> RefundReceipt,
    keyless: false, since: "0.1.0", denials: [
        "key_reused", "unknown (redemption)", "refund_to_original_only", "already_refunded", "refund_too_large", "void",
        "given_card_touched (pack)",
    ];

    /// Gives lines of an order back, or pieces of them (退货退款): what is paid out by frozen shares and the refund terms of each card, to what the order was
    /// paid with in the declared order; value goes back to its cards, uses once their discount is undone. All in one write. Repeated refunds never pay out more
    /// than was paid, and all of them together exactly that.
    change refund_order(RefundOrder) -> RefundedOrder,
    keyless: false, since: "0.1.0", denials: [
        "key_reused", "unknown (redemption)", "order_not_kept", "order_changed", "all_back", "unknown (line)", "too_many_back",
        "card_denied (void or refund_to_original_only of a card that paid)",
    ];

    /// Keeps a card for an order until it is captured, released, or its time is over (预占). The same order asking again gets the
    /// same hold.
    change hold(PlaceHold) -> HoldView,
    keyless: false, since: "0.1.0", denials: [
        "key_reused", "not_found_or_invalid", "not_owner (of the order's hold)", "quote_changed (the order's hold)", "already_captured",
        "holder_required (public code)", "sold_out (public code)", "not_in_audience (public code)",
        "limit_reached (holder_claims, public code)", "void", "frozen", "limit_reached (card)", "insufficient_balance (spent)",
        "wrong_state", "not_owner", "not_started", "expired", "held", "campaign_not_running", "currency_mismatch",
        "condition_failed", "insufficient_balance", "held", "price_held", "no_effect", "stale", "quote_changed", "holder_required",
        "scope_required (limits)", "currency_mismatch (budgets)", "limit_reached (holder_uses)", "held (holder_uses)",
        "too_many_holds", "limit_reached (limits)", "held (limits)",
    ];

    /// Makes final what a hold keeps, or a part of what a gift card's hold keeps. After its time it is taken again where the template
    /// says so and it is still free; the reply says what came of it.
    change capture(CaptureHold) -> Captured,
    keyless: false, since: "0.1.0", denials: ["key_reused", "unknown (hold)", "already_captured", "stale", "capture_too_large"];

    /// Gives back what a hold keeps, at once and everywhere that it counts.
    change release(ReleaseHold) -> HoldView,
    keyless: false, since: "0.1.0", denials: ["key_reused", "unknown (hold)", "already_captured", "stale"];

    /// Uses several cards on one order, all of them or none, in one write: discounts in the order that their templates say, what pays
    /// behind them in the order of the request. Each card that applies has a redemption of its own, and is refunded by it. A card that is
    /// denied refuses the whole and is named, unless it may be left out.
    change redeem_order(RedeemOrder) -> OrderReceipt,
    keyless: false, since: "0.1.0", denials: ["key_reused", "card_denied (as redeem, and not_combinable)", "stale", "quote_changed"];

    /// Keeps several cards for one order, all of them or none, in one write. Each card that applies has a hold of its own. The same
    /// order asking for the same again gets the holds that it has; for anything else it is told that it keeps one of them.
    change hold_order(HoldOrder) -> OrderHeld,
    keyless: false, since: "0.1.0", denials: [
        "key_reused", "card_denied (not_owner, has_open_hold or already_captured of the order's hold, then as hold, and not_combinable)",
        "stale", "quote_changed",
    ];

    /// Makes final what several holds of one order keep, all of them or none. Where one of them is over and nothing is free, nothing is
    /// taken, and the reply says what came of the others.
    change capture_order(CaptureOrder) -> OrderCaptured,
    keyless: false, since: "0.1.0", denials: ["key_reused", "card_denied (unknown, already_captured, stale or capture_too_large of a hold)"];

    /// Gives back what several holds of one order keep, all of them or none.
    change release_order(ReleaseOrder) -> OrderReleased,
    keyless: false, since: "0.1.0", denials: ["key_reused", "card_denied (unknown, already_captured or stale of a hold)"];

    /// Puts value on a gift card (充值).
    change load(Load) -> ValueMoved,
    keyless: false, since: "0.1.0", denials: [
        "not_found_or_invalid", "unknown (card)", "wrong_kind", "void", "frozen", "wrong_state (minted)", "expired",
        "limit_reached (balance)", "policy_violation",
    ];

    /// Sets right what a gift card holds, up or down; needs a reason.
    change adjust(Adjust) -> ValueMoved,
    keyless: false, since: "0.1.0", denials: [
        "not_found_or_invalid", "unknown (card)", "wrong_kind", "void", "insufficient_balance", "held", "limit_reached (balance)",
    ];

    /// Moves what an expired card of value holds onto a successor of the same batch and returns that with its code. The card keeps
    /// its history; what a late refund brings may go on again.
    change succeed(Succeed) -> CardWithCode,
    keyless: false, since: "0.1.0", denials: [
        "not_found_or_invalid", "unknown (card)", "wrong_kind", "void", "frozen", "wrong_state (minted)", "not_expired",
        "has_open_hold", "insufficient_balance", "policy_violation", "batch_too_large", "odds_too_low",
    ];

    /// Declares a unit of value (points, growth, quota), new or over the one of the same name. Currencies need no declaration.
    change save_unit(SaveUnit) -> Unit,
    keyless: false, since: "0.1.0", denials: [];

    /// Moves value between accounts of holders, channels and the tenant itself: grants, spends, takes back, hands on; needs a
    /// reason.
    change move_value(MoveValue) -> ValueTransfer,
    keyless: false, since: "0.1.0", denials: [
        "unknown (unit)", "not_between_holders", "insufficient_balance", "limit_reached (balance)",
    ];

    /// What the account of a holder or channel holds in a unit; 0 where nothing ever moved.
    read balance(BalanceNow) -> Balance,
    keyless: true, since: "0.1.0", denials: [];

    /// The accounts of a holder or channel, by unit.
    read list_accounts(ListAccounts) -> Listed<Balance>,
    keyless: true, since: "0.1.0", denials: [];

    /// What moved on the accounts of a holder or channel. Movements that one engine wrote come in order; those of several
    /// engines one engine after another.
    read list_movements(ListMovements) -> Listed<Movement>,
    keyless: true, since: "0.1.0", denials: [];

    /// Says that several subjects are one natural person (自然人): they count together, and each may use what another holds.
    change link(Link) -> PersonView,
    keyless: false, since: "0.1.0", denials: [];

    /// Says that a subject is a person of its own again. What was counted while they were one stays with the others.
    change unlink(Unlink) -> PersonView,
    keyless: false, since: "0.1.0", denials: ["unknown (person)"];

    /// Who is one person with a subject.
    read person(PersonOf) -> PersonView,
    keyless: true, since: "0.1.0", denials: [];

    /// The units that were declared, by name.
    read list_units(ListUnits) -> Listed<Unit>,
    keyless: true, since: "0.1.0", denials: [];

    /// What is owed on cards and accounts now, by unit and batch, from sums that every commit keeps up: no card is read.
    read liability(LiabilityNow) -> Liability,
    keyless: true, since: "0.1.0", denials: ["unknown (batch)"];

    /// What was owed at a moment, and what had become breakage by then: told by the journal alone, a page of events each step.
    job liability_at(LiabilityAt) -> LiabilityWalk [Liability],
    keyless: true, since: "0.1.0", denials: ["unknown (batch)"];

    /// Says what a card would give on an order. Changes nothing; a denial is part of the reply. Whether the cards that it opens into
    /// or gives are there is not looked at.
    read quote(Quote) -> Quoted,
    keyless: true, since: "0.1.0", denials: [];

    /// Says what several cards would come to on one order, all together, and of each whether it applies, why not, what would bring more and
    /// which ceilings it meets. Changes nothing; denials are part of the reply.
    read quote_order(QuoteOrder) -> OrderQuoted,
    keyless: true, since: "0.1.0", denials: [];

    /// A holder's cards on an order, each as if it were alone: those that can be used and what they would take off, what ends soonest in
    /// front; behind them those that cannot be, and why. Cards that count promotions are left out. Changes nothing.
    read quote_wallet(QuoteWallet) -> Listed<WalletCard>,
    keyless: true, since: "0.1.0", denials: [];

    /// Says what templates that need not be saved would come to on an order, all together: what comes off each line and shipping, what
    /// is paid, who bears it, and of each offer whether it applies, why not, and what would bring more. Changes nothing. Cards of them and
    /// promotions without a card are asked for alike.
    read quote_drafts(QuoteDrafts) -> DraftsQuoted,
    keyless: true, since: "0.1.0", denials: ["unknown (product_set, host_benefit)"];

    /// Finds the combination of templates that need not be saved that is best on an order: what to use, what it comes to, the second
    /// best, and why the others are left out. Exact within a number of steps, and says so. Changes nothing.
    read best_drafts(BestDrafts) -> BestOfDrafts,
    keyless: true, since: "0.1.0", denials: ["unknown (product_set, host_benefit)"];

    /// Finds the combination of cards and promotions that is best on an order: which to use, what they come to, the second best, and why the
    /// others are left out. The cards are named, or the holder's own, or both. States and limits are looked at as by `quote_order`; with its
    /// digest, the order is charged exactly that. Exact within a number of steps, and says so. Changes nothing.
    read best_order(BestOrder) -> BestOfOrder,
    keyless: true, since: "0.1.0", denials: [];

    /// Says what giving lines of an order back would come to, by the terms of its cards and beside that as if all discounts were kept, clawed back, or
    /// the rest priced anew. Changes nothing.
    read simulate_refund(SimulateRefund) -> RefundSimulated,
    keyless: false, since: "0.1.0", denials: [
        "unknown (redemption)", "order_not_kept", "order_changed", "all_back", "unknown (line)", "too_many_back",
    ];

    /// Says what returns of an order would come to, one after another, that was bought with templates which need not be saved: by their own terms, and
    /// under each way of treating discounts. Changes nothing.
    read refund_drafts(RefundDrafts) -> DraftsRefunded,
    keyless: true, since: "0.1.0", denials: ["unknown (product_set, host_benefit)", "all_back", "unknown (line)", "too_many_back"];

    /// Says what templates that need not be saved would come to on each of many orders, each by itself. The templates are made
    /// ready once. Figures alone; `quote_drafts` explains one order, and `backtest` sums up. Changes nothing.
    read quote_orders(QuoteOrders) -> OrdersQuoted,
    keyless: true, since: "0.1.0", denials: ["unknown (sample)", "unknown (product_set, host_benefit)"];

    /// Puts orders into a sample, which the engine holds in its memory, so that they are sent and read once and asked as often as you like by
    /// `evaluate_many`, `quote_orders`, `backtest` and `compare_drafts`. Nothing is stored: a sample ends with its engine.
    read sample_orders(SampleOrders) -> Sample,
    keyless: true, since: "0.1.0", denials: [];

    /// Forgets a sample. A job that walks over it goes on.
    read drop_sample(DropSample) -> Done,
    keyless: true, since: "0.1.0", denials: ["unknown (sample)"];

    /// The samples that the engine holds of the tenant, by name.
    read list_samples(ListSamples) -> Vec<Sample>,
    keyless: true, since: "0.1.0", denials: [];

    /// Says what templates that need not be saved would have come to on the orders of a sample, all together, each at the moment at which the
    /// order was placed: cost, orders touched, the spread of savings, who bears them, and all of it by segment. Conditions and windows are
    /// asked; ceilings count nothing.
    job backtest(Backtest) -> BacktestRun [BacktestReport],
    keyless: true, since: "0.1.0", denials: ["unknown (sample)", "unknown (product_set, host_benefit)"];

    /// Streams what templates that need not be saved would have come to on each order of a sample: the rows that `backtest` sums up, for tables
    /// of your own. Conditions and windows are asked; ceilings count nothing.
    stream backtest_orders(BacktestOrders) -> BacktestOrdersRun [BacktestedOrder],
    keyless: true, since: "0.1.0", denials: ["unknown (sample)", "unknown (product_set, host_benefit)"];

    /// Puts two sets of templates side by side over the orders of a sample: what each comes to, and which orders differ most.
    job compare_drafts(CompareDrafts) -> ComparisonRun [Comparison],
    keyless: true, since: "0.1.0", denials: ["unknown (sample)", "unknown (product_set, host_benefit)"];

    /// Tells whether a code is genuine under some key of the ring, without a look at the store: the card that it names, or
    /// nothing. Whether it is that card's code now, `look_up` tells.
    read open(Open) -> Option<CardId>,
    keyless: false, since: "0.1.0", denials: [];

    /// Opens many codes at once, without a look at the store: for each the card that it names, or nothing.
    read open_many(OpenMany) -> Vec<Option<CardId>>,
    keyless: false, since: "0.1.0", denials: [];

    /// The card that a code, an id or a card number means now.
    read look_up(LookUp) -> CardView,
    keyless: true, since: "0.1.0", denials: ["not_found_or_invalid (code, number)", "unknown (card)"];

    /// The public card number (卡号) of a card: 16 digits and a Luhn digit, good for talking about it, never for spending it.
    read card_number(CardNumber) -> String,
    keyless: false, since: "0.1.0", denials: [];

    /// The cards of a batch, by serial. Untouched cards are listed as well, though they have no rows.
    read list_cards(ListCards) -> Listed<CardView>,
    keyless: true, since: "0.1.0", denials: ["unknown (batch)"];

    /// A holder's cards, by batch and serial.
    read wallet(Wallet) -> Listed<CardView>,
    keyless: true, since: "0.1.0", denials: [];

    /// A card's events, oldest first, each checked against the chain.
    read history(History) -> Vec<HistoryEntry>,
    keyless: true, since: "0.1.0", denials: ["not_found_or_invalid (code, number)", "unknown (card)"];

    /// A campaign, or nothing.
    read campaign(GetCampaign) -> Option<Campaign>,
    keyless: true, since: "0.1.0", denials: [];

    /// A version of a template, or the newest one; or nothing.
    read template(GetTemplate) -> Option<Template>,
    keyless: true, since: "0.1.0", denials: [];

    /// What changed between two versions of a template: path by path, what stood there and what stands there now.
    read diff_templates(DiffTemplates) -> Vec<TemplateChange>,
    keyless: true, since: "0.1.0", denials: ["unknown (template)"];

    /// A batch, or nothing.
    read batch(GetBatch) -> Option<Batch>,
    keyless: true, since: "0.1.0", denials: [];

    /// A redemption by its id, or nothing.
    read redemption(GetRedemption) -> Option<Redemption>,
    keyless: true, since: "0.1.0", denials: [];

    /// A hold by its id, or nothing.
    read get_hold(GetHold) -> Option<HoldView>,
    keyless: true, since: "0.1.0", denials: [];

    /// The holds of an order, by what they keep.
    read holds_of_order(HoldsOfOrder) -> Listed<HoldView>,
    keyless: true, since: "0.1.0", denials: [];

    /// Campaigns by id.
    read list_campaigns(ListCampaigns) -> Listed<Campaign>,
    keyless: true, since: "0.1.0", denials: [];

    /// All versions of all templates, by id and version.
    read list_templates(ListTemplates) -> Listed<Template>,
    keyless: true, since: "0.1.0", denials: [];

    /// Batches by number.
    read list_batches(ListBatches) -> Listed<Batch>,
    keyless: true, since: "0.1.0", denials: [];

    /// The redemptions of an order, by id.
    read redemptions_of_order(RedemptionsOfOrder) -> Listed<Redemption>,
    keyless: true, since: "0.1.0", denials: [];

    /// What the engine counted of itself since it was opened, over all tenants: calls and what they ended in, groups and their
    /// sizes, waits, commits, conflicts. No code, key or holder is in it.
    read engine_figures(GetEngineFigures) -> EngineFigures,
    keyless: true, since: "0.1.0", denials: [];

    /// Writes the event of an export, then streams the living codes of a batch by serial; needs a reason. A stream that broke
    /// off goes on with the serial behind the last that arrived, as a request of its own.
    stream export_codes(ExportCodes) -> CodeStream [ExportedCode],
    keyless: false, since: "0.1.0", denials: ["unknown (batch)", "export_closed", "void (batch)", "batch_not_active", "key_reused"];

    /// Counts what became of the cards of a batch, a page of cards each step.
    job count_batch(CountBatch) -> BatchCount [BatchFigures],
    keyless: true, since: "0.1.0", denials: ["unknown (batch)"];

    /// Counts what parties bear of the discounts of a time, by batch and party, and what they get back with its refunds: from the events of
    /// redemptions and refunds, a page of them each step.
    job count_funding(CountFunding) -> FundingCount [FundingFigures],
    keyless: true, since: "0.1.0", denials: ["unknown (batch, campaign)"];

    /// Counts how far a campaign has come towards its goal, over all of its batches, a page of cards each step.
    job measure_campaign(MeasureCampaign) -> CampaignCount [CampaignProgress],
    keyless: true, since: "0.1.0", denials: ["unknown (campaign)"];

    /// What was written into the journal behind a cursor, in order for each card, whoever wrote it. Every event comes at least once:
    /// keep the cursor of a page once the page is worked through, and a page that was not is read again.
    read events(Events) -> EventsPage,
    keyless: true, since: "0.1.0", denials: ["cursor_ahead", "unknown (batch, campaign)"];

    /// A card as it was at a moment, told by the journal: whatever happens later, the answer stays.
    read card_as_of(CardAsOf) -> CardWas,
    keyless: true, since: "0.1.0", denials: ["not_found_or_invalid (code, number)", "unknown (card)"];

    /// Works every card, counter and sum out again from the journal, checks the chain of every card, and names each difference with
    /// its row, what stands there and what the journal says. Without keys the chains are not checked. For a verdict on
    /// everything let nobody write meanwhile, or audit a backup.
    job audit(Audit) -> AuditRun [AuditReport],
    keyless: true, since: "0.1.0", denials: [];

    /// Makes a backup of the whole store, whosever tenants are in it, while it is in use: one file as of one moment, and its checksum
    /// beside it. docs/storage.md says how it is put back.
    job backup(BackUp) -> BackupRun [BackupFile],
    keyless: true, since: "0.1.0", denials: [];

    /// Erases a subject: its key goes from every row, `erased:` and a number takes its place, and every sum stays what it was. It is out
    /// of its person and of audiences; whoever comes with the same subject later is somebody new. Needs a reason; docs/persons.md
    /// says what is not reached. Nobody else commits while its one step runs.
    job erase(Erase) -> EraseRun [Erased],
    keyless: false, since: "0.1.0", denials: ["key_reused"];
}
