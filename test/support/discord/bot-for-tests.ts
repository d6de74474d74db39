import { once } from 'node:events';
import { Client, Events, GatewayIntentBits, type Interaction as BotInteraction } from 'discord.js';
import type { StrictDiscord } from './strict-discord.js';

/** discord.js as it is, logged in to a strict Discord. */
export async function logIn(
  discord: StrictDiscord,
  intents: GatewayIntentBits[] = [GatewayIntentBits.Guilds],
): Promise<Client<true>> {
  const client = new Client({ intents, rest: { api: discord.apiUrl } });
  const ready = once(client, Events.ClientReady);
  await client.login(discord.token);
  await ready;
  return client as Client<true>;
}

/** Answers the next interaction. */
export function onNext(client: Client, answer: (interaction: BotInteraction) => Promise<unknown>): void {
  client.once(Events.InteractionCreate, (interaction) => {
    void answer(interaction);
  });
}
