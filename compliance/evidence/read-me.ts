/** What a person reads who opens a pack and knows nothing of it. */
export const readMe = `PAQUETE DE EVIDENCIA DE CAUDAL

manifest.json        lista de archivos con su SHA-256, obra, periodo y clave publica
manifest.sha256      SHA-256 del manifiesto (sha256sum -c manifest.sha256)
ledger/chain.ndjson  cadena completa de la obra, desde su primera entrada
ledger/roots.ndjson  raices diarias firmadas (Ed25519), con la prueba de esta obra
slots.ndjson         cada envio esperado del periodo, con su estado y comprobante
attempts.ndjson      cada intento de envio y su resultado, rechazos incluidos
obra/versions.json   versiones de la obra, con autor y motivo
readings/            lecturas tal como llegaron
measurements/        mediciones con sus banderas, todas sus revisiones
decisions/           decisiones del totalizador y correcciones de personas
certificates/        certificados de la obra

Comprobar sin conexion:  caudal audit verify ARCHIVO.zip --key CLAVE
                  o bien:  node verifier/main.ts ARCHIVO.zip --key CLAVE
La clave publica se obtiene por otra via que este archivo. El formato esta en docs/evidence-format.md.
Los instantes son microsegundos desde 1970 UTC; el reloj del regulador es UTC-4 todo el ano.

EVIDENCE PACK OF CAUDAL: the format is described in docs/evidence-format.md.
`;
