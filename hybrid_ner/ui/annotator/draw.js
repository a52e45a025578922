// New spans drawn with the keyboard, token by token.

const DRAW_KEYS = ["ArrowLeft", "ArrowRight", "Home", "End"];

/** `[start, end)` without white space and loose punctuation at the edges, as the server trims too. */
function trimmed(text, start, end) {
  while (start < end && /[\s,;:]/.test(text[end - 1])) end -= 1;
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
