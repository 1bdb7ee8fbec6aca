/**
 * What the launcher says. It speaks before anything is installed, so its words are here and not in the text catalogue
 * of the program. Each key stands in both languages; a test compares them.
 */
export const words = {
  en: {
    total: (mb) => `Setting up Caudal, once: about ${mb} MB to download through npm`,
    node: (version, platform, mb) => `Node ${version} for ${platform} (${mb} MB)`,
    runtime: (mb) => `Packages that running needs (${mb} MB)`,
    full: (mb) => `Packages for running and testing (${mb} MB)`,
    waiting: (pid) => `Waiting for another set-up of this folder (process ${pid})`,
    done: "done",
    failed: "failed",
    cannot: (step) => `Could not finish: ${step}`,
    next: "What to do:",
    network: (code, host) =>
      `npm could not reach ${host} (${code}). Check the network, then run the same command again. ` +
      "Behind a proxy: npm config set proxy URL and npm config set https-proxy URL. " +
      "With a registry of your own: npm config set registry URL.",
    certificate: (code) =>
      `npm does not trust the certificate it was shown (${code}). If a proxy opens TLS here, give npm its certificate: ` +
      "npm config set cafile FILE.",
    refused: (code) =>
      `the registry refused or does not have a package (${code}). Check npm config get registry, and your login there ` +
      "if it asks for one: npm login.",
    permission: (code, path) =>
      `no permission to write ${path} (${code}). Make it yours (sudo chown -R "$USER" FOLDER), or clone Caudal into a ` +
      "folder that you own.",
    readOnly: (path) => `${path} is on a read-only file system. Clone Caudal onto a disk that can be written.`,
    diskFull: (path) => `the disk of ${path} is full. Free at least 400 MB and run the same command again.`,
    lock: () =>
      "package.json and package-lock.json do not match. Undo your change to them (git checkout package.json " +
      "package-lock.json), or, if it was meant, run npm install once.",
    integrity: (name) =>
      `what arrived for ${name} is not what was measured and pinned. Run npm cache clean --force and try again; if it ` +
      "goes on, the registry or proxy in between changes packages.",
    noNpm: () => "npm was not found. It comes with Node: install both from nodejs.org or by your system.",
    unsupported: (platform, line) =>
      `npm has no Node 24 for ${platform}. Install it by your system (${line}) and run the same command again.`,
    doesNotRun: (name, line) =>
      `the Node of ${name} does not run on this system. Install Node 24 by your system (${line}) and run the same ` +
      "command again.",
    unknown: (code) => `npm ended with ${code}. Its last lines are above; run the same command again after mending them.`,
  },
  es: {
    total: (mb) => `Preparando Caudal, una sola vez: unos ${mb} MB que bajar por npm`,
    node: (version, platform, mb) => `Node ${version} para ${platform} (${mb} MB)`,
    runtime: (mb) => `Paquetes que hacen falta para funcionar (${mb} MB)`,
    full: (mb) => `Paquetes para funcionar y probar (${mb} MB)`,
    waiting: (pid) => `Esperando otra preparación de esta carpeta (proceso ${pid})`,
    done: "listo",
    failed: "falló",
    cannot: (step) => `No se pudo terminar: ${step}`,
    next: "Qué hacer:",
    network: (code, host) =>
      `npm no pudo llegar a ${host} (${code}). Revise la red y repita la misma orden. ` +
      "Detrás de un proxy: npm config set proxy URL y npm config set https-proxy URL. " +
      "Con un registro propio: npm config set registry URL.",
    certificate: (code) =>
      `npm no confía en el certificado que recibió (${code}). Si un proxy abre TLS aquí, dele su certificado a npm: ` +
      "npm config set cafile ARCHIVO.",
    refused: (code) =>
      `el registro rechazó o no tiene un paquete (${code}). Revise npm config get registry, y su sesión en él si la ` +
      "pide: npm login.",
    permission: (code, path) =>
      `sin permiso para escribir en ${path} (${code}). Hágalo suyo (sudo chown -R "$USER" CARPETA), o clone Caudal en ` +
      "una carpeta propia.",
    readOnly: (path) => `${path} está en un sistema de archivos de solo lectura. Clone Caudal en un disco escribible.`,
    diskFull: (path) => `el disco de ${path} está lleno. Libere al menos 400 MB y repita la misma orden.`,
    lock: () =>
      "package.json y package-lock.json no coinciden. Deshaga su cambio (git checkout package.json package-lock.json) " +
      "o, si era a propósito, ejecute npm install una vez.",
    integrity: (name) =>
      `lo que llegó para ${name} no es lo que se midió y fijó. Ejecute npm cache clean --force y repita; si sigue, el ` +
      "registro o un proxy intermedio cambia los paquetes.",
    noNpm: () => "no se encontró npm. Viene con Node: instale ambos desde nodejs.org o con su sistema.",
    unsupported: (platform, line) =>
      `npm no tiene Node 24 para ${platform}. Instálelo con su sistema (${line}) y repita la misma orden.`,
    doesNotRun: (name, line) =>
      `el Node de ${name} no funciona en este sistema. Instale Node 24 con su sistema (${line}) y repita la misma orden.`,
    unknown: (code) => `npm terminó con ${code}. Sus últimas líneas están arriba; repita la misma orden tras corregirlas.`,
  },
};

/** @typedef {typeof words.en} Words */

/**
 * The words for the person at the terminal: CAUDAL_LANG, else the locale; English unless it is Spanish.
 * @param {NodeJS.ProcessEnv} env
 * @returns {Words}
 */
export function wordsFor(env) {
  const locale = env.CAUDAL_LANG || env.LC_ALL || env.LC_MESSAGES || env.LANG || "";
  return locale.toLowerCase().startsWith("es") ? words.es : words.en;
}
