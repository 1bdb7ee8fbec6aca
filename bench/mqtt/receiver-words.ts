/* What a process that receives messages and the benchmark say to each other. */

export type ReceiverAsked =
  /** Answered when so many messages were taken since the start. */
  | { readonly kind: "through"; readonly messages: number }
  /** Answered with what stands in the log. */
  | { readonly kind: "stored" };

export type ReceiverTold =
  /** Open: `url` is where its messages are sent to. */
  | { readonly kind: "ready"; readonly url: string }
  | { readonly kind: "through" }
  | { readonly kind: "stored"; readonly stored: Stored };

export interface Stored {
  /** Readings that differ by device or time. */
  readonly readings: number;
  /** Readings that stand there once more. */
  readonly repeated: number;
  /** Readings that have not three values. */
  readonly incomplete: number;
  readonly parked: number;
}
