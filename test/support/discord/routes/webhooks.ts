import type { Interaction } from '../interaction.js';
import { numberOf, type Json } from '../json.js';
import { FLAGS, type Message } from '../message.js';
import { CODES, Refusal, unknownMessage } from '../refusal.js';
import { newResponse, writeOptions } from './responses.js';
import { NOTHING, pattern, type ApiRequest, type Backend, type Route } from './route.js';

/** Where an app is only one of a member's, it may follow up this often. */
const FOLLOW_UPS_OF_GUESTS = 5;
const SERVER_INSTALL = '0';

function interactionOf({ params, name }: ApiRequest, { desk }: Backend): Interaction {
  return desk.forToken(params.application ?? '', params.token ?? '', name.startsWith('GET '));
}

function messageOf(request: ApiRequest, backend: Backend): { interaction: Interaction; message: Message } {
  const interaction = interactionOf(request, backend);
  const { message: id = '' } = request.params;
  const known = [interaction.original, ...interaction.followUps];
  const message = id === '@original' ? interaction.original : known.find((candidate) => candidate?.id === id);
  if (message === undefined || message.deleted) {
    // Somebody else may have deleted it, which the bot does not hear of.
    throw unknownMessage({ violation: message === undefined });
  }
  return { interaction, message };
}

const read: Route['answer'] = (request, backend) => ({
  status: 200,
  body: messageOf(request, backend).message.toJson(),
});

const remove: Route['answer'] = (request, backend) => {
  messageOf(request, backend).message.remove();
  return NOTHING;
};

const edit: Route['answer'] = (request, backend) => {
  const { interaction, message } = messageOf(request, backend);
  backend.writer.edit(message, writeOptions(interaction, request, backend));
  return { status: 200, body: message.toJson() };
};

const followUp: Route['answer'] = (request, backend) => {
  const interaction = interactionOf(request, backend);
  const options = writeOptions(interaction, request, backend);
  const { original } = interaction;
  if (original?.thinking === true && !original.deleted) {
    // The first follow-up takes the place of "is thinking", and with it its visibility.
    backend.writer.edit(original, { ...options, json: withoutEphemeral(options.json) });
    return { status: 200, body: original.toJson() };
  }
  const isGuest = !(SERVER_INSTALL in interaction.options.owners);
  if (isGuest && interaction.followUps.length >= FOLLOW_UPS_OF_GUESTS) {
    throw new Refusal(
      400,
      CODES.tooManyFollowUps,
      'This interaction has hit the maximum number of follow up messages.',
    );
  }
  const message = backend.writer.post({ ...options, mayBeEphemeral: true }, (flags) =>
    newResponse(interaction, backend, { flags, follows: original }),
  );
  interaction.followUps.push(message);
  return { status: 200, body: message.toJson() };
};

function withoutEphemeral(json: Json): Json {
  return 'flags' in json ? { ...json, flags: numberOf(json.flags) & ~FLAGS.ephemeral } : json;
}

const MESSAGES = '/webhooks/:application/:token/messages/:message';

/** What comes after the first response to an interaction. */
export const webhookRoutes: readonly Route[] = [
  { method: 'POST', pattern: pattern('/webhooks/:application/:token'), open: true, answer: followUp },
  { method: 'PATCH', pattern: pattern(MESSAGES), open: true, answer: edit },
  { method: 'GET', pattern: pattern(MESSAGES), open: true, answer: read },
  { method: 'DELETE', pattern: pattern(MESSAGES), open: true, answer: remove },
];
