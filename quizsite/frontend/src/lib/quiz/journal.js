// What was typed and not yet taken by the server, kept in this browser: it outlives a
// lost connection, a dead server, a signed-out session and the page itself.
//
// An entry is named after its attempt, question and *page* (a load of the page in one
// tab), so tabs never overwrite each other's. The next page of the attempt replays what
// earlier ones left; if one of them still lives and sends the same, the server notices.
import { words } from "./page.js";

const PREFIX = "quiz-journal:";
const KEEP_MS = 7 * 24 * 3600 * 1000;
const page = [...crypto.getRandomValues(new Uint32Array(2))].map((n) => n.toString(36)).join("");

const keyOf = (position) => `${PREFIX}${words.attempt}:${position}:${page}`;

// Storage may be forbidden or full: then the page goes on without a journal.
function attempted(work, otherwise) {
  try {
    return work();
  } catch {
    return otherwise;
  }
}

export const works = attempted(() => {
  localStorage.setItem(PREFIX, "1");
  localStorage.removeItem(PREFIX);
  return true;
}, false);

// Whether it is kept now.
export function note(position, entry) {
  return attempted(() => {
    localStorage.setItem(keyOf(position), JSON.stringify(entry));
    return true;
  }, false);
}

export function forget(key) {
  attempted(() => localStorage.removeItem(key));
}

export function forgetOwn(position) {
  forget(keyOf(position));
}

export function forgetAttempt() {
  for (const key of keys()) if (key.startsWith(`${PREFIX}${words.attempt}:`)) forget(key);
}

// Entries of this attempt that other pages left: { key, position, fields, revision, at }.
export function left() {
  const found = [];
  for (const key of keys()) {
    const [attempt, position, owner] = key.slice(PREFIX.length).split(":");
    const entry = attempted(() => JSON.parse(localStorage.getItem(key)));
    if (!entry || Date.now() - entry.at > KEEP_MS) forget(key);
    else if (attempt === words.attempt && owner !== page) {
      found.push({ ...entry, key, position: Number(position) });
    }
  }
  return found.sort((one, other) => one.at - other.at);
}

function keys() {
  return attempted(() => Object.keys(localStorage).filter((key) => key.startsWith(PREFIX)), []);
}
