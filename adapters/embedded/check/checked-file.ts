export interface CheckedFile {
  readonly store: "log" | "documents" | "hot" | "warm" | "cold";
  readonly path: string;
  readonly problems: readonly string[];
  /** The rows are whole, and only what leads to them is not. */
  readonly isIndexOnly: boolean;
  /** It cannot be opened at all. */
  readonly isNoDatabase: boolean;
}
