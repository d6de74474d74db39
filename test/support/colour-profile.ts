type Rgb = readonly [number, number, number];
type Matrix = readonly [Rgb, Rgb, Rgb];

/** Where the three primaries of a display lie, and how its numbers become light. */
export interface ColourSpace {
  /** Red, green and blue at full strength, as rows of XYZ under D50. */
  readonly primaries: Matrix;
  readonly gamma: number;
}

/** As their published profiles have them. */
export const COLOUR_SPACES = {
  'Display P3': {
    primaries: [
      [0.51512, 0.2412, -0.00105],
      [0.29198, 0.69225, 0.04189],
      [0.1571, 0.06657, 0.78407],
    ],
    gamma: 2.2,
  },
  'Adobe RGB': {
    primaries: [
      [0.60974, 0.31111, 0.01947],
      [0.20528, 0.62567, 0.06087],
      [0.14919, 0.06322, 0.74457],
    ],
    gamma: 2.19921875,
  },
  'ProPhoto RGB': {
    primaries: [
      [0.79767, 0.28804, 0],
      [0.13519, 0.71188, 0],
      [0.03134, 0.00009, 0.82491],
    ],
    gamma: 1.80078125,
  },
} as const satisfies Record<string, ColourSpace>;

/** From XYZ under D50 to linear sRGB. */
const TO_SRGB: Matrix = [
  [3.1338561, -1.6168667, -0.4906146],
  [-0.9787684, 1.9161415, 0.033454],
  [0.0719453, -0.2289914, 1.4052427],
];

/** What a colour of the space is in sRGB, 0..255; what sRGB has not is the nearest of each channel. */
export function inSrgb(colour: Rgb, { primaries, gamma }: ColourSpace): Rgb {
  const light = colour.map((value) => (value / 255) ** gamma);
  const xyz = [0, 1, 2].map((axis) =>
    primaries.reduce((sum, primary, channel) => sum + primary[axis] * light[channel], 0),
  );
  return TO_SRGB.map((row) =>
    encoded(row.reduce((sum, weight, axis) => sum + weight * xyz[axis], 0)),
  ) as unknown as Rgb;
}

/** What a shade of grey of this gamma is in sRGB, 0..255. */
export function greyInSrgb(value: number, gamma: number): number {
  return encoded((value / 255) ** gamma);
}

function encoded(light: number): number {
  const within = Math.min(Math.max(light, 0), 1);
  return 255 * (within <= 0.0031308 ? within * 12.92 : 1.055 * within ** (1 / 2.4) - 0.055);
}

/** An ICC profile of a display with three channels (ICC.1:2001, a matrix and a curve). */
export function rgbProfile({ primaries, gamma }: ColourSpace): Buffer {
  return profile(
    'RGB ',
    ['r', 'g', 'b'].flatMap((channel, index): Tag[] => [
      [`${channel}XYZ`, xyzData(primaries[index])],
      [`${channel}TRC`, curve(gamma)],
    ]),
  );
}

/** An ICC profile of shades of grey. */
export function greyProfile(gamma: number): Buffer {
  return profile('GRAY', [['kTRC', curve(gamma)]]);
}

type Tag = readonly [name: string, data: Buffer];

const WHITE: Rgb = [0.9642, 1, 0.8249];

function profile(space: string, tags: readonly Tag[]): Buffer {
  const name = Buffer.alloc(100);
  name.write('desc');
  name.writeUInt32BE(5, 8);
  name.write('test', 12);
  const all: Tag[] = [
    ['desc', name],
    ['cprt', Buffer.from('text\0\0\0\0none\0\0\0\0')],
    ['wtpt', xyzData(WHITE)],
    ...tags,
  ];
  const table = Buffer.alloc(4 + 12 * all.length);
  table.writeUInt32BE(all.length);
  let offset = 128 + table.length;
  all.forEach(([tag, data], index) => {
    table.write(tag, 4 + 12 * index);
    table.writeUInt32BE(offset, 8 + 12 * index);
    table.writeUInt32BE(data.length, 12 + 12 * index);
    offset += data.length;
  });
  const header = Buffer.alloc(128);
  header.writeUInt32BE(offset);
  header.writeUInt32BE(0x02400000, 8);
  header.write(`mntr${space}XYZ `, 12);
  header.write('acsp', 36);
  WHITE.forEach((value, index) => header.writeInt32BE(Math.round(value * 65_536), 68 + 4 * index));
  return Buffer.concat([header, table, ...all.map(([, data]) => data)]);
}

function xyzData(values: Rgb): Buffer {
  const data = Buffer.alloc(20);
  data.write('XYZ ');
  values.forEach((value, index) => data.writeInt32BE(Math.round(value * 65_536), 8 + 4 * index));
  return data;
}

function curve(gamma: number): Buffer {
  const data = Buffer.alloc(16);
  data.write('curv');
  data.writeUInt32BE(1, 8);
  data.writeUInt16BE(Math.round(gamma * 256), 12);
  return data;
}
