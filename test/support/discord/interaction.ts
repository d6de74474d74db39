import { randomBytes } from 'node:crypto';
import { Deferred } from './deferred.js';
import type { Json } from './json.js';
import type { Member } from './member.js';
import type { Message } from './message.js';
import type { Modal } from './modal.js';
import type { Channel } from './places.js';
import { snowflake } from './snowflake.js';

/** Discord's numbers of interaction types. */
export const KIND = { command: 2, component: 3, autocomplete: 4, modalSubmit: 5 } as const;
/** Discord's numbers of the types of a first response. */
export const RESPONSE = {
  message: 4,
  deferredMessage: 5,
  deferredUpdate: 6,
  update: 7,
  choices: 8,
  modal: 9,
} as const;

const SETTLED_WITHIN = 30_000;

export interface Acknowledgement {
  /** Discord's number of the response's type. */
  readonly type: number;
  readonly ephemeral: boolean;
  /** From the interaction to the arrival of the response. Milliseconds. */
  readonly afterMs: number;
}

export interface Choice {
  readonly name: string;
  readonly value: string | number;
}

export interface InteractionOptions {
  readonly kind: number;
  readonly member: Member;
  readonly channel: Channel;
  /** Why the app may be used here: ids of a server or a member, by Discord's number of the kind of installation. */
  readonly owners: Readonly<Record<string, string>>;
  /** The part of the payload that differs by kind. */
  readonly data: Json;
  /** The message of the component that was used, or that a form came from. */
  readonly source?: Message | undefined;
  /** What showed the form that was filled in. */
  readonly trigger?: Interaction;
  /** Of the option that is being typed, Discord's number of its type. */
  readonly focusedType?: number;
  /** The command's name, or the custom id. */
  readonly name: string;
}

/** What a member did with the bot, and how the bot answered. */
export class Interaction {
  readonly id = snowflake();
  readonly token = Buffer.from(`interaction:${this.id}:${randomBytes(48).toString('hex')}`).toString(
    'base64url',
  );
  readonly options: InteractionOptions;
  readonly createdAt = performance.now();
  /** What the bot is told that it may do there. */
  readonly appPermissions: bigint;
  /** Bytes of a file, as the bot was told; undefined: what all may upload. */
  readonly attachmentSizeLimit: number | undefined;
  /** Messages that followed the first response. */
  readonly followUps: Message[] = [];
  readonly #acknowledged = new Deferred<Acknowledgement>();
  readonly #modal = new Deferred<Modal>();
  readonly #choices = new Deferred<readonly Choice[]>();
  #type: number | undefined;
  #message: Message | undefined;
  #editsBefore = 0;

  constructor(options: InteractionOptions) {
    this.options = options;
    this.appPermissions = options.channel.appPermissions;
    this.attachmentSizeLimit = options.channel.server?.attachmentSizeLimit;
  }

  /** The first response; rejects when none comes in time. */
  get acknowledged(): Promise<Acknowledgement> {
    return this.#acknowledged.promise;
  }

  /** The form that the bot shows; rejects when it answers otherwise. */
  get modal(): Promise<Modal> {
    return this.#modal.promise;
  }

  /** The completions; rejects when the bot answers otherwise. */
  get choices(): Promise<readonly Choice[]> {
    return this.#choices.promise;
  }

  /** Discord's number of the first response's type; undefined as long as there is none. */
  get responseType(): number | undefined {
    return this.#type;
  }

  /** The message that `@original` means, whatever its state. */
  get original(): Message | undefined {
    return this.#message;
  }

  /** The response as it stands; undefined while the bot "is thinking", and when it was deleted. */
  message(): Message | undefined {
    return this.#message?.deleted === true || this.#message?.thinking === true ? undefined : this.#message;
  }

  /** The component's message, where the bot answered by changing it. */
  get updatedMessage(): Message | undefined {
    const isUpdate = this.#type === RESPONSE.update || this.#type === RESPONSE.deferredUpdate;
    return isUpdate ? this.#message : undefined;
  }

  /**
   * Resolves with the response when it is as wanted: by default as soon as it is no placeholder and has no enabled
   * button to cancel anything. An interaction that only deferred a change of its message is settled after the change.
   */
  async settled(
    options: { timeoutMs?: number; until?: (message: Message) => boolean } = {},
  ): Promise<Message> {
    const { timeoutMs = SETTLED_WITHIN, until = isFinal } = options;
    await this.acknowledged;
    const message = this.#message;
    if (message === undefined) {
      throw new Error(`${this.options.name} was answered with a response of type ${this.#type}, no message.`);
    }
    return new Promise((resolve, reject) => {
      const end = (settle: () => void): void => {
        clearTimeout(timer);
        stopListening();
        settle();
      };
      const look = (): void => {
        if (message.deleted) {
          end(() => {
            reject(new Error(`The response to ${this.options.name} was deleted.`));
          });
        } else if (!message.thinking && message.edits.length > this.#editsBefore && until(message)) {
          end(() => {
            resolve(message);
          });
        }
      };
      const timer = setTimeout(() => {
        end(() => {
          const state = message.thinking ? 'the bot is thinking' : JSON.stringify(message.text);
          reject(new Error(`The response to ${this.options.name} has not settled; it is: ${state}`));
        });
      }, timeoutMs);
      const stopListening = message.onChange(look);
      look();
    });
  }

  /** The first response has come. Called by Discord alone. */
  respond(acknowledgement: Acknowledgement, message?: Message): void {
    this.#type = acknowledgement.type;
    this.#message = message;
    this.#editsBefore = acknowledgement.type === RESPONSE.deferredUpdate ? (message?.edits.length ?? 0) : 0;
    const other = new Error(
      `${this.options.name} was answered with a response of type ${acknowledgement.type}.`,
    );
    if (acknowledgement.type !== RESPONSE.modal) {
      this.#modal.reject(other);
    }
    if (acknowledgement.type !== RESPONSE.choices) {
      this.#choices.reject(other);
    }
    this.#acknowledged.resolve(acknowledgement);
  }

  /** The first response is a form. Called by Discord alone. */
  show(modal: Modal): void {
    this.#modal.resolve(modal);
  }

  /** The first response is a list of completions. Called by Discord alone. */
  complete(choices: readonly Choice[]): void {
    this.#choices.resolve(choices);
  }

  /** No response has come in time. Called by Discord alone. */
  expire(error: Error): void {
    this.#acknowledged.reject(error);
    this.#modal.reject(error);
    this.#choices.reject(error);
  }
}

function isFinal({ buttons }: Message): boolean {
  return !buttons.some(({ customId, disabled }) => !disabled && customId?.startsWith('cancel') === true);
}
