// Started by a page: its explorers come to life, and follow a program that still runs.

import { define, type Explorer } from "./element";
import { partForm } from "./parts";
import { served } from "./tensor";
import type { Doc } from "./types";

function start(): void {
  served.part = partForm;
  define();
  const all = document.querySelectorAll<Explorer>("tensorglass-explorer"), [first] = all;
  if (all.length === 1) document.addEventListener("keydown", (e) => e.target === document.body && first!.key(e));
  if (first?.hasAttribute("live")) listen(first);
}

/** Shows new runs as the program makes them: asks for what is new, one time after the other. */
function listen(explorer: Explorer): void {
  let turn = Promise.resolve();
  const ask = async () => {
    const doc = explorer.document!;
    const { runs, ...more } = await (await fetch(`more?since=${doc.live}`)).json() as Doc;
    const note = explorer.shadowRoot!.querySelector(".said + .note");
    // `runs` has those that are new by their numbers. Where only the note has changed the rest stays as the reader left it.
    if (Object.keys(runs).length || (more.note && !note)) explorer.document = { ...doc, ...more, runs: Object.assign([...doc.runs], runs) };
    else if (note) note.textContent = more.note ?? "";
  };
  new EventSource("events").addEventListener("message", () => (turn = turn.then(ask, ask)));
}

if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", start);
else start();
