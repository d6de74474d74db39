import { describe, expect, test } from 'vitest';
import { isAllowed, type Place } from '../../src/bot/access.js';
import { readConfig } from '../../src/config.js';

const SERVER = '10000000000000001';
const CHANNEL = '20000000000000001';
const THREAD = '20000000000000002';
const ROLE = '30000000000000001';
const MEMBER = '40000000000000001';
const OTHER = '90000000000000009';

const inChannel: Place = { serverId: SERVER, channelId: CHANNEL, roleIds: [ROLE], memberId: MEMBER };
const inThread: Place = { ...inChannel, channelId: THREAD, parentChannelId: CHANNEL };
const inDirectMessage: Place = { channelId: THREAD, roleIds: [], memberId: MEMBER };

type Table = [settings: Record<string, string>, allowed: boolean][];

function holds(place: Place): (settings: Record<string, string>, allowed: boolean) => void {
  return (settings, allowed) => {
    expect(isAllowed(place, readConfig(settings).access)).toBe(allowed);
  };
}

/** What holds in a channel and in a thread of it alike. */
const IN_SERVER: Table = [
  [{}, true],
  [{ DIRECT_MESSAGES: 'off' }, true],

  [{ ALLOWED_SERVERS: SERVER }, true],
  [{ ALLOWED_SERVERS: `${OTHER},${SERVER}` }, true],
  [{ ALLOWED_SERVERS: OTHER }, false],
  [{ DENIED_SERVERS: SERVER }, false],
  [{ DENIED_SERVERS: OTHER }, true],
  [{ ALLOWED_SERVERS: SERVER, DENIED_SERVERS: SERVER }, false],

  [{ ALLOWED_CHANNELS: CHANNEL }, true],
  [{ ALLOWED_CHANNELS: OTHER }, false],
  [{ DENIED_CHANNELS: CHANNEL }, false],
  [{ DENIED_CHANNELS: OTHER }, true],
  [{ ALLOWED_CHANNELS: CHANNEL, DENIED_CHANNELS: CHANNEL }, false],
  [{ ALLOWED_SERVERS: SERVER, ALLOWED_CHANNELS: CHANNEL }, true],
  [{ ALLOWED_SERVERS: SERVER, ALLOWED_CHANNELS: OTHER }, false],
  [{ ALLOWED_SERVERS: OTHER, ALLOWED_CHANNELS: CHANNEL }, false],

  [{ ALLOWED_ROLES: ROLE }, true],
  [{ ALLOWED_ROLES: OTHER }, false],
  [{ DENIED_ROLES: ROLE }, false],
  [{ DENIED_ROLES: OTHER }, true],
  [{ ALLOWED_ROLES: ROLE, DENIED_ROLES: ROLE }, false],

  [{ ALLOWED_MEMBERS: MEMBER }, true],
  [{ ALLOWED_MEMBERS: OTHER }, false],
  [{ DENIED_MEMBERS: MEMBER }, false],
  [{ DENIED_MEMBERS: OTHER }, true],
  [{ ALLOWED_MEMBERS: MEMBER, DENIED_MEMBERS: MEMBER }, false],

  [{ ALLOWED_ROLES: ROLE, ALLOWED_MEMBERS: OTHER }, true],
  [{ ALLOWED_ROLES: OTHER, ALLOWED_MEMBERS: MEMBER }, true],
  [{ ALLOWED_ROLES: OTHER, ALLOWED_MEMBERS: OTHER }, false],
  [{ ALLOWED_MEMBERS: MEMBER, DENIED_ROLES: ROLE }, false],
  [{ ALLOWED_ROLES: ROLE, DENIED_MEMBERS: MEMBER }, false],
  [{ ALLOWED_ROLES: ROLE, ALLOWED_CHANNELS: OTHER }, false],
  [{ ALLOWED_ROLES: OTHER, ALLOWED_CHANNELS: CHANNEL }, false],
  [{ ALLOWED_MEMBERS: MEMBER, ALLOWED_SERVERS: OTHER }, false],
];

describe('in a channel', () => {
  test.each(IN_SERVER)('%j: %j', holds(inChannel));
  test.each<Table[number]>([
    [{ ALLOWED_CHANNELS: THREAD }, false],
    [{ DENIED_CHANNELS: THREAD }, true],
  ])('%j: %j', holds(inChannel));
});

describe('in a thread, which counts as its channel too', () => {
  test.each(IN_SERVER)('%j: %j', holds(inThread));
  test.each<Table[number]>([
    [{ ALLOWED_CHANNELS: THREAD }, true],
    [{ DENIED_CHANNELS: THREAD }, false],
    [{ ALLOWED_CHANNELS: THREAD, DENIED_CHANNELS: CHANNEL }, false],
    [{ ALLOWED_CHANNELS: CHANNEL, DENIED_CHANNELS: THREAD }, false],
  ])('%j: %j', holds(inThread));
});

describe('in a direct message', () => {
  test.each<Table[number]>([
    [{}, true],
    [{ DIRECT_MESSAGES: 'off' }, false],
    [{ DIRECT_MESSAGES: 'off', ALLOWED_MEMBERS: MEMBER }, false],
    [{ DENIED_SERVERS: SERVER }, true],
    [{ DENIED_CHANNELS: CHANNEL }, true],
    [{ DENIED_CHANNELS: THREAD }, false],
    [{ DENIED_ROLES: ROLE }, true],
    [{ DENIED_MEMBERS: MEMBER }, false],

    [{ ALLOWED_SERVERS: SERVER }, false],
    [{ ALLOWED_CHANNELS: CHANNEL }, false],
    [{ ALLOWED_CHANNELS: THREAD }, false],
    [{ ALLOWED_SERVERS: SERVER, ALLOWED_MEMBERS: MEMBER }, true],
    [{ ALLOWED_CHANNELS: CHANNEL, ALLOWED_MEMBERS: MEMBER }, true],
    [{ ALLOWED_SERVERS: SERVER, ALLOWED_MEMBERS: OTHER }, false],
    [{ ALLOWED_SERVERS: SERVER, ALLOWED_ROLES: ROLE }, false],
    [{ ALLOWED_SERVERS: SERVER, ALLOWED_MEMBERS: MEMBER, DENIED_MEMBERS: MEMBER }, false],

    [{ ALLOWED_ROLES: ROLE }, false],
    [{ ALLOWED_ROLES: ROLE, ALLOWED_MEMBERS: MEMBER }, true],
    [{ ALLOWED_MEMBERS: MEMBER }, true],
    [{ ALLOWED_MEMBERS: OTHER }, false],
  ])('%j: %j', holds(inDirectMessage));
});

describe('in a thread of which nobody says which channel it belongs to', () => {
  const lost: Place = { ...inChannel, channelId: THREAD, parentUnknown: true };
  test.each<Table[number]>([
    [{}, true],
    [{ ALLOWED_SERVERS: SERVER }, true],
    [{ DENIED_CHANNELS: OTHER }, false],
    [{ DENIED_CHANNELS: THREAD }, false],
    [{ ALLOWED_CHANNELS: CHANNEL }, false],
    [{ ALLOWED_CHANNELS: THREAD }, true],
    [{ ALLOWED_CHANNELS: THREAD, DENIED_CHANNELS: OTHER }, false],
  ])('%j: %j', holds(lost));
});
