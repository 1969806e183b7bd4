// Two bundles of one source: a script for pages, a module for notebook hosts. Same input, same bytes.
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { build, transform } from "esbuild";
import { minify } from "terser";

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
const ours = /^(tensor|moment|gradients|sentence|phases|doubtful|answered|byId|focusSearch|folded|onCell|shown|result|onChange|deed|place|answer|strip|badge)$/;
const common = {
  mangleProps: ours,
  bundle: true,
  minify: true,
  target: "es2022",
  charset: "utf8",
  legalComments: "none",
  plugins: [styles],
  logLevel: "warning",
};
const out = process.argv[2] ?? "dist"; // another folder, to compare
await mkdir(out, { recursive: true });

/** One file of `entry`: esbuild puts it together, terser makes it a little smaller still. */
async function bundle(entry, format, name) {
  const { outputFiles } = await build({ ...common, entryPoints: [entry], format, outfile: name, write: false });
  const compress = { passes: 2, ecma: 2020, unsafe_arrows: true };
  const { code } = await minify(outputFiles[0].text, { module: true, ecma: 2020, compress });
  await writeFile(`${out}/${name}`, `${code}\n`);
  console.log(`${out}/${name}: ${Buffer.byteLength(code) + 1} bytes`);
}
await bundle("src/page.ts", "iife", "explorer.page.js");
await bundle("src/module.ts", "esm", "explorer.mjs");
