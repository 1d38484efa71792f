/** Rows of cells as aligned text, the first row a heading; numbers stand to the right. */
export function textTable(rows: readonly (readonly string[])[]): string {
  const [heading = []] = rows;
  const widths = heading.map((_, column) =>
    Math.max(...rows.map((row) => (row[column] ?? "").length)),
  );
  const line = (row: readonly string[]) =>
    widths
      .map((width, column) => align(row[column] ?? "", width))
      .join("  ")
      .trimEnd();
  const rule = widths.map((width) => "-".repeat(width)).join("  ");
  const [first = "", ...others] = rows.map(line);
  return [first, rule, ...others].join("\n");
}

function align(cell: string, width: number): string {
  return /^-?[\d.,]+( (ms|s|%|x))?$/.test(cell) ? cell.padStart(width) : cell.padEnd(width);
}
