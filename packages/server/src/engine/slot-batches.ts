import type { KeyBatch, SizedKey } from "./slot-keeping.ts";

/** Bounds of what one command carries, since it holds up both nodes: some milliseconds each. */
const batchKeysMax = 100;
const batchBytesMax = 524_288;
/** Commands that are on their way together. When the taker hangs, each waits its time out. */
const turnBatchesMax = 8;

/** How long a batch of usual size may take; then it is given once more by itself, patiently. */
const usualWithinMs = 200;
const patientWithinMs = 1_500;
/** Serialising, sending and rebuilding a large value: slower than any engine was seen to be. */
const slowBytesPerMs = 4_096;

/** Puts the keys of one slot into batches; a large value travels alone. */
export function batchesOf(keys: readonly SizedKey[]): readonly KeyBatch[] {
  const batches: { keys: Buffer[]; bytes: number }[] = [];
  for (const { key, bytes } of keys) {
    const last = batches.at(-1);
    const fits =
      last !== undefined && last.keys.length < batchKeysMax && last.bytes + bytes <= batchBytesMax;
    if (fits) {
      last.keys.push(key);
      last.bytes += bytes;
    } else {
      batches.push({ keys: [key], bytes });
    }
  }
  return batches;
}

/** Puts batches into turns: what is given at once. Their order stays. */
export function turnsOf(batches: readonly KeyBatch[]): readonly (readonly KeyBatch[])[] {
  const turns: KeyBatch[][] = [];
  let bytes = 0;
  let keys = 0;
  for (const batch of batches) {
    const last = turns.at(-1);
    const fits =
      last !== undefined &&
      last.length < turnBatchesMax &&
      bytes + batch.bytes <= batchBytesMax &&
      keys + batch.keys.length <= batchKeysMax;
    if (fits) last.push(batch);
    else turns.push([batch]);
    bytes = (fits ? bytes : 0) + batch.bytes;
    keys = (fits ? keys : 0) + batch.keys.length;
  }
  return turns;
}

/** How long a batch may take before it counts as failed. */
export function withinMsOf(batch: KeyBatch, patient: boolean): number {
  const needMs = Math.ceil(batch.bytes / slowBytesPerMs);
  return needMs + (patient ? patientWithinMs : usualWithinMs);
}
