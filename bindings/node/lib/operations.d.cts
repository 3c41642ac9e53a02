// Written by `cargo xtask gen` from the table of operations; do not edit.
import type { CallOptions, Job, Stream } from "./index.cjs";
import type {
  AddAudience,
  Adjust,
  ArchiveBatch,
  ArchiveCampaign,
  ArchivePromotion,
  Attribute,
  AudienceAdded,
  Audit,
  AuditReport,
  BackUp,
  Backtest,
  BacktestOrders,
  BacktestReport,
  BacktestedOrder,
  BackupFile,
  Balance,
  BalanceNow,
  BalancePage,
  Batch,
  BatchFigures,
  BatchPage,
  BestDrafts,
  BestOfDrafts,
  BestOfOrder,
  BestOrder,
  Bind,
  Campaign,
  CampaignPage,
  CampaignProgress,
  CaptureHold,
  CaptureOrder,
  Captured,
  CardAsOf,
  CardId,
  CardNumber,
  CardView,
  CardViewPage,
  CardWas,
  CardWithCode,
  Claim,
  CloseBatch,
  CloseExport,
  CompareDrafts,
  Comparison2,
  CountBatch,
  CountFunding,
  DeclaredBenefit,
  DiffTemplates,
  Done,
  DraftsQuoted,
  DraftsRefunded,
  DropSample,
  EndCampaign,
  EngineFigures,
  Erase,
  Erased,
  EvaluateMany,
  EvaluatedMany,
  Events,
  EventsPage,
  Explain,
  Explanation,
  ExportCodes,
  ExportedCode,
  Extend,
  ExtendBatch,
  Freeze,
  FreezeBatch,
  FundingFigures,
  GetBatch,
  GetCampaign,
  GetEngineFigures,
  GetHold,
  GetRedemption,
  GetTemplate,
  GrowBatch,
  History,
  HistoryEntry,
  HoldOrder,
  HoldView,
  HoldViewPage,
  HoldsOfOrder,
  Issue,
  IssueBatch,
  Json,
  Liability,
  LiabilityAt,
  LiabilityNow,
  Link,
  ListAccounts,
  ListAttributes,
  ListBatches,
  ListCampaigns,
  ListCards,
  ListHostBenefits,
  ListMovements,
  ListPromotions,
  ListSamples,
  ListTemplates,
  ListUnits,
  Load,
  LookUp,
  MeasureCampaign,
  MoveValue,
  MovementPage,
  Observe,
  Open,
  OpenMany,
  OrderCaptured,
  OrderHeld,
  OrderQuoted,
  OrderReceipt,
  OrderReleased,
  OrdersQuoted,
  PauseCampaign,
  PausePromotion,
  PersonOf,
  PersonView,
  PlaceHold,
  Promotion,
  Quote,
  QuoteDrafts,
  QuoteOrder,
  QuoteOrders,
  QuoteWallet,
  Quoted,
  Rebind,
  Receipt,
  Redeem,
  RedeemOrder,
  Redemption,
  RedemptionPage,
  RedemptionsOfOrder,
  RefillBatch,
  RefundDrafts,
  RefundOrder,
  RefundReceipt,
  RefundRedemption,
  RefundSimulated,
  RefundedOrder,
  RekeyBatch,
  ReleaseHold,
  ReleaseOrder,
  Replace,
  ResumeCampaign,
  ResumePromotion,
  Reveal,
  Sample,
  SampleOrders,
  SaveAttribute,
  SaveCampaign,
  SaveHostBenefit,
  SaveProductSet,
  SavePromotion,
  SavePublicCode,
  SaveSettings,
  SaveTemplate,
  SaveUnit,
  Saved,
  SimulateRefund,
  StartCampaign,
  Succeed,
  Template,
  TemplateChange,
  TemplatePage,
  TemplateSchema,
  Transfer,
  Unfreeze,
  UnfreezeBatch,
  Unit,
  UnitPage,
  Unlink,
  ValueMoved,
  ValueTransfer,
  Void,
  VoidBatch,
  Wallet,
  WalletCardPage,
} from "./types.cjs";

/** The operations as methods. */
export interface Operations {
  /** Sets zone and rounding of the tenant. Until then it is UTC and half-up. */
  saveSettings(request: SaveSettings, options?: CallOptions): Promise<Done>;

  /** Saves a campaign, new or over the one of the same id, and returns it with its window resolved in the tenant's zone. */
  saveCampaign(request: SaveCampaign, options?: CallOptions): Promise<Campaign>;

  /**
   * Lists subjects as a campaign's audience and returns how many were new. Those that are listed already stay so.
   *
   * Denials, in this order: unknown (campaign).
   */
  addAudience(request: AddAudience, options?: CallOptions): Promise<AudienceAdded>;

  /** Saves a version of a product set and returns its number, from 1. */
  saveProductSet(request: SaveProductSet, options?: CallOptions): Promise<Saved>;

  /**
   * Saves a version of a template and returns its number, from 1. Batches keep the version that they were issued from.
   *
   * Denials, in this order: unknown (product_set, host_benefit), policy_violation.
   */
  saveTemplate(request: SaveTemplate, options?: CallOptions): Promise<Saved>;

  /**
   * Saves a promotion (自动优惠): what a template gives comes off every order of `quote_order`, `hold_order` and `redeem_order` by itself.
   * Over the one of the same id it makes a new revision; `diff_templates` tells what its template's versions differ in.
   *
   * Denials, in this order: wrong_life (archived), exists (batch), unknown (template, campaign), campaign_not_running (archived), batch_numbers_used_up, odds_too_low.
   */
  savePromotion(request: SavePromotion, options?: CallOptions): Promise<Promotion>;

  /**
   * Takes a promotion off orders for now.
   *
   * Denials, in this order: unknown (promotion), wrong_life.
   */
  pausePromotion(request: PausePromotion, options?: CallOptions): Promise<Promotion>;

  /**
   * Lets a paused promotion come off orders again.
   *
   * Denials, in this order: unknown (promotion), wrong_life.
   */
  resumePromotion(request: ResumePromotion, options?: CallOptions): Promise<Promotion>;

  /**
   * Takes a promotion off orders for good. What was redeemed can still be refunded.
   *
   * Denials, in this order: unknown (promotion), wrong_life.
   */
  archivePromotion(request: ArchivePromotion, options?: CallOptions): Promise<Promotion>;

  /** The promotions by id, those that are over among them. */
  listPromotions(request?: ListPromotions, options?: CallOptions): Promise<Array<Promotion>>;

  /** Declares an attribute of orders, lines or holders, new or over the one of the same name, so that conditions may speak of it. */
  saveAttribute(request: SaveAttribute, options?: CallOptions): Promise<Attribute>;

  /** The attributes that were declared, by whose they are and name. */
  listAttributes(request?: ListAttributes, options?: CallOptions): Promise<Array<Attribute>>;

  /**
   * Declares a benefit of the host's own (a name and a JSON Schema of its data), new or over the one of the same name. From the first one on
   * templates give declared ones only, with data that fits.
   */
  saveHostBenefit(request: SaveHostBenefit, options?: CallOptions): Promise<DeclaredBenefit>;

  /** The benefits of the host's own that were declared, by name. */
  listHostBenefits(request?: ListHostBenefits, options?: CallOptions): Promise<Array<DeclaredBenefit>>;

  /**
   * Says node by node how the conditions of a card, or of a template that is not saved yet, come out on an order: what it has, what it needs
   * and what is short. Nothing else of the card is looked at.
   *
   * Denials, in this order: not_found_or_invalid, unknown (card, product_set, host_benefit).
   */
  explain(request: Explain, options?: CallOptions): Promise<Explanation>;

  /**
   * Says for many orders at once whether the conditions of a card, or of a template that is not saved yet, hold. Nothing else is looked at.
   *
   * Denials, in this order: unknown (sample), not_found_or_invalid, unknown (card, product_set, host_benefit).
   */
  evaluateMany(request: EvaluateMany, options?: CallOptions): Promise<EvaluatedMany>;

  /** The JSON Schema of templates, with the attributes that the tenant declares: what a form for templates is built from. */
  templateSchema(request?: TemplateSchema, options?: CallOptions): Promise<Json>;

  /** Writes a host's event into the journal: a visit, a sign-up, a level reached. */
  observe(request: Observe, options?: CallOptions): Promise<Done>;

  /**
   * Issues a batch: the same few rows for ten cards and for a thousand million.
   *
   * Denials, in this order: exists, unknown (template, campaign, batch that it gives), policy_violation, campaign_not_running (archived), batch_numbers_used_up, batch_too_large, odds_too_low.
   */
  issueBatch(request: IssueBatch, options?: CallOptions): Promise<Batch>;

  /**
   * Makes a batch larger. The odds of all cards in its format are checked again.
   *
   * Denials, in this order: unknown (batch), batch_too_large, wrong_life, odds_too_low.
   */
  growBatch(request: GrowBatch, options?: CallOptions): Promise<Batch>;

  /**
   * Seals a batch anew under the minting key: all of its codes die, and others take their place. For after a leak.
   *
   * Denials, in this order: unknown (batch), odds_too_low.
   */
  rekeyBatch(request: RekeyBatch, options?: CallOptions): Promise<Batch>;

  /**
   * Closes a batch for export: from now on a code is given out only by replacing it or by a single reveal.
   *
   * Denials, in this order: unknown (batch).
   */
  closeExport(request: CloseExport, options?: CallOptions): Promise<Batch>;

  /**
   * Gives a batch a public code: one word, as many uses as the batch has cards. All words of a batch are read alike.
   *
   * Denials, in this order: unknown (batch), exists (public_code).
   */
  savePublicCode(request: SavePublicCode, options?: CallOptions): Promise<Batch>;

  /**
   * Stops all cards of a batch until it is unfrozen, at the cost of one row; needs a reason.
   *
   * Denials, in this order: unknown (batch), wrong_life.
   */
  freezeBatch(request: FreezeBatch, options?: CallOptions): Promise<Batch>;

  /**
   * Lets the cards of a frozen batch move again.
   *
   * Denials, in this order: unknown (batch), wrong_life.
   */
  unfreezeBatch(request: UnfreezeBatch, options?: CallOptions): Promise<Batch>;

  /**
   * Kills all cards of a batch for good, but for what was used up; needs a reason.
   *
   * Denials, in this order: unknown (batch), wrong_life.
   */
  voidBatch(request: VoidBatch, options?: CallOptions): Promise<Batch>;

  /**
   * Puts off the end of all cards of a batch, as far as its template allows for each.
   *
   * Denials, in this order: unknown (batch), not_extendable, wrong_life.
   */
  extendBatch(request: ExtendBatch, options?: CallOptions): Promise<Batch>;

  /**
   * Gives no more cards of a batch out. Those that are out are good.
   *
   * Denials, in this order: unknown (batch), wrong_life.
   */
  closeBatch(request: CloseBatch, options?: CallOptions): Promise<Batch>;

  /**
   * Puts a batch out of the way instead of deleting it: its cards stand still, and its history stays.
   *
   * Denials, in this order: unknown (batch), wrong_life.
   */
  archiveBatch(request: ArchiveBatch, options?: CallOptions): Promise<Batch>;

  /**
   * Lets a batch grow by itself as it runs low, in the commit that takes a card of it; or no longer.
   *
   * Denials, in this order: unknown (batch), wrong_life, batch_too_large.
   */
  refillBatch(request: RefillBatch, options?: CallOptions): Promise<Batch>;

  /**
   * Lets a draft campaign run, from its start on.
   *
   * Denials, in this order: unknown (campaign), wrong_life.
   */
  startCampaign(request: StartCampaign, options?: CallOptions): Promise<Campaign>;

  /**
   * Lets the cards of a campaign stand still.
   *
   * Denials, in this order: unknown (campaign), wrong_life.
   */
  pauseCampaign(request: PauseCampaign, options?: CallOptions): Promise<Campaign>;

  /**
   * Lets the cards of a paused campaign move again.
   *
   * Denials, in this order: unknown (campaign), wrong_life.
   */
  resumeCampaign(request: ResumeCampaign, options?: CallOptions): Promise<Campaign>;

  /**
   * Ends a campaign now.
   *
   * Denials, in this order: unknown (campaign), wrong_life.
   */
  endCampaign(request: EndCampaign, options?: CallOptions): Promise<Campaign>;

  /**
   * Puts a campaign that does not run out of the way, for good, instead of deleting it.
   *
   * Denials, in this order: unknown (campaign), wrong_life.
   */
  archiveCampaign(request: ArchiveCampaign, options?: CallOptions): Promise<Campaign>;

  /**
   * Takes a card as its holder: the next of a batch, or the one of a code.
   *
   * Denials, in this order: unknown (batch), not_found_or_invalid (code), batch_not_active, sold_out, campaign_not_running, not_started, expired (campaign), not_in_audience, limit_reached (holder_claims), void, frozen, wrong_state, not_owner, expired, policy_violation.
   */
  claim(request: Claim, options?: CallOptions): Promise<CardWithCode>;

  /**
   * Gives the next card of a batch to a holder, who finds it in the wallet.
   *
   * Denials, in this order: unknown (batch), void (batch), batch_not_active, frozen (batch), wrong_state (a bearer batch), sold_out, campaign_not_running, not_started, expired, policy_violation.
   */
  issue(request: Issue, options?: CallOptions): Promise<CardWithCode>;

  /**
   * Stops a card until it is unfrozen; needs a reason.
   *
   * Denials, in this order: not_found_or_invalid, unknown (card), void, frozen, has_open_hold.
   */
  freeze(request: Freeze, options?: CallOptions): Promise<CardWithCode>;

  /**
   * Lets a frozen card move again.
   *
   * Denials, in this order: not_found_or_invalid, unknown (card), void, wrong_state (not frozen).
   */
  unfreeze(request: Unfreeze, options?: CallOptions): Promise<CardWithCode>;

  /**
   * Kills a card for good.
   *
   * Denials, in this order: not_found_or_invalid, unknown (card), void, wrong_state (spent), has_open_hold.
   */
  void(request: Void, options?: CallOptions): Promise<CardWithCode>;

  /**
   * Gives a card a new code and returns it; the old one is dead at once.
   *
   * Denials, in this order: not_found_or_invalid, unknown (card), void, frozen, issue_numbers_used_up, has_open_hold.
   */
  replace(request: Replace, options?: CallOptions): Promise<CardWithCode>;

  /**
   * Shows the code of one card, also after its batch was closed for export; needs a reason.
   *
   * Denials, in this order: not_found_or_invalid, unknown (card), void.
   */
  reveal(request: Reveal, options?: CallOptions): Promise<CardWithCode>;

  /**
   * Ties a claimed card to a subject (绑定): from then on it is redeemed only where that is presented.
   *
   * Denials, in this order: not_found_or_invalid, unknown (card), not_bindable, void, frozen, wrong_state, not_owner, expired.
   */
  bind(request: Bind, options?: CallOptions): Promise<CardWithCode>;

  /**
   * Ties a bound card to another subject (换绑), as often as its template allows.
   *
   * Denials, in this order: not_found_or_invalid, unknown (card), not_bindable, void, frozen, wrong_state, not_owner, expired, limit_reached (rebinds).
   */
  rebind(request: Rebind, options?: CallOptions): Promise<CardWithCode>;

  /**
   * Hands a card to another holder (转赠) and returns its new code; the old one is dead, unless the template keeps it. Its time goes
   * on, and what it was bound to is undone.
   *
   * Denials, in this order: not_found_or_invalid, unknown (card), not_transferable, void, frozen, wrong_state, not_owner, expired, limit_reached (transfers), issue_numbers_used_up.
   */
  transfer(request: Transfer, options?: CallOptions): Promise<CardWithCode>;

  /**
   * Puts off the end of a card (延期), as far as its template allows.
   *
   * Denials, in this order: not_found_or_invalid, unknown (card), not_extendable, void, frozen, expired, extension_too_long.
   */
  extend(request: Extend, options?: CallOptions): Promise<CardWithCode>;

  /**
   * Redeems a card on an order: a coupon takes something off, a gift card pays what it holds or a part of it, of a times card uses
   * are taken, an exchange voucher makes goods free, a membership card checks in, a pack or choice opens. The order is charged
   * what the receipt says, or nothing happened. A visit without a sale is an order of one line that costs nothing.
   *
   * Denials, in this order: key_reused, not_found_or_invalid, batch_not_active, sold_out (public code), not_in_audience (public code), limit_reached (holder_claims, public code), void, frozen, limit_reached (card), insufficient_balance (spent), wrong_state, not_owner, not_started, expired, held, not_bound, campaign_not_running, insufficient_uses, currency_mismatch, condition_failed, insufficient_balance, held, price_held, no_effect, holder_required, limit_reached (holder_uses), held (holder_uses), scope_required (limits), currency_mismatch (budgets), limit_reached (limits), held (limits), limit_reached (check_ins), holder_required (pack), unknown (batch, pack), sold_out (pack).
   */
  redeem(request: Redeem, options?: CallOptions): Promise<Receipt>;

  /**
   * Gives a redemption back: a use, and what counted it, in full; of what a gift card paid all that is left, or an amount; of a
   * times card's uses all that are left, or some. Parts never add up to more than was taken. Cards that it gave die with its
   * last part; those of a pack must be untouched, others stay out where they are not.
   *
   * Denials, in this order: key_reused, unknown (redemption), refund_to_original_only, already_refunded, refund_too_large, void, given_card_touched (pack).
   */
  refund(request: RefundRedemption, options?: CallOptions): Promise<RefundReceipt>;

  /**
   * Gives lines of an order back, or pieces of them (退货退款): what is paid out by frozen shares and the refund terms of each card, to what the order was
   * paid with in the declared order; value goes back to its cards, uses once their discount is undone. All in one write. Repeated refunds never pay out more
   * than was paid, and all of them together exactly that.
   *
   * Denials, in this order: key_reused, unknown (redemption), order_not_kept, order_changed, all_back, unknown (line), too_many_back, card_denied (void or refund_to_original_only of a card that paid).
   */
  refundOrder(request: RefundOrder, options?: CallOptions): Promise<RefundedOrder>;

  /**
   * Keeps a card for an order until it is captured, released, or its time is over (预占). The same order asking again gets the
   * same hold.
   *
   * Denials, in this order: key_reused, not_found_or_invalid, not_owner (of the order's hold), quote_changed (the order's hold), already_captured, holder_required (public code), sold_out (public code), not_in_audience (public code), limit_reached (holder_claims, public code), void, frozen, limit_reached (card), insufficient_balance (spent), wrong_state, not_owner, not_started, expired, held, campaign_not_running, currency_mismatch, condition_failed, insufficient_balance, held, price_held, no_effect, stale, quote_changed, holder_required, scope_required (limits), currency_mismatch (budgets), limit_reached (holder_uses), held (holder_uses), too_many_holds, limit_reached (limits), held (limits).
   */
  hold(request: PlaceHold, options?: CallOptions): Promise<HoldView>;

  /**
   * Makes final what a hold keeps, or a part of what a gift card's hold keeps. After its time it is taken again where the template
   * says so and it is still free; the reply says what came of it.
   *
   * Denials, in this order: key_reused, unknown (hold), already_captured, stale, capture_too_large.
   */
  capture(request: CaptureHold, options?: CallOptions): Promise<Captured>;

  /**
   * Gives back what a hold keeps, at once and everywhere that it counts.
   *
   * Denials, in this order: key_reused, unknown (hold), already_captured, stale.
   */
  release(request: ReleaseHold, options?: CallOptions): Promise<HoldView>;

  /**
   * Uses several cards on one order, all of them or none, in one write: discounts in the order that their templates say, what pays
   * behind them in the order of the request. Each card that applies has a redemption of its own, and is refunded by it. A card that is
   * denied refuses the whole and is named, unless it may be left out.
   *
   * Denials, in this order: key_reused, card_denied (as redeem, and not_combinable), stale, quote_changed.
   */
  redeemOrder(request: RedeemOrder, options?: CallOptions): Promise<OrderReceipt>;

  /**
   * Keeps several cards for one order, all of them or none, in one write. Each card that applies has a hold of its own. The same
   * order asking for the same again gets the holds that it has; for anything else it is told that it keeps one of them.
   *
   * Denials, in this order: key_reused, card_denied (not_owner, has_open_hold or already_captured of the order's hold, then as hold, and not_combinable), stale, quote_changed.
   */
  holdOrder(request: HoldOrder, options?: CallOptions): Promise<OrderHeld>;

  /**
   * Makes final what several holds of one order keep, all of them or none. Where one of them is over and nothing is free, nothing is
   * taken, and the reply says what came of the others.
   *
   * Denials, in this order: key_reused, card_denied (unknown, already_captured, stale or capture_too_large of a hold).
   */
  captureOrder(request: CaptureOrder, options?: CallOptions): Promise<OrderCaptured>;

  /**
   * Gives back what several holds of one order keep, all of them or none.
   *
   * Denials, in this order: key_reused, card_denied (unknown, already_captured or stale of a hold).
   */
  releaseOrder(request: ReleaseOrder, options?: CallOptions): Promise<OrderReleased>;

  /**
   * Puts value on a gift card (充值).
   *
   * Denials, in this order: not_found_or_invalid, unknown (card), wrong_kind, void, frozen, wrong_state (minted), expired, limit_reached (balance), policy_violation.
   */
  load(request: Load, options?: CallOptions): Promise<ValueMoved>;

  /**
   * Sets right what a gift card holds, up or down; needs a reason.
   *
   * Denials, in this order: not_found_or_invalid, unknown (card), wrong_kind, void, insufficient_balance, held, limit_reached (balance).
   */
  adjust(request: Adjust, options?: CallOptions): Promise<ValueMoved>;

  /**
   * Moves what an expired card of value holds onto a successor of the same batch and returns that with its code. The card keeps
   * its history; what a late refund brings may go on again.
   *
   * Denials, in this order: not_found_or_invalid, unknown (card), wrong_kind, void, frozen, wrong_state (minted), not_expired, has_open_hold, insufficient_balance, policy_violation, batch_too_large, odds_too_low.
   */
  succeed(request: Succeed, options?: CallOptions): Promise<CardWithCode>;

  /** Declares a unit of value (points, growth, quota), new or over the one of the same name. Currencies need no declaration. */
  saveUnit(request: SaveUnit, options?: CallOptions): Promise<Unit>;

  /**
   * Moves value between accounts of holders, channels and the tenant itself: grants, spends, takes back, hands on; needs a
   * reason.
   *
   * Denials, in this order: unknown (unit), not_between_holders, insufficient_balance, limit_reached (balance).
   */
  moveValue(request: MoveValue, options?: CallOptions): Promise<ValueTransfer>;

  /** What the account of a holder or channel holds in a unit; 0 where nothing ever moved. */
  balance(request: BalanceNow, options?: CallOptions): Promise<Balance>;

  /** The accounts of a holder or channel, by unit. */
  listAccounts(request: ListAccounts, options?: CallOptions): Promise<BalancePage>;

  /**
   * What moved on the accounts of a holder or channel. Movements that one engine wrote come in order; those of several
   * engines one engine after another.
   */
  listMovements(request: ListMovements, options?: CallOptions): Promise<MovementPage>;

  /** Says that several subjects are one natural person (自然人): they count together, and each may use what another holds. */
  link(request: Link, options?: CallOptions): Promise<PersonView>;

  /**
   * Says that a subject is a person of its own again. What was counted while they were one stays with the others.
   *
   * Denials, in this order: unknown (person).
   */
  unlink(request: Unlink, options?: CallOptions): Promise<PersonView>;

  /** Who is one person with a subject. */
  person(request: PersonOf, options?: CallOptions): Promise<PersonView>;

  /** The units that were declared, by name. */
  listUnits(request?: ListUnits, options?: CallOptions): Promise<UnitPage>;

  /**
   * What is owed on cards and accounts now, by unit and batch, from sums that every commit keeps up: no card is read.
   *
   * Denials, in this order: unknown (batch).
   */
  liability(request?: LiabilityNow, options?: CallOptions): Promise<Liability>;

  /**
   * What was owed at a moment, and what had become breakage by then: told by the journal alone, a page of events each step.
   *
   * Denials, in this order: unknown (batch).
   */
  liabilityAt(request?: LiabilityAt, options?: CallOptions): Job<Liability>;

  /**
   * Says what a card would give on an order. Changes nothing; a denial is part of the reply. Whether the cards that it opens into
   * or gives are there is not looked at.
   */
  quote(request: Quote, options?: CallOptions): Promise<Quoted>;

  /**
   * Says what several cards would come to on one order, all together, and of each whether it applies, why not, what would bring more and
   * which ceilings it meets. Changes nothing; denials are part of the reply.
   */
  quoteOrder(request: QuoteOrder, options?: CallOptions): Promise<OrderQuoted>;

  /**
   * A holder's cards on an order, each as if it were alone: those that can be used and what they would take off, what ends soonest in
   * front; behind them those that cannot be, and why. Cards that count promotions are left out. Changes nothing.
   */
  quoteWallet(request: QuoteWallet, options?: CallOptions): Promise<WalletCardPage>;

  /**
   * Says what templates that need not be saved would come to on an order, all together: what comes off each line and shipping, what
   * is paid, who bears it, and of each offer whether it applies, why not, and what would bring more. Changes nothing. Cards of them and
   * promotions without a card are asked for alike.
   *
   * Denials, in this order: unknown (product_set, host_benefit).
   */
  quoteDrafts(request: QuoteDrafts, options?: CallOptions): Promise<DraftsQuoted>;

  /**
   * Finds the combination of templates that need not be saved that is best on an order: what to use, what it comes to, the second
   * best, and why the others are left out. Exact within a number of steps, and says so. Changes nothing.
   *
   * Denials, in this order: unknown (product_set, host_benefit).
   */
  bestDrafts(request: BestDrafts, options?: CallOptions): Promise<BestOfDrafts>;

  /**
   * Finds the combination of cards and promotions that is best on an order: which to use, what they come to, the second best, and why the
   * others are left out. The cards are named, or the holder's own, or both. States and limits are looked at as by `quote_order`; with its
   * digest, the order is charged exactly that. Exact within a number of steps, and says so. Changes nothing.
   */
  bestOrder(request: BestOrder, options?: CallOptions): Promise<BestOfOrder>;

  /**
   * Says what giving lines of an order back would come to, by the terms of its cards and beside that as if all discounts were kept, clawed back, or
   * the rest priced anew. Changes nothing.
   *
   * Denials, in this order: unknown (redemption), order_not_kept, order_changed, all_back, unknown (line), too_many_back.
   */
  simulateRefund(request: SimulateRefund, options?: CallOptions): Promise<RefundSimulated>;

  /**
   * Says what returns of an order would come to, one after another, that was bought with templates which need not be saved: by their own terms, and
   * under each way of treating discounts. Changes nothing.
   *
   * Denials, in this order: unknown (product_set, host_benefit), all_back, unknown (line), too_many_back.
   */
  refundDrafts(request: RefundDrafts, options?: CallOptions): Promise<DraftsRefunded>;

  /**
   * Says what templates that need not be saved would come to on each of many orders, each by itself. The templates are made
   * ready once. Figures alone; `quote_drafts` explains one order, and `backtest` sums up. Changes nothing.
   *
   * Denials, in this order: unknown (sample), unknown (product_set, host_benefit).
   */
  quoteOrders(request: QuoteOrders, options?: CallOptions): Promise<OrdersQuoted>;

  /**
   * Puts orders into a sample, which the engine holds in its memory, so that they are sent and read once and asked as often as you like by
   * `evaluate_many`, `quote_orders`, `backtest` and `compare_drafts`. Nothing is stored: a sample ends with its engine.
   */
  sampleOrders(request: SampleOrders, options?: CallOptions): Promise<Sample>;

  /**
   * Forgets a sample. A job that walks over it goes on.
   *
   * Denials, in this order: unknown (sample).
   */
  dropSample(request: DropSample, options?: CallOptions): Promise<Done>;

  /** The samples that the engine holds of the tenant, by name. */
  listSamples(request?: ListSamples, options?: CallOptions): Promise<Array<Sample>>;

  /**
   * Says what templates that need not be saved would have come to on the orders of a sample, all together, each at the moment at which the
   * order was placed: cost, orders touched, the spread of savings, who bears them, and all of it by segment. Conditions and windows are
   * asked; ceilings count nothing.
   *
   * Denials, in this order: unknown (sample), unknown (product_set, host_benefit).
   */
  backtest(request: Backtest, options?: CallOptions): Job<BacktestReport>;

  /**
   * Streams what templates that need not be saved would have come to on each order of a sample: the rows that `backtest` sums up, for tables
   * of your own. Conditions and windows are asked; ceilings count nothing.
   *
   * Denials, in this order: unknown (sample), unknown (product_set, host_benefit).
   */
  backtestOrders(request: BacktestOrders, options?: CallOptions): Stream<BacktestedOrder>;

  /**
   * Puts two sets of templates side by side over the orders of a sample: what each comes to, and which orders differ most.
   *
   * Denials, in this order: unknown (sample), unknown (product_set, host_benefit).
   */
  compareDrafts(request: CompareDrafts, options?: CallOptions): Job<Comparison2>;

  /**
   * Tells whether a code is genuine under some key of the ring, without a look at the store: the card that it names, or
   * nothing. Whether it is that card's code now, `look_up` tells.
   */
  open(request: Open, options?: CallOptions): Promise<CardId | null>;

  /** Opens many codes at once, without a look at the store: for each the card that it names, or nothing. */
  openMany(request: OpenMany, options?: CallOptions): Promise<Array<CardId | null>>;

  /**
   * The card that a code, an id or a card number means now.
   *
   * Denials, in this order: not_found_or_invalid (code, number), unknown (card).
   */
  lookUp(request: LookUp, options?: CallOptions): Promise<CardView>;

  /** The public card number (卡号) of a card: 16 digits and a Luhn digit, good for talking about it, never for spending it. */
  cardNumber(request: CardNumber, options?: CallOptions): Promise<string>;

  /**
   * The cards of a batch, by serial. Untouched cards are listed as well, though they have no rows.
   *
   * Denials, in this order: unknown (batch).
   */
  listCards(request: ListCards, options?: CallOptions): Promise<CardViewPage>;

  /** A holder's cards, by batch and serial. */
  wallet(request: Wallet, options?: CallOptions): Promise<CardViewPage>;

  /**
   * A card's events, oldest first, each checked against the chain.
   *
   * Denials, in this order: not_found_or_invalid (code, number), unknown (card).
   */
  history(request: History, options?: CallOptions): Promise<Array<HistoryEntry>>;

  /** A campaign, or nothing. */
  campaign(request: GetCampaign, options?: CallOptions): Promise<Campaign | null>;

  /** A version of a template, or the newest one; or nothing. */
  template(request: GetTemplate, options?: CallOptions): Promise<Template | null>;

  /**
   * What changed between two versions of a template: path by path, what stood there and what stands there now.
   *
   * Denials, in this order: unknown (template).
   */
  diffTemplates(request: DiffTemplates, options?: CallOptions): Promise<Array<TemplateChange>>;

  /** A batch, or nothing. */
  batch(request: GetBatch, options?: CallOptions): Promise<Batch | null>;

  /** A redemption by its id, or nothing. */
  redemption(request: GetRedemption, options?: CallOptions): Promise<Redemption | null>;

  /** A hold by its id, or nothing. */
  getHold(request: GetHold, options?: CallOptions): Promise<HoldView | null>;

  /** The holds of an order, by what they keep. */
  holdsOfOrder(request: HoldsOfOrder, options?: CallOptions): Promise<HoldViewPage>;

  /** Campaigns by id. */
  listCampaigns(request?: ListCampaigns, options?: CallOptions): Promise<CampaignPage>;

  /** All versions of all templates, by id and version. */
  listTemplates(request?: ListTemplates, options?: CallOptions): Promise<TemplatePage>;

  /** Batches by number. */
  listBatches(request?: ListBatches, options?: CallOptions): Promise<BatchPage>;

  /** The redemptions of an order, by id. */
  redemptionsOfOrder(request: RedemptionsOfOrder, options?: CallOptions): Promise<RedemptionPage>;

  /**
   * What the engine counted of itself since it was opened, over all tenants: calls and what they ended in, groups and their
   * sizes, waits, commits, conflicts. No code, key or holder is in it.
   */
  engineFigures(request?: GetEngineFigures, options?: CallOptions): Promise<EngineFigures>;

  /**
   * Writes the event of an export, then streams the living codes of a batch by serial; needs a reason. A stream that broke
   * off goes on with the serial behind the last that arrived, as a request of its own.
   *
   * Denials, in this order: unknown (batch), export_closed, void (batch), batch_not_active, key_reused.
   */
  exportCodes(request: ExportCodes, options?: CallOptions): Stream<ExportedCode>;

  /**
   * Counts what became of the cards of a batch, a page of cards each step.
   *
   * Denials, in this order: unknown (batch).
   */
  countBatch(request: CountBatch, options?: CallOptions): Job<BatchFigures>;

  /**
   * Counts what parties bear of the discounts of a time, by batch and party, and what they get back with its refunds: from the events of
   * redemptions and refunds, a page of them each step.
   *
   * Denials, in this order: unknown (batch, campaign).
   */
  countFunding(request?: CountFunding, options?: CallOptions): Job<FundingFigures>;

  /**
   * Counts how far a campaign has come towards its goal, over all of its batches, a page of cards each step.
   *
   * Denials, in this order: unknown (campaign).
   */
  measureCampaign(request: MeasureCampaign, options?: CallOptions): Job<CampaignProgress>;

  /**
   * What was written into the journal behind a cursor, in order for each card, whoever wrote it. Every event comes at least once:
   * keep the cursor of a page once the page is worked through, and a page that was not is read again.
   *
   * Denials, in this order: cursor_ahead, unknown (batch, campaign).
   */
  events(request?: Events, options?: CallOptions): Promise<EventsPage>;

  /**
   * A card as it was at a moment, told by the journal: whatever happens later, the answer stays.
   *
   * Denials, in this order: not_found_or_invalid (code, number), unknown (card).
   */
  cardAsOf(request: CardAsOf, options?: CallOptions): Promise<CardWas>;

  /**
   * Works every card, counter and sum out again from the journal, checks the chain of every card, and names each difference with
   * its row, what stands there and what the journal says. Without keys the chains are not checked. For a verdict on
   * everything let nobody write meanwhile, or audit a backup.
   */
  audit(request?: Audit, options?: CallOptions): Job<AuditReport>;

  /**
   * Makes a backup of the whole store, whosever tenants are in it, while it is in use: one file as of one moment, and its checksum
   * beside it. docs/storage.md says how it is put back.
   */
  backup(request: BackUp, options?: CallOptions): Job<BackupFile>;

  /**
   * Erases a subject: its key goes from every row, `erased:` and a number takes its place, and every sum stays what it was. It is out
   * of its person and of audiences; whoever comes with the same subject later is somebody new. Needs a reason; docs/persons.md
   * says what is not reached. Nobody else commits while its one step runs.
   *
   * Denials, in this order: key_reused.
   */
  erase(request: Erase, options?: CallOptions): Job<Erased>;
}
