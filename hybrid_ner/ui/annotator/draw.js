// New spans drawn with the keyboard, token by token, and what is left out of one that is drawn with the mouse.

const DRAW_KEYS = ["ArrowLeft", "ArrowRight", "Home", "End"];

/** `[start, end)` without white space and loose punctuation at the edges, as the server trims too. */
function trimmed(text, start, end) {
  while (start < end && /[\s,;:|]/.test(text[end - 1])) end -= 1;
  while (start < end && /\s/.test(text[start])) start += 1;
  return [start, end];
}

/** The first token from a place on, in a direction, that can end a span: loose punctuation cannot; or -1. */
function firmToken(text, { starts, ends }, at, direction) {
  for (; at >= 0 && at < starts.length; at += direction) {
    const [start, end] = trimmed(text, starts[at], ends[at]);
    if (start < end) return at;
  }
  return -1;
}

/** `[start, end)` without the mark that ends a line behind it: a mouse easily goes too far there. */
function withoutStop(text, tokens, start, end) {
  const last = countBelow(tokens.starts, end) - 1;
  // A stop that belongs to a word ("Inc.") is no token of its own.
  const stop = last > 0 && /^\s*(\n|$)/.test(text.slice(end, end + 80)) && tokens.starts[last] > start && /^[.!?]+$/.test(text.slice(tokens.starts[last], tokens.ends[last]));
  return [start, stop ? tokens.ends[last - 1] : end];
}

/** Where a draft goes with one of the keys above, or null when there is no token that way. */
function drawn(text, tokens, draft, key, extend) {
  const { starts, ends } = tokens;
  const from = draft ? countBelow(starts, draft.start) : 0;
  const to = draft ? countBelow(starts, draft.end) - 1 : -1;
  const aims = { ArrowLeft: [to - 1, -1], ArrowRight: [to + 1, 1], Home: [0, 1], End: [starts.length - 1, -1] };
  const at = firmToken(text, tokens, ...aims[key]);
  if (at < 0) return null;
  const first = extend ? Math.min(from, at) : at;
  return [starts[first], ends[Math.max(first, at)]];
}
