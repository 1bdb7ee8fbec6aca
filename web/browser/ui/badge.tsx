import type { ComponentChildren } from "preact";
import { Icon, type IconName } from "./icons.tsx";

export type BadgeTone = "plain" | "water" | "guess" | "warn";

export function Badge({ icon, tone = "plain", title, children }: { readonly icon?: IconName; readonly tone?: BadgeTone; readonly title?: string; readonly children: ComponentChildren }) {
  return (
    <span class={`badge badge-${tone}`} title={title}>
      {icon !== undefined && <Icon name={icon} size={14} />}
      <span>{children}</span>
    </span>
  );
}
