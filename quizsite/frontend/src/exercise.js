// The exercise page: keeps an unsent draft in this browser, gives the starter back,
// and tells before sending that the code is too large. The page works without it.
const form = document.querySelector("form[data-exercise]");
const LIMIT = 256 * 1024;
const KEEP_AFTER_MS = 400;

function start() {
  const source = form.elements.source;
  const starter = form.querySelector("[data-starter]").content.textContent;
  const key = `draft:${form.dataset.draftOwner}:${form.dataset.exercise}`;
  offerDraft(source, key, starter);
  offerStarter(source, starter);
  keepDrafts(source, key, starter);
  form.addEventListener("submit", (event) => {
    if (!isSmallEnough(source)) return event.preventDefault();
    if (form.hasAttribute("aria-busy")) return event.preventDefault();
    form.setAttribute("aria-busy", "true");
    form.querySelector("[type=submit]").setAttribute("aria-busy", "true");
  });
  // Back from the next page, the browser may show this one as it was left.
  window.addEventListener("pageshow", () => {
    form.removeAttribute("aria-busy");
    form.querySelector("[type=submit]").removeAttribute("aria-busy");
  });
}

function write(source, text) {
  source.value = text;
  source.dispatchEvent(new Event("change", { bubbles: true }));
}

function offerDraft(source, key, starter) {
  const draft = read(key);
  const notice = form.querySelector("[data-draft]");
  if (!draft || draft === normal(source.value) || draft === normal(starter)) return;
  notice.hidden = false;
  notice.querySelector("[data-restore]").addEventListener("click", () => {
    write(source, draft);
    notice.hidden = true;
  });
}

function offerStarter(source, starter) {
  const button = form.querySelector("[data-reset]");
  button.hidden = false;
  button.addEventListener("click", () => write(source, starter));
}

function keepDrafts(source, key, starter) {
  let timer = 0;
  const keep = () => {
    const text = normal(source.value);
    save(key, text === normal(starter) ? "" : text);
  };
  source.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(keep, KEEP_AFTER_MS);
  });
  // A draft is kept until the server has the code: it shows it from then on.
  window.addEventListener("pagehide", keep);
}

function isSmallEnough(source) {
  const tooLarge =
    !form.elements.file.files.length && new Blob([source.value]).size > LIMIT;
  form.querySelector("[data-too-large]").hidden = !tooLarge;
  return !tooLarge;
}

const normal = (text) => text.replaceAll("\r\n", "\n");

// Private windows may refuse storage: then there are no drafts, and nothing breaks.
function read(key) {
  try {
    return localStorage.getItem(key);
  } catch {
    return null;
  }
}

function save(key, text) {
  try {
    if (text) localStorage.setItem(key, text);
    else localStorage.removeItem(key);
  } catch {
    // no room: the text is still in the editor
  }
}

if (form) start();
