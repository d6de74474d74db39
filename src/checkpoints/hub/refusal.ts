import { UserError } from '../../errors.js';
import type { Hub } from './hub.js';
import { PassingError } from './passing-error.js';

/** What was asked for, for the sentence that says why it did not come. */
export interface Wanted {
  /** `owner/name`, or what else a file is of. */
  readonly repository: string;
  /** Undefined where it is the repository itself that is asked about. */
  readonly file?: string | undefined;
  /** The branch, tag or commit that somebody named. */
  readonly revision?: string | undefined;
}

export interface Refused extends Wanted {
  readonly status: number;
  readonly headers: Headers;
  /** What the server says of its refusal, which only ever chooses among our own sentences. */
  readonly message: string;
  /** Where it came from, after redirects. */
  readonly from: URL;
  /** The address that was asked at first. */
  readonly asked: URL;
}

/** Statuses below 500 that a later try may not meet again. */
const PASSING = new Set([408, 409, 421, 423, 425, 429]);
/** Those from 500 on that it would. */
const LASTING = new Set([501, 505, 506, 508, 510, 511]);

/**
 * The one place that says what a refusing server means: a `UserError` where another try would end the same, a
 * `PassingError` where it may not.
 */
export function refusal(hub: Hub, refused: Refused): Error {
  const { status, headers, from, repository, file } = refused;
  if (PASSING.has(status) || (status >= 500 && !LASTING.has(status))) {
    const why = status === 429 ? ' (too many requests)' : '';
    return new PassingError(`${from.host} answers with ${status}${why}.`, pauseOf(headers));
  }
  if (isExpiredAddress(hub, refused)) {
    return new PassingError(`${from.host} answers with ${status}.`);
  }
  if (status === 401 || status === 403 || status === 404 || status === 410) {
    return denial(hub, refused);
  }
  if (status === 511) {
    return new UserError(`The network asks for a login before ${from.host} can be reached (${status}).`);
  }
  if (status === 451) {
    return new UserError(
      `${from.host} may not give ${file ?? repository} away here for legal reasons (451).`,
    );
  }
  return new UserError(`${from.host} refuses with status ${status}.`);
}

/** Addresses at the hosts that keep the bytes are signed for a while: the hub gives a new one. */
function isExpiredAddress(hub: Hub, refused: Refused): boolean {
  const { status, from, asked, file } = refused;
  const isStorage =
    file !== undefined && from.origin !== new URL(hub.endpoint).origin && from.pathname !== asked.pathname;
  return isStorage && (status === 400 || status === 403) && codeOf(refused) === '' && !isGated(refused);
}

function denial(hub: Hub, refused: Refused): UserError {
  const { status, from, repository, file, revision } = refused;
  const code = codeOf(refused);
  const isHome = from.origin === new URL(hub.endpoint).origin;
  if (code === 'RevisionNotFound') {
    return new UserError(`${repository} has no revision ${revision ?? 'of this name'}.`);
  }
  if (code === 'DisabledRepo' || /\bdisabled\b/i.test(refused.message)) {
    return new UserError(`${from.host} has disabled access to ${repository}.`);
  }
  if (isGated(refused)) {
    return gatedSentence(hub, refused, isHome);
  }
  if (file !== undefined && (status === 404 || status === 410 || code === 'EntryNotFound')) {
    return new UserError(`${from.host} has no ${file} of ${repository}.`);
  }
  if (!isHome && (status === 401 || status === 403)) {
    return new UserError(
      hub.token === undefined
        ? `${hub.endpoint} sends on to ${from.origin}, which refuses with status ${status}.`
        : `${withheld(hub, from)} and refuses with status ${status}: ${mendOf(from)}`,
    );
  }
  if (status === 401 && hub.token !== undefined && code !== 'RepoNotFound') {
    return new UserError(`${hub.endpoint} does not accept HF_TOKEN.`);
  }
  if (status === 403 && code === '') {
    return new UserError(
      `${from.host} refuses with status 403: the owner of HF_TOKEN may not read ${repository}, or a proxy on the way ` +
        'forbids it.',
    );
  }
  return new UserError(
    !isHome && hub.token !== undefined
      ? `${withheld(hub, from)} and has no ${repository} that may be read without it: ${mendOf(from)}`
      : `${hub.endpoint} has no ${repository} that may be read${hub.token === undefined ? ' without HF_TOKEN' : ''}.`,
  );
}

function gatedSentence(hub: Hub, { from, repository }: Refused, isHome: boolean): UserError {
  if (!isHome && hub.token !== undefined) {
    return new UserError(
      `${withheld(hub, from)} and gives ${repository} only to those who have accepted its licence: ${mendOf(from)}`,
    );
  }
  const page = `${from.origin}/${repository}`;
  if (hub.token === undefined) {
    return new UserError(
      `${repository} may be had by those who have accepted its licence: do so on ${page}, make an access token ` +
        `on ${from.origin}/settings/tokens, and set HF_TOKEN to it` +
        (isHome ? '.' : `, and HF_ENDPOINT to ${from.origin}, which ${hub.endpoint} sends on to.`),
    );
  }
  return new UserError(
    `The owner of HF_TOKEN has not accepted the licence of ${repository}, or the token may not read gated ` +
      `repositories: see ${page}`,
  );
}

function withheld(hub: Hub, from: URL): string {
  return `${hub.endpoint} sends on to ${from.origin}, which is not told HF_TOKEN`;
}

function mendOf(from: URL): string {
  return `if that host may know the token, set HF_ENDPOINT to ${from.origin}.`;
}

function codeOf({ headers }: Refused): string {
  return headers.get('x-error-code') ?? '';
}

function isGated(refused: Refused): boolean {
  const code = codeOf(refused);
  return (
    code === 'GatedRepo' || (code === '' && /\bgated\b|access to model .* restricted/i.test(refused.message))
  );
}

/**
 * What a busy server asks for: seconds or a date (RFC 9110, section 10.2.3), or when the hub's window of requests ends
 * (draft-ietf-httpapi-ratelimit-headers). Milliseconds.
 */
function pauseOf(headers: Headers): number {
  const value = headers.get('retry-after') ?? /;\s*t=(\d+)/.exec(headers.get('ratelimit') ?? '')?.[1] ?? '';
  const wait = /^\d+$/.test(value) ? Number(value) * 1000 : Date.parse(value) - Date.now();
  return Number.isNaN(wait) ? 0 : Math.max(0, wait);
}
