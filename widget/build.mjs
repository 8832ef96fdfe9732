// Bundles src/ into one script: node build.mjs [OUTPUT]
import { build } from "esbuild";
import { fileURLToPath } from "node:url";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));

await build({
  entryPoints: [here("src/meso-guide.ts")],
  outfile: process.argv[2] ?? here("dist/mesoguide.js"),
  bundle: true,
  minify: true,
  format: "iife",
  target: ["es2021"],
  loader: { ".css": "text" },
  legalComments: "eof",
  logLevel: "info",
});
