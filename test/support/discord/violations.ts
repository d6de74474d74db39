/** Something that Discord refuses, or that this project's own rules forbid. */
export interface Violation {
  /** Discord's sentence for it, or the name of a rule of the house. */
  readonly rule: string;
  readonly detail: string;
  /** Method and route of the request. */
  readonly request?: string;
}

/** What has been done against the rules since the start. */
export class Violations {
  readonly list: Violation[] = [];

  record(rule: string, detail: string, request?: string): void {
    this.list.push({ rule, detail, ...(request === undefined ? {} : { request }) });
  }
}
