import { Form } from '../form.js';
import { isFromMessage } from '../interaction-desk.js';
import { KIND, RESPONSE, type Choice, type Interaction } from '../interaction.js';
import { isJson, numberOf, objectsIn, type Json } from '../json.js';
import { FLAGS, type Message } from '../message.js';
import { Modal } from '../modal.js';
import { checkChoices } from '../rules/autocomplete.js';
import { checkModal } from '../rules/modal.js';
import { newResponse, writeOptions } from './responses.js';
import { NOTHING, pattern, type ApiRequest, type Backend, type Route } from './route.js';

/** Which first responses fit which interaction, by Discord's numbers. */
function fittingTypes(interaction: Interaction): number[] {
  const { message, deferredMessage, deferredUpdate, update, choices, modal } = RESPONSE;
  const updates = isFromMessage(interaction) ? [deferredUpdate, update] : [];
  switch (interaction.options.kind) {
    case KIND.autocomplete:
      return [choices];
    case KIND.modalSubmit:
      return [message, deferredMessage, ...updates];
    default:
      return [message, deferredMessage, modal, ...updates];
  }
}

/** Carries out a first response; returns the message that it made or changed. */
function carryOut(
  type: number,
  data: Json,
  interaction: Interaction,
  { request, backend }: { request: ApiRequest; backend: Backend },
): Message | undefined {
  const { source, focusedType = 0 } = interaction.options;
  const form = new Form();
  switch (type) {
    case RESPONSE.message:
      return backend.writer.post(
        {
          ...writeOptions(interaction, request, backend),
          json: data,
          prefix: ['data'],
          mayBeEphemeral: true,
        },
        (flags) => newResponse(interaction, backend, { flags }),
      );
    case RESPONSE.deferredMessage: {
      const flags = form.whole(['data', 'flags'], data.flags) ?? 0;
      if ((flags & ~FLAGS.ephemeral) !== 0) {
        form.fail(['data', 'flags'], 'MESSAGE_FLAGS_INVALID', 'Only EPHEMERAL can be set when deferring.');
      }
      form.finish();
      const placeholder = newResponse(interaction, backend, { flags });
      placeholder.show({
        content: '',
        flags: flags | FLAGS.loading,
        attachments: [],
        components: [],
        embeds: [],
        pinged: [],
      });
      return placeholder;
    }
    case RESPONSE.update:
      if (source !== undefined) {
        backend.writer.edit(source, {
          ...writeOptions(interaction, request, backend),
          json: data,
          prefix: ['data'],
        });
      }
      return source;
    case RESPONSE.deferredUpdate:
      return source;
    case RESPONSE.choices:
      checkChoices(form, ['data'], data, focusedType);
      form.finish();
      return undefined;
    default:
      checkModal(form, ['data'], data);
      form.finish();
      return undefined;
  }
}

function callbackJson(interaction: Interaction, type: number, message: Message | undefined): Json {
  const hasMessage = type === RESPONSE.message || type === RESPONSE.update;
  return {
    interaction: {
      id: interaction.id,
      type: interaction.options.kind,
      ...(message === undefined
        ? {}
        : {
            response_message_id: message.id,
            response_message_loading: message.thinking,
            response_message_ephemeral: message.ephemeral,
          }),
    },
    resource: { type, ...(hasMessage ? { message: message?.toJson() } : {}) },
  };
}

const respond: Route['answer'] = (request, backend) => {
  const { params, body, query, arrivedAt } = request;
  const interaction = backend.desk.forFirstResponse(params.id ?? '', params.token ?? '', arrivedAt);
  const form = new Form();
  const type = form.whole(['type'], body.json.type, { required: true });
  if (type !== undefined && !fittingTypes(interaction).includes(type)) {
    form.fail(
      ['type'],
      'INTERACTION_RESPONSE_TYPE_INVALID',
      `A response of type ${type} does not fit an interaction of type ${interaction.options.kind}.`,
    );
  }
  form.finish();
  const responseType = numberOf(type);
  const data = isJson(body.json.data) ? body.json.data : {};
  const message = carryOut(responseType, data, interaction, { request, backend });
  backend.desk.answered(interaction);
  if (responseType === RESPONSE.modal) {
    interaction.show(new Modal(data, interaction));
  } else if (responseType === RESPONSE.choices) {
    interaction.complete(
      objectsIn(data.choices).map(({ name, value }) => ({ name, value }) as unknown as Choice),
    );
  }
  interaction.respond(
    {
      type: responseType,
      ephemeral: message?.ephemeral ?? false,
      afterMs: arrivedAt - interaction.createdAt,
    },
    message,
  );
  return query.get('with_response') === 'true'
    ? { status: 200, body: callbackJson(interaction, responseType, message) }
    : NOTHING;
};

/** The first response to an interaction. */
export const callbackRoutes: readonly Route[] = [
  { method: 'POST', pattern: pattern('/interactions/:id/:token/callback'), open: true, answer: respond },
];
