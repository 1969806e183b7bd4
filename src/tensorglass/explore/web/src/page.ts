// Started by a page: every document on it gets an explorer.

import { define, Explorer } from "./element";
import { asDocument } from "./types";

function start(): void {
  define();
  // Documents outside an explorer: the first explorer shows them, or a new one in the first one's place.
  const loose = [...document.querySelectorAll('script[type="application/json"]')].filter((el) => {
    if (el.closest("tensorglass-explorer")) return false;
    try {
      return !!asDocument(el.textContent);
    } catch {
      return false;
    }
  });
  let explorer = document.querySelector<Explorer>("tensorglass-explorer");
  if (loose.length && !explorer) {
    explorer = document.createElement("tensorglass-explorer") as Explorer;
    loose[0]!.before(explorer);
  }
  for (const script of loose) explorer!.addDocument(script.textContent);
  const all = document.querySelectorAll<Explorer>("tensorglass-explorer");
  if (all.length === 1) document.addEventListener("keydown", (e) => e.target === document.body && all[0]!.key(e));
  if (explorer?.hasAttribute("live")) listen(explorer);
}

/** Shows new runs as the program makes them. */
function listen(explorer: Explorer): void {
  let shown: string | undefined;
  new EventSource("events").addEventListener("message", async (e) => {
    const first = shown === undefined;
    if (e.data === shown) return;
    shown = e.data;
    if (first && String(explorer.document?.runs.length) === e.data) return;
    explorer.document = await (await fetch("trace.json")).json();
  });
}

if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", start);
else start();
