// The line that says whether everything is saved, and when.
import * as journal from "./journal.js";
import { announce, form, words } from "./page.js";

const line = form.querySelector("[data-save-state]");
const known = { savedAt: null, problem: "", announced: "" };
let questions = [];

export function watch(list) {
  questions = list;
  if (line.dataset.savedAt) savedAt(line.dataset.savedAt); // in this machine's time zone
  show();
  setInterval(() => {
    if (questions.some((one) => one.failures)) show();
  }, 1000);
}

export function savedAt(moment) {
  known.savedAt = new Date(moment);
}

export function problem(text) {
  known.problem = text;
}

export function show() {
  const dirty = questions.filter((one) => one.dirty);
  const failing = dirty.filter((one) => one.failures > 0);
  const refused = dirty.some((one) => one.refused);
  const signedOut = dirty.some((one) => one.signedOut);
  const bad = refused || signedOut || failing.length > 0;
  const text = sentence({ dirty, failing, refused, signedOut });
  line.classList.toggle("bad", bad);
  if (text) write(text, signedOut);
  // Screen readers hear of trouble and of its end, not of every save or second.
  const news = bad ? (failing.length && !signedOut ? words.offline : text) : "";
  if (news !== known.announced) announce(news || text);
  known.announced = news;
}

// A link that is made anew under the pointer is not clicked, and loses the focus.
function write(text, signedOut) {
  const written = signedOut ? `${text} ${words.signIn}` : text;
  if (line.textContent === written) return;
  line.textContent = text;
  if (signedOut) line.append(" ", signInLink());
}

function sentence({ dirty, failing, refused, signedOut }) {
  if (signedOut) return words.signedOut;
  if (refused) return known.problem;
  if (failing.length) return failure(failing);
  if (dirty.length) return words.saving;
  const time = known.savedAt?.toLocaleTimeString(document.documentElement.lang);
  return time ? words.saved.replace("%s", time) : "";
}

function failure(failing) {
  if (!navigator.onLine) return journal.works ? words.offline : words.offlineHere;
  const next = Math.min(...failing.map((one) => one.nextTry));
  return words.retry.replace("%s", Math.max(1, Math.ceil((next - Date.now()) / 1000)));
}

function signInLink() {
  const link = document.createElement("a");
  link.href = `${words.login}?next=${encodeURIComponent(location.pathname + location.search)}`;
  link.textContent = words.signIn;
  link.dataset.leave = ""; // the journal has everything: nothing to warn of
  return link;
}
