import { writeFileSync } from 'node:fs';

/** Of 1000; what a process takes of the memory is added to it. */
const PREFERENCE = '500';

/**
 * Where memory runs out, Linux ends the process that it blames most: from now on rather this one than its host, which
 * nobody starts again. Every process may make itself more to blame, and other systems have no such thing.
 */
export function dieFirstWithoutMemory(): void {
  try {
    writeFileSync('/proc/self/oom_score_adj', PREFERENCE);
  } catch {
    // Then it is as likely as its host.
  }
}
