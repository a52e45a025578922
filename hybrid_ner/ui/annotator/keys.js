// Keys. The table comes from the server: each entry has the key, the command it stands for and a line of help.
// Decisions about one span become edits, which are bound to the text on the screen; everything else is sent as
// the line a reviewer would have typed.

const TYPING = "input:not([type='radio']):not([type='checkbox']), textarea, select, [contenteditable=''], [contenteditable='true'], [role='textbox'], " +
  "[role='combobox'], [role='listbox'], [role='dialog'], [role='menu']";
const STREAMLIT_KEYS = new Set(["r", "c"]);

function deepActive() {
  let active = document.activeElement;
  while (active && active.shadowRoot && active.shadowRoot.activeElement) active = active.shadowRoot.activeElement;
  return active;
}

/** Whether a part of the page that is drawn may take the keys: nobody has them, or the link just followed to it. */
function mayTakeKeys(isNew) {
  const active = deepActive();
  if (!active || active === document.body) return true;
  return isNew && active.matches("a") && Boolean(active.closest("header, [data-testid='stSidebar']"));
}

/** Enter is for a question that has come, also where a button of the page has asked it; who types goes on typing. */
function giveEnter(place) {
  if (!deepActive()?.matches(TYPING)) place.focus({ preventScroll: true });
}

/** Whether a key press is meant for the annotator and not for a field or a button somewhere else. */
function isForUs(event, root) {
  if (event.ctrlKey || event.altKey || event.metaKey || event.isComposing) return false;
  const active = deepActive();
  if (!active || active === document.body) return true;
  if (active.matches(TYPING) || active.closest(TYPING)) return false;
  if (root.contains(active)) return !(active.matches("button") && [" ", "Enter"].includes(event.key));
  const presses = [" ", "Enter", "Tab", "ArrowUp", "ArrowDown", "ArrowLeft", "ArrowRight", "Escape"];
  return !(active.matches("button, a, summary, input, [role='tab'], [role='button']") && presses.includes(event.key));
}

/** More labels than these are folded: those that matter here would be lost among them. */
const MANY_LABELS = 12;
/** So many of them always keep their buttons, the first ones: labels of one's own stand before those of the subject. */
const SOME_LABELS = 6;

/** Labels with a button: all of a few; of many the first ones and those in use here. Every label keeps its key. */
function nearLabels(offered, used) {
  if (offered.length <= MANY_LABELS) return offered;
  return offered.filter(({ label }, place) => place < SOME_LABELS || used.has(label));
}

/** The name of the button that unfolds them, or folds them again; empty without one. */
function foldName(offered, near, every) {
  if (every) return offered.length > MANY_LABELS ? "Fewer labels" : "";
  const rest = offered.length - near.length;
  return rest ? `${rest} more label${rest === 1 ? "" : "s"}` : "";
}

/** What a command template means for the selected span, or null when it is a line to be sent. */
function editOf(command, number) {
  if (command === "ok {n}") return { kind: "accept", number };
  if (command === "no {n}") return { kind: "reject", number };
  if (command === "reopen {n}") return { kind: "reopen", number };
  if (command === "{n} is {label}") return { kind: "relabel", number };
  const moved = /^\{n\} ([+\-<>])1$/.exec(command);
  if (!moved) return null;
  const [edge, outward] = { "+": ["right", true], "-": ["right", false], "<": ["left", true], ">": ["left", false] }[moved[1]];
  return { kind: "boundary", number, edge, outward };
}

/** How sure a source is, where it says more than that it found it: rules have no doubts. */
function sureness(score) {
  const percent = Math.round(100 * score);
  return percent < 100 ? `${percent} % sure` : "";
}
