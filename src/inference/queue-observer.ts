import type { MistakeCode } from '../errors.js';
import type { Task } from '../task.js';

/** How a job that was taken ended: with an answer, by a UserError, by its signal, by `stopAccepting`, by a fault. */
export type QueueOutcome = 'answered' | 'mistake' | 'cancelled' | 'stopped' | 'failed';

/** Is told of every job; may not throw. */
export interface QueueObserver {
  /** Of a job that is not taken nothing else is told. */
  onRefused?(job: { readonly kind: Task['kind']; readonly code: MistakeCode }): void;
  onQueued?(job: { readonly kind: Task['kind'] }): void;
  onStarted?(job: { readonly kind: Task['kind']; readonly waitedMs: number }): void;
  /** `ranMs` is undefined for a job that never ran. */
  onEnded?(job: {
    readonly kind: Task['kind'];
    readonly waitedMs: number;
    readonly ranMs: number | undefined;
    readonly outcome: QueueOutcome;
  }): void;
}
