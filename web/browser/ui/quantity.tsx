import { useWords } from "../app/hooks.tsx";
import { formatUnit } from "../format/number.ts";

export interface QuantityProps {
  readonly value: number | null;
  readonly unit: string;
  /** Digits after the point that the catalogue shows of this variable; null or absent: what fits. */
  readonly decimals?: number | null;
  /** Changes when the value is new, so that it lights up once. */
  readonly pulse?: number;
}

/** A value with its unit: short to read at a glance, every digit in its title. */
export function Quantity({ value, unit, decimals = null, pulse = 0 }: QuantityProps) {
  const words = useWords();
  if (value === null) return <span class="quantity quantity-none">{words.t("page.value.none")}</span>;
  const written = formatUnit(unit);
  return (
    <span key={pulse} class={pulse > 0 ? "quantity quantity-new" : "quantity"} title={`${words.exact(value)} ${written}`.trim()}>
      <span class="quantity-value">{words.shown(value, decimals)}</span>
      {written !== "" && <span class="quantity-unit">{" "}{written}</span>}
    </span>
  );
}
