import sharp from 'sharp';

/** A drawn picture and where its shape is. Pixels. */
export interface DrawnPicture {
  readonly png: Buffer;
  readonly box: {
    readonly left: number;
    readonly top: number;
    readonly right: number;
    readonly bottom: number;
  };
}

const WIDTH = 640;
const HEIGHT = 480;

/** A red circle on light grey, left of the middle. */
export async function redCircle(): Promise<DrawnPicture> {
  return {
    png: await draw('<circle cx="200" cy="240" r="100" fill="#d81e1e"/>'),
    box: { left: 100, top: 140, right: 300, bottom: 340 },
  };
}

/** A blue square on light grey, right of the middle. */
export async function blueSquare(): Promise<DrawnPicture> {
  return {
    png: await draw('<rect x="380" y="150" width="180" height="180" fill="#1e50d8"/>'),
    box: { left: 380, top: 150, right: 560, bottom: 330 },
  };
}

async function draw(shape: string): Promise<Buffer> {
  const background = `<rect width="${WIDTH}" height="${HEIGHT}" fill="#dddddd"/>`;
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${HEIGHT}">${background}${shape}</svg>`;
  return sharp(Buffer.from(svg)).png().toBuffer();
}
