// Turns <textarea data-editor> into a Python editor. The textarea stays the form's
// field and always holds the text, so submitting, drafts and scripts see no editor.
//
// data-editor-hint   text read with the field ("Esc, then Tab leaves the editor")
// The page's <script nonce> lends its nonce to the style sheet the editor makes.
import { closeBrackets, closeBracketsKeymap } from "@codemirror/autocomplete";
import {
  defaultKeymap,
  history,
  historyKeymap,
  indentWithTab,
} from "@codemirror/commands";
import { python } from "@codemirror/lang-python";
import {
  bracketMatching,
  HighlightStyle,
  indentOnInput,
  indentUnit,
  syntaxHighlighting,
} from "@codemirror/language";
import { EditorState } from "@codemirror/state";
import {
  drawSelection,
  EditorView,
  highlightActiveLine,
  highlightActiveLineGutter,
  keymap,
  lineNumbers,
} from "@codemirror/view";
import { tags } from "@lezer/highlight";

// Colours come from custom properties, which the page's style sheet may set for the
// light and the dark theme; light-dark() is the default.
const colour = (name, light, dark) =>
  `var(--code-${name}, light-dark(${light}, ${dark}))`;

const theme = EditorView.theme({
  "&": {
    color: colour("text", "#1f2328", "#e6edf3"),
    backgroundColor: colour("background", "#fcfcfd", "#14181f"),
    border: `1px solid ${colour("border", "#8a919c", "#59616e")}`,
    borderRadius: "6px",
    fontSize: "0.9375rem",
  },
  "&.cm-focused": {
    outline: `2px solid ${colour("focus", "#1a5fb4", "#7ab7ff")}`,
    outlineOffset: "2px",
  },
  ".cm-scroller": {
    fontFamily: "var(--font-mono, ui-monospace, monospace)",
    lineHeight: "1.5",
    minHeight: "14rem",
    maxHeight: "70vh",
  },
  ".cm-content": { caretColor: colour("text", "#1f2328", "#e6edf3") },
  ".cm-cursor": { borderLeftColor: colour("text", "#1f2328", "#e6edf3") },
  ".cm-gutters": {
    color: colour("gutter", "#656d76", "#9198a1"),
    backgroundColor: "transparent",
    border: "none",
  },
  ".cm-activeLine, .cm-activeLineGutter": {
    backgroundColor: colour("line", "#2f6fde12", "#8ab4ff14"),
  },
  ".cm-selectionBackground, &.cm-focused > .cm-scroller .cm-selectionBackground": {
    backgroundColor: colour("selection", "#b6d5fb", "#24477a"),
  },
});

const highlight = HighlightStyle.define([
  { tag: tags.keyword, color: colour("keyword", "#a5264a", "#ff8fa3") },
  { tag: [tags.string, tags.special(tags.string)], color: colour("string", "#0b5c34", "#8ddb9f") },
  { tag: [tags.number, tags.bool, tags.null], color: colour("number", "#0a55ac", "#86bdff") },
  { tag: tags.comment, color: colour("comment", "#5f6873", "#9aa4b0"), fontStyle: "italic" },
  {
    tag: [tags.function(tags.definition(tags.variableName)), tags.definition(tags.className)],
    color: colour("definition", "#6b34b5", "#d0a8ff"),
  },
  { tag: tags.meta, color: colour("meta", "#8a4600", "#ffb870") },
]);

function pageNonce() {
  return document.querySelector("script[nonce]")?.nonce ?? "";
}

function describe(textarea) {
  const attributes = { spellcheck: "false", autocapitalize: "off", tabindex: "0" };
  const label = textarea.labels?.[0];
  attributes["aria-label"] =
    label?.textContent.trim() || textarea.getAttribute("aria-label") || "Python";
  const hint = textarea.dataset.editorHint;
  if (hint) attributes["aria-description"] = hint;
  return attributes;
}

function mirrorInto(textarea) {
  return EditorView.updateListener.of((update) => {
    if (!update.docChanged) return;
    textarea.value = update.state.doc.toString();
    textarea.dispatchEvent(new Event("input", { bubbles: true }));
  });
}

function enhance(textarea) {
  textarea.dataset.editor = "on";
  const readOnly = textarea.readOnly || textarea.disabled;
  const view = new EditorView({
    doc: textarea.value,
    extensions: [
      EditorView.cspNonce.of(pageNonce()),
      lineNumbers(),
      highlightActiveLine(),
      highlightActiveLineGutter(),
      history(),
      drawSelection(),
      indentOnInput(),
      bracketMatching(),
      closeBrackets(),
      python(),
      indentUnit.of("    "),
      EditorState.tabSize.of(4),
      EditorState.readOnly.of(readOnly),
      // Esc and then Tab (or Ctrl-m) moves on: no keyboard trap.
      keymap.of([...closeBracketsKeymap, ...defaultKeymap, ...historyKeymap, indentWithTab]),
      syntaxHighlighting(highlight),
      theme,
      EditorView.contentAttributes.of(describe(textarea)),
      mirrorInto(textarea),
    ],
  });
  textarea.hidden = true;
  textarea.required = false; // a hidden field that fails validation blocks in silence
  textarea.after(view.dom);
  textarea.labels?.[0]?.addEventListener("click", () => view.focus());
  // Others may set the text too (a draft, an uploaded file): they write the value and
  // send "change".
  textarea.addEventListener("change", () => replaceText(view, textarea.value));
  textarea.form?.addEventListener("reset", () =>
    queueMicrotask(() => replaceText(view, textarea.defaultValue)),
  );
}

function replaceText(view, text) {
  const current = view.state.doc;
  if (current.toString() === text) return;
  view.dispatch({ changes: { from: 0, to: current.length, insert: text } });
}

export function startEditors(root = document) {
  root.querySelectorAll('textarea[data-editor]:not([data-editor="on"])').forEach(enhance);
}

startEditors();
document.addEventListener("htmx:load", (event) => startEditors(event.target));
