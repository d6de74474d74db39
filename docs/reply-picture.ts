/**
 * Draws docs/reply.png: a reply of the bot as a person sees it in Discord. The text, the picture and the buttons are
 * what the bot really posts; only the frame around them is drawn here.
 *
 *     npx tsx docs/reply-picture.ts      (needs chromium on the PATH, or its name in the variable CHROMIUM)
 */
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { DEMO_MODEL } from '../src/config.js';
import { asShown } from '../test/support/as-shown.js';
import { startBot } from '../test/support/bot-under-test.js';
import type { Message } from '../test/support/discord/strict-discord.js';

const OUT = fileURLToPath(new URL('reply.png', import.meta.url));
const WINDOW = '760,640';

const message = await replyToDetect('star-diamond-square.jpg', 'star, diamond, square');
const folder = await mkdtemp(join(tmpdir(), 'glimpse-reply-'));
try {
  const page = join(folder, 'reply.html');
  await writeFile(page, pageOf(message));
  const chromium = process.env.CHROMIUM ?? 'chromium';
  await promisify(execFile)(chromium, [
    '--headless',
    '--no-sandbox',
    '--hide-scrollbars',
    '--force-device-scale-factor=1.5',
    `--window-size=${WINDOW}`,
    `--screenshot=${OUT}`,
    `file://${page}`,
  ]);
} finally {
  await rm(folder, { recursive: true });
}

async function replyToDetect(sample: string, objects: string): Promise<Message> {
  const bot = await startBot();
  try {
    const member = bot.discord.addMember({ server: bot.discord.addServer(), name: 'Mira' });
    const picture = await readFile(join(DEMO_MODEL, 'samples', sample));
    const image = bot.discord.upload(picture, { name: sample });
    return await (await member.slash('detect', { image, objects })).settled();
  } finally {
    await bot.close();
  }
}

function pageOf(reply: Message): string {
  const [quote = '', ...lines] = asShown(reply).split('\n');
  const picture = reply.attachments.at(0);
  const source = `data:image/jpeg;base64,${Buffer.from(picture?.bytes ?? []).toString('base64')}`;
  const buttons = reply.buttons
    .map(
      ({ label, style }) =>
        `<span class="button ${style === 1 ? 'primary' : ''}">${escape(label ?? '')}</span>`,
    )
    .join('');
  return `<!doctype html><meta charset="utf-8"><style>
    body { margin: 0; padding: 28px; background: #313338; color: #dbdee1; font: 16px/1.4 "Noto Sans", sans-serif; }
    .used { margin: 0 0 6px 56px; color: #b5bac1; font-size: 14px; } .used b { color: #f2f3f5; }
    .used code { color: #c9cdfb; font: inherit; background: #3c4270; border-radius: 3px; padding: 0 4px; }
    .message { display: grid; grid-template-columns: 40px 1fr; gap: 16px; }
    .avatar { width: 40px; height: 40px; border-radius: 50%; background: #5865f2; display: grid; place-items: center; }
    .avatar::after { content: ""; width: 16px; height: 16px; border: 4px solid #fff; border-radius: 50%; }
    .name { color: #f2f3f5; font-weight: 600; } .app { background: #5865f2; color: #fff; font-size: 11px; border-radius: 3px;
      padding: 1px 5px; margin-left: 6px; } .time { color: #949ba4; font-size: 12px; margin-left: 8px; }
    blockquote { margin: 4px 0; padding-left: 12px; border-left: 4px solid #4e5058; }
    img { display: block; margin: 8px 0; max-width: 520px; max-height: 380px; border-radius: 8px; }
    .button { display: inline-block; background: #4e5058; color: #fff; border-radius: 8px; padding: 6px 16px; margin: 0 8px 0 0;
      font-size: 14px; } .primary { background: #5865f2; }
    .alt { display: inline-block; background: #1e1f22; color: #b5bac1; font-size: 13px; padding: 4px 8px; border-radius: 4px;
      margin-bottom: 10px; }
    .alt b { color: #fff; margin-right: 6px; }
  </style>
  <p class="used"><b>Mira</b> used <code>/detect</code></p>
  <div class="message"><div class="avatar"></div><div>
    <span class="name">Glimpse</span><span class="app">APP</span><span class="time">Today at 14:02</span>
    <blockquote>${escape(quote.replace(/^> /, ''))}</blockquote>
    <div>${escape(lines.join('\n'))}</div>
    <img src="${source}" alt="">
    <div class="alt"><b>ALT</b>${escape(picture?.description ?? '')}</div>
    <div>${buttons}</div>
  </div></div>`;
}

function escape(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
}
