// A program whose mistakes a checker has to find; it is read, not run.
import { open, none } from "cardmint"; // wrong

const shop = (await open("shop.db", { keyring: "keys.json" })).tenant();

await shop.redeem({ meta: "m", code: "c" }); // wrong
await shop.redeem("m", "c"); // wrong
await shop.lookUp({ card: { kode: "c" } }); // wrong
await shop.wallet({ holder: "ann" }); // wrong
await shop.saveSettings({ meta: "m", zone: 8 }); // wrong
await shop.saveSettings({ meta: "m", zone: "UTC", rounding: "up" }); // wrong
await shop.growBatch({ meta: "m", batch: "b", size: "10" }); // wrong
console.log((await shop.countBatch({ batch: "b" }).result()).gone); // wrong
console.log((await shop.batch({ id: "b" })).size); // wrong
await open("shop.db", { colour: "red" }); // wrong
await shop.lookUp(); // wrong
shop.exportCodes({ meta: "m", batch: "b" }).then(() => {}); // wrong
