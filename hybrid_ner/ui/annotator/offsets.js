// Places in a text. Python counts code points, JavaScript UTF-16 units; documents arrive and edits leave in
// code points, everything in between is in units.

/** Number of entries of a sorted array that are smaller than `value`. */
function countBelow(sorted, value) {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sorted[middle] < value) low = middle + 1;
    else high = middle;
  }
  return low;
}

class Offsets {
  /**
   * @param {number[]} astral Sorted code point positions of the characters that take two units.
   * @param {number} base Place in the document of the first character that is shown.
   */
  constructor(astral, base = 0) {
    this.base = base;
    this.points = astral;
    this.units = astral.map((point, index) => point + index);
  }

  toUnits(place) {
    const point = place - this.base;
    return point + countBelow(this.points, point);
  }

  toPoints(unit) {
    return unit - countBelow(this.units, unit) + this.base;
  }
}

/** Token boundaries, so that a span drawn by hand is one that training can use. */
class Tokens {
  /** @param {number[]} gaps Characters skipped before, then length of, every token, in code points. */
  constructor(gaps, offsets) {
    this.starts = [];
    this.ends = [];
    let at = offsets.base;
    for (let i = 0; i + 1 < gaps.length; i += 2) {
      at += gaps[i];
      this.starts.push(offsets.toUnits(at));
      at += gaps[i + 1];
      this.ends.push(offsets.toUnits(at));
    }
  }

  /** The whole tokens that `[start, end)` touches, or null when it touches none. */
  snap(start, end) {
    const first = countBelow(this.ends, start + 1);
    const last = countBelow(this.starts, end) - 1;
    return first <= last ? [this.starts[first], this.ends[last]] : null;
  }

  /** `[start, end)` in `text` with one edge moved by a token that can stand at an edge, or null when there is no room. */
  move(start, end, edge, outward, text) {
    if (edge === "left" && outward) start = this.starts[firmToken(text, this, countBelow(this.starts, start) - 1, -1)];
    if (edge === "left" && !outward) start = this.starts[countBelow(this.starts, start + 1)];
    if (edge === "right" && outward) end = this.ends[firmToken(text, this, countBelow(this.ends, end + 1), 1)];
    if (edge === "right" && !outward) end = this.ends[countBelow(this.ends, end) - 1];
    return start !== undefined && end !== undefined && start < end ? [start, end] : null;
  }
}
