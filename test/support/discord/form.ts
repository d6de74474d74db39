import { isJson, type Json } from './json.js';
import { CODES, Refusal } from './refusal.js';

export type Path = readonly (string | number)[];

export interface Limits {
  readonly min?: number;
  readonly max?: number;
  readonly required?: boolean;
}

/** Checks the fields of a request, and collects what is wrong as Discord words it. */
export class Form {
  readonly #errors: Json = {};
  readonly #details: string[] = [];

  fail(path: Path, code: string, message: string): void {
    let place = this.#errors;
    for (const step of path) {
      place = (place[step] ??= {}) as Json;
    }
    const errors = (place._errors ??= []) as Json[];
    errors.push({ code, message });
    this.#details.push(`${path.join('.')}: ${code}: ${message}`);
  }

  /** @throws {Refusal} when anything was wrong */
  finish(): void {
    if (this.#details.length > 0) {
      throw new Refusal(400, CODES.invalidForm, 'Invalid Form Body', {
        errors: this.#errors,
        detail: this.#details.join('; '),
      });
    }
  }

  /** Text within limits of length; UTF-16 code units, of which there are never fewer than Discord counts. */
  text(path: Path, value: unknown, limits: Limits = {}): string | undefined {
    if (this.#isMissing(path, value, limits)) {
      return undefined;
    }
    if (typeof value !== 'string') {
      this.fail(path, 'STRING_TYPE_CONVERT', 'Could not interpret value as string.');
      return undefined;
    }
    const { min = 0, max = Number.POSITIVE_INFINITY } = limits;
    if (value.length > max) {
      this.fail(path, 'BASE_TYPE_MAX_LENGTH', `Must be ${max} or fewer in length.`);
    } else if (value.length < min) {
      this.fail(path, 'BASE_TYPE_MIN_LENGTH', `Must be ${min} or more in length.`);
    }
    return value;
  }

  whole(path: Path, value: unknown, limits: Limits = {}): number | undefined {
    if (this.#isMissing(path, value, limits)) {
      return undefined;
    }
    if (typeof value !== 'number' || !Number.isInteger(value)) {
      this.fail(path, 'NUMBER_TYPE_COERCE', `Value "${String(value)}" is not int.`);
      return undefined;
    }
    const { min = Number.NEGATIVE_INFINITY, max = Number.POSITIVE_INFINITY } = limits;
    if (value > max) {
      this.fail(path, 'NUMBER_TYPE_MAX', `int value should be less than or equal to ${max}.`);
    } else if (value < min) {
      this.fail(path, 'NUMBER_TYPE_MIN', `int value should be greater than or equal to ${min}.`);
    }
    return value;
  }

  truth(path: Path, value: unknown): boolean {
    if (value !== undefined && value !== null && typeof value !== 'boolean') {
      this.fail(path, 'BOOLEAN_TYPE_CONVERT', 'Must be either true or false.');
    }
    return value === true;
  }

  list(path: Path, value: unknown, limits: Limits = {}): unknown[] {
    if (this.#isMissing(path, value, limits)) {
      return [];
    }
    if (!Array.isArray(value)) {
      this.fail(path, 'LIST_TYPE_CONVERT', 'Only iterables may be used in a ListType.');
      return [];
    }
    const { min = 0, max = Number.POSITIVE_INFINITY } = limits;
    if (value.length < min || value.length > max) {
      this.fail(path, 'BASE_TYPE_BAD_LENGTH', `Must be between ${min} and ${max} in length.`);
    }
    return value;
  }

  record(path: Path, value: unknown, limits: Limits = {}): Json | undefined {
    if (this.#isMissing(path, value, limits)) {
      return undefined;
    }
    if (!isJson(value)) {
      this.fail(path, 'MODEL_TYPE_CONVERT', 'Only dictionaries may be used in a ModelType.');
      return undefined;
    }
    return value;
  }

  oneOf<Value>(
    path: Path,
    value: unknown,
    allowed: readonly Value[],
    limits: Limits = {},
  ): Value | undefined {
    if (this.#isMissing(path, value, limits)) {
      return undefined;
    }
    if (!(allowed as readonly unknown[]).includes(value)) {
      this.fail(path, 'BASE_TYPE_CHOICES', `Value must be one of {${allowed.join(', ')}}.`);
      return undefined;
    }
    return value as Value;
  }

  #isMissing(path: Path, value: unknown, { required = false }: Limits): boolean {
    if (value !== undefined && value !== null) {
      return false;
    }
    if (required) {
      this.fail(path, 'BASE_TYPE_REQUIRED', 'This field is required');
    }
    return true;
  }
}
