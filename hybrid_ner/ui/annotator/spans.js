// Spans as the page shows them: what the server said, with the edits on top that are still on their way.

const MARK_WORDS = {
  rule: "suggested by the rules",
  model: "suggested by the model",
  "rule+model": "suggested by rules and model",
  "rule\u2260model": "rules and model disagree",
  split: "models or people disagree",
  agree: "models or people agree",
  reviewer: "added by a reviewer",
  gazetteer: "from the term list",
};
const MARK_SIGNS = { rule: "R", model: "M", "rule+model": "R+M", "rule\u2260model": "R\u2260M", split: "\u2260", agree: "=", gazetteer: "T" };
/** How a rule found it, in words. */
const METHOD_WORDS = {
  exact: "as listed", folded: "as listed, capitals aside", variant: "listed in another form",
  fuzzy: "similar spelling", abbreviation: "abbreviation", pattern: "pattern", learned: "learned word",
  reviewed: "learned in review",
};
const STATUS_WORDS = { open: "not decided", accepted: "accepted", rejected: "rejected" };

/** A row of the payload, in units. */
function readSpan(row, offsets) {
  const [number, start, end, label, status, origin, score, chosen, reason, flags, method, suggested] = row;
  return {
    number, label, status, origin, score, chosen, reason, flags, method, suggested,
    start: offsets.toUnits(start),
    end: offsets.toUnits(end),
    mark: MARK_SIGNS[origin] || "",
    near: method === "fuzzy" || method.startsWith("almost ") ? METHOD_WORDS[method] || method : "",
  };
}

/** The spans with the waiting edits of this document applied; edits outside of the text shown have no place. */
function withEdits(spans, edits, offsets, length) {
  const inside = ({ start, end }) => offsets.toUnits(start) >= 0 && offsets.toUnits(end) <= length;
  if (!edits.length) return spans;
  const byNumber = new Map(spans.map((span) => [span.number, { ...span }]));
  for (const edit of edits) {
    const span = byNumber.get(edit.number);
    if (edit.kind === "add" && !inside(edit)) continue;
    if (edit.kind === "add") {
      const number = -edit.sequence;
      byNumber.set(number, {
        number, label: edit.label, status: "accepted", origin: "reviewer", score: 1, chosen: true, reason: "",
        flags: "", method: "", mark: "", start: offsets.toUnits(edit.start), end: offsets.toUnits(edit.end),
      });
    } else if (span && edit.kind === "accept") {
      span.status = "accepted";
      span.reason = "";
    } else if (span && edit.kind === "reject") {
      span.status = "rejected";
      span.reason = "";
    } else if (span && edit.kind === "reopen") {
      span.status = "open";
      span.reason = "";
    } else if (span && edit.kind === "relabel") {
      span.label = edit.label;
      span.status = "accepted";
    } else if (span && edit.kind === "boundary" && !inside(edit)) {
      byNumber.delete(edit.number);
    } else if (span && edit.kind === "boundary") {
      span.start = offsets.toUnits(edit.start);
      span.end = offsets.toUnits(edit.end);
      span.status = "accepted";
    }
  }
  return [...byNumber.values()];
}

/** The name of a label for people. */
const nameOf = (looks, label) => looks.find((look) => look.label === label)?.name || label;

function describe(span, text, looks) {
  const surface = text.slice(span.start, span.end);
  const name = span.number > 0 ? span.number : "new";
  const parts = [`${name}: ${surface}`, nameOf(looks, span.label), MARK_WORDS[span.origin] || "", span.near, span.flags, STATUS_WORDS[span.status]];
  return parts.filter(Boolean).join(", ");
}

const DISAGREEING = ["rule", "model", "rule\u2260model", "split"];

/**
 * The number of the next open span after a place, from the start again when there is none.
 * Where disagreements are gone through, those come first.
 */
function nextOpen(spans, after, disagreeing = false) {
  const chosen = spans.filter((span) => span.status === "open" && span.chosen).sort((a, b) => a.start - b.start);
  const doubtful = disagreeing ? chosen.filter((span) => DISAGREEING.includes(span.origin)) : [];
  const open = doubtful.length ? doubtful : chosen;
  const rest = open.length ? open : spans.filter((span) => span.status === "open").sort((a, b) => a.start - b.start);
  const found = rest.find((span) => span.start >= after) || rest[0];
  return found ? found.number : 0;
}

/** What else may be marked in the place of a rejected span, the more certain first: 0 when nothing may. */
function alternative(spans, rejected) {
  const inside = spans.filter((span) => span.status === "open" && !span.chosen && span.start < rejected.end && rejected.start < span.end);
  inside.sort((a, b) => b.score - a.score || b.end - b.start - (a.end - a.start));
  return inside.length ? inside[0].number : 0;
}

/** Words between a span and a new one up to which the new one may be meant as its edges. */
const BESIDE = 2;

/** The span that a new one may be meant to move: the framed one first, if they overlap or stand close to each other. */
function movable(spans, framed, draft, text) {
  const near = (span) => {
    const between = text.slice(Math.min(span.end, draft.end), Math.max(span.start, draft.start));
    const overlap = span.start < draft.end && draft.start < span.end;
    return span.number > 0 && (overlap || (!between.includes("\n") && (between.match(/\S+/g) || []).length <= BESIDE));
  };
  if (framed && near(framed)) return framed;
  return spans.find((span) => near(span) && span.status !== "rejected" && span.start < draft.end && draft.start < span.end) || null;
}

const folded = (surface) => surface.toLowerCase().split(/\s+/).join(" ");

/** Where else a surface stands as whole words, whatever its capitals. */
function otherPlaces(text, surface, not) {
  const words = folded(surface).split(" ").map((word) => word.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
  const pattern = new RegExp(`(?<![\\p{L}\\p{N}])${words.join("\\s+")}(?![\\p{L}\\p{N}])`, "giu");
  return [...text.matchAll(pattern)].map((found) => [found.index, found.index + found[0].length]).filter(([start]) => start !== not);
}

/** Marks spans that lost against another one: drawn faintly, without their label until they are chosen. */
function markLost(spans, looks) {
  const strong = spans.filter((span) => (span.chosen || span.status === "accepted") && span.reason !== "overlap" && span.status !== "rejected");
  for (const span of spans) {
    span.lost = span.reason === "overlap" || (!span.chosen && span.status === "open");
    const beaten = span.lost && strong.some((other) => other.start < span.end && span.start < other.end);
    const almost = span.near && span.status === "open" ? "≈ " : ""; // not a listed term as it stands
    span.tag = beaten ? "" : `${almost}${nameOf(looks, span.label)}${span.mark ? ` · ${span.mark}` : ""}`;
  }
}
