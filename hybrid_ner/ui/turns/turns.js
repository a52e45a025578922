const drawn = new WeakMap();
/** Keys that lines of an explanation begin with, in words of the reader. */
const KEY_WORDS = {
  surface: "text", case: "small letters", edges: "without edges", folded: "compared as", vote: "found by", terms: "term lists",
  fusion: "chosen", "model run": "model", concept: "concept", edit: "change", tokens: "words", context: "context",
  overlaps: "overlaps", decisions: "decided so far", model: "model", fuzzy: "similar spelling",
};
/** Pixels of the log that are left to it: the newest answer, also below what a model changed. */
const LEAST = 96;
const helpers = new WeakMap();
const outboxes = new WeakMap();
const fitted = new WeakMap();

/** A command in an answer: a click writes it into the chat box, where it can be changed and sent. */
function drawCommand(line) {
  const made = element("button", "command", line);
  made.type = "button";
  made.title = "Write it into the field below";
  made.addEventListener("click", () => {
    const area = document.querySelector(CHAT);
    if (area) fillChat(area, line);
  });
  return made;
}

/** Text in which commands stand between backticks. */
function drawText(holder, text, drawn = drawCommand) {
  text.split("`").forEach((part, index, all) => {
    const closed = index % 2 === 1 && index < all.length - 1;
    holder.append(closed ? drawn(part) : index % 2 === 1 ? `\`${part}` : part);
  });
  return holder;
}

/** Samples of a question can be left out, and opened. */
function drawTick(cell, row, picked) {
  const box = element("input");
  box.type = "checkbox";
  box.checked = true;
  box.setAttribute("aria-label", `sample ${row.filter(Boolean).join(", ")}`);
  box.addEventListener("change", () => picked.tick(Number(row[0]), box.checked));
  cell.replaceChildren(box);
}

function drawLink(cell, doc, picked) {
  const link = element("button", "doc", doc);
  link.type = "button";
  link.title = `Look in ${doc}`;
  link.addEventListener("click", () => picked.go(doc));
  cell.replaceChildren(link);
}

/** The samples that are not ticked: whichever way somebody agrees, the page leaves them out. */
class Picked {
  constructor(outbox, project, question) {
    Object.assign(this, { outbox, project, question, out: new Set() });
  }

  tick(number, on) {
    if (on) this.out.delete(number);
    else this.out.add(number);
    this.outbox.flush();
  }

  go(doc) {
    this.line(`go "${doc.replace(/[\\"]/g, "\\$&")}"`);
  }

  line(line) {
    this.outbox.add({ kind: "line", number: 0, project: this.project, line, question: this.question });
  }
}

/** Columns of text, which has a row below the others to itself: beside them it is cut off, or a word wide. */
const TEXTS = new Set(["context", "where"]);

/** What is wider than the log is scrolled to, with the keyboard too. */
function keepScrolling(wide) {
  new ResizeObserver(() => {
    if (wide.scrollWidth > wide.clientWidth) wide.tabIndex = 0;
    else wide.removeAttribute("tabindex");
  }).observe(wide);
}

/** Documents in a table are a click away; samples of a question that waits can be left out. */
function drawTable(table, picked, asks) {
  const wide = element("div", "wide");
  wide.role = "group";
  wide.ariaLabel = "Table";
  keepScrolling(wide);
  const made = element("table");
  if (table.title) made.append(drawText(element("caption"), table.title));
  const head = made.createTHead().insertRow();
  // A column in which nothing stands takes room from the text beside it.
  const kept = table.columns.map((column, at) => column === "sample" || table.rows.some((row) => `${row[at] ?? ""}` !== ""));
  const beside = (_, at) => kept[at] && !TEXTS.has(table.columns[at]);
  for (const column of table.columns.filter(beside)) {
    const cell = element("th", "", column);
    cell.scope = "col";
    head.append(cell);
  }
  const body = made.createTBody();
  for (const row of table.rows) {
    const line = body.insertRow();
    const cells = row.map((value) => element("td", "", value));
    if (asks && table.columns[0] === "sample") drawTick(cells[0], row, picked);
    const doc = table.columns.indexOf("document");
    if (doc >= 0 && row[doc]) drawLink(cells[doc], row[doc], picked);
    line.append(...cells.filter(beside));
    for (const cell of cells.filter((_, at) => kept[at] && TEXTS.has(table.columns[at]))) {
      line.className = "above";
      cell.colSpan = line.cells.length;
      body.insertRow().append(cell);
    }
  }
  wide.append(made);
  return wide;
}

/** A line of an explanation: its key fills ten places, and then comes what it says. */
function explained(line) {
  const key = line.slice(0, 10).trimEnd();
  return line[9] === " " && Object.hasOwn(KEY_WORDS, key) ? [KEY_WORDS[key], line.slice(10)] : ["", line];
}

/** A line that says which command would have found a text. */
const REMEDY = /^(?:edit|or) +`/;

function drawLines(holder, all) {
  if (!all.length) return;
  const lines = element("div", "lines");
  for (const line of all) {
    const row = element("div");
    const [key, said] = explained(line);
    if (key) row.append(element("b", "", key));
    lines.append(drawText(row, said));
  }
  holder.append(lines);
}

/** A turn; a question that came before the last turn is over: answered, or dropped by another line. */
function drawTurn(turn, index, all, picked) {
  const made = element("div", `turn ${turn.level}${index + 1 < all.length ? " over" : ""}`);
  if (turn.line) made.append(element("div", "said", turn.line));
  if (turn.meant) made.append(drawText(element("div", "meant"), `understood as \`${turn.meant}\``));
  made.append(drawText(element("div", "echo"), turn.echo));
  if (turn.lines.length) {
    // The machine's words about a span are one click away from the plain ones; what can be done is not.
    const folded = /^(span \d+: characters |“.*” at \d+-\d+)/.test(turn.lines[0]);
    const open = turn.lines.filter((line) => !folded || REMEDY.test(line));
    drawLines(made, open);
    if (folded) {
      const holder = element("details", "words");
      holder.append(element("summary", "", "in the machine's words"));
      drawLines(holder, turn.lines.filter((line) => !open.includes(line)));
      made.append(holder);
    }
  }
  const asks = turn.level === "ask" && index + 1 === all.length;
  if (turn.table) made.append(drawTable(turn.table, picked, asks));
  if (turn.then && index + 1 === all.length) made.append(drawText(element("div", "then"), turn.then));
  return made;
}

/**
 * Below the document on a narrow screen: an answer to what was typed is brought into sight above the field, or the
 * question with its buttons, which stands above the log.
 */
function bringUp(root) {
  if (innerWidth > 760 || !document.activeElement?.matches("[data-testid='stChatInput'] textarea")) return;
  const question = document.querySelector(".st-key-pending");
  if (question) question.scrollIntoView({ block: "center" });
  else root.querySelector(".turn:last-child")?.scrollIntoView({ block: "nearest" });
}

/** Scrolls to the end, but never past the beginning of the newest turn. */
function showNewest(root) {
  const newest = root.querySelector(".turn:last-child");
  root.scrollTop = root.scrollHeight;
  const past = newest ? root.getBoundingClientRect().top - newest.getBoundingClientRect().top : 0;
  if (past > 0) root.scrollTop -= past;
}

/** Fits the height; who has the newest turn in sight keeps it there, whatever comes to stand above. */
function refit(root) {
  const atEnd = root.scrollHeight - root.scrollTop - root.clientHeight < 40;
  fitHeight(root, LEAST, 30);
  if (atEnd) showNewest(root);
}

export default function ({ parentElement, data, setStateValue }) {
  const root = parentElement.querySelector(".turns");
  if (!outboxes.has(root)) outboxes.set(root, new Outbox(() => {}, "hybrid-ner-unsaved-turns"));
  const outbox = outboxes.get(root);
  outbox.send = (value) => setStateValue("outbox", { ...value, question: root.picked?.question, out: [...(root.picked?.out || [])] });
  outbox.acknowledge(data.acknowledged);
  let hints = helpers.get(root);
  if (!hints) {
    hints = new Hints(parentElement);
    helpers.set(root, hints);
  }
  hints.commands = data.commands;
  if (!fitted.has(root)) fitted.set(root, keepFitted(() => refit(root)));
  const stop = () => {
    fitted.get(root)?.();
    fitted.delete(root);
    hints.stop();
    outbox.stop();
    helpers.delete(root);
    outboxes.delete(root);
  };
  const fit = () => {
    fitHeight(root, LEAST, 30);
    showNewest(root);
  };
  requestAnimationFrame(fit);
  const before = drawn.get(root);
  const now = data.turns.map((turn) => JSON.stringify(turn));
  if (before && now.length === before.length && now.every((each, index) => each === before[index])) return stop;
  drawn.set(root, now);
  const picked = new Picked(outbox, data.project, data.question);
  const unticked = root.picked?.out.size;
  root.picked = picked;
  if (unticked) outbox.flush(); // what is drawn anew is ticked
  keepFocus(root, () => root.replaceChildren(...data.turns.map((turn, index, all) => drawTurn(turn, index, all, picked))), () => root);
  if (!data.turns.length) root.append(element("p", "empty", data.empty));
  showNewest(root);
  if (before) requestAnimationFrame(() => bringUp(root));
  return stop;
}
