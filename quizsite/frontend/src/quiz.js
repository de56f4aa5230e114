// An attempt's page: saves every change by itself, says so, and tells at once what
// could not be read. Without this the page is one form with «Сохранить».
import { enhanceParsons } from "./lib/parsons.js";
import { showEcho, showProblem } from "./lib/said.js";

const form = document.querySelector("form[data-quiz]");
const TYPING_MS = 700; // after the last keystroke
const RETRY_MS = [1000, 2000, 4000, 8000, 15000, 30000];

const words = form.dataset;
const questions = new Map(); // number → Question
let leaving = false;

class Question {
  constructor(element) {
    this.element = element;
    this.version = 0; // grows with every change
    this.saved = 0; // the version that the server has
    this.sending = false;
    this.failures = 0;
    this.refused = false; // a retry would be refused again
    this.timer = 0;
  }

  get dirty() {
    return this.saved < this.version;
  }

  changed(delay) {
    this.version += 1;
    this.failures = 0;
    this.refused = false;
    this.plan(delay);
    showState();
  }

  plan(delay) {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.save(), delay);
  }

  async save() {
    if (this.sending || !this.dirty || leaving) return;
    this.sending = true;
    const version = this.version;
    showState();
    try {
      await this.send(version);
    } catch {
      this.retry();
    } finally {
      this.sending = false;
    }
    if (this.dirty && version !== this.version) this.plan(0);
    showState();
  }

  async send(version) {
    const reply = await fetch(this.element.dataset.url, {
      method: "POST",
      body: this.fields(),
      headers: { "X-CSRFToken": form.elements.csrfmiddlewaretoken.value },
      redirect: "error",
      signal: AbortSignal.timeout(20000),
    });
    if (reply.status === 409) return finished(await reply.json());
    if (reply.status >= 500 || reply.status === 429) throw new Error("try again");
    if (!reply.ok) return this.refuse(reply);
    this.accept(await reply.json(), version);
  }

  fields() {
    const data = new FormData();
    for (const control of this.element.querySelectorAll("[name]")) {
      const choice = control.type === "radio" || control.type === "checkbox";
      if (!choice || control.checked) data.append(control.name, control.value);
    }
    return data;
  }

  accept(answer, version) {
    this.saved = version;
    this.failures = 0;
    savedAt = new Date(answer.saved_at);
    if (version !== this.version) return; // a newer answer is on its way
    this.element.querySelector("[data-was]").value = answer.was;
    this.show(answer.state, answer.label);
    this.showErrors(answer.errors);
    for (const echo of this.element.querySelectorAll("[data-echo]")) {
      showEcho(echo, words.understood, answer.echo[echo.dataset.echo]);
    }
  }

  async refuse(reply) {
    this.refused = true;
    if (reply.status !== 422) {
      problem = reply.status === 404 || reply.status === 403 ? words.signedOut : words.failed;
      return;
    }
    problem = words.refused;
    const { error } = await reply.json();
    this.showErrors({ "*": error });
    this.show("unsaved", error);
  }

  retry() {
    const wait = RETRY_MS[Math.min(this.failures, RETRY_MS.length - 1)];
    this.failures += 1;
    this.nextTry = Date.now() + wait;
    this.plan(wait);
  }

  show(state, label) {
    const link = form.querySelector(`[data-nav="${this.element.dataset.question}"]`);
    for (const place of [this.element, link]) {
      place.dataset.state = state;
      place.querySelector("[data-state-text]").textContent = label;
    }
    const answered = form.querySelectorAll('[data-question][data-state="answered"]');
    form.querySelector("[data-answered]").textContent = answered.length;
  }

  showErrors(errors) {
    const left = { ...errors };
    for (const place of this.element.querySelectorAll("[data-error]")) {
      const name = place.dataset.error;
      if (name === "*") continue;
      this.showError(place, left[name]);
      delete left[name];
    }
    const rest = this.element.querySelector('[data-error="*"]');
    this.showError(rest, Object.values(left)[0]);
  }

  showError(place, text) {
    showProblem(place, text);
    const input = this.element.querySelector(`[aria-describedby~="${place.id}"]`);
    if (!input || input === this.element) return;
    if (text) input.setAttribute("aria-invalid", "true");
    else input.removeAttribute("aria-invalid");
  }
}

// --- the line that says whether everything is saved --------------------------------

const line = form.querySelector("[data-save-state]");
const announcer = form.querySelector("[data-announce]");
let savedAt = null;
let problem = "";
let announced = "";

function showState() {
  const dirty = [...questions.values()].filter((one) => one.dirty);
  const failing = dirty.filter((one) => one.failures > 0);
  const refused = dirty.some((one) => one.refused);
  let text = "";
  if (refused) text = problem;
  else if (failing.length) text = failure(failing);
  else if (dirty.length) text = words.saving;
  else if (savedAt) text = words.saved.replace("%s", savedAt.toLocaleTimeString("ru"));
  const bad = refused || failing.length > 0;
  line.classList.toggle("bad", bad);
  if (text) line.textContent = text;
  // Screen readers hear of trouble and of its end, not of every save or second.
  const news = bad ? (refused ? text : words.offline) : "";
  if (news !== announced) announcer.textContent = news || text;
  announced = news;
}

function failure(failing) {
  if (!navigator.onLine) return words.offline;
  const next = Math.min(...failing.map((one) => one.nextTry));
  return words.retry.replace("%s", Math.max(1, Math.ceil((next - Date.now()) / 1000)));
}

function finished({ finished: url }) {
  leaving = true;
  location.assign(url);
}

// --- putting in order: buttons beside the selects ---------------------------------

function enhanceOrdering(list, question) {
  list.classList.add("enhanced");
  for (const item of list.children) {
    item.querySelector(".place").hidden = true;
    const moves = document.createElement("span");
    moves.className = "moves";
    const label = item.querySelector(".text").textContent;
    moves.append(moveButton("↑", words.up, label, -1), moveButton("↓", words.down, label, 1));
    const rank = document.createElement("span");
    rank.className = "rank";
    item.prepend(rank);
    item.append(moves);
  }
  list.addEventListener("click", (event) => {
    const button = event.target.closest("[data-move]");
    if (button) move(list, button, question);
  });
  number(list);
}

function moveButton(sign, name, label, step) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "button";
  button.dataset.move = step;
  button.textContent = sign;
  button.setAttribute("aria-label", `${name}: ${label}`);
  return button;
}

function move(list, button, question) {
  const item = button.closest("li");
  const other = button.dataset.move < 0 ? item.previousElementSibling : item.nextElementSibling;
  if (other) {
    if (button.dataset.move < 0) other.before(item);
    else other.after(item);
    button.focus();
  }
  const items = [...list.children];
  items.forEach((one, index) => (one.querySelector("select").value = String(index + 1)));
  number(list);
  announcer.textContent = `${words.place} ${items.indexOf(item) + 1}`;
  question.changed(TYPING_MS);
}

function number(list) {
  [...list.children].forEach((item, index) => {
    const chosen = item.querySelector("select").value;
    item.querySelector(".rank").textContent = chosen ? `${index + 1}.` : "·";
  });
}

// --- start --------------------------------------------------------------------------

for (const element of form.querySelectorAll("[data-question]")) {
  const question = new Question(element);
  questions.set(element, question);
  // Typing is saved after a pause, a choice at once.
  element.addEventListener("input", (event) => {
    const typed = event.target.matches("input[type=text], textarea");
    question.changed(typed ? TYPING_MS : 0);
  });
  element.addEventListener("focusout", () => question.dirty && question.plan(0));
  element.querySelectorAll("[data-ordering]").forEach((list) => enhanceOrdering(list, question));
  element
    .querySelectorAll("[data-parsons]")
    .forEach((list) => enhanceParsons(list, announcer, () => question.changed(TYPING_MS)));
}

setInterval(() => {
  if ([...questions.values()].some((one) => one.failures)) showState();
}, 1000);
window.addEventListener("online", () => questions.forEach((one) => one.dirty && one.plan(0)));
form.addEventListener("submit", () => (leaving = true)); // the form takes everything along
window.addEventListener("pageshow", () => (leaving = false));
window.addEventListener("beforeunload", (event) => {
  if (!leaving && [...questions.values()].some((one) => one.dirty)) event.preventDefault();
});
