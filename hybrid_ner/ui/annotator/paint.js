// Draws the text in blocks and redraws only the blocks whose spans changed. Text enters the page as text nodes
// alone; numbers and labels are drawn by the style sheet from attributes, so that they are never part of a
// selection.

const LONG_LINE = 2000;

/** Lines of the text, and pieces of lines that are very long: `{start, end, line}` in units. */
function cutBlocks(text, tokens) {
  const blocks = [];
  let line = 0;
  for (let start = 0; start < text.length; line += 1) {
    const newline = text.indexOf("\n", start);
    const stop = newline < 0 ? text.length : newline + 1;
    while (stop - start > LONG_LINE) {
      const token = countBelow(tokens.starts, start + LONG_LINE);
      const cut = tokens.starts[token];
      if (cut === undefined || cut <= start || cut >= stop) break;
      blocks.push({ start, end: cut, line });
      start = cut;
    }
    blocks.push({ start, end: stop, line });
    start = stop;
  }
  return blocks;
}

class Painter {
  constructor(root, labels) {
    this.root = root;
    this.labels = labels;
    this.startOf = new WeakMap();
    this.blocks = [];
  }

  /** Draws a new document without spans. */
  open(text, tokens) {
    this.text = text;
    this.root.replaceChildren();
    this.blocks = cutBlocks(text, tokens).map((block) => ({ ...block, signature: null }));
    this.blockStarts = this.blocks.map((block) => block.start);
    let line = -1;
    let holder = null;
    for (const block of this.blocks) {
      if (block.line !== line) {
        holder = document.createElement("div");
        holder.className = "line";
        // A line of Hebrew or Arabic begins on the right.
        holder.dir = "auto";
        this.root.append(holder);
        line = block.line;
      }
      block.node = document.createElement("span");
      holder.append(block.node);
    }
  }

  /** @param {Object[]} spans `{number, start, end, label, status, mark, chosen, reason}` in units; `said` is what a draft is called. */
  draw(spans, selected, draft) {
    const perBlock = this.blocks.map(() => []);
    const shown = draft ? [...spans, draft] : spans;
    for (const span of shown) {
      const last = countBelow(this.blockStarts, span.end) - 1;
      for (let i = Math.max(0, countBelow(this.blockStarts, span.start + 1) - 1); i <= last; i += 1) {
        perBlock[i].push(span);
      }
    }
    this.blocks.forEach((block, index) => this.drawBlock(block, perBlock[index], selected));
  }

  drawBlock(block, spans, selected) {
    const signature = spans
      .map((s) => [s.number, s.start, s.end, s.label, s.status, s.tag, s.lost, s.number === selected].join())
      .join(";");
    if (signature === block.signature) return;
    block.signature = signature;
    const edges = new Set([block.start, block.end]);
    const lineEnd = block.end - /(\r?\n)?$/.exec(this.text.slice(block.start, block.end))[0].length;
    edges.add(Math.max(block.start, lineEnd));
    for (const span of spans) {
      if (span.start > block.start) edges.add(span.start);
      if (span.end < block.end) edges.add(span.end);
    }
    const cuts = [...edges].sort((a, b) => a - b);
    const parts = [];
    for (let i = 0; i + 1 < cuts.length; i += 1) {
      // A span that goes on below holds the end of the line, but its frame would begin a line of its own there.
      const held = cuts[i] < lineEnd ? spans : spans.filter((span) => span.end <= block.end);
      parts.push(this.segment(cuts[i], cuts[i + 1], held, selected));
    }
    block.node.replaceChildren(...parts);
  }

  segment(start, end, spans, selected) {
    const leaf = document.createTextNode(this.text.slice(start, end));
    this.startOf.set(leaf, start);
    const covering = spans
      .filter((span) => span.start <= start && span.end >= end)
      .sort((a, b) => b.end - b.start - (a.end - a.start) || a.number - b.number);
    let node = leaf;
    for (const span of covering.reverse()) node = this.wrap(node, span, start, end, selected);
    return node;
  }

  wrap(inner, span, start, end, selected) {
    const node = document.createElement("span");
    const look = this.labels.find((each) => each.label === span.label);
    node.className = `mention hue${span.draft ? 0 : look?.hue ?? 7} ${span.status}${span.lost ? " lost" : ""}`;
    node.dataset.span = span.number;
    if (span.draft) node.classList.add("draft");
    if (span.number === selected) node.classList.add("selected");
    if (span.start === start) {
      node.classList.add("first");
      node.dataset.number = span.draft ? "+" : span.number;
      node.id = `span-${span.number}`;
      node.tabIndex = -1;
      // No button: spans may lie in each other, and buttons must not.
      node.setAttribute("role", "group");
      node.setAttribute("aria-current", String(span.number === selected));
      node.setAttribute("aria-label", span.said || describe(span, this.text, this.labels));
    }
    if (span.end === end) {
      node.classList.add("last");
      node.dataset.label = span.tag || "";
    }
    node.append(inner);
    return node;
  }

  /** The place in the text of a boundary of a DOM range, or null when it lies outside the text. */
  place(container, offset) {
    if (container.nodeType === Node.TEXT_NODE) {
      const start = this.startOf.get(container);
      return start === undefined ? null : start + offset;
    }
    if (!this.root.contains(container) && container !== this.root) return null;
    const next = container.childNodes[offset];
    const walker = document.createTreeWalker(this.root, NodeFilter.SHOW_TEXT);
    if (next) {
      walker.currentNode = next;
      const leaf = next.nodeType === Node.TEXT_NODE ? next : walker.nextNode();
      return leaf ? this.startOf.get(leaf) : this.text.length;
    }
    walker.currentNode = container;
    let last = null;
    for (let leaf = walker.nextNode(); leaf && container.contains(leaf); leaf = walker.nextNode()) last = leaf;
    return last ? this.startOf.get(last) + last.length : this.text.length;
  }

  /** The first element of a span. */
  element(number) {
    return this.root.querySelector(`#span-${number}`);
  }
}
