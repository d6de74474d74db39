import type { Gateway } from './gateway.js';
import { Interaction, KIND, type InteractionOptions } from './interaction.js';
import { payloadOf } from './interaction-payload.js';
import { CODES, Refusal } from './refusal.js';
import type { Violations } from './violations.js';

export interface DeskOptions {
  readonly gateway: Gateway;
  readonly violations: Violations;
  readonly applicationId: string;
  /** Of the first response. Milliseconds. */
  readonly firstResponseMs: number;
  /** Of what comes after it. Milliseconds. */
  readonly tokenLifeMs: number;
  readonly maxUploadBytes: number;
}

/** Sends interactions to the bot, and says which of them may still be answered. */
export class InteractionDesk {
  readonly #options: DeskOptions;
  readonly #byToken = new Map<string, Interaction>();
  readonly #deadlines = new Map<Interaction, NodeJS.Timeout>();

  constructor(options: DeskOptions) {
    this.#options = options;
  }

  /** @throws {Error} no bot is connected that could hear of it */
  send(options: InteractionOptions): Interaction {
    const { gateway, applicationId, firstResponseMs, maxUploadBytes } = this.#options;
    const interaction = new Interaction(options);
    this.#byToken.set(interaction.token, interaction);
    this.#deadlines.set(
      interaction,
      setTimeout(() => {
        this.#expire(interaction);
      }, firstResponseMs),
    );
    if (
      gateway.dispatch('INTERACTION_CREATE', payloadOf(interaction, { applicationId, maxUploadBytes })) === 0
    ) {
      this.#stopWaiting(interaction);
      throw new Error('No bot is connected.');
    }
    return interaction;
  }

  /**
   * The interaction that a first response is for.
   *
   * @param arrivedAt as `performance.now` tells it
   * @throws {Refusal} there is none, it is too late, or it has a response already
   */
  forFirstResponse(id: string, token: string, arrivedAt: number): Interaction {
    const interaction = this.#byToken.get(token);
    if (interaction?.id !== id) {
      throw new Refusal(404, CODES.unknownInteraction, 'Unknown interaction');
    }
    if (interaction.responseType !== undefined) {
      throw new Refusal(400, CODES.alreadyAcknowledged, 'Interaction has already been acknowledged.', {
        detail: interaction.options.name,
      });
    }
    const took = arrivedAt - interaction.createdAt;
    if (took > this.#options.firstResponseMs) {
      throw new Refusal(404, CODES.unknownInteraction, 'Unknown interaction', {
        detail: `the first response to ${interaction.options.name} came after ${Math.round(took)} ms`,
      });
    }
    return interaction;
  }

  /**
   * The interaction that a token is of, once it has its first response.
   *
   * @param isQuestion the bot only asks what is there, as it has to after a crash
   * @throws {Refusal} there is none, or the token's time is over
   */
  forToken(applicationId: string, token: string, isQuestion: boolean): Interaction {
    const interaction = this.#byToken.get(token);
    if (applicationId !== this.#options.applicationId || interaction?.responseType === undefined) {
      throw new Refusal(404, CODES.unknownWebhook, 'Unknown Webhook', {
        detail:
          interaction === undefined ? 'no such token' : `${interaction.options.name} has no response yet`,
        violation: interaction === undefined || !isQuestion,
      });
    }
    if (performance.now() - interaction.createdAt > this.#options.tokenLifeMs) {
      throw new Refusal(401, CODES.invalidWebhookToken, 'Invalid Webhook Token', {
        detail: `the token of ${interaction.options.name} has expired`,
      });
    }
    return interaction;
  }

  /** The first response has been taken. */
  answered(interaction: Interaction): void {
    this.#stopWaiting(interaction);
  }

  close(): void {
    for (const interaction of this.#deadlines.keys()) {
      this.#stopWaiting(interaction);
      interaction.expire(new Error('Discord was closed.'));
    }
  }

  #expire(interaction: Interaction): void {
    this.#stopWaiting(interaction);
    const { firstResponseMs, violations } = this.#options;
    const detail = `${interaction.options.name} got no response within ${firstResponseMs} ms`;
    violations.record('no response', detail);
    interaction.expire(new Error(detail));
  }

  #stopWaiting(interaction: Interaction): void {
    clearTimeout(this.#deadlines.get(interaction));
    this.#deadlines.delete(interaction);
  }
}

/** Whether a message came from a component or a form under it, and can be changed in answer. */
export function isFromMessage({ options: { kind, source } }: Interaction): boolean {
  return source !== undefined && (kind === KIND.component || kind === KIND.modalSubmit);
}
