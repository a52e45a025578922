// The label that a new span probably has: that of the same term, or of terms with the same head, among the spans
// that this tab has shown; then what the term lists tell of the head; then that of terms shown that end alike.
// benchmarks/oracle.py guesses in the same way.

const MOST_TERMS = 20000;
/** Several capitals in a short word: DVT, TdP, mRNA, SSRIs. */
const ABBREVIATION = /^\p{L}?\p{Lu}[\p{L}\p{N}-]{0,5}\p{Lu}\p{L}?$/u;
/** What follows these words says more of a term, but not what it is: the head of "cancer of the lung" is "cancer". */
const BEHIND_HEAD = new Set("of in to with due from after by on at for during".split(" "));

class Guess {
  constructor() {
    this.known = new Map();
  }

  /** What a term tells, the most telling first: itself, its head, how that ends. */
  static signs(surface) {
    const words = surface.toLowerCase().split(/\s+/).filter(Boolean);
    const cut = words.findIndex((word, place) => place > 0 && BEHIND_HEAD.has(word));
    const head = words[(cut < 0 ? words.length : cut) - 1] || "";
    const ends = [5, 4, 3].filter((size) => head.length > size).map((size) => `~${head.slice(-size)}`);
    return [`=${words.join(" ")}`, `_${head}`, ...ends];
  }

  /** Takes in the spans of a document that nobody has rejected, once each. */
  learn(spans, text, document) {
    for (const span of spans) {
      const place = `@${document} ${span.start} ${span.end}`;
      if (!span.chosen || span.status === "rejected" || this.known.get(place) === span.label) continue;
      if (this.known.size > MOST_TERMS) return;
      const before = this.known.get(place);
      this.known.set(place, span.label);
      for (const sign of Guess.signs(text.slice(span.start, span.end))) {
        const counts = this.known.get(sign) || new Map();
        counts.set(span.label, (counts.get(span.label) || 0) + 1);
        if (before) counts.set(before, counts.get(before) - 1);
        this.known.set(sign, counts);
      }
    }
  }

  /** The label that most terms with a sign have; empty where none has it. */
  best(sign) {
    return [...(this.known.get(sign) || [])].filter(([, count]) => count > 0).sort((a, b) => b[1] - a[1])[0]?.[0] || "";
  }

  /** The likeliest label of `[start, end)` on this page; empty for words unlike all others. */
  of(page, start, end) {
    const [term, head, ...ends] = Guess.signs(page.text.slice(start, end));
    const tries = [() => this.best(term), () => spelledOut(page, start, end), () => this.best(head), () => listed(page, start, end), ...ends.map((sign) => () => this.best(sign))];
    for (const attempt of tries) {
      const label = attempt();
      if (label && page.offered.some((look) => look.label === label)) return label;
    }
    return "";
  }
}

/** The label of what stands before the bracket that an abbreviation begins: "deep vein thrombosis (DVT)". */
function spelledOut({ text, shown, tokens, told }, start, end) {
  if (!ABBREVIATION.test(text.slice(start, end))) return "";
  const gap = /\s*[(\[]$/.exec(text.slice(Math.max(0, start - 3), start))?.[0].length;
  if (!gap) return "";
  const before = shown.find((span) => span.end === start - gap && span.status !== "rejected" && !span.lost);
  return before?.label || told[countBelow(tokens.ends, start - gap)] || "";
}

/** What the lists tell of the head of a span. */
function listed({ text, tokens, told }, start, end) {
  const first = countBelow(tokens.starts, start);
  const last = countBelow(tokens.starts, end) - 1;
  for (let token = first + 1; token <= last; token += 1) {
    if (BEHIND_HEAD.has(text.slice(tokens.starts[token], tokens.ends[token]).toLowerCase())) return told[token - 1] || "";
  }
  return told[last] || "";
}
