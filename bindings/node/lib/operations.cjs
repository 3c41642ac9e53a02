// Written by `cargo xtask gen` from the table of operations; do not edit.
"use strict";

/** One method for each operation; _read, _change, _stream and _job are their tenant's. */
class Operations {
  saveSettings(request, options) {
    return this._change("save_settings", request, options);
  }

  saveCampaign(request, options) {
    return this._change("save_campaign", request, options);
  }

  addAudience(request, options) {
    return this._change("add_audience", request, options);
  }

  saveProductSet(request, options) {
    return this._change("save_product_set", request, options);
  }

  saveTemplate(request, options) {
    return this._change("save_template", request, options);
  }

  savePromotion(request, options) {
    return this._change("save_promotion", request, options);
  }

  pausePromotion(request, options) {
    return this._change("pause_promotion", request, options);
  }

  resumePromotion(request, options) {
    return this._change("resume_promotion", request, options);
  }

  archivePromotion(request, options) {
    return this._change("archive_promotion", request, options);
  }

  listPromotions(request, options) {
    return this._read("list_promotions", request, options);
  }

  saveAttribute(request, options) {
    return this._change("save_attribute", request, options);
  }

  listAttributes(request, options) {
    return this._read("list_attributes", request, options);
  }

  saveHostBenefit(request, options) {
    return this._change("save_host_benefit", request, options);
  }

  listHostBenefits(request, options) {
    return this._read("list_host_benefits", request, options);
  }

  explain(request, options) {
    return this._read("explain", request, options);
  }

  evaluateMany(request, options) {
    return this._read("evaluate_many", request, options);
  }

  templateSchema(request, options) {
    return this._read("template_schema", request, options);
  }

  observe(request, options) {
    return this._change("observe", request, options);
  }

  issueBatch(request, options) {
    return this._change("issue_batch", request, options);
  }

  growBatch(request, options) {
    return this._change("grow_batch", request, options);
  }

  rekeyBatch(request, options) {
    return this._change("rekey_batch", request, options);
  }

  closeExport(request, options) {
    return this._change("close_export", request, options);
  }

  savePublicCode(request, options) {
    return this._change("save_public_code", request, options);
  }

  freezeBatch(request, options) {
    return this._change("freeze_batch", request, options);
  }

  unfreezeBatch(request, options) {
    return this._change("unfreeze_batch", request, options);
  }

  voidBatch(request, options) {
    return this._change("void_batch", request, options);
  }

  extendBatch(request, options) {
    return this._change("extend_batch", request, options);
  }

  closeBatch(request, options) {
    return this._change("close_batch", request, options);
  }

  archiveBatch(request, options) {
    return this._change("archive_batch", request, options);
  }

  refillBatch(request, options) {
    return this._change("refill_batch", request, options);
  }

  startCampaign(request, options) {
    return this._change("start_campaign", request, options);
  }

  pauseCampaign(request, options) {
    return this._change("pause_campaign", request, options);
  }

  resumeCampaign(request, options) {
    return this._change("resume_campaign", request, options);
  }

  endCampaign(request, options) {
    return this._change("end_campaign", request, options);
  }

  archiveCampaign(request, options) {
    return this._change("archive_campaign", request, options);
  }

  claim(request, options) {
    return this._change("claim", request, options);
  }

  issue(request, options) {
    return this._change("issue", request, options);
  }

  freeze(request, options) {
    return this._change("freeze", request, options);
  }

  unfreeze(request, options) {
    return this._change("unfreeze", request, options);
  }

  void(request, options) {
    return this._change("void", request, options);
  }

  replace(request, options) {
    return this._change("replace", request, options);
  }

  reveal(request, options) {
    return this._change("reveal", request, options);
  }

  bind(request, options) {
    return this._change("bind", request, options);
  }

  rebind(request, options) {
    return this._change("rebind", request, options);
  }

  transfer(request, options) {
    return this._change("transfer", request, options);
  }

  extend(request, options) {
    return this._change("extend", request, options);
  }

  redeem(request, options) {
    return this._change("redeem", request, options);
  }

  refund(request, options) {
    return this._change("refund", request, options);
  }

  refundOrder(request, options) {
    return this._change("refund_order", request, options);
  }

  hold(request, options) {
    return this._change("hold", request, options);
  }

  capture(request, options) {
    return this._change("capture", request, options);
  }

  release(request, options) {
    return this._change("release", request, options);
  }

  redeemOrder(request, options) {
    return this._change("redeem_order", request, options);
  }

  holdOrder(request, options) {
    return this._change("hold_order", request, options);
  }

  captureOrder(request, options) {
    return this._change("capture_order", request, options);
  }

  releaseOrder(request, options) {
    return this._change("release_order", request, options);
  }

  load(request, options) {
    return this._change("load", request, options);
  }

  adjust(request, options) {
    return this._change("adjust", request, options);
  }

  succeed(request, options) {
    return this._change("succeed", request, options);
  }

  saveUnit(request, options) {
    return this._change("save_unit", request, options);
  }

  moveValue(request, options) {
    return this._change("move_value", request, options);
  }

  balance(request, options) {
    return this._read("balance", request, options);
  }

  listAccounts(request, options) {
    return this._read("list_accounts", request, options);
  }

  listMovements(request, options) {
    return this._read("list_movements", request, options);
  }

  link(request, options) {
    return this._change("link", request, options);
  }

  unlink(request, options) {
    return this._change("unlink", request, options);
  }

  person(request, options) {
    return this._read("person", request, options);
  }

  listUnits(request, options) {
    return this._read("list_units", request, options);
  }

  liability(request, options) {
    return this._read("liability", request, options);
  }

  liabilityAt(request, options) {
    return this._job("liability_at", request, options);
  }

  quote(request, options) {
    return this._read("quote", request, options);
  }

  quoteOrder(request, options) {
    return this._read("quote_order", request, options);
  }

  quoteWallet(request, options) {
    return this._read("quote_wallet", request, options);
  }

  quoteDrafts(request, options) {
    return this._read("quote_drafts", request, options);
  }

  bestDrafts(request, options) {
    return this._read("best_drafts", request, options);
  }

  bestOrder(request, options) {
    return this._read("best_order", request, options);
  }

  simulateRefund(request, options) {
    return this._read("simulate_refund", request, options);
  }

  refundDrafts(request, options) {
    return this._read("refund_drafts", request, options);
  }

  quoteOrders(request, options) {
    return this._read("quote_orders", request, options);
  }

  sampleOrders(request, options) {
    return this._read("sample_orders", request, options);
  }

  dropSample(request, options) {
    return this._read("drop_sample", request, options);
  }

  listSamples(request, options) {
    return this._read("list_samples", request, options);
  }

  backtest(request, options) {
    return this._job("backtest", request, options);
  }

  backtestOrders(request, options) {
    return this._stream("backtest_orders", request, options);
  }

  compareDrafts(request, options) {
    return this._job("compare_drafts", request, options);
  }

  open(request, options) {
    return this._read("open", request, options);
  }

  openMany(request, options) {
    return this._read("open_many", request, options);
  }

  lookUp(request, options) {
    return this._read("look_up", request, options);
  }

  cardNumber(request, options) {
    return this._read("card_number", request, options);
  }

  listCards(request, options) {
    return this._read("list_cards", request, options);
  }

  wallet(request, options) {
    return this._read("wallet", request, options);
  }

  history(request, options) {
    return this._read("history", request, options);
  }

  campaign(request, options) {
    return this._read("campaign", request, options);
  }

  template(request, options) {
    return this._read("template", request, options);
  }

  diffTemplates(request, options) {
    return this._read("diff_templates", request, options);
  }

  batch(request, options) {
    return this._read("batch", request, options);
  }

  redemption(request, options) {
    return this._read("redemption", request, options);
  }

  getHold(request, options) {
    return this._read("get_hold", request, options);
  }

  holdsOfOrder(request, options) {
    return this._read("holds_of_order", request, options);
  }

  listCampaigns(request, options) {
    return this._read("list_campaigns", request, options);
  }

  listTemplates(request, options) {
    return this._read("list_templates", request, options);
  }

  listBatches(request, options) {
    return this._read("list_batches", request, options);
  }

  redemptionsOfOrder(request, options) {
    return this._read("redemptions_of_order", request, options);
  }

  engineFigures(request, options) {
    return this._read("engine_figures", request, options);
  }

  exportCodes(request, options) {
    return this._stream("export_codes", request, options);
  }

  countBatch(request, options) {
    return this._job("count_batch", request, options);
  }

  countFunding(request, options) {
    return this._job("count_funding", request, options);
  }

  measureCampaign(request, options) {
    return this._job("measure_campaign", request, options);
  }

  events(request, options) {
    return this._read("events", request, options);
  }

  cardAsOf(request, options) {
    return this._read("card_as_of", request, options);
  }

  audit(request, options) {
    return this._job("audit", request, options);
  }

  backup(request, options) {
    return this._job("backup", request, options);
  }

  erase(request, options) {
    return this._job("erase", request, options);
  }
}

module.exports = { Operations };
