// The form of the attempt's page, its words, and how the page speaks to the server.
export const form = document.querySelector("form[data-quiz]");
export const words = form.dataset;
const announcer = form.querySelector("[data-announce]");

// Where this page is about to go on purpose: nobody is asked, nothing is sent twice.
export const leaving = { now: false };

// For screen readers, at once and only once.
export function announce(text) {
  announcer.textContent = text;
}

export function address(position, what = "") {
  return `${words.base}answers/${position}/${what && `${what}/`}`;
}

// Signing in anew in another tab changes the token; the cookie knows.
function token() {
  const found = document.cookie.match(/(?:^|;\s*)csrftoken=([^;]+)/);
  return found ? found[1] : form.elements.csrfmiddlewaretoken.value;
}

export function post(url, body, options = {}) {
  return fetch(url, {
    method: "POST",
    body,
    headers: { "X-CSRFToken": token() },
    redirect: "error",
    signal: AbortSignal.timeout(20000),
    ...options,
  });
}

export function leave(url) {
  leaving.now = true;
  location.assign(url);
}

// "минута,минуты,минут" (or two forms, in a language that has no more) by a number.
export function plural(number, forms) {
  const all = forms.split(",");
  if (!document.documentElement.lang.startsWith("ru")) return all[number === 1 ? 0 : 1] ?? all[0];
  const [tens, units] = [number % 100, number % 10];
  if (units === 1 && tens !== 11) return all[0];
  return units >= 2 && units <= 4 && (tens < 12 || tens > 14) ? all[1] : all[2];
}
