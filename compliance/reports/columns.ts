import type { Text } from "@caudal/runtime";
import type { Column } from "./report.ts";

const word = (en: string, es: string): Text => ({ en, es });

export const classWords = {
  "on-time": word("on time", "a tiempo"), late: word("late", "tarde"), "after-delay": word("after the permitted delay", "fuera del desfase"), imported: word("sent before by another system", "enviado antes por otro sistema"),
  waiting: word("waiting to be sent", "por enviar"), missing: word("no data", "sin datos"), review: word("in review", "en revisión"), refused: word("refused", "rechazado"), unknown: word("outcome unknown", "resultado desconocido"),
  annulled: word("annulled", "anulado"), "written-off": word("written off", "dado de baja"), "not-due": word("not due yet", "aún no corresponde"),
};

export const standingWords = {
  expected: word("expected", "esperado"), held: word("held", "retenido"), ready: word("ready", "listo"), sending: word("being sent", "enviando"), unknown: word("unknown", "desconocido"), refused: word("refused", "rechazado"),
  "refused-for-good": word("refused for good", "rechazado definitivo"), accepted: word("accepted", "aceptado"), "accepted-no-voucher": word("accepted without voucher", "aceptado sin comprobante"), verified: word("verified", "verificado"),
  mismatch: word("other values at the regulator", "valores distintos en el regulador"), "not-found": word("voucher not known", "comprobante desconocido"), annulled: word("annulled", "anulado"), "written-off": word("written off", "dado de baja"),
};

const faultWords = {
  "no-total": word("the work has no totaliser", "la obra no tiene totalizador"), "no-reading": word("no reading in the year", "sin lecturas en el año"), "single-reading": word("a single reading in the year", "una sola lectura en el año"),
  "no-advance": word("the totaliser did not advance", "el totalizador no avanzó"), reset: word("the totaliser was reset or changed", "el totalizador se reinició o cambió"), "meter-change": word("the meter was replaced", "se cambió el medidor"),
};

const verdictWords = {
  exhausted: word("the right is used up", "derecho agotado"), "before-year-end": word("before the end of the year", "antes del fin del año"), "not-this-year": word("not within the year", "no en el año"), "no-use": word("no water taken in the last 30 days", "sin uso en los últimos 30 días"),
  "too-little-data": word("too little data", "datos insuficientes"), "no-right": word("no annual right configured", "sin derecho anual configurado"),
};

const exceedanceWords = { over: word("above the right", "sobre el derecho"), near: word("90 to 100 % of the right", "90 a 100 % del derecho") };

const incidentWords = {
  "known-defect": word("known defect of the instrument", "defecto conocido del instrumento"), "defect-ended": word("the defect was repaired", "defecto resuelto"), stopped: word("sending stopped", "envíos detenidos"), resumed: word("sending resumed", "envíos reanudados"),
  "late-failure": word("not sent within the permitted delay", "no enviado dentro del desfase"), "late-revision": word("value learned after it was frozen", "valor conocido después de congelado"), edited: word("values edited by two persons", "valores editados por dos personas"),
  annulled: word("annulled", "anulado"), "written-off": word("written off", "dado de baja"), mismatch: word("other values at the regulator", "valores distintos en el regulador"),
  "not-found": word("voucher not known at the regulator", "comprobante desconocido en el regulador"), "refused-for-good": word("refused for good", "rechazo definitivo"), refused: word("refused", "rechazado"), unknown: word("outcome unknown", "resultado desconocido"),
};

const all = {
  work: { title: word("Work", "Obra"), share: 1.4 }, name: { title: word("Name", "Nombre"), share: 1.5 }, client: { title: word("Client", "Cliente") }, month: { title: word("Month", "Mes") },
  expected: { title: word("Expected", "Esperados") }, onTime: { title: word("On time", "A tiempo") }, late: { title: word("Late", "Tarde") }, afterDelay: { title: word("After delay", "Fuera desfase") }, imported: { title: word("Imported", "Importados") },
  missing: { title: word("Missing", "Sin datos") }, waiting: { title: word("Waiting", "Por enviar") }, review: { title: word("Review", "Revisión") }, refused: { title: word("Refused", "Rechaz.") }, unknown: { title: word("Unknown", "Descon.") },
  annulled: { title: word("Annulled", "Anulados") }, writtenOff: { title: word("Written off", "De baja") }, lateFailures: { title: word("To declare", "Por declarar") }, percent: { title: word("%", "%") },
  slot: { title: word("Slot (UTC)", "Instante (UTC)"), share: 1.6 }, local: { title: word("Slot (UTC-4)", "Instante (UTC-4)"), share: 1.7 }, class: { title: word("Result", "Resultado"), share: 1.3, words: classWords },
  standing: { title: word("Standing", "Estado"), share: 1.2, words: standingWords }, flowLps: { title: word("Flow L/s", "Caudal L/s") }, totalM3: { title: word("Total m3", "Totalizador m3"), share: 1.2 }, depthM: { title: word("Depth m", "Nivel m") }, stageM: { title: word("Stage m", "Altura m") },
  attempts: { title: word("Attempts", "Intentos") }, acceptedAt: { title: word("Accepted (UTC-4)", "Aceptado (UTC-4)"), share: 1.7 }, delayMinutes: { title: word("Minutes", "Minutos") }, voucher: { title: word("Voucher", "Comprobante"), share: 2.8 },
  reasons: { title: word("Reasons", "Motivos"), share: 1.4 }, quantity: { title: word("Quantity", "Magnitud") }, variable: { title: word("Variable", "Variable") }, point: { title: word("Point", "Punto") }, value: { title: word("Value", "Valor") },
  measuredAt: { title: word("Measured", "Medido"), share: 1.6 }, flag: { title: word("Flag", "Bandera") }, attempt: { title: word("Attempt", "Intento") }, reportedAt: { title: word("Reported", "Informado"), share: 1.6 }, outcome: { title: word("Outcome", "Respuesta") },
  code: { title: word("Code", "Código") }, message: { title: word("Message", "Mensaje"), share: 2 }, rightM3: { title: word("Right m3", "Derecho m3") }, volumeM3: { title: word("Volume m3", "Volumen m3") },
  notComputable: { title: word("Not computable", "No calculable"), share: 2, words: faultWords }, stretchesM3: { title: word("Sum of stretches m3", "Suma de tramos m3"), share: 1.2 }, readings: { title: word("Readings", "Lecturas") }, glitches: { title: word("Passed over", "Descartadas") },
  firstAt: { title: word("First (UTC-4)", "Primera (UTC-4)"), share: 1.7 }, firstM3: { title: word("First m3", "Primera m3") }, lastAt: { title: word("Last (UTC-4)", "Última (UTC-4)"), share: 1.7 }, lastM3: { title: word("Last m3", "Última m3") },
  rightLps: { title: word("Right L/s", "Derecho L/s") }, exceedance: { title: word("Exceedance", "Superación"), share: 1.4, words: exceedanceWords }, beyondTolerance: { title: word("Beyond tolerance", "Sobre tolerancia") }, over: { title: word("Above", "Sobre") }, near: { title: word("90-100 %", "90-100 %") },
  maxPercent: { title: word("Highest %", "% máximo") }, at: { title: word("When (UTC-4)", "Cuándo (UTC-4)"), share: 1.7 }, incident: { title: word("Incident", "Incidencia"), share: 2.2, words: incidentWords }, by: { title: word("By", "Por"), share: 1.2 },
  detail: { title: word("Reason", "Motivo"), share: 3 }, day: { title: word("Day", "Día") }, usedM3: { title: word("Used m3", "Usado m3") }, remainingM3: { title: word("Left m3", "Queda m3") }, perDayM3: { title: word("m3 a day", "m3 por día") }, days: { title: word("Days", "Días") },
  verdict: { title: word("Exhaustion", "Agotamiento"), share: 1.8, words: verdictWords }, exhaustedAt: { title: word("Used up on", "Se agota el"), share: 1.3 },
} as const satisfies Record<string, Omit<Column, "id">>;

/** Columns of a table by their names. */
export function columns(...ids: readonly (keyof typeof all)[]): Column[] {
  return ids.map((id) => ({ id, ...all[id] }));
}
