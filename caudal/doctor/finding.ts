/** One thing that was looked at. What is not ok says what to do about it. */
export interface Finding {
  readonly check: string;
  readonly ok: boolean;
  readonly text: string;
}
