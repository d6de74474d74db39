import {
  InteractionResponseType,
  InteractionWebhook,
  MessageFlags,
  Routes,
  type Client,
  type InteractionEditReplyOptions,
  type Message,
} from 'discord.js';
import { setTimeout as sleep } from 'node:timers/promises';
import { customId } from './custom-id.js';
import { isGone, isPassing, retryAfterOf } from './discord-errors.js';
import { TOKEN_LIFE, type UnansweredRequest } from './unanswered/unanswered-request.js';

/** Between two attempts to deliver, growing from the first to the last. Milliseconds. */
const FIRST_PAUSE = 1000;
const LONGEST_PAUSE = 60_000;
/** An answer whose files can't be delivered for so long is delivered without them instead. Milliseconds. */
const TIME_FOR_WORDS = 30_000;
/** Discord takes a first response for 3 seconds. Milliseconds. */
const FIRST_RESPONSE = 2800;

/**
 * The message that answers an interaction, reached by the interaction's token alone, so that a process that did not take
 * the interaction can fill it as well. To edit it twice with the same content is to edit it once.
 */
export class OriginalResponse {
  readonly #client: Client<true>;
  readonly #request: UnansweredRequest;
  readonly #webhook: InteractionWebhook;
  /** Until then Discord wants no edit, as `Date.now` tells it. */
  #limitedUntil = 0;
  #progressRefused = false;

  constructor(client: Client<true>, request: UnansweredRequest) {
    this.#client = client;
    this.#request = request;
    this.#webhook = new InteractionWebhook(client, request.applicationId, request.token);
  }

  /**
   * Shows what will soon be replaced: tries once, and not at all where Discord has asked for a longer pause or has
   * refused such an edit, since each further one would count against the bot.
   *
   * @throws why it could not be shown
   */
  async showProgress(content: InteractionEditReplyOptions): Promise<void> {
    if (this.#progressRefused || Date.now() < this.#limitedUntil) {
      return;
    }
    try {
      await this.#edit(content);
    } catch (error) {
      this.#progressRefused ||= !isPassing(error);
      throw error;
    }
  }

  /**
   * Shows the last content: tries for as long as the token lives, with growing pauses, where what fails may pass; one
   * with files for a little less, so that it can still be tried without.
   *
   * @throws what can't pass, such as a message that is gone or content that is refused
   * @throws {Error} Discord fails for longer than the token lives
   */
  async deliver(content: InteractionEditReplyOptions): Promise<Message> {
    const forWords = (content.files ?? []).length > 0 ? TIME_FOR_WORDS : 0;
    return this.#persist(() => this.#edit(content), this.#request.expiresAt - forWords);
  }

  /** Says something to the member alone, in a message of its own. @throws as `deliver` */
  async tellPrivately(content: string): Promise<void> {
    await this.#persist(() => this.#webhook.send({ content, flags: MessageFlags.Ephemeral }));
  }

  /**
   * Whether it still waits for its answer: the bot is thinking, or its message can be cancelled.
   *
   * @throws as `deliver`
   */
  async isUnanswered(): Promise<boolean> {
    const { flags, components } = await this.#persist(() => this.#webhook.fetchMessage('@original'));
    const cancel = customId('cancel', this.#request.id);
    return flags.has(MessageFlags.Loading) || JSON.stringify(components).includes(cancel);
  }

  /**
   * Makes up for a first response that a process which died has not sent, where there is still time for one.
   *
   * @returns whether there is a first response now
   */
  async acknowledgeLate(): Promise<boolean> {
    const { id, token, expiresAt } = this.#request;
    if (Date.now() > expiresAt - TOKEN_LIFE + FIRST_RESPONSE) {
      return false;
    }
    const data = this.#request.private ? { flags: MessageFlags.Ephemeral } : {};
    const body = { type: InteractionResponseType.DeferredChannelMessageWithSource, data };
    try {
      await this.#client.rest.post(Routes.interactionCallback(id, token), { body, auth: false });
      return true;
    } catch (error) {
      if (isGone(error)) {
        return false;
      }
      throw error;
    }
  }

  async #edit(content: InteractionEditReplyOptions): Promise<Message> {
    // discord.js adds the files to the list that it is given, at each attempt once more.
    const attachments = [...(content.attachments ?? [])];
    try {
      return await this.#webhook.editMessage('@original', { ...content, attachments });
    } catch (error) {
      this.#limitedUntil = Date.now() + retryAfterOf(error);
      throw error;
    }
  }

  async #persist<Result>(attempt: () => Promise<Result>, until = this.#request.expiresAt): Promise<Result> {
    await this.#pause(Math.max(0, this.#limitedUntil - Date.now()), until);
    for (let growing = FIRST_PAUSE; ; growing = Math.min(2 * growing, LONGEST_PAUSE)) {
      try {
        return await attempt();
      } catch (error) {
        if (!isPassing(error)) {
          throw error;
        }
        // Many wait for the same Discord to recover: they should not all come back at the same moment.
        await this.#pause(Math.max(growing * (1 + Math.random() / 2), retryAfterOf(error)), until, error);
      }
    }
  }

  /**
   * A process that is told to stop need not wait for it: what is undelivered is delivered after the next start.
   *
   * @throws the cause: after the pause the token would be dead
   */
  async #pause(milliseconds: number, until: number, cause?: unknown): Promise<void> {
    if (Date.now() + milliseconds > until) {
      throw new Error("Discord could not be reached while the interaction's token lived.", { cause });
    }
    await sleep(milliseconds, undefined, { ref: false });
  }
}
