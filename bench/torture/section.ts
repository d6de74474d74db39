/** One kind of harm that Glimpse has to bear, and the figures that show whether it does. */
export interface TortureSection {
  /** What happens, as `--only` names it. */
  readonly name: string;
  /** Does the harm and reports what came of it; what it throws counts as a goal missed. */
  run(report: TortureReport): Promise<void>;
}

/** Where a section says what it has measured. */
export interface TortureReport {
  /**
   * One line of the table.
   *
   * @param name what was measured
   * @param value with its unit
   * @param against the goal in words, and whether the value reaches it
   */
  figure(name: string, value: number | string, against: FigureGoal): void;
}

export interface FigureGoal {
  readonly goal: string;
  readonly met: boolean;
}
