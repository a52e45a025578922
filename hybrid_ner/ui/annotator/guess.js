// The label that a new span probably has: that of the same term, of terms that end in the same word, or that end
// alike, among the spans that this tab has shown. benchmarks/oracle.py guesses in the same way.

const MOST_TERMS = 20000;

class Guess {
  constructor() {
    this.known = new Map();
  }

  /** What the words of a term tell, the most telling first: the term, its last word, how that ends. */
  static signs(surface) {
    const term = surface.toLowerCase().split(/\s+/).filter(Boolean).join(" ");
    const last = term.slice(term.lastIndexOf(" ") + 1);
    const ends = [5, 4, 3].filter((size) => last.length > size).map((size) => `~${last.slice(-size)}`);
    return [`=${term}`, `_${last}`, ...ends];
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

  /** The label that most terms of the first sign have that any has; empty for words unlike all others. */
  of(surface) {
    for (const sign of Guess.signs(surface)) {
      const best = [...(this.known.get(sign) || [])].filter(([, count]) => count > 0).sort((a, b) => b[1] - a[1])[0];
      if (best) return best[0];
    }
    return "";
  }
}
