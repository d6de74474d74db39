import type { Json } from './json.js';

/** Discord's error codes that this server answers with. */
export const CODES = {
  general: 0,
  unknownApplication: 10002,
  unknownChannel: 10003,
  unknownGuild: 10004,
  unknownMessage: 10008,
  unknownUser: 10013,
  unknownWebhook: 10015,
  unknownInteraction: 10062,
  unknownCommand: 10063,
  tooManyAttachments: 30015,
  tooManyCommands: 30032,
  tooManyCommandCreates: 30034,
  tooLarge: 40005,
  duplicateCommand: 40041,
  alreadyAcknowledged: 40060,
  tooManyFollowUps: 40094,
  missingAccess: 50001,
  notTheAuthor: 50005,
  emptyMessage: 50006,
  missingPermissions: 50013,
  invalidWebhookToken: 50027,
  invalidForm: 50035,
  invalidVersion: 50041,
  invalidJson: 50109,
  entryPointRemoved: 50240,
  blockedByModeration: 200000,
} as const;

interface RefusalOptions {
  /** What is wrong with which field. */
  readonly errors?: Json;
  /** What a reader of the violations sees beside Discord's own sentence. */
  readonly detail?: string;
  /** False where a bot could not know better, such as a message that somebody has deleted. */
  readonly violation?: boolean;
}

/** A request that Discord refuses. */
export class Refusal extends Error {
  override readonly name = 'Refusal';
  readonly status: number;
  readonly code: number;
  readonly errors: Json | undefined;
  readonly detail: string;
  readonly violation: boolean;

  constructor(status: number, code: number, message: string, options: RefusalOptions = {}) {
    super(message);
    this.status = status;
    this.code = code;
    this.errors = options.errors;
    this.detail = options.detail ?? '';
    this.violation = options.violation ?? true;
  }

  /** As Discord words it. */
  get body(): Json {
    return {
      message: this.message,
      code: this.code,
      ...(this.errors === undefined ? {} : { errors: this.errors }),
    };
  }
}

export const unknownMessage = (options: { violation: boolean }): Refusal =>
  new Refusal(404, CODES.unknownMessage, 'Unknown Message', options);

export const missingAccess = (detail: string): Refusal =>
  new Refusal(403, CODES.missingAccess, 'Missing Access', { detail });

export const missingPermissions = (detail: string, options: { violation?: boolean } = {}): Refusal =>
  new Refusal(403, CODES.missingPermissions, 'Missing Permissions', { detail, ...options });
