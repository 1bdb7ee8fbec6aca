import type { Registration } from "../registration.ts";

const CODE = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;
const USER = /^[^\s/\p{Cc}]{1,128}$/u;

export const smaRegistration: Registration = {
  requires: () => ["flow", "total"],
  codeFault: (code) => (CODE.test(code) ? undefined : { en: "a code has letters, digits, dots, hyphens and underscores, 64 at most", es: "un código tiene letras, dígitos, puntos, guiones y guiones bajos, 64 como máximo" }),
  idsFault: (ids) => (ids === undefined ? { en: "the SMA's ids are required: ufId, procesoId, dispositivoId", es: "se requieren los ids de la SMA: ufId, procesoId, dispositivoId" } : undefined),
  takesUser: (user) => USER.test(user),
};
