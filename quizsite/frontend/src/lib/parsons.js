// Lines of code to put in order and to indent: buttons in the place of the two selects
// that each line has. The selects stay what is sent; lines without a place wait below.

// What a button does to its line, and for which lines it is there.
const ACTIONS = {
  up: { sign: "↑", used: true },
  down: { sign: "↓", used: true },
  left: { sign: "←", used: true, indents: true },
  right: { sign: "→", used: true, indents: true },
  remove: { sign: "✕", used: true },
  add: { sign: "+", used: false },
};

export function enhanceParsons(list, announce, changed) {
  const words = list.dataset;
  const waiting = document.createElement("ul");
  waiting.className = "parsons waiting";
  waiting.setAttribute("role", "list");
  const title = document.createElement("p");
  title.className = "hint";
  title.textContent = words.waiting;
  list.after(title, waiting);
  list.classList.add("enhanced");

  const place = (item) => item.querySelector("[data-place]");
  const indent = (item) => item.querySelector("[data-indent]");

  for (const item of [...list.children]) {
    item.querySelector(".place").hidden = true;
    const rank = document.createElement("span");
    rank.className = "rank";
    item.prepend(rank);
    item.append(buttons(item, words, Boolean(indent(item))));
    if (!place(item).value) waiting.append(item);
  }

  function act(item, action) {
    const levels = indent(item);
    if (action === "up" && item.previousElementSibling) item.previousElementSibling.before(item);
    if (action === "down" && item.nextElementSibling) item.nextElementSibling.after(item);
    if (action === "left" && levels.selectedIndex > 0) levels.selectedIndex -= 1;
    if (action === "right" && levels.selectedIndex < levels.length - 1) levels.selectedIndex += 1;
    if (action === "add") list.append(item);
    if (action === "remove") waiting.append(item);
  }

  function draw() {
    [...list.children].forEach((item, index) => {
      place(item).value = String(index + 1);
      item.querySelector(".rank").textContent = `${index + 1}.`;
      item.dataset.level = indent(item)?.value ?? "0";
    });
    for (const item of waiting.children) {
      place(item).value = "";
      item.querySelector(".rank").textContent = "";
      item.dataset.level = "0";
    }
    for (const button of list.parentElement.querySelectorAll("[data-action]")) {
      button.hidden = ACTIONS[button.dataset.action].used !== list.contains(button);
    }
    title.hidden = !waiting.children.length;
  }

  function onClick(event) {
    const button = event.target.closest("[data-action]");
    if (!button) return;
    const item = button.closest("li");
    act(item, button.dataset.action);
    draw();
    // The button may have gone with what it did; the keyboard must not lose its place.
    (button.hidden ? item.querySelector("[data-action]:not([hidden])") : button).focus();
    announce(told(item));
    changed();
  }

  function told(item) {
    if (!list.contains(item)) return words.removed;
    const levels = indent(item) ? `, ${words.indent} ${indent(item).value}` : "";
    return `${words.place} ${place(item).value}${levels}`;
  }

  list.addEventListener("click", onClick);
  waiting.addEventListener("click", onClick);
  draw();
}

function buttons(item, words, indents) {
  const group = document.createElement("span");
  group.className = "moves";
  const label = item.querySelector(".text").textContent;
  for (const [name, action] of Object.entries(ACTIONS)) {
    if (action.indents && !indents) continue;
    const button = document.createElement("button");
    button.type = "button";
    button.className = "button";
    button.dataset.action = name;
    button.textContent = action.sign;
    button.setAttribute("aria-label", `${words[name]}: ${label}`);
    group.append(button);
  }
  return group;
}
