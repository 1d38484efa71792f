/** A part of a pattern: any number of characters, or one: `null` for whichever. */
type Part = { readonly char: string | null } | "many";

/**
 * Whether `text` matches a pattern in which "*" stands for any characters, "?" for one, and "\"
 * takes the meaning from what follows it. Takes at most text times pattern steps: the last "*" is
 * the only place that is ever tried again.
 */
export function matchesWildcards(pattern: string, text: string): boolean {
  const parts = partsOf(pattern);
  let at = 0;
  let from = 0;
  let star = -1;
  let starFrom = 0;
  while (from < text.length) {
    const part = parts[at];
    if (part === "many") {
      star = at;
      starFrom = from;
      at += 1;
    } else if (part !== undefined && (part.char === null || part.char === text[from])) {
      at += 1;
      from += 1;
    } else if (star >= 0) {
      starFrom += 1;
      from = starFrom;
      at = star + 1;
    } else return false;
  }
  return parts.slice(at).every((part) => part === "many");
}

function partsOf(pattern: string): readonly Part[] {
  const parts: Part[] = [];
  for (let index = 0; index < pattern.length; index += 1) {
    const char = pattern.charAt(index);
    if (char === "*") parts.push("many");
    else if (char === "?") parts.push({ char: null });
    else if (char === "\\" && index + 1 < pattern.length) {
      index += 1;
      parts.push({ char: pattern.charAt(index) });
    } else parts.push({ char });
  }
  return parts;
}
