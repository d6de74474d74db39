const MEDIA_TYPES: Readonly<Record<string, string | undefined>> = {
  png: 'image/png',
  gif: 'image/gif',
  jpg: 'image/jpeg',
  jpeg: 'image/jpeg',
  jfif: 'image/jpeg',
  webp: 'image/webp',
  avif: 'image/avif',
  mp4: 'video/mp4',
  mov: 'video/quicktime',
  webm: 'video/webm',
  mp3: 'audio/mpeg',
  ogg: 'audio/ogg',
  wav: 'audio/wav',
  txt: 'text/plain; charset=utf-8',
  json: 'application/json',
  pdf: 'application/pdf',
};

const GROUPS: Readonly<Record<string, readonly string[] | undefined>> = {
  image: ['png', 'gif', 'jpg', 'jpeg', 'jfif', 'webp', 'avif'],
  video: ['mp4', 'mov', 'qt', 'webm'],
  audio: ['mp3', 'm4a', 'wav', 'ogg', 'opus', 'flac'],
};

/** What Discord tells of a file's kind, which it knows by the ending of its name; undefined for an unknown one. */
export function mediaTypeOf(name: string): string | undefined {
  return MEDIA_TYPES[endingOf(name)];
}

/** Whether a `file_types` list lets a file through. It looks at the name alone. */
export function isOfFileTypes(name: string, fileTypes: readonly string[]): boolean {
  const ending = endingOf(name);
  return fileTypes.some((type) => GROUPS[type]?.includes(ending) ?? type.toLowerCase() === `.${ending}`);
}

export function isFileType(type: unknown): boolean {
  return typeof type === 'string' && (type in GROUPS || /^\.[\p{L}\p{N}]+$/u.test(type));
}

function endingOf(name: string): string {
  return name.includes('.') ? (name.split('.').at(-1) ?? '').toLowerCase() : '';
}
