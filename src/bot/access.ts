import type { AccessConfig, AccessList } from '../config.js';

/** Where a request comes from, and from whom. Discord's ids. */
export interface Place {
  /** Left out in a direct message. */
  readonly serverId?: string;
  readonly channelId: string;
  /** The channel that a thread belongs to. */
  readonly parentChannelId?: string;
  /** True in a thread of which nobody says which channel it belongs to: it may be one that is denied. */
  readonly parentUnknown?: boolean;
  readonly roleIds: readonly string[];
  readonly memberId: string;
}

/**
 * Whether the owner lets this member use the bot here. What is denied wins; where roles or members are allowed by a list
 * one of the two must match, and so must the server and the channel where those are.
 */
export function isAllowed(place: Place, access: AccessConfig): boolean {
  return !isDenied(place, access) && isAllowedMember(place, access) && isAllowedWhere(place, access);
}

function isDenied(place: Place, { servers, channels, roles, members }: AccessConfig): boolean {
  return (
    isOneOf(serversOf(place), servers.denied) ||
    isOneOf(channelsOf(place), channels.denied) ||
    (place.parentUnknown === true && channels.denied.size > 0) ||
    isOneOf(place.roleIds, roles.denied) ||
    members.denied.has(place.memberId)
  );
}

function isAllowedMember({ roleIds, memberId }: Place, { roles, members }: AccessConfig): boolean {
  const everybody = isUnlimited(roles) && isUnlimited(members);
  return everybody || isOneOf(roleIds, roles.allowed) || members.allowed.has(memberId);
}

function isAllowedWhere(place: Place, { servers, channels, members, directMessages }: AccessConfig): boolean {
  if (place.serverId === undefined) {
    // Who restricts the bot to some servers does not mean to let their neighbours in by the back door.
    const anywhere = isUnlimited(servers) && isUnlimited(channels);
    return directMessages && (anywhere || members.allowed.has(place.memberId));
  }
  return (
    (isUnlimited(servers) || isOneOf(serversOf(place), servers.allowed)) &&
    (isUnlimited(channels) || isOneOf(channelsOf(place), channels.allowed))
  );
}

function serversOf({ serverId }: Place): string[] {
  return serverId === undefined ? [] : [serverId];
}

function channelsOf({ channelId, parentChannelId }: Place): string[] {
  return parentChannelId === undefined ? [channelId] : [channelId, parentChannelId];
}

function isUnlimited({ allowed }: AccessList): boolean {
  return allowed.size === 0;
}

function isOneOf(ids: readonly string[], list: ReadonlySet<string>): boolean {
  return ids.some((id) => list.has(id));
}
