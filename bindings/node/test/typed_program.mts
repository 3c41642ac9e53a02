// A program that a strict checker has nothing to say against; it is read, not run.
import * as cardmint from "cardmint";
import { DeniedError, open, type Order, type Receipt, type Redeem } from "cardmint";

const order: Order = { id: "A-1", currency: "CNY", lines: [{ id: "1", product: "tea", quantity: 2, amount_minor: 12000 }] };

export async function spent(path: URL): Promise<number> {
  await using engine = await open(path);
  await using job = engine.tenant().countBatch({ batch: "b" });
  return (await job.result()).spent;
}

export function script(shop: cardmint.Tenant, request: Redeem): number {
  const { blocking } = shop;
  const receipt: Receipt = blocking.redeem(request);
  for (const item of blocking.exportCodes({ meta: "e", batch: "b" })) {
    console.log(item.code.toUpperCase(), item.serial + 1);
  }
  using job = blocking.liabilityAt();
  console.log(job.result(), blocking.listUnits().items.length);
  return receipt.pricing.payable_minor + blocking.countBatch({ batch: "b" }).result().spent;
}

export async function evening(codes: string[], signal?: AbortSignal): Promise<number> {
  const engine: cardmint.Engine = await open("shop.db", { keyring: async () => "{}", now: new Date(), durability: "full" });
  const shop = engine.tenant("default", "test");
  await shop.saveTemplate({
    meta: { key: "t1", reason: "autumn" },
    template: { id: "t", benefit: { percent_off: { off_bp: 2000, cap_minor: null } }, conditions: [{ min_spend: { minor: 1 } }] },
  });
  const request: Redeem = { meta: "A-1", code: codes[0] ?? "", order, holder: { kind: "customer", value: "ann" } };
  const receipt: Receipt = await shop.redeem(request, { signal });
  try {
    await shop.redeem(request);
  } catch (error) {
    if (error instanceof DeniedError) {
      const text: string | undefined = error.texts["zh-CN"]?.shopper;
      console.log(text, error.facts["short"], error.may_retry);
    }
  }
  for await (const item of shop.exportCodes({ meta: "e", batch: "b" })) {
    console.log(item.code.toUpperCase(), item.serial + 1);
  }
  const job = shop.countBatch({ batch: "b" });
  for await (const { done, total } of job) {
    console.log(done / total);
  }
  const opened: Array<string | null> = await shop.openMany({ codes });
  const batch = await shop.batch({ id: "b" });
  const quoted = await shop.quote({ card: { code: "x" }, order: { ...order, placed_at: new Date().toISOString() } });
  const payable = "applies" in quoted.outcome ? quoted.outcome.applies.payable_minor : quoted.outcome.denied.status;
  await shop.observe({ meta: "o", subject: { kind: "customer", value: "a" }, kind: "visit", at: new Date() });
  console.log(opened.length, batch?.size, (await shop.listBatches()).items[0]?.id, (await job.result()).spent + payable);
  await engine.close();
  return receipt.pricing.payable_minor;
}
