// An attempt's page: saves every change by itself, says so, and tells at once what
// could not be read. Without this the page is one form with «Сохранить».
import { enhanceParsons } from "./lib/parsons.js";
import { enhanceOrdering } from "./lib/quiz/ordering.js";
import { address, announce, form, leaving, post } from "./lib/quiz/page.js";
import { practise, pressCheck } from "./lib/quiz/practice.js";
import { Question } from "./lib/quiz/question.js";
import { replay } from "./lib/quiz/replay.js";
import * as state from "./lib/quiz/state.js";
import { startTimer } from "./lib/quiz/timer.js";

const TYPING_MS = 700; // after the last keystroke
const TEXT = "input[type=text], textarea";

const questions = [...form.querySelectorAll("[data-question]")].map((element) => new Question(element));
const sendAll = () => questions.forEach((one) => one.dirty && one.plan(0));

function listen(question) {
  const { element } = question;
  // Typing is saved after a pause, a choice at once.
  element.addEventListener("input", ({ target }) => {
    if ("flag" in target.dataset) return flag(question, target);
    question.changed(target.matches(TEXT) ? TYPING_MS : 0);
  });
  element.addEventListener("focusout", () => question.dirty && question.plan(0));
  element.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.isComposing) return;
    const inBox = event.target.matches("input[type=text]");
    if (!inBox && !(event.ctrlKey && event.target.matches("textarea"))) return;
    event.preventDefault();
    pressCheck(question);
  });
  practise(question);
}

// A flag is no part of the answer: an old page may set it and change nothing else.
async function flag(question, box) {
  const link = form.querySelector(`[data-nav="${question.position}"] [data-flagged]`);
  link.hidden = !box.checked;
  const data = new FormData();
  data.append("only", "flag");
  if (box.checked) data.append(box.name, "on");
  try {
    const reply = await post(address(question.position), data);
    if (!reply.ok) throw new Error("not taken");
  } catch {
    box.checked = !box.checked;
    link.hidden = !box.checked;
  }
}

questions.forEach(listen);
state.watch(questions);
replay(questions);
for (const question of questions) {
  for (const list of question.element.querySelectorAll("[data-ordering]")) {
    enhanceOrdering(list, question, TYPING_MS);
  }
  for (const list of question.element.querySelectorAll("[data-parsons]")) {
    enhanceParsons(list, announce, () => question.changed(TYPING_MS));
  }
}
startTimer(questions);

window.addEventListener("online", sendAll);
document.addEventListener("visibilitychange", () => document.hidden || sendAll());
form.addEventListener("submit", () => (leaving.now = true)); // the form takes all along
document.addEventListener("click", (event) => {
  // Within the attempt nothing is lost: the next page replays the journal.
  if (event.target.closest("[data-leave], [data-nav][href^='?']")) leaving.now = true;
});
window.addEventListener("pageshow", () => (leaving.now = false));
window.addEventListener("beforeunload", (event) => {
  if (!leaving.now && questions.some((one) => one.dirty)) event.preventDefault();
});
window.addEventListener("pagehide", () => {
  // On its way out a page may still send; what does not arrive is in the journal.
  for (const one of questions.filter((each) => each.dirty)) {
    post(one.element.dataset.url, one.body(), { keepalive: true, signal: null }).catch(() => {});
  }
});
