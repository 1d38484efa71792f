import { Fault } from "../../aws/fault.ts";
import { randomBelow } from "../../base/random.ts";

const days = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"] as const;
const dayMinutes = 24 * 60;
const weekMinutes = 7 * dayMinutes;
const lengthMinMinutes = 60;
const lengthMaxMinutes = dayMinutes;
const syntax = new RegExp(
  `^(${days.join("|")}):(\\d\\d):(\\d\\d)-(${days.join("|")}):(\\d\\d):(\\d\\d)$`,
);

/** The 8-hour block of a region that ElastiCache picks windows from, in minutes of the UTC day. */
interface Block {
  readonly from: number;
  readonly lengthMinutes: number;
}

/** User guide, "Managing maintenance". Regions that it does not list get us-east-1's block. */
const blocks: readonly { readonly regions: readonly string[]; readonly block: Block }[] = [
  { regions: ["us-east-2"], block: hours("04:00", 8) },
  { regions: ["us-west-1", "us-west-2", "us-gov-west-1"], block: hours("06:00", 8) },
  { regions: ["ap-northeast-1", "ap-east-1"], block: hours("13:00", 8) },
  { regions: ["ap-northeast-2", "ap-northeast-3", "ap-southeast-2"], block: hours("12:00", 8) },
  {
    regions: ["ap-southeast-1", "ap-southeast-3", "cn-north-1", "cn-northwest-1"],
    block: hours("14:00", 8),
  },
  { regions: ["ap-south-1"], block: hours("17:30", 8) },
  { regions: ["eu-west-1"], block: hours("22:00", 8) },
  { regions: ["eu-west-2", "eu-central-1"], block: hours("23:00", 8) },
  { regions: ["eu-west-3"], block: hours("23:59", 7.5) },
  { regions: ["eu-south-1"], block: hours("21:00", 8) },
  { regions: ["sa-east-1"], block: hours("01:00", 8) },
  { regions: ["af-south-1", "me-south-1", "me-central-1"], block: hours("13:00", 8) },
];
const blockElsewhere = hours("03:00", 8);
/** Random windows start on the half hours of the block. */
const stepMinutes = 30;

/** A window as asked for, in lower case. Throws InvalidParameterValue when it is none. */
export function maintenanceWindow(value: string): string {
  const window = value.toLowerCase();
  const length = lengthOf(window);
  if (length === null) {
    throw refused(
      value,
      'It must look like "sun:05:00-sun:06:00": ddd:hh24:mi-ddd:hh24:mi, in UTC.',
    );
  }
  if (length < lengthMinMinutes || length > lengthMaxMinutes) {
    throw refused(value, "It must last from 60 minutes to 24 hours.");
  }
  return window;
}

/** A random hour on a random day within the region's block, as ElastiCache chooses it. */
export function randomMaintenanceWindow(region: string): string {
  const { from, lengthMinutes } =
    blocks.find(({ regions }) => regions.includes(region))?.block ?? blockElsewhere;
  const starts = Math.floor((lengthMinutes - lengthMinMinutes) / stepMinutes) + 1;
  const start = randomBelow(days.length) * dayMinutes + from + randomBelow(starts) * stepMinutes;
  return `${moment(start)}-${moment(start + lengthMinMinutes)}`;
}

/** Minutes that a window lasts, over the end of the week too; null when it is not a window. */
function lengthOf(window: string): number | null {
  const match = syntax.exec(window);
  if (match === null) return null;
  const [, fromDay, fromHour, fromMinute, toDay, toHour, toMinute] = match;
  const from = minuteOfWeek(fromDay, fromHour, fromMinute);
  const to = minuteOfWeek(toDay, toHour, toMinute);
  return from === null || to === null ? null : (to - from + weekMinutes) % weekMinutes;
}

function minuteOfWeek(day = "", hour = "", minute = ""): number | null {
  if (Number(hour) > 23 || Number(minute) > 59) return null;
  return days.findIndex((one) => one === day) * dayMinutes + Number(hour) * 60 + Number(minute);
}

function moment(minutes: number): string {
  const minute = minutes % weekMinutes;
  const [day, ofDay] = [Math.floor(minute / dayMinutes), minute % dayMinutes];
  return `${days[day]}:${twoDigits(Math.floor(ofDay / 60))}:${twoDigits(ofDay % 60)}`;
}

function twoDigits(value: number): string {
  return String(value).padStart(2, "0");
}

function hours(from: string, length: number): Block {
  const [hour, minute] = from.split(":").map(Number);
  return { from: (hour ?? 0) * 60 + (minute ?? 0), lengthMinutes: length * 60 };
}

function refused(value: string, why: string): Fault {
  return new Fault(
    "InvalidParameterValue",
    `The parameter PreferredMaintenanceWindow does not accept "${value}". ${why}`,
  );
}
