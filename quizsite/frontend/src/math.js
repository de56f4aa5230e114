// Draws every .math element with KaTeX. Without JavaScript the LaTeX source stays
// readable. katex.render builds nodes and sets styles on them one by one, which a
// strict Content-Security-Policy allows; HTML text with style="…" would be refused.
import katex from "katex";
import "katex/dist/katex.min.css";

const OPTIONS = {
  throwOnError: true, // caught below: KaTeX's own red text needs a style attribute
  trust: false, // no links, no images, no raw HTML out of LaTeX
  strict: "ignore", // Cyrillic inside \text{} is fine
  maxSize: 10, // em; a giant \rule must not cover the page
  maxExpand: 300, // macro bombs end here
};

// A line may break after a formula's last box, and leave the comma to the next line.
function keepPunctuation(element) {
  const next = element.nextSibling;
  const last = [...element.querySelectorAll(".katex-html > .katex-base")].at(-1);
  const found = next?.nodeType === Node.TEXT_NODE && next.data.match(/^[.,;:!?)»…]+/);
  if (!found || !last) return;
  last.append(found[0]);
  next.data = next.data.slice(found[0].length);
}

function draw(element) {
  const source = element.textContent;
  const displayMode = element.classList.contains("block");
  element.dataset.math = "drawn";
  try {
    katex.render(source, element, { ...OPTIONS, displayMode });
    if (!displayMode) keepPunctuation(element);
  } catch (error) {
    element.textContent = source; // an author's typo: the source shows, the page lives
    element.dataset.math = "failed";
    element.title = String(error.message ?? error);
  }
}

export function drawMath(root = document) {
  root.querySelectorAll(".math:not([data-math])").forEach(draw);
}

drawMath();
// Fragments that htmx swaps in bring formulas with them.
document.addEventListener("htmx:load", (event) => drawMath(event.target));
