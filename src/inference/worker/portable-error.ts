import { UserError, type Mistake } from '../../errors.js';
import { SessionError } from '../session-error.js';

/** An error on its way to another process, where its class would be lost. */
export type PortableError =
  | { readonly kind: 'mistake'; readonly message: string; readonly mistake: Mistake | undefined }
  | {
      readonly kind: 'fault';
      readonly name: string;
      readonly message: string;
      readonly stack: string | undefined;
    };

export function toPortable(error: unknown): PortableError {
  if (error instanceof UserError) {
    return { kind: 'mistake', message: error.message, mistake: error.mistake };
  }
  if (error instanceof Error) {
    const cause =
      error.cause instanceof Error ? `\nCaused by ${error.cause.stack ?? String(error.cause)}` : '';
    return {
      kind: 'fault',
      name: error.name,
      message: error.message,
      stack: error.stack === undefined ? undefined : error.stack + cause,
    };
  }
  return { kind: 'fault', name: 'Error', message: String(error), stack: undefined };
}

/** The error as it was thrown: a `UserError`, a `SessionError`, or an `Error` with the name and stack of the fault. */
export function fromPortable(portable: PortableError): Error {
  if (portable.kind === 'mistake') {
    const { message, mistake } = portable;
    return new UserError(message, mistake === undefined ? {} : { mistake });
  }
  const error: Error =
    portable.name === SessionError.name ? new SessionError(portable.message) : new Error(portable.message);
  error.name = portable.name;
  if (portable.stack !== undefined) {
    error.stack = portable.stack;
  }
  return error;
}
