// The time that is left, by the server's clock: this machine's may be hours off, so it
// is only asked for how much has passed. More time may be granted while one works.
import { announce, form, leave, plural, post, words } from "./page.js";

const ASK_MS = 30000;
const ANNOUNCE_AT = [600, 300, 60]; // seconds
const FLUSH_MS = 50000; // the server takes what was typed in time for a minute
const place = form.querySelector("[data-timer]");
const clock = { left: 0, since: 0, over: false, last: Infinity };

export function timeLeft(seconds) {
  if (!place || seconds === null || seconds === undefined) return;
  const before = remaining();
  clock.left = seconds;
  clock.since = performance.now();
  if (seconds <= before + 5) return;
  clock.last = Infinity; // granted time is announced anew when it runs out again
  place.querySelector(".until").hidden = true;
}

function remaining() {
  return clock.left - (performance.now() - clock.since) / 1000;
}

export function startTimer(questions) {
  if (!place) return;
  timeLeft(Number(place.dataset.left));
  clock.last = Infinity;
  const until = place.querySelector("time");
  until.textContent = new Date(until.dateTime).toLocaleTimeString(document.documentElement.lang);
  place.querySelector(".until").hidden = false;
  setInterval(() => tick(questions), 1000);
  setInterval(ask, ASK_MS);
  document.addEventListener("visibilitychange", () => document.hidden || ask());
  tick(questions);
}

async function ask() {
  try {
    const reply = await fetch(`${words.base}clock/`, { signal: AbortSignal.timeout(10000) });
    const { left, finished } = await reply.json();
    if (finished) leave(finished);
    else timeLeft(left);
  } catch {
    // The clock that runs here is good enough until the line is back.
  }
}

function tick(questions) {
  const left = Math.max(0, Math.ceil(remaining()));
  const text = place.querySelector("[data-left-text]");
  text.textContent = left ? `${words.leftWord} ${digits(left)}` : words.over;
  place.classList.toggle("urgent", left <= 60);
  const passed = ANNOUNCE_AT.filter((limit) => left <= limit && clock.last > limit);
  if (left && passed.length && clock.last !== Infinity) {
    const minutes = Math.ceil(left / 60);
    announce(`${words.leftWord} ${minutes} ${plural(minutes, words.minutes)}`);
  }
  clock.last = left;
  if (!left && !clock.over) end(questions);
  else if (left && clock.over) reopen(questions);
}

function digits(seconds) {
  const two = (number) => String(number).padStart(2, "0");
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor((seconds % 3600) / 60)];
  return `${hours ? `${hours}:${two(minutes)}` : minutes}:${two(seconds % 60)}`;
}

// Nothing more is typed; what was is sent, and then the attempt ends.
async function end(questions) {
  clock.over = true;
  announce(words.over);
  const waiting = questions.filter((one) => one.dirty);
  lock(questions, true);
  const patience = new Promise((resolve) => setTimeout(resolve, FLUSH_MS));
  await Promise.race([Promise.all(waiting.map((one) => one.flush())), patience]);
  if (!clock.over || questions.some((one) => one.dirty)) return; // the server will end it
  try {
    await post(`${words.base}finish/`, new FormData(), { redirect: "manual" });
    leave(`${words.base}result/`);
  } catch {
    ask();
  }
}

function reopen(questions) {
  clock.over = false;
  lock(questions, false);
}

function lock(questions, locked) {
  for (const { element } of questions) {
    for (const control of element.querySelectorAll("input, select, textarea, button")) {
      if (control.type === "radio" || control.type === "checkbox" || control.matches("select, button")) {
        control.inert = locked;
      } else control.readOnly = locked;
    }
  }
}
