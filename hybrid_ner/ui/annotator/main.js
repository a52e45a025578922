const instances = new WeakMap();
const texts = new Map();
const KEPT_TEXTS = 8;
const ANSWERS = ["Enter", "y", "Escape"];
/** Places that one line can mark. */
const MOST_SAME = 50;
/** Milliseconds that the mouse rests on a span before it is framed. */
const RESTING = 60;
/** Keys of this file with which the reviewer goes on from a new span. */
const GO_ON = ["ArrowDown", "ArrowUp", "j", "k", "e", "E", "X"];
/** What the documents of this tab tell of labels. */
const guess = new Guess();

class Annotator {
  constructor(host) {
    this.host = host;
    const find = (name) => host.querySelector(name);
    this.root = find(".annotator");
    this.page = find(".page");
    this.bar = new Bar(host, this);
    this.prompt = new Prompt(host, this);
    this.parts = new Parts(host, this);
    this.counts = find(".counts");
    this.saved = find(".saved");
    this.spoken = find(".spoken");
    this.outbox = new Outbox(() => this.showSaved());
    this.selected = 0;
    /** The open span of which an edge was moved here; 0 when the server has answered. */
    this.moved = 0;
    this.draft = null;
    this.opened = "";
    this.lastLabel = "";
    this.listen();
  }

  listen() {
    this.stops = new AbortController();
    const options = { signal: this.stops.signal };
    // Not under a mouse that draws a span: the text would move away.
    const fit = () => this.held || fitHeight(this.page, 220, 74);
    const unfit = keepFitted(fit);
    // Rows of buttons wrap once fonts and labels are there.
    const wraps = new ResizeObserver(fit);
    wraps.observe(this.page.parentElement.querySelector(".bar"));
    this.stops.signal.addEventListener("abort", () => [wraps.disconnect(), unfit()]);
    window.addEventListener("keydown", (event) => this.onKey(event), { ...options, capture: true });
    window.addEventListener("keyup", (event) => this.holdBack(event), { ...options, capture: true });
    this.page.addEventListener("pointerdown", (event) => this.hold(event), options);
    this.page.addEventListener("scroll", () => this.stay(), options);
    this.page.addEventListener("pointerup", (event) => this.onPointer(event), options);
    window.addEventListener("pointerup", (event) => [this.endDrag(event), this.release()], options);
    for (const name of ["pointercancel", "blur"]) window.addEventListener(name, () => this.release(), options);
    // The button may be let go outside of the window, where no event tells.
    window.addEventListener("pointermove", (event) => (event.buttons ? this.follow(event) : this.release()), options);
    this.page.addEventListener("pointermove", (event) => this.hover(event), options);
    this.page.addEventListener("focusin", (event) => this.onFocus(event), options);
    // Whoever goes to the chat box, or types on in it after an answer, speaks of the span that is framed now.
    for (const name of ["focusin", "input"]) document.addEventListener(name, (event) => this.sayFramed(event), options);
    document.addEventListener("selectionchange", () => this.onSelection(), options);
  }

  stop() {
    this.stops.abort();
    this.outbox.stop();
  }

  /** Frames the span that the mouse comes to rest on: a key is for what is pointed at. */
  hover(event) {
    clearTimeout(this.resting);
    // Text that scrolls under a mouse that stands still is not pointed at.
    const still = this.mouse?.[0] === event.clientX && this.mouse[1] === event.clientY;
    this.mouse = [event.clientX, event.clientY];
    if (still || event.pointerType !== "mouse" || event.buttons || this.drawing) return;
    const mention = event.target.closest?.(".mention");
    const number = mention && this.page.contains(mention) ? Number(mention.dataset.span) : 0;
    if (number <= 0 || number === this.selected || this.draft) return;
    this.resting = setTimeout(() => {
      this.selected = number;
      this.paint();
    }, RESTING);
  }

  /** The mouse goes down: where, so that a drag means the words that were pointed at. */
  hold(event) {
    this.held = true;
    this.touch = event.pointerType === "touch";
    const mouse = event.pointerType !== "touch" && event.button === 0;
    this.drag = mouse ? { place: this.placeAt(event), x: event.clientX, y: event.clientY, top: this.page.scrollTop } : null;
  }

  /** Once the mouse leaves the text, it may scroll on. */
  follow(event) {
    const { top, bottom } = this.page.getBoundingClientRect();
    if (this.drag && (event.clientY < top || event.clientY > bottom)) this.drag.scrolls = true;
  }

  /** At the edges the browser scrolls as soon as something is dragged: a half hidden line would slip away. */
  stay() {
    if (this.held && this.drag && !this.drag.scrolls && this.page.scrollTop !== this.drag.top) this.page.scrollTop = this.drag.top;
  }

  /** The place in the text under the mouse, or nearest to it; null where the browser cannot tell. */
  placeAt({ clientX, clientY }) {
    const { left, top } = this.page.getBoundingClientRect();
    const within = (at, from, size) => Math.min(Math.max(at, from + 2), from + size - 2);
    const [x, y] = [within(clientX, left, this.page.clientWidth), within(clientY, top, this.page.clientHeight)];
    const caret = document.caretPositionFromPoint?.(x, y, { shadowRoots: [this.host] });
    return caret && this.page.contains(caret.offsetNode) ? this.painter?.place(caret.offsetNode, caret.offset) ?? null : null;
  }

  /** Shows what came while the mouse was drawing a span: new text under it would drop the selection. */
  release() {
    this.held = false;
    this.drag = null;
    const { postponed } = this;
    this.postponed = null;
    if (postponed) this.update(...postponed);
  }

  update(data, setStateValue) {
    if (this.held) {
      this.postponed = [data, setStateValue];
      return;
    }
    const asked = this.data?.question?.[0];
    this.data = data;
    // Once it waits no more, it may be asked again.
    if (data.question?.[0] !== this.answered) this.answered = "";
    this.outbox.send = (value) => setStateValue("outbox", value);
    this.outbox.acknowledge(data.acknowledged);
    this.outbox.granted(data.doc.id, data.doc.part);
    if (data.doc.text !== null) {
      texts.delete(data.doc.key);
      texts.set(data.doc.key, data.doc);
      if (texts.size > KEPT_TEXTS) texts.delete(texts.keys().next().value);
    }
    const doc = texts.get(data.doc.key);
    if (!doc) {
      // The server thinks that this page has the text, but the page was made anew since.
      this.outbox.have = "";
      this.outbox.flush();
      return;
    }
    this.outbox.have = data.doc.key;
    const identity = [data.project, data.doc.id, data.doc.key, JSON.stringify(data.labels)].join("\n");
    if (identity !== this.opened) this.openDocument(identity, doc);
    const framed = this.spans?.find((span) => span.number === this.selected);
    const before = this.fresh ? [] : this.shown;
    this.spans = data.spans.map((row) => readSpan(row, this.offsets));
    const now = this.spans.find((span) => span.number === this.selected);
    if (framed?.status === "open" && now && now.status !== "open") {
      // Decided by a sentence: the frame goes on to the next open span, as it does after a key. After an edge was moved it
      // stays: the next press is for the same span.
      if (this.moved !== now.number) this.selected = this.nextAfter(now, this.spans) || now.number;
      this.moved = 0;
    }
    if (data.turn !== this.turn && /^undone\b/.test(data.echo)) this.selected = this.putBack(before) || this.selected;
    if (!this.outbox.waiting.some((item) => item.edit === this.moving)) this.moving = null;
    const { fresh } = this;
    if (fresh) this.selected = nextOpen(this.spans, 0, data.order === "disagree");
    const aimed = this.takeAim();
    this.fresh = false;
    this.redraw();
    requestAnimationFrame(() => {
      fitHeight(this.page, 220, 74);
      if (fresh || aimed) this.reveal();
    });
    // What was answered before another page was looked at was read out then.
    if (data.echo && this.turn !== undefined && data.turn !== this.turn) this.say(data.echo.replaceAll("`", ""));
    this.turn = data.turn;
    if (data.question && data.question[0] !== asked) giveEnter(this.home);
    if (this.outbox.waiting.some((item) => !item.sent)) this.outbox.flush();
    this.answerEarly();
  }

  /** Frames the span that another page or a search has sent the reviewer to, once; where none is, marks the words. */
  takeAim() {
    const [name, place, end] = this.data.aim || [];
    if (!name || name === this.aimed) return false;
    this.aimed = name;
    const at = this.offsets.toUnits(place);
    const here = this.spans.filter((span) => span.start <= at && at < span.end);
    here.sort((a, b) => (b.start === at) - (a.start === at) || b.chosen - a.chosen);
    if (here.length) this.selected = here[0].number;
    const to = this.offsets.toUnits(end);
    // Without a label: what was only looked for is not made a mention when the reviewer goes on.
    this.draft = !here.length && 0 <= at && at < to && to <= this.text.length ? this.drafted(at, to) : null;
    return here.length > 0 || this.draft !== null;
  }

  /** The span to frame after a decision: after a no what else may stand there, else the next open one. */
  nextAfter(span, spans) {
    const rejected = span.status === "rejected" && !span.reason;
    return (rejected && alternative(spans, span)) || nextOpen(spans, span.start, this.data.order === "disagree");
  }

  /** What an undo has put back, which is decided next: the frame had gone on when it was decided. */
  putBack(before) {
    const decided = new Set(before.filter((span) => span.status !== "open").map((span) => span.number));
    const now = withEdits(this.spans, this.waitingHere, this.offsets, this.text.length);
    return now.find((span) => span.status === "open" && decided.has(span.number))?.number;
  }

  openDocument(identity, doc) {
    const isNew = !this.opened;
    this.opened = identity;
    this.text = doc.text;
    this.offsets = new Offsets(doc.astral, doc.base);
    this.tokens = new Tokens(doc.tokens, this.offsets);
    /** For each token the label of the listed terms that end like it. */
    this.told = doc.told.map((place) => doc.names[place] || "");
    /** Where the pages of the file begin, in code points of the document. */
    this.pages = doc.pages;
    this.painter = new Painter(this.page, this.data.labels);
    this.painter.open(doc.text, this.tokens);
    this.page.scrollTop = 0;
    this.draft = null;
    this.verdict = null;
    this.fresh = true;
    this.root.dataset.document = this.data.doc.id;
    this.root.dataset.part = this.data.doc.part;
    if (mayTakeKeys(isNew)) this.page.focus({ preventScroll: true });
  }

  /** Edits of this document that are on their way. */
  get waitingHere() {
    const { id, hash } = this.data.doc;
    return this.outbox.waiting.map((item) => item.edit).filter((edit) => edit.doc === id && edit.hash === hash);
  }

  redraw() {
    this.refresh();
    this.paint();
  }

  /** The spans with the edits that are on their way; a long document has thousands, so once a key. */
  refresh() {
    this.shown = withEdits(this.spans, this.waitingHere, this.offsets, this.text.length);
    guess.learn(this.shown, this.text, this.data.doc.id);
    markLost(this.shown, this.data.labels);
    if (this.selected && !this.shown.some((span) => span.number === this.selected)) {
      this.selected = nextOpen(this.shown, 0);
    }
  }

  /** Draws what is selected and drafted among the spans that are known. */
  paint() {
    // Under a finger the selection stays, with the handles that make it longer: text drawn anew would drop them.
    const range = this.touch && this.draft && this.nativeRange();
    const draft = range && !range.collapsed ? null : this.draft;
    keepFocus(this.root, () => {
      this.painter.draw(this.shown, this.selected, draft);
      this.bar.show(this.span, this.draft);
      this.parts.show();
    }, () => this.home);
    this.showCounts();
    this.showSaved();
  }

  /** What has the focus while keys are for the document: the framed span, which is read out, or the text. */
  get home() {
    return (this.selected && this.painter.element(this.selected)) || this.page;
  }

  /** Labels that are in use, in key order. */
  get offered() {
    return this.data.labels.filter((look) => !look.hidden);
  }

  get span() {
    return this.shown.find((span) => span.number === this.selected) || null;
  }

  // -- what the reviewer does ------------------------------------------------------------------------------

  /** Sends an edit; whoever calls draws what it has done. */
  edit(edit) {
    const { id, hash } = this.data.doc;
    const sent = this.outbox.add({ project: this.data.project, doc: id, hash, ...this.shownTo(edit), ...edit });
    this.refresh();
    return sent;
  }

  /** What the reviewer sees of the spans that an edit is about: the server refuses it where that has changed. */
  shownTo(edit) {
    const { offsets } = this;
    const place = (span) => [offsets.toPoints(span.start), offsets.toPoints(span.end)];
    const own = this.shown.find((span) => span.number === edit.number);
    const ranges = [own && place(own), edit.start >= 0 ? [edit.start, edit.end] : null].filter(Boolean);
    const about = (span) => edit.kind === "line" || ranges.some(([start, end]) => span.start < offsets.toUnits(end) && offsets.toUnits(start) < span.end);
    const state = (span) => (span.status === "rejected" && span.reason ? "out" : span.status);
    const shown = this.shown.filter((span) => span.number > 0 && about(span)).map((span) => [span.number, ...place(span), span.label, state(span)]);
    return { shown, version: this.data.doc.version, whole: edit.kind === "line" && !this.parts.several };
  }

  /** Numbers of the open spans that are counted: of some that overlap the better one. */
  get acceptable() {
    const open = this.shown.filter((span) => span.status === "open" && span.chosen && span.number > 0);
    open.sort((a, b) => b.score - a.score || a.start - a.end - (b.start - b.end) || a.number - b.number);
    const taken = [];
    for (const span of open) {
      if (!taken.some((other) => other.start < span.end && span.start < other.end)) taken.push(span);
    }
    return ranges(taken.map((span) => span.number));
  }

  /** One decision about the selected span, and on to the next open one. */
  decide(kind, label = "") {
    const span = this.span;
    if (!span || span.number < 0) return;
    const surface = this.text.slice(span.start, span.end);
    this.edit({ kind, number: span.number, surface, label });
    this.verdict = kind === "reopen" ? null : { kind, surface, label: label || span.label, start: span.start };
    if (label) this.lastLabel = label;
    const decided = this.shown.find((each) => each.number === span.number) || span;
    const next = kind === "reopen" ? span.number : this.nextAfter(decided, this.shown);
    if (next) this.choose(next);
    else {
      this.paint();
      this.say(this.nothingOpen);
    }
  }

  get nothingOpen() {
    const next = this.parts.several ? this.parts.nextOpen : -1;
    if (next >= 0) return `Nothing is open in this part. Press Enter for part ${next + 1}, where something is.`;
    return "Nothing is open here. Press arrow right for the next document.";
  }

  /** The line that gives the last verdict to the other places of its term in sight, and how many these are. */
  get sameHere() {
    return this.sameAs(this.verdict);
  }

  sameAs(verdict) {
    const { kind, surface, label, start } = verdict || {};
    if (!kind) return { count: 0 };
    const places = otherPlaces(this.text, surface, start);
    const there = new Map();
    for (const span of this.shown) if (!there.has(`${span.start} ${span.end}`)) there.set(`${span.start} ${span.end}`, span);
    const at = ([from, to]) => there.get(`${from} ${to}`);
    const decided = (span) => span && span.status !== "open" && !span.reason;
    const marked = places.map(at).filter((span) => span && span.number > 0 && !decided(span));
    if (kind === "accept" || kind === "reject") {
      const same = marked.filter((span) => span.status === "open" && (kind === "reject" || span.label === label));
      return { count: same.length, line: `${kind === "accept" ? "ok" : "no"} ${ranges(same.map((span) => span.number))}` };
    }
    // A place inside of what was accepted as something longer is left alone.
    const taken = ([from, to]) => this.shown.some((span) => span.status === "accepted" && span.start < to && from < span.end);
    const free = places.filter((place) => !decided(at(place)) && !taken(place)).slice(0, MOST_SAME);
    const quote = (from, to) => this.text.slice(from, to).split(/\s+/).join(" ").replace(/[\\"]/g, "\\$&");
    const add = ([from, to]) => `add "${quote(from, to)}" @${this.offsets.toPoints(from)}-${this.offsets.toPoints(to)} ${label}`;
    return { count: free.length, line: free.map(add).join("; ") };
  }

  /** The last verdict, for its whole term in all documents: shown first, Enter confirms. */
  sameEverywhere() {
    const { kind, surface, label } = this.verdict || {};
    const name = /^[\w-]+$/.test(label || "") ? label : `"${label}"`;
    const words = (surface || "").split(/\s+/).join(" ").replace(/[\\"]/g, "\\$&");
    const lines = {
      accept: `ok all "${words}" label:${name} likely`, reject: `no all "${words}" label:${name}`,
      relabel: `relabel all "${words}" -> ${label}`, add: `add all "${words}" ${label}`,
    };
    if (kind) this.line(lines[kind]);
  }

  /** The last verdict, for the other places of its term. */
  doSame() {
    const { count, line } = this.sameHere;
    this.verdict = null;
    if (count) this.line(line);
    else this.say("The last verdict has no other place here.");
  }

  /** Moves an edge of the new span that waits, else of the selected one. */
  moveEdge(edge, outward) {
    const { draft, span } = this;
    if (draft) {
      const moved = this.tokens.move(draft.start, draft.end, edge, outward, this.text);
      if (moved && this.touch) this.deselect();
      if (moved) this.setDraft(...moved, draft.here);
      return;
    }
    if (!span || span.number < 0 || this.outOfSight(span)) return;
    const moved = this.tokens.move(span.start, span.end, edge, outward, this.text);
    if (moved) this.bound(span.number, ...moved);
  }

  /** Whether the framed span was scrolled away: then it is brought back first, since another one seems to be meant. */
  outOfSight(span) {
    const element = this.painter.element(span.number);
    if (!element) return false;
    const [box, frame] = [element.getBoundingClientRect(), this.page.getBoundingClientRect()];
    if (box.bottom > Math.max(frame.top, 0) && box.top < Math.min(frame.bottom, innerHeight)) return false;
    element.scrollIntoView({ block: "center" });
    this.say(`${span.number} “${this.text.slice(span.start, span.end)}” is framed: once more moves its edge.`);
    return true;
  }

  bound(number, start, end) {
    this.dropDraft();
    this.moved = number;
    const places = { start: this.offsets.toPoints(start), end: this.offsets.toPoints(end) };
    this.edit({ kind: "boundary", number, ...places, surface: this.text.slice(start, end) });
    this.paint();
  }

  /** The new span is made, or dropped: nothing is selected or drawn any more. */
  dropDraft() {
    if (this.touch && this.draft) this.deselect();
    this.draft = null;
    this.drawing = false;
  }

  addDraft(label) {
    const { start, end, here } = this.draft;
    this.dropDraft();
    this.lastLabel = label;
    const places = { start: this.offsets.toPoints(start), end: this.offsets.toPoints(end) };
    this.verdict = { kind: "add", surface: this.text.slice(start, end), label, start };
    this.edit({ kind: "add", number: 0, ...places, surface: this.text.slice(start, end), label });
    this.paint();
    this.page.focus({ preventScroll: true });
    if (here && this.sameHere.count) this.doSame();
  }

  line(line, question = "") {
    const sent = this.edit({ kind: "line", number: 0, line, question });
    this.paint();
    this.asking = sent;
    if (/^(next|back|go|skip|later|find|queue|adjudicate|undo|redo)\b| next$/.test(line)) this.moving = sent;
  }

  choose(number, { focus = true } = {}) {
    this.selected = number;
    this.draft = null;
    this.paint();
    const element = number && this.painter.element(number);
    if (!element) return;
    element.scrollIntoView({ block: "nearest" });
    if (focus && !deepActive()?.matches(TYPING)) element.focus({ preventScroll: true });
  }

  /** A new span whose label is shown is made when the reviewer goes on; a number changes it, Escape drops it. */
  takeDraft() {
    if (this.draft?.label) this.addDraft(this.draft.label);
  }

  /** Enter makes the new span and nothing else; what was drawn by keys is shown with its label first, and none is made up. */
  finishDraft() {
    const { draft, drawing } = this;
    if (draft.label) this.addDraft(draft.label);
    else if (drawing) {
      this.drawing = false;
      this.setDraft(draft.start, draft.end, draft.here);
    } else this.say("Choose its label first: press a number.");
  }

  /** Tells the server which span is framed, when somebody begins to type a sentence; the cursor stays in the box after it. */
  sayFramed(event) {
    if (!this.data || this.host.contains(event.target) || !event.target.matches?.("textarea")) return;
    this.outbox.frame({ doc: this.data.doc.id, number: this.selected > 0 ? this.selected : 0 });
  }

  /** Scrolls the text, and only the text, to what is marked, or else to the selected span. */
  reveal() {
    const element = this.draft ? this.page.querySelector(".draft") : this.selected && this.painter.element(this.selected);
    if (!element) return;
    const [box, frame] = [element.getBoundingClientRect(), this.page.getBoundingClientRect()];
    if (box.bottom > frame.bottom || box.top < frame.top) this.page.scrollTop += box.top - frame.top - frame.height / 3;
  }

  step(direction) {
    const order = [...this.shown].sort((a, b) => a.start - b.start || a.number - b.number);
    if (!order.length) return;
    const at = order.findIndex((span) => span.number === this.selected);
    const next = at < 0 ? (direction > 0 ? 0 : order.length - 1) : at + direction;
    this.choose(order[(next + order.length) % order.length].number);
  }

  /** A new span; `here` also in the other places of its term in sight. */
  setDraft(start, end, here = false) {
    const snapped = this.tokens.snap(...trimmed(this.text, start, end));
    const label = snapped && !this.drawing ? guess.of(this, ...snapped) || this.lastLabel : "";
    this.draft = snapped && this.drafted(...snapped, label, here);
    const how = label ? `Enter makes it ${label}, a number something else.` : "Press a number to label it.";
    if (this.draft) this.say(`New span: ${this.text.slice(...snapped)}. ${how}`);
    this.paint();
  }

  drafted(start, end, label = "", here = false) {
    const said = `new mention: ${this.text.slice(start, end)}`;
    return { number: 0, start, end, label, here, status: "open", mark: "", chosen: true, reason: "", draft: true, said };
  }

  // -- input ---------------------------------------------------------------------------------------------

  holdBack(event) {
    if (STREAMLIT_KEYS.has(event.key) && isForUs(event, this.root)) event.stopPropagation();
  }

  onKey(event) {
    if (!this.data || !this.painter) return;
    // Out of the chat box, and no more: what waits is not left by it.
    if (event.key === "Escape" && event.target.matches?.(CHAT)) return this.home.focus({ preventScroll: true });
    if (!isForUs(event, this.root)) return;
    if (STREAMLIT_KEYS.has(event.key)) event.stopPropagation();
    if (this.answerKey(event.key)) {
      event.preventDefault();
      event.stopPropagation();
      return;
    }
    if (this.moving || this.outbox.wish || (!this.drawKey(event.key, event.shiftKey) && !this.sameKey(event) && !this.ownKey(event.key))) return;
    event.preventDefault();
    event.stopPropagation();
  }

  ownKey(key) {
    if (key === "Enter" && this.draft) {
      this.finishDraft();
      return true;
    }
    const labels = this.offered.some((look) => look.key === key);
    const entry = this.data.keys.find((each) => each.key === key);
    const movesEdge = this.draft && editOf(entry?.command ?? "", 0)?.kind === "boundary";
    if (!labels && !movesEdge && (GO_ON.includes(key) || entry)) this.takeDraft();
    return this.fixedKey(key) || this.tableKey(key);
  }

  /** With Shift a verdict holds for the other places of the term here too: X, or Shift and the digit of a label. */
  sameKey({ key, code, shiftKey }) {
    const digit = shiftKey && /^Digit\d$/.test(code) ? code.slice(-1) : "";
    const look = digit && this.offered.find((each) => each.key === digit);
    if (key === "X") this.takeDraft();
    if (look && this.draft) this.addDraft(look.label);
    else if (look && this.span) this.decide("relabel", look.label);
    else if (key === "X" && this.span) this.decide("reject");
    else return false;
    if (this.sameHere.count) this.doSame();
    return true;
  }

  /** Enter and y confirm the question that waits, Escape leaves it; pressed too early, they wait for it too. */
  answerKey(key) {
    if (!ANSWERS.includes(key) || this.draft || this.drawing) return false;
    if (this.asking && this.outbox.waiting.some((item) => item.edit === this.asking)) {
      this.early = key;
      return true;
    }
    const { question } = this.data;
    if (!question || this.answered === question[0]) return false;
    this.answered = question[0];
    this.line(key === "Escape" ? "cancel" : question[1], question[0]);
    return true;
  }

  /** A key that came before its question. Where none came it is dropped: what is shown now was not seen then. */
  answerEarly() {
    if (!this.early || this.outbox.waiting.some((item) => item.edit === this.asking)) return;
    const { early } = this;
    this.early = "";
    if (this.data.question) this.answerKey(early);
  }

  /** Keys that draw a new span without a mouse. */
  drawKey(key, extend) {
    if (!this.drawing || !DRAW_KEYS.includes(key)) return false;
    const place = drawn(this.text, this.tokens, this.draft, key, extend);
    if (place) this.setDraft(...place);
    this.page.querySelector(".draft")?.scrollIntoView({ block: "nearest" });
    return true;
  }

  fixedKey(key) {
    const labels = this.offered;
    const keyed = labels.find((look) => look.key === key);
    if (keyed) {
      if (this.draft) this.addDraft(keyed.label);
      else if (this.span) this.decide("relabel", keyed.label);
      else return false;
    } else if (key === "Escape") {
      this.dropDraft();
      this.paint();
    } else if (key === "ArrowDown" || key === "j") {
      this.step(1);
    } else if (key === "ArrowUp" || key === "k") {
      this.step(-1);
    } else if (this.parts.several && [",", ".", "Enter"].includes(key)) {
      if (key === "Enter") this.parts.finish();
      else this.parts.step(key === "," ? -1 : 1);
    } else if (key === "e") {
      this.doSame();
    } else if (key === "E") {
      this.sameEverywhere();
    } else if (key === "n") {
      this.drawing = true;
      if (!this.draft) this.setDraft(this.span?.start ?? this.tokens.starts[0] ?? 0, this.span?.end ?? this.tokens.ends[0] ?? 0);
    } else {
      return false;
    }
    return true;
  }

  /** The line that gives the verdict on a span to its whole term. */
  everywhere(span) {
    const surface = this.text.slice(span.start, span.end).split(/\s+/).join(" ").replace(/[\\"]/g, "\\$&");
    const label = /^[\w-]+$/.test(span.label) ? span.label : `"${span.label}"`;
    if (span.status === "rejected" && !span.reason) return `no all "${surface}"`;
    if (span.origin === "reviewer") return `add all "${surface}" ${span.label}`;
    if (span.label !== span.suggested) return `relabel all "${surface}" -> ${span.label}`;
    return `ok all "${surface}" label:${label}${span.chosen ? " likely" : ""}`;
  }

  tableKey(key) {
    const entry = this.data.keys.find((each) => each.key === key);
    if (!entry) return false;
    this.run(entry);
    return true;
  }

  run({ command, help }) {
    const moved = editOf(command, 0);
    if (this.draft && moved?.kind === "boundary") {
      this.moveEdge(moved.edge, moved.outward);
      return;
    }
    const span = this.span && this.span.number > 0 ? this.span : null;
    if (command.includes("{n}") && !span) {
      // With nothing to choose, the document is said to be complete.
      const open = this.shown.some((each) => each.status === "open");
      if (command === "ok {n}" && (this.acceptable || !open)) this.line(`ok ${this.acceptable}`.trim());
      return;
    }
    const edit = span && editOf(command, span.number);
    if (command === "all {text}" && span) this.prompt.fill(this.everywhere(span), "the same verdict everywhere");
    else if (edit?.kind === "boundary") this.moveEdge(edit.edge, edit.outward);
    else if (edit && edit.kind !== "relabel") this.decide(edit.kind);
    else if (command.includes("{text}") || command.includes("{label}")) this.prompt.ask(command, help, span);
    else if (command.includes("{open}")) this.line(command.replace(this.acceptable ? "{open}" : "ok {open} ", this.acceptable));
    else this.line(command.replace("{n}", span?.number));
  }

  /** A drag of the mouse marks what lies between its ends, also where it ends beside the text; says whether it did. */
  endDrag(event) {
    const { drag } = this;
    this.drag = null;
    if (!drag || drag.place === null || Math.hypot(event.clientX - drag.x, event.clientY - drag.y) <= 4) return false;
    const place = this.placeAt(event);
    if (place === null || place === drag.place) return false;
    this.mark(place, drag.place, event.shiftKey);
    return true;
  }

  /** What was drawn by mouse or touch; drawn anew over a new span that waits, it takes its place. */
  mark(one, other, here = false) {
    const [start, end] = withoutStop(this.text, this.tokens, Math.min(one, other), Math.max(one, other));
    if (!this.touch) this.deselect();
    if (this.draft && (end <= this.draft.start || this.draft.end <= start)) this.takeDraft();
    this.setDraft(start, end, here);
  }

  deselect() {
    document.getSelection()?.removeAllRanges();
  }

  onPointer(event) {
    if (this.endDrag(event)) return;
    if (this.takeSelection()) return;
    const mention = event.target.closest(".mention");
    if (!mention || !this.page.contains(mention)) return;
    if (mention.dataset.span === "0") return;
    this.takeDraft();
    const here = [];
    for (let node = mention; node && node !== this.page; node = node.parentElement) {
      if (node.dataset.span) here.push(Number(node.dataset.span));
    }
    const at = here.indexOf(this.selected);
    this.choose(here[(at + 1) % here.length]);
  }

  onFocus(event) {
    // While the mouse is held nothing scrolls: the text would move away under the drag.
    if (this.held) return;
    const number = Number(event.target.dataset?.span);
    if (number && number !== this.selected) this.choose(number, { focus: false });
  }

  /** A selection made by touch or keys ends without an event: it is taken when it has stood for a while. */
  onSelection() {
    clearTimeout(this.selecting);
    // A mouse may rest on its way.
    this.selecting = setTimeout(() => this.held || this.takeSelection(), 400);
  }

  /** Turns a text selection into a draft; says whether there was one. */
  takeSelection() {
    if (!this.painter) return false;
    const range = this.nativeRange();
    if (!range || range.collapsed) {
      if (this.touch && this.draft) this.paint();
      return false;
    }
    const start = this.painter.place(range.startContainer, range.startOffset);
    const end = this.painter.place(range.endContainer, range.endOffset);
    if (start === null || end === null || start === end) return false;
    this.mark(start, end);
    return true;
  }

  nativeRange() {
    const inner = this.host.getSelection?.();
    if (inner) return inner.rangeCount ? inner.getRangeAt(0) : null;
    return document.getSelection()?.getComposedRanges?.({ shadowRoots: [this.host] })?.[0] || null;
  }

  // -- what the reviewer sees --------------------------------------------------------------------------------

  showCounts() {
    const count = { open: 0, accepted: 0, rejected: 0 };
    let faint = 0;
    for (const span of this.shown) {
      if (span.lost) faint += span.status === "open";
      else count[span.status] += 1;
    }
    const others = faint ? ` (and ${faint} less likely)` : "";
    this.counts.textContent = `${this.pageNow}${count.open} open${others} · ${count.accepted} accepted · ${count.rejected} rejected`;
    this.root.dataset.open = count.open + faint;
  }

  /** The page of the file that the marked or framed words are on. */
  get pageNow() {
    const at = this.draft ?? this.span;
    if (!at || !this.pages.length) return "";
    return `page ${countBelow(this.pages, this.offsets.toPoints(at.start) + 1)} of ${this.pages.length} · `;
  }

  showSaved() {
    const { waiting, late } = this.outbox;
    const wish = this.outbox.wish && `opening part ${this.outbox.wish.part + 1}\u2026`;
    const said = late ? `${late} not saved yet, trying again` : waiting.length ? "saving\u2026" : "saved";
    this.saved.textContent = wish || said;
    this.saved.classList.toggle("late", late > 0);
    // Read out is only what is not as it should be, not each key.
    if (late && !this.late) this.say(said);
    this.late = late;
    this.root.dataset.waiting = waiting.length;
  }

  say(words) {
    this.spoken.textContent = words;
  }
}

export default function (component) {
  const { parentElement, data, setStateValue } = component;
  let view = instances.get(parentElement);
  if (!view) {
    view = new Annotator(parentElement);
    instances.set(parentElement, view);
  }
  view.update(data, setStateValue);
  return () => {
    view.stop();
    instances.delete(parentElement);
  };
}
