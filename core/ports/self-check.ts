/** What a store found in a slice of its own files, where reading by the port alone would not see it: an index that leads past a row, a page that no row needs. */
export interface CheckedSlice {
  readonly problems: readonly { readonly place: string; readonly detail: string }[];
  /** Looked at, for those who pace. */
  readonly bytes: number;
  /** Where to go on; undefined at the end. */
  readonly next?: string;
}
