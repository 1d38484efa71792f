const slotCount = 16_384;

/** One key of each slot, in the order of the slots. */
export function keyOfEachSlot(): readonly string[] {
  const keys = new Map<number, string>();
  for (let n = 0; keys.size < slotCount; n += 1) {
    const key = `key-${n}`;
    const slot = slotOf(key);
    if (!keys.has(slot)) keys.set(slot, key);
  }
  return [...keys].toSorted(([a], [b]) => a - b).map(([, key]) => key);
}

/** The slot of a key without braces, as Redis's and Valkey's cluster specification has it. */
export function slotOf(key: string): number {
  return crc16(Buffer.from(key)) % slotCount;
}

/** CRC16 of the XMODEM variant: polynomial 0x1021, starting from 0. */
function crc16(bytes: Uint8Array): number {
  let crc = 0;
  for (const byte of bytes) {
    crc ^= byte << 8;
    for (let bit = 0; bit < 8; bit += 1) {
      crc = (crc & 0x80_00 ? (crc << 1) ^ 0x10_21 : crc << 1) & 0xff_ff;
    }
  }
  return crc;
}
