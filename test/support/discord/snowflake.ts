const DISCORD_EPOCH = 1_420_070_400_000n;
const COUNTER = 0x3fffffn;

let made = 0n;

/** A new id. Ids are unique, and later ones are larger, as long as a millisecond brings no four million of them. */
export function snowflake(at = Date.now()): string {
  made = (made + 1n) & COUNTER;
  return (((BigInt(at) - DISCORD_EPOCH) << 22n) | made).toString();
}

export function isSnowflake(value: unknown): value is string {
  return typeof value === 'string' && /^\d{17,20}$/.test(value);
}
