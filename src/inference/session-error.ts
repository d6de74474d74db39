/**
 * A graph could not be run, or gave no numbers: the graphics card was lost, memory ran out, or the export does not work
 * here. Neither picture nor words are to blame, and a process in which it happens again is of no use.
 */
export class SessionError extends Error {
  override readonly name = 'SessionError';
}
