"use strict";

// The explorers on a page follow the page's switch between light and dark.  (When they load they look for themselves.)
new MutationObserver(() => {
  const { theme } = document.documentElement.dataset;
  if (theme !== "dark" && theme !== "light") return;
  for (const frame of document.querySelectorAll("iframe[srcdoc]")) {
    const inner = frame.contentDocument;
    const explorer = inner?.querySelector("tensorglass-explorer");
    if (!explorer) continue;
    inner.documentElement.style.colorScheme = theme;
    if (!explorer.dataset.theme) explorer.toggleAttribute("dark", theme === "dark");
  }
}).observe(document.documentElement, { attributeFilter: ["data-theme"] });

// What is folded on the screen is there on paper.
addEventListener("beforeprint", () => {
  for (const details of document.querySelectorAll("details:not([open])")) {
    details.open = true;
    details.dataset.wasClosed = "";
  }
});
addEventListener("afterprint", () => {
  for (const details of document.querySelectorAll("details[data-was-closed]")) {
    details.open = false;
    delete details.dataset.wasClosed;
  }
});

// The theme names these otherwise than they read; what can be read is the better name.
for (const named of document.querySelectorAll("summary[aria-label], .search-button-field[aria-label]")) {
  named.removeAttribute("aria-label");
}

// A comma or a full stop stays with the mathematics before it.
for (const math of document.querySelectorAll("span.math")) {
  const after = math.nextSibling;
  const mark = after?.nodeType === Node.TEXT_NODE ? /^[.,;:!?)’”]+/.exec(after.data)?.[0] : undefined;
  const last = math.querySelector(".katex-html > .base:last-child");
  if (!mark || !last) continue;
  const together = document.createElement("span"), text = document.createElement("span");
  together.className = "with-mark";
  text.textContent = mark;
  last.before(together);
  together.append(last, text);
  after.data = after.data.slice(mark.length);
}

// What scrolls by itself can be reached by the keyboard.
function reachable() {
  for (const box of document.querySelectorAll(".katex-display, .cell_output pre")) {
    if (box.scrollWidth > box.clientWidth + 1) box.tabIndex = 0;
    else box.removeAttribute("tabindex");
  }
}
reachable();
addEventListener("resize", reachable);
document.fonts?.ready.then(reachable);

// Figures are told by their captions, not by the names of their files.
for (const image of document.querySelectorAll(".cell_output img[src$='.svg'], .cell_output img[src$='.png']")) {
  const caption = image.closest("div.cell")?.nextElementSibling?.textContent.trim() ?? "";
  image.alt = /^Figure [\d.]+/.exec(caption)?.[0] ?? "A figure of the cell above";
}
