const units = ["B", "K", "M", "G", "T"] as const;

/** A size as engines print it in INFO (`used_memory_human`): "1.37G". Units of 1024. */
export function humanSize(sizeBytes: number): string {
  let size = sizeBytes;
  let unit = 0;
  while (Math.round(size) >= 1_000 && unit < units.length - 1) {
    size /= 1_024;
    unit += 1;
  }
  const digits = unit === 0 || size >= 99.95 ? 0 : size >= 9.995 ? 1 : 2;
  return `${size.toFixed(digits)}${units[unit]}`;
}

/** "1 node", "2 nodes". */
export function counted(count: number, noun: string, plural = `${noun}s`): string {
  return `${count.toLocaleString("en-US")} ${count === 1 ? noun : plural}`;
}

/** `text` in at most `lengthMax` characters: its middle gives way, as ids differ at their ends. */
export function shorten(text: string, lengthMax: number): string {
  if (text.length <= lengthMax) return text;
  const tail = Math.floor((lengthMax - 1) / 2);
  const head = lengthMax - 1 - tail;
  return `${text.slice(0, head)}…${tail === 0 ? "" : text.slice(-tail)}`;
}

/** `text` in lines of at most `lengthMax`, broken at spaces; a longer word stays whole. */
export function wrap(text: string, lengthMax: number): readonly string[] {
  const lines: string[] = [];
  for (const word of text.split(" ")) {
    const line = lines.at(-1);
    if (line === undefined || line.length + 1 + word.length > lengthMax) lines.push(word);
    else lines[lines.length - 1] = `${line} ${word}`;
  }
  return lines;
}
