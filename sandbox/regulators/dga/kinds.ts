/** What is measured of each kind of water, by the path on which it is sent and asked for. */
export interface Kind {
  readonly path: string;
  readonly object: string;
  readonly fields: readonly string[];
  readonly accepted: string;
  /** What a stored field is called when it is asked for. */
  readonly told: Readonly<Record<string, string>>;
}

const groundwater: Kind = {
  path: "/mediciones/subterraneas", object: "medicionSubterranea", fields: ["caudal", "fechaMedicion", "horaMedicion", "nivelFreaticoDelPozo", "totalizador"],
  accepted: "Medición subterránea ingresada correctamente", told: { caudal: "caudal", totalizador: "totalizador", nivelFreaticoDelPozo: "nivel" },
};
const flowmeter: Kind = {
  path: "/mediciones/superficiales/flujometro", object: "medicionSuperficialFlujometro", fields: ["caudal", "fechaMedicion", "horaMedicion", "totalizador"],
  accepted: "Medición superficial con flujómetro ingresada correctamente", told: { caudal: "caudal", totalizador: "totalizador" },
};
const channel: Kind = {
  path: "/mediciones/superficiales", object: "medicionSuperficial", fields: ["alturaLimnimetrica", "caudal", "fechaMedicion", "horaMedicion"],
  accepted: "Medición superficial ingresada correctamente", told: { alturaLimnimetrica: "alturaLimnimetrica", caudal: "caudal" },
};

export const kinds: readonly Kind[] = [groundwater, flowmeter, channel];
