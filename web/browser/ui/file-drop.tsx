import { useId, useState } from "preact/hooks";
import { useWords } from "../app/hooks.tsx";
import { Icon } from "./icons.tsx";

export interface FileDropProps {
  readonly label: string;
  readonly help: string;
  /** As an input has it: `.csv,text/csv`. */
  readonly accept: string;
  /** Name of what was chosen; empty before. */
  readonly chosen: string;
  readonly problem?: string | undefined;
  readonly onFile: (file: File) => void;
}

/** A file to choose or to drop; the input itself is what a keyboard and a screen reader meet. */
export function FileDrop({ label, help, accept, chosen, problem, onFile }: FileDropProps) {
  const { t } = useWords();
  const id = useId();
  const [over, setOver] = useState(false);
  const drop = (event: DragEvent) => {
    event.preventDefault();
    setOver(false);
    const [file] = event.dataTransfer?.files ?? [];
    if (file !== undefined) onFile(file);
  };
  const choose = (input: HTMLInputElement) => {
    const [file] = input.files ?? [];
    if (file !== undefined) onFile(file);
    // The same file may be chosen again after it was mended.
    input.value = "";
  };
  return (
    <div class="field">
      <div class={over ? "file-drop file-drop-over" : "file-drop"} onDragOver={(event) => { event.preventDefault(); setOver(true); }} onDragLeave={() => setOver(false)} onDrop={drop}>
        <Icon name="file" size={26} />
        <p><label for={id}>{label}</label> <span class="muted">{t("page.file.drop")}</span></p>
        {chosen !== "" && <p class="file-chosen"><b>{chosen}</b></p>}
        <input id={id} type="file" accept={accept} aria-invalid={problem !== undefined} aria-describedby={`${id}-help${problem === undefined ? "" : ` ${id}-problem`}`} onChange={(event) => choose(event.currentTarget)} />
      </div>
      <p class="field-help" id={`${id}-help`}>{help}</p>
      {problem !== undefined && <p class="field-problem" id={`${id}-problem`} role="alert">{problem}</p>}
    </div>
  );
}
