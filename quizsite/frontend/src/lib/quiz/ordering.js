// Putting in order: buttons beside the selects, which are all there is without this.
import { announce, words } from "./page.js";

export function enhanceOrdering(list, question, delay) {
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
    if (!button) return;
    move(list, button);
    question.changed(delay);
  });
  arrange(list);
  number(list);
}

// In the order that the selects say, which an earlier page may have left.
function arrange(list) {
  const place = (item) => Number(item.querySelector("select").value) || Infinity;
  const items = [...list.children];
  if (items.every((item) => place(item) < Infinity)) {
    list.append(...items.sort((one, other) => place(one) - place(other)));
  }
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

function move(list, button) {
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
  announce(`${words.place} ${items.indexOf(item) + 1}`);
}

function number(list) {
  [...list.children].forEach((item, index) => {
    const chosen = item.querySelector("select").value;
    item.querySelector(".rank").textContent = chosen ? `${index + 1}.` : "·";
  });
}
