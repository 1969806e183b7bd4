// Started by a page: its explorers come to life, and follow a program that still runs.

import { define, type Explorer } from "./element";

function start(): void {
  define();
  const all = document.querySelectorAll<Explorer>("tensorglass-explorer"), [first] = all;
  if (all.length === 1) document.addEventListener("keydown", (e) => e.target === document.body && first!.key(e));
  if (first?.hasAttribute("live")) listen(first);
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
