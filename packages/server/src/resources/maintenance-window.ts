const days = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];
const weekMinutes = 7 * 24 * 60;

/**
 * Whether `now` lies in a weekly window.
 * @param window "ddd:hh24:mi-ddd:hh24:mi" in UTC, as it was checked when it was set
 */
export function isInMaintenanceWindow(window: string, now: Date): boolean {
  const [from = "", to = ""] = window.split("-");
  const [start, end] = [minuteOfWeek(from), minuteOfWeek(to)];
  const minute = now.getUTCDay() * 1_440 + now.getUTCHours() * 60 + now.getUTCMinutes();
  const lengthMinutes = (end - start + weekMinutes) % weekMinutes;
  return (minute - start + weekMinutes) % weekMinutes < lengthMinutes;
}

function minuteOfWeek(moment: string): number {
  const [day = "", hour = "", minute = ""] = moment.split(":");
  return days.indexOf(day) * 1_440 + Number(hour) * 60 + Number(minute);
}
