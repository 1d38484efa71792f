const iso =
  /^(\d{4})-(\d{2})-(\d{2})(?:T(\d{2}):(\d{2}):(\d{2})(?:\.(\d{1,9}))?(Z|[+-]\d{2}:\d{2})?)?$/i;
const epochSeconds = /^-?\d{1,12}(?:\.\d{1,9})?$/;

/**
 * Reads ISO-8601 (UTC where no offset is written) or seconds since 1970, the two forms that AWS
 * clients send. Null for anything else, dates that do not exist included.
 */
export function parseTimestamp(text: string): Date | null {
  if (epochSeconds.test(text)) return validDate(Math.round(Number(text) * 1000));
  const match = iso.exec(text);
  if (match === null) return null;
  const [, year, month, day, hour = "00", minute = "00", second = "00", fraction = ""] = match;
  const clock = `${hour}:${minute}:${second}.${fraction.slice(0, 3).padEnd(3, "0")}Z`;
  const stamp = `${year}-${month}-${day}T${clock}`;
  const written = validDate(Date.parse(stamp));
  // Date.parse takes 30 February for 1 March, and 24:00 for the next day.
  if (written?.toISOString() !== stamp) return null;
  return validDate(written.getTime() - offsetMs(match[8] ?? "Z"));
}

function offsetMs(offset: string): number {
  if (offset.toUpperCase() === "Z") return 0;
  const hours = Number(offset.slice(1, 3));
  const minutes = Number(offset.slice(4, 6));
  if (hours > 23 || minutes > 59) return Number.NaN;
  return (offset.startsWith("-") ? -1 : 1) * (hours * 60 + minutes) * 60_000;
}

function validDate(ms: number): Date | null {
  const date = new Date(ms);
  return Number.isNaN(date.getTime()) ? null : date;
}
