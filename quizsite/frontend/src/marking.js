// Marking open answers from the keyboard. The page is a plain form without it.
import { keyOf, typing } from "./lib/keys.js";

const form = document.querySelector("#mark");
const skip = document.querySelector("#skip");
const comment = form.querySelector("textarea");
const rows = [...form.querySelectorAll(".rubric-row")];
let current = rows.findIndex((row) => !row.querySelector(":checked"));

// Who dictates to their computer, or leans on the keyboard, turns the keys off.
const legend = document.querySelector("[data-keys]");
const enabled = legend.querySelector("[type=checkbox]");
legend.hidden = false;
enabled.checked = localStorage.getItem("marking-keys") !== "off";
enabled.addEventListener("change", () =>
  localStorage.setItem("marking-keys", enabled.checked ? "on" : "off"),
);

// --- facts: a digit ticks; a rubric: a digit chooses in the current row -------------
function tick(digit) {
  form.querySelector(`input[name="point"][value="${digit}"]`)?.click();
}

function choose(digit) {
  const level = rows[current].querySelector(`[value="${digit - 1}"]`);
  if (!level) return;
  level.checked = true;
  go(current + 1);
}

function point(index) {
  current = Math.min(Math.max(index, 0), rows.length - 1);
  rows.forEach((row, number) => row.classList.toggle("current", number === current));
}

// With the focus goes what a screen reader says: the row and its choice.
function go(index) {
  point(index);
  const row = rows[current];
  (row.querySelector(":checked") ?? row.querySelector("input")).focus();
}

for (const [number, row] of rows.entries()) row.addEventListener("focusin", () => point(number));
point(current);

// --- all keys in one table -----------------------------------------------------------
const ACTIONS = {
  c: () => comment.focus(),
  n: () => skip?.requestSubmit(),
  j: () => rows.length && go(current + 1),
  k: () => rows.length && go(current - 1),
  enter: () => form.requestSubmit(),
};

document.addEventListener("keydown", (event) => {
  if (!enabled.checked) return;
  const key = keyOf(event);
  if (typing(event.target)) {
    if (key === "escape") event.target.blur();
    else if (key === "ctrl+enter") form.requestSubmit();
    return;
  }
  // Enter on a link or a button is theirs.
  if (key === "enter" && event.target.closest("a, button, summary")) return;
  const digit = /^[1-9]$/.test(key) ? Number(key) : 0;
  const act = digit ? () => (rows.length ? choose(digit) : tick(digit)) : ACTIONS[key];
  if (!act) return;
  event.preventDefault();
  act();
});
