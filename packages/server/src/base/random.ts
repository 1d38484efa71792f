import { randomBytes, randomInt, randomUUID } from "node:crypto";

const alphabet = "abcdefghijklmnopqrstuvwxyz0123456789";

/** A request id as AWS writes them: a version 4 UUID. */
export function newRequestId(): string {
  return randomUUID();
}

/** `length` lower-case letters and digits, for names that must not meet an older namesake. */
export function newSuffix(length = 6): string {
  return Array.from({ length }, () => alphabet[randomInt(alphabet.length)]).join("");
}

/** `length` hexadecimal digits, as the ids of many AWS resources end in. */
export function newHex(length: number): string {
  return randomBytes(Math.ceil(length / 2))
    .toString("hex")
    .slice(0, length);
}

/** A password that no configuration syntax can misread: 64 hexadecimal digits. */
export function newPassword(): string {
  return randomBytes(32).toString("hex");
}

/** A whole number from 0 to `below` - 1. */
export function randomBelow(below: number): number {
  return randomInt(below);
}
