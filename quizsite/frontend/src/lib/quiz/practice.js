// Checking, hints and giving up without leaving the page; the same buttons submit the
// form where there is no JavaScript.
import * as journal from "./journal.js";
import { address, announce, leave, post, words } from "./page.js";

export function practise(question) {
  const { element } = question;
  element.addEventListener("click", (event) => {
    const button = event.target.closest("[data-practise]");
    if (!button) return;
    event.preventDefault();
    if (button.getAttribute("aria-busy") !== "true") press(question, button);
  });
}

// Enter in a box, Ctrl+Enter in a text: check where one practises, else save now.
export function pressCheck(question) {
  const button = question.element.querySelector('[data-practise="check"]');
  if (button && !button.hidden) button.click();
  else question.save();
}

async function press(question, button) {
  button.setAttribute("aria-busy", "true");
  try {
    // Only what the server has can be checked.
    if (await question.flush()) await ask(question, button.dataset.practise);
  } finally {
    button.removeAttribute("aria-busy");
  }
}

async function ask(question, what) {
  let reply;
  try {
    reply = await post(address(question.position, what), new FormData());
  } catch {
    return question.showErrors({ "*": words.failedCheck });
  }
  if (reply.status === 409) {
    journal.forgetAttempt();
    return leave((await reply.json()).finished);
  }
  if (!reply.ok) return question.showErrors({ "*": words.failedCheck });
  show(question, await reply.json());
}

function show(question, { state, label, settled, refusal, hints, html }) {
  const { element } = question;
  const active = element.contains(document.activeElement) && document.activeElement;
  const place = element.querySelector("[data-feedback]");
  place.innerHTML = html;
  place.dispatchEvent(new CustomEvent("htmx:load", { bubbles: true })); // mathematics
  question.show(state, label);
  if (refusal) question.showErrors({ "*": refusal });
  if (settled) question.settle();
  for (const button of element.querySelectorAll("[data-practise]")) {
    button.hidden = settled || (button.dataset.practise === "hint" && hints <= 0);
  }
  // What had the focus is gone: the reader goes on with what was said instead.
  if (active && (active.hidden || active.matches(":disabled"))) place.focus();
  announce(refusal || `${words.questionWord} ${question.position}: ${label}`);
}
