import type { MistakeCode } from '../errors.js';
import type { PortableAnswer } from '../rendering/portable-answer.js';
import type { Progress } from '../task.js';

/** What went wrong, in JSON: `{ "error": … }` where a request is refused, and in the state of a task that failed. */
export interface Problem {
  readonly code: ProblemCode;
  /** A sentence in English. */
  readonly message: string;
  /** What the sentence names, such as a limit. */
  readonly values?: Readonly<Record<string, string | number>>;
}

/**
 * Mistakes of the person who asked, and beside them:
 * - `badRequest`: the request is not as the documentation says.
 * - `foreign`: it comes from a page of somebody else's.
 * - `notFound`: there is nothing there, or no longer.
 * - `tokenNeeded`: it bears no access token, or another.
 * - `tooFast`: there were too many requests.
 * - `restarting`: Glimpse is being stopped.
 * - `modelDown`: the model stopped twice on this picture.
 * - `modelAway`: the model is not running; it is being started again.
 * - `fault`: a fault of Glimpse, which is in its log.
 */
export type ProblemCode =
  | MistakeCode
  | 'badRequest'
  | 'foreign'
  | 'notFound'
  | 'tokenNeeded'
  | 'tooFast'
  | 'restarting'
  | 'modelDown'
  | 'modelAway'
  | 'fault';

/** The picture with boxes and outlines drawn, where one was asked for. */
export interface AnnotatedPicture {
  readonly path: string;
  readonly mediaType: string;
  readonly width: number;
  readonly height: number;
}

/** How a task stands, as `GET /api/tasks/ID` tells it. */
export type TaskState = { readonly id: string } & (
  | { readonly state: 'waiting' | 'running'; readonly progress: Progress | null }
  | {
      readonly state: 'answered';
      readonly answer: PortableAnswer & { readonly picture?: AnnotatedPicture };
      /** Milliseconds until its turn came. */
      readonly waited: number;
    }
  | { readonly state: 'failed'; readonly error: Problem }
  | { readonly state: 'cancelled' }
);

/** What `GET /api/status` tells. */
export interface PlaygroundStatus {
  readonly model: ModelDescription;
  readonly queue: { readonly waiting: number; readonly running: number };
  readonly limits: { readonly pictureMebibytes: number };
}

/** Which model answers. */
export interface ModelDescription {
  readonly name: string;
  /** What it runs on and how its weights are stored, such as `cpu, q4`. */
  readonly runsOn: string;
  /** Whether it is the demo checkpoint that comes with Glimpse. */
  readonly demo: boolean;
}
