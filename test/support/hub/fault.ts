/**
 * What a hub does wrong with a request for a file.
 * - `cut`: the connection breaks after so many bytes of the body.
 * - `stall`: nothing more comes after so many bytes.
 * - `status`: it refuses.
 * - `tooLong`: more bytes come than were asked for.
 * - `wrongByte`: one byte of the body is another.
 * - `wrongRange`: it gives the file's beginning and says so.
 * - `ignoresRange`: it gives the whole file.
 * - `unknownWhole`: it gives the range, but does not say how long the whole file is.
 * - `page`: a web page comes instead, as from a network that wants a login first.
 * - `silence`: it takes the request and says nothing.
 */
export type Fault =
  | { readonly kind: 'cut'; readonly after: number }
  | { readonly kind: 'stall'; readonly after: number }
  | { readonly kind: 'status'; readonly status: number; readonly headers?: Readonly<Record<string, string>> }
  | {
      readonly kind:
        'tooLong' | 'wrongByte' | 'wrongRange' | 'ignoresRange' | 'unknownWhole' | 'page' | 'silence';
    };
