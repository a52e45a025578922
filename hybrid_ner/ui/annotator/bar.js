// The line above the text: what is selected, and a button for everything that can be done with it.

/** So many labels stand before the buttons that move edges; more would push these out of sight. */
const FEW_LABELS = 6;

class Bar {
  constructor(host, view) {
    this.view = view;
    this.about = host.querySelector(".about");
    this.actions = host.querySelector(".actions");
    this.every = false;
  }

  show(span, draft) {
    this.about.replaceChildren();
    this.actions.replaceChildren();
    if (draft) this.showDraft(span, draft);
    else if (span) this.showSpan(span);
    else this.about.textContent = this.hint();
  }

  hint() {
    const { data, shown, parts } = this.view;
    if (!data.doc.id) return "There is no document here.";
    const complete = "press Next: the document then counts as reviewed.";
    const waits = data.doc.done || parts.several ? "go on to the next document." : complete;
    if (!shown.length) return `Nothing is marked here. Drag over a term to add it, or ${waits}`;
    if (waits === complete && !shown.some((span) => span.status === "open")) return `Nothing is open here. Drag over what was missed, or ${complete}`;
    return "Nothing is selected. Choose a mention, drag over a missed term, or go on to the next document.";
  }

  showSpan(span) {
    const { view } = this;
    // One that lost against a neighbour is no sure one, whatever it scored by itself.
    const sure = span.chosen || span.status !== "open" ? sureness(span.score) : "less likely";
    const score = span.origin === "reviewer" ? "" : sure;
    const how = [nameOf(view.data.labels, span.label), MARK_WORDS[span.origin], METHOD_WORDS[span.method] || span.method, span.flags, score, STATUS_WORDS[span.status]];
    this.write(span.number > 0 ? `${span.number}` : "new", span, how.filter(Boolean).join(" · "));
    if (span.number < 0) return;
    this.button("Accept", "a", () => view.decide("accept"), span.status === "accepted");
    this.button("Reject", "x", () => view.decide("reject"), span.status === "rejected");
    const few = view.offered.length <= FEW_LABELS;
    if (few) this.labels((label) => view.decide("relabel", label), span.label);
    this.edges();
    this.same();
    this.button("Everywhere", "A", () => view.line(view.everywhere(span)), null, `Everywhere, shown first: ${view.everywhere(span)}`);
    this.button("Why", "w", () => view.line(`why ${span.number}`), null);
    if (!few) this.labels((label) => view.decide("relabel", label), span.label);
  }

  /** Four buttons that move the edges of the new span, or of the selected one. */
  edges() {
    const { view } = this;
    this.button("\u2190|", "[", () => view.moveEdge("left", true), null, "Move the left edge out by one word");
    this.button("|\u2192", "]", () => view.moveEdge("right", true), null, "Move the right edge out by one word");
    this.button("\u2192|", "{", () => view.moveEdge("left", false), null, "Move the left edge in by one word");
    this.button("|\u2190", "}", () => view.moveEdge("right", false), null, "Move the right edge in by one word");
    const edges = element("span", "edges");
    edges.append(...[...this.actions.children].slice(-4));
    this.actions.append(edges);
  }

  /** The last verdict has other places here: one key for all of them. */
  same() {
    const { count } = this.view.sameHere;
    if (!count) return;
    const { kind, surface, label } = this.view.verdict;
    const said = { accept: "accept", reject: "reject" }[kind] || label;
    this.button(`Same here (${count})`, "e", () => this.view.doSame(), null, `Same here (${count}), ${said}: “${surface}” in its ${count} other places here`);
  }

  showDraft(span, draft) {
    const { view } = this;
    const likely = draft.label && nameOf(view.data.labels, draft.label);
    const { count } = view.sameAs({ kind: "add", surface: view.text.slice(draft.start, draft.end), label: draft.label, start: draft.start });
    const too = draft.here && count ? `, here and in ${count} other ${count === 1 ? "place" : "places"}` : "";
    this.write("+", draft, likely ? `new mention${too}: ${likely} with Enter, or choose another label` : `new mention${too}: choose its label, by button or key`);
    this.labels((label) => view.addDraft(label), draft.label);
    if (likely && count && !draft.here) this.button(`All ${count + 1} here`, "e", () => view.ownKey("e"), null, `${likely}, here and in the ${count} other ${count === 1 ? "place" : "places"} of the term; a drag with Shift marks all of them at once`);
    this.edges();
    const moved = movable(view.shown, span, draft, view.text);
    if (moved) this.button(`Move ${moved.number} here`, "", () => view.bound(moved.number, draft.start, draft.end), null);
    this.button("Cancel", "Esc", () => view.fixedKey("Escape"), null);
  }

  labels(action, current) {
    const { offered, shown, lastLabel } = this.view;
    const used = new Set([current, lastLabel, ...shown.map((span) => span.label)]);
    const near = this.every ? offered : nearLabels(offered, used);
    for (const { label, name, key, definition } of near) {
      this.button(name, key, () => action(label), label === current, "", definition);
    }
    const fold = foldName(offered, near, this.every);
    if (fold) this.button(fold, "", () => this.unfold(), null);
  }

  /** Shows every label, or those in use again. */
  unfold() {
    this.every = !this.every;
    this.view.paint();
  }

  write(number, span, rest) {
    const whole = this.view.text.slice(span.start, span.end);
    const surface = whole.length > 80 ? `${whole.slice(0, 40)}\u2026${whole.slice(-39)}` : whole;
    for (const [name, value] of [["number", number], ["surface", surface], ["rest", rest]]) {
      const node = document.createElement("span");
      node.className = name;
      node.textContent = value;
      this.about.append(node, " ");
    }
  }

  button(name, key, action, pressed, help = "", definition = "") {
    const node = document.createElement("button");
    node.type = "button";
    node.textContent = name;
    node.dataset.key = key;
    node.title = definition ? `${name}: ${definition}` : help || (key ? `${name} (key ${key})` : name);
    // The key that the style sheet draws behind the name is no part of the name.
    node.setAttribute("aria-label", help || name);
    if (key.length === 1) node.setAttribute("aria-keyshortcuts", key);
    if (pressed !== null) node.setAttribute("aria-pressed", String(pressed));
    node.addEventListener("click", () => {
      action();
      this.view.home.focus({ preventScroll: true });
    });
    this.actions.append(node);
  }
}

/** A field for commands that need words. */
class Prompt {
  constructor(host, view) {
    this.view = view;
    this.form = host.querySelector(".prompt");
    this.name = host.querySelector(".prompt-name");
    this.field = host.querySelector(".prompt-line");
    this.form.addEventListener("submit", (event) => this.send(event));
    this.form.addEventListener("keydown", (event) => event.key === "Escape" && this.close());
  }

  ask(command, help, span) {
    const filled = command.replace("{n}", span?.number ?? "");
    const at = filled.search(/\{text\}|\{label\}/);
    this.form.hidden = false;
    this.name.textContent = help;
    this.field.value = filled.replace(/\{text\}|\{label\}/g, "");
    this.field.focus();
    this.field.setSelectionRange(at, at);
  }

  /** Shows a whole line that Enter sends. */
  fill(line, help) {
    this.ask(`${line}{text}`, help, null);
  }

  send(event) {
    event.preventDefault();
    const line = this.field.value.trim();
    this.close();
    if (line) this.view.line(line);
  }

  close() {
    this.form.hidden = true;
    this.view.page.focus({ preventScroll: true });
  }
}
