const drawn = new WeakMap();
const helpers = new WeakMap();

function node(name, className, text) {
  const made = document.createElement(name);
  if (className) made.className = className;
  if (text !== undefined) made.textContent = text;
  return made;
}

/** Text in which commands stand between backticks. */
function drawText(holder, text) {
  text.split("`").forEach((part, index, all) => {
    const closed = index % 2 === 1 && index < all.length - 1;
    holder.append(closed ? node("code", "", part) : index % 2 === 1 ? `\`${part}` : part);
  });
  return holder;
}

function drawTable(table) {
  const wide = node("div", "wide");
  const made = node("table");
  if (table.title) made.append(node("caption", "", table.title));
  const head = made.createTHead().insertRow();
  for (const column of table.columns) {
    const cell = node("th", "", column);
    cell.scope = "col";
    head.append(cell);
  }
  const body = made.createTBody();
  for (const row of table.rows) {
    const line = body.insertRow();
    for (const value of row) line.append(node("td", "", value));
  }
  wide.append(made);
  return wide;
}

function drawTurn(turn) {
  const made = node("div", `turn ${turn.level}`);
  if (turn.line) made.append(node("div", "said", turn.line));
  made.append(drawText(node("div", "echo"), turn.echo));
  if (turn.lines.length) {
    const lines = node("div", "lines");
    for (const line of turn.lines) {
      const row = node("div");
      const key = /^([a-z]+)\s{2,}(.*)$/s.exec(line);
      if (key) row.append(node("b", "", key[1]));
      lines.append(drawText(row, key ? key[2] : line));
    }
    made.append(lines);
  }
  if (turn.table) made.append(drawTable(turn.table));
  return made;
}

export default function ({ parentElement, data }) {
  const root = parentElement.querySelector(".turns");
  let hints = helpers.get(root);
  if (!hints) {
    hints = new Hints(parentElement);
    helpers.set(root, hints);
  }
  hints.commands = data.commands;
  const stop = () => {
    hints.stop();
    helpers.delete(root);
  };
  const fit = () => fitHeight(root, 180, 90);
  requestAnimationFrame(fit);
  window.addEventListener("resize", fit, { once: true });
  const before = drawn.get(root);
  const now = data.turns.map((turn) => JSON.stringify(turn));
  if (before && now.length === before.length && now.every((each, index) => each === before[index])) return stop;
  drawn.set(root, now);
  root.replaceChildren(...data.turns.map(drawTurn));
  if (!data.turns.length) root.append(node("p", "empty", data.empty));
  root.scrollTop = root.scrollHeight;
  return stop;
}
