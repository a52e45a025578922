// The parts of a long document: which one is shown, what is open in the others, and the way there.

class Parts {
  constructor(host, view) {
    this.view = view;
    this.row = host.querySelector(".parts");
    this.list = host.querySelector(".parts select");
    this.row.querySelector(".part-before").addEventListener("click", () => this.step(-1));
    this.row.querySelector(".part-behind").addEventListener("click", () => this.step(1));
    this.list.addEventListener("change", () => this.go(Number(this.list.value)));
  }

  get doc() {
    return this.view.data.doc;
  }

  get several() {
    return this.doc.parts.length > 1;
  }

  /** Open spans of a part: those that the pipeline chose, or else the others; of this one those in sight. */
  open(part) {
    const [chosen, others] = part === this.doc.part ? this.inSight : this.doc.parts[part];
    return chosen || others;
  }

  get inSight() {
    const open = this.view.shown.filter((span) => span.status === "open");
    const chosen = open.filter((span) => span.chosen).length;
    return [chosen, open.length - chosen];
  }

  /** The next part, from the beginning again, in which something is open; -1 when there is none. */
  get nextOpen() {
    const { part, parts } = this.doc;
    for (const kind of [0, 1]) {
      for (let step = 1; step < parts.length; step += 1) {
        const at = (part + step) % parts.length;
        if (parts[at][kind]) return at;
      }
    }
    return -1;
  }

  show() {
    const { part, parts } = this.doc;
    this.row.hidden = !this.several;
    const named = parts.map((counts, index) => `Part ${index + 1} of ${parts.length} \u00b7 ${this.open(index)} open`);
    if (named.join() !== this.named) {
      this.named = named.join();
      this.list.replaceChildren(...named.map((name, index) => new Option(name, index)));
    }
    this.list.value = part;
    this.row.querySelector(".part-before").disabled = part === 0;
    this.row.querySelector(".part-behind").disabled = part + 1 >= parts.length;
  }

  step(direction) {
    this.go(this.doc.part + direction);
  }

  go(part) {
    if (part < 0 || part >= this.doc.parts.length || part === this.doc.part) return;
    this.view.outbox.want({ doc: this.doc.id, part });
  }

  /** Accepts what is open here, as a line with the numbers, and goes on to the next open part. */
  finish() {
    const numbers = this.view.acceptable;
    const next = this.nextOpen;
    if (numbers) this.view.line(`ok ${numbers}`);
    else if (next >= 0) this.go(next);
    else this.view.line("next");
  }
}

/** `1-3 7` for 1, 2, 3 and 7. */
function ranges(numbers) {
  const found = [];
  for (const number of [...numbers].sort((a, b) => a - b)) {
    const last = found[found.length - 1];
    if (last && last[1] === number - 1) last[1] = number;
    else found.push([number, number]);
  }
  return found.map(([from, to]) => (from === to ? `${from}` : `${from}-${to}`)).join(" ");
}
