import type { Cdn } from './cdn.js';
import type { Json } from './json.js';
import type { Message } from './message.js';
import type { ParsedBody } from './multipart.js';
import type { Path } from './form.js';
import { applyHouseRules } from './rules/house.js';
import { checkMessage, type CheckedMessage } from './rules/message.js';
import type { Violations } from './violations.js';

export interface WriteOptions {
  /** The message in the request. */
  readonly json: Json;
  readonly files: ParsedBody['files'];
  /** Where the message is in the request. */
  readonly prefix?: Path;
  readonly mayBeEphemeral?: boolean;
  /** Of one file. */
  readonly maxBytes: number;
  /** What the bot was told of `maxBytes`, and can't know to be less now; undefined: the same. */
  readonly toldMaxBytes?: number;
  /** What the server's automatic moderation looks for. */
  readonly blockedWords: readonly string[];
  readonly mayAttach: boolean;
  /** Whether the bot was told that it may, and can't know that it no longer does. */
  readonly wasToldToAttach?: boolean;
  /** Method and path, for the violations. */
  readonly request: string;
}

/** Posts and edits messages of the bot, as far as Discord takes them. */
export class MessageWriter {
  readonly #cdn: Cdn;
  readonly #violations: Violations;

  constructor(cdn: Cdn, violations: Violations) {
    this.#cdn = cdn;
    this.#violations = violations;
  }

  /**
   * Posts a message.
   *
   * @param make called when it is known that Discord takes the message, with its flags
   * @throws {Refusal} Discord refuses it
   */
  post(options: WriteOptions, make: (flags: number) => Message): Message {
    const checked = checkMessage({
      ...options,
      body: options.json,
      mayBeEphemeral: options.mayBeEphemeral ?? false,
    });
    const message = make(checked.flags);
    this.#show(message, checked, options);
    return message;
  }

  /** @throws {Refusal} Discord refuses the edit */
  edit(message: Message, options: WriteOptions): void {
    const checked = checkMessage({ ...options, body: options.json, before: message, mayBeEphemeral: false });
    this.#show(message, checked, options);
  }

  #show(message: Message, checked: CheckedMessage, { json, request }: WriteOptions): void {
    checked.describe();
    const added = checked.added.map((file) =>
      this.#cdn.store({ ...file, channelId: message.channel.id, ephemeral: message.ephemeral }),
    );
    message.show({ ...checked, attachments: [...checked.kept, ...added] });
    applyHouseRules(message, json, this.#violations, request);
  }
}
