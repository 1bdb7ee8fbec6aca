/** What the parked screen shows; empty text lets everything through. */
export interface ParkedFilter {
  readonly reason: string;
  readonly group: string;
  readonly client: string;
  readonly state: string;
}
