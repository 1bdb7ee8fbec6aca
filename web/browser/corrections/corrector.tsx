import { useState } from "preact/hooks";
import type { Point } from "../wire/point.ts";
import { CorrectionDialog } from "./correction-dialog.tsx";
import type { CorrectionPlace, CorrectionSaying } from "./correction-form.ts";
import { InstantDialog } from "./instant-dialog.tsx";

/** What is opened: what was said of an instant, or the saying of something. */
export type Correcting =
  | { readonly what: "instant"; readonly at: string; readonly variable?: string }
  | { readonly what: "correct"; readonly place: CorrectionPlace; readonly saying?: CorrectionSaying };

export interface CorrectorProps {
  readonly point: Point;
  readonly mayCorrect: boolean;
  readonly first: Correcting;
  readonly onClose: () => void;
  readonly onSaved: () => void;
}

/** The dialogs of corrections, one after the other. */
export function Corrector({ point, mayCorrect, first, onClose, onSaved }: CorrectorProps) {
  const [open, setOpen] = useState(first);
  if (open.what === "instant") {
    return <InstantDialog point={point} at={open.at} {...(open.variable === undefined ? {} : { variable: open.variable })} mayCorrect={mayCorrect} onClose={onClose} onCorrect={(place, saying) => setOpen({ what: "correct", place, saying })} />;
  }
  return <CorrectionDialog point={point} place={open.place} {...(open.saying === undefined ? {} : { saying: open.saying })} onClose={onClose} onSaved={onSaved} />;
}
