/**
 * What a hub does wrong with a request for a file.
 * - `cut`: the connection breaks after so many bytes of the body.
 * - `stall`: nothing more comes after so many bytes.
 * - `status`: it refuses.
 * - `tooLong`: more bytes come than were asked for.
 * - `wrongByte`: one byte of the body is another.
 * - `wrongRange`: it gives the file's beginning and says so.
 * - `ignoresRange`: it gives the whole file.
 */
export type Fault =
  | { readonly kind: 'cut'; readonly after: number }
  | { readonly kind: 'stall'; readonly after: number }
  | { readonly kind: 'status'; readonly status: number; readonly headers?: Readonly<Record<string, string>> }
  | { readonly kind: 'tooLong' | 'wrongByte' | 'wrongRange' | 'ignoresRange' };
