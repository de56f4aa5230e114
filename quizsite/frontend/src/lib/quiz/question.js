// One question of the page: sends every change, keeps it in the journal until the
// server has it, and shows what the server said of it.
import * as journal from "./journal.js";
import { showEcho, showProblem } from "../said.js";
import { announce, form, leave, leaving, post, words } from "./page.js";
import * as state from "./state.js";
import { timeLeft } from "./timer.js";

const RETRY_MS = [1000, 2000, 4000, 8000, 15000, 30000];
const SIGNED_OUT_MS = 15000;

export class Question {
  constructor(element) {
    this.element = element;
    this.position = Number(element.dataset.question);
    this.version = 0; // grows with every change
    this.saved = 0; // the version that the server has
    this.typed = { wall: Date.now(), steady: performance.now() };
    this.adopted = null; // the key of another page's journal entry that this shows
    this.sending = null; // the save that is on its way
    this.reset();
  }

  reset() {
    this.failures = 0;
    this.refused = false; // a retry would be refused again
    this.signedOut = false;
  }

  get dirty() {
    return this.saved < this.version;
  }

  get revision() {
    return this.element.querySelector("[data-revision]");
  }

  changed(delay) {
    this.typed = { wall: Date.now(), steady: performance.now() };
    this.touch(delay);
  }

  touch(delay) {
    this.version += 1;
    this.reset();
    const entry = { fields: this.entries(), revision: this.revision.value, at: this.typed.wall };
    if (journal.note(this.position, entry) && this.adopted) {
      journal.forget(this.adopted);
      this.adopted = null;
    }
    this.plan(delay);
    state.show();
  }

  plan(delay) {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.save(), delay);
  }

  // Resolves once the server has answered, or failed to.
  save() {
    if (this.sending) return this.sending;
    if (!this.dirty || leaving.now) return Promise.resolve();
    clearTimeout(this.timer);
    this.sending = this.attempt().finally(() => {
      this.sending = null;
      state.show();
    });
    state.show();
    return this.sending;
  }

  // Everything typed so far, even while another save is on its way.
  async flush() {
    await this.save();
    if (this.dirty && !this.failures && !this.refused) await this.save();
    return !this.dirty;
  }

  async attempt() {
    const version = this.version;
    try {
      await this.send(version);
    } catch {
      this.retry();
    }
    if (this.dirty && version !== this.version) this.plan(0);
  }

  async send(version) {
    const reply = await post(this.element.dataset.url, this.body());
    if (reply.status === 409) return this.finished(await reply.json());
    if (reply.status >= 500 || reply.status === 429) throw new Error("try again");
    if (reply.status === 404 || reply.status === 403) return this.askToSignIn();
    if (!reply.ok) return this.refuse(reply);
    this.accept(await reply.json(), version);
  }

  body() {
    const data = new FormData();
    for (const [name, value] of this.entries()) data.append(name, value);
    const { wall, steady } = this.typed;
    // Not by the time of day where it can be helped: that clock may be set meanwhile.
    const age = steady === null ? Date.now() - wall : performance.now() - steady;
    data.append("age", Math.max(0, Math.round(age)));
    return data;
  }

  entries() {
    const found = [];
    for (const control of this.element.querySelectorAll("input[name], select, textarea")) {
      const choice = control.type === "radio" || control.type === "checkbox";
      if (!choice || control.checked) found.push([control.name, control.value]);
    }
    return found;
  }

  accept(answer, version) {
    this.saved = version;
    this.reset();
    state.savedAt(answer.saved_at);
    timeLeft(answer.left);
    this.revision.value = answer.revision;
    this.element.querySelector("[data-was]").value = answer.was;
    this.showOther(answer.other);
    if (version !== this.version) return; // a newer answer is on its way
    journal.forgetOwn(this.position);
    this.show(answer.state, answer.label);
    this.showErrors(answer.errors);
    for (const echo of this.element.querySelectorAll("[data-echo]")) {
      showEcho(echo, words.understood, answer.echo[echo.dataset.echo]);
    }
  }

  finished({ finished, kept }) {
    journal.forgetAttempt();
    if (kept) announce(words.late);
    leave(finished);
  }

  askToSignIn() {
    this.signedOut = true;
    this.plan(SIGNED_OUT_MS);
  }

  async refuse(reply) {
    this.refused = true;
    if (reply.status !== 422) return state.problem(words.failed);
    state.problem(words.refused);
    const { error, settled } = await reply.json();
    this.showErrors({ "*": error });
    if (settled) this.settle();
    else this.show("unsaved", error);
  }

  retry() {
    const wait = RETRY_MS[Math.min(this.failures, RETRY_MS.length - 1)];
    this.failures += 1;
    this.nextTry = Date.now() + wait;
    this.plan(wait);
  }

  // The right answer was shown: nothing more is taken.
  settle() {
    this.saved = this.version;
    this.reset();
    journal.forgetOwn(this.position);
    this.element.querySelector(".inputs").disabled = true;
  }

  // --- what is seen ---------------------------------------------------------------

  show(name, label) {
    const link = form.querySelector(`[data-nav="${this.position}"]`);
    for (const place of [this.element, link]) {
      place.dataset.state = name;
      place.querySelector("[data-state-text]").textContent = label;
    }
    const open = ["blank", "malformed", "incomplete", "unsaved"];
    const all = [...form.querySelectorAll("[data-nav]")];
    const answered = all.filter((one) => !open.includes(one.dataset.state));
    form.querySelector("[data-answered]").textContent = answered.length;
  }

  showOther(html) {
    const place = this.element.querySelector("[data-other]");
    if (!html) {
      place.replaceChildren();
      return;
    }
    place.innerHTML = html;
    place.dispatchEvent(new CustomEvent("htmx:load", { bubbles: true })); // mathematics
    announce(`${words.questionWord} ${this.position}: ${place.querySelector("p").textContent}`);
    place.querySelector("[data-insist]")?.addEventListener("click", () => {
      place.replaceChildren();
      this.changed(0);
    });
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
