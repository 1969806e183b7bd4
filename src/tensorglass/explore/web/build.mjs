// Two bundles of one source: a script for pages, a module for notebook hosts. Same input, same bytes.
import { readFile } from "node:fs/promises";
import { build, transform } from "esbuild";

// Styles are text for a constructed sheet, minified like the rest: custom properties get short names too.
const names = new Map();
const short = (name) => names.get(name) ?? names.set(name, `--${names.size.toString(36)}`).get(name);
const styles = {
  name: "styles",
  setup({ onLoad }) {
    onLoad({ filter: /\.css$/ }, async ({ path }) => {
      const { code } = await transform(await readFile(path, "utf8"), { loader: "css", minify: true, charset: "utf8" });
      return { contents: code.trim().replace(/--(?!part)[a-z]+/g, short), loader: "text" };
    });
  },
};
// Members of our own classes and records, which neither a document nor a host nor the browser knows by name.
const ours = /^(tensor|moment|gradients|sentence|phases|doubtful|answered|byId|focusSearch|folded|onCell|shown|result)$/;
const common = {
  mangleProps: ours,
  bundle: true,
  minify: true,
  target: "es2022",
  charset: "utf8",
  legalComments: "none",
  plugins: [styles],
  logLevel: "info",
};
const out = process.argv[2] ?? "dist"; // another folder, to compare
await build({ ...common, entryPoints: ["src/page.ts"], format: "iife", outfile: `${out}/explorer.page.js` });
await build({ ...common, entryPoints: ["src/module.ts"], format: "esm", outfile: `${out}/explorer.mjs` });
