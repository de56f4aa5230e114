// What the server says of an answer: how it was understood, and what is wrong with it.

// "$…$" is LaTeX, drawn by math.js; the rest is text.
export function showEcho(place, label, text) {
  place.replaceChildren();
  if (!text) return;
  place.append(`${label} `);
  text.split("$").forEach((part, index) => place.append(index % 2 ? formula(part) : part));
  // As htmx does for what it brings: site.js and math.js listen.
  place.dispatchEvent(new Event("htmx:load", { bubbles: true }));
}

function formula(latex) {
  const element = document.createElement("span");
  element.className = "math inline";
  element.textContent = latex;
  return element;
}

// A sentence; below it may stand what was typed, with "^" under the place.
export function showProblem(place, text) {
  place.hidden = !text;
  const [sentence, ...picture] = (text ?? "").split("\n");
  place.replaceChildren(sentence);
  if (!picture.length) return;
  const code = document.createElement("code");
  code.className = "pointed-at";
  code.setAttribute("aria-hidden", "true"); // the sentence names the place
  code.textContent = picture.join("\n");
  place.append(code);
}
