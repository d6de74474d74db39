import type { Member } from './member.js';
import { Message, type MessageOptions } from './message.js';
import { Channel, type Server } from './places.js';

/** What there is on this Discord: servers, channels, people and messages. */
export class World {
  readonly servers: Server[] = [];
  readonly members = new Map<string, Member>();
  readonly #messages = new Map<string, Message>();
  readonly #direct = new Map<string, Channel>();
  readonly #groups = new Map<string, Channel>();

  server(id: string): Server | undefined {
    return this.servers.find((server) => server.id === id);
  }

  channel(id: string): Channel | undefined {
    const channels = [
      ...this.servers.flatMap((server) => server.channels),
      ...this.#direct.values(),
      ...this.#groups.values(),
    ];
    return channels.find((channel) => channel.id === id);
  }

  message(id: string): Message | undefined {
    return this.#messages.get(id);
  }

  /** A message that is there, but says nothing yet. */
  addMessage(options: MessageOptions): Message {
    const message = new Message(options);
    this.#messages.set(message.id, message);
    return message;
  }

  /** The channel in which a member and the bot write to each other. */
  directMessages(member: Member): Channel {
    return channelOf(this.#direct, member, () => Channel.direct(member));
  }

  /** A channel in which a member and other people write to each other. */
  groupMessages(member: Member): Channel {
    return channelOf(this.#groups, member, () => Channel.group(member));
  }
}

function channelOf(channels: Map<string, Channel>, { id }: Member, make: () => Channel): Channel {
  const channel = channels.get(id) ?? make();
  channels.set(id, channel);
  return channel;
}
