import { Client, ComponentType, Message, MessageReferenceType, type APIMessage } from 'discord.js';
import { describe, expect, test } from 'vitest';
import { isDownloadable } from '../../src/bot/attachment-download.js';
import { picturesIn, type MessagePicture } from '../../src/bot/pictures-in-message.js';
import { readConfig } from '../../src/config.js';

const CDN = 'https://cdn.discordapp.com/attachments/1/2';
const MEDIA = 'https://media.discordapp.net/attachments/1/2';
const HOSTS = ['cdn.discordapp.com', 'media.discordapp.net'];
const client = new Client({ intents: [] });

/** The pictures of a message as Discord sends it. */
function picturesOf(raw: object, hosts: readonly string[] = HOSTS): readonly MessagePicture[] {
  const data = { id: '81384788765712384', channel_id: '81384788765712385', content: '', ...raw };
  const message = Reflect.construct(Message, [client, data as APIMessage]) as Message;
  return picturesIn(message, hosts);
}

function namesOf(raw: object): string[] {
  return picturesOf(raw).map(({ name }) => name);
}

function attachment(filename: string, more: object = {}): object {
  const url = `${CDN}/${filename}`;
  return { id: filename, filename, size: 1000, url, proxy_url: `${MEDIA}/${filename}`, ...more };
}

describe('attachments', () => {
  test('are told with all that Discord says of them', () => {
    const more = { content_type: 'image/png', description: 'a cat', width: 640, height: 480 };
    expect(picturesOf({ attachments: [attachment('cat.png', more)] })).toStrictEqual([
      {
        url: `${CDN}/cat.png`,
        proxyUrl: `${MEDIA}/cat.png`,
        name: 'cat.png',
        description: 'a cat',
        spoiler: false,
        size: 1000,
        width: 640,
        height: 480,
      },
    ]);
  });

  test('are pictures by their media type or by the ending of their name', () => {
    const attachments = [
      ...['a.png', 'b.GIF', 'c.jpg', 'd.jpeg', 'e.jfif', 'f.webp', 'g.avif', 'h.mp4', 'i.txt'].map((name) =>
        attachment(name),
      ),
      attachment('j', { content_type: 'image/heic' }),
      attachment('k.mp3', { content_type: 'audio/mpeg' }),
    ];
    expect(namesOf({ attachments }).join(' ')).toBe('a.png b.GIF c.jpg d.jpeg e.jfif f.webp g.avif j');
  });

  test('are spoilers by their name or by their flag', () => {
    const attachments = [
      attachment('SPOILER_a.png'),
      attachment('b.png', { flags: 8 }),
      attachment('c.png', { flags: 4 }),
    ];
    expect(picturesOf({ attachments }).map(({ name, spoiler }) => [name, spoiler])).toStrictEqual([
      ['a.png', true],
      ['b.png', true],
      ['c.png', false],
    ]);
  });
});

describe('embeds', () => {
  test('show a thumbnail and an image', () => {
    const embeds = [
      {
        title: 'News',
        thumbnail: { url: `${CDN}/small.png` },
        image: { url: `${CDN}/large.png`, description: 'a graph', width: 8, height: 6 },
      },
    ];
    expect(picturesOf({ embeds })).toStrictEqual([
      { url: `${CDN}/small.png`, name: 'small.png', description: null, spoiler: false },
      {
        url: `${CDN}/large.png`,
        name: 'large.png',
        description: 'a graph',
        spoiler: false,
        width: 8,
        height: 6,
      },
    ]);
  });

  test('of one address are one gallery, with one thumbnail', () => {
    const url = 'https://example.org/post';
    const embed = (name: string, address?: string): object => ({
      ...(address === undefined ? {} : { url: address }),
      thumbnail: { url: `${CDN}/thumbnail-of-${name}` },
      image: { url: `${CDN}/${name}` },
    });
    const embeds = [embed('1.png', url), embed('2.png'), embed('3.png', url), embed('4.png')];
    expect(namesOf({ embeds })).toStrictEqual([
      'thumbnail-of-1.png',
      '1.png',
      '3.png',
      'thumbnail-of-2.png',
      '2.png',
      'thumbnail-of-4.png',
      '4.png',
    ]);
  });

  test("are downloaded from an allowed host: the address itself, or else Discord's copy", () => {
    const proxied = 'https://images-ext-1.discordapp.net/external/x/https/example.org/a.png';
    const linked = { url: 'https://example.org/a.png', proxy_url: proxied };
    const own = { url: `${CDN}/b.png`, proxy_url: `${MEDIA}/b.png` };
    const embeds = [{ image: linked }, { image: own }];
    const addresses = (hosts: readonly string[]): string[] =>
      picturesOf({ embeds }, hosts).map(({ url }) => url);
    expect(addresses(HOSTS)).toStrictEqual(['https://example.org/a.png', `${CDN}/b.png`]);
    expect(addresses([...HOSTS, 'images-ext-1.discordapp.net'])).toStrictEqual([proxied, `${CDN}/b.png`]);
    expect(addresses(['media.discordapp.net'])[1]).toBe(`${MEDIA}/b.png`);
  });

  test('are spoilers where the address they were made from is one', () => {
    const embed = (url: string): object => ({ type: 'image', url, thumbnail: { url } });
    const embeds = [embed('https://example.org/a.png'), embed('https://example.org/b.png')];
    const content = 'https://example.org/a.png and ||https://example.org/b.png||';
    expect(picturesOf({ content, embeds }).map(({ spoiler }) => spoiler)).toStrictEqual([false, true]);
    expect(picturesOf({ content: undefined, embeds })).toHaveLength(2);
  });
});

describe('previews of links, as they are by default', () => {
  const { attachmentHosts } = readConfig({}).discord;
  const copy = (url: string, host = 1): string =>
    `https://images-ext-${host}.discordapp.net/external/signature/${url.replace('://', '/')}`;
  const media = (url: string, more: object = {}, host = 1): object => ({
    url,
    proxy_url: copy(url, host),
    width: 8,
    height: 6,
    ...more,
  });
  const picturesBehind = (embed: object, content = ''): readonly (readonly [string, string, boolean])[] =>
    picturesOf({ embeds: [embed], content }, attachmentHosts).map(({ url, name, spoiler }) => [
      url,
      name,
      spoiler,
    ]);

  test.each<[string, object, string]>([
    [
      'a link to a picture',
      { type: 'image', url: 'https://a.example/b.png', thumbnail: media('https://a.example/b.png') },
      copy('https://a.example/b.png'),
    ],
    [
      "a GIF of Discord's picker, from Tenor",
      {
        type: 'gifv',
        url: 'https://tenor.com/view/cat-gif-1',
        provider: { name: 'Tenor' },
        thumbnail: media('https://media.tenor.com/1/cat.png', { content_type: 'image/png' }),
        video: media('https://media.tenor.com/1/cat.mp4', { content_type: 'video/mp4' }),
      },
      copy('https://media.tenor.com/1/cat.png'),
    ],
    [
      "a GIF of Discord's picker, from Klipy",
      {
        type: 'gifv',
        url: 'https://klipy.com/gifs/cat',
        thumbnail: media('https://static.klipy.com/1/cat.webp', { content_type: 'image/webp' }, 2),
        video: media('https://static.klipy.com/1/cat.mp4'),
      },
      copy('https://static.klipy.com/1/cat.webp', 2),
    ],
    [
      'a GIF from Giphy',
      {
        type: 'gifv',
        thumbnail: media('https://media4.giphy.com/media/1/giphy_s.gif'),
        video: media('https://x.y/z.mp4'),
      },
      copy('https://media4.giphy.com/media/1/giphy_s.gif'),
    ],
    [
      'an article',
      {
        type: 'article',
        url: 'https://news.example/1',
        thumbnail: media('https://news.example/picture?id=1'),
      },
      copy('https://news.example/picture?id=1'),
    ],
    [
      'one that its website lays out',
      {
        type: 'rich',
        url: 'https://shop.example/1',
        components: [
          {
            type: ComponentType.Container,
            components: [
              { type: ComponentType.TextDisplay, content: 'a shop' },
              { type: ComponentType.MediaGallery, items: [{ media: media('https://shop.example/photo/1') }] },
            ],
          },
        ],
      },
      copy('https://shop.example/photo/1'),
    ],
  ])('%s shows a picture that may be downloaded', (_name, embed, address) => {
    expect(picturesBehind(embed).map(([url]) => url)).toStrictEqual([address]);
    expect(isDownloadable(address, attachmentHosts)).toBe(true);
  });

  const section = (url: string, spoiler?: boolean): object => ({
    type: ComponentType.Section,
    components: [{ type: ComponentType.TextDisplay, content: 'text' }],
    accessory: {
      type: ComponentType.Thumbnail,
      media: media(url),
      description: 'one',
      ...(spoiler && { spoiler }),
    },
  });
  const laidOut = (components: object[], more: object = {}): object => ({
    url: 'https://shop.example/1',
    components: [{ type: ComponentType.Container, components, ...more }],
  });

  test('pictures in components come in their order, with their alternative texts, and films are none', () => {
    const items = [
      { media: media('https://shop.example/2.png'), description: 'two' },
      { media: media('https://shop.example/film', { content_type: 'video/mp4' }) },
      { media: media('https://shop.example/film.mp4') },
    ];
    const embed = laidOut([
      section('https://shop.example/1.png'),
      { type: ComponentType.Separator },
      { type: ComponentType.MediaGallery, items },
      {
        type: ComponentType.ActionRow,
        components: [{ type: ComponentType.Button, style: 5, label: 'x', url: 'https://x.y' }],
      },
      { type: 999 },
    ]);
    const pictures = picturesOf({ embeds: [embed] }, attachmentHosts);
    expect(pictures.map(({ name, description }) => [name, description])).toStrictEqual([
      ['1.png', 'one'],
      ['2.png', 'two'],
    ]);
  });

  test.each<[string, object, string]>([
    ['the link between bars', laidOut([section('https://a.b/1.png')]), 'look: ||https://shop.example/1||'],
    ['its container', laidOut([section('https://a.b/1.png')], { spoiler: true }), ''],
    ['the picture alone', laidOut([section('https://a.b/1.png', true)]), ''],
  ])('pictures in components are hidden by %s', (_name, embed, content) => {
    expect(picturesBehind(embed, content).map(([, , spoiler]) => spoiler)).toStrictEqual([true]);
    expect(
      picturesBehind(laidOut([section('https://a.b/1.png')])).map(([, , spoiler]) => spoiler),
    ).toStrictEqual([false]);
  });

  test('a picture that the preview shows twice is one', () => {
    const embed = { ...laidOut([section('https://a.b/1.png')]), thumbnail: media('https://a.b/1.png') };
    expect(picturesBehind(embed)).toHaveLength(1);
  });
});

describe('stickers', () => {
  const sticker_items = [
    { id: '1', name: 'png', format_type: 1 },
    { id: '2', name: 'apng', format_type: 2 },
    { id: '3', name: 'lottie', format_type: 3 },
    { id: '4', name: 'gif', format_type: 4 },
  ];

  test('are downloaded from where Discord keeps them, but for drawings in JSON', () => {
    expect(picturesOf({ sticker_items }).map(({ url, name }) => [url, name])).toStrictEqual([
      ['https://cdn.discordapp.com/stickers/1.png', 'png.png'],
      ['https://cdn.discordapp.com/stickers/2.png', 'apng.png'],
      ['https://media.discordapp.net/stickers/4.gif', 'gif.gif'],
    ]);
  });

  test('are downloaded from this machine over http', () => {
    expect(picturesOf({ sticker_items }, ['127.0.0.1:8080']).map(({ url }) => url)).toStrictEqual([
      'http://127.0.0.1:8080/stickers/1.png',
      'http://127.0.0.1:8080/stickers/2.png',
      'http://127.0.0.1:8080/stickers/4.gif',
    ]);
  });
});

describe('components', () => {
  const media = (name: string, more: object = {}): object => ({
    url: `${CDN}/${name}`,
    content_type: 'image/png',
    ...more,
  });

  test('show galleries, thumbnails of sections and files, in their order', () => {
    const components = [
      { type: ComponentType.TextDisplay, content: 'hello' },
      {
        type: ComponentType.MediaGallery,
        items: [
          { media: media('1.png', { width: 4, height: 3 }), description: 'one', spoiler: true },
          { media: media('video.mp4', { content_type: 'video/mp4' }) },
          { media: { url: `${CDN}/2.webp` } },
        ],
      },
      {
        type: ComponentType.Section,
        components: [{ type: ComponentType.TextDisplay, content: 'text' }],
        accessory: { type: ComponentType.Thumbnail, media: media('3.png'), description: 'three' },
      },
      {
        type: ComponentType.Section,
        components: [],
        accessory: { type: ComponentType.Button, style: 5, url: 'https://example.org', label: 'go' },
      },
      { type: ComponentType.File, file: { url: `${CDN}/4.jpg` }, name: '4.jpg', size: 44 },
      { type: ComponentType.File, file: { url: `${CDN}/notes.pdf` }, name: 'notes.pdf', size: 9 },
      { type: ComponentType.ActionRow, components: [] },
      { type: 999 },
    ];
    expect(picturesOf({ components })).toStrictEqual([
      {
        url: `${CDN}/1.png`,
        name: '1.png',
        description: 'one',
        spoiler: true,
        width: 4,
        height: 3,
      },
      { url: `${CDN}/2.webp`, name: '2.webp', description: null, spoiler: false },
      { url: `${CDN}/3.png`, name: '3.png', description: 'three', spoiler: false },
      { url: `${CDN}/4.jpg`, name: '4.jpg', description: null, spoiler: false, size: 44 },
    ]);
  });

  test('are spoilers in a container that is one', () => {
    const gallery = { type: ComponentType.MediaGallery, items: [{ media: media('1.png') }] };
    const container = { type: ComponentType.Container, components: [gallery] };
    expect(picturesOf({ components: [container] })[0]?.spoiler).toBe(false);
    expect(picturesOf({ components: [{ ...container, spoiler: true }] })[0]?.spoiler).toBe(true);
  });

  test('and the attachment that they show are one picture, of which both are told', () => {
    const items = [
      { media: media('b.png?ex=1&hm=2'), description: 'two' },
      { media: media('a.png?ex=1&hm=2'), spoiler: true },
    ];
    const components = [{ type: ComponentType.MediaGallery, items }];
    const attachments = [
      attachment('a.png', { url: `${CDN}/a.png?ex=3&hm=4`, description: 'one' }),
      attachment('b.png', { url: `${MEDIA}/b.png` }),
    ];
    expect(
      picturesOf({ components, attachments }).map(({ name, description, spoiler, size }) => ({
        name,
        description,
        spoiler,
        size,
      })),
    ).toStrictEqual([
      { name: 'b.png', description: 'two', spoiler: false, size: 1000 },
      { name: 'a.png', description: 'one', spoiler: true, size: 1000 },
    ]);
  });
});

test('a forwarded message shows its pictures after those of the message around it', () => {
  const forwarded = {
    type: 0,
    content: '',
    attachments: [attachment('SPOILER_b.png'), attachment('a.png')],
    embeds: [{ image: { url: `${CDN}/c.png` } }],
    sticker_items: [{ id: '1', name: 'wave', format_type: 1 }],
    components: [],
  };
  const message = {
    attachments: [attachment('a.png')],
    message_reference: {
      type: MessageReferenceType.Forward,
      channel_id: '81384788765712386',
      message_id: '81384788765712387',
    },
    message_snapshots: [{ message: forwarded }],
  };
  expect(namesOf(message)).toStrictEqual(['a.png', 'b.png', 'c.png', 'wave.png']);
});

test('pictures of other places differ by their whole address, and strange addresses do no harm', () => {
  const embeds = [
    { image: { url: 'https://example.org/show?id=1' } },
    { image: { url: 'https://example.org/show?id=2' } },
    { image: { url: 'https://example.org/show?id=1' } },
    { image: { url: 'https://example.org/%E0%A4%A.png' } },
    { image: { url: 'not an address' } },
  ];
  expect(namesOf({ embeds })).toStrictEqual(['show', 'show', '%E0%A4%A.png', '']);
});

test('a message of words has no pictures', () => {
  expect(picturesOf({ content: 'https://cdn.discordapp.com/attachments/1/2/a.png' })).toStrictEqual([]);
});
