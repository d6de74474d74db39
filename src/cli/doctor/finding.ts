/** What the doctor found out about one thing. */
export interface Finding {
  /**
   * - `ok`: it works.
   * - `note`: it works, and could be better, or was not asked for.
   * - `problem`: it does not work.
   */
  readonly verdict: 'ok' | 'note' | 'problem';
  /** One sentence. */
  readonly says: string;
  /** What mends or betters it. */
  readonly mend?: string;
}

/** One thing that the doctor looks at. */
export interface Check {
  readonly name: string;
  /** @throws {UserError} a problem, in a sentence that says its mend itself */
  readonly look: () => Promise<Finding>;
}
