import { isObraCode } from "../../identity/obra-code.ts";
import type { Registration } from "../registration.ts";

export const dgaRegistration: Registration = {
  requires({ water, standard, levelMayBeMissing }) {
    const mayLackLevel = levelMayBeMissing || standard === "caudales-muy-pequenos";
    if (water === "surface-channel") return mayLackLevel ? ["flow"] : ["flow", "stage"];
    return water === "groundwater" && !mayLackLevel ? ["flow", "total", "depth"] : ["flow", "total"];
  },
  codeFault: (code) => (isObraCode(code) ? undefined : { en: `${JSON.stringify(code)} is no code of the DGA, such as OB-0602-7 or OR-0101-12`, es: `${JSON.stringify(code)} no es un código de la DGA, como OB-0602-7 u OR-0101-12` }),
  idsFault: (ids) => (ids === undefined ? undefined : { en: "only works of the SMA have these ids", es: "solo las obras de la SMA tienen estos ids" }),
  takesUser: () => false,
};
