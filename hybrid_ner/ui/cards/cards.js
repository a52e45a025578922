// Cards about terms of the whole project. Every button and key is a line of the command language, which the page
// shows as its help; a line that asks about exactly the spans that the card counts is confirmed with them.

const boards = new WeakMap();
const MARKS = { rule: "rules", model: "model", "rule+model": "both", gazetteer: "term list" };
const OPINIONS = { "rule\u2260model": "rules and model disagree", split: "models or people disagree", agree: "models or people agree" };
const ASK_ABOVE = 100;

const many = (count, one) => `${count.toLocaleString("en")} ${one}${count === 1 ? "" : "s"}`;
const cardKey = (card) => card.key;
/** On a phone what stands before a term would leave no room for it: its last words. */
const NARROW = matchMedia("(max-width: 640px)");
const nearby = (before) => (before.length > 20 ? `… ${before.slice(-18).replace(/^\S*\s+/, "")}` : before);

class Board {
  constructor(host) {
    this.host = host;
    this.root = host.querySelector(".cards");
    this.list = host.querySelector(".list");
    this.question = host.querySelector(".ask");
    this.echo = host.querySelector(".echo");
    this.saved = host.querySelector(".saved");
    this.aloud = host.querySelector(".spoken");
    host.querySelector(".undo").addEventListener("click", () => this.undo());
    this.outbox = new Outbox(() => this.showSaved(), "hybrid-ner-unsaved-cards");
    this.framed = "";
    this.verdicts = new Map();
    this.left = new Set();
    this.unticked = new Map();
    this.every = false;
    this.nodes = new Map();
    this.stops = new AbortController();
    const options = { signal: this.stops.signal, capture: true };
    window.addEventListener("keydown", (event) => this.onKey(event), options);
    window.addEventListener("keyup", (event) => STREAMLIT_KEYS.has(event.key) && isForUs(event, this.root) && event.stopPropagation(), options);
    this.stops.signal.addEventListener("abort", keepFitted(() => this.fit()));
  }

  stop() {
    this.stops.abort();
    this.outbox.stop();
  }

  update(data, setStateValue) {
    const before = this.data && this.place(this.framed);
    const known = new Set(this.data?.cards.map(cardKey));
    const isNew = !this.data;
    this.data = data;
    // Once it waits no more, it may be asked again.
    if (data.question?.key !== this.asked) this.asked = null;
    if (isNew) this.left = new Set(data.left);
    this.outbox.send = (value) => setStateValue("outbox", { ...value, left: [...this.left] });
    this.outbox.acknowledge(data.acknowledged);
    // A verdict stays on its card until the server has answered it; then the list says what is so.
    const waiting = new Set(this.outbox.waiting.map(({ edit }) => edit.card || edit.line));
    for (const key of this.verdicts.keys()) if (!waiting.has(key)) this.verdicts.delete(key);
    // What an undo brings back is looked at first.
    const back = this.undoing && this.shown.find((card) => !known.has(cardKey(card)));
    if (back) this.framed = cardKey(back);
    if (back || !waiting.size) this.undoing = false;
    if (!this.card(this.framed)) this.framed = this.openFrom(Math.max(0, before || 0));
    this.draw();
    requestAnimationFrame(() => this.fit());
    if (mayTakeKeys(isNew)) this.list.focus({ preventScroll: true });
    if (this.outbox.waiting.some((item) => !item.sent)) this.outbox.flush();
  }

  // -- which cards ---------------------------------------------------------------------------------------

  /** Labels that are in use, in key order. */
  get offered() {
    return this.data.labels.filter((look) => !look.hidden);
  }

  lookOf(label) {
    return this.data.labels.find((look) => look.label === label);
  }

  nameOf(label) {
    return this.lookOf(label)?.name || label;
  }

  get shown() {
    return this.data.cards.filter((card) => !this.left.has(cardKey(card)));
  }

  card(key) {
    return this.shown.find((card) => cardKey(card) === key);
  }

  place(key) {
    return this.shown.findIndex((card) => cardKey(card) === key);
  }

  /** The first card without a verdict from a place on, else before it. */
  openFrom(place) {
    const order = [...this.shown.slice(place), ...this.shown.slice(0, place).reverse()];
    const found = order.find((card) => !this.verdicts.has(cardKey(card)));
    return found ? cardKey(found) : "";
  }

  step(direction) {
    const at = this.place(this.framed);
    const card = this.shown[Math.min(this.shown.length - 1, Math.max(0, at + direction))];
    if (card) this.frame(cardKey(card));
  }

  frame(key) {
    this.framed = key;
    this.draw();
    this.list.focus({ preventScroll: true });
  }

  // -- what is done ----------------------------------------------------------------------------------------

  ticked(card) {
    const changed = this.unticked.get(cardKey(card));
    const anyLikely = card.spans > 0;
    return card.contexts.filter((context, index) => (changed?.has(index) ?? false) !== (context[7] || !anyLikely));
  }

  tick(card, index) {
    const key = cardKey(card);
    const changed = this.unticked.get(key) || new Set();
    if (!changed.delete(index)) changed.add(index);
    this.unticked.set(key, changed);
    this.draw();
  }

  /** Which spans a verdict is about: all likely ones of the term, or those that are ticked. */
  aim(card, some) {
    if (card.single || some) {
      const chosen = card.single ? card.contexts : this.ticked(card);
      let last = 0;
      const places = chosen.flatMap(([, position, start, end]) => {
        const head = position === last ? [] : [position];
        last = position;
        return [...head, `@${start}-${end}`];
      });
      return { words: `${card.select} only ${places.join(" ")}`, count: chosen.length };
    }
    const likely = card.spans > 0 && card.others > 0 ? " likely" : "";
    const mine = this.data.shared ? " mine" : "";
    return { words: `${card.select}${likely}${mine}`, count: card.spans || card.others };
  }

  some(card) {
    return !card.single && this.unticked.get(cardKey(card))?.size > 0;
  }

  /** A verdict on the framed card, or on another one by the buttons in its row: then the frame stays. */
  verdict(kind, label = "", key = this.framed) {
    const card = this.card(key);
    if (!card || this.verdicts.has(key)) return;
    // The label that it has, by its key.
    if (kind === "relabel" && label === card.label) kind = this.some(card) ? "ticked" : "accept";
    const some = kind === "ticked" || (kind !== "accept" && this.some(card));
    const { words, count } = this.aim(card, some);
    if (!count) return this.say("Nothing is ticked.", "error");
    const lines = {
      accept: `ok ${words}`, ticked: `ok ${words}`, reject: `no ${words}`, relabel: `relabel ${words} -> ${label}`,
      never: `never ${card.quoted}${card.elsewhere.length ? ` "${card.label.replace(/[\\"]/g, "\\$&")}"` : ""}`,
    };
    const said = { accept: "accepted", ticked: "ticked ones accepted", reject: "rejected", relabel: this.nameOf(label), never: "never" }[kind];
    const asks = kind === "never" || count > ASK_ABOVE;
    if (!asks) this.verdicts.set(key, said);
    this.send(lines[kind], { card: key, count: asks ? 0 : count });
    if (asks) return;
    this.unticked.delete(key);
    if (key === this.framed) this.frame(this.openFrom(this.place(key)));
    else this.draw();
  }

  /** Leaves a card to the review of documents. */
  leave() {
    if (!this.framed) return;
    const at = this.place(this.framed);
    this.left.add(this.framed);
    this.frame(this.openFrom(at));
    this.outbox.flush();
  }

  look(context) {
    const card = this.card(this.framed);
    const [, position, start] = context || (card ? this.ticked(card)[0] || card.contexts[0] : []);
    if (position) this.send(`go ${position}`, { start });
  }

  send(line, more = {}) {
    this.asked = null;
    this.outbox.add({ kind: "line", number: 0, project: this.data.project, line, ...more });
    this.showQuestion();
  }

  undo() {
    this.send("undo");
    this.undoing = true;
    this.list.focus({ preventScroll: true });
  }

  answer(yes) {
    const { question } = this.data;
    if (!question || this.asked === question.key) return false;
    this.outbox.add({ kind: "line", number: 0, project: this.data.project, line: yes ? question.answer : "cancel", question: question.key });
    this.asked = question.key;
    this.showQuestion();
    return true;
  }

  onKey(event) {
    if (!this.data || !isForUs(event, this.root)) return;
    if (STREAMLIT_KEYS.has(event.key)) event.stopPropagation();
    const active = deepActive();
    if (active?.matches("input[type=checkbox]") && event.key === " ") return;
    // On the way to a document: a key is for what is shown then.
    if (this.outbox.waiting.some(({ edit }) => edit.line.startsWith("go ")) || !this.onKeyOf(event.key)) return;
    event.preventDefault();
    event.stopPropagation();
  }

  onKeyOf(key) {
    const keyed = this.offered.find((look) => look.key === key);
    if (this.data.question && this.asked !== this.data.question.key) {
      if (key === "Enter" || key === "y") return this.answer(true);
      if (key === "Escape") return this.answer(false);
    }
    const keys = {
      a: () => this.verdict("accept"), Enter: () => this.verdict(this.some(this.card(this.framed) || {}) ? "ticked" : "accept"),
      t: () => this.verdict("ticked"), x: () => this.verdict("reject"), v: () => this.verdict("never"), l: () => this.look(),
      " ": () => this.leave(), Backspace: () => this.undo(),
      j: () => this.step(1), ArrowDown: () => this.step(1), k: () => this.step(-1), ArrowUp: () => this.step(-1),
    };
    if (Object.hasOwn(keys, key)) keys[key]();
    else if (keyed) this.verdict("relabel", keyed.label);
    else return false;
    return true;
  }

  // -- what is seen ----------------------------------------------------------------------------------------

  draw() {
    keepFocus(this.root, () => this.drawCards(), () => this.list);
    this.showQuestion();
    this.showSaved();
    if (!this.spoken && this.data.echo) this.say(this.data.echo.text, this.data.echo.level);
    this.spoken = "";
  }

  drawCards() {
    const { shown } = this;
    this.root.classList.toggle("single", this.data.single);
    const nodes = new Map();
    const kept = [];
    for (const card of shown) {
      const key = cardKey(card);
      const open = key === this.framed;
      const ticks = open ? [...(this.unticked.get(key) || [])].join() : "";
      const signature = JSON.stringify([open, open && this.every, this.verdicts.get(key), ticks, card]);
      const old = this.nodes.get(key);
      const node = old?.signature === signature ? old : this.drawCard(card, key, open);
      if (old && old !== node) kept.push([node, old.querySelector(".contexts")?.scrollTop]);
      node.signature = signature;
      nodes.set(key, node);
    }
    this.nodes = nodes;
    const wanted = [...nodes.values()];
    if (!wanted.length) this.list.replaceChildren(element("p", "empty", this.data.empty));
    else if (wanted.length !== this.list.childElementCount || wanted.some((node, index) => this.list.children[index] !== node)) {
      this.list.replaceChildren(...wanted);
      // A tick draws its card anew: the lines of text stay where they were.
      for (const [node, top] of kept) if (top) node.querySelector(".contexts")?.scrollTo(0, top);
    }
    this.reveal([this.framed, ...nodes.keys()].join());
    this.root.dataset.cards = shown.length;
  }

  /** Whenever cards come or go, the framed one is in sight, its head at least. */
  reveal(now) {
    const node = this.revealed && now !== this.revealed && this.nodes.get(this.framed);
    this.revealed = now;
    if (!node) return;
    for (const part of [node, node.firstElementChild]) part.scrollIntoView({ block: "nearest" });
  }

  drawCard(card, key, open) {
    const node = element("article", `card hue${this.lookOf(card.label)?.hue ?? 7}${open ? " framed" : ""}`);
    const verdict = this.verdicts.get(key);
    if (verdict) node.classList.add("settled");
    const head = element(open ? "div" : "button", "head");
    if (!open) {
      head.type = "button";
      head.addEventListener("click", () => this.frame(key));
    }
    head.append(element(open ? "h2" : "span", "term", card.term), element("span", "label", this.nameOf(card.label)), element("span", "counts", this.counts(card)));
    if (verdict) head.append(element("span", "verdict", verdict));
    node.append(head);
    if (!open) {
      const [, , , , before, surface, after] = card.contexts[0];
      const line = element("span", "line");
      line.append(NARROW.matches ? nearby(before) : before, element("mark", "", surface), after);
      head.append(line);
      if (!verdict) node.append(this.drawQuick(card, key));
    }
    if (open) node.append(this.drawActions(card), this.drawContexts(card));
    const rest = open ? card.spans + card.others - card.contexts.length : 0;
    if (rest > 0) node.append(element("div", "rest", `and ${many(rest, "more place")}`));
    return node;
  }

  counts(card) {
    const said = ([mark, count]) => (OPINIONS[mark] || MARKS[mark] || mark) + (card.marks.length > 1 ? ` ${count}` : "");
    const found = card.marks.filter(([mark]) => !OPINIONS[mark]).map(said).join(", ");
    const opinions = card.marks.filter(([mark]) => OPINIONS[mark]).map(said);
    const parts = card.single
      ? [card.near || sureness(card.contexts[0][9])]
      : [`${this.places(card)} in ${many(card.documents, "document")}`, card.near];
    parts.push(found && `found by ${found}`, ...opinions);
    if (card.elsewhere.length) parts.push(`also ${card.elsewhere.map(([label, count]) => `${this.nameOf(label)} ${count}`).join(", ")}`);
    if (card.accepted || card.rejected) parts.push(`so far ${card.accepted} accepted, ${card.rejected} rejected`);
    return parts.filter(Boolean).join(" \u00b7 ");
  }

  /** A button that leaves the keys with the cards. */
  button(className, name, title, action) {
    const button = element("button", className, name);
    button.type = "button";
    button.title = title;
    button.addEventListener("click", () => {
      action();
      this.list.focus({ preventScroll: true });
    });
    return button;
  }

  places({ spans, others }) {
    if (!spans) return many(others, "less likely place");
    return many(spans, "place") + (others ? ` and ${others.toLocaleString("en")} less likely` : "");
  }

  drawActions(card) {
    const bar = element("div", "actions");
    const add = (name, key, action, help, first = false) => {
      const button = this.button(first ? "first" : "", name, help, action);
      button.dataset.key = key;
      if (key.length === 1) button.setAttribute("aria-keyshortcuts", key);
      bar.append(button);
      return button;
    };
    const ticks = this.ticked(card).length;
    const some = this.some(card);
    const all = this.aim(card, false);
    if (card.single) add("Yes", "a", () => this.verdict("accept"), `ok ${all.words}`, true);
    else {
      add(`Everywhere (${all.count.toLocaleString("en")})`, "a", () => this.verdict("accept"), `ok ${all.words}`, !some);
      add(`Only ticked (${ticks})`, "t", () => this.verdict("ticked"), "Accept the ticked places alone; the others stay open", some).disabled = !ticks;
    }
    add(card.single ? "No" : some ? `Reject ticked (${ticks})` : "Reject", "x", () => this.verdict("reject"), `no ${this.aim(card, some).words}`);
    add("Never", "v", () => this.verdict("never"), `never ${card.quoted}: rejects it everywhere and blocks it`);
    const near = this.every ? this.offered : nearLabels(this.offered, new Set(this.shown.map((each) => each.label)));
    for (const { label, name, key, definition } of near) {
      const free = "tlv".includes(key) ? "" : key;
      if (label !== card.label) add(name, free, () => this.verdict("relabel", label), definition || `Relabel as ${name}`);
    }
    const fold = foldName(this.offered, near, this.every);
    if (fold) add(fold, "", () => this.unfold(), "The labels that no card here has");
    add("Look in the document", "l", () => this.look(), "Open the document at this place");
    add("Leave", "Space", () => this.leave(), "Leave it to the review of documents");
    return bar;
  }

  /** Shows every label, or those in use again. */
  unfold() {
    this.every = !this.every;
    this.draw();
  }

  /** One click settles a card that needs no second look. */
  drawQuick(card, key) {
    const { words, count } = this.aim(card, false);
    const bar = element("div", "quick");
    for (const [sign, kind, name, line] of [["\u2713", "accept", "Accept", `ok ${words}`], ["\u2717", "reject", "Reject", `no ${words}`]]) {
      const button = this.button(kind, sign, `${name} all ${count}: ${line}`, () => this.verdict(kind, "", key));
      button.setAttribute("aria-label", `${name} ${card.term} (${count})`);
      bar.append(button);
    }
    return bar;
  }

  drawContexts(card) {
    const list = element("ul", "contexts");
    const ticked = new Set(this.ticked(card));
    card.contexts.forEach((context, index) => {
      const [doc, , , , before, surface, after, likely] = context;
      const row = element("li", likely ? "" : "unlikely");
      const label = element("label");
      if (!card.single) {
        const box = element("input");
        box.type = "checkbox";
        box.checked = ticked.has(context);
        box.addEventListener("change", () => this.tick(card, index));
        label.append(box);
      }
      label.append(before, element("mark", "", surface), after);
      row.append(label, this.button("look", doc, `Look in ${doc}`, () => this.look(context)));
      list.append(row);
    });
    return list;
  }

  /** Has it read out what the keys are for, as the focus stays with the list: the question, or the card in the frame. */
  readOut() {
    const card = this.card(this.framed);
    const [, , , , ...words] = (card?.single && card.contexts[0]) || [];
    const framed = card ? `${card.term}, ${this.nameOf(card.label)}, ${this.counts(card)} ${words.slice(0, 3).join("")}`.trim() : this.data.empty;
    const told = this.question.hidden ? framed : `${this.data.question.text}. Go on? Enter says yes, Escape leaves it.`;
    if (told !== this.told) this.aloud.textContent = told;
    this.told = told;
  }

  showQuestion() {
    const { question } = this.data;
    const open = Boolean(question) && this.asked !== question.key;
    this.question.hidden = !open;
    this.readOut();
    const key = open ? question.key : "";
    if (this.question.dataset.key === key) return;
    this.question.dataset.key = key;
    if (!open) return;
    const yes = this.button("first", question.yes, "", () => this.answer(true));
    yes.dataset.key = "Enter";
    const no = this.button("", "Leave it", "", () => this.answer(false));
    no.dataset.key = "Esc";
    this.question.replaceChildren(element("span", "question", `${question.text}. Go on?`), yes, no);
    giveEnter(this.list);
  }

  showSaved() {
    const { waiting, late } = this.outbox;
    this.saved.textContent = late ? `${late} not saved yet, trying again` : waiting.length ? "saving\u2026" : "saved";
    this.saved.classList.toggle("late", late > 0);
    if (late && !this.late) this.aloud.textContent = this.saved.textContent;
    this.late = late;
    this.root.dataset.waiting = waiting.length;
  }

  say(words, level = "") {
    const said = words.replaceAll("`", "");
    // What is written anew is read out anew.
    if (said !== this.echo.textContent) this.echo.textContent = said;
    this.echo.className = `echo ${level}`;
    this.spoken = words;
  }

  fit() {
    // The button for more cards stands below the board, and stays in sight.
    const more = document.querySelector(".st-key-more-cards")?.offsetHeight || 0;
    fitHeight(this.list, 260, 66 + (more && more + 24));
  }
}

export default function ({ parentElement, data, setStateValue }) {
  let board = boards.get(parentElement);
  if (!board) {
    board = new Board(parentElement);
    boards.set(parentElement, board);
  }
  board.update(data, setStateValue);
  return () => {
    board.stop();
    boards.delete(parentElement);
  };
}
