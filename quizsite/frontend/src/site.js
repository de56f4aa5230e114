// On every page; small. Everything here is a comfort: pages work without it.

// --- mathematics: KaTeX is fetched only where there is something to draw ---------
const setting = (name) => document.querySelector(`meta[name="${name}"]`)?.content;

function fetchMath() {
  const script = setting("math-script");
  if (fetchMath.done || !script) return;
  fetchMath.done = true;
  const styles = document.createElement("link");
  styles.rel = "stylesheet";
  styles.href = setting("math-styles");
  document.head.append(styles);
  import(new URL(script, document.baseURI).href).then(letScrollersTakeFocus);
}

function watchMath(root) {
  if (root.querySelector?.(".math") || root.classList?.contains("math")) fetchMath();
}

watchMath(document);

// --- what scrolls sideways can be scrolled from the keyboard ------------------------
function letScrollersTakeFocus() {
  for (const box of document.querySelectorAll("pre, .table-scroll, .prose table, .math.block")) {
    if (box.scrollWidth > box.clientWidth) box.tabIndex = 0;
    else box.removeAttribute("tabindex");
  }
}

letScrollersTakeFocus();
window.addEventListener("resize", letScrollersTakeFocus);

// --- forms ------------------------------------------------------------------------
// <form data-confirm="Удалить ключ?"> asks first; <form data-once> is sent once, so a
// double click makes one request (the server must hold anyway).
document.addEventListener("submit", (event) => {
  const form = event.target;
  const question = event.submitter?.dataset.confirm ?? form.dataset.confirm;
  if (question && !window.confirm(question)) {
    event.preventDefault();
    return;
  }
  if (!("once" in form.dataset)) return;
  if (form.dataset.sent) event.preventDefault();
  form.dataset.sent = "yes";
  event.submitter?.setAttribute("aria-busy", "true");
});

// Back from the next page: the form may be sent again.
window.addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-sent]")) {
    delete form.dataset.sent;
    form.querySelectorAll("[aria-busy]").forEach((e) => e.removeAttribute("aria-busy"));
  }
});

// --- <button hidden data-copy="#id" data-copied="Скопировано">Скопировать</button> ---
function showCopyButtons(root) {
  if (!navigator.clipboard) return;
  root.querySelectorAll?.("button[data-copy][hidden]").forEach((b) => (b.hidden = false));
}

document.addEventListener("click", async (event) => {
  const button = event.target.closest?.("button[data-copy]");
  const source = button && document.querySelector(button.dataset.copy);
  if (!source) return;
  await navigator.clipboard.writeText(source.value ?? source.textContent);
  button.textContent = button.dataset.copied ?? button.textContent;
});

showCopyButtons(document);

// Fragments that htmx swaps in want all of this too.
document.addEventListener("htmx:load", (event) => {
  watchMath(event.target);
  letScrollersTakeFocus();
  showCopyButtons(event.target);
});
