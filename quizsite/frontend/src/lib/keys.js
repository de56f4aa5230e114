// Which key was pressed, whatever the layout: with Russian letters «с» is where "c" is.
export function keyOf(event) {
  if (event.isComposing || event.altKey || event.metaKey) return "";
  const place = /^(?:Key|Digit|Numpad)([A-Z0-9])$/.exec(event.code);
  const name = (place && !event.shiftKey ? place[1] : event.key).toLowerCase();
  if (!event.ctrlKey) return name;
  return name === "enter" ? "ctrl+enter" : "";
}

// Whether keys are letters there.
export function typing(element) {
  const fields = "textarea, select, [contenteditable], input:not([type=checkbox], [type=radio])";
  return element.closest?.(fields) != null;
}
