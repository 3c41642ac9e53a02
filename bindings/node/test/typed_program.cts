// The same from a CommonJS module; it is read, not run.
import cardmint = require("cardmint");

export async function size(path: string): Promise<number | undefined> {
  const engine = await cardmint.open(path);
  const view: cardmint.CardView = await engine.tenant().lookUp({ card: { id: "16-0-0" } });
  const raw: string = await engine.tenant().call("look_up", "{}");
  const [first] = cardmint.operations();
  console.log(view.state === "spent", raw.length, first?.[1] === "read", cardmint.version.length);
  return (await engine.tenant().batch({ id: view.batch }))?.size;
}
