// Sends what earlier pages of this attempt left in the journal.
import * as journal from "./journal.js";
import { address, announce, leave, post, words } from "./page.js";
import * as state from "./state.js";

const RETRY_MS = 5000;

// The newest entry of a question that is on this page is put into its boxes; whatever
// is older, or of another page, goes to the server by itself and into the history.
export function replay(questions) {
  const shown = new Map(questions.map((one) => [one.position, one]));
  const newest = new Map();
  for (const entry of journal.left()) {
    const before = newest.get(entry.position);
    if (before) send(before);
    newest.set(entry.position, entry);
  }
  for (const entry of newest.values()) {
    const question = shown.get(entry.position);
    if (question && !question.element.querySelector(".inputs").disabled) restore(question, entry);
    else send(entry);
  }
}

function restore(question, entry) {
  const values = new Map();
  for (const [name, value] of entry.fields) {
    values.set(name, [...(values.get(name) ?? []), value]);
  }
  for (const control of question.element.querySelectorAll("input[name], select, textarea")) {
    if (control.type === "hidden" || "flag" in control.dataset) continue;
    const given = values.get(control.name) ?? [];
    const choice = control.type === "radio" || control.type === "checkbox";
    if (choice) control.checked = given.includes(control.value);
    else control.value = given[0] ?? "";
  }
  question.revision.value = entry.revision;
  question.typed = { wall: entry.at, steady: null };
  question.adopted = entry.key;
  question.touch(0);
}

async function send(entry) {
  const data = new FormData();
  for (const [name, value] of entry.fields) data.append(name, value);
  data.set(`q${entry.position}-revision`, entry.revision);
  data.append("age", Math.max(0, Date.now() - entry.at));
  let reply;
  try {
    reply = await post(address(entry.position), data);
  } catch {
    reply = { status: 0 };
  }
  if (reply.status === 409) {
    journal.forgetAttempt();
    return leave((await reply.json()).finished);
  }
  if (!reply.ok && reply.status !== 422) return setTimeout(() => send(entry), RETRY_MS);
  journal.forget(entry.key); // taken, or refused for good
  if (!reply.ok) return;
  state.savedAt((await reply.json()).saved_at);
  state.show();
  announce(words.replayed);
}
