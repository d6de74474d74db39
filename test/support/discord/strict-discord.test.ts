import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  ActionRowBuilder,
  ApplicationCommandOptionType,
  ApplicationCommandType,
  AttachmentBuilder,
  ButtonBuilder,
  ButtonStyle,
  ContainerBuilder,
  Events,
  GatewayIntentBits,
  LabelBuilder,
  MediaGalleryBuilder,
  MessageFlags,
  ModalBuilder,
  StringSelectMenuBuilder,
  TextDisplayBuilder,
  TextInputBuilder,
  TextInputStyle,
  type Client,
  type Interaction as BotInteraction,
} from 'discord.js';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { logIn, onNext } from './bot-for-tests.js';
import { StrictDiscord, type Member, type Server } from './strict-discord.js';

const PNG = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAIAAAADCAYAAAC56t6BAAAAEklEQVR4nGP8z8DwnwEJMDGgAQA8EwIDl5CBLgAAAABJRU5ErkJggg==',
  'base64',
);

let discord: StrictDiscord;
let client: Client<true>;
let server: Server;
let member: Member;

beforeAll(async () => {
  discord = await StrictDiscord.start();
  server = discord.addServer();
  member = discord.addMember({ server, locale: 'de' });
  client = await logIn(discord);
  await client.application.commands.set([
    {
      name: 'look',
      description: 'Looks at a picture',
      options: [
        {
          name: 'image',
          description: 'The picture',
          type: ApplicationCommandOptionType.Attachment,
          required: true,
        },
        {
          name: 'language',
          description: 'Its language',
          type: ApplicationCommandOptionType.String,
          autocomplete: true,
        },
      ],
    },
    { name: 'Look at it', type: ApplicationCommandType.Message },
  ]);
});

afterEach(() => {
  expect(discord.violations).toEqual([]);
});

afterAll(async () => {
  await client.destroy();
  await discord.close();
});

const look = (): ReturnType<Member['slash']> =>
  member.slash('look', { image: discord.upload(PNG, { name: 'cat.png' }) });

function button(customId: string, label: string): ActionRowBuilder<ButtonBuilder> {
  const made = new ButtonBuilder().setCustomId(customId).setLabel(label).setStyle(ButtonStyle.Primary);
  return new ActionRowBuilder<ButtonBuilder>().addComponents(made);
}

test('discord.js logs in and knows the server and its channel', () => {
  expect(client.guilds.cache.get(server.id)?.name).toBe(server.name);
  expect(client.channels.cache.get(server.channel.id)?.isTextBased()).toBe(true);
  expect(discord.intents).toEqual([GatewayIntentBits.Guilds]);
});

test('discord.js hears of servers and threads that are added later', async () => {
  const later = discord.addServer({ name: 'Later', locale: 'fr' });
  await expect.poll(() => client.guilds.cache.get(later.id)?.preferredLocale).toBe('fr');
  const thread = later.addChannel({ parent: later.channel });
  await expect.poll(() => client.channels.cache.get(thread.id)?.isThread()).toBe(true);
});

test('a slash command carries an attachment that can be downloaded, and is answered', async () => {
  onNext(client, async (interaction) => {
    if (!interaction.isChatInputCommand()) {
      throw new Error('This is no slash command.');
    }
    const image = interaction.options.getAttachment('image', true);
    const bytes = Buffer.from(await (await fetch(image.url)).arrayBuffer());
    expect(interaction.locale).toBe('de');
    expect(interaction.inCachedGuild()).toBe(true);
    await interaction.reply({
      content: `${image.name} ${image.width}x${image.height} ${bytes.equals(PNG)}`,
      flags: MessageFlags.Ephemeral,
    });
  });
  const interaction = await look();
  expect(await interaction.acknowledged).toMatchObject({ type: 4, ephemeral: true });
  const message = await interaction.settled();
  expect(message.content).toBe('cat.png 2x3 true');
  expect(member.sees(message)).toBe(true);
  expect(discord.addMember({ server }).sees(message)).toBe(false);
});

test('a deferred answer is edited, with a file, until it has no cancel button', async () => {
  onNext(client, async (interaction) => {
    if (!interaction.isRepliable()) {
      throw new Error('This can not be answered.');
    }
    await interaction.deferReply();
    await interaction.editReply({ content: 'at work', components: [button('cancel:1', 'Cancel')] });
    const message = await interaction.editReply({
      content: 'done',
      files: [new AttachmentBuilder(PNG, { name: 'SPOILER_out.png', description: 'a cat' })],
      components: [],
    });
    expect(message.attachments.first()?.description).toBe('a cat');
    await interaction.followUp({ content: 'more' });
  });
  const interaction = await look();
  expect(interaction.message()).toBeUndefined();
  expect(await interaction.acknowledged).toMatchObject({ type: 5, ephemeral: false });
  const message = await interaction.settled();
  expect(message.edits.map(({ content }) => content)).toEqual(['at work', 'done']);
  const file = message.attachments.at(0);
  expect(file).toMatchObject({ spoiler: true, description: 'a cat', width: 2, height: 3 });
  const downloaded = await fetch(file?.url ?? '');
  expect(Buffer.from(await downloaded.arrayBuffer()).equals(PNG)).toBe(true);
  await expect.poll(() => interaction.followUps.map(({ content }) => content)).toEqual(['more']);
});

test('Components V2 show a file with its alternative text', async () => {
  onNext(client, async (interaction) => {
    if (interaction.isRepliable()) {
      const { resource } = await interaction.reply({
        flags: MessageFlags.IsComponentsV2,
        components: [
          new ContainerBuilder()
            .addTextDisplayComponents(new TextDisplayBuilder().setContent('Look:'))
            .addMediaGalleryComponents(
              new MediaGalleryBuilder().addItems({
                media: { url: 'attachment://cat.png' },
                description: 'a cat',
              }),
            ),
        ],
        files: [new AttachmentBuilder(PNG, { name: 'cat.png' })],
        withResponse: true,
      });
      const [container] = resource?.message?.components ?? [];
      expect(container.toJSON()).toMatchObject({
        components: [{ id: 2 }, { items: [{ media: { width: 2, height: 3 }, description: 'a cat' }] }],
      });
    }
  });
  const message = await (await look()).settled();
  expect([message.content, message.text]).toEqual(['', 'Look:']);
  expect(message.attachments.map(({ name }) => name)).toEqual(['cat.png']);
});

test('what is typed is completed', async () => {
  onNext(client, async (interaction) => {
    if (interaction.isAutocomplete()) {
      const { name, value } = interaction.options.getFocused(true);
      await interaction.respond([{ name: `${name} ${value}`, value: 'de' }]);
    }
  });
  const choices = await member.autocomplete('look', { language: 'ger' }, 'language');
  expect(choices).toEqual([{ name: 'language ger', value: 'de' }]);
});

test('a menu of a message brings the message; a button shows a form; the form is answered', async () => {
  const author = discord.addMember({ server });
  const post = discord.postMessage({
    channel: server.channel,
    author,
    content: 'look!',
    attachments: [discord.upload(PNG)],
  });
  onNext(client, async (interaction) => {
    if (interaction.isMessageContextMenuCommand()) {
      const { targetMessage } = interaction;
      await interaction.reply({
        content: `${targetMessage.content} ${targetMessage.attachments.size}`,
        components: [button('ask', 'Ask')],
        flags: MessageFlags.Ephemeral,
      });
    }
  });
  const answer = await (await member.messageMenu('Look at it', post)).settled();
  expect(answer.content).toBe('look! 1');
  expect(answer.buttons).toMatchObject([{ label: 'Ask', customId: 'ask', disabled: false }]);

  onNext(client, async (interaction) => {
    if (interaction.isButton()) {
      await interaction.showModal(
        new ModalBuilder()
          .setCustomId('form')
          .setTitle('A question')
          .addLabelComponents(
            new LabelBuilder()
              .setLabel('Your question')
              .setTextInputComponent(
                new TextInputBuilder().setCustomId('words').setStyle(TextInputStyle.Short),
              ),
          ),
      );
    }
  });
  const form = await (await member.click(answer, 'Ask')).modal;
  expect(form.fields).toEqual([{ customId: 'words', label: 'Your question', type: 4 }]);

  onNext(client, async (interaction) => {
    if (interaction.isModalSubmit() && interaction.isFromMessage()) {
      await interaction.update({ content: interaction.fields.getTextInputValue('words'), components: [] });
    }
  });
  const submitted = await member.submit(form, { 'Your question': 'why?' });
  expect((await submitted.settled()).id).toBe(answer.id);
  expect(answer.content).toBe('why?');
});

test('a choice from a menu changes the message later', async () => {
  onNext(client, async (interaction) => {
    const menu = new StringSelectMenuBuilder()
      .setCustomId('pick')
      .addOptions({ label: 'One', value: '1' }, { label: 'Two', value: '2' });
    if (interaction.isRepliable()) {
      await interaction.reply({
        content: 'Which?',
        components: [new ActionRowBuilder<StringSelectMenuBuilder>().addComponents(menu)],
      });
    }
  });
  const question = await (await look()).settled();
  onNext(client, async (interaction) => {
    if (interaction.isStringSelectMenu()) {
      await interaction.deferUpdate();
      await interaction.editReply({ content: interaction.values.join(), components: [] });
    }
  });
  const choice = await member.choose(question, (options) => options.slice(1).map(({ value }) => value));
  expect((await choice.settled()).content).toBe('2');
  expect(choice.updatedMessage).toBe(question);
});

test('direct messages with the bot, among people, and servers where only the member has the app', async () => {
  const direct = discord.addMember();
  const seen: BotInteraction[] = [];
  const answer = async (interaction: BotInteraction): Promise<void> => {
    seen.push(interaction);
    if (interaction.isRepliable()) {
      await interaction.reply('hello');
    }
  };
  onNext(client, answer);
  await (await direct.slash('look', { image: discord.upload(PNG) })).settled();
  onNext(client, answer);
  const guest = discord.addMember({ server: discord.addServer({ botIsMember: false }) });
  await (await guest.slash('look', { image: discord.upload(PNG) })).settled();
  onNext(client, answer);
  await (
    await direct.slash('look', { image: discord.upload(PNG) }, { channel: discord.groupMessages(direct) })
  ).settled();
  expect(seen.map(({ context, guildId }) => [context, guildId === null])).toEqual([
    [1, true],
    [0, false],
    [2, true],
  ]);
  expect(seen[1]?.authorizingIntegrationOwners.toJSON()).toEqual({ '1': guest.id });
});

test("discord.js's heartbeats keep it connected", async () => {
  const impatient = await StrictDiscord.start({ heartbeatMs: 250 });
  const beating = await logIn(impatient);
  let cuts = 0;
  beating.on(Events.ShardReconnecting, () => cuts++);
  await sleep(600);
  expect([cuts, impatient.intents.length]).toEqual([0, 1]);
  await beating.destroy();
  await impatient.close();
});

test('a cut connection is resumed, and what was missed is replayed', async () => {
  const resumed = once(client, Events.ShardResume);
  await discord.dropGateway();
  onNext(client, async (interaction) => {
    if (interaction.isRepliable()) {
      await interaction.reply('back again');
    }
  });
  const interaction = await look();
  expect((await interaction.settled()).content).toBe('back again');
  expect(await resumed).toEqual([0, 1]);
});
