import type { Interaction } from './interaction.js';
import type { Json } from './json.js';

interface Surroundings {
  readonly applicationId: string;
  readonly maxUploadBytes: number;
}

/** An interaction as the gateway tells of it. */
export function payloadOf(
  { id, token, options, appPermissions }: Interaction,
  { applicationId, maxUploadBytes }: Surroundings,
): Json {
  const { kind, member, channel, owners, data, source } = options;
  const { server } = channel;
  const place: Json =
    server === undefined
      ? { user: member.toUserJson() }
      : {
          guild_id: server.id,
          guild: { id: server.id, locale: server.locale, features: [] },
          guild_locale: server.locale,
          member: member.toMemberJson(),
        };
  return {
    id,
    application_id: applicationId,
    type: kind,
    token,
    version: 1,
    data: withoutEmptyResolved(data),
    channel: channel.toJson(),
    channel_id: channel.id,
    ...place,
    ...(source === undefined ? {} : { message: source.toJson() }),
    locale: member.locale,
    app_permissions: appPermissions.toString(),
    entitlements: [],
    authorizing_integration_owners: owners,
    context: channel.context,
    attachment_size_limit: server?.attachmentSizeLimit ?? maxUploadBytes,
  };
}

function withoutEmptyResolved(data: Json): Json {
  const { resolved, ...rest } = data;
  return typeof resolved === 'object' && Object.keys(resolved ?? {}).length > 0
    ? { ...rest, resolved }
    : rest;
}
