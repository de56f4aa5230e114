// Bundles every src/*.js (one entry point a file; shared code lives in src/lib/) and
// every style sheet they import into quizsite/static/build. Plain names: Django's
// manifest storage puts the hashes into them.
import { context } from "esbuild";
import { readdirSync, readFileSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const source = join(here, "src");
const out = join(here, "..", "static", "build");

// KaTeX names each font three times; every browser we support reads woff2.
const woff2Only = {
  name: "woff2-only",
  setup(build) {
    build.onLoad({ filter: /katex[\\/]dist[\\/].*\.css$/ }, ({ path }) => ({
      contents: readFileSync(path, "utf8").replace(
        /,\s*url\([^)]*\.(?:woff|ttf)\)\s*format\(["'](?:woff|truetype)["']\)/g,
        "",
      ),
      loader: "css",
      resolveDir: dirname(path),
    }));
  },
};

const entryPoints = readdirSync(source)
  .filter((name) => name.endsWith(".js"))
  .map((name) => join(source, name));

const bundle = await context({
  entryPoints,
  outdir: out,
  bundle: true,
  minify: true,
  format: "esm",
  target: ["es2022"],
  charset: "utf8",
  legalComments: "linked",
  loader: { ".woff2": "file" },
  assetNames: "fonts/[name]",
  plugins: [woff2Only],
  logLevel: "warning",
});

if (process.argv.includes("--watch")) {
  await bundle.watch();
} else {
  rmSync(out, { recursive: true, force: true });
  await bundle.rebuild();
  await bundle.dispose();
}
