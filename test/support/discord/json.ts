/** A JSON object of which nothing is known yet. */
export type Json = Record<string, unknown>;

export function isJson(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The objects in a list; nothing for what is no list. */
export function objectsIn(value: unknown): Json[] {
  return Array.isArray(value) ? value.filter(isJson) : [];
}

/** The text in a field; empty for what is no text. */
export function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

/** The number in a field; 0 for what is no number. */
export function numberOf(value: unknown): number {
  return typeof value === 'number' ? value : 0;
}
