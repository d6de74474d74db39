/** The picture that the next question is about. */
export interface ChosenPicture {
  readonly blob: Blob;
  readonly name: string;
  /** An address of the page's own, good as long as the tab. */
  readonly source: string;
}

/** @param name of the file; undefined for one that has none, such as a pasted one */
export function choosePicture(blob: Blob, name: string | undefined): ChosenPicture {
  const ending = blob.type.replace(/^image\//, '') || 'bin';
  return { blob, name: name ?? `picture.${ending}`, source: URL.createObjectURL(blob) };
}
