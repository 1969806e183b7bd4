// A way to see any part of a large value: the server of a program's own page has all of it.

import { fill, h, on } from "./dom";
import { tensorView } from "./tensor";
import type { Tensor } from "./types";

const asked = new Map<string, string>(); // what was asked for last of values of a shape

export function partForm({ shape, kept }: Tensor, mark = ""): HTMLElement {
  if (kept === null) return h("p.note", "There was no room to keep it in full.");
  const key = `${shape}`, found = h("div", { role: "status" });
  const input = h("input", { type: "text", value: asked.get(key) ?? shape.map((_, k) => (k < shape.length - 2 ? "0" : "0:8")).join(", "),
    autocomplete: "off", spellcheck: "false", "data-key": `part ${mark}` });
  const form = h("form", h("p.actions", h("label", "Elements at ", input), h("button", { type: "submit" }, "Show")), found);
  on(form, "submit", async (e) => {
    e.preventDefault();
    asked.set(key, input.value);
    try {
      const answer = await fetch(`slice?of=${kept}&index=${encodeURIComponent(input.value)}`);
      fill(found, answer.ok ? tensorView(await answer.json(), { mark: "part" }) : h("p.bad", await answer.text()));
    } catch {
      fill(found, h("p.bad", "The program's page is closed."));
    }
  });
  return form;
}
